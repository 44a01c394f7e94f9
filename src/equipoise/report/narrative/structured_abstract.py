"""The structured abstract and the highlights: every number looked up, the conclusion drawn from the primary design's interval."""

from __future__ import annotations

import math

from equipoise.records import Masked, Row
from equipoise.report import format as fmt
from equipoise.report.front_matter import known
from equipoise.report.lookup import Numbers
from equipoise.report.narrative import results as said
from equipoise.report.narrative.results import arm, excludes, shares, treatment_row
from equipoise.report.tables.response import PHASE, RATES, criteria
from equipoise.report.tables.safety import ALL
from equipoise.report.tables.safety import DESIGN as OBSERVED

MOST_WORDS = 300
MOST_SIGNS = 85  # of a highlight
LEAST_HIGHLIGHTS, MOST_HIGHLIGHTS = 3, 5
RELEVANT = (0.8, 1.25)  # hazard ratios beyond which an interval holds effects that a clinician would not ignore


def abstract(numbers: Numbers) -> list[tuple[str, str]]:
    """(heading, words). What is least needed is left out until no more than MOST_WORDS are left."""
    extra = [x for x in (_response(numbers), _severe(numbers)) if x]
    while True:
        made = [
            ("Background/Aims", _aim(numbers)),
            ("Methods", _methods(numbers)),
            ("Results", " ".join([_flow(numbers), *_effects(numbers), *extra])),
            ("Conclusions", _conclusion(numbers)),
        ]
        if not extra or words_of(made) <= MOST_WORDS:
            return made
        extra.pop()


def words_of(parts: list[tuple[str, str]]) -> int:
    return sum(len(f"{label} {words}".split()) for label, words in parts)


def _main(numbers: Numbers) -> str:
    """The design that the study is decided by."""
    return numbers.primary or "unadjusted"


def _names(numbers: Numbers) -> str:
    return fmt.listed([arm(numbers, a) for a in numbers.arms])


def _aim(numbers: Numbers) -> str:
    study = numbers.protocol.study
    given = known(study.metadata).get("background", "")
    labels = fmt.listed([fmt.lower_first(e.label) for e in numbers.protocol.main_endpoints.values()])
    if numbers.single:
        aim = f"We assessed {labels or 'outcomes'} with {_names(numbers)} in {study.population}."
    else:
        aim = f"We compared {labels or 'outcomes'} between {_names(numbers)} in {study.population}."
    return f"{given.rstrip()} {aim}".strip()


def _methods(numbers: Numbers) -> str:
    protocol = numbers.protocol
    where = f" in {protocol.study.setting}" if protocol.study.setting else ""
    index = protocol.index
    when = " who started treatment" if index is not None and protocol.data.rows is None else ""
    if index is not None and protocol.data.rows is None and index.accrual.from_ and index.accrual.to:
        when += f" between {fmt.day(index.accrual.from_)} and {fmt.day(index.accrual.to)}"
    who = "a single group of patients" if numbers.single else "patients"
    first = f"This retrospective cohort study included {who}{where}{when}."
    return " ".join(x for x in (first, _adjusted(numbers), _models(numbers)) if x)


def _adjusted(numbers: Numbers) -> str:
    if not numbers.primary:
        return ""
    words = numbers.words(numbers.primary)
    scored = len(numbers.study.design(numbers.primary).propensity) > 0
    on = " based on the propensity score" if scored else ""
    return f"Groups were compared after {numbers.process(numbers.primary)}{on}." if words.kind else ""


def _models(numbers: Numbers) -> str:
    if not numbers.protocol.main_endpoints:
        return ""
    if numbers.single:
        return "Survival was estimated by the Kaplan-Meier method."
    reference = arm(numbers, numbers.protocol.arms.reference)
    return f"Hazard ratios (HRs) came from Cox models with {reference} as reference."


def _flow(numbers: Numbers) -> str:
    pairs = numbers.row("design", "value", design=numbers.primary, variable="pairs") if numbers.primary else None
    first = said.selection(numbers)
    return first if pairs is None else f"{first} Matching gave {fmt.plural(pairs.value, 'pair')}."


def _effects(numbers: Numbers) -> list[str]:
    return [s for e in numbers.protocol.main_endpoints if (s := _effect(numbers, e))]


def _effect(numbers: Numbers, endpoint: str) -> str:
    """Medians by arm with the hazard ratio of the primary design behind them."""
    design, protocol = _main(numbers), numbers.protocol
    rows = [
        numbers.row("survival", "median", analysis="kaplan_meier", group=a, endpoint=endpoint, design=design)
        for a in numbers.arms
    ]
    known_rows = [r for r in rows if r is not None]
    label = fmt.lower_first(protocol.endpoints[endpoint].label)
    ratios = _ratios(numbers, endpoint, design)
    if len(known_rows) < len(rows):
        return f"For {label}, {ratios}." if ratios else ""
    if numbers.single:
        return f"Median {label} was {said.time_words(numbers, known_rows[0])}."
    medians = [f"{_time(numbers, r)} with {arm(numbers, a)}" for r, a in zip(known_rows, numbers.arms, strict=True)]
    where = (
        f"In the {fmt.lower_first(numbers.design_label(design))}, median"
        if endpoint == next(iter(protocol.main_endpoints))
        else "Median"
    )
    return f"{where} {label} was {fmt.listed(medians)}{f' ({ratios})' if ratios else ''}."


