"""Standardized mean differences between a treated (1) and a control (0) sample, by their named definitions."""

from __future__ import annotations

import math

import numpy as np

from .arrays import Array, ArrayLike, IntArray
from .validation import indicator, labels, one_of, require, sample, weights

DENOMINATORS = ("pooled", "treated", "control", "all", "hedges")


def smd_continuous(
    x1: ArrayLike,
    x0: ArrayLike,
    denominator: str = "pooled",
    reference: tuple[Array, Array] | None = None,
    *,
    weight1: ArrayLike | None = None,
    weight0: ArrayLike | None = None,
) -> float:
    """Standardized difference of means, (mean of x1 - mean of x0) / SD.

    Parameters
    ----------
    x1, x0 : array_like
        Values of the treated and of the controls.
    denominator : {"pooled", "treated", "control", "all", "hedges"}
        "pooled": root of the mean of both variances (Austin; tableone, SAS).  "treated", "control": SD of that sample
        (MatchIt for the ATT, ATC), "pooled" where it is 0, as MatchIt does.  "all": SD of both samples together.
        "hedges": SD pooled by degrees of freedom (Cohen's d).
    reference : pair of array_like, optional
        Samples (treated, control) whose SD is used, e.g. those before matching.  Default: `x1` and `x0`
        themselves, with their weights.
    weight1, weight0 : array_like, optional
        Weights of `x1` and `x0`; weighted variances are unbiased for reliability weights.

    Returns
    -------
    float
        nan where the SD is zero and the means differ, and where a sample of the SD holds one value only; 0 where the SD
        is zero and the means do not differ.

    References
    ----------
    Austin PC. Stat Med 2009;28:3083-3107.
    """
    one_of(denominator, DENOMINATORS, "denominator")
    x1, x0 = sample(x1, "x1"), sample(x0, "x0")
    w1, w0 = _weights(weight1, x1), _weights(weight0, x0)
    difference = _mean(x1, w1) - _mean(x0, w0)
    if reference is not None:
        x1, x0 = sample(reference[0], "reference[0]"), sample(reference[1], "reference[1]")
        w1 = w0 = None
    scale = _scale(x1, x0, w1, w0, denominator)
    if scale == 0 and denominator in ("treated", "control"):
        scale = _scale(x1, x0, w1, w0, "pooled")
    return _ratio(difference, scale)


def smd_binary(
    x1: ArrayLike,
    x0: ArrayLike,
    denominator: str = "pooled",
    reference: tuple[ArrayLike, ArrayLike] | None = None,
    *,
    weight1: ArrayLike | None = None,
    weight0: ArrayLike | None = None,
) -> float:
    """Standardized difference of proportions, with p(1 - p) as variance.

    Parameters as :func:`smd_continuous`, values 0 or 1.  ("hedges" weights p(1 - p) by sample size.)
    """
    one_of(denominator, DENOMINATORS, "denominator")
    x1, x0 = indicator(x1, "x1").astype(float), indicator(x0, "x0").astype(float)
    require(x1.size > 0 and x0.size > 0, "x1 and x0 must each hold at least one value.")
    p1, p0 = _mean(x1, _weights(weight1, x1)), _mean(x0, _weights(weight0, x0))
    difference = p1 - p0
    n1, n0 = x1.size, x0.size
    if reference is not None:
        r1, r0 = indicator(reference[0], "reference[0]"), indicator(reference[1], "reference[1]")
        p1, p0, n1, n0 = float(r1.mean()), float(r0.mean()), r1.size, r0.size
    v1, v0 = p1 * (1 - p1), p0 * (1 - p0)
    overall = (n1 * p1 + n0 * p0) / (n1 + n0)
    variance = {
        "pooled": (v1 + v0) / 2,
        "treated": v1,
        "control": v0,
        "all": overall * (1 - overall),
        "hedges": (n1 * v1 + n0 * v0) / (n1 + n0),
    }[denominator]
    if variance == 0 and denominator in ("treated", "control"):
        variance = (v1 + v0) / 2
    return _ratio(difference, math.sqrt(variance))


