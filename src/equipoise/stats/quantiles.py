"""Sample quantiles by the nine definitions of Hyndman and Fan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

import numpy as np

from .arrays import Array, ArrayLike, IntArray
from .validation import one_of, require, sample, vector, weights

# (alpha, beta) of the interpolating definitions: position n*p + alpha + p*(1 - alpha - beta).
_PLOTTING = {4: (0.0, 1.0), 5: (0.5, 0.5), 6: (0.0, 0.0), 7: (1.0, 1.0), 8: (1 / 3, 1 / 3), 9: (3 / 8, 3 / 8)}


@overload
def quantile(x: ArrayLike, p: float, kind: int = 7) -> float: ...
@overload
def quantile(x: ArrayLike, p: Sequence[float] | Array, kind: int = 7) -> Array: ...
def quantile(x: ArrayLike, p: float | Sequence[float] | Array, kind: int = 7) -> float | Array:
    """Sample quantiles.

    Parameters
    ----------
    x : array_like, shape (n,)
    p : float or array_like
        Probabilities in [0, 1].
    kind : int, 1 to 9
        Definition, numbered as in R: 7 is R's default, 2 is SAS's (PCTLDEF=5), 6 that of SPSS.

    Returns
    -------
    float or ndarray, shape of `p`

    References
    ----------
    Hyndman RJ, Fan Y. Am Stat 1996;50:361-365.
    """
    x = np.sort(sample(x, "x"))
    one_of(kind, tuple(range(1, 10)), "kind")
    asked = vector(np.atleast_1d(p), "p")
    require(bool(((asked >= 0) & (asked <= 1)).all()), "p must lie between 0 and 1.")
    found = _stepped(x, asked, kind) if kind <= 3 else _interpolated(x, asked, kind)
    return float(found[0]) if np.ndim(p) == 0 else found


def weighted_quantile(x: ArrayLike, weight: ArrayLike, p: ArrayLike) -> Array:
    """Quantiles of a weighted sample: type 2 of the weighted distribution function.

    Parameters
    ----------
    x : array_like, shape (n,)
    weight : array_like, shape (n,)
        Not negative; their scale changes nothing.
    p : array_like
        Probabilities in [0, 1].

    Returns
    -------
    ndarray, shape of `p`
        The smallest value at which the weighted distribution function exceeds p; where it equals p exactly (within rounding), the
        mean of the value at which it does and the next one.  With equal weights :func:`quantile` of kind 2.

    Notes
    -----
    SAS PROC MEANS with PCTLDEF=5 and WEIGHT; ``svyquantile(qrule = "hf2")`` of R survey.
    """
    x = sample(x, "x")
    w, asked = weights(weight, x.size), vector(np.atleast_1d(p), "p")
    require(bool(((asked >= 0) & (asked <= 1)).all()), "p must lie between 0 and 1.")
    kept = w > 0
    values, place = np.unique(x[kept], return_inverse=True)
    below = np.cumsum(np.bincount(place.reshape(-1), w[kept]))
    share = below / below[-1]
    fuzz = 1e-12
    first = np.minimum(np.searchsorted(share, asked - fuzz, side="left"), values.size - 1)
    after = np.minimum(first + 1, values.size - 1)
    exact = (np.abs(share[first] - asked) <= fuzz) & (asked < 1)
    return np.where(exact, (values[first] + values[after]) / 2, values[first])


def _stepped(x: Array, p: Array, kind: int) -> Array:
    position = x.size * p - (0.5 if kind == 3 else 0.0)
    fuzz = 4 * np.finfo(float).eps
    whole = np.floor(position + fuzz)
    beyond = position > whole + fuzz
    if kind == 1:
        share = np.where(beyond, 1.0, 0.0)
    elif kind == 2:
        share = np.where(beyond, 1.0, 0.5)
    else:
        share = np.where(beyond | (whole % 2 != 0), 1.0, 0.0)
    return _between(x, whole.astype(int), share)


def _interpolated(x: Array, p: Array, kind: int) -> Array:
    alpha, beta = _PLOTTING[kind]
    position = alpha + p * (x.size + 1 - alpha - beta)
    fuzz = 4 * np.finfo(float).eps
    whole = np.floor(position + fuzz)
    share = position - whole
    share[np.abs(share) < fuzz] = 0.0
    return _between(x, whole.astype(int), share)


def _between(x: Array, below: IntArray, share: Array) -> Array:
    padded = np.concatenate(([x[0]], x, [x[-1], x[-1]]))
    below = np.clip(below, 0, x.size)
    left, right = padded[below], padded[below + 1]
    return np.where(share == 0, left, np.where(share == 1, right, (1 - share) * left + share * right))
