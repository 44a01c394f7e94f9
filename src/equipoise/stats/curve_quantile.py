"""The time at which a survival curve reaches a level, by the rule of each tradition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import Array
from .validation import one_of

_TOLERANCE = float(np.sqrt(np.finfo(float).eps))
RULES = ("r", "sas")


@dataclass(frozen=True, slots=True)
class CurveQuantile:
    """Time by which a share `p` has had the event, with limits; nan where the curve does not get there."""

    p: float
    value: float
    low: float
    high: float
    method: str

    def __str__(self) -> str:
        return f"{self.value:.6g} ({_shown(self.low)} to {_shown(self.high)})"


def curve_quantile(p: float, rule: str, time: Array, survival: Array, low: Array, high: Array, events: Array) -> CurveQuantile:
    """Quantile of a survival curve and of its limits.

    Parameters
    ----------
    p : float in (0, 1)
        0.5 for the median: the first time at which survival is 1 - p or less.
    rule : {"r", "sas"}
        What to do where survival equals 1 - p exactly (within sqrt(machine epsilon)) over a flat part.
        "r" (``quantile.survfit``): the middle of the flat part, which ends at the next event or else at the
        last observed time.  "sas" (PROC LIFETEST): the middle up to the next event; without a next event the
        quantile is not reached.
    time, survival, low, high, events : ndarray, shape (k,)
        The curve with its limits, and the events at each time.

    Returns
    -------
    CurveQuantile
        The limits are the times at which the lower and the upper confidence curve reach the level
        (Brookmeyer and Crowley 1982).
    """
    one_of(rule, RULES, "rule")
    if rule == "r":
        crossing = [_r_crossing(time, curve, p) for curve in (survival, low, high)]
        text = "first time at or below the level, middle of an exact flat part (R)"
    else:
        stepped = events > 0
        crossing = [_sas_crossing(time[stepped], curve[stepped], p) for curve in (survival, low, high)]
        text = "first time below the level, middle of an exact flat part up to the next event (SAS)"
    value, first, last = crossing
    return CurveQuantile(p, value, first, last, text)


def _r_crossing(time: Array, curve: Array, p: float) -> float:
    times = np.concatenate(([0.0], time))
    failed = np.concatenate(([0.0], 1.0 - curve))
    known = np.flatnonzero(~np.isnan(failed))
    level, first = np.unique(failed[known], return_index=True)
    first = times[known[first]]
    if level[-1] < p - _TOLERANCE:
        return np.nan
    reached = np.searchsorted(level + _TOLERANCE, p, side="left")
    passed = np.searchsorted(level - _TOLERANCE, p, side="left")
    if passed < level.size:
        return float((first[reached] + first[passed]) / 2)
    # Flat at exactly p to the end of follow-up; a curve whose end is undefined has no such flat part.
    if np.isnan(failed[-1]):
        return np.nan
    return float((first[reached] + times[-1]) / 2)


def _sas_crossing(time: Array, curve: Array, p: float) -> float:
    failed = 1.0 - curve
    below = np.flatnonzero(failed > p + _TOLERANCE)
    if below.size == 0:
        return np.nan
    at_level = np.flatnonzero(np.abs(failed[: below[0]] - p) <= _TOLERANCE)
    if at_level.size:
        return float((time[at_level[0]] + time[below[0]]) / 2)
    return float(time[below[0]])


def _shown(limit: float) -> str:
    return "NA" if np.isnan(limit) else f"{limit:.6g}"