def smd_categorical(
    x1: ArrayLike,
    x0: ArrayLike,
    reference: tuple[ArrayLike, ArrayLike] | None = None,
    *,
    weight1: ArrayLike | None = None,
    weight0: ArrayLike | None = None,
) -> float:
    """Standardized difference of a variable with several levels, as one Mahalanobis distance.

    Parameters
    ----------
    x1, x0 : array_like
        Labels of the treated and of the controls; their names and order change nothing.
    reference : pair of array_like, optional
        Samples whose multinomial covariance is used, the mean of both.
    weight1, weight0 : array_like, optional

    Returns
    -------
    float
        Not negative.  nan (the distance is infinite) where the samples of the covariance share no level, or a level is
        in neither of them.

    References
    ----------
    Yang D, Dalton JE. SAS Global Forum 2012, paper 335.
    """
    x1, x0 = np.asarray(x1), np.asarray(x0)
    pooled = [x1, x0] if reference is None else [x1, x0, np.asarray(reference[0]), np.asarray(reference[1])]
    require(all(part.ndim == 1 and part.size for part in pooled), "x1 and x0 must each hold at least one label.")
    codes, levels = labels(np.concatenate(pooled), "x1 and x0")
    parts = np.split(codes, np.cumsum([part.size for part in pooled])[:-1])
    if levels.size < 2:
        return 0.0
    s1, s0 = _shares(parts[0], levels.size, weight1), _shares(parts[1], levels.size, weight0)
    r1, r0 = (s1, s0) if reference is None else (_shares(part, levels.size, None) for part in parts[2:])
    difference, known = s1 - s0, r1 + r0 > 0
    if not ((r1 > 0) & (r0 > 0)).any() or difference[~known].any():
        return math.nan
    # Shares add up to one: any one level can be left out.
    kept = np.flatnonzero(known)[1:]
    covariance = (_multinomial(r1[kept]) + _multinomial(r0[kept])) / 2
    distance = float(difference[kept] @ np.linalg.solve(covariance, difference[kept])) if kept.size else 0.0
    return math.sqrt(max(distance, 0.0))


def variance_ratio(x1: ArrayLike, x0: ArrayLike, *, weight1: ArrayLike | None = None, weight0: ArrayLike | None = None) -> float:
    """Variance of `x1` over that of `x0` (weighted where weights are given); nan where both are zero."""
    x1, x0 = sample(x1, "x1", 2), sample(x0, "x0", 2)
    v1, v0 = _variance(x1, _weights(weight1, x1)), _variance(x0, _weights(weight0, x0))
    if v0 == 0:
        return math.nan if v1 == 0 else math.inf
    return v1 / v0


def weighted_sd(x: ArrayLike, weight: ArrayLike | None) -> float:
    """Standard deviation of a weighted sample, unbiased for reliability weights (``cov.wt`` of R); nan of one value."""
    x = sample(x, "x")
    return math.sqrt(_variance(x, _weights(weight, x))) if x.size > 1 else math.nan


def _weights(weight: ArrayLike | None, x: Array) -> Array | None:
    return None if weight is None else weights(weight, x.size)


def _mean(x: Array, w: Array | None) -> float:
    return float(x.mean()) if w is None else float(np.average(x, weights=w))


def _variance(x: Array, w: Array | None) -> float:
    if x.size < 2:
        return math.nan
    if x.min() == x.max():  # the mean of equal values may differ from them by rounding
        return 0.0
    if w is None:
        return float(x.var(ddof=1))
    share = w / w.sum()
    spare = 1 - float(share @ share)
    return float(share @ (x - share @ x) ** 2 / spare) if spare > 0 else math.nan


def _scale(x1: Array, x0: Array, w1: Array | None, w0: Array | None, denominator: str) -> float:
    if denominator == "all":
        both = (
            None
            if w1 is None and w0 is None
            else np.concatenate((np.ones(x1.size) if w1 is None else w1, np.ones(x0.size) if w0 is None else w0))
        )
        return math.sqrt(_variance(np.concatenate((x1, x0)), both))
    if denominator == "treated":
        return math.sqrt(_variance(x1, w1))
    if denominator == "control":
        return math.sqrt(_variance(x0, w0))
    v1, v0 = _variance(x1, w1), _variance(x0, w0)
    if denominator == "pooled":
        return math.sqrt((v1 + v0) / 2)
    return math.sqrt(((x1.size - 1) * v1 + (x0.size - 1) * v0) / (x1.size + x0.size - 2))


def _ratio(difference: float, scale: float) -> float:
    if scale > 0 or math.isnan(scale):
        return difference / scale
    return 0.0 if difference == 0 else math.nan


def _shares(codes: IntArray, k: int, weight: ArrayLike | None) -> Array:
    if weight is not None:
        weight = weights(weight, codes.size)
    counts = np.bincount(codes, weight, k).astype(float)
    return counts / counts.sum()


def _multinomial(share: Array) -> Array:
    return np.diag(share) - np.outer(share, share)
