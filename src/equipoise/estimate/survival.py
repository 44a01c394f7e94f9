"""Kaplan-Meier curves, log-rank tests and follow-up of each endpoint in a design and population. Times in days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from equipoise import stats
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Curve, Design, Row, TimeToEvent

TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Setting:
    """One analysis population: an endpoint in a design, all patients of it or a subgroup. mask: bool per patient."""

    protocol: Protocol
    cohort: Cohort
    design: Design
    endpoint: str
    outcome: TimeToEvent
    mask: np.ndarray
    population: str = "all"

    def row(self, statistic: str, value: float, **more: object) -> Row:
        return Row(
            phase="survival", statistic=statistic, value=float(value), design=self.design.name,
            endpoint=self.endpoint, population=self.population, **more,
        )  # fmt: skip

    def arm(self, arm: str) -> np.ndarray:
        return self.mask & self.cohort.in_arm(arm)

    @property
    def n(self) -> float:
        return float(self.mask.sum())

    @property
    def n_events(self) -> float:
        return float(self.outcome.event[self.mask].sum())


def curves(s: Setting) -> dict[str, Curve]:
    """One curve per arm, by key endpoint.design.population.arm."""
    found = {}
    for arm in s.protocol.arms.groups:
        mask = s.arm(arm)
        if mask.any():
            fit = stats.kaplan_meier(
                s.outcome.time[mask],
                s.outcome.event[mask],
                conf_type=s.protocol.conventions.interval_type,
                conf_level=s.protocol.level,
            )
            key = f"{s.endpoint}.{s.design.name}.{s.population}.{arm}"
            found[key] = Curve(s.endpoint, s.design.name, s.population, arm, fit)
    return found


def curve_rows(s: Setting, found: dict[str, Curve]) -> Iterator[Row]:
    """Medians with limits and survival at the landmarks, per arm."""
    conventions = s.protocol.conventions
    method = f"Kaplan-Meier, {conventions.interval_type} limits"
    for curve in found.values():
        mask = s.arm(curve.group)
        n, events = float(mask.sum()), float(s.outcome.event[mask].sum())
        base = {"analysis": "kaplan_meier", "group": curve.group, "n": n, "events": events, "method": method}
        median = curve.fit.quantile(0.5, rule=conventions.median_rule)
        yield s.row("median", median.value, low=float(median.low), high=float(median.high), **base)
        yield s.row("events", events, **base)
        landmarks = s.protocol.landmark_days
        if landmarks:
            at = curve.fit.at(np.array(list(landmarks.values())))
            for i, label in enumerate(landmarks):
                if landmarks[label] <= s.outcome.time[mask].max():
                    yield s.row("survival", at.survival[i], low=float(at.low[i]), high=float(at.high[i]), level=label, **base)


def logrank_rows(s: Setting) -> Iterator[Row]:
    """Log-rank test of the two arms, if there are two, both with patients, and somebody has the event."""
    arms = [s.arm(a) for a in s.protocol.arms.groups]
    if len(arms) < 2 or not all(a.any() for a in arms) or s.n_events == 0:
        return
    test = stats.logrank(s.outcome.time[s.mask], s.outcome.event[s.mask], s.cohort.arm[s.mask])
    base = {"analysis": "logrank", "n": s.n, "events": s.n_events, "method": test.method}
    yield s.row("chi2", test.chi2, **base)
    yield s.row("p", test.p, **base)


def follow_up_rows(s: Setting) -> Iterator[Row]:
    """Observed time (quartiles, all patients) and follow-up by reverse Kaplan-Meier, total and by arm; events in total."""
    kind = s.protocol.conventions.quantile_type
    conf_type = s.protocol.conventions.interval_type
    rule = s.protocol.conventions.median_rule
    for group in (TOTAL, *s.protocol.arms.groups):
        mask = s.mask if group == TOTAL else s.arm(group)
        if not mask.any():
            continue
        time, event = s.outcome.time[mask], s.outcome.event[mask]
        base = {"group": group, "n": float(mask.sum()), "events": float(event.sum())}
        quartiles = stats.quantile(time, [0.25, 0.5, 0.75], kind=kind)
        for name, number in zip(("q1", "median", "q3"), quartiles, strict=True):
            yield s.row(name, number, analysis="observed_time", method=f"quantile type {kind} of the observed times", **base)
        reverse = stats.reverse_kaplan_meier(time, event, conf_type=conf_type, conf_level=s.protocol.level).quantile(
            0.5, rule=rule
        )
        yield s.row(
            "median", reverse.value, low=float(reverse.low), high=float(reverse.high), analysis="follow_up",
            method="reverse Kaplan-Meier", **base,
        )  # fmt: skip
        yield s.row("events", event.sum(), analysis="event_count", **base)
        yield s.row("percent", 100.0 * event.mean(), analysis="event_count", **base)


def source_rows(s: Setting) -> Iterator[Row]:
    """How many events and censorings each source decided, total and by arm."""
    for group in (TOTAL, *s.protocol.arms.groups):
        mask = s.mask if group == TOTAL else s.arm(group)
        for source in sorted({str(x) for x in s.outcome.source[s.mask] if x}):
            hit = mask & (s.outcome.source == source)
            yield s.row("n", hit.sum(), analysis="decided_by", variable=source, group=group, n=float(mask.sum()))
