"""The report as one document, in the order of a paper. A section whose rows do not exist is not printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from equipoise.records import Study
from equipoise.report import figures
from equipoise.report import format as fmt
from equipoise.report.document import (
    Block,
    Bullets,
    Document,
    Figure,
    Heading,
    Paragraph,
    Run,
    Section,
    bold,
    numbered,
    ref,
    text,
)
from equipoise.report.exploratory import exploratory_blocks
from equipoise.report.figures.canvas import render
from equipoise.report.later import later_blocks
from equipoise.report.lookup import Numbers
from equipoise.report.narrative import abstract, captions, conduct
from equipoise.report.narrative import methods as methods_text
from equipoise.report.narrative import response as response_text
from equipoise.report.narrative import results as said
from equipoise.report.narrative import safety as safety_text
from equipoise.report.response_parts import response_parts
from equipoise.report.safety_more import safety_more
from equipoise.report.tables.baseline import balance_table, baseline_table
from equipoise.report.tables.conduct import conduct_table, exposure_table
from equipoise.report.tables.design import attrition_table, effects_table, propensity_table
from equipoise.report.tables.endpoint_variants import endpoint_variants_table
from equipoise.report.tables.estimand import estimand_table
from equipoise.report.tables.late_exclusions import late_exclusions_table
from equipoise.report.tables.predictors import predictor_tables
from equipoise.report.tables.response import response_table
from equipoise.report.tables.safety import other_counts_table, safety_table
from equipoise.report.tables.settings import events_table, inputs_table, settings_table
from equipoise.report.tables.subgroups import subgroup_table, within_arm_table
from equipoise.report.tables.survival import follow_up_table, landmark_table, source_table, survival_table

Blocks = list[Block | None]


def report_document(study: Study, versions: Mapping[str, str], links: tuple[tuple[str, str], ...] = ()) -> Document:
    """Every section that the study has numbers for, tables and figures numbered. links: (label, file) of other pages."""
    numbers = Numbers(study)
    parts = [
        _section("key_results", "Key results", abstract.key_results(numbers)),
        _section("methods", "Methods", _methods(numbers, versions)),
        _section("patients", "Patients", _patients(numbers)),
        _section("baseline", f"Baseline characteristics{'' if numbers.single else ' and balance'}", _baseline(numbers)),
        _section("response", "Response", _response(numbers)),
        _section("survival", "Survival", _survival(numbers)),
        _section("predictors", "Predictors", _predictors(numbers)),
        *(
            _section(
                f"subgroup_{s}",
                f"Subgroups: {fmt.lower_first(numbers.protocol.subgroups[s].label)}",
                _subgroup(numbers, s),
            )
            for s in numbers.protocol.subgroups
        ),
        *(
            _section(f"post_index_{n}", f"After the index date: {fmt.lower_first(p.label)}", later_blocks(numbers, n, _figure))
            for n, p in numbers.protocol.post_index.items()
        ),
        _section("safety", "Safety", _safety(numbers)),
        _section("exploratory", "Exploratory outcomes", exploratory_blocks(numbers, _figure)),
        _section("conduct", "Conduct of the study", _conduct(numbers)),
        _section("sensitivity", "Sensitivity", _sensitivity(numbers)),
        _section("comparison", "Comparison with the publication", _comparison(numbers, links)),
        _section("provenance", "Settings and provenance", _provenance(numbers, versions)),
    ]
    info = study.protocol.study
    lead = tuple(x for x in (_lead(numbers), info.setting and f"Setting: {info.setting}.") if x)
    document = Document(info.title, tuple(p for p in parts if p is not None), lead, info.notice, links)
    return numbered(document)


def _lead(numbers: Numbers) -> str:
    labels = [numbers.arm_label(a) for a in numbers.arms]
    if numbers.single:
        return f"{labels[0]} in {numbers.protocol.study.population}: a single arm."
    return f"{labels[0]} or {fmt.lower_first(labels[1])} in {numbers.protocol.study.population}."


def _section(anchor: str, title: str, blocks: Blocks) -> Section | None:
    """None when nothing but headings would stand in it."""
    kept = tuple(b for b in blocks if b is not None)
    return Section(anchor, title, kept) if any(not isinstance(b, Heading) for b in kept) else None


def paragraph(sentences: list[str], *refs: str) -> Paragraph | None:
    """Sentences in one paragraph, with the tables and figures that hold their numbers behind them."""
    words = " ".join(s for s in sentences if s)
    if not words:
        return None
    runs = [Run(words.removesuffix(".") if refs else words)]
    for i, name in enumerate(refs):
        runs += [Run(" (" if i == 0 else ", "), ref(name)]
    return Paragraph((*runs, Run(").")) if refs else tuple(runs))


def _methods(numbers: Numbers, versions: Mapping[str, str]) -> Blocks:
    blocks: Blocks = [*methods_text.methods(numbers), _software(versions)]
    table = estimand_table(numbers)
    if table is None:
        return blocks
    words = text("What is estimated, in the words of the protocol and as it was done, stands in ", ref(table.name), ".")
    return [*blocks, Heading("Estimand"), words, table]


def _software(versions: Mapping[str, str]) -> Paragraph:
    listed = ", ".join(f"{name} {version}" for name, version in versions.items())
    return text(f"Software: {listed}.")


def _figure(name: str, title: str, drawn, alt: str, caption: str = "", supplement: bool = False) -> Figure | None:
    return None if drawn is None else Figure(name, title, render(drawn), alt, caption, supplement)


def _patients(numbers: Numbers) -> Blocks:
    refs = ["figure_flow"]
    table = attrition_table(numbers)
    flow = figures.flow_diagram(numbers.study)
    return [
        paragraph([said.selection(numbers), said.matching(numbers)], *refs),
        _figure("figure_flow", "Selection of patients", flow, captions.flow_alt(numbers)),
        table,
    ]


def _baseline(numbers: Numbers) -> Blocks:
    table = baseline_table(numbers)
    if table is None:
        return []
    adjusted = numbers.adjusted
    if not adjusted:
        return [table]
    scored = len(numbers.study.design(adjusted).propensity) > 0
    overlap = figures.propensity_overlap(numbers.study) if scored else None
    balance = balance_table(numbers)
    love = figures.love_plot(numbers.study) if balance is not None else None
    sentences = said.balance(numbers)
    return [
        paragraph(sentences, *(["table_baseline", "figure_love"] if love is not None else ["table_baseline"])),
        table,
        _figure("figure_overlap", "Propensity scores", overlap, captions.overlap_alt(numbers), captions.OVERLAP, True),
        _figure("figure_love", "Balance before and after matching", love, captions.love_alt(numbers), captions.LOVE, True),
        balance,
        propensity_table(numbers),
        paragraph([captions.propensity(numbers)]),
    ]


def _response(numbers: Numbers) -> Blocks:
    table = response_table(numbers)
    if table is None:
        return []
    blocks: Blocks = []
    for design in numbers.design_names:
        sentences = response_text.rates(numbers, design)
        if sentences:
            blocks.append(text(*_lead_in(numbers, design), " ".join(sentences)))
    parts = response_parts(numbers)
    course = response_text.course(numbers, numbers.design_names[0]) if parts[0] is not None else []
    more = paragraph([*course, *response_text.agreement(numbers)], *(["table_response_course"] if course else []))
    if more is not None:
        label = f"Confirmation, duration and depth, {fmt.lower_first(numbers.design_label(numbers.design_names[0]))}. "
        blocks.append(Paragraph((bold(label), *more.runs)))
    return [*blocks, table, *parts]


def _lead_in(numbers: Numbers, design: str) -> list[Run]:
    """The cohort that a paragraph speaks of; a single arm has one."""
    return [] if numbers.single else [bold(f"{numbers.design_label(design)}. ")]


def _survival(numbers: Numbers) -> Blocks:
    table = survival_table(numbers)
    if table is None:
        return []
    blocks: Blocks = [paragraph(conduct.follow_up(numbers))]
    for design in numbers.design_names:
        sentences = []
        for endpoint in numbers.protocol.main_endpoints:
            sentences += [said.medians(numbers, endpoint, design)]
            sentences += [said.effect(numbers, endpoint, said.treatment_row(numbers, endpoint, design), "marginal")]
            sentences += [said.proportionality(numbers, endpoint, design)]
        blocks.append(text(*_lead_in(numbers, design), " ".join(s for s in sentences if s)))
    blocks += [paragraph([said.side_by_side(numbers, e) for e in numbers.protocol.main_endpoints] if numbers.adjusted else [])]
    return [*blocks, table, *_curves(numbers), source_table(numbers), follow_up_table(numbers), landmark_table(numbers)]


def _curves(numbers: Numbers, population: str = "all", label: str = "") -> list[Figure | None]:
    """A figure per cohort with a panel per endpoint; with a single endpoint, one figure with a panel per cohort."""
    endpoints = list(numbers.protocol.main_endpoints)
    known = [d for d in numbers.design_names if any(_has_curve(numbers, e, d, population) for e in endpoints)]
    tail = "" if population == "all" else f"_{numbers.study.estimates.name_of('population', population)}"
    if len(endpoints) == 1 and known and not numbers.single:
        drawn = figures.kaplan_meier_by_design(numbers.study, endpoints[0], population)
        title = f"{numbers.protocol.endpoints[endpoints[0]].label}{label}"
        alt = captions.curves_alt(numbers, known, population)
        return [_figure(f"figure_km{tail}", title, drawn, alt, captions.curves(numbers), bool(tail))]
    made: list[Figure | None] = []
    for design in known:
        drawn = figures.kaplan_meier(numbers.study, design, population)
        cohort = "" if numbers.single else f", {fmt.lower_first(numbers.design_label(design))}"
        title = f"{captions.endpoints(numbers)}{cohort}{label}"
        alt = captions.curves_alt(numbers, [design], population)
        made.append(_figure(f"figure_km_{design}{tail}", title, drawn, alt, captions.curves(numbers), bool(tail)))
    return made


def _has_curve(numbers: Numbers, endpoint: str, design: str, population: str) -> bool:
    return any(f"{endpoint}.{design}.{population}.{a}" in numbers.study.estimates.curves for a in numbers.arms)


def _predictors(numbers: Numbers) -> Blocks:
    tables = predictor_tables(numbers)
    blocks: Blocks = []
    for endpoint, info in numbers.protocol.main_endpoints.items():
        rows = numbers.where(
            phase="survival", analysis="cox_multivariable", endpoint=endpoint, variable="treatment", statistic="hr"
        )
        sentences = [
            said.predictors(numbers, endpoint),
            *(said.effect(numbers, endpoint, r, "conditional") for r in rows),
            said.proportionality(numbers, endpoint, "unadjusted", "cox_multivariable_ph_test", "all"),
        ]
        if any(sentences):
            blocks.append(text(bold(f"{info.label}. "), " ".join(s for s in sentences if s)))
    return [*blocks, *tables] if tables else []


def _subgroup(numbers: Numbers, name: str) -> Blocks:
    table = subgroup_table(numbers, name)
    if table is None:
        return []
    forest = figures.subgroup_forest(numbers.study, name)
    subgroup = numbers.protocol.subgroups[name]
    curves: list[Figure | None] = [_level_curves(numbers, name)] if numbers.single else []
    for level in [] if numbers.single else subgroup.levels:
        curves += _curves(numbers, f"{name} {level}", f", {fmt.lower_first(subgroup.label)} {level}")
    title = f"Hazard ratios by {fmt.lower_first(subgroup.label)}"
    return [
        paragraph(said.subgroups(numbers, name), table.name),
        _figure(f"figure_forest_{name}", title, forest, captions.forest_alt(numbers, name), "", True),
        table,
        within_arm_table(numbers, name),
        *curves,
    ]


def _level_curves(numbers: Numbers, name: str) -> Figure | None:
    """A single arm: a panel per level and endpoint."""
    label = fmt.lower_first(numbers.protocol.subgroups[name].label)
    drawn = figures.kaplan_meier_by_level(numbers.study, name)
    title = f"{captions.endpoints(numbers)} by {label}"
    alt = f"Kaplan-Meier curves by level of {label}, with numbers at risk."
    return _figure(f"figure_km_{name}", title, drawn, alt, captions.curves(numbers), True)


def _safety(numbers: Numbers) -> Blocks:
    table = safety_table(numbers)
    other = other_counts_table(numbers)
    if table is None:
        return [other]
    return [paragraph(safety_text.safety(numbers), table.name), table, *safety_more(numbers, _figure), other]


def _conduct(numbers: Numbers) -> Blocks:
    scans, doses = conduct_table(numbers), exposure_table(numbers)
    return [
        paragraph(conduct.scans(numbers), scans.name) if scans is not None else None,
        scans,
        paragraph(conduct.exposure(numbers), doses.name) if doses is not None else None,
        doses,
    ]


def _sensitivity(numbers: Numbers) -> Blocks:
    table, more = effects_table(numbers), [endpoint_variants_table(numbers), late_exclusions_table(numbers)]
    if table is None:
        return more
    return [paragraph([said.sensitivity(numbers)], table.name), table, *more]


def _comparison(numbers: Numbers, links: tuple[tuple[str, str], ...]) -> Blocks:
    comparison = numbers.protocol.comparison
    page = dict((label, file) for label, file in links).get("Comparison")
    if comparison is None or page is None:
        return []
    return [
        text(
            "Each published value (",
            comparison.source,
            ") stands beside the one that this run obtained on ",
            Run("the comparison page", href=page),
            ".",
        )
    ]


def _provenance(numbers: Numbers, versions: Mapping[str, str]) -> Blocks:
    return [
        inputs_table(numbers),
        *filter(None, [events_table(numbers)]),
        settings_table(numbers),
        *_warnings(numbers),
        text(
            "The files beside this page: results.csv and results.parquet (every number, one per row), tables, "
            "figures, sql, manifest.json."
        ),
    ]


def _warnings(numbers: Numbers) -> Blocks:
    """What the phases had to say, without a value of any patient."""
    study = numbers.study
    items = [*study.cohort.remarks, *study.covariates.remarks, *(r for d in study.designs for r in d.remarks)]
    items += [w for w in study.estimates.warnings if not w.startswith(conduct.WARNING)]  # said under Conduct of the study
    found = Counter(f.rule for f in study.sources.findings)
    items += [f"Data check '{rule}': {fmt.plural(n, 'row')}." for rule, n in sorted(found.items())]
    if not items:
        return []
    return [Heading("Remarks"), Bullets(tuple((Run(i),) for i in dict.fromkeys(items)))]
