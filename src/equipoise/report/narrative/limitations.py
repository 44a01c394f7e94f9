"""The limitations of a study: each stands where its condition holds in settings and results, with the numbers of these."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from equipoise.protocol.late_exclusions import late_exclusions
from equipoise.protocol.missing import COMPLETE, INDICATOR
from equipoise.records import MISSING, Row
from equipoise.report import format as fmt
from equipoise.report.bound import bound
from equipoise.report.digits import NOT_REACHED
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.balance import imbalanced
from equipoise.report.narrative.conduct import WARNING
from equipoise.report.narrative.matching import ENOUGH, left_out
from equipoise.report.narrative.missing import lacking
from equipoise.report.narrative.results import RELEVANT
from equipoise.report.tables.bundle import main_design, number
from equipoise.report.tables.conduct import TOTAL
from equipoise.report.tables.design import estimand
from equipoise.report.tables.other_scales import horizon_words
from equipoise.report.words import words

FEW = 50  # patients of an arm, or pairs, below which a study is called small
COMPLETE_ENOUGH = 90  # percent of the possible follow-up
NAMED = 5  # covariates that are named
Limits = Iterator[str]


def limitations(numbers: Numbers) -> list[list[str]]:
    """Sentences by paragraph: confounding and selection; size; data and follow-up; models and tests."""
    groups: tuple[tuple[Callable[[Numbers], Limits], ...], ...] = (
        (_design, _unmeasured, _imbalance, _lock, _late),
        (_small, _imprecise, _few_events, _kept, _centre),
        (_missing, _unevaluable, _follow_up, _assessments, _adverse),
        (_proportional, _competing, _multiplicity),
    )
    return [found for group in groups if (found := [said for one in group for said in one(numbers)])]


def _design(numbers: Numbers) -> Limits:
    if numbers.single:
        yield words("limitations.single_arm")
        return
    yield words("limitations.retrospective")
    if numbers.unmade:
        yield words("limitations.unmade", kind=numbers.planned_kind)
    elif not numbers.primary:
        yield words("limitations.as_they_are")


def _unmeasured(numbers: Numbers) -> Limits:
    """With the E-value of the first endpoint, where it was asked for."""
    if numbers.primary:
        yield words("limitations.unmeasured")
    for name in _endpoints(numbers) if "sensitivity.e_value" in numbers.analyses else ():
        needed, hr = number(numbers, name, "e_value", "estimate"), _hazard_ratio(numbers, name)
        if needed is not None and hr is not None and not math.isnan(needed.value):
            event = numbers.event_words(name)
            yield words(
                "limitations.e_value",
                event=event,
                hr=bound(fmt.ratio(hr.value), hr),
                needed=bound(fmt.number(needed.value, 2), needed),
            )


def _hazard_ratio(numbers: Numbers, endpoint: str) -> Row | None:
    part = {"endpoint": endpoint, "design": main_design(numbers), "analysis": "cox", "contrast": numbers.contrast}
    return None if numbers.several else numbers.row("survival", "hr", **part)


def _endpoints(numbers: Numbers) -> list[str]:
    return list(numbers.protocol.main_endpoints)


def _smd(numbers: Numbers, name: str) -> Row | None:
    return numbers.row("baseline", "smd", design=main_design(numbers), variable=name)


def _imbalance(numbers: Numbers) -> Limits:
    """What stays above the smaller threshold in the primary design, or between the arms where there is none."""
    if numbers.single:
        return
    over = imbalanced(numbers, main_design(numbers))
    if not over:
        return
    named = [
        words("limitations.named", name=numbers.covariate_words(v), size=bound(fmt.number(size, 2), _smd(numbers, v)))
        for v, size in list(over.items())[:NAMED]
    ]
    part = {"covariates": fmt.listed(named), "limit": fmt.short(numbers.protocol.balance_thresholds[0])}
    many = {"n": fmt.count(len(over))} if len(over) > NAMED else {}
    form = "_many" if many else ""
    if numbers.primary:
        yield words(f"limitations.imbalanced{form}", process=numbers.process(numbers.primary), **part, **many)
    else:
        yield words(f"limitations.differing{form}", **part, **many)


def _lock(numbers: Numbers) -> Limits:
    if numbers.primary and numbers.study.lock.lock is None:
        yield words("limitations.not_locked")


def _late(numbers: Numbers) -> Limits:
    """Exclusions and groupings by what was known after the index date."""
    reasons = [fmt.lower_first(e.reason) for e in late_exclusions(numbers.protocol).values()]
    if reasons:
        yield words("limitations.late_exclusion", reasons="'; '".join(reasons))
    what = [
        fmt.lower_first(p.label) for name, p in numbers.protocol.post_index.items() if numbers.has("post_index", variable=name)
    ]
    if what:
        yield words("limitations.later", what=fmt.either(what))


def _small(numbers: Numbers) -> Limits:
    few = [(arm, numbers.arm_n("unadjusted", arm)) for arm in numbers.arms]
    listed = [
        words("limitations.of_arm", patients=words("counts.patient", count=n), arm=_arm(numbers, arm))
        for arm, n in few
        if n < FEW
    ]
    if listed:
        yield words("limitations.small_arm", arms=fmt.listed(listed))
    pairs = numbers.value("design", "value", design=numbers.primary, variable="pairs") if numbers.primary else math.nan
    if numbers.primary in numbers.matches and pairs < FEW:
        yield words("limitations.pairs", pairs=words("counts.pair", count=pairs))


def _imprecise(numbers: Numbers) -> Limits:
    ranges = []
    for name in _endpoints(numbers):
        hr = None if numbers.single else _hazard_ratio(numbers, name)
        if hr is not None and hr.low < RELEVANT[0] and hr.high > RELEVANT[1]:
            event = numbers.event_words(name)
            low, high = fmt.ratios([hr.low, hr.high])
            ranges.append(words("limitations.range", low=low, high=high, event=event))
    if ranges:
        yield words("limitations.imprecise", ci=numbers.protocol.ci, ranges=fmt.listed(ranges))


def _few_events(numbers: Numbers) -> Limits:
    """Too few events, or patients of the smaller arm, for the coefficients of a model."""
    for row in numbers.where("survival", analysis="cox_multivariable", statistic="events_per_variable", population="all"):
        if row.value < ENOUGH:
            endpoint = _label(numbers, row.endpoint)
            yield words(
                "limitations.few_events", endpoint=endpoint, n=bound(fmt.number(row.value, 1), row), least=fmt.count(ENOUGH)
            )
    if not numbers.primary or numbers.protocol.designs[numbers.primary].score.shrunk:
        return
    n = numbers.value("design", "value", design=numbers.primary, variable="events_per_coefficient")
    if n < ENOUGH:
        yield words("limitations.few_per_coefficient", n=fmt.number(n, 1), least=fmt.count(ENOUGH))


def _kept(numbers: Numbers) -> Limits:
    """A primary design that is no longer of all patients, or whose weights are worth fewer."""
    if not numbers.primary:
        return
    kept, n = numbers.total_n(numbers.primary), numbers.total_n("unadjusted")
    if kept < n:
        whom = fmt.lower_first(estimand(numbers, numbers.primary).removesuffix("."))
        yield words(
            "limitations.left_out",
            adjective=numbers.words(numbers.primary).adjective,
            kept=fmt.count(kept),
            n=fmt.count(n),
            estimand=whom,
        )
    if numbers.weighted(numbers.primary):
        effective = fmt.effective(numbers.effective_n(numbers.primary))
        yield words("limitations.effective", process=numbers.process(numbers.primary), effective=effective, n=fmt.count(kept))


def _centre(numbers: Numbers) -> Limits:
    site = numbers.study.cohort.site
    if site is not None and len(set(site)) == 1:
        yield words("limitations.one_centre")


def _missing(numbers: Numbers) -> Limits:
    """What was missing, and what the way of dealing with it assumes."""
    protocol = numbers.study.protocol
    named = fmt.listed(lacking(numbers))
    if named and protocol.missing.rule == COMPLETE:
        lost = sum(left_out(numbers, numbers.primary, arm).get(MISSING, 0.0) for arm in numbers.arms) if numbers.primary else 0.0
        if lost > 0:
            adjective = numbers.words(numbers.primary).adjective
            yield words(
                "limitations.missing_scored", covariates=named, patients=words("counts.patient", count=lost), adjective=adjective
            )
        else:
            yield words("limitations.missing", covariates=named)
    if numbers.study.imputed is not None:
        yield words("limitations.imputed")
    if protocol.missing.rule == INDICATOR and "design.missing_balance" in numbers.analyses:
        yield words("limitations.indicator")


def _unevaluable(numbers: Numbers) -> Limits:
    response = numbers.protocol.response
    if response is None:
        return
    part = {"analysis": "best_response", "design": "unadjusted", "endpoint": response.criteria[0], "level": "NE"}
    rows = [numbers.row("response", "n", group=arm, **part) for arm in numbers.arms]
    n = sum(r.value for r in rows if r is not None)
    if n > 0:
        everyone = fmt.count(numbers.total_n("unadjusted"))
        yield words("limitations.unevaluable", criterion=response.criteria[0], n=fmt.count(n), all=everyone)


def _follow_up(numbers: Numbers) -> Limits:
    """Incomplete, or short against what is reported; medians that were not reached."""
    whole = numbers.arms[0] if numbers.single else TOTAL
    complete = numbers.value("conduct", "percent", analysis="completeness", design="unadjusted", group=whole)
    if complete < COMPLETE_ENOUGH:
        yield words("limitations.incomplete", percent=fmt.percentage(complete))
    yield from _short(numbers, whole)
    for name in _endpoints(numbers):
        arms = [arm for arm in numbers.arms if _unreached(numbers, name, arm)]
        if arms:
            among = words("limitations.among.arm", arm=fmt.either([_arm(numbers, a) for a in arms]))
            where = words("limitations.among.all") if numbers.single else among
            yield words("limitations.not_reached", endpoint=_label(numbers, name), where=where)


def _short(numbers: Numbers, whole: str) -> Limits:
    """The endpoints whose median follow-up is shorter than the time up to which they are compared, by that time."""
    per, unit = numbers.protocol.days_per_unit, numbers.protocol.time_unit
    found: dict[str, list[str]] = {}
    for name in _endpoints(numbers):
        part = {"endpoint": name, "design": "unadjusted"}
        median = numbers.value("survival", "median", analysis="follow_up", group=whole, **part)
        if median < numbers.value("effect", "horizon", analysis="rmst", **part):
            shown = f"{fmt.time_value(median, per, unit)} {unit}"
            medians = found.setdefault(horizon_words(numbers, part), [])
            medians.append(words("limitations.median", median=shown, endpoint=_label(numbers, name)))
    for horizon, medians in found.items():
        yield words("limitations.short", medians=fmt.listed(medians), horizon=horizon)


def _unreached(numbers: Numbers, endpoint: str, arm: str) -> bool:
    part = {"endpoint": endpoint, "design": "unadjusted", "analysis": "kaplan_meier", "group": arm}
    row = numbers.row("survival", "median", **part)
    return row is not None and math.isnan(row.value) and fmt.absent(row.value) == NOT_REACHED


def _assessments(numbers: Numbers) -> Limits:
    if any(w.startswith(WARNING) for w in numbers.study.estimates.warnings):
        yield words("limitations.assessments")


def _adverse(numbers: Numbers) -> Limits:
    if "safety.any_grade" in numbers.analyses:
        yield words("limitations.adverse")


def _proportional(numbers: Numbers) -> Limits:
    """Where the test of the treatment's proportional hazards rejects, in the cohorts that the study speaks of."""
    found = []
    for name in _endpoints(numbers):
        tests = [
            words("limitations.test", cohort=fmt.lower_first(numbers.design_label(design)), p=bound(fmt.p_sentence(p.value), p))
            for design in numbers.leading
            if (p := _ph_test(numbers, name, design)) is not None and p.value < numbers.protocol.conventions.alpha
        ]
        if tests:
            found.append(words("limitations.endpoint_tested", endpoint=_label(numbers, name), tests="; ".join(tests)))
    if found:
        yield words("limitations.not_proportional", endpoints=fmt.listed(found))


