"""Tests of association in tables of counts."""

from __future__ import annotations

import math

import numpy as np

from .arrays import Array, ArrayLike
from .outcome import TestResult
from .quadratic import rank_form
from .tails import chi2_upper
from .validation import counts_table, require, whole


def expected_counts(table: Array) -> Array:
    """Counts expected from the margins under independence, shape of `table`.

    Raises
    ------
    ArrayError
        For fewer than two rows or columns, negative or fractional counts, or an empty table.
    """
    table = counts_table(table)
    return np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()


def pearson(table: ArrayLike, correction: bool = False) -> TestResult:
    """Pearson's chi-square test of independence.

    Parameters
    ----------
    table : array_like of counts, shape (r, c)
        A row or column of zeros leaves the test without a value (nan), as in R.
    correction : bool, default False
        Yates' continuity correction, applied to 2 x 2 tables only.  ``chisq.test`` of R has it on by default;
        PROC FREQ prints both.

    Returns
    -------
    TestResult

    References
    ----------
    Pearson K. Philos Mag 1900;50:157-175.  Yates F. Suppl J R Stat Soc 1934;1:217-235.
    """
    table = counts_table(table)
    expected = expected_counts(table)
    df = _df(table)
    away = np.abs(table - expected)
    corrected = correction and table.shape == (2, 2)
    if corrected:
        # R's bound: the correction never pushes a difference past zero.
        away = away - min(0.5, float(away.min()))
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = float(np.sum(away**2 / expected))
    text = "with Yates' continuity correction" if corrected else "no continuity correction"
    return TestResult(statistic, df, chi2_upper(statistic, df), f"Pearson chi-square, {text}")


def likelihood_ratio(table: ArrayLike) -> TestResult:
    """Likelihood ratio (G) test of independence; parameters and result as :func:`pearson`."""
    table = counts_table(table)
    expected = expected_counts(table)
    filled = table > 0
    statistic = max(0.0, float(2 * np.sum(table[filled] * np.log(table[filled] / expected[filled]))))
    df = _df(table)
    if (expected == 0).any():
        statistic = math.nan
    return TestResult(statistic, df, chi2_upper(statistic, df), "Likelihood ratio chi-square")


def mcnemar(b: int, c: int, correction: bool = False, exact: bool = False) -> TestResult:
    """McNemar's test from the two discordant counts of paired yes/no data.

    Parameters
    ----------
    b, c : int
        Pairs with yes/no and with no/yes.
    correction : bool, default False
        Edwards' continuity correction (R's default; SAS has none).
    exact : bool, default False
        Exact binomial test of b against c instead of the chi-square.

    Returns
    -------
    TestResult
        The exact test's statistic is `b`.

    References
    ----------
    McNemar Q. Psychometrika 1947;12:153-157.  Edwards AL. Psychometrika 1948;13:185-187.
    """
    b, c = whole(b, "b"), whole(c, "c")
    if exact:
        return TestResult(float(b), math.nan, _binomial_half(b, c), "McNemar test, exact binomial")
    text = "McNemar test, with continuity correction" if correction else "McNemar test, no continuity correction"
    if b + c == 0:
        return TestResult(math.nan, 1, math.nan, text)
    away = abs(b - c) - (1 if correction and b != c else 0)
    statistic = away**2 / (b + c)
    return TestResult(statistic, 1, chi2_upper(statistic, 1), text)


def stuart_maxwell(table: ArrayLike) -> TestResult:
    """Stuart-Maxwell test that both members of matched pairs have the same distribution over the categories.

    Parameters
    ----------
    table : array_like of counts, shape (k, k)
        Pairs by the category of the first (rows) and of the second member (columns).

    Returns
    -------
    TestResult
        Chi-square on the rank of the covariance, at most k - 1 degrees of freedom (categories that nobody has, or in
        which all pairs agree, add none); the test of McNemar without correction where k is 2.  nan without a
        discordant pair.

    References
    ----------
    Stuart A. Biometrika 1955;42:412-416.  Maxwell AE. Br J Psychiatry 1970;116:651-655.
    """
    table = np.asarray(table, dtype=float)
    require(table.ndim == 2 and table.shape[0] == table.shape[1], "the table must be square.")
    name = "Stuart-Maxwell test of marginal homogeneity"
    if not table.sum() > np.trace(table):
        return TestResult(math.nan, 0, math.nan, name)
    table = counts_table(table)
    difference = table.sum(axis=1) - table.sum(axis=0)
    covariance = np.diag(table.sum(axis=1) + table.sum(axis=0)) - table - table.T
    statistic, df = rank_form(difference, covariance)
    return TestResult(statistic, df, chi2_upper(statistic, df), name)


def _binomial_half(b: int, c: int) -> float:
    n, least = b + c, min(b, c)
    if b == c:
        return 1.0
    if n > 2000:
        from scipy.special import bdtr

        return float(min(1.0, 2 * bdtr(least, n, 0.5)))
    return min(1.0, 2 * sum(math.comb(n, k) for k in range(least + 1)) / 2**n)


def _df(table: Array) -> int:
    require(table.ndim == 2, "table must have rows and columns.")
    return (table.shape[0] - 1) * (table.shape[1] - 1)
