"""The structured abstract and the highlights: every number looked up, the conclusion drawn from the primary design's interval."""

from __future__ import annotations

import math

from equipoise.records import Masked, Row
from equipoise.report import format as fmt
from equipoise.report.bound import bound, plain
from equipoise.report.front_matter import known
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.flow import included
from equipoise.report.narrative.phrases import arm, nowhere_reached, share, shares, time_alone, time_words, with_arm
from equipoise.report.narrative.results import excludes, is_wide, shown, treatment_row
from equipoise.report.narrative.survival import followed
from equipoise.report.tables.response import PHASE, criteria
from equipoise.report.tables.safety import ALL, related
from equipoise.report.tables.safety import DESIGN as OBSERVED
from equipoise.report.words import words

MOST_WORDS = 300
LEAST_NEEDED = ("events", "safety", "response")  # of the results, in the order in which they are left out
MOST_SIGNS = 85  # of a highlight
LEAST_HIGHLIGHTS, MOST_HIGHLIGHTS = 3, 5


def abstract(numbers: Numbers) -> list[tuple[str, str]]:
    """(heading, words). What is least needed is left out until no more than MOST_WORDS are left."""
    made = [_abstract(numbers, left_out) for left_out in range(len(LEAST_NEEDED) + 1)]
    return next((parts for parts in made if words_of(parts) <= MOST_WORDS), made[-1])


def _abstract(numbers: Numbers, left_out: int) -> list[tuple[str, str]]:
    """left_out: how many of LEAST_NEEDED."""
    extra = {"events": followed(numbers), "response": _response(numbers), "safety": _severe(numbers)}
    extra |= dict.fromkeys(LEAST_NEEDED[:left_out], "")
    results = [_flow(numbers), extra["events"], *_effects(numbers), extra["response"], extra["safety"]]
    return [
        (words("abstract.background"), _aim(numbers)),
        (words("abstract.methods"), _methods(numbers)),
        (words("abstract.results"), " ".join(x for x in results if x)),
        (words("abstract.conclusions"), _conclusion(numbers)),
    ]


def words_of(parts: list[tuple[str, str]]) -> int:
    return sum(len(f"{label} {said}".split()) for label, said in parts)


def _main(numbers: Numbers) -> str:
    """The design that the study is decided by."""
    return numbers.primary or "unadjusted"


def _names(numbers: Numbers) -> str:
    return fmt.listed([arm(numbers, a) for a in numbers.arms])


def _aim(numbers: Numbers) -> str:
    study = numbers.protocol.study
    given = known(study.metadata).get("background", "")
    labels = fmt.listed([fmt.lower_first(e.label) for e in numbers.protocol.main_endpoints.values()])
    key = "abstract.assessed" if numbers.single else "abstract.compared"
    outcomes = labels or words("abstract.outcomes")
    return f"{given.rstrip()} {words(key, outcomes=outcomes, arms=_names(numbers), population=study.population)}".strip()


def _methods(numbers: Numbers) -> str:
    setting, index = numbers.protocol.study.setting, numbers.protocol.index
    patients = [words("abstract.single_group" if numbers.single else "abstract.patients")]
    patients += [words("abstract.in_setting", setting=setting)] if setting else []
    if index is not None and numbers.protocol.data.rows is None:
        first, last = index.accrual.from_, index.accrual.to
        patients.append(words("abstract.started"))
        patients += [words("abstract.between", first=fmt.day(first), last=fmt.day(last))] if first and last else []
    cohort = words("abstract.cohort", patients=" ".join(patients))
    return " ".join(x for x in (cohort, _adjusted(numbers), _models(numbers)) if x)


def _adjusted(numbers: Numbers) -> str:
    if not numbers.primary or not numbers.words(numbers.primary).kind:
        return ""
    scored = len(numbers.study.design(numbers.primary).propensity) > 0
    return words("abstract.adjusted_by_score" if scored else "abstract.adjusted", process=numbers.process(numbers.primary))


def _models(numbers: Numbers) -> str:
    if not numbers.protocol.main_endpoints:
        return ""
    if numbers.single:
        return words("abstract.kaplan_meier")
    return words("abstract.cox", reference=arm(numbers, numbers.protocol.arms.reference))


def _flow(numbers: Numbers) -> str:
    pairs = numbers.row("design", "value", design=numbers.primary, variable="pairs") if numbers.primary else None
    first = included(numbers)
    if pairs is None:
        return first
    return f"{first} {bound(words('flow.pairs', process=words('abstract.matching'), count=pairs.value), pairs)}"


def _effects(numbers: Numbers) -> list[str]:
    return [s for e in numbers.protocol.main_endpoints if (s := _effect(numbers, e))]


