"""The hazard ratio over resamples of the patients in which the match was made again."""

from __future__ import annotations

import numpy as np

from equipoise import stats
from equipoise.estimate.estimable import usable
from equipoise.estimate.pair_bootstrap import MOST_LOST
from equipoise.estimate.survival import Setting
from equipoise.records import Rematched, Row

BLOCK = 1_000_000  # patients times resamples taken at once


def rematched_rows(s: Setting, again: Rematched, planned: Row) -> list[Row]:
    """The planned hazard ratio with percentile limits (quantiles of type 7) over the resamples; the standard deviation of the
    logarithms; and in how many there was an estimate. planned: the hazard ratio in the design.

    What is measured is how far the estimate hangs on who was in the study, score and match included. Of a match without
    replacement the simple bootstrap is not known to be valid, and tends to be conservative (Abadie & Imbens, Econometrica
    2008;76:1537-1557; Austin & Small, Stat Med 2014;33:4306-4319).
    """
    found = _log_hrs(s, again)
    base = {"analysis": "bootstrap_match", "n": planned.n, "events": planned.events}
    method = f"{planned.method}; limits of the bootstrap with the match inside ({again.draws:,} resamples, seed {again.seed})"
    low = high = spread = float("nan")
    lost = again.draws - len(found)
    if lost > MOST_LOST * again.draws or len(found) < 2:
        method += f": no limits, {lost} resamples have no estimate"
    else:
        low, high = np.exp(np.quantile(found, [(1 - s.protocol.level) / 2, (1 + s.protocol.level) / 2]))
        spread = float(np.std(found, ddof=1))
    limits = {"low": float(low), "high": float(high), "contrast": s.protocol.arms.contrast}
    rows = [s.row("hr", planned.value, method=method, **limits, **base)]
    facts = {"log_se": spread, "resamples": float(len(found))}
    return [*rows, *(s.row("value", value, variable=name, method=method, **base) for name, value in facts.items())]


def _log_hrs(s: Setting, again: Rematched) -> np.ndarray:
    """The log hazard ratio in each resample that has one."""
    if s.sample.weighted or s.sample.baseline_hazard is not None:
        return np.array([h for h in (_log_hr(s, *match) for match in again.matches) if h is not None])
    treated, n = s.cohort.in_arm(s.protocol.arms.compared), s.cohort.n
    found = [np.zeros(0)]
    for first in range(0, len(again.matches), max(1, BLOCK // n)):
        part = again.matches[first : first + max(1, BLOCK // n)]
        counts = np.array([np.bincount(rows, minlength=n) for rows, _ in part])
        found.append(stats.cox_resampled(s.outcome.time, s.outcome.event, treated, counts, ties=s.protocol.cox.ties))
    every = np.concatenate(found)
    return every[np.isfinite(every)]


def _log_hr(s: Setting, rows: np.ndarray, weight: np.ndarray) -> float | None:
    """The log hazard ratio among these patients, as often as they are named; None where it has none."""
    hazard = s.sample.baseline_hazard
    if hazard is not None:
        known = hazard[rows] >= 0
        rows, weight = rows[known], weight[known]
    treated = s.cohort.in_arm(s.protocol.arms.compared)[rows]
    event = s.outcome.event[rows]
    if not event.any() or treated.all() or not treated.any():
        return None
    fit = stats.cox(
        s.outcome.time[rows], event, treated[:, None].astype(float), ties=s.protocol.cox.ties,
        weight=weight if s.sample.weighted else None, strata=None if hazard is None else hazard[rows],
    )  # fmt: skip
    return float(fit.coef[0]) if usable(fit, 0) else None
