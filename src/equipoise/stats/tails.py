"""Tail probabilities and quantiles of the usual distributions.

scipy.special is loaded on first use, and scipy.stats (about two seconds) never.
"""

import math

import numpy as np


def chi2_upper(statistic, df):
    """P(chi-square with `df` degrees of freedom > statistic); nan where df is 0."""
    from scipy.special import chdtrc

    if isinstance(df, int) and df == 0 and np.ndim(statistic) == 0:
        return math.nan
    return _plain(chdtrc(df, statistic))


def normal_two_sided(z):
    """P(|Z| > |z|) for a standard normal Z."""
    from scipy.special import ndtr

    return _plain(2 * ndtr(-np.abs(z)))


def normal_lower(z):
    """P(Z < z) for a standard normal Z."""
    from scipy.special import ndtr

    return _plain(ndtr(z))


def normal_quantile(p):
    """The z with P(Z < z) = p."""
    from scipy.special import ndtri

    return _plain(ndtri(p))


def two_sided_z(conf_level):
    """Half-width in standard errors of a two-sided interval, 1.959964 for 0.95."""
    return 1.959963984540054 if conf_level == 0.95 else normal_quantile(1 - (1 - conf_level) / 2)


def t_two_sided(t, df):
    """P(|T| > |t|) for Student's T with `df` (not necessarily whole) degrees of freedom."""
    from scipy.special import stdtr

    return _plain(2 * stdtr(df, -np.abs(t)))


def t_quantile(p, df):
    """The t with P(T < t) = p."""
    from scipy.special import stdtrit

    return _plain(stdtrit(df, p))


def f_upper(statistic, df1, df2):
    """P(F > statistic)."""
    from scipy.special import fdtrc

    return _plain(fdtrc(df1, df2, statistic))


def beta_quantile(p, a, b):
    """The x with P(Beta(a, b) < x) = p."""
    from scipy.special import betaincinv

    return _plain(betaincinv(a, b, p))


def log_factorial(n):
    """log(n!) elementwise."""
    from scipy.special import gammaln

    return gammaln(np.asarray(n, dtype=float) + 1)


def _plain(value):
    return float(value) if np.ndim(value) == 0 else value
