"""Overlap coefficient of two samples: the area under the smaller of their densities."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .quantiles import quantile
from .validation import indicator, matrix, non_negative, require, vector

_POINTS = 512  # of each density
_CUT = 3.0  # bandwidths beyond an arm's extreme values where its density ends
_BEYOND = 4.0  # bandwidths beyond the extreme values that the sum runs over
_CELLS = 1000

Floats = NDArray[np.float64]


def overlap_coefficient(x: ArrayLike, treated: ArrayLike, weight: ArrayLike | None = None) -> float:
    """Overlap of the distributions of x in the two arms: 1 where they are the same, 0 where they share nothing.

    Parameters
    ----------
    x, treated : array_like, shape (n,)
        Values of 0 and 1 alone have the overlap 1 - |difference of proportions|.
    weight : array_like, shape (n,), optional

    Returns
    -------
    float
        In [0, 1]; nan where the smaller arm is constant or all but constant (no bandwidth).

    Notes
    -----
    As the R package cobalt, which prints the complement: normal kernels of bandwidth 1.06 * min(SD, IQR / 1.34) * n^(-1/5) of
    the smaller arm as it came (`bw.nrd`), each arm's density on 512 points up to 3 bandwidths beyond its values (`density` of
    R before 4.4, whose coordinates make an overlap up to 1e-3 larger than later ones), summed over 1000 midpoints.

    References
    ----------
    Franklin JM et al. Stat Med 2014;33:1685-1699.
    """
    w = None if weight is None else vector(weight, "weight", np.size(x))[:, None]
    return float(overlap_coefficients(x, treated, w)[0])


def overlap_coefficients(x: ArrayLike, treated: ArrayLike, weight: ArrayLike | None = None) -> Floats:
    """Overlap of x in several weightings of the same rows: each that of :func:`overlap_coefficient`, the rows placed once.

    weight: shape (n, s), a column per sample; every one must hold somebody of both arms.  Returns shape (s,).
    """
    arm = indicator(treated, "treated")
    value = vector(x, "x", arm.size)
    samples = np.ones((arm.size, 1)) if weight is None else matrix(weight, arm.size, "weight")
    non_negative(samples.ravel(), "weight")
    whole = bool((samples[arm] > 0).any(axis=0).all() and (samples[~arm] > 0).any(axis=0).all())
    require(whole, "both arms must hold somebody with a weight.")
    shares = [samples[rows] / samples[rows].sum(axis=0) for rows in (arm, ~arm)]
    if ((value == 0) | (value == 1)).all():
        ones, zeros = ([x[rows] @ share for rows, share in zip((arm, ~arm), shares, strict=True)] for x in (value, 1 - value))
        return np.minimum(np.minimum(*ones) + np.minimum(*zeros), 1.0)  # exactly 0 where no value is shared
    width = _bandwidth(value[arm] if arm.sum() <= (~arm).sum() else value[~arm])
    if not width > 0:
        return np.full(samples.shape[1], np.nan)
    edges = np.linspace(value.min() - _BEYOND * width, value.max() + _BEYOND * width, _CELLS + 1)
    middle = (edges[1:] + edges[:-1]) / 2
    curves = [_densities(value[rows], share, width, middle) for rows, share in zip((arm, ~arm), shares, strict=True)]
    return np.minimum(np.minimum(*curves).sum(axis=1) * (edges[1] - edges[0]), 1.0)


def _bandwidth(x: NDArray[np.float64]) -> float:
    if x.size < 2:
        return 0.0
    low, high = quantile(x, [0.25, 0.75])
    return 1.06 * min(float(x.std(ddof=1)), float(high - low) / 1.34) * x.size**-0.2


def _densities(x: Floats, shares: Floats, width: float, at: Floats) -> Floats:
    """Kernel densities at the points `at`, shape (s, points): mass spread linearly to the two nearest of 512 points, smoothed by
    Fourier transform."""
    first, last = x.min() - _CUT * width, x.max() + _CUT * width
    low, high = first - 4 * width, last + 4 * width
    place = (x - low) / (high - low) * (_POINTS - 1)
    left = np.minimum(place.astype(np.intp), _POINTS - 2)
    part = place - left
    away = np.linspace(0, 2 * (high - low), 2 * _POINTS)[: _POINTS + 1]
    kernel = np.exp(-0.5 * (away / width) ** 2) / (width * np.sqrt(2 * np.pi))
    smooth = np.fft.rfft(np.concatenate((kernel, kernel[-2:0:-1])))
    grid, points = np.linspace(first, last, _POINTS), np.linspace(low, high, _POINTS)
    found = np.empty((shares.shape[1], at.size))
    for k, share in enumerate(shares.T):
        upper = share * part
        mass = np.bincount(left, share - upper, 2 * _POINTS) + np.bincount(left + 1, upper, 2 * _POINTS)
        smoothed = np.fft.irfft(np.fft.rfft(mass) * smooth, 2 * _POINTS)[:_POINTS]
        curve = np.interp(grid, points, np.maximum(smoothed, 0.0))
        found[k] = np.interp(at, grid, curve, left=0.0, right=0.0)
    return found