def _ph_test(numbers: Numbers, endpoint: str, design: str) -> Row | None:
    return numbers.row("survival", "p", endpoint=endpoint, design=design, analysis="ph_test", variable="treatment")


def _competing(numbers: Numbers) -> Limits:
    rows = numbers.where("effect", analysis="incidence", variable="competing")
    names = dict.fromkeys(r.endpoint for r in rows if r.value > 0)
    if names:
        yield words("limitations.competing", endpoint=fmt.listed([_label(numbers, n) for n in names]))


def _multiplicity(numbers: Numbers) -> Limits:
    if numbers.single:
        return
    tested = numbers.has("survival", analysis="interaction", statistic="p")
    counted = (
        ("several_endpoints", len(_endpoints(numbers)) > 1),
        ("subgroups", bool(numbers.protocol.subgroups)),
        ("interactions", tested),
        ("comparisons", numbers.several),
    )
    what = [words(f"limitations.and.{name}") for name, on in counted if on]
    if what:
        yield words("limitations.multiplicity", what=fmt.upper_first(fmt.listed(what)))


def _label(numbers: Numbers, endpoint: str) -> str:
    return fmt.lower_first(numbers.protocol.endpoints[endpoint].label)


def _arm(numbers: Numbers, key: str) -> str:
    return fmt.lower_first(numbers.arm_label(key))
