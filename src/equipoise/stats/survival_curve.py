"""Kaplan-Meier survival with Greenwood or weighted (infinitesimal jackknife) limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import Array, ArrayLike, BoolArray, Counts, IntArray
from .clustered_curve import clustered_squares
from .curve_limits import confidence_limits
from .curve_quantile import CurveQuantile, curve_quantile
from .timeline import Timeline, lay_out, tail_sums
from .validation import Observations, labels, observations, one_of, probability, require, vector


@dataclass(frozen=True, slots=True, eq=False)
class SurvivalAt:
    """Survival with its limits at asked times."""

    time: Array
    survival: Array
    std_err: Array
    low: Array
    high: Array


@dataclass(frozen=True, slots=True, eq=False)
class SurvivalCurve:
    """A step curve over the distinct observed times.

    Attributes
    ----------
    time : float ndarray, shape (k,)
        Distinct observed times (events and censorings), rising.
    at_risk, events, censored : ndarray, shape (k,)
        Just before, at, and at each time; sums of weights where weights were given.
    n_at_risk : ndarray, shape (k,)
        Unweighted number at risk.
    effective_at_risk : float ndarray, shape (k,)
        (Sum of weights)**2 / sum of squared weights at risk; `n_at_risk` without weights.
    survival, std_err, low, high : ndarray, shape (k,)
        From each time up to the next.  `std_err` is on the probability scale.  At survival 0 Greenwood's is nan (0 times
        infinity), the infinitesimal jackknife's is 0, and so are its plain limits; the limits of the other scales have
        no value there.
    n, n_events : int
        Rows and events, unweighted.
    conf_type, conf_level, method : str, float, str
    """

    time: Array
    at_risk: Counts
    events: Counts
    censored: Counts
    n_at_risk: IntArray
    effective_at_risk: Counts
    survival: Array
    std_err: Array
    low: Array
    high: Array
    n: int
    n_events: int
    conf_type: str
    conf_level: float
    method: str
    _entry_values: Array | None
    _entry_counts: IntArray | None

    def quantile(self, p: float, rule: str = "r") -> CurveQuantile:
        """Time by which a share `p` has had the event; 0.5 is the median.

        Parameters
        ----------
        p : float in (0, 1)
        rule : {"r", "sas"}
            Treatment of a curve that is flat at exactly 1 - p, see
            :func:`equipoise.stats.curve_quantile.curve_quantile`.

        Returns
        -------
        CurveQuantile
            ``.value .low .high``, nan where not reached.
        """
        p = probability(p, "p")
        return curve_quantile(p, rule, self.time, self.survival, self.low, self.high, self.events)

    def at(self, times: ArrayLike, *, beyond: str = "carry") -> SurvivalAt:
        """Survival at given times.

        Parameters
        ----------
        times : array_like
        beyond : {"carry", "nan"}
            After the last observation the curve is carried forward (``extend=TRUE`` in R), or is nan.

        Returns
        -------
        SurvivalAt
        """
        one_of(beyond, ("carry", "nan"), "beyond")
        times = vector(np.atleast_1d(times), "times")
        place = np.searchsorted(self.time, times, side="right")

        def pick(curve: Array, start: float) -> Array:
            values = np.concatenate(([start], curve))[place]
            if beyond == "nan":
                values[times > self.time[-1]] = np.nan
            return values

        return SurvivalAt(times, pick(self.survival, 1.0), pick(self.std_err, 0.0), pick(self.low, 1.0), pick(self.high, 1.0))

    def at_risk_at(self, times: ArrayLike) -> IntArray:
        """Unweighted numbers at risk just before given times (follow-up reaching the time or beyond it)."""
        times = vector(np.atleast_1d(times), "times")
        left = np.concatenate(([0], np.cumsum(self._leaving())))
        stayed = self.n - left[np.searchsorted(self.time, times, side="left")]
        if self._entry_values is None or self._entry_counts is None:
            return stayed
        entered: IntArray = np.concatenate(([0], np.cumsum(self._entry_counts)))
        return stayed - (self.n - entered[np.searchsorted(self._entry_values, times, side="left")])

    def effective_at_risk_at(self, times: ArrayLike) -> Array:
        """Effective numbers at risk just before given times: (sum of weights)**2 / sum of squared weights of those at risk."""
        place = np.searchsorted(self.time, vector(np.atleast_1d(times), "times"), side="left")
        return np.append(self.effective_at_risk, 0.0)[place]

    def _leaving(self) -> IntArray:
        if self._entry_values is None or self._entry_counts is None:
            return self.n_at_risk - np.append(self.n_at_risk[1:], 0)
        entered: IntArray = np.concatenate(([0], np.cumsum(self._entry_counts)))
        entered = entered[np.searchsorted(self._entry_values, self.time, side="left")]
        still = self.n_at_risk + self.n - entered
        return still - np.append(still[1:], 0)

    def __str__(self) -> str:
        median = self.quantile(0.5)
        return (
            f"{self.method}\nn = {self.n}, events = {self.n_events}, "
            f"median = {median} ({100 * self.conf_level:g} % limits, {self.conf_type})"
        )


def kaplan_meier(
    time: ArrayLike,
    event: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    entry: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    robust: bool | None = None,
    conf_type: str = "log",
    conf_level: float = 0.95,
) -> SurvivalCurve:
    """Kaplan-Meier estimate of survival.

    Parameters
    ----------
    time : array_like, shape (n,)
        Follow-up time, not negative; any unit.
    event : array_like, shape (n,)
        1 or True for an event at `time`, 0 or False for right censoring.  At a shared time events come before
        censorings.
    weight : array_like, shape (n,), optional
        Case weights.  Whole weights are taken as frequencies (Greenwood); with fractional weights the standard
        error is the infinitesimal jackknife, as in R survival.
    entry : array_like, shape (n,), optional
        Delayed entry (left truncation): a row is at risk on (entry, time].
    cluster : array_like, shape (n,), optional
        Labels of rows that belong together (subclass, patient): the infinitesimal jackknife, added up within clusters.  Not
        together with `entry`.
    robust : bool, optional
        True: the infinitesimal jackknife, each row its own cluster (``survfit(robust=TRUE)``).  False: Greenwood.  Default:
        the former where a weight is fractional.
    conf_type : {"log", "log-log", "plain", "logit", "arcsin"}
        Scale of the limits; R's default is "log", SAS's "log-log".
    conf_level : float, default 0.95

    Returns
    -------
    SurvivalCurve

    Raises
    ------
    ArrayError
        For missing or negative times, event codes other than 0 and 1, unequal lengths, entry not before time.

    Notes
    -----
    Times that differ by rounding only are tied (``timefix`` of R survival).

    References
    ----------
    Kaplan EL, Meier P. J Am Stat Assoc 1958;53:457-481.
    Greenwood M. Reports on Public Health and Medical Subjects 1926;33:1-26.
    """
    seen = observations(time, event, weight=weight, entry=entry)
    conf_level = probability(conf_level, "conf_level")
    groups = None if cluster is None else labels(cluster, "cluster", seen.time.size)[0]
    require(cluster is None or entry is None, "cluster and entry cannot be combined in a Kaplan-Meier curve.")
    return _estimate(seen, conf_type, conf_level, "Kaplan-Meier", robust, groups)


def reverse_kaplan_meier(
    time: ArrayLike,
    event: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    entry: ArrayLike | None = None,
    robust: bool | None = None,
    conf_type: str = "log",
    conf_level: float = 0.95,
) -> SurvivalCurve:
    """Follow-up time by the reverse Kaplan-Meier method: being censored is the event.

    Parameters and result are those of :func:`kaplan_meier`, with `event` given as for survival.

    References
    ----------
    Schemper M, Smith TL. Control Clin Trials 1996;17:343-346.
    """
    seen = observations(time, event, weight=weight, entry=entry)
    flipped = Observations(seen.time, ~seen.event, seen.weight, seen.entry)
    return _estimate(flipped, conf_type, probability(conf_level, "conf_level"), "reverse Kaplan-Meier (follow-up)", robust)


def _estimate(
    seen: Observations, conf_type: str, conf_level: float, name: str, robust: bool | None, groups: IntArray | None = None
) -> SurvivalCurve:
    line = lay_out(seen.time, seen.entry)
    size = line.values.size
    leaving = np.bincount(line.code, minlength=size)
    kept = np.flatnonzero(leaving)
    entering = None if line.entry is None else np.bincount(line.entry, minlength=size)
    n_at_risk = _at_risk(leaving, entering)
    at_risk, events, gone = n_at_risk, _events(line, seen.event, size), leaving
    effective = n_at_risk
    n_events = int(events.sum())
    if seen.weight is not None:
        gone = np.bincount(line.code, seen.weight, size)
        entered = None if line.entry is None else np.bincount(line.entry, seen.weight, size)
        at_risk = _at_risk(gone, entered)
        events = np.bincount(line.code, seen.weight * seen.event, size)
        effective = _effective(at_risk, seen.weight, line, size)
    if robust is None:
        robust = seen.weight is not None and bool((seen.weight != np.floor(seen.weight)).any())
    at_risk, events = at_risk[kept], events[kept]
    survival = kaplan_meier_product(at_risk, events)
    weight = np.ones(seen.time.size) if seen.weight is None else seen.weight
    if groups is not None:
        parts = influence_parts(survival, at_risk, events, seen, line, kept)
        squares = clustered_squares(parts.place, parts.path, parts.final, weight, groups)
        std_err, variance = _held(survival * np.sqrt(squares), events), "infinitesimal jackknife variance, clustered"
    elif not robust:
        std_err, variance = _greenwood(survival, at_risk, events), "Greenwood variance"
    else:
        std_err, variance = _jackknife(survival, at_risk, events, seen, weight, line, kept), "infinitesimal jackknife variance"
    low, high = confidence_limits(survival, std_err, conf_type, conf_level)
    return SurvivalCurve(
        time=line.values[kept],
        at_risk=at_risk,
        events=events,
        censored=gone[kept] - events,
        n_at_risk=n_at_risk[kept],
        effective_at_risk=effective[kept],
        survival=survival,
        std_err=std_err,
        low=low,
        high=high,
        n=seen.time.size,
        n_events=n_events,
        conf_type=conf_type,
        conf_level=conf_level,
        method=f"{name}, {conf_type} confidence limits, {variance}",
        _entry_values=None if entering is None else line.values,
        _entry_counts=entering,
    )


def _effective(at_risk: Counts, weight: Array, line: Timeline, size: int) -> Array:
    squared = weight**2
    entered = None if line.entry is None else np.bincount(line.entry, squared, size)
    squares = _at_risk(np.bincount(line.code, squared, size), entered)
    return np.where(squares > 0, at_risk**2 / np.where(squares > 0, squares, 1.0), 0.0)


def _events(line: Timeline, event: BoolArray, size: int) -> IntArray:
    if event.all():
        return np.bincount(line.code, minlength=size)
    return np.bincount(line.code[event], minlength=size)


def _at_risk(leaving: Counts, entering: Counts | None) -> Counts:
    staying = tail_sums(leaving)
    return staying if entering is None else staying - tail_sums(entering)


def kaplan_meier_product(at_risk: Counts, events: Counts) -> Array:
    """Survival at each time from (weighted) numbers at risk and events."""
    # 1 - d/n at the last risk set must be exactly 0, which a ratio of rounded weights would miss.
    surviving = at_risk - events
    surviving[surviving < 1e-12 * at_risk] = 0
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio: Array = np.where(at_risk > 0, surviving / at_risk, 1.0)
    return ratio.cumprod()


def _greenwood(survival: Array, at_risk: Counts, events: Counts) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(events > 0, events / (at_risk * (at_risk - events)), 0.0)
        std_err = survival * np.sqrt(np.cumsum(terms))
    std_err[survival == 0] = np.nan
    return std_err


def _jackknife(
    survival: Array, at_risk: Counts, events: Counts, seen: Observations, weight: Array, line: Timeline, kept: IntArray
) -> Array:
    """Root of the summed squared influence of each weighted row on the curve, by moments over time."""
    parts = influence_parts(survival, at_risk, events, seen, line, kept)
    place, path, final, before = parts.place, parts.path, parts.final, parts.before
    size = kept.size
    squared = weight**2
    finished = np.cumsum(np.bincount(place, squared * final**2, size))

    def running(values: Array) -> Counts:
        total = tail_sums(np.bincount(place, values, size)) - np.bincount(place, values, size)
        if line.entry is None:
            return total
        late = np.searchsorted(kept, line.entry, side="left")
        return total - tail_sums(np.bincount(late, values, size + 1))[1:]

    ongoing = path**2 * running(squared)
    if line.entry is not None:
        ongoing += running(squared * before**2) - 2 * path * running(squared * before)
    return _held(survival * np.sqrt(np.maximum(finished + ongoing, 0.0)), events)


@dataclass(frozen=True, slots=True, eq=False)
class InfluenceParts:
    """What each row's weight does to log survival.

    Attributes
    ----------
    place : intp ndarray, shape (n,)
        Place of each row's time among the kept times.
    path : float ndarray, shape (k,)
        Cumulated d/(n (n - d)): a row at risk since the origin has raised log survival by so much.
    final : float ndarray, shape (n,)
        Influence from the row's own time on.
    before : float ndarray, shape (n,)
        `path` at the row's entry, 0 without delayed entry.
    """

    place: IntArray
    path: Array
    final: Array
    before: Array


def influence_parts(
    survival: Array, at_risk: Counts, events: Counts, seen: Observations, line: Timeline, kept: IntArray
) -> InfluenceParts:
    """Influence of each row on log survival: d/(n(n - d)) over its time at risk, less 1/(n - d) at its own event."""
    moving = (survival > 0) & (events > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        drop = np.where(moving, 1 / (at_risk - events), 0.0)
        path = np.cumsum(np.where(moving, events / at_risk * drop, 0.0))
    place = np.searchsorted(kept, line.code)
    before = np.zeros(seen.time.size)
    if line.entry is not None:
        entered = np.searchsorted(kept, line.entry, side="right") - 1
        before = np.where(entered >= 0, path[entered], 0.0)
    return InfluenceParts(place, path, path[place] - before - seen.event * drop[place], before)


def _held(std_err: Array, events: Counts) -> Array:
    # Between events nothing moves; rounding must not make it seem so, for quantiles look for equal values.
    last_event = np.maximum.accumulate(np.where(events > 0, np.arange(events.size), -1))
    return np.where(last_event >= 0, std_err[last_event], 0.0)
