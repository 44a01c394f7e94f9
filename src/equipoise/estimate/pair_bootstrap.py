"""The hazard ratio of a matched comparison with the interval of the pair bootstrap, where the pairs are few."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from equipoise import stats
from equipoise.estimate.estimable import usable
from equipoise.estimate.survival import Setting
from equipoise.records import Row

RESAMPLES, SEED = 1_000, 1
ENOUGH_PAIRS = 20  # from here on the cluster-robust standard error by pair is trusted alone
MOST_LOST = 0.05  # share of resamples without an estimate, beyond which there is no interval


def pair_bootstrap_rows(s: Setting, fit: stats.CoxFit, treated: np.ndarray) -> Iterator[Row]:
    """Percentile limits (quantiles of type 7) over resamples of whole pairs with replacement, the model refitted in each.

    fit: the marginal model of the matched patients. treated: its one column, shape (n, 1). Of main endpoints
    and the declared matches; nothing from ENOUGH_PAIRS pairs on.
    Austin & Small, Stat Med 2014;33:4306-4319 (bootstrap of the matched pairs).
    """
    asked = s.sample.design in s.protocol.designs and s.endpoint in s.protocol.main_endpoints
    pair = s.sample.pair[s.mask]
    if not asked or len(pair) >= 2 * ENOUGH_PAIRS or not usable(fit, 0):
        return
    names = np.unique(pair)
    if len(names) >= ENOUGH_PAIRS:
        return
    logs = _log_ratios(s, treated, pair, names)
    found = logs[~np.isnan(logs)]
    method = f"{fit.method}; marginal, limits of the pair bootstrap ({RESAMPLES:,} resamples, seed {SEED})"
    low = high = float("nan")
    lost = RESAMPLES - len(found)
    if lost > MOST_LOST * RESAMPLES:
        method += f": no limits, {lost} resamples have no estimate"
    else:
        # of logarithms, so that the limits invert exactly with the reference
        low, high = np.exp(np.quantile(found, [(1 - s.protocol.level) / 2, (1 + s.protocol.level) / 2]))
    base = {
        "analysis": "cox_pair_bootstrap",
        "contrast": s.protocol.arms.contrast,
        "n": float(fit.n),
        "events": float(fit.n_events),
    }
    yield s.row("hr", fit.hr[0], low=float(low), high=float(high), method=method, **base)


def _log_ratios(s: Setting, treated: np.ndarray, pair: np.ndarray, names: np.ndarray) -> np.ndarray:
    """The log hazard ratio in each resample; nan where it has none."""
    counts = _counts(pair, names)
    time, event = s.outcome.time[s.mask], s.outcome.event[s.mask]
    hazard, ties = s.sample.baseline_hazard, s.protocol.cox.ties
    if hazard is None and ties in ("efron", "breslow"):
        return stats.cox_resampled(time, event, treated[:, 0], counts, ties=ties)
    strata = None if hazard is None else hazard[s.mask]
    return np.array([_log_ratio(time, event, treated, strata, ties, np.repeat(np.arange(len(time)), c)) for c in counts])


def _counts(pair: np.ndarray, names: np.ndarray) -> np.ndarray:
    """How often each patient is in each resample, shape (RESAMPLES, patients)."""
    draw = np.random.default_rng(SEED)
    drawn = [np.bincount(draw.integers(0, len(names), len(names)), minlength=len(names)) for _ in range(RESAMPLES)]
    return np.array(drawn)[:, np.searchsorted(names, pair)]


def _log_ratio(
    time: np.ndarray, event: np.ndarray, treated: np.ndarray, strata: np.ndarray | None, ties: str, rows: np.ndarray
) -> float:
    if not event[rows].any():
        return float("nan")
    fit = stats.cox(time[rows], event[rows], treated[rows], ties=ties, strata=None if strata is None else strata[rows])
    return float(np.log(fit.hr[0])) if usable(fit, 0) else float("nan")
