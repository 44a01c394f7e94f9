"""Beyond the best response: confirmed and unconfirmed, duration and time of response, depth, agreement of two readings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

import numpy as np

from equipoise import stats
from equipoise.estimate.response import LEVELS, RATES
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Outcomes, Row, Sample

TOTAL = "total"
# From the best on; the other categories have no place in the order.
ORDERED = ("CR", "PR", "SD", "PD")
NAMED = {False: "unconfirmed", True: "confirmed"}


def response_detail_rows(protocol: Protocol, cohort: Cohort, sample: Sample, outcomes: Outcomes) -> Iterator[Row]:
    """Rows of a sample, total and by arm; none of a weighted one, for all of it counts patients. No test compares the
    duration between arms: responders are chosen after the index date."""
    detail = outcomes.response_detail
    if detail is None or sample.weighted:
        return
    groups = {TOTAL: sample.include, **{a: sample.include & cohort.in_arm(a) for a in protocol.arms.groups}}
    for (reading, asked), best in detail.best.items():
        yield from _both_ways(protocol, sample.design, reading, NAMED[asked], best, groups)
    for reading, course in detail.course.items():
        for group, mask in groups.items():
            base = {"phase": "response", "design": sample.design, "endpoint": reading, "group": group}
            yield from _duration(protocol, base, course, mask)
            yield from _quartiles(protocol, {**base, "analysis": "time_to_response"}, course["response_day"][mask])
            yield from _depth(protocol, base, course["deepest_change_pct"][mask])
    required = protocol.response is not None and protocol.response.confirmation
    for first, second in combinations(detail.course, 2):
        both = sample.include & _assessed(detail.course[first]) & _assessed(detail.course[second])
        pair = (detail.best[first, required][both], detail.best[second, required][both])
        if not both.any():
            continue
        base = {"phase": "response", "design": sample.design, "contrast": f"{first} vs {second}"}
        yield from _agreement(protocol.level, {**base, "analysis": "agreement"}, *pair)
        hits = [np.where(np.isin(x.astype(str), RATES["orr"]), "yes", "no") for x in pair]
        yield from _kappa(protocol.level, {**base, "analysis": "agreement", "variable": "objective_response"}, *hits)


def _assessed(course: Mapping[str, np.ndarray]) -> np.ndarray:
    """Patients to whom a reading gave a response other than NE at some scan: only they can agree or differ."""
    return ~np.isnan(course["assessed_day"])


def recorded_rows(protocol: Protocol, outcomes: Outcomes) -> Iterator[Row]:
    """Recorded beside computed responses, a visit being the unit; once per study, for they are not of a design."""
    detail = outcomes.response_detail
    for reading, pair in (detail.compared if detail is not None else {}).items():
        base = {"phase": "response", "endpoint": reading, "analysis": "recorded", "contrast": "computed vs recorded"}
        if len(pair[0]):
            yield from _agreement(protocol.level, base, *pair)


def _both_ways(
    protocol: Protocol, design: str, reading: str, named: str, best: np.ndarray, groups: dict[str, np.ndarray]
) -> Iterator[Row]:
    assert protocol.response is not None
    interval = stats.wilson if protocol.response.intervals == "wilson" else stats.clopper_pearson
    for group, mask in groups.items():
        n = float(mask.sum())
        base = {"phase": "response", "design": design, "endpoint": reading, "group": group, "n": n}
        for level in LEVELS:
            k = float((best[mask] == level).sum())
            if k or level != "NON-CR/NON-PD":
                yield Row(**base, analysis=f"best_response_{named}", level=level, statistic="n", value=k, events=k)
        for rate, levels in RATES.items():
            k = int(np.isin(best[mask].astype(str), levels).sum())
            if n:
                ci = interval(k, int(n), protocol.level)
                yield Row(
                    **base, analysis=f"{rate}_{named}", statistic="percent", value=100.0 * k / n, low=100.0 * ci.low,
                    high=100.0 * ci.high, events=float(k), method=ci.method,
                )  # fmt: skip


def _duration(protocol: Protocol, base: dict, course: dict[str, np.ndarray], mask: np.ndarray) -> Iterator[Row]:
    """Kaplan-Meier among responders, from the first response; days."""
    responders = mask & ~np.isnan(course["response_day"])
    n = float(responders.sum())
    where = {**base, "analysis": "duration_of_response"}
    yield Row(**where, statistic="n", value=n, n=n)
    if not n:
        return
    time, event = course["duration_days"][responders], course["duration_event"][responders].astype(int)
    conventions = protocol.conventions
    fit = stats.kaplan_meier(time, event, conf_type=conventions.interval_type, conf_level=protocol.level)
    more = {**where, "n": n, "events": float(event.sum()), "method": f"Kaplan-Meier, {conventions.interval_type} limits"}
    median = fit.quantile(0.5, rule=conventions.median_rule)
    yield Row(**more, statistic="median", value=float(median.value), low=float(median.low), high=float(median.high))
    yield Row(**more, statistic="events", value=float(event.sum()))
    for label, day in protocol.landmark_days.items():
        if day <= time.max():
            at = fit.at(np.array([day]))
            limits = {"low": float(at.low[0]), "high": float(at.high[0])}
            yield Row(**more, statistic="survival", level=label, value=float(at.survival[0]), **limits)


def _quartiles(protocol: Protocol, base: dict, value: np.ndarray) -> Iterator[Row]:
    known = value[~np.isnan(value)]
    n = float(len(known))
    yield Row(**base, statistic="n", value=n, n=n)
    if not n:
        return
    kind = protocol.conventions.quantile_type
    q1, median, q3 = stats.quantile(known, [0.25, 0.5, 0.75], kind=kind)
    for statistic, number in (("q1", q1), ("median", median), ("q3", q3)):
        yield Row(**base, statistic=statistic, value=float(number), n=n, method=f"quantile type {kind}")


def _depth(protocol: Protocol, base: dict, change: np.ndarray) -> Iterator[Row]:
    """Percent change of the target sum, the smallest per patient; those with any shrinkage counted."""
    where = {**base, "analysis": "deepest_change"}
    yield from _quartiles(protocol, where, change)
    known = change[~np.isnan(change)]
    if len(known):
        k, n = float((known < 0).sum()), float(len(known))
        yield Row(**where, statistic="percent", variable="any_decrease", value=100.0 * k / n, n=n, events=k)


def _agreement(level: float, base: dict, first: np.ndarray, second: np.ndarray) -> Iterator[Row]:
    """Counts of every pair of categories that occurs, how many differ, and kappa."""
    for a in LEVELS:
        for b in LEVELS:
            k = float(((first == a) & (second == b)).sum())
            if k:
                yield Row(**base, statistic="n", level=f"{a} and {b}", value=k, n=float(len(first)), events=k)
    yield from _kappa(level, base, first, second)
    yield from _weighted(level, base, first, second)


def _kappa(level: float, base: dict, first: np.ndarray, second: np.ndarray) -> Iterator[Row]:
    n = float(len(first))
    differ = float((first != second).sum())
    yield Row(**base, statistic="differ", value=differ, n=n, events=differ)
    known = [x for x in (*LEVELS, "yes", "no") if (first == x).any() or (second == x).any()]
    if len(known) < 2:
        return
    found = stats.cohen_kappa([[((first == a) & (second == b)).sum() for b in known] for a in known], level)
    yield Row(**base, statistic="kappa", value=found.kappa, low=found.low, high=found.high, n=n, method=found.method)
    yield Row(**base, statistic="kappa_se", value=found.se, n=n, method=found.method)


def _weighted(level: float, base: dict, first: np.ndarray, second: np.ndarray) -> Iterator[Row]:
    """Weighted kappa of those to whom both readings gave one of the ordered categories."""
    both = np.isin(first.astype(str), ORDERED) & np.isin(second.astype(str), ORDERED)
    a, b = first[both], second[both]
    if len({*a, *b}) < 2:
        return
    table = [[int(((a == x) & (b == y)).sum()) for y in ORDERED] for x in ORDERED]
    for weights in ("linear", "quadratic"):
        found = stats.cohen_kappa(table, level, weights=weights)
        limits = {"low": found.low, "high": found.high}
        said = f"{found.method}; categories {', '.join(ORDERED)}"
        yield Row(**base, statistic=f"kappa_{weights}", value=found.kappa, **limits, n=float(both.sum()), method=said)
