"""The Methods paragraphs, written from the settings of the protocol and nothing else."""

from __future__ import annotations

from equipoise.document.model import Block, Heading, text
from equipoise.protocol.expressions import columns_of
from equipoise.protocol.late_exclusions import late_exclusions
from equipoise.protocol.packs import behind
from equipoise.report import format as fmt
from equipoise.report.front_matter import unknown
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.designs import designs, designs_title
from equipoise.report.narrative.missing import missing_methods
from equipoise.report.narrative.other_scales import binary, competing, doubly_robust, horizons, standardised
from equipoise.report.narrative.variables import outcomes, windows

QUANTILES = {2: "type 2 (SAS definition 5)", 6: "type 6", 7: "type 7 (the default of R)"}
TESTS = {
    "mann_whitney": "the Mann-Whitney U test",
    "pooled": "Student's t test",
    "welch": "Welch's t test",
    "pearson_or_fisher": "Fisher's exact test where an expected count is below 5 and Pearson's chi-square test otherwise",
    "pearson": "Pearson's chi-square test",
    "fisher": "Fisher's exact test",
}
TESTS_OF_SEVERAL = {
    "mann_whitney": "the Kruskal-Wallis test",
    "pooled": "one-way analysis of variance",
    "welch": "Welch's one-way analysis of variance",
}
PAIRED = {
    "mann_whitney": "the Wilcoxon signed-rank test",
    "t_test": "the paired t test",
}
WEIGHTED = (
    "In weighted comparisons baseline values are weighted quartiles and percentages without tests; survival curves are weighted "
    "Kaplan-Meier estimates, their limits by the infinitesimal jackknife, with the unweighted number at risk and the effective "
    "one (Kish) beside it; hazard ratios come from weighted Cox models with robust variance, which takes the propensity score as "
    "known. No log-rank test and no test of proportional hazards is made of them: their P would depend on the scale of weights."
)
MATCHED = (
    "After matching the log-rank test ignores the pairs; the interval and P of the hazard ratio rest on a standard error that is "
    "cluster-robust by pair."
)


def methods(numbers: Numbers) -> list[Block]:
    parts = (
        ("Patients", _patients(numbers)),
        ("Outcomes", outcomes(numbers)),
        (designs_title(numbers), designs(numbers)),
        ("Missing covariates", missing_methods(numbers)),
        ("Statistical analysis", _analysis(numbers)),
    )
    blocks: list[Block] = []
    for title, sentences in parts:
        if not sentences:
            continue
        blocks += [Heading(title), text(" ".join(s for s in sentences if s))]
    return blocks


def _patients(numbers: Numbers) -> list[str]:
    protocol = numbers.protocol
    study, arms = protocol.study, protocol.arms
    where = f" in {study.setting}" if study.setting else ""
    if numbers.single:
        said = [f"The study describes {_arm(numbers, numbers.arms[0])} in {study.population}{where}; it has one arm."]
    else:
        who = f"{fmt.listed([_arm(numbers, a) for a in arms.treatments])} with {_arm(numbers, arms.reference)}"
        said = [f"The study compares {who} in {study.population}{where}."]
    said.append(_index(numbers))
    if protocol.eligibility.steps:
        reasons = [fmt.lower_first(e.reason) for s in protocol.eligibility.steps for e in s.exclude]
        said.append(
            f"Starting point: {fmt.lower_first(protocol.eligibility.start)}. Patients were excluded sequentially, each under "
            f"the first reason that applied: {'; '.join(reasons)}."
        )
        said += _late_exclusions(numbers)
    said += _restrictions(numbers)
    if protocol.data.tables is not None:
        said.append(windows(numbers))
    said += [r for r in numbers.study.covariates.remarks if "was not recorded in its window" in r]
    said += _packs(numbers)
    said.append(_metadata(numbers))
    return said


def _restrictions(numbers: Numbers) -> list[str]:
    """The populations in which the analysis is made again, with their conditions."""
    asked = numbers.study.protocol.restrict
    if not asked:
        return []
    listed = "; ".join(f"{fmt.lower_first(r.label)} ({r.where})" for r in asked.values())
    one = len(asked) == 1
    who = "One restricted population" if one else f"{fmt.count(len(asked))} restricted populations"
    designs = "" if numbers.single else "the designs were made, with a score of its own, and "
    return [
        f"{who} of the analysed patients {'was' if one else 'were'} declared: {listed}. In each {designs}every analysis was done "
        "again; patients whose value is missing are in none of them."
    ]


