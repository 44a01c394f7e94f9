"""Cumulative incidence with competing risks (Aalen-Johansen) and Gray's test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .arrays import Array, ArrayLike, Counts, IntArray
from .curve_limits import confidence_limits
from .gray import GrayTest, cause_place, gray_tests
from .incidence_variance import aalen_variance, jackknife_variance
from .survival_curve import kaplan_meier_product
from .timeline import Timeline, lay_out, part_of, tail_sums
from .validation import ArrayError, Observations, causes, labels, observations, one_of, probability, require, vector

CONF_TYPES = ("log-log", "log", "plain", "logit", "arcsin")
_ALL = "all"


@dataclass(frozen=True, slots=True, eq=False)
class IncidenceAt:
    """Cumulative incidence with its limits at asked times."""

    time: Array
    incidence: Array
    std_err: Array
    low: Array
    high: Array


@dataclass(frozen=True, slots=True, eq=False)
class IncidenceCurve:
    """Cumulative incidence of one cause in one group, over the distinct observed times.

    Attributes
    ----------
    group : label
    cause : int
    time : float ndarray, shape (k,)
    at_risk, events : ndarray, shape (k,)
        Just before each time; events of this cause at it.
    incidence, std_err, low, high : float ndarray, shape (k,)
        From each time up to the next; the variance is Aalen's.
    n, n_events : int
    """

    group: object
    cause: int
    time: Array
    at_risk: Counts
    events: Counts
    incidence: Array
    std_err: Array
    low: Array
    high: Array
    n: int
    n_events: int
    method: str

    def at(self, times: ArrayLike, *, beyond: str = "carry") -> IncidenceAt:
        """Cumulative incidence at given times.

        Parameters
        ----------
        times : array_like
        beyond : {"carry", "nan"}
            After the group's last observation: carried forward, or nan.

        Returns
        -------
        IncidenceAt
        """
        one_of(beyond, ("carry", "nan"), "beyond")
        times = vector(np.atleast_1d(times), "times")
        place = np.searchsorted(self.time, times, side="right")

        def pick(curve: Array) -> Array:
            values = np.concatenate(([0.0], curve))[place]
            if beyond == "nan":
                values[times > self.time[-1]] = np.nan
            return values

        return IncidenceAt(times, pick(self.incidence), pick(self.std_err), pick(self.low), pick(self.high))

    def __str__(self) -> str:
        last = self.incidence[-1] if self.incidence.size else 0.0
        return f"cause {self.cause} in group {self.group}: n = {self.n}, events = {self.n_events}, at the end {last:.4g}"


@dataclass(frozen=True, slots=True, eq=False)
class CumulativeIncidence:
    """Cumulative incidence of every cause in every group.

    Attributes
    ----------
    groups : tuple of labels
    causes : tuple of int
    curves : tuple of IncidenceCurve
        Groups in order, within a group its causes in order.
    gray : tuple of GrayTest
        One per cause; empty for a single group.
    """

    groups: tuple[object, ...]
    causes: tuple[int, ...]
    curves: tuple[IncidenceCurve, ...]
    gray: tuple[GrayTest, ...]
    conf_type: str
    conf_level: float
    method: str

    def curve(self, cause: int, group: object = _ALL) -> IncidenceCurve:
        """The curve of one cause in one group; the group may be left out where there is only one."""
        if group is _ALL and len(self.groups) == 1:
            group = self.groups[0]
        for found in self.curves:
            if found.cause == cause and found.group == group:
                return found
        raise ArrayError(f"there is no curve of cause {cause!r} in group {group!r}.")

    def test(self, cause: int) -> GrayTest:
        """Gray's test for one cause."""
        for found in self.gray:
            if found.cause == cause:
                return found
        raise ArrayError(f"there is no test of cause {cause!r}: it needs two groups and an event.")

    def __str__(self) -> str:
        return "\n".join([self.method, *map(str, self.curves), *map(str, self.gray)])


