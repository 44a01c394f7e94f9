"""Tests for trend over ordered groups."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from .arrays import Array, ArrayLike
from .outcome import TestResult
from .ranks import tie_lengths
from .tails import chi2_upper, normal_two_sided
from .validation import ArrayError, counts_table, require, sample, vector


def cochran_armitage(events: ArrayLike, totals: ArrayLike, scores: ArrayLike | None = None) -> TestResult:
    """Cochran-Armitage test for a trend of proportions over ordered groups.

    Parameters
    ----------
    events, totals : array_like of counts, shape (k,)
        Per group, in order.
    scores : array_like, shape (k,), optional
        Default 1, 2, ..., k.

    Returns
    -------
    TestResult
        `statistic` is the chi-square of ``prop.trend.test`` (the square of SAS's Z).

    References
    ----------
    Armitage P. Biometrics 1955;11:375-386.
    """
    events = vector(events, "events")
    totals = vector(totals, "totals", events.size)
    counts_table(np.column_stack((events, totals - events)))
    scores = np.arange(1.0, events.size + 1) if scores is None else vector(scores, "scores", events.size)
    n, p = totals.sum(), events.sum() / totals.sum()
    centred = scores - totals @ scores / n
    variance = p * (1 - p) * float(totals @ centred**2)
    if not variance > 0:
        return TestResult(math.nan, 1, math.nan, "Cochran-Armitage trend test, no variation")
    chi2 = float(events @ centred) ** 2 / variance
    return TestResult(chi2, 1, chi2_upper(chi2, 1), "Cochran-Armitage trend test")


def linear_by_linear(table: ArrayLike, row_scores: ArrayLike | None = None, column_scores: ArrayLike | None = None) -> TestResult:
    """Mantel-Haenszel chi-square for linear association of two ordered variables ("MH" of PROC FREQ).

    Parameters
    ----------
    table : array_like of counts, shape (r, c)
    row_scores, column_scores : array_like, optional
        Default 1, 2, ...

    Returns
    -------
    TestResult
        `statistic` is (n - 1) r**2 on one degree of freedom.

    References
    ----------
    Mantel N. J Am Stat Assoc 1963;58:690-700.
    """
    table = counts_table(table)
    rows = np.arange(1.0, table.shape[0] + 1) if row_scores is None else vector(row_scores, "row_scores", table.shape[0])
    columns = (
        np.arange(1.0, table.shape[1] + 1) if column_scores is None else vector(column_scores, "column_scores", table.shape[1])
    )
    n = table.sum()
    u = rows - table.sum(axis=1) @ rows / n
    v = columns - table.sum(axis=0) @ columns / n
    spread = float(table.sum(axis=1) @ u**2) * float(table.sum(axis=0) @ v**2)
    if not spread > 0:
        return TestResult(math.nan, 1, math.nan, "Mantel-Haenszel chi-square, no variation")
    chi2 = float((n - 1) * (u @ table @ v) ** 2 / spread)
    return TestResult(chi2, 1, chi2_upper(chi2, 1), "Mantel-Haenszel chi-square (linear by linear)")


def jonckheere(groups: Sequence[ArrayLike]) -> TestResult:
    """Jonckheere-Terpstra test that ordered samples rise (or fall), with the variance for ties.

    Parameters
    ----------
    groups : sequence of array_like
        Samples in their order.

    Returns
    -------
    TestResult
        `statistic` is the number of pairs from different groups in which the later value is larger, ties half;
        normal approximation, no continuity correction (PROC FREQ, JT).

    References
    ----------
    Jonckheere AR. Biometrika 1954;41:133-145.  Hollander M, Wolfe DA. Nonparametric Statistical Methods, 1999, p. 212.
    """
    samples = [sample(values, f"groups[{i}]") for i, values in enumerate(groups)]
    require(len(samples) > 1, "groups must hold at least two samples.")
    sizes = np.array([x.size for x in samples], dtype=np.float64)
    statistic = sum(_larger(a, b) for i, a in enumerate(samples) for b in samples[i + 1 :])
    n, ties = sizes.sum(), tie_lengths(np.concatenate(samples))
    mean = (n**2 - float(sizes @ sizes)) / 4
    variance = _jonckheere_variance(n, sizes, ties)
    if not variance > 0:
        return TestResult(statistic, math.nan, math.nan, "Jonckheere-Terpstra test, no variation")
    p = normal_two_sided((statistic - mean) / math.sqrt(variance))
    return TestResult(statistic, math.nan, p, "Jonckheere-Terpstra test, normal approximation corrected for ties")


def _larger(a: Array, b: Array) -> float:
    ordered = np.sort(a)
    below = np.searchsorted(ordered, b, side="left")
    upto = np.searchsorted(ordered, b, side="right")
    return float(below.sum() + (upto - below).sum() / 2)


def _jonckheere_variance(n: float, sizes: Array, ties: Array) -> float:
    def cubic(x: Array) -> float:
        return float(np.sum(x * (x - 1) * (2 * x + 5)))

    def triple(x: Array) -> float:
        return float(np.sum(x * (x - 1) * (x - 2)))

    def pairs(x: Array) -> float:
        return float(np.sum(x * (x - 1)))

    whole = np.array([n])
    variance = (cubic(whole) - cubic(sizes) - cubic(ties)) / 72
    if n > 2:
        variance += triple(sizes) * triple(ties) / (36 * triple(whole))
    if n > 1:
        variance += pairs(sizes) * pairs(ties) / (8 * pairs(whole))
    return variance


def mantel_haenszel(tables: ArrayLike, correction: bool = False) -> TestResult:
    """Cochran-Mantel-Haenszel test of 2 x 2 tables over strata.

    Parameters
    ----------
    tables : array_like of counts, shape (strata, 2, 2)
    correction : bool, default False
        Continuity correction of 0.5 (R's default is True; PROC FREQ has none).

    Returns
    -------
    TestResult

    References
    ----------
    Mantel N, Haenszel W. J Natl Cancer Inst 1959;22:719-748.
    """
    a, rows, columns, n = strata_margins(tables)
    expected = rows * columns / n
    variance = np.sum(rows * (n - rows) * columns * (n - columns) / (n**2 * np.maximum(n - 1, 1)))
    text = "Cochran-Mantel-Haenszel test, " + ("with" if correction else "no") + " continuity correction"
    if not variance > 0:
        return TestResult(math.nan, 1, math.nan, text)
    away = abs(float(np.sum(a - expected)))
    away = max(0.0, away - (0.5 if correction and away >= 0.5 else 0.0))
    chi2 = away**2 / float(variance)
    return TestResult(chi2, 1, chi2_upper(chi2, 1), text)


def strata_margins(tables: ArrayLike) -> tuple[Array, Array, Array, Array]:
    """First cell, first row total, first column total and total of each 2 x 2 table."""
    try:
        tables = np.asarray(tables, dtype=float)
    except (TypeError, ValueError):
        raise ArrayError("tables must hold numbers.") from None
    require(tables.ndim == 3 and tables.shape[1:] == (2, 2), "tables must have shape (strata, 2, 2).")
    for table in tables:
        counts_table(table)
    return tables[:, 0, 0], tables[:, 0].sum(axis=1), tables[:, :, 0].sum(axis=1), tables.sum(axis=(1, 2))
