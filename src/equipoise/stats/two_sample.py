"""Comparisons of two (or more) samples of numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from .arrays import Array, ArrayLike
from .outcome import TestResult
from .rank_distributions import rank_sum_half, signed_rank_half
from .ranks import average_ranks, tie_lengths
from .tails import chi2_upper, normal_two_sided, t_two_sided
from .validation import one_of, require, sample

_EXACT_BELOW = 50
_UNIVARIATE_EXACT = 20


def t_test(x: ArrayLike, y: ArrayLike, equal_variance: bool = False) -> TestResult:
    """Two-sample t test.

    Parameters
    ----------
    x, y : array_like
        At least two values each; with `equal_variance` one of them may hold a single value.
    equal_variance : bool, default False
        False: Welch's test with Satterthwaite's degrees of freedom (R's default); True: pooled variance.

    Returns
    -------
    TestResult
        `statistic` is positive where x has the larger mean.

    References
    ----------
    Student. Biometrika 1908;6:1-25.  Welch BL. Biometrika 1947;34:28-35.
    """
    least = 1 if equal_variance else 2
    x, y = sample(x, "x", least), sample(y, "y", least)
    if equal_variance:
        df = float(x.size + y.size - 2)
        require(df > 0, "x and y hold one value each: at least three are needed.")
        pooled = float(np.sum((x - x.mean()) ** 2) + np.sum((y - y.mean()) ** 2)) / df
        error, name = math.sqrt(pooled * (1 / x.size + 1 / y.size)), "Two-sample t test, pooled variance"
    else:
        vx, vy = x.var(ddof=1) / x.size, y.var(ddof=1) / y.size
        error, name = math.sqrt(vx + vy), "Two-sample t test, Welch"
        spread = vx**2 / (x.size - 1) + vy**2 / (y.size - 1)
        df = (vx + vy) ** 2 / spread if spread > 0 else math.nan
    return _t_result(float(x.mean() - y.mean()), error, df, name)


def paired_t(x: ArrayLike, y: ArrayLike) -> TestResult:
    """Paired t test of x - y; `x` and `y` of one length, at least two pairs."""
    x = sample(x, "x", 2)
    y = sample(y, "y", 2)
    require(x.size == y.size, "x and y must have the same length to be paired.")
    difference = x - y
    error = math.sqrt(difference.var(ddof=1) / difference.size)
    return _t_result(float(difference.mean()), error, difference.size - 1, "Paired t test")


def _t_result(difference: float, error: float, df: float, name: str) -> TestResult:
    if not error > 0:
        return TestResult(math.nan, df, math.nan, name + ", no variation")
    statistic = difference / error
    return TestResult(statistic, df, t_two_sided(statistic, df), name)


def mann_whitney(
    x: ArrayLike, y: ArrayLike, *, correction: bool = True, exact: bool | None = None, t_approximation: bool = False
) -> TestResult:
    """Mann-Whitney (Wilcoxon rank sum) test.

    Parameters
    ----------
    x, y : array_like
    correction : bool, default True
        Continuity correction of 0.5 in the normal approximation (R's default).
    exact : bool, optional
        None: exact when both samples have fewer than 50 values and no two values are tied, as ``wilcox.test``.
        With ties the normal approximation with tie-corrected variance is used whatever is asked.
    t_approximation : bool, default False
        Refer the approximate z to Student's t on n - 1 degrees of freedom, as PROC NPAR1WAY prints beside the
        normal P.

    Returns
    -------
    TestResult
        `statistic` is W of R: the number of pairs with x > y, ties counting half.

    References
    ----------
    Mann HB, Whitney DR. Ann Math Stat 1947;18:50-60.
    """
    x, y = sample(x, "x"), sample(y, "y")
    pooled = np.concatenate((x, y))
    ranks = average_ranks(pooled)
    w = float(ranks[: x.size].sum() - x.size * (x.size + 1) / 2)
    ties = tie_lengths(pooled)
    if exact is None:
        exact = x.size < _EXACT_BELOW and y.size < _EXACT_BELOW
    if exact and ties.max() == 1 and not t_approximation:
        p = _doubled_tail(rank_sum_half(x.size, y.size), w, x.size * y.size)
        return TestResult(w, math.nan, p, "Mann-Whitney test, exact")
    n = pooled.size
    variance = x.size * y.size / 12 * (n + 1 - np.sum(ties**3 - ties) / (n * (n - 1))) if n > 1 else 0.0
    p, text = _normal(w - x.size * y.size / 2, variance, correction, n - 1 if t_approximation else None)
    return TestResult(w, math.nan, p, f"Mann-Whitney test, {text}")


def signed_rank(
    x: ArrayLike, y: ArrayLike | None = None, *, correction: bool = True, exact: bool | None = None, method: str = "normal"
) -> TestResult:
    """Wilcoxon signed rank test of paired values, or of one sample of differences.

    Parameters
    ----------
    x, y : array_like
        Pairs; without `y`, `x` holds the differences.
    correction : bool, default True
        Continuity correction of 0.5 in the normal approximation (R's default).
    exact : bool, optional
        None: exact with fewer than 50 non-zero differences, none tied and none zero, as ``wilcox.test``.
        Zero differences are dropped (Wilcoxon's treatment).
    method : {"normal", "univariate"}
        "univariate": as PROC UNIVARIATE of SAS, where `correction` and `exact` have no part. Up to 20 non-zero
        differences the P is exact, given the average ranks of ties; above, the signed ranks' own t statistic is
        referred to Student's t on n - 1 degrees of freedom (Iman's approximation).

    Returns
    -------
    TestResult
        `statistic` is V of R: the sum of the ranks of the positive differences; SAS prints S = V - n(n+1)/4.

    References
    ----------
    Wilcoxon F. Biometrics Bull 1945;1:80-83.  Iman RL. Commun Stat 1974;3:795-806.
    SAS/STAT and Base SAS Procedures Guide, The UNIVARIATE Procedure, Tests for Location.
    """
    one_of(method, ("normal", "univariate"), "method")
    x = sample(x, "x")
    difference = x
    if y is not None:
        y = sample(y, "y")
        require(x.size == y.size, "x and y must have the same length to be paired.")
        difference = x - y
    kept = difference[difference != 0]
    n = kept.size
    if n == 0:
        return TestResult(0.0, math.nan, math.nan, "Wilcoxon signed rank test, all differences zero")
    ranks = average_ranks(np.abs(kept))
    v = float(ranks[kept > 0].sum())
    if method == "univariate":
        return _univariate(v, ranks)
    ties = tie_lengths(np.abs(kept))
    if exact is None:
        exact = n < _EXACT_BELOW
    if exact and ties.max() == 1 and n == difference.size:
        p = _doubled_tail(signed_rank_half(np.arange(1, n + 1)), v, n * (n + 1) // 2)
        return TestResult(v, math.nan, p, "Wilcoxon signed rank test, exact")
    variance = n * (n + 1) * (2 * n + 1) / 24 - np.sum(ties**3 - ties) / 48
    p, text = _normal(v - n * (n + 1) / 4, variance, correction)
    return TestResult(v, math.nan, p, f"Wilcoxon signed rank test, {text}")


def _univariate(v: float, ranks: Array) -> TestResult:
    """The signed rank test of PROC UNIVARIATE, from the positive sum `v` and the average ranks."""
    n = ranks.size
    if n <= _UNIVARIATE_EXACT:
        # Average ranks are halves: doubled, their sums are whole again.
        doubled = (2 * ranks).round().astype(int)
        p = _doubled_tail(signed_rank_half(doubled), 2 * v, doubled.sum())
        return TestResult(v, math.nan, p, "Wilcoxon signed rank test, exact given ties (PROC UNIVARIATE)")
    s, squares = v - ranks.sum() / 2, float(ranks @ ranks) / 4
    name = "Wilcoxon signed rank test, t approximation (PROC UNIVARIATE)"
    left = n * squares - s**2
    if not left > 1e-12 * n * squares:
        return TestResult(v, n - 1, 0.0, name)
    return TestResult(v, n - 1, t_two_sided(s * math.sqrt((n - 1) / left), n - 1), name)


def kruskal(groups: Sequence[ArrayLike]) -> TestResult:
    """Kruskal-Wallis test that all samples come from one distribution.

    Parameters
    ----------
    groups : sequence of array_like
        Two or more samples.

    Returns
    -------
    TestResult
        With tie correction, chi-square on (number of samples - 1) degrees of freedom.

    References
    ----------
    Kruskal WH, Wallis WA. J Am Stat Assoc 1952;47:583-621.
    """
    samples = [sample(values, f"groups[{i}]") for i, values in enumerate(groups)]
    require(len(samples) > 1, "groups must hold at least two samples.")
    pooled = np.concatenate(samples)
    ranks, n, ties = average_ranks(pooled), pooled.size, tie_lengths(pooled)
    edges = np.cumsum([0] + [x.size for x in samples])
    sums = np.add.reduceat(ranks, edges[:-1])
    between = float(np.sum(sums**2 / np.diff(edges)))
    statistic = 12 * between / (n * (n + 1)) - 3 * (n + 1)
    shrink = 1 - float(np.sum(ties**3 - ties)) / (n**3 - n) if n > 1 else 0.0
    statistic = statistic / shrink if shrink > 0 else math.nan
    df = len(samples) - 1
    return TestResult(statistic, df, chi2_upper(statistic, df), "Kruskal-Wallis test, corrected for ties")


def _doubled_tail(lower_half: Array, statistic: float, largest: int) -> float:
    """Twice the smaller tail of a symmetric distribution over 0..largest, always summed from its short end."""
    at = int(round(statistic))
    at = min(at, int(largest) - at)
    return float(min(1.0, 2 * lower_half[: at + 1].sum()))


def _normal(distance: float, variance: float, correction: bool, df: int | None = None) -> tuple[float, str]:
    text = "normal approximation" if df is None else "t approximation"
    text += " with continuity correction" if correction else ", no continuity correction"
    if not variance > 0:
        return math.nan, text
    if correction:
        distance -= math.copysign(0.5, distance) if distance != 0 else 0.0
    z = distance / math.sqrt(variance)
    return (normal_two_sided(z) if df is None else t_two_sided(z, df)), text
