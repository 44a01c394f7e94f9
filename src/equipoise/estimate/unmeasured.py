"""What was not measured: how strong a confounder must be to explain an estimate away, and what a named one would do."""

from __future__ import annotations

import numpy as np

from equipoise import stats
from equipoise.estimate.bundle_time import compared
from equipoise.estimate.survival import Setting
from equipoise.records import Row
from equipoise.stats.e_values import COMMON

Found = tuple[list[Row], str]
NO_RATIO = "there is no hazard ratio"
TWICE = 2.0  # risk ratios of the confounder of the bounding factor, with treatment and with the outcome


def unmeasured_rows(s: Setting, planned: tuple[Row, Row] | None) -> Found:
    """E-values of the hazard ratio and of its nearer limit, by the form for common outcomes where more than 15 % of an arm have
    the event; and the hazard ratio moved towards 1 by the bounding factor of a confounder with two risk ratios of 2."""
    if planned is None:
        return [], NO_RATIO
    hr = planned[0]
    risk = max(_share(s, arm) for arm in s.protocol.arms.groups)
    measure = "hazard ratio, common" if risk > COMMON else "hazard ratio, rare"
    found = stats.e_value(hr.value, hr.low, hr.high, measure=measure, risk=risk)
    counts = {"n": hr.n, "events": hr.events}
    method = f"{found.method}; the event in {100 * risk:.0f}% of the arm with more"
    rows = [
        s.row("value", found.estimate, analysis="e_value", variable="estimate", method=method, **counts),
        s.row("value", found.limit, analysis="e_value", variable="limit", method=method, **counts),
    ]
    factor = stats.bounding_factor(TWICE, TWICE)
    moved = stats.adjusted_for(hr.value, factor if hr.value >= 1 else 1 / factor, hr.low, hr.high)
    told = (
        f"moved towards 1 by the bounding factor {factor:.4g} of a confounder with risk ratios of {TWICE:g} with the "
        "treatment and with the outcome; the hazard ratio is taken as a risk ratio"
    )
    limits = {"low": moved.low, "high": moved.high, "contrast": s.protocol.arms.contrast}
    rows.append(s.row("hr", moved.estimate, analysis="bounding", method=told, **limits, **counts))
    return rows, ""


def _share(s: Setting, arm: str) -> float:
    """With the event, of an arm, weighted as the sample is."""
    part = s.arm(arm)
    return float(np.average(s.outcome.event[part.include], weights=part.weights)) if part.n else 0.0


def confounder_rows(s: Setting, planned: tuple[Row, Row] | None) -> Found:
    """The hazard ratio with the bias of the declared confounder taken out; the share of the compared arm, and the hazard ratio of
    the confounder, at which the estimate would be 1 (nan where none would do). Exact for risk ratios, near for hazard ratios
    where events are few."""
    declared = s.protocol.sensitivity.confounder
    if declared is None:
        return [], "the protocol names no confounder"
    if planned is None:
        return [], NO_RATIO
    hr, arms = planned[0], s.protocol.arms
    share, other, ratio = declared.prevalence[arms.compared], declared.prevalence[arms.reference], declared.hazard_ratio
    bias = stats.confounder_bias(ratio, share, other)
    moved = stats.adjusted_for(hr.value, bias, hr.low, hr.high)
    counts = {"n": hr.n, "events": hr.events}
    told = f"{moved.method}: a bias of {bias:.4g}; the interval holds no doubt about the confounder"
    base = {"analysis": "confounder", **counts}
    rows = [s.row("hr", moved.estimate, low=moved.low, high=moved.high, contrast=arms.contrast, method=told, **base)]
    for variable, tip in (
        ("tipping_share", stats.tipping_share(hr.value, ratio, other)),
        ("tipping_ratio", stats.tipping_ratio(hr.value, share, other)),
    ):
        rows.append(s.row("value", tip.estimate, variable=variable, method=tip.method, **base))
    return rows, ""


def pair_rows(s: Setting) -> Found:
    """Of matched pairs: in how many the patient of either arm had the event first, the exact test of that (one-sided), and the
    odds of treatment within pairs up to which its P stays at most 0.05 (nan where it is above already)."""
    if not s.sample.paired:
        return [], "the primary design has no pairs"
    mask = s.mask
    first = stats.first_in_pairs(s.outcome.time[mask], s.outcome.event[mask], compared(s), s.sample.pair[mask])
    if not sum(first):
        return [], "no pair tells who had the event first"
    bounds = stats.rosenbaum_binary(*first, gamma=(1.0,))
    base = {"analysis": "pair_bounds", "n": s.n, "events": s.n_events}
    found = {"first_compared": float(first[0]), "first_reference": float(first[1]), "gamma": bounds.tipping}
    rows = [s.row("value", value, variable=name, method=bounds.method, **base) for name, value in found.items()]
    return [*rows, s.row("p", bounds.p_upper[0], method=f"{bounds.method} at odds of 1, one-sided", **base)], ""
