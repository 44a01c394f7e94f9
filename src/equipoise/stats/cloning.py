"""Clone, censor, weight: comparing strategies that followed patients only comply with for a while."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .arrays import AnyArray, Array, ArrayLike, BoolArray, IntArray
from .counting_process import split_at
from .cox_model import cox
from .logistic_model import logistic
from .validation import Observations, matrix, observations, require

START, WAIT = 1, 0


@dataclass(frozen=True, slots=True)
class Strategy:
    """What a strategy asks for from the time at which all strategies could begin.

    Attributes
    ----------
    by : float
        Its last day, above 0: the end of the grace period.
    kinds : tuple of labels or None
        Kinds of treatment one of which is to be started; None for any; empty where nothing may be started until `by`.
    since : float, default 0
        First day on which the treatment may be started.
    """

    by: float
    kinds: tuple[object, ...] | None = None
    since: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Clones:
    """Weighted intervals (entry, time] of a clone per subject and strategy.

    Attributes
    ----------
    row : intp ndarray, shape (m,)
        Subject behind each interval: the cluster of the robust variance.
    strategy : intp ndarray, shape (m,)
        Position of the strategy; of `clone_censor` 1 "start within the grace period", 0 "do not start within it".
    entry, time, event : ndarray, shape (m,)
    weight : float ndarray, shape (m,)
        1 / probability of not having been censored artificially by the start of the interval.
    n_started : int
        Subjects who started before the last day of any strategy and before their follow-up ended.
    n_censored : tuple of int
        Artificially censored clones of each strategy.
    method : str
    """

    row: IntArray
    strategy: IntArray
    entry: Array
    time: Array
    event: IntArray
    weight: Array
    n_started: int
    n_censored: tuple[int, ...]
    method: str


def clone_censor(
    time: ArrayLike, event: ArrayLike, start: ArrayLike, grace: float, X: ArrayLike | None = None, switch: ArrayLike | None = None
) -> Clones:
    """Two strategies: start within the grace period (1), or do not (0).  As `clone_strategies`.

    Parameters
    ----------
    time, event : array_like, shape (n,)
        Follow-up from the time at which both strategies could begin.
    start : array_like, shape (n,)
        When the treatment was started, nan for never; a start at or after `time` is none.
    grace : float
        Length of the grace period, above 0.  Until it ends a clone that has not yet started complies with both.
    X, switch : array_like, optional
        Covariates of the censoring models.

    Returns
    -------
    Clones
    """
    return clone_strategies(time, event, start, [Strategy(grace, ()), Strategy(grace)], X=X, switch=switch)


def clone_strategies(
    time: ArrayLike,
    event: ArrayLike,
    start: ArrayLike,
    strategies: Sequence[Strategy],
    kind: ArrayLike | None = None,
    *,
    X: ArrayLike | None = None,
    switch: ArrayLike | None = None,
) -> Clones:
    """Clone each subject under every strategy, censor a clone when it departs from its own, and weight the rest.

    Parameters
    ----------
    time, event : array_like, shape (n,)
        Follow-up from the time at which all strategies could begin.
    start : array_like, shape (n,)
        When the (first) treatment was started, nan for never; a start at or after `time` is none.
    strategies : sequence of Strategy
    kind : array_like, shape (n,), optional
        Kind of the treatment started; needed where a strategy names kinds.
    X : array_like, shape (n, p), optional
        Baseline covariates of the censoring models.
    switch : array_like, shape (n, q), optional
        Times at which time-dependent covariates of the censoring models change from 0 to 1 (such as progression), nan
        for never.  A change counts from after its time on.

    Returns
    -------
    Clones

    Notes
    -----
    A clone is censored at a start that its strategy does not allow (none, too early, another kind) by its last day; the
    probability of remaining comes from a Cox model of such starts among those who have not started (Breslow ties and
    baseline; product-limit without covariates).  A clone that was to start and has not is censored at the last day;
    its probability of remaining comes from a logistic model among those still followed and uncensored then (the
    proportion without covariates).  Where a model is separated it is fitted by Firth's penalised likelihood.  At a
    shared time an event comes before artificial censoring.  Subjects with a start at time 0 that a strategy does not allow have
    no clone of it, but count in its weights.

    References
    ----------
    Hernan MA. BMJ 2018;360:k182.  Maringe C et al. Int J Epidemiol 2020;49:1719-1729.
    """
    seen = observations(time, event)
    n = seen.time.size
    begun = np.asarray(start, dtype=float)
    require(begun.shape == (n,), "start needs one value per subject, nan for never.")
    require(len(strategies) > 1, "clones need at least two strategies.")
    require(all(s.by > max(s.since, 0) for s in strategies), "the grace period must be longer than 0.")
    named = any(s.kinds for s in strategies)
    kinds: AnyArray = np.full(n, "") if kind is None and not named else np.asarray(kind, dtype=object)
    require(kinds.shape == (n,), "kind needs one value per subject where a strategy names kinds.")
    columns = np.empty((n, 0)) if X is None else matrix(X, n)
    changes: Array = np.empty((n, 0)) if switch is None else np.asarray(switch, dtype=float).reshape(n, -1)
    begun = np.where(np.isnan(begun) | (begun >= seen.time), np.inf, np.maximum(begun, 0.0))
    made = [_under(seen, begun, kinds, s, columns, changes) for s in strategies]
    strategy = np.repeat(np.arange(len(made)), [m[0].size for m in made])
    row, entry, stop, happened, weight = (np.concatenate(part) for part in zip(*(m[:5] for m in made), strict=True))
    order = np.lexsort((entry, -strategy, row))
    return Clones(
        row=row[order].astype(np.intp),
        strategy=strategy[order].astype(np.intp),
        entry=entry[order],
        time=stop[order],
        event=happened[order].astype(np.intp),
        weight=weight[order],
        n_started=int((begun <= max(s.by for s in strategies)).sum()),
        n_censored=tuple(m[5] for m in made),
        method="cloning, artificial censoring and inverse probability of censoring weights",
    )


def _under(
    seen: Observations, start: Array, kind: AnyArray, strategy: Strategy, X: Array, switch: Array
) -> tuple[IntArray, Array, Array, BoolArray, Array, int]:
    """The clones of one strategy: row, entry, stop, event and weight of each interval, and how many were censored."""
    begun = start <= strategy.by
    allowed = begun & (start >= strategy.since) & _of_kind(kind, strategy.kinds)
    refused = begun & ~allowed
    due = strategy.kinds is None or len(strategy.kinds) > 0
    beyond = seen.time > strategy.by
    late = beyond & ~begun if due else np.zeros(start.size, dtype=bool)
    stop = np.where(refused, start, np.where(late, strategy.by, seen.time))
    happened = seen.event & ~refused & ~late
    at_risk = np.minimum(np.where(begun, start, seen.time), strategy.by)
    cuts = np.unique(start[refused])
    remaining = _remaining(at_risk, refused, cuts, X, switch)
    kept = np.ones(start.size)
    remains = allowed[beyond & ~refused]
    if due and remains.any() and not remains.all():
        at = beyond & ~refused
        changed = (switch[at] < strategy.by).astype(float)
        kept[at] = _probability(remains, np.column_stack((X[at], changed)))
    edges, chance = _steps(cuts, remaining, strategy.by if due else None, kept)
    row, piece = np.nonzero(stop[:, None] > edges[:-1])
    low, high = edges[piece], edges[piece + 1]
    last = stop[row] <= high
    ends = np.minimum(stop[row], high)
    return row, low, ends, happened[row] & last, 1 / chance[row, piece], int(refused.sum() + late.sum())


def _of_kind(kind: AnyArray, kinds: tuple[object, ...] | None) -> BoolArray:
    return np.ones(kind.size, dtype=bool) if kinds is None else np.isin(kind.astype(str), [str(k) for k in kinds])


def _steps(cuts: Array, remaining: Array, due: float | None, kept: Array) -> tuple[Array, Array]:
    """Edges of the intervals and, per subject (rows), the probability of remaining in each of them (columns)."""
    begin = np.unique(np.concatenate(([0.0], cuts, [] if due is None else [due])))
    place = np.searchsorted(cuts, begin, side="right")
    chance = np.column_stack((np.ones(kept.size), remaining))[:, place]
    if due is not None:
        chance = chance * np.where(begin >= due, kept[:, None], 1.0)
    return np.concatenate((begin, [np.inf])), chance


def _probability(remains: BoolArray, X: Array) -> Array:
    if X.shape[1] == 0:
        return np.full(remains.size, remains.mean())
    fit = logistic(remains, X)
    return (logistic(remains, X, firth=True) if fit.separated else fit).fitted


def _remaining(stop: Array, refused: BoolArray, cuts: Array, X: Array, switch: Array) -> Array:
    """Probability of no refused start, per subject (rows) just after each cut (columns); it rests once one has left."""
    at_risk = stop[:, None] >= cuts
    leaving = np.array([(refused & (stop == c)).sum() for c in cuts], dtype=float)
    if X.shape[1] + switch.shape[1] == 0 or cuts.size == 0:
        factor: Array = np.where(at_risk, 1 - leaving / at_risk.sum(axis=0), 1.0)
        return factor.cumprod(axis=1)
    centred = X - X.mean(axis=0)
    coef = _coefficients(stop, refused, centred, switch)
    score = (centred @ coef[: X.shape[1]])[:, None] + sum(
        gamma * (switch[:, [k]] < cuts) for k, gamma in enumerate(coef[X.shape[1] :])
    )
    risk = np.exp(score)
    hazard = leaving / (risk * at_risk).sum(axis=0)
    return np.exp(-np.cumsum(np.where(at_risk, risk * hazard, 0.0), axis=1))


def _coefficients(stop: Array, refused: BoolArray, X: Array, switch: Array) -> Array:
    """Cox model of refused starts, follow-up split where a time-dependent covariate changes."""
    if switch.shape[1] == 0:
        return _finite(stop, refused, X)
    # From before 0, so that a start on day 0 has an interval of its own.
    row, entry, time, event = np.arange(stop.size), np.full(stop.size, -1.0), stop, refused.astype(int)
    on = np.empty((stop.size, 0))
    for k in range(switch.shape[1]):
        split = split_at(time, event, switch[row, k], entry=entry)
        on = np.column_stack((on[split.row], split.on))
        row, entry, time, event = row[split.row], split.entry, split.time, split.event
    return _finite(time, event, np.column_stack((X[row], on)), entry)


def _finite(time: Array, event: AnyArray, X: Array, entry: Array | None = None) -> Array:
    if not event.any():
        return np.zeros(X.shape[1])
    fit = cox(time, event, X, entry=entry, ties="breslow")
    if not (fit.estimable | fit.aliased).all():
        fit = cox(time, event, X, entry=entry, ties="breslow", firth=True)
    return np.where(fit.aliased, 0.0, fit.coef)
