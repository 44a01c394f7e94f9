"""E-values: how strong unmeasured confounding would have to be to explain an estimate away."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .validation import ArrayError, one_of, require

MEASURES = (
    "risk ratio",
    "hazard ratio, rare",
    "hazard ratio, common",
    "odds ratio, rare",
    "odds ratio, common",
    "standardised difference",
)
COMMON = 0.15  # risk at the end of follow-up from which an outcome is not rare


@dataclass(frozen=True, slots=True)
class EValue:
    """E-values of an estimate and of the limit of its interval nearer to one.

    Attributes
    ----------
    estimate : float
        Least association, as a risk ratio, that a confounder needs with both treatment and outcome.
    limit : float
        The same to move the interval to include 1; 1 where it does already; nan without an interval.
    risk_ratio : float
        The estimate on the (approximate) risk ratio scale.
    """

    estimate: float
    limit: float
    risk_ratio: float
    method: str

    def __str__(self) -> str:
        return f"{self.method}: {self.estimate:.3f} (interval {self.limit:.3f})"


def e_value(
    estimate: float,
    low: float | None = None,
    high: float | None = None,
    *,
    measure: str = "risk ratio",
    risk: float | None = None,
) -> EValue:
    """E-value of a ratio, and of its confidence interval.

    Parameters
    ----------
    estimate : float
        A positive ratio, or a standardised difference of means.
    low, high : float, optional
        Its limits.
    measure : str
        "risk ratio"; "hazard ratio, rare" and "odds ratio, rare" (outcome in less than about 15 %: taken as risk
        ratios); "hazard ratio, common", by (1 - 0.5**sqrt(HR)) / (1 - 0.5**sqrt(1/HR)); "odds ratio, common", by
        its square root; "standardised difference", by exp(0.91 d).
    risk : float, optional
        Proportion with the outcome at the end of follow-up, in the arm with more.  Above 0.15 the forms for rare outcomes are
        refused.

    Returns
    -------
    EValue

    References
    ----------
    VanderWeele TJ, Ding P. Ann Intern Med 2017;167:268-274.
    """
    one_of(measure, MEASURES, "measure")
    if risk is not None and measure.endswith(", rare"):
        require(
            risk <= COMMON,
            f"the outcome is common ({risk:.0%} had it, more than {COMMON:.0%}): a {measure.removesuffix(', rare')} is no "
            f"risk ratio then, and its E-value would mislead; take {measure.replace('rare', 'common')!r}.",
        )
    ratio = _risk_ratio(estimate, measure, "estimate")
    limit = math.nan
    if low is not None or high is not None:
        limit = _nearer(None if low is None else _risk_ratio(low, measure, "low"),
                        None if high is None else _risk_ratio(high, measure, "high"), ratio)  # fmt: skip
    return EValue(_bound(ratio), limit, ratio, f"E-value ({measure})")


def _risk_ratio(value: float, measure: str, name: str) -> float:
    what = "a finite difference" if measure == "standardised difference" else "a positive ratio"
    try:
        value = float(value)
    except (TypeError, ValueError):
        raise ArrayError(f"{name} must be {what}, not {value!r}.") from None
    if measure == "standardised difference":
        require(math.isfinite(value), f"{name} must be {what}, not {value!r}.")
        return math.exp(0.91 * value)
    require(0 < value < math.inf, f"{name} must be a positive ratio, not {value!r}.")
    if measure == "hazard ratio, common":
        return (1 - 0.5 ** math.sqrt(value)) / (1 - 0.5 ** math.sqrt(1 / value))
    return math.sqrt(value) if measure == "odds ratio, common" else value


def _bound(ratio: float) -> float:
    ratio = max(ratio, 1 / ratio)
    return ratio + math.sqrt(ratio * (ratio - 1))


def _nearer(low: float | None, high: float | None, ratio: float) -> float:
    if low is not None and high is not None:
        require(low <= high, "low is above high.")
    if (low is not None and high is not None and low <= 1 <= high) or ratio == 1:
        return 1.0
    end = low if ratio > 1 else high
    if end is None:
        return math.nan
    return 1.0 if (end - 1) * (ratio - 1) <= 0 else _bound(end)
