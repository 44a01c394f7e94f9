"""Patients behind a published survival curve, from its digitised points and numbers at risk."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .arrays import Array, ArrayLike, BoolArray, IntArray
from .validation import non_negative, require, sample, vector, whole

METHOD = "reconstruction of Guyot et al. (2012)"


@dataclass(frozen=True, slots=True, eq=False)
class ReconstructedCurve:
    """Patients who give a published curve, and how well they give it.

    Attributes
    ----------
    time, event : ndarray, shape (n,)
        One reconstructed patient per row, by time, events before censorings at the same time.  Censoring times lie midway
        between two points; who is left after the last point is censored there.
    point_time, point_survival, fitted_survival : float ndarray, shape (k,)
        Points as they were used (see `reconstruct_curve`) and the reconstructed curve at them.
    risk_time, published_at_risk, fitted_at_risk : ndarray, shape (m,)
        Numbers at risk as published and of the reconstructed patients.
    rmse, max_difference : float
        Root mean square and largest absolute difference of survival over the points (0 to 1).
    max_at_risk_difference : int
    n, n_events : int
    method : str
    """

    time: Array
    event: BoolArray
    point_time: Array
    point_survival: Array
    fitted_survival: Array
    risk_time: Array
    published_at_risk: IntArray
    fitted_at_risk: IntArray
    rmse: float
    max_difference: float
    max_at_risk_difference: int
    n: int
    n_events: int
    method: str

    def __str__(self) -> str:
        return (
            f"{self.n} patients, {self.n_events} events; root mean square difference {self.rmse:.4f}, largest "
            f"{self.max_difference:.4f}; {self.method}"
        )


def reconstruct_curve(
    time: ArrayLike, survival: ArrayLike, risk_time: ArrayLike, at_risk: ArrayLike, *, total_events: int | None = None
) -> ReconstructedCurve:
    """Reconstruct patients by the algorithm of Guyot and others.

    Parameters
    ----------
    time, survival : array_like, shape (k,)
        Digitised points, survival from 0 to 1.  They are put in order of time; points before 0 are left out, of points at
        one time the lowest counts, a point above an earlier one is lowered to it, survival outside 0 to 1 is brought to
        the bound, and (0, 1) is added.
    risk_time, at_risk : array_like, shape (m,)
        Numbers at risk, rising times of which the first is 0; where no point lies between a time and the next, or none
        after the last, that number is not used.
    total_events : int, optional
        Events of the arm, where they were published; they settle the censoring after the last number at risk.  Without
        them it goes on at the mean rate before; with one number at risk and no total nobody is censored before the end.

    Returns
    -------
    ReconstructedCurve
        Where the number censored in an interval would alternate for ever, the first with the smallest difference is taken.

    Raises
    ------
    ArrayError
        For lengths that differ, values that are not finite, numbers at risk that rise, or times that do not start at 0.

    References
    ----------
    Guyot P, Ades AE, Ouwens MJNM, Welton NJ. BMC Med Res Methodol 2012;12:9.
    """
    points, curve = _monotone(time, survival)
    when = non_negative(risk_time, "risk_time")
    number = _numbers(at_risk, when)
    if total_events is not None:
        total_events = whole(total_events, "total_events", 0, int(number[0]))
    lower = np.searchsorted(points, when)
    used = np.append(lower[1:], points.size) > lower
    steps = _Steps(points, curve, lower[used], number[used])
    for interval in range(steps.lower.size - 1):
        steps.settle(interval)
    steps.finish(total_events)
    return _result(steps, when, number)


def _monotone(time: ArrayLike, survival: ArrayLike) -> tuple[Array, Array]:
    when = sample(time, "time", 2)
    height = vector(survival, "survival", when.size)
    require(bool(height.max() <= 1.5), "survival must lie between 0 and 1 (divide percentages by 100).")
    inside = when >= 0
    require(bool((when > 0).any()), "time has no point after 0.")
    when = np.append(0.0, when[inside])
    height = np.append(1.0, np.clip(height[inside], 0.0, 1.0))
    order = np.lexsort((-height, when))
    when, height = when[order], np.minimum.accumulate(height[order])
    last = np.append(when[1:] > when[:-1], True)
    when, height = when[last], height[last]
    height[0] = 1.0  # the algorithm has no event at time 0
    return when, height


def _numbers(at_risk: ArrayLike, when: Array) -> IntArray:
    number = non_negative(at_risk, "at_risk", when.size)
    require(when.size > 0, "risk_time is empty: the number at risk at time 0 is needed.")
    require(when[0] == 0, "risk_time must begin at 0.")
    require(bool((np.diff(when) > 0).all()), "risk_time must rise.")
    require(bool((number == np.floor(number)).all()), "at_risk must hold whole numbers.")
    require(bool((np.diff(number) <= 0).all()), "at_risk must not rise.")
    require(number[0] >= 1, "at_risk must begin with at least one patient.")
    return number.astype(np.intp)


class _Steps:
    """State of the algorithm: at risk, events and censored at every point."""

    def __init__(self, time: Array, survival: Array, lower: IntArray, at_risk: IntArray):
        self.time, self.survival, self.lower = time, survival, lower
        self.published = at_risk.copy()
        self.at_risk = np.zeros(time.size + 1, dtype=np.intp)
        self.events = np.zeros(time.size, dtype=np.intp)
        self.censored = np.zeros(time.size, dtype=np.intp)
        self.fitted = np.ones(time.size)
        self.last = np.zeros(lower.size, dtype=np.intp)  # point of the latest event before each interval
        self.in_interval = np.zeros(lower.size, dtype=np.intp)

    def settle(self, interval: int) -> None:
        """Censoring of an interval so that the next number at risk comes out."""
        low, after = int(self.lower[interval]), int(self.lower[interval + 1])
        aim = int(self.published[interval + 1])
        ratio = self.survival[after] / self.survival[low] if self.survival[low] > 0 else 0.0
        first = max(round(float(self.published[interval] * ratio)) - aim, 0)

        def excess(censored: int) -> int:
            self._walk(interval, low, after, after, censored)
            return int(self.at_risk[after]) - aim

        self.in_interval[interval] = _settled(first, excess)
        self.published[interval + 1] = min(aim, int(self.at_risk[after]))

    def finish(self, total_events: int | None) -> None:
        """The last interval: censoring at the mean rate before, or so that the total of events comes out."""
        interval, end = self.lower.size - 1, self.time.size
        low = int(self.lower[interval])

        def excess(censored: int) -> int:
            self._walk(interval, low, end, end - 1, censored)
            return 0 if total_events is None else int(self.events.sum()) - total_events

        before = int(self.events[:low].sum())
        self.in_interval[interval] = first = self._carried_on(interval, low)
        if total_events is not None and interval > 0 and before >= total_events:
            self.events[low:] = self.censored[low:] = 0
            self.fitted[low:] = self.fitted[self.last[interval]]
            self.at_risk[low:] = self.published[interval]
        else:
            self.in_interval[interval] = _settled(first, excess)

    def _carried_on(self, interval: int, low: int) -> int:
        if interval == 0:
            return 0
        before = self.time[low - 1]
        if before <= 0:
            return 0
        rate = self.in_interval[:interval].sum() / before
        return min(round(float(rate * (self.time[-1] - self.time[low]))), int(self.published[interval]))

    def _walk(self, interval: int, low: int, end: int, last_edge: int, censored: int) -> None:
        self.censored[low:end] = 0
        if last_edge > low:
            self.censored[low:last_edge] = _spread(self.time[low : last_edge + 1], censored)
        left, last = int(self.published[interval]), int(self.last[interval])
        for k in range(low, end):
            level = self.fitted[last]
            fall = 1 - self.survival[k] / level if k > 0 and level > 0 else 0.0
            events = min(max(round(float(left * fall)), 0), left)
            self.at_risk[k], self.events[k] = left, events
            self.fitted[k] = level * (1 - events / left) if left else level
            self.censored[k] = min(int(self.censored[k]), left - events)
            left -= events + int(self.censored[k])
            if events:
                last = k
        self.at_risk[end] = left
        if interval + 1 < self.last.size:
            self.last[interval + 1] = last


def _settled(first: int, excess: Callable[[int], int]) -> int:
    """The number censored at which nobody is in excess, or none is left to take away."""
    tried: dict[int, int] = {}
    censored = first
    while censored not in tried:
        tried[censored] = over = excess(censored)
        if over == 0 or (over < 0 and censored == 0):
            return censored
        censored = max(censored + over, 0)
    best = min(tried, key=lambda number: abs(tried[number]))
    excess(best)
    return best


def _spread(edges: Array, censored: int) -> IntArray:
    """Censorings evenly over an interval, counted between its points (a point belongs to what lies before it)."""
    share = np.arange(1, censored + 1) / (censored + 1)
    times = edges[0] + share * (edges[-1] - edges[0])
    bins = np.clip(np.searchsorted(edges, times, side="left") - 1, 0, edges.size - 2)
    return np.bincount(bins, minlength=edges.size - 1)


def _result(steps: _Steps, when: Array, number: IntArray) -> ReconstructedCurve:
    n = int(number[0])
    middle = np.append((steps.time[1:] + steps.time[:-1]) / 2, steps.time[-1])
    time = np.concatenate([np.repeat(steps.time, steps.events), np.repeat(middle, steps.censored)])
    time = np.append(time, np.full(n - time.size, steps.time[-1]))
    event = np.arange(n) < steps.events.sum()
    order = np.lexsort((~event, time))
    time, event = time[order], event[order]
    difference = np.abs(steps.fitted - steps.survival)
    fitted = n - np.searchsorted(time, when, side="left")
    return ReconstructedCurve(
        time, event, steps.time, steps.survival, steps.fitted, when, number, fitted,
        math.sqrt(float(np.mean(difference**2))), float(difference.max()), int(np.abs(fitted - number).max()),
        n, int(event.sum()), METHOD,
    )  # fmt: skip
