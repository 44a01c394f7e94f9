"""Sensitivity to time: a hazard ratio that may change, events that were seen at a scan only, a log-rank test by permutation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from equipoise import stats
from equipoise.estimate.effects import strata_of, treatment_rows, with_stratum
from equipoise.estimate.estimable import usable
from equipoise.estimate.survival import Setting
from equipoise.records import Row, VisitResponses
from equipoise.records.reasons import not_estimable

Found = tuple[list[Row], str]
NO_EVENT = "nobody has the event"
NOT_SEEN = "no endpoint has events that a scan shows"


def compared(s: Setting) -> np.ndarray:
    """1 in the compared arm, of those who count."""
    return s.cohort.in_arm(s.protocol.arms.compared)[s.mask].astype(float)


def piecewise_rows(s: Setting) -> Found:
    """Hazard ratios up to and after a day, declared or the median time of the events, from one model with robust variance where
    the design asks for it, and a Wald test that they are one. An event on the day belongs to the time before."""
    s = with_stratum(s)
    if s.n_events == 0:
        return [], NO_EVENT
    time, event, treated = s.outcome.time[s.mask], s.outcome.event[s.mask], compared(s)
    declared = s.protocol.sensitivity.split
    day = declared * s.protocol.days_per_unit if declared is not None else float(np.median(time[event == 1]))
    split = stats.split_at(time, event, np.full(len(time), day))
    on, arm = split.on, treated[split.row]
    weights, clusters, strata = s.sample.weights, s.sample.clusters, strata_of(s.sample)
    fit = stats.cox(
        split.time, split.event, np.column_stack([arm * (1 - on), arm * on]), entry=split.entry, ties=s.protocol.cox.ties,
        weight=None if weights is None else weights[split.row], cluster=None if clusters is None else clusters[split.row],
        strata=None if strata is None else strata[split.row], conf_level=s.protocol.level,
    )  # fmt: skip
    method = f"{fit.method}; hazard ratio before and after day {day:g}, {s.sample.words.hazard_ratio}"
    rule = "declared" if declared is not None else "median time of the events"
    base = {"analysis": "piecewise", "contrast": s.protocol.arms.contrast}
    rows = [s.row("value", day, analysis="piecewise", variable="split", method=rule)]
    for k, variable in enumerate(("before", "after")):
        here = on == k
        counts = {"n": float(len(np.unique(split.row[here]))), "events": float(split.event[here].sum())}
        if usable(fit, k):
            limits = {"low": float(fit.low[k]), "high": float(fit.high[k])}
            rows.append(s.row("hr", fit.hr[k], variable=variable, method=method, **limits, **counts, **base))
            rows.append(s.row("p", fit.p[k], variable=variable, method="Wald test", **counts, **base))
        else:
            why = not_estimable("an arm has no event in this part", method)
            rows += [s.row(x, np.nan, variable=variable, method=why, **counts, **base) for x in ("hr", "p")]
    change = fit.contrast([-1.0, 1.0]) if usable(fit, 0) and usable(fit, 1) else None
    p = np.nan if change is None else change.p
    rows.append(s.row("p", p, variable="change", method="Wald test that both are one", n=s.n, events=s.n_events, **base))
    return rows, ""


def permutation_rows(s: Setting) -> Found:
    """Log-rank test by permuting the arms, of all patients of the sample without regard to pairs."""
    if s.sample.weighted:
        return [], "the primary design is weighted, and its weights belong to the arms"
    if s.n_events == 0:
        return [], NO_EVENT
    test = stats.logrank_permutation(s.outcome.time[s.mask], s.outcome.event[s.mask], compared(s).astype(int))
    pairs = ", without regard to pairs" if s.sample.paired else ""
    return [s.row("p", test.p, analysis="permutation", n=s.n, events=s.n_events, method=f"{test.method}{pairs}")], ""


def interval_rows(s: Setting, responses: VisitResponses) -> Found:
    """Of an endpoint with events that a scan shows, which lie between the scan before and that scan: the hazard ratio with these
    events halfway between the two, and Turnbull's median of each arm."""
    seen = _shown_by_scan(s)
    if not seen.any():
        return [], NOT_SEEN
    before = _scan_before(s, responses)
    halfway = np.where(seen, (before + s.outcome.time) / 2, s.outcome.time)
    rows = []
    for row in treatment_rows(replace(s, outcome=replace(s.outcome, time=halfway))):
        if row.analysis != "cox":
            break
        rows.append(replace(row, analysis="scan_midpoint", method=f"{row.method}; events of scans halfway to the scan before"))
    event = s.outcome.event == 1
    left = np.where(seen, before, s.outcome.time)
    right = np.where(event, s.outcome.time, np.inf)
    for arm in s.protocol.arms.groups:
        part = s.arm(arm)
        if part.n:
            curve = stats.turnbull(left[part.include], right[part.include], weight=part.weights)
            low, high = curve.quantile(0.5)
            counts = {"n": float(part.n), "events": float(s.outcome.event[part.include].sum())}
            ends = {"low": low, "high": high if np.isfinite(high) else np.nan}
            told = "the median lies between the limits; value: their middle"
            middle = (low + high) / 2 if np.isfinite(high) else np.nan
            more = {"analysis": "interval_censored", "group": arm, "method": f"{curve.method}; {told}"}
            rows.append(s.row("median", middle, **ends, **counts, **more))
    return rows, ""


def _shown_by_scan(s: Setting) -> np.ndarray:
    """bool per patient: an event decided by a source of visit responses."""
    sources = [n for n, source in s.protocol.sources.items() if source.table == "visit_response"]
    return (s.outcome.event == 1) & np.isin(s.outcome.source.astype(str), sources) & s.mask


def _scan_before(s: Setting, responses: VisitResponses) -> np.ndarray:
    """Day of the last evaluable scan before the time of each patient, 0 where there is none."""
    before = np.zeros(len(s.cohort.patient))
    counted = responses.answered & (responses.day > 0) & (responses.day < s.outcome.time[responses.patient])
    np.maximum.at(before, responses.patient[counted], responses.day[counted])
    return before
