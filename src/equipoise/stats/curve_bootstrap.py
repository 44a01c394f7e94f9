"""Standardised survival curves, with their bootstrap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .clusters import codes_of, resamples
from .quantiles import quantile
from .tails import two_sided_z
from .validation import ArrayError, probability, whole

Floats = NDArray[np.float64]


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
) -> StandardisedCurves:
    """Curves of all rows, and their spread over resamples of rows or clusters.

    curves: gives survival (treated, control), shape (2, k), of the chosen rows; an ArrayError in a resample is counted as failed.
    """
    level, draws, seed = probability(conf_level, "conf_level"), whole(replicates, "replicates"), whole(seed, "seed")
    found = curves(np.arange(n))
    kept, failed = [], 0
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
    method = f"Survival standardised by {model} (g-formula)"
    if draws:
        method += f", {len(kept)} bootstrap samples, seed {seed}"
    return StandardisedCurves(
        times, found[0], found[1], difference, se1, se0, se, low, high, difference - z * se, difference + z * se,
        len(kept), failed, seed, level, method,
    )  # fmt: skip