def cumulative_incidence(
    time: ArrayLike,
    cause: ArrayLike,
    group: ArrayLike | None = None,
    *,
    strata: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    entry: ArrayLike | None = None,
    rho: float = 0.0,
    conf_type: str = "log-log",
    conf_level: float = 0.95,
) -> CumulativeIncidence:
    """Cumulative incidence of competing events, by group, with Gray's test between groups.

    Parameters
    ----------
    time : array_like, shape (n,)
        Follow-up time, not negative.
    cause : array_like, shape (n,)
        0 for censoring, else the cause of the event as a positive whole number.
    group : array_like, shape (n,), optional
        Group labels; without them there is one group, "all".
    strata : array_like, shape (n,), optional
        Strata of Gray's test; the curves are not stratified.
    weight : array_like, shape (n,), optional
        Case weights, for the curves; Gray's test is then not made.  Whole weights are frequencies; with fractional
        ones the standard error is the infinitesimal jackknife, as ``survfit`` of R has it.  Rows of weight 0 are as good
        as absent from the curves; `n` and `n_events` count them.
    entry : array_like, shape (n,), optional
        Delayed entry, for the curves; Gray's test is then not made.
    rho : float, default 0
        Power of the weight (1 - F(t-))**rho in Gray's test.
    conf_type : {"log-log", "log", "plain", "logit", "arcsin"}
        Scale of the limits; "log-log" of the incidence as PROC LIFETEST and tidycmprsk draw them.
    conf_level : float, default 0.95

    Returns
    -------
    CumulativeIncidence
        ``.curve(cause, group).at(times)``, ``.test(cause)``.

    Notes
    -----
    At a shared time events come before censorings.  Variance after Aalen (1978) with n - 1, as ``cuminc`` of
    cmprsk and the default of PROC LIFETEST.

    References
    ----------
    Aalen O. Ann Stat 1978;6:534-545.  Gray RJ. Ann Stat 1988;16:1141-1154.
    """
    one_of(conf_type, CONF_TYPES, "conf_type")
    conf_level = probability(conf_level, "conf_level")
    n = np.shape(time)[0] if np.ndim(time) else 0
    cause, present = causes(cause, n)
    seen = observations(time, cause > 0, weight=weight, entry=entry)
    code, levels = (np.zeros(n, dtype=np.intp), np.array([_ALL])) if group is None else labels(group, "group", n)
    line, place = lay_out(seen.time, seen.entry), cause_place(cause, present)
    curves: list[IncidenceCurve] = []
    for at, label in enumerate(levels.tolist()):
        rows = slice(None) if levels.size == 1 else (code == at).nonzero()[0]
        part = seen.rows(rows)
        found = _curves_of(label, part, part_of(line, seen.time, seen.entry, rows), place[rows], present, conf_type, conf_level)
        curves.extend(found)
    tests: tuple[GrayTest, ...] = ()
    if levels.size > 1 and entry is None and weight is None:
        stratum = None if strata is None else labels(strata, "strata", n)[0]
        rho = float(vector([rho], "rho")[0])
        tests = gray_tests(line, cause, present, code, levels, stratum, rho)
    require(strata is None or levels.size > 1, "strata are for Gray's test and need two groups or more.")
    return CumulativeIncidence(
        tuple(levels.tolist()),
        tuple(present.tolist()),
        tuple(curves),
        tests,
        conf_type,
        conf_level,
        curves[0].method if curves else _method(conf_type, False),
    )


def _method(conf_type: str, robust: bool) -> str:
    variance = "infinitesimal jackknife" if robust else "Aalen"
    return f"Cumulative incidence (Aalen-Johansen), {conf_type} confidence limits, {variance} variance"


def _curves_of(
    label: object,
    seen: Observations,
    line: Timeline,
    place: IntArray,
    present: IntArray,
    conf_type: str,
    conf_level: float,
) -> Iterator[IncidenceCurve]:
    """Curves of one group; `place`: 0 for censoring, 1, 2, ... for the causes of `present`."""
    n, c = seen.time.size, present.size
    n_events = np.bincount(place, minlength=c + 1)[1:].tolist()
    if seen.weight is not None and not seen.weight.all():  # nobody may be at risk where rows of weight 0 end
        there = seen.weight.nonzero()[0]
        require(there.size > 0, f"weight is zero in every row of group {label!r}.")
        seen, line, place = seen.rows(there), part_of(line, seen.time, seen.entry, there), place[there]
    size, w = line.values.size, seen.weight
    joint = place * size + line.code
    number = np.bincount(joint, minlength=(c + 1) * size).reshape(c + 1, size)
    kept = np.flatnonzero(number.any(axis=0))
    table = number if w is None else np.bincount(joint, w, (c + 1) * size).reshape(c + 1, size)
    at_risk = tail_sums(table.sum(axis=0))
    if line.entry is not None:
        at_risk = at_risk - tail_sums(np.bincount(line.entry, w, size))
    at_risk, own = at_risk[kept], table[1:].take(kept, axis=1)
    fractional = w is not None and bool((w != np.floor(w)).any())
    events = own.sum(axis=0, dtype=float)
    survival = kaplan_meier_product(at_risk, events)
    before = np.concatenate(([1.0], survival[:-1]))
    incidence = (before / at_risk * own).cumsum(axis=1)
    if fractional and w is not None:
        marks = [place == j + 1 for j in range(c)]
        parts = [
            jackknife_variance(incidence[j], survival, at_risk, events, own[j], seen, w, marks[j], line, kept) for j in range(c)
        ]
        variance = np.array(parts).reshape(incidence.shape)
    else:
        variance = aalen_variance(incidence, before, at_risk, events, own)
    std_err = np.sqrt(variance)
    low, high = incidence_limits(incidence, std_err, conf_type, conf_level)
    time, name = line.values[kept], _method(conf_type, fractional)
    for j, which in enumerate(present.tolist()):
        yield IncidenceCurve(
            label, which, time, at_risk, own[j], incidence[j], std_err[j], low[j], high[j], n, n_events[j], name,
        )  # fmt: skip


def incidence_limits(incidence: Array, std_err: Array, conf_type: str, conf_level: float) -> tuple[Array, Array]:
    """Limits of a cumulative incidence; at incidence 0 they are 0."""
    low, high = confidence_limits(incidence, std_err, conf_type, conf_level)
    none = incidence == 0
    return np.where(none, 0.0, low), np.where(none, 0.0, high)
