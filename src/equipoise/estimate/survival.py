"""Kaplan-Meier curves, log-rank tests and follow-up of each endpoint in a design and population. Times in days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from equipoise import stats
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Curve, Row, Sample, TimeToEvent

TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Setting:
    """One analysis: an endpoint in a sample."""

    protocol: Protocol
    cohort: Cohort
    sample: Sample
    endpoint: str
    outcome: TimeToEvent

    def row(self, statistic: str, value: float, **more: object) -> Row:
        return Row(
            phase="survival", statistic=statistic, value=float(value), design=self.sample.design,
            endpoint=self.endpoint, population=self.sample.population, **more,
        )  # fmt: skip

    def arm(self, arm: str) -> Sample:
        """The patients of an arm; of `total` all."""
        return self.sample if arm == TOTAL else self.sample.among(self.cohort.in_arm(arm))

    def among(self, mask: np.ndarray, population: str = "") -> Setting:
        """The same analysis of these patients only."""
        return replace(self, sample=self.sample.among(mask, population))

    @property
    def mask(self) -> np.ndarray:
        """Who counts, bool per patient."""
        return self.sample.include

    @property
    def n(self) -> float:
        return float(self.sample.n)

    @property
    def n_events(self) -> float:
        return float(self.outcome.event[self.mask].sum())


def kaplan_meier(protocol: Protocol, sample: Sample, time: np.ndarray, event: np.ndarray, reverse: bool = False):
    """The curve of a sample, with its weights: limits then by the infinitesimal jackknife, a patient being the unit, as
    survfit(weights=, robust=TRUE) of R. time, event: of all patients of the cohort. reverse: of the follow-up."""
    estimate = stats.reverse_kaplan_meier if reverse else stats.kaplan_meier
    return estimate(
        time[sample.include], event[sample.include], weight=sample.weights, robust=True if sample.weighted else None,
        conf_type=protocol.conventions.interval_type, conf_level=protocol.level,
    )  # fmt: skip


def curves(s: Setting) -> dict[str, Curve]:
    """One curve per arm, by key endpoint.design.population.arm."""
    found = {}
    for arm in s.protocol.arms.groups:
        part = s.arm(arm)
        if part.n:
            fit = kaplan_meier(s.protocol, part, s.outcome.time, s.outcome.event)
            key = f"{s.endpoint}.{part.design}.{part.population}.{arm}"
            found[key] = Curve(s.endpoint, part.design, part.population, arm, fit, part.weighted)
    return found


def curve_rows(s: Setting, found: dict[str, Curve]) -> Iterator[Row]:
    """Medians with limits and survival at the landmarks, per arm; events are counted without weights."""
    conventions = s.protocol.conventions
    method = f"Kaplan-Meier, {conventions.interval_type} limits"
    if s.sample.weighted:
        method = f"weighted {method}, infinitesimal jackknife variance"
    for curve in found.values():
        mask = s.arm(curve.group).include
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
    """Log-rank test of the two arms, if there are two, both with patients, and somebody has the event. None of a weighted sample:
    the variance of the test takes weights for numbers of patients, so that its P would depend on their scale."""
    arms = [s.arm(a) for a in s.protocol.arms.groups]
    if s.sample.weighted or len(arms) < 2 or not all(a.n for a in arms) or s.n_events == 0:
        return
    test = stats.logrank(s.outcome.time[s.mask], s.outcome.event[s.mask], s.cohort.arm[s.mask])
    base = {"analysis": "logrank", "n": s.n, "events": s.n_events, "method": test.method}
    yield s.row("chi2", test.chi2, **base)
    yield s.row("p", test.p, **base)


def follow_up_rows(s: Setting) -> Iterator[Row]:
    """Observed time (quartiles, all patients) and follow-up by reverse Kaplan-Meier, total and by arm; events in total."""
    for group in (TOTAL, *s.protocol.arms.groups):
        part = s.arm(group)
        if not part.n:
            continue
        time, event = s.outcome.time[part.include], s.outcome.event[part.include]
        base = {"group": group, "n": float(part.n), "events": float(event.sum())}
        if part.weighted and group == TOTAL:  # how much one arm weighs against the other is no property of the patients
            yield s.row("events", event.sum(), analysis="event_count", **base)
            continue
        quartiles, method = quantiles(s.protocol, time, [0.25, 0.5, 0.75], part.weights)
        for name, number in zip(("q1", "median", "q3"), quartiles, strict=True):
            yield s.row(name, number, analysis="observed_time", method=f"{method} of the observed times", **base)
        reverse = kaplan_meier(s.protocol, part, s.outcome.time, s.outcome.event, reverse=True)
        median = reverse.quantile(0.5, rule=s.protocol.conventions.median_rule)
        yield s.row(
            "median", median.value, low=float(median.low), high=float(median.high), analysis="follow_up",
            method=f"{'weighted ' if part.weighted else ''}reverse Kaplan-Meier", **base,
        )  # fmt: skip
        yield s.row("events", event.sum(), analysis="event_count", **base)
        share = float(np.average(event, weights=part.weights))
        yield s.row("percent", 100.0 * share, analysis="event_count", **base)


def quantiles(protocol: Protocol, value: np.ndarray, p: list[float], weight: np.ndarray | None) -> tuple[np.ndarray, str]:
    """Quantiles of the values, with the words for their definition. With weights: type 2 of the weighted distribution, the same
    under every profile (SAS PCTLDEF=5 with WEIGHT; svyquantile of R with qrule='hf2')."""
    if weight is None:
        kind = protocol.conventions.quantile_type
        return stats.quantile(value, p, kind=kind), f"quantile type {kind}"
    return stats.weighted_quantile(value, weight, p), "weighted quantile type 2"


def source_rows(s: Setting) -> Iterator[Row]:
    """How many events and censorings each source decided, total and by arm: counts of patients, so none of a weighted sample."""
    for group in () if s.sample.weighted else (TOTAL, *s.protocol.arms.groups):
        mask = s.arm(group).include
        for source in sorted({str(x) for x in set(s.outcome.source[s.mask].tolist()) if x}):
            hit = mask & (s.outcome.source == source)
            yield s.row("n", hit.sum(), analysis="decided_by", variable=source, group=group, n=float(mask.sum()))
