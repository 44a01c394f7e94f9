"""Tail probabilities and quantiles of the usual distributions.

scipy.special is loaded on first use, and scipy.stats (about two seconds) never.
"""

from __future__ import annotations

import math
from typing import TypeVar

import numpy as np

from .arrays import Array, ArrayLike

S = TypeVar("S", float, Array)


def chi2_upper(statistic: S, df: int) -> S:
    """P(chi-square with `df` degrees of freedom > statistic); nan where df is 0."""
    from scipy.special import chdtrc

    if isinstance(df, int) and df == 0 and np.ndim(statistic) == 0:
        return math.nan  # type: ignore[return-value]  # a number goes in, a number comes out
    return _plain(chdtrc(df, statistic))


def normal_two_sided(z: S) -> S:
    """P(|Z| > |z|) for a standard normal Z."""
    from scipy.special import ndtr

    return _plain(2 * ndtr(-np.abs(z)))


def normal_lower(z: S) -> S:
    """P(Z < z) for a standard normal Z."""
    from scipy.special import ndtr

    return _plain(ndtr(z))


def normal_quantile(p: float) -> float:
    """The z with P(Z < z) = p."""
    from scipy.special import ndtri

    return _plain(ndtri(p))


def two_sided_z(conf_level: float) -> float:
    """Half-width in standard errors of a two-sided interval, 1.959964 for 0.95."""
    return 1.959963984540054 if conf_level == 0.95 else normal_quantile(1 - (1 - conf_level) / 2)


def t_two_sided(t: float, df: float) -> float:
    """P(|T| > |t|) for Student's T with `df` (not necessarily whole) degrees of freedom."""
    from scipy.special import stdtr

    return _plain(2 * stdtr(df, -np.abs(t)))


def t_quantile(p: float, df: float) -> float:
    """The t with P(T < t) = p."""
    from scipy.special import stdtrit

    return _plain(stdtrit(df, p))


def f_upper(statistic: float, df1: float, df2: float) -> float:
    """P(F > statistic)."""
    from scipy.special import fdtrc

    return _plain(fdtrc(df1, df2, statistic))


def beta_quantile(p: float, a: float, b: float) -> float:
    """The x with P(Beta(a, b) < x) = p."""
    from scipy.special import betaincinv

    return _plain(betaincinv(a, b, p))


def log_factorial(n: ArrayLike) -> Array:
    """log(n!) elementwise."""
    from scipy.special import gammaln

    return gammaln(np.asarray(n, dtype=float) + 1)


def _plain(value: S) -> S:
    return float(value) if np.ndim(value) == 0 else value  # type: ignore[return-value]  # SciPy gives numbers as 0-d arrays
