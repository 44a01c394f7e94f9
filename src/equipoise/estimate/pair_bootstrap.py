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
    pair = s.sample.pair[s.mask]
    names = np.unique(pair)
    asked = s.sample.design in s.protocol.designs and s.endpoint in s.protocol.main_endpoints
    if not asked or len(names) >= ENOUGH_PAIRS or not usable(fit, 0):
        return
    found = np.array([h for h in _resampled(s, treated, pair, names) if h is not None])
    method = f"{fit.method}; marginal, limits of the pair bootstrap ({RESAMPLES:,} resamples, seed {SEED})"
    low = high = float("nan")
    lost = RESAMPLES - len(found)
    if lost > MOST_LOST * RESAMPLES:
        method += f": no limits, {lost} resamples have no estimate"
    else:
        # of logarithms, so that the limits invert exactly with the reference
        low, high = np.exp(np.quantile(np.log(found), [(1 - s.protocol.level) / 2, (1 + s.protocol.level) / 2]))
    base = {
        "analysis": "cox_pair_bootstrap",
        "contrast": s.protocol.arms.contrast,
        "n": float(fit.n),
        "events": float(fit.n_events),
    }
    yield s.row("hr", fit.hr[0], low=float(low), high=float(high), method=method, **base)


def _resampled(s: Setting, treated: np.ndarray, pair: np.ndarray, names: np.ndarray) -> Iterator[float | None]:
    """The hazard ratio in each resample; None where it has none."""
    time, event = s.outcome.time[s.mask], s.outcome.event[s.mask]
    hazard = s.sample.baseline_hazard
    hazard = None if hazard is None else hazard[s.mask]
    members = [np.flatnonzero(pair == name) for name in names]
    draw = np.random.default_rng(SEED)
    for _ in range(RESAMPLES):
        rows = np.concatenate([members[i] for i in draw.integers(0, len(members), len(members))])
        if not event[rows].any():
            yield None
            continue
        strata = None if hazard is None else hazard[rows]
        fit = stats.cox(time[rows], event[rows], treated[rows], ties=s.protocol.cox.ties, strata=strata)
        yield float(fit.hr[0]) if usable(fit, 0) else None
