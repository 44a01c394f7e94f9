"""What a named confounder that was not measured would do to a ratio, and how strong it has to be to explain the ratio away."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from .validation import ArrayError, require


@dataclass(frozen=True, slots=True)
class AdjustedRatio:
    """A ratio with the bias of a confounder taken out.

    estimate, low, high: divided by `bias`; limits nan where they were not given.  bias: ratio that the confounder alone would
    produce, were there no effect.
    """

    estimate: float
    low: float
    high: float
    bias: float
    method: str

    def __str__(self) -> str:
        return f"{self.estimate:.4g} ({self.low:.4g} to {self.high:.4g}) with a bias of {self.bias:.4g}; {self.method}"


@dataclass(frozen=True, slots=True)
class TippingPoint:
    """Where an estimate, and the limit of its interval nearer to 1, would become 1.

    estimate, limit: the value of the confounder's parameter; nan where none that is possible does it, or without an interval.
    limit is the value at no confounding where the interval holds 1 already.
    """

    estimate: float
    limit: float
    method: str


def confounder_bias(ratio: float, share_treated: float, share_control: float) -> float:
    """Bias factor of a binary confounder: (1 + (ratio - 1) share_treated) / (1 + (ratio - 1) share_control).

    Parameters
    ----------
    ratio : float
        Risk (or hazard) ratio of the outcome between patients with and without the confounder, in both arms.
    share_treated, share_control : float
        Proportions with the confounder, given the measured covariates.

    References
    ----------
    Lin DY, Psaty BM, Kronmal RA. Biometrics 1998;54:948-963.  Exact for risk ratios; for hazard ratios where events are few.
    """
    ratio, p1, p0 = _positive(ratio, "ratio"), _share(share_treated, "share_treated"), _share(share_control, "share_control")
    return (1 + (ratio - 1) * p1) / (1 + (ratio - 1) * p0)


def normal_confounder_bias(ratio: float, difference: float) -> float:
    """Bias factor of a normal confounder, ratio ** difference.

    ratio: of the outcome per unit of the confounder; difference: of its means, treated less control, with equal
    variances (Lin, Psaty, Kronmal 1998).
    """
    require(math.isfinite(difference), f"difference must be a number, not {difference!r}.")
    return _positive(ratio, "ratio") ** float(difference)


def bounding_factor(with_treatment: float, with_outcome: float) -> float:
    """Largest bias that a confounder of any kind can produce, RR_EU RR_UD / (RR_EU + RR_UD - 1).

    Parameters
    ----------
    with_treatment, with_outcome : float
        Risk ratios, at least 1, that connect the confounder with the treatment and with the outcome.

    References
    ----------
    Ding P, VanderWeele TJ. Epidemiology 2016;27:368-377.
    """
    a, b = _positive(with_treatment, "with_treatment"), _positive(with_outcome, "with_outcome")
    require(min(a, b) >= 1, "with_treatment and with_outcome must be at least 1: take the inverse of a smaller ratio.")
    return a * b / (a + b - 1)


def adjusted_for(estimate: float, bias: float, low: float | None = None, high: float | None = None) -> AdjustedRatio:
    """The ratio and its limits divided by the bias factor.

    With a :func:`bounding_factor`, towards 1 and beyond: multiply a ratio below 1 by giving 1 / factor.
    """
    bias = _positive(bias, "bias")
    below, above = (math.nan if v is None else _positive(v, name) / bias for v, name in ((low, "low"), (high, "high")))
    return AdjustedRatio(
        _positive(estimate, "estimate") / bias, below, above, bias, "Bias analysis for one unmeasured confounder"
    )


def tipping_share(
    estimate: float, ratio: float, share_control: float, low: float | None = None, high: float | None = None
) -> TippingPoint:
    """Proportion of the treated with a binary confounder at which the estimate becomes 1.

    ratio: of the outcome with the confounder; share_control: proportion of the controls with it.  From :func:`confounder_bias`:
    (estimate (1 + (ratio - 1) share_control) - 1) / (ratio - 1).
    """
    ratio, p0 = _positive(ratio, "ratio"), _share(share_control, "share_control")
    require(ratio != 1, "ratio must not be 1: a confounder that changes no risk explains nothing.")

    def share(target: float) -> float:
        found = (target * (1 + (ratio - 1) * p0) - 1) / (ratio - 1)
        return found if -1e-12 <= found <= 1 + 1e-12 else math.nan

    return _tip(share, estimate, low, high, p0, "Tipping point: share of the treated with the confounder")


def tipping_ratio(
    estimate: float, share_treated: float, share_control: float, low: float | None = None, high: float | None = None
) -> TippingPoint:
    """Ratio of the outcome with a binary confounder of the given proportions at which the estimate becomes 1.

    From :func:`confounder_bias`: 1 + (estimate - 1) / (share_treated - estimate * share_control).
    """
    p1, p0 = _share(share_treated, "share_treated"), _share(share_control, "share_control")

    def ratio(target: float) -> float:
        weight = p1 - target * p0
        found = 1 + (target - 1) / weight if weight != 0 else math.nan
        return found if found > 0 else math.nan

    return _tip(ratio, estimate, low, high, 1.0, "Tipping point: ratio of the outcome with the confounder")


def _tip(
    parameter: Callable[[float], float], estimate: float, low: float | None, high: float | None, none: float, method: str
) -> TippingPoint:
    value = _positive(estimate, "estimate")
    ends = [None if v is None else _positive(v, name) for v, name in ((low, "low"), (high, "high"))]
    if ends[0] is not None and ends[1] is not None:
        require(ends[0] <= ends[1], "low is above high.")
    end = ends[0] if value > 1 else ends[1]
    if end is None or value == 1:
        limit = math.nan if end is None else none
    else:
        limit = none if (end - 1) * (value - 1) <= 0 else parameter(end)
    return TippingPoint(parameter(value), limit, method)


def _positive(value: float, name: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not 0 < number < math.inf:
        raise ArrayError(f"{name} must be a positive ratio, not {value!r}.")
    return number


def _share(value: float, name: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not 0 <= number <= 1:
        raise ArrayError(f"{name} must be a proportion between 0 and 1, not {value!r}.")
    return number
