"""Standardised survival curves, with their bootstrap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .clusters import codes_of, resamples
from .quantiles import quantile
from .tails import two_sided_z
from .validation import ArrayError, probability, require, whole

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class StandardisedMeans:
    """Restricted means of two standardised curves up to a horizon, in the unit of time; standard errors and percentile limits of
    the difference (treated less control) by bootstrap, nan without replicates."""

    horizon: float
    treated: float
    control: float
    difference: float
    se_treated: float
    se_control: float
    se: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class StandardisedCurves:
    """Standardised survival at k times; standard errors and percentile limits by bootstrap.

    Attributes
    ----------
    times, treated, control, difference : float ndarray, shape (k,)
    se_treated, se_control, se : float ndarray, shape (k,)
        nan without replicates; `se` of the difference.
    low, high : float ndarray, shape (k,)
        Percentile limits of the difference (definition 7); nan without replicates.
    wald_low, wald_high : float ndarray, shape (k,)
        Difference less and plus its standard error times the normal quantile.
    replicates, failed : int
        Resamples that gave an estimate, and those in which the model could not be fitted.
    means : StandardisedMeans or None
        Where a horizon was given.
    """

    times: Floats
    treated: Floats
    control: Floats
    difference: Floats
    se_treated: Floats
    se_control: Floats
    se: Floats
    low: Floats
    high: Floats
    wald_low: Floats
    wald_high: Floats
    replicates: int
    failed: int
    seed: int
    conf_level: float
    method: str
    means: StandardisedMeans | None = None

    def __str__(self) -> str:
        rows = zip(self.times, self.treated, self.control, self.difference, self.low, self.high, strict=True)
        return "\n".join(
            [self.method, *(f"  {t:g}: {a:.4f} less {b:.4f} = {d:.4f} ({x:.4f} to {y:.4f})" for t, a, b, d, x, y in rows)]
        )


def bootstrapped(
    curves: Callable[[NDArray[np.intp]], Floats],
    n: int,
    times: Floats,
    cluster: ArrayLike | None,
    replicates: int,
    seed: int,
    conf_level: float,
    model: str,
    horizon: float | None = None,
    linear: bool = False,
) -> StandardisedCurves:
    """Curves of all rows, and their spread over resamples of rows or clusters.

    curves: gives survival (treated, control), shape (2, k), of the chosen rows; an ArrayError in a resample is counted as failed.
    horizon: of restricted means; between `times`, which then ascend, survival is a step function, or `linear`.
    """
    require(horizon is None or bool(0 < horizon < np.inf and (np.diff(times) > 0).all()), "a horizon is positive, times ascend.")
    level, draws, seed = probability(conf_level, "conf_level"), whole(replicates, "replicates"), whole(seed, "seed")
    found = curves(np.arange(n))
    kept: list[Floats] = []
    failed = 0
    for rows in resamples(n, codes_of(cluster, n), draws, seed):
        try:
            kept.append(curves(rows))
        except ArrayError:
            failed += 1
    difference, z = found[0] - found[1], two_sided_z(level)
    se1 = se0 = se = low = high = np.full(times.size, np.nan)
    if len(kept) > 1:
        drawn = np.array(kept)
        moved = drawn[:, 0] - drawn[:, 1]
        se1, se0, se = (x.std(axis=0, ddof=1) for x in (drawn[:, 0], drawn[:, 1], moved))
        low, high = (np.array([quantile(x, p) for x in moved.T]) for p in ((1 - level) / 2, (1 + level) / 2))
    method = f"Survival standardized by {model} (g-formula)"
    if draws:
        method += f", {len(kept)} bootstrap samples, seed {seed}"
    return StandardisedCurves(
        times, found[0], found[1], difference, se1, se0, se, low, high, difference - z * se, difference + z * se,
        len(kept), failed, seed, level, method, None if horizon is None else _means(found, kept, times, horizon, linear, level),
    )  # fmt: skip


def _means(found: Floats, kept: list[Floats], times: Floats, horizon: float, linear: bool, level: float) -> StandardisedMeans:
    treated, control = _areas(found, times, horizon, linear)
    se1 = se0 = se = low = high = float("nan")
    if len(kept) > 1:
        drawn = np.array([_areas(curves, times, horizon, linear) for curves in kept])
        moved = drawn[:, 0] - drawn[:, 1]
        se1, se0, se = (float(x.std(ddof=1)) for x in (drawn[:, 0], drawn[:, 1], moved))
        low, high = (float(quantile(moved, p)) for p in ((1 - level) / 2, (1 + level) / 2))
    return StandardisedMeans(horizon, float(treated), float(control), float(treated - control), se1, se0, se, low, high)


def _areas(curves: Floats, times: Floats, horizon: float, linear: bool) -> Floats:
    """Area under each curve, which begins at 1, up to the horizon."""
    inside = times < horizon
    corners = np.concatenate(([0.0], times[inside], [horizon]))
    heights = np.column_stack((np.ones(len(curves)), curves[:, inside]))
    if not linear:
        return heights @ np.diff(corners)
    last = np.array([np.interp(horizon, np.append(0.0, times), np.append(1.0, row)) for row in curves])
    return np.asarray(np.trapezoid(np.column_stack((heights, last)), corners, axis=1))