def _time(numbers: Numbers, row: Row) -> str:
    words = fmt.time_value(row.value, numbers.protocol.days_per_unit, numbers.protocol.time_unit)
    return "not reached" if words == fmt.NOT_REACHED else f"{words} {numbers.protocol.time_unit}"


def _ratios(numbers: Numbers, endpoint: str, design: str) -> str:
    """`HR for sorafenib vs lenvatinib 1.326, 95% CI 0.709-2.478`, of each arm; '' without an estimate."""
    if numbers.single:
        return ""
    reference, parts = arm(numbers, numbers.protocol.arms.reference), []
    for each in numbers.contrasts:
        row = treatment_row(numbers, endpoint, design, arm=each)
        if row is not None and not math.isnan(row.value):
            figures = fmt.ratio_with(row.value, row.low, row.high, numbers.protocol.ci)
            parts.append(f"HR for {arm(numbers, each)} vs {reference} {figures}")
    return "; ".join(parts)


def _rate_rows(numbers: Numbers) -> tuple[str, list[Row]]:
    """The first criterion with its objective response rate by arm; no rows where one arm has none."""
    for criterion in criteria(numbers):
        for design in (_main(numbers),):
            rows = [
                numbers.row(PHASE, "percent", group=a, design=design, endpoint=criterion, analysis="orr") for a in numbers.arms
            ]
            if _sized(rows):
                return criterion, [r for r in rows if r is not None]
    return "", []


def _response(numbers: Numbers) -> str:
    criterion, rows = _rate_rows(numbers)
    return f"The {RATES['orr'].lower()} by {criterion} was {shares(numbers, rows)}." if rows else ""


def _severe_rows(numbers: Numbers) -> list[Row]:
    part = {"design": OBSERVED, "analysis": "grade_3_4", "variable": ALL}
    rows = [numbers.row("safety", "percent", group=a, **part) for a in numbers.arms]
    return [r for r in rows if r is not None] if _sized(rows) else []


def _sized(rows: list[Row | None]) -> bool:
    """Whether every arm has a row whose number of patients may be shown."""
    return all(r is not None and not isinstance(r.n, Masked) for r in rows)


def _severe(numbers: Numbers) -> str:
    rows = _severe_rows(numbers)
    return f"Adverse events of grade 3\u20134 occurred in {shares(numbers, rows)}." if rows else ""


def _conclusion(numbers: Numbers) -> str:
    """What the interval of the primary design says of each endpoint, and no more."""
    if numbers.single:
        return (
            f"This study describes outcomes with {_names(numbers)} in {numbers.protocol.study.population}; without a comparison "
            "group, no effect of treatment can be inferred."
        )
    parts = [p for e in numbers.protocol.main_endpoints for a in numbers.contrasts if (p := _verdict(numbers, e, a))]
    design = _main(numbers)
    where = f"after {numbers.process(design)}" if numbers.primary else "in the unadjusted comparison"
    end = "Residual confounding cannot be excluded." if numbers.primary else "The comparison is not adjusted for confounding."
    if not parts:
        return f"No conclusion is drawn: the hazard ratios {where} are not shown or could not be estimated. {end}"
    return f"{fmt.upper_first(where)}, {'; '.join(parts)}. {end}"


def _verdict(numbers: Numbers, endpoint: str, each: str) -> str:
    """The direction where the interval excludes no effect; otherwise that no difference was shown."""
    row = treatment_row(numbers, endpoint, _main(numbers), arm=each)
    if row is None or math.isnan(row.value) or math.isnan(row.low) or math.isnan(row.high):
        return ""
    info = numbers.protocol.endpoints[endpoint]
    one, other = arm(numbers, each), arm(numbers, numbers.protocol.arms.reference)
    if excludes(row):
        word = "higher" if row.low > 1 else "lower"
        return f"the hazard of {fmt.lower_first(info.event_label)} was {word} with {one} than with {other}"
    wide = row.low < RELEVANT[0] and row.high > RELEVANT[1]
    width = ", and the interval includes clinically relevant effects in either direction" if wide else ""
    return f"there was no clear evidence of a difference in {fmt.lower_first(info.label)} between {one} and {other}{width}"


