"""What a comparison of two survival curves can detect: events, power and hazard ratio by Schoenfeld's formula."""

from __future__ import annotations

import math

import numpy as np

from .tails import normal_lower, normal_quantile
from .validation import ArrayError, probability, require

NODES = 60  # of a Gauss-Legendre rule


def events_needed(hazard_ratio: float, share: float = 0.5, *, power: float = 0.8, alpha: float = 0.05) -> float:
    """Events in both arms together that a two-sided log-rank test needs (not rounded).

    Parameters
    ----------
    hazard_ratio : float
        Positive, not 1.
    share : float, default 0.5
        Proportion of the patients in one of the arms; of a weighted design, of the effective sizes.
    power, alpha : float

    Notes
    -----
    (z(1 - alpha/2) + z(power))^2 / (share (1 - share) log(hazard_ratio)^2); for proportional hazards and arms
    alike in their covariates.

    References
    ----------
    Schoenfeld DA. Biometrika 1981;68:316-319.
    """
    log_ratio, p = math.log(_ratio(hazard_ratio)), probability(share, "share")
    if log_ratio == 0:
        raise ArrayError("hazard_ratio must not be 1: no number of events detects no difference.")
    return _reach(power, alpha) ** 2 / (p * (1 - p) * log_ratio**2)


def power_of(hazard_ratio: float, events: float, share: float = 0.5, *, alpha: float = 0.05) -> float:
    """Power of a two-sided log-rank test with so many events; alpha at a hazard ratio of 1.  As :func:`events_needed`."""
    p, level = probability(share, "share"), probability(alpha, "alpha")
    away = abs(math.log(_ratio(hazard_ratio))) * math.sqrt(_events(events) * p * (1 - p))
    z = normal_quantile(1 - level / 2)
    return float(normal_lower(away - z) + normal_lower(-away - z))


def detectable_hazard_ratio(events: float, share: float = 0.5, *, power: float = 0.8, alpha: float = 0.05) -> tuple[float, float]:
    """Hazard ratios below and above 1 that a two-sided log-rank test detects with that power; each the other's inverse."""
    p = probability(share, "share")
    above = math.exp(_reach(power, alpha) / math.sqrt(_events(events) * p * (1 - p)))
    return 1 / above, above


def observed_share(median: float, shortest: float, longest: float, *, lost_rate: float = 0.0, shape: float = 1.0) -> float:
    """Share of patients in whom an event is observed by the data cut-off.

    Parameters
    ----------
    median : float
        Of a Weibull distribution of the times to the event.
    shortest, longest : float
        Follow-up at the cut-off, in the same unit, between which patients lie evenly (a constant accrual).
    lost_rate : float, default 0
        Constant hazard of loss to follow-up, per the same unit.
    shape : float, default 1
        Of the Weibull distribution; 1 is exponential.

    References
    ----------
    Lachin JM, Foulkes MA. Biometrics 1986;42:507-519 (the exponential case in closed form).
    """
    for value, name in ((median, "median"), (longest, "longest"), (shape, "shape")):
        require(0 < value < math.inf, f"{name} must be positive, not {value!r}.")
    require(0 <= shortest <= longest, "shortest must not be negative, nor longer than the longest follow-up.")
    require(0 <= lost_rate < math.inf, f"lost_rate must not be negative, not {lost_rate!r}.")

    def seen(until: float) -> float:
        """Share with the event before the end of follow-up and before a loss."""
        nodes, weights = np.polynomial.legendre.leggauss(NODES)
        hazard = math.log(2) * (until / median) ** shape
        u = (nodes + 1) / 2
        h = hazard * u**4  # over the cumulative hazard, in which the density is smooth; its power, as are the times
        time = median * (h / math.log(2)) ** (1 / shape)
        return float(weights @ (u**3 * np.exp(-h - lost_rate * time))) * 2 * hazard

    if longest == shortest:
        return seen(longest)
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    ends = shortest + (longest - shortest) * (nodes + 1) / 2
    return float(weights @ [seen(end) for end in ends]) / 2


def _reach(power: float, alpha: float) -> float:
    return float(normal_quantile(1 - probability(alpha, "alpha") / 2) + normal_quantile(probability(power, "power")))


def _ratio(value: float) -> float:
    if not 0 < value < math.inf:
        raise ArrayError(f"hazard_ratio must be positive, not {value!r}.")
    return float(value)


def _events(value: float) -> float:
    if not 0 < value < math.inf:
        raise ArrayError(f"events must be positive, not {value!r}.")
    return float(value)
