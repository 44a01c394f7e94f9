"""Adverse events beyond the counts: what they led to, per 100 patient-months, the first one, laboratory grades, multiplicity."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from equipoise import stats
from equipoise.estimate.safety import ALL, count_rows
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Curve, Outcomes, Row, SafetyDetail

LED_TO = {"reduce": "led_to_reduction", "interrupt": "led_to_interruption", "stop": "led_to_discontinuation"}
PER_MONTHS = 100.0
INCIDENCE_MONTHS = (1.0, 3.0, 6.0)
HOLM_FAMILIES = ("any_grade", "grade_3_4", "lab_any_grade", "lab_grade_3_4")


def safety_detail_rows(protocol: Protocol, cohort: Cohort, outcomes: Outcomes) -> tuple[list[Row], dict[str, Curve]]:
    """All rows and the cumulative incidence curves; none where the study has no adverse events."""
    found = outcomes.safety
    if found is None or not outcomes.worst_grade:
        return [], {}
    rows = [*_led_to(protocol, cohort, found), *_rates(protocol, cohort, found), *_laboratory(protocol, cohort, found)]
    curves: dict[str, Curve] = {}
    for name in found.first:
        more, curve = _first_event(protocol, cohort, found, name)
        rows += more
        curves.update(curve)
    return rows, curves


def holm_rows(rows: list[Row]) -> Iterator[Row]:
    """Holm-adjusted P of each family of term-wise tests, and how many tests it has."""
    for analysis in HOLM_FAMILIES:
        family = [r for r in rows if r.phase == "safety" and r.analysis == analysis and r.statistic == "p" and r.variable != ALL]
        if not family:
            continue
        base = {"phase": "safety", "design": "unadjusted", "analysis": analysis}
        tests = float(sum(not np.isnan(r.value) for r in family))
        yield Row(**base, statistic="tests", value=tests, method="terms with a test")
        for row, p in zip(family, stats.holm([r.value for r in family]), strict=True):
            method = f"{row.method}, Holm-adjusted for {int(tests)} tests"
            yield Row(**base, statistic="p_holm", value=float(p), variable=row.variable, n=row.n, method=method)


def _led_to(protocol: Protocol, cohort: Cohort, found: SafetyDetail) -> Iterator[Row]:
    for action, analysis in LED_TO.items():
        by_term = found.led_to[action]
        anyone = np.any(list(by_term.values()), axis=0) if by_term else np.zeros(cohort.n, dtype=bool)
        yield from count_rows(protocol, cohort, analysis, ALL, anyone)
        for term in sorted(by_term, key=lambda t: (-int(by_term[t].sum()), t)):
            yield from count_rows(protocol, cohort, analysis, term, by_term[term])


def _rates(protocol: Protocol, cohort: Cohort, found: SafetyDetail) -> Iterator[Row]:
    """Events (not patients) per 100 patient-months on the index treatment, by arm, with the ratio of two."""
    dosed = ~np.isnan(found.exposure_days)
    months = np.where(dosed, found.exposure_days, 0.0) / protocol.conventions.days_per_month
    arms = {a: cohort.in_arm(a) & dosed for a in protocol.arms.groups}
    time = {a: float(months[m].sum()) for a, m in arms.items()}
    for arm, mask in arms.items():
        yield Row("safety", "patient_months", time[arm], "exposure", "unadjusted", group=arm, n=float(mask.sum()))
    if min(time.values()) <= 0:
        return
    single = [c for term, c in found.counts.items() if term not in found.composites]
    counts = {ALL: np.sum(single, axis=0), **dict(sorted(found.counts.items(), key=lambda i: (-int(i[1].sum()), i[0])))}
    for term, count in counts.items():
        base = {"phase": "safety", "design": "unadjusted", "analysis": "rate_per_100_months", "variable": term}
        events = {a: int(count[m].sum()) for a, m in arms.items()}
        for arm in arms:
            r = stats.poisson_rate(events[arm], time[arm], per=PER_MONTHS, conf_level=protocol.level)
            size = {"n": float(arms[arm].sum()), "events": float(events[arm])}
            yield Row(
                **base, statistic="rate", value=r.estimate, low=r.low, high=r.high, group=arm, method=r.method, **size
            )  # fmt: skip
        if len(protocol.arms.groups) != 2:  # of several arms each ratio stands in its comparison
            continue
        order = (protocol.arms.compared, protocol.arms.reference)
        ratio = stats.rate_ratio(tuple(events[a] for a in order), tuple(time[a] for a in order), conf_level=protocol.level)
        more = {**base, "contrast": protocol.arms.contrast, "method": ratio.method, "events": float(sum(events.values()))}
        yield Row(**more, statistic="rate_ratio", value=ratio.ratio, low=ratio.low, high=ratio.high)
        yield Row(**more, statistic="p", value=ratio.p)


def _first_event(protocol: Protocol, cohort: Cohort, found: SafetyDetail, name: str) -> tuple[list[Row], dict[str, Curve]]:
    """Cumulative incidence (Aalen-Johansen) of the first event by arm, death before it competing; Gray's test of two."""
    first = found.first[name]
    known = ~np.isnan(first.time)
    arms = {a: cohort.in_arm(a) & known for a in protocol.arms.groups}
    if not all(m.any() for m in arms.values()) or not (first.cause[known] == 1).any():
        return [], {}
    fit = stats.cumulative_incidence(first.time[known], first.cause[known], cohort.arm[known], conf_level=protocol.level)
    base = {"phase": "safety", "design": "unadjusted", "analysis": "cumulative_incidence", "variable": name}
    rows, curves = [], {}
    for arm, mask in arms.items():
        own = mask & (first.cause == 1)
        size = {"group": arm, "n": float(mask.sum()), "events": float(own.sum())}
        curve = fit.curve(1, arm)
        for month in INCIDENCE_MONTHS:
            day = month * protocol.conventions.days_per_month
            if day <= first.time[mask].max():
                at = curve.at([day])
                rows.append(
                    Row(
                        **base,
                        statistic="incidence",
                        value=float(at.incidence[0]),
                        low=float(at.low[0]),
                        high=float(at.high[0]),
                        level=f"{month:g} month" + ("" if month == 1 else "s"),
                        method=fit.method,
                        **size,
                    )  # fmt: skip
                )
        rows.append(Row(**base, statistic="deaths_before", value=float((mask & (first.cause == 2)).sum()), **size))
        curves[f"safety.first.{name}.{arm}"] = Curve(f"safety_{name}", "unadjusted", "all", arm, curve)
    if not protocol.arms.single:
        test = fit.test(1)
        total = {"n": float(known.sum()), "events": float((first.cause[known] == 1).sum())}
        rows.append(Row(**base, statistic="p", value=test.p, method=test.method, **total))
    return rows, curves


def _laboratory(protocol: Protocol, cohort: Cohort, found: SafetyDetail) -> Iterator[Row]:
    """Treatment-emergent laboratory grades among patients whose values could be graded."""
    order = sorted(found.laboratory, key=lambda t: (-int((found.laboratory[t] > 0).sum()), t))
    for analysis, (low, high) in {"lab_any_grade": (1, 5), "lab_grade_3_4": (3, 4)}.items():
        for term in order:
            grade = found.laboratory[term]
            yield from count_rows(protocol, cohort, analysis, term, (grade >= low) & (grade <= high), grade >= 0)