def _effect(numbers: Numbers, endpoint: str) -> str:
    """Medians by arm with the hazard ratio of the primary design behind them."""
    design, protocol = _main(numbers), numbers.protocol
    part = {"analysis": "kaplan_meier", "endpoint": endpoint, "design": design}
    rows = [numbers.row("survival", "median", group=a, **part) for a in numbers.arms]
    known_rows = [r for r in rows if r is not None]
    label = numbers.time_words(endpoint)
    ratios = _ratios(numbers, endpoint, design)
    if len(known_rows) < len(rows):
        return words("abstract.ratios_alone", label=label, ratios=ratios) if ratios else ""
    if numbers.single:
        return words("survival.median", label=label, medians=time_words(numbers, known_rows[0]))
    each = fmt.listed([with_arm(numbers, time_alone(numbers, r), r.group) for r in known_rows])
    medians = nowhere_reached(numbers, known_rows) or each
    said = words("abstract.medians", label=label, medians=medians)
    if endpoint == next(iter(protocol.main_endpoints)):
        cohort = fmt.lower_first(numbers.design_label(design))
        said = words("abstract.medians_in", cohort=cohort, label=label, medians=medians)
    return words("abstract.with_ratios", said=said, ratios=ratios) if ratios else words("survival.sentence", said=said)


def _ratios(numbers: Numbers, endpoint: str, design: str) -> str:
    """`HR for sorafenib vs lenvatinib 1.326, 95% CI 0.709-2.478`, of each arm; '' without an estimate."""
    if numbers.single:
        return ""
    reference, parts = arm(numbers, numbers.protocol.arms.reference), []
    for each in numbers.contrasts:
        row = treatment_row(numbers, endpoint, design, arm=each)
        if row is not None and not math.isnan(row.value):
            figures = bound(fmt.ratio_with(row.value, row.low, row.high, numbers.protocol.ci), row)
            parts.append(words("abstract.ratio", arm=arm(numbers, each), other=reference, figures=figures))
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
    if not rows:
        return ""
    what = words("response.rate", rate=fmt.lower_first(words("response_table.rate.orr")), criterion=criterion)
    return words("phrases.shares", what=what, shares=shares(numbers, rows))


def _severe_rows(numbers: Numbers) -> list[Row]:
    part = {"design": OBSERVED, "analysis": "grade_3_4", "variable": ALL}
    rows = [numbers.row("safety", "percent", group=a, **part) for a in numbers.arms]
    return [r for r in rows if r is not None] if _sized(rows) else []


def _sized(rows: list[Row | None]) -> bool:
    """Whether every arm has a row whose number of patients may be shown."""
    return all(r is not None and not isinstance(r.n, Masked) for r in rows)


def _severe(numbers: Numbers) -> str:
    rows = _severe_rows(numbers)
    key = "abstract.severe_related" if related(numbers) else "abstract.severe"
    return words(key, shares=shares(numbers, rows)) if rows else ""


def _conclusion(numbers: Numbers) -> str:
    """What the interval of the primary design says of each endpoint, and no more."""
    if numbers.single:
        return words("abstract.describes", arms=_names(numbers), population=numbers.protocol.study.population)
    parts = [p for e in numbers.protocol.main_endpoints for a in numbers.contrasts if (p := _verdict(numbers, e, a))]
    adjusted = bool(numbers.primary)
    where = words("abstract.after", process=numbers.process(_main(numbers))) if adjusted else words("abstract.unadjusted")
    end = words("abstract.residual" if adjusted else "abstract.not_adjusted")
    if not parts:
        return f"{words('abstract.no_conclusion', where=where)} {end}"
    return f"{words('abstract.concluded', where=fmt.upper_first(where), verdicts='; '.join(parts))} {end}"


def _verdict(numbers: Numbers, endpoint: str, each: str) -> str:
    """The direction where the interval excludes no effect; otherwise that no difference was shown."""
    row = treatment_row(numbers, endpoint, _main(numbers), arm=each)
    if row is None or math.isnan(row.value) or math.isnan(row.low) or math.isnan(row.high):
        return ""
    info = numbers.protocol.endpoints[endpoint]
    part = {"arm": arm(numbers, each), "other": arm(numbers, numbers.protocol.arms.reference)}
    if shown(row):
        return words(f"abstract.{'higher' if row.low > 1 else 'lower'}", event=fmt.lower_first(info.event_label), **part)
    return words("abstract.wide" if is_wide(row) else "abstract.not_shown", label=fmt.lower_first(info.label), **part)


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
        part = {"criterion": criterion, "shares": _plain(numbers, rows)}
        made.append(_shorter(words("highlights.response", **part), words("highlights.response_short", **part)))
    severe = _severe_rows(numbers)
    if severe:
        told = _plain(numbers, severe)
        made.append(_shorter(words("highlights.severe", shares=told), words("highlights.severe_short", shares=told)))
    if len(made) < LEAST_HIGHLIGHTS:
        made += [_line_of_medians(numbers, e) for e in numbers.protocol.main_endpoints]
    return [line for line in made if line][:MOST_HIGHLIGHTS]


