"""Confidence intervals of a proportion."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .arrays import ArrayLike
from .tails import beta_quantile, two_sided_z
from .validation import indicator, probability, weights, whole


@dataclass(frozen=True, slots=True)
class Proportion:
    """A proportion x/n with its two-sided interval.

    Attributes
    ----------
    estimate, low, high : float
    x, n : int
    conf_level, method : float, str
    """

    estimate: float
    low: float
    high: float
    x: int
    n: int
    conf_level: float
    method: str

    def __str__(self) -> str:
        return f"{self.x}/{self.n} = {self.estimate:.4g} ({self.low:.4g} to {self.high:.4g}), {self.method}"


@dataclass(frozen=True, slots=True)
class WeightedProportion:
    """A weighted proportion with its two-sided interval, nan where it has none (0 or 1). total: weighted number of successes."""

    estimate: float
    low: float
    high: float
    total: float
    conf_level: float
    method: str


def weighted_proportion(hit: ArrayLike, weight: ArrayLike, conf_level: float = 0.95) -> WeightedProportion:
    """Share of the weight that lies on the successes, each row drawn by itself with its weight known.

    Parameters
    ----------
    hit : array_like, shape (n,)
        0 or 1.
    weight : array_like, shape (n,)
        Not negative; their scale changes `total` alone.
    conf_level : float, default 0.95

    Returns
    -------
    WeightedProportion

    Notes
    -----
    Taylor linearisation of the ratio, variance n/(n - 1) times the sum of squares; limits on the scale of the logit by the
    normal distribution: ``svyciprop(method = "logit", df = Inf)`` of R survey.

    References
    ----------
    Korn EL, Graubard BI. Surv Methodol 1998;24:193-201.
    """
    x = indicator(hit, "hit").astype(float)
    w, conf_level = weights(weight, x.size), probability(conf_level, "conf_level")
    total, whole_weight = float(w @ x), float(w.sum())
    counted = x[w > 0]
    p = total / whole_weight if counted.min() < counted.max() else float(counted[0])  # everybody or nobody, but for rounding
    n = counted.size
    low = high = math.nan
    method = "weighted proportion, no interval"
    if 0 < p < 1 and n > 1:
        se = math.sqrt(n / (n - 1) * float(((w * (x - p) / whole_weight) ** 2).sum()))
        reach = two_sided_z(conf_level) * se / (p * (1 - p))
        low, high = (1 / (1 + math.exp(-(math.log(p / (1 - p)) + s * reach))) for s in (-1, 1))
        method = "weighted proportion, logit limits, robust variance"
    return WeightedProportion(p, low, high, total, conf_level, method)


def clopper_pearson(x: int, n: int, conf_level: float = 0.95) -> Proportion:
    """Exact (Clopper-Pearson) interval of x successes in n.

    Parameters
    ----------
    x, n : int
        0 <= x <= n, n at least 1.
    conf_level : float, default 0.95

    Returns
    -------
    Proportion

    References
    ----------
    Clopper CJ, Pearson ES. Biometrika 1934;26:404-413.
    """
    x, n, conf_level = _checked(x, n, conf_level)
    alpha = (1 - conf_level) / 2
    low = 0.0 if x == 0 else beta_quantile(alpha, x, n - x + 1)
    high = 1.0 if x == n else beta_quantile(1 - alpha, x + 1, n - x)
    return Proportion(x / n, low, high, x, n, conf_level, "Clopper-Pearson exact interval")


def wilson(x: float, n: int, conf_level: float = 0.95, correction: bool = False) -> Proportion:
    """Wilson's score interval of x successes in n.

    Parameters
    ----------
    x, n, conf_level
        As :func:`clopper_pearson`.
    correction : bool, default False
        Continuity correction, as ``prop.test`` of R has by default.

    Returns
    -------
    Proportion

    References
    ----------
    Wilson EB. J Am Stat Assoc 1927;22:209-212.  Newcombe RG. Stat Med 1998;17:857-872.
    """
    x, n, conf_level = _checked(x, n, conf_level)
    low, high = wilson_limits(x, n, two_sided_z(conf_level), correction)
    name = "Wilson score interval" + (" with continuity correction" if correction else "")
    return Proportion(x / n, low, high, x, n, conf_level, name)


def wald(x: int, n: int, conf_level: float = 0.95, correction: bool = False) -> Proportion:
    """Wald's interval p +- z sqrt(p (1 - p)/n), with 1/(2n) added under `correction`; limits are not cut to [0, 1].

    Parameters and result as :func:`wilson`; poor for small n or extreme p.
    """
    x, n, conf_level = _checked(x, n, conf_level)
    p = x / n
    reach = two_sided_z(conf_level) * math.sqrt(p * (1 - p) / n) + (0.5 / n if correction else 0.0)
    name = "Wald interval" + (" with continuity correction" if correction else "")
    return Proportion(p, p - reach, p + reach, x, n, conf_level, name)


def agresti_coull(x: int, n: int, conf_level: float = 0.95) -> Proportion:
    """Agresti and Coull's interval; parameters and result as :func:`clopper_pearson`.

    References
    ----------
    Agresti A, Coull BA. Am Stat 1998;52:119-126.
    """
    x, n, conf_level = _checked(x, n, conf_level)
    z = two_sided_z(conf_level)
    size = n + z * z
    centre = (x + z * z / 2) / size
    reach = z * math.sqrt(centre * (1 - centre) / size)
    return Proportion(x / n, centre - reach, centre + reach, x, n, conf_level, "Agresti-Coull interval")


def jeffreys(x: int, n: int, conf_level: float = 0.95) -> Proportion:
    """Jeffreys' equal-tailed interval from Beta(x + 1/2, n - x + 1/2); 0 and 1 at the ends.

    References
    ----------
    Brown LD, Cai TT, DasGupta A. Stat Sci 2001;16:101-133.
    """
    x, n, conf_level = _checked(x, n, conf_level)
    alpha = (1 - conf_level) / 2
    low = 0.0 if x == 0 else beta_quantile(alpha, x + 0.5, n - x + 0.5)
    high = 1.0 if x == n else beta_quantile(1 - alpha, x + 0.5, n - x + 0.5)
    return Proportion(x / n, low, high, x, n, conf_level, "Jeffreys interval")


def wilson_limits(x: int, n: int, z: float, correction: bool = False) -> tuple[float, float]:
    """Roots of the score equation, exactly 0 and 1 at the ends."""
    p, shift = x / n, 0.5 / n if correction else 0.0

    def root(side: int) -> float:
        centre = p + side * shift
        inside = max(centre * (1 - centre) / n, 0.0) + z * z / (4 * n * n)
        return (centre + z * z / (2 * n) + side * z * math.sqrt(inside)) / (1 + z * z / n)

    return (0.0 if x == 0 else max(0.0, root(-1))), (1.0 if x == n else min(1.0, root(1)))


def _checked(x: float, n: float, conf_level: float) -> tuple[int, int, float]:
    n = whole(n, "n", 1)
    return whole(x, "x", 0, n), n, probability(conf_level, "conf_level")