def highlights(numbers: Numbers) -> list[str]:
    """Three to five lines, the shorter wording where the longer one exceeds MOST_SIGNS."""
    made = [_line_of_patients(numbers)]
    for endpoint in numbers.protocol.main_endpoints:
        made += (
            [_line_of_effect(numbers, endpoint, a) for a in numbers.contrasts]
            if not numbers.single
            else [_line_of_median(numbers, endpoint)]
        )
    criterion, rows = _rate_rows(numbers)
    if rows:
        made.append(
            _shorter(
                f"Objective response by {criterion}: {_plain(numbers, rows)}.", f"ORR by {criterion}: {_plain(numbers, rows)}."
            )
        )
    severe = _severe_rows(numbers)
    if severe:
        made.append(
            _shorter(
                f"Adverse events of grade 3\u20134: {_plain(numbers, severe)}.", f"Grade 3\u20134 AEs: {_plain(numbers, severe)}."
            )
        )
    if len(made) < LEAST_HIGHLIGHTS:
        made += [_line_of_medians(numbers, e) for e in numbers.protocol.main_endpoints]
    return [line for line in made if line][:MOST_HIGHLIGHTS]


def _shorter(*lines: str) -> str:
    return next((line for line in lines if len(line) <= MOST_SIGNS), lines[-1])


def _plain(numbers: Numbers, rows: list[Row]) -> str:
    """`5.6% (lenvatinib), 8.3% (sorafenib)`."""
    rounding = numbers.protocol.conventions.percent_rounding
    parts = []
    for row in rows:
        if isinstance(row.events, Masked) or isinstance(row.value, Masked):
            share = fmt.share(row.events, row.n, rounding)
        elif numbers.weighted(row.design):
            share = f"{fmt.percentage(row.value)}%"
        else:
            share = f"{fmt.percent(row.events, row.n, rounding)}%"
        parts.append(share if numbers.single else f"{share} ({arm(numbers, row.group)})")
    return ", ".join(parts)


def _line_of_patients(numbers: Numbers) -> str:
    n = fmt.plural(numbers.total_n("unadjusted"), "patient")
    if numbers.single:
        return _shorter(f"{n} treated with {_names(numbers)} were analyzed.", f"{n} were analyzed.")
    pairs = numbers.row("design", "value", design=numbers.primary, variable="pairs") if numbers.primary else None
    more = f"; matching gave {fmt.plural(pairs.value, 'pair')}" if pairs is not None else ""
    sizes = ", ".join(f"{fmt.count(numbers.arm_n('unadjusted', a))} with {arm(numbers, a)}" for a in numbers.arms)
    return _shorter(f"{n} were analyzed ({sizes}){more}.", f"{n} were analyzed{more}.")


def _line_of_effect(numbers: Numbers, endpoint: str, each: str) -> str:
    row = treatment_row(numbers, endpoint, _main(numbers), arm=each)
    if row is None or math.isnan(row.value):
        return ""
    info = numbers.protocol.endpoints[endpoint]
    label, reference = fmt.lower_first(info.label), arm(numbers, numbers.protocol.arms.reference)
    ratio = fmt.ratio_with(row.value, row.low, row.high, numbers.protocol.ci)
    contrast = f"{arm(numbers, each)} vs {reference}"
    if not excludes(row):
        return _shorter(
            f"No clear evidence of a difference in {label} (HR {ratio}, {contrast}).",
            f"No clear evidence of a difference in {label} (HR {ratio}).",
            f"No clear difference in {info.short}, {contrast} (HR {ratio}).",
            f"No clear difference in {info.short} (HR {ratio}).",
        )
    word = "Higher" if row.low > 1 else "Lower"
    return _shorter(
        f"{word} hazard of {fmt.lower_first(info.event_label)} with {contrast} (HR {ratio}).",
        f"{info.short}: {word.lower()} hazard with {contrast} (HR {ratio}).",
        f"{info.short}: {word.lower()} hazard with {arm(numbers, each)} (HR {ratio}).",
    )


def _line_of_median(numbers: Numbers, endpoint: str) -> str:
    row = numbers.row(
        "survival", "median", analysis="kaplan_meier", group=numbers.arms[0], endpoint=endpoint, design="unadjusted"
    )
    if row is None:
        return ""
    return f"Median {fmt.lower_first(numbers.protocol.endpoints[endpoint].label)} was {said.time_words(numbers, row)}."


def _line_of_medians(numbers: Numbers, endpoint: str) -> str:
    part = {"analysis": "kaplan_meier", "endpoint": endpoint, "design": _main(numbers)}
    rows = [(a, numbers.row("survival", "median", group=a, **part)) for a in numbers.arms]
    said_ = [f"{_time(numbers, row)} ({arm(numbers, a)})" for a, row in rows if row is not None]
    short = numbers.protocol.endpoints[endpoint].short
    return f"Median {short}: {', '.join(said_)}." if len(said_) == len(rows) and not numbers.single else ""
