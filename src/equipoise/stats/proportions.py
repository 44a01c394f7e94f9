"""Confidence intervals of a proportion."""

import math
from dataclasses import dataclass

from .tails import beta_quantile, two_sided_z
from .validation import probability, whole


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

    def __str__(self):
        return f"{self.x}/{self.n} = {self.estimate:.4g} ({self.low:.4g} to {self.high:.4g}), {self.method}"


def clopper_pearson(x, n, conf_level=0.95):
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


def wilson(x, n, conf_level=0.95):
    """Wilson's score interval of x successes in n, no continuity correction.

    Parameters and result as :func:`clopper_pearson`.

    References
    ----------
    Wilson EB. J Am Stat Assoc 1927;22:209-212.
    """
    x, n, conf_level = _checked(x, n, conf_level)
    low, high = wilson_limits(x, n, two_sided_z(conf_level))
    return Proportion(x / n, low, high, x, n, conf_level, "Wilson score interval")


def wilson_limits(x, n, z):
    """Roots of the score equation, exactly 0 and 1 at the ends."""
    p = x / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    reach = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return (0.0 if x == 0 else centre - reach), (1.0 if x == n else centre + reach)


def _checked(x, n, conf_level):
    n = whole(n, "n", 1)
    return whole(x, "x", 0, n), n, probability(conf_level, "conf_level")
