"""Differences and ratios of two proportions, and odds ratios, with their intervals."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .arrays import Array, ArrayLike
from .proportions import wilson_limits
from .tails import log_factorial, two_sided_z
from .trends import strata_margins
from .validation import counts_table, one_of, probability, require, whole


@dataclass(frozen=True, slots=True)
class RiskMeasure:
    """A difference or ratio with its two-sided interval."""

    estimate: float
    low: float
    high: float
    conf_level: float
    method: str

    def __str__(self) -> str:
        return f"{self.estimate:.6g} ({self.low:.6g} to {self.high:.6g}), {self.method}"


def newcombe(x1: int, n1: int, x2: int, n2: int, conf_level: float = 0.95, correction: bool = False) -> RiskMeasure:
    """Difference of two independent proportions, x1/n1 - x2/n2, with Newcombe's hybrid score interval.

    Parameters
    ----------
    x1, n1, x2, n2 : int
        Successes and sizes.
    conf_level : float, default 0.95
    correction : bool, default False
        Built on Wilson intervals with continuity correction (method 11 instead of 10).

    Returns
    -------
    RiskMeasure

    References
    ----------
    Newcombe RG. Stat Med 1998;17:873-890.
    """
    (p1, low1, high1), (p2, low2, high2) = (_scored(x, n, conf_level, correction) for x, n in ((x1, n1), (x2, n2)))
    difference = p1 - p2
    down = math.hypot(p1 - low1, high2 - p2)
    up = math.hypot(high1 - p1, p2 - low2)
    text = "with" if correction else "no"
    return RiskMeasure(
        difference, difference - down, difference + up, conf_level,
        f"Difference of proportions, Newcombe hybrid score interval, {text} continuity correction",
    )  # fmt: skip


def _scored(x: int, n: int, conf_level: float, correction: bool) -> tuple[float, float, float]:
    n = whole(n, "n", 1)
    x = whole(x, "x", 0, n)
    z = two_sided_z(probability(conf_level, "conf_level"))
    return x / n, *wilson_limits(x, n, z, correction)


def risk_ratio(x1: int, n1: int, x2: int, n2: int, conf_level: float = 0.95) -> RiskMeasure:
    """Ratio of two independent proportions, (x1/n1)/(x2/n2), with the log interval of Katz.

    Returns
    -------
    RiskMeasure
        Limits nan where a count is zero.

    References
    ----------
    Katz D et al. Biometrics 1978;34:469-474.
    """
    n1, n2 = whole(n1, "n1", 1), whole(n2, "n2", 1)
    x1, x2 = whole(x1, "x1", 0, n1), whole(x2, "x2", 0, n2)
    z = two_sided_z(probability(conf_level, "conf_level"))
    name = "Risk ratio, log (Katz) interval"
    if x1 == 0 or x2 == 0:
        estimate = 0.0 if x1 == 0 < x2 else math.inf if x2 == 0 < x1 else math.nan
        return RiskMeasure(estimate, math.nan, math.nan, conf_level, name)
    ratio = (x1 / n1) / (x2 / n2)
    reach = math.exp(z * math.sqrt(1 / x1 - 1 / n1 + 1 / x2 - 1 / n2))
    return RiskMeasure(ratio, ratio / reach, ratio * reach, conf_level, name)


def odds_ratio(table: ArrayLike, kind: str = "sample", conf_level: float = 0.95) -> RiskMeasure:
    """Odds ratio of a 2 x 2 table.

    Parameters
    ----------
    table : array_like of counts, shape (2, 2)
    kind : {"sample", "conditional"}
        "sample": ad/bc with Woolf's log interval (PROC FREQ).  "conditional": maximum likelihood given the
        margins with the exact interval, as ``fisher.test`` of R prints (which stops at four digits).
    conf_level : float, default 0.95

    Returns
    -------
    RiskMeasure

    References
    ----------
    Woolf B. Ann Hum Genet 1955;19:251-253.  Cornfield J. Proc 3rd Berkeley Symp 1956;4:135-148.
    """
    one_of(kind, ("sample", "conditional"), "kind")
    table = counts_table(table)
    require(table.shape == (2, 2), "table must be 2 x 2 for an odds ratio.")
    alpha = 1 - probability(conf_level, "conf_level")
    if kind == "conditional":
        return RiskMeasure(*_conditional(table, alpha), conf_level, "Conditional odds ratio, exact interval")
    (a, b), (c, d) = table.tolist()
    name = "Odds ratio, Woolf interval"
    if min(a, b, c, d) == 0:
        ratio = math.nan if b * c == 0 == a * d else math.inf if b * c == 0 else 0.0
        return RiskMeasure(ratio, math.nan, math.nan, conf_level, name)
    ratio = a * d / (b * c)
    reach = math.exp(two_sided_z(conf_level) * math.sqrt(1 / a + 1 / b + 1 / c + 1 / d))
    return RiskMeasure(ratio, ratio / reach, ratio * reach, conf_level, name)


def _conditional(table: Array, alpha: float) -> tuple[float, float, float]:
    """Estimate and limits from the noncentral hypergeometric distribution of the first cell."""
    (a, b), (c, d) = table.astype(int).tolist()
    row, column, n = a + b, a + c, a + b + c + d
    low, high = max(0, row + column - n), min(row, column)
    support = np.arange(low, high + 1)
    weight = -sum(log_factorial(cell) for cell in (support, row - support, column - support, n - row - column + support))

    def distribution(log_ratio: float) -> Array:
        logs = weight + support * log_ratio
        p = np.exp(logs - logs.max())
        return p / p.sum()

    estimate = 0.0 if a == low else math.inf if a == high else None
    if low == high:
        return math.nan, 0.0, math.inf
    if estimate is None:
        estimate = math.exp(_root(lambda t: float(distribution(t) @ support) - a))
    lower = 0.0 if a == low else math.exp(_root(lambda t: float(distribution(t)[a - low :].sum()) - alpha / 2))
    upper = math.inf if a == high else math.exp(_root(lambda t: alpha / 2 - float(distribution(t)[: a - low + 1].sum())))
    return estimate, lower, upper


def _root(rising: Callable[[float], float]) -> float:
    """Zero of a rising function, by bisection to the last digits."""
    low, high = -1.0, 1.0
    while rising(low) > 0:
        low *= 2
    while rising(high) < 0:
        high *= 2
    while high - low > 1e-13 * max(1.0, abs(low), abs(high)):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return (low + high) / 2


def common_odds_ratio(tables: ArrayLike, conf_level: float = 0.95) -> RiskMeasure:
    """Mantel-Haenszel common odds ratio of 2 x 2 tables over strata, with the interval of Robins, Breslow, Greenland.

    Parameters
    ----------
    tables : array_like of counts, shape (strata, 2, 2)
    conf_level : float, default 0.95

    Returns
    -------
    RiskMeasure

    References
    ----------
    Robins J, Breslow N, Greenland S. Biometrics 1986;42:311-323.
    """
    a, rows, columns, n = strata_margins(tables)
    b, c = rows - a, columns - a
    d = n - rows - c
    z = two_sided_z(probability(conf_level, "conf_level"))
    r, s, p, q = a * d / n, b * c / n, (a + d) / n, (b + c) / n
    R, S = r.sum(), s.sum()
    name = "Mantel-Haenszel common odds ratio, Robins-Breslow-Greenland interval"
    if R == 0 or S == 0:
        ratio = math.nan if R == S else 0.0 if R == 0 else math.inf
        return RiskMeasure(ratio, math.nan, math.nan, conf_level, name)
    variance = (p @ r) / (2 * R**2) + (p @ s + q @ r) / (2 * R * S) + (q @ s) / (2 * S**2)
    ratio, reach = float(R / S), math.exp(z * math.sqrt(float(variance)))
    return RiskMeasure(ratio, ratio / reach, ratio * reach, conf_level, name)