def _shorter(*lines: str) -> str:
    return next((line for line in lines if len(plain(line)) <= MOST_SIGNS), lines[-1])


def _plain(numbers: Numbers, rows: list[Row]) -> str:
    """`5.6% (lenvatinib), 8.3% (sorafenib)`."""
    rounding = numbers.protocol.conventions.percent_rounding
    parts = []
    for row in rows:
        told = share(numbers, row)
        if not isinstance(row.events, Masked) and not isinstance(row.value, Masked):
            weighted = numbers.weighted(row.design)
            percent = bound(fmt.percentage(row.value), row) if weighted else fmt.percent(row.events, row.n, rounding)
            told = bound(words("response.percent", percent=percent), row)
        parts.append(told if numbers.single else words("highlights.of_arm", said=told, arm=arm(numbers, row.group)))
    return ", ".join(parts)


def _line_of_patients(numbers: Numbers) -> str:
    n = numbers.total_n("unadjusted")
    if numbers.single:
        return _shorter(
            words("highlights.treated", count=n, arms=_names(numbers)), words("highlights.analyzed", count=n, more="")
        )
    pairs = numbers.row("design", "value", design=numbers.primary, variable="pairs") if numbers.primary else None
    more = bound(words("highlights.pairs", count=pairs.value), pairs) if pairs is not None else ""
    sizes = ", ".join(
        with_arm(numbers, bound(fmt.count(numbers.arm_n("unadjusted", a)), numbers.arm_row("unadjusted", a)), a)
        for a in numbers.arms
    )
    by_arm = f" {words('highlights.sizes', sizes=sizes)}"
    return _shorter(words("highlights.analyzed", count=n, more=by_arm + more), words("highlights.analyzed", count=n, more=more))


def _line_of_effect(numbers: Numbers, endpoint: str, each: str) -> str:
    row = treatment_row(numbers, endpoint, _main(numbers), arm=each)
    if row is None or math.isnan(row.value):
        return ""
    info = numbers.protocol.endpoints[endpoint]
    one, reference = arm(numbers, each), arm(numbers, numbers.protocol.arms.reference)
    contrast = words("highlights.contrast", arm=one, other=reference)
    label, short = fmt.lower_first(info.label), info.short
    ratio = bound(fmt.ratio_with(row.value, row.low, row.high, numbers.protocol.ci), row)
    if not excludes(row):
        named = [
            words("highlights.not_shown", label=label, ratio=ratio, contrast=contrast),
            words("highlights.no_difference_in", short=short, ratio=ratio, contrast=contrast),
        ]
        bare = [
            words("highlights.not_shown_short", label=label, ratio=ratio),
            words("highlights.no_difference", short=short, ratio=ratio),
        ]
        return _shorter(*named) if numbers.several else _shorter(named[0], bare[0], named[1], bare[1])
    event, side = fmt.lower_first(info.event_label), "higher" if row.low > 1 else "lower"
    return _shorter(
        words(f"highlights.{side}_hazard_of", event=event, ratio=ratio, contrast=contrast),
        words(f"highlights.{side}_hazard", short=short, ratio=ratio, arms=contrast),
        words(f"highlights.{side}_hazard", short=short, ratio=ratio, arms=one),
    )


def _line_of_median(numbers: Numbers, endpoint: str) -> str:
    part = {"analysis": "kaplan_meier", "group": numbers.arms[0], "endpoint": endpoint, "design": "unadjusted"}
    row = numbers.row("survival", "median", **part)
    if row is None:
        return ""
    label = numbers.time_words(endpoint)
    return words("survival.median", label=label, medians=time_words(numbers, row))


def _line_of_medians(numbers: Numbers, endpoint: str) -> str:
    part = {"analysis": "kaplan_meier", "endpoint": endpoint, "design": _main(numbers)}
    rows = [numbers.row("survival", "median", group=a, **part) for a in numbers.arms]
    known_rows = [r for r in rows if r is not None]
    if numbers.single or len(known_rows) < len(rows) or nowhere_reached(numbers, known_rows):
        return ""
    told = [words("highlights.of_arm", said=time_alone(numbers, r), arm=arm(numbers, r.group)) for r in known_rows]
    return words("highlights.medians", short=numbers.short_words(endpoint), medians=", ".join(told))