def _late_exclusions(numbers: Numbers) -> list[str]:
    """Exclusions by something known only after the index date are confessed, with the reason that the protocol gives."""
    said = []
    beside = "" if numbers.protocol.arms.single else "; the comparison from that landmark stands beside the naive one"
    for exclude in late_exclusions(numbers.protocol).values():
        why = fmt.lower_first(exclude.why.strip().removesuffix("."))
        said.append(
            f"The exclusion '{fmt.lower_first(exclude.reason)}' was known only after the index date, by day "
            f"{fmt.short(exclude.landmark_day)} ({why}): it keeps patients who lived and were followed that long, which biases "
            f"times counted from the index date{beside}."
        )
    return said


def _index(numbers: Numbers) -> str:
    index = numbers.protocol.index
    if index is None or numbers.protocol.data.rows is not None:
        return "The data hold one row per patient; times count from the start that the data define."
    said = f"The index date is the {fmt.lower_first(index.label)}"
    span = index.accrual
    if span.from_ and span.to:
        said += f", from {fmt.day(span.from_)} to {fmt.day(span.to)}"
    cutoff = numbers.protocol.study.data_cutoff
    return f"{said}; the data cut-off is {fmt.day(cutoff)}." if cutoff else f"{said}."


def _packs(numbers: Numbers) -> list[str]:
    """The rule packs whose columns the covariates use, and their papers; those of a study are named as its own."""
    packs = numbers.protocol.rule_packs
    used = behind(packs, {c for covariate in numbers.protocol.covariates.values() for c in columns_of(covariate.from_)})
    said = []
    for pack in packs:
        mine = [column for name, column in pack.columns.items() if name in used]
        papers = list(dict.fromkeys(c.paper for c in mine if c.paper)) or pack.citations
        if mine and papers:
            whose = "" if pack.ships else ", a rule pack of this study"
            said.append(f"{pack.title}{whose}: {'; '.join(papers)}.")
    return said


def _metadata(numbers: Numbers) -> str:
    return " ".join(
        f"{k}: {v}." if not v.endswith(".") else f"{k}: {v}" for k, v in unknown(numbers.protocol.study.metadata).items()
    )


def _analysis_of_one(numbers: Numbers) -> list[str]:
    """A single arm: what was described, and the prognostic models."""
    protocol, conventions = numbers.protocol, numbers.protocol.conventions
    said = [
        f"Survival was estimated by Kaplan-Meier with {conventions.interval_type} confidence limits, follow-up by reverse "
        "Kaplan-Meier.",
        "Subgroups are described level by level." if protocol.subgroups else "",
    ]
    if protocol.cox.univariable or protocol.cox.multivariable:
        said += [
            f"Prognostic hazard ratios come from Cox models of the covariates ({protocol.cox.ties.capitalize()} ties, Wald "
            "intervals).",
            _strata(numbers),
            _cuts(numbers),
            f"Their P values are two-sided; alpha is {fmt.p_limit(conventions.alpha)}.",
        ]
    return [*said, _units(numbers)]


def _analysis(numbers: Numbers) -> list[str]:
    if numbers.single:
        return _analysis_of_one(numbers)
    protocol = numbers.protocol
    tests, conventions = protocol.tests, protocol.conventions
    continuous = conventions.t_test if tests.continuous == "t_test" else tests.continuous
    named = TESTS_OF_SEVERAL if numbers.several else TESTS
    said = [
        f"{'All arms together' if numbers.several else 'Arms'} were compared by {named[continuous]} (continuous variables) and "
        f"{TESTS[tests.categorical]} (categorical variables)."
    ]
    matched, weighted = bool(numbers.matches), any(map(numbers.weighted, numbers.design_names))
    kinds = list(dict.fromkeys(numbers.words(d).adjective for d in numbers.design_names[1:]))
    classes = any(numbers.words(d).kind == "strata" for d in numbers.design_names[1:])
    conditional = ["multivariable", *["pair-stratified"] * matched, *["class-stratified"] * classes]
    if matched and tests.paired_after_matching:
        said.append(
            f"After matching the tests respect the pairs: {PAIRED[tests.continuous]}, McNemar's test for two levels, and the "
            "Stuart-Maxwell test for more."
        )
    said += [
        _corrections(numbers),
        f"Survival was estimated by Kaplan-Meier with {conventions.interval_type} confidence limits and compared "
        f"by the log-rank test.",
        f"Hazard ratios come from Cox models ({protocol.cox.ties.capitalize()} ties, Wald intervals), with "
        f"{_arm(numbers, protocol.arms.reference)} as reference; proportional hazards were tested by the score test on "
        f"Kaplan-Meier time.",
        _pairwise(numbers),
        _strata(numbers),
        MATCHED if matched else "",
        WEIGHTED if weighted else "",
        f"Hazard ratios of {fmt.listed(['the unadjusted', *(f'the {k}' for k in kinds)])} comparison are marginal, those of "
        f"{fmt.listed(conditional)} models conditional.",
        horizons(numbers),
        binary(numbers),
        doubly_robust(numbers),
        standardised(numbers),
        competing(numbers),
        _cuts(numbers),
        _units(numbers),
        f"All tests are two-sided; alpha is {fmt.p_limit(conventions.alpha)}.",
    ]
    return said


