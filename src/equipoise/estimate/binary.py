"""Binary endpoints in a design: risk of each arm, risk difference, risk ratio and odds ratio, marginal."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from equipoise import stats
from equipoise.estimate.other_scales import NORMAL, comparable, effect_row
from equipoise.estimate.survival import Setting
from equipoise.protocol.spec import Protocol
from equipoise.records import BinaryOutcome, Cohort, Outcomes, Row, Sample, TimeToEvent
from equipoise.records.reasons import not_estimable

EMPTY_CELL = "nobody, or everybody, of an arm has the event"


def binary_rows(protocol: Protocol, cohort: Cohort, sample: Sample, outcomes: Outcomes) -> Iterator[Row]:
    """Each binary endpoint among the patients of a design in whom it is known; how many are unknown stands beside, by arm and
    reason."""
    for name, outcome in outcomes.binary.items():
        endpoint = protocol.binary_endpoints[name]
        known = ~np.isnan(outcome.happened)
        happened = np.where(known, outcome.happened, 0.0)
        times = TimeToEvent(happened, happened.astype(int), outcome.unknown, endpoint.label, endpoint.short)
        s = Setting(protocol, cohort, sample, name, times)
        yield from _unknown(s, outcome)
        yield from _risks(s.among(known))


def _unknown(s: Setting, outcome: BinaryOutcome) -> Iterator[Row]:
    for why in dict.fromkeys(str(x) for x in outcome.unknown[s.mask] if x):
        for arm in s.protocol.arms.groups:
            mine = s.arm(arm).include
            n = float((mine & (outcome.unknown == why)).sum())
            yield effect_row(s, "n", n, analysis="risk", variable="unknown", level=why, group=arm, n=float(mine.sum()))


def _risks(s: Setting) -> Iterator[Row]:
    """Marginal risks (percent) with limits on the logit scale as of a proportion, contrasts with robust limits; clustered and
    weighted as the sample asks. events and n count patients."""
    if not comparable(s):
        return
    protocol, arms = s.protocol, s.protocol.arms
    happened = s.outcome.event
    for arm in arms.groups:
        part = s.arm(arm)
        weights = part.weights if part.weighted else np.ones(part.n)
        share = stats.weighted_proportion(happened[part.include] == 1, weights, protocol.level)
        method = share.method if part.weighted else share.method.removeprefix("weighted ")
        yield effect_row(
            s, "percent", 100.0 * share.estimate, low=100.0 * share.low, high=100.0 * share.high, analysis="risk", group=arm,
            n=float(part.n), events=float(happened[part.include].sum()), method=method,
        )  # fmt: skip
    fit = stats.marginal_effects(
        happened[s.mask], s.cohort.in_arm(arms.compared)[s.mask],
        weight=s.sample.weights, cluster=s.sample.clusters, conf_level=protocol.level,
    )  # fmt: skip
    base = {"analysis": "risk", "contrast": arms.contrast, "n": s.n, "events": s.n_events}
    measures = (("difference", "p", fit.difference), ("ratio", "p_ratio", fit.ratio), ("odds_ratio", "p_odds", fit.odds_ratio))
    for statistic, p, found in measures:
        if math.isnan(found.low):
            yield effect_row(s, statistic, math.nan, method=not_estimable(EMPTY_CELL, fit.method), **base)
            continue
        yield effect_row(s, statistic, found.estimate, low=found.low, high=found.high, method=fit.method, **base)
        yield effect_row(s, p, found.p, method=NORMAL if statistic == "difference" else f"{NORMAL}, log scale", **base)
