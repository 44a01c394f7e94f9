"""Events per person-time with exact Poisson limits, and the exact comparison of two rates."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .binomial import two_sided
from .tails import beta_quantile
from .validation import probability, require, whole


@dataclass(frozen=True, slots=True)
class Rate:
    """events / time * per, with its two-sided interval on the same scale."""

    estimate: float
    low: float
    high: float
    events: int
    time: float
    per: float
    conf_level: float
    method: str


@dataclass(frozen=True, slots=True)
class RateRatio:
    """The first rate over the second, its exact interval and P (conditional on the total number of events)."""

    ratio: float
    low: float
    high: float
    p: float
    method: str


def poisson_rate(events: int, time: float, *, per: float = 1.0, conf_level: float = 0.95) -> Rate:
    """Rate of a Poisson count with exact limits.

    Parameters
    ----------
    events : int
    time : float
        Person-time, above 0.
    per : float, default 1
        Person-time of the unit: 100 for events per 100 months where time is in months.
    conf_level : float, default 0.95

    Returns
    -------
    Rate
        Limits as ``poisson.test`` of R.

    References
    ----------
    Garwood F. Biometrika 1936;28:437-442.
    """
    from scipy.special import gammaincinv

    events, conf_level = whole(events, "events"), probability(conf_level, "conf_level")
    require(events >= 0 and time > 0, "a rate needs a count of 0 or more and a person-time above 0.")
    tail = (1 - conf_level) / 2
    low = float(gammaincinv(events, tail)) if events else 0.0
    high = float(gammaincinv(events + 1, 1 - tail))
    scale = per / time
    method = "events per person-time, exact Poisson limits"
    return Rate(events * scale, low * scale, high * scale, events, float(time), float(per), conf_level, method)


def rate_ratio(
    events: tuple[int, int] | list[int], time: tuple[int, int] | list[float], *, conf_level: float = 0.95
) -> RateRatio:
    """Exact comparison of two rates.

    Parameters
    ----------
    events : pair of int
    time : pair of float
        Person-time of each.
    conf_level : float, default 0.95

    Returns
    -------
    RateRatio
        As ``poisson.test`` of R with two counts: given the total, the first count is binomial; P adds the outcomes
        that are no more likely than the observed one.  Without any event the ratio is nan, its limits 0 and infinity, P 1.

    References
    ----------
    Przyborowski J, Wilenski H. Biometrika 1940;31:313-323.
    """
    x, y = (whole(e, "events") for e in events)
    conf_level = probability(conf_level, "conf_level")
    require(min(x, y) >= 0 and min(time) > 0, "rates need counts of 0 or more and person-times above 0.")
    method = "exact test of two Poisson rates, conditional on the total"
    n = x + y
    if n == 0:
        return RateRatio(math.nan, 0.0, math.inf, 1.0, method)
    tail, scale = (1 - conf_level) / 2, time[1] / time[0]
    low = float(beta_quantile(tail, x, n - x + 1)) if x else 0.0
    high = float(beta_quantile(1 - tail, x + 1, n - x)) if y else 1.0
    ratio = math.inf if y == 0 else x / y * scale
    upper = math.inf if high == 1.0 else high / (1 - high) * scale
    p = two_sided(x, n, time[0] / (time[0] + time[1]))
    return RateRatio(ratio, low / (1 - low) * scale, upper, p, method)