def _pairwise(numbers: Numbers) -> str:
    """Of several arms: what is estimated of all, and what two at a time."""
    if not numbers.several:
        return ""
    reference = _arm(numbers, numbers.protocol.arms.reference)
    return (
        f"The hazard ratios of all arms against {reference} come from one model, with a Wald test of all of them together. What "
        f"compares two arms (matching, differences of survival, subgroups) was done for each arm and {reference} among the "
        "patients of these two, each a study of its own with its own tests of two arms; no P is adjusted for their number."
    )


def _strata(numbers: Numbers) -> str:
    """By what the Cox models are stratified."""
    names = fmt.listed([numbers.covariate_words(name) for name in numbers.protocol.cox.strata])
    if not names:
        return ""
    models = "Models of several covariates" if numbers.single else "Models of the treatment and of several covariates"
    return f"{models} are stratified by {names}, each value with a baseline hazard of its own; models of one covariate are not."


def _corrections(numbers: Numbers) -> str:
    """Continuity corrections and exact P, of the tests that the study uses."""
    c, ranks = numbers.protocol.conventions, numbers.protocol.tests.continuous == "mann_whitney"
    paired = bool(numbers.matches)
    corrected = [
        name
        for name, on in (
            ("the chi-square test", c.pearson_correction),
            ("McNemar's test", paired and c.mcnemar_correction),
            ("the Mann-Whitney test", ranks and c.mann_whitney_correction),
            ("the signed-rank test", paired and ranks and c.signed_rank == "r"),
        )
        if on
    ]
    signed = paired and c.signed_rank == "r"
    exact = [n for n, on in (("Mann-Whitney", c.mann_whitney_exact), ("signed-rank", signed)) if ranks and on]
    univariate = " The signed-rank P is that of PROC UNIVARIATE: exact up to 20 differences, by Student's t above."
    said = f"A continuity correction is used in {fmt.listed(corrected)}." if corrected else "No continuity correction is used."
    if ranks and paired and c.signed_rank == "sas" and numbers.protocol.tests.paired_after_matching:
        said += univariate
    tests = f"{fmt.listed(exact)} {'tests are' if len(exact) > 1 else 'test is'}"
    return f"{said} The {tests} exact below 50 patients or pairs without ties." if exact else said


def _cuts(numbers: Numbers) -> str:
    """Where the multivariable set comes from."""
    models = numbers.protocol.cox.multivariable
    if not models:
        return ""
    return "Covariates of the multivariable models were prespecified rather than selected by univariable P value."


def _units(numbers: Numbers) -> str:
    protocol = numbers.protocol
    c = protocol.conventions
    said = f"Quartiles are of {QUANTILES.get(c.quantile_type, f'type {c.quantile_type}')}"
    if protocol.time_unit == "months":
        said += f", a month has {fmt.short(c.days_per_month)} days"
    half = "half up" if c.percent_rounding == "half_up" else "half to even"
    whose = f"{'the other conventions are' if c.departures else 'all conventions are'} those of {c.profile.upper()}"
    return f"{said}, percentages are rounded {half}; {whose}."


def _arm(numbers: Numbers, key: str) -> str:
    return fmt.lower_first(numbers.arm_label(key))
