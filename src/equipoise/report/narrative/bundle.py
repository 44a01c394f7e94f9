"""What the data of the sensitivity bundle can exclude and what they cannot."""

from __future__ import annotations

import math
from collections.abc import Iterator

from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.bound import bound
from equipoise.report.lookup import Numbers
from equipoise.report.tables.bundle import control, endpoints, lines, main_design, number, planned
from equipoise.report.words import words


def bundle_words(numbers: Numbers) -> list[list[str]]:
    """Sentences of a paragraph per endpoint, then of one for the negative control and what no analysis of these data can say."""
    said = [found for endpoint in endpoints(numbers) if (found := list(_of(numbers, endpoint)))]
    return [*said, [*_control(numbers), words("bundle.cannot")]] if said else []


def _of(numbers: Numbers, endpoint: str) -> Iterator[str]:
    first, info = planned(numbers, endpoint), numbers.protocol.endpoints[endpoint]
    if first is None or first.hr is None or math.isnan(first.hr.value):
        return
    hr = first.hr
    level, ci = numbers.protocol.level_words, numbers.protocol.ci
    estimate = words("bundle.hr", ratio=bound(fmt.ratio_with(hr.value, hr.low, hr.high, ci), hr))
    if _excludes(hr):
        key = "bundle.planned_higher" if hr.value > 1 else "bundle.planned_lower"
        yield words(key, label=info.label, ratio=estimate, **_arms(numbers))
    else:
        yield words("bundle.planned_not_shown", label=info.label, ratio=estimate, level=level, span=_span(hr.low, hr.high))
    yield from _others(numbers, endpoint, hr)
    yield from _made_again(numbers, endpoint)
    yield from _explained(numbers, endpoint, hr)


def _arms(numbers: Numbers) -> dict[str, str]:
    arms = numbers.protocol.arms
    return {"arm": fmt.lower_first(arms.label(arms.compared)), "other": fmt.lower_first(arms.label(arms.reference))}


def _excludes(row: Row) -> bool:
    return not row.low <= 1 <= row.high


def _others(numbers: Numbers, endpoint: str, hr: Row) -> Iterator[str]:
    """The analyses that ask the same with another choice."""
    found = [line.hr for line in lines(numbers, endpoint) if line.same and line.hr is not None and not math.isnan(line.hr.value)]
    if not found:
        return
    values = [r.value for r in found]
    excluding = sum(_excludes(r) for r in found)
    share = words("bundle.none_excludes")
    if excluding:
        share = words("bundle.excluding", count=excluding, all=fmt.count(len(found)))
    if len(found) == 1:
        yield words("bundle.other_analysis", ratio=fmt.ratio(values[0]), share=share)
    else:
        yield words("bundle.other_analyses", count=len(found), span=_span(min(values), max(values)), share=share)
    every = [hr, *found]
    lowest, highest = min(r.low for r in every), max(r.high for r in every)
    inner = max(r.low for r in every), min(r.high for r in every)
    least, most = fmt.ratios([lowest, highest])
    part = {"least": least, "most": most}
    if inner[0] < inner[1]:
        yield words("bundle.excluded_by_all_within_none", span=_span(*inner), **part)
    else:
        yield words("bundle.excluded_by_all", **part)


def _span(low: float, high: float) -> str:
    return fmt.to(*fmt.ratios([low, high]))


def _made_again(numbers: Numbers, endpoint: str) -> Iterator[str]:
    """The limits over resamples in which the match was made again, and what they are worth."""
    part = {"endpoint": endpoint, "design": main_design(numbers), "analysis": "bootstrap_match", "contrast": numbers.contrast}
    hr = numbers.row("sensitivity", "hr", **part)
    if hr is None or math.isnan(hr.low):
        return
    spread, made = (number(numbers, endpoint, "bootstrap_match", v) for v in ("log_se", "resamples"))
    assert spread is not None and made is not None
    yield words(
        "bundle.rematched",
        resamples=bound(fmt.count(made.value), made),
        limits=bound(fmt.ratio_interval(hr.value, hr.low, hr.high), hr),
        sd=bound(fmt.number(spread.value, 2), spread),
    )


def _explained(numbers: Numbers, endpoint: str, hr: Row) -> Iterator[str]:
    """How strong a confounder would have to be, in general and the declared one; what holds within pairs."""
    e, limit = (number(numbers, endpoint, "e_value", v) for v in ("estimate", "limit"))
    if e is not None and limit is not None:
        ends = (
            words("bundle.limit_moved", ratio=bound(fmt.number(limit.value, 2), limit))
            if _excludes(hr)
            else words("bundle.limit_includes_one")
        )
        yield words("bundle.e_value", ratio=bound(fmt.number(e.value, 2), e), limit=ends)
    declared = numbers.protocol.sensitivity.confounder
    part = {"endpoint": endpoint, "design": main_design(numbers), "analysis": "confounder", "contrast": numbers.contrast}
    moved = numbers.row("sensitivity", "hr", **part)
    if declared is not None and moved is not None:
        arms = numbers.protocol.arms
        first, other = (
            words("bundle.prevalence", percent=f"{100 * declared.prevalence[a]:.0f}", arm=fmt.lower_first(arms.label(a)))
            for a in (arms.compared, arms.reference)
        )
        yield words(
            "bundle.confounder",
            confounder=fmt.lower_first(declared.label),
            first=first,
            other=other,
            ratio=fmt.ratio(declared.hazard_ratio),
            moved=bound(fmt.ratio_estimate(moved.value, moved.low, moved.high), moved),
        )
    gamma = number(numbers, endpoint, "pair_bounds", "gamma")
    if gamma is not None and not math.isnan(gamma.value):
        yield words("bundle.pair_bounds", odds=bound(fmt.number(gamma.value, 2), gamma), p=fmt.p_limit(0.05))


def _control(numbers: Numbers) -> Iterator[str]:
    line = control(numbers)
    if line is None or line.hr is None or math.isnan(line.hr.value):
        return
    label = fmt.lower_first(numbers.protocol.endpoints[numbers.protocol.sensitivity.negative_control].label)
    found = words(
        "bundle.hr", ratio=bound(fmt.ratio_with(line.hr.value, line.hr.low, line.hr.high, numbers.protocol.ci), line.hr)
    )
    said = words("bundle.control_excludes", found=found) if _excludes(line.hr) else words("bundle.control_not_shown", found=found)
    yield words("bundle.control", label=label, said=said)
