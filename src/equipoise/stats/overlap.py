"""Overlap coefficient of two samples: the area under the smaller of their densities."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .quantiles import quantile
from .validation import indicator, require, vector, weights

_POINTS = 512  # of each density
_CUT = 3.0  # bandwidths beyond an arm's extreme values where its density ends
_BEYOND = 4.0  # bandwidths beyond the extreme values that the sum runs over
_CELLS = 1000


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
    arm = indicator(treated, "treated")
    value = vector(x, "x", arm.size)
    w = np.ones(arm.size) if weight is None else weights(weight, arm.size)
    require(bool(w[arm].any() and w[~arm].any()), "both arms must hold somebody with a weight.")
    share = [w[rows] / w[rows].sum() for rows in (arm, ~arm)]
    if ((value == 0) | (value == 1)).all():
        return 1 - abs(float(share[0] @ value[arm] - share[1] @ value[~arm]))
    width = _bandwidth(value[arm] if arm.sum() <= (~arm).sum() else value[~arm])
    if not width > 0:
        return float("nan")
    edges = np.linspace(value.min() - _BEYOND * width, value.max() + _BEYOND * width, _CELLS + 1)
    middle = (edges[1:] + edges[:-1]) / 2
    curves = [_density(value[rows], part, width, middle) for rows, part in ((arm, share[0]), (~arm, share[1]))]
    return float(min(np.minimum(*curves).sum() * (edges[1] - edges[0]), 1.0))


def _bandwidth(x: NDArray[np.float64]) -> float:
    if x.size < 2:
        return 0.0
    low, high = quantile(x, [0.25, 0.75])
    return 1.06 * min(float(x.std(ddof=1)), float(high - low) / 1.34) * x.size**-0.2


def _density(x: NDArray[np.float64], share: NDArray[np.float64], width: float, at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Kernel density at the points `at`: mass spread linearly to the two nearest of 512 points, smoothed by Fourier transform."""
    first, last = x.min() - _CUT * width, x.max() + _CUT * width
    low, high = first - 4 * width, last + 4 * width
    place = (x - low) / (high - low) * (_POINTS - 1)
    left = np.minimum(place.astype(np.intp), _POINTS - 2)
    part = place - left
    mass = np.bincount(left, share * (1 - part), 2 * _POINTS) + np.bincount(left + 1, share * part, 2 * _POINTS)
    away = np.linspace(0, 2 * (high - low), 2 * _POINTS)[: _POINTS + 1]
    kernel = np.exp(-0.5 * (away / width) ** 2) / (width * np.sqrt(2 * np.pi))
    kernel = np.concatenate((kernel, kernel[-2:0:-1]))
    smoothed = np.fft.irfft(np.fft.rfft(mass) * np.fft.rfft(kernel), 2 * _POINTS)[:_POINTS]
    grid = np.linspace(first, last, _POINTS)
    curve = np.interp(grid, np.linspace(low, high, _POINTS), np.maximum(smoothed, 0.0))
    return np.interp(at, grid, curve, left=0.0, right=0.0)
