"""Clone, censor, weight: comparing strategies that followed patients only comply with for a while."""

from dataclasses import dataclass

import numpy as np

from .cox_model import cox
from .logistic_model import logistic
from .validation import matrix, observations, require

START, WAIT = 1, 0


@dataclass(frozen=True, slots=True, eq=False)
class Clones:
    """Weighted intervals (entry, time] of two clones per subject.

    Attributes
    ----------
    row : intp ndarray, shape (m,)
        Subject behind each interval: the cluster of the robust variance.
    strategy : intp ndarray, shape (m,)
        1 "start within the grace period", 0 "do not start within it".
    entry, time, event : ndarray, shape (m,)
    weight : float ndarray, shape (m,)
        1 / probability of not having been censored artificially by the start of the interval.
    n_started : int
        Subjects who started within the grace period, before their follow-up ended.
    n_censored : tuple of int
        Artificially censored clones of strategy 0 and of strategy 1.
    method : str
    """

    row: np.ndarray
    strategy: np.ndarray
    entry: np.ndarray
    time: np.ndarray
    event: np.ndarray
    weight: np.ndarray
    n_started: int
    n_censored: tuple
    method: str


def clone_censor(time, event, start, grace, X=None):
    """Clone each subject under two strategies, censor a clone when it departs from its own, and weight the rest.

    Parameters
    ----------
    time, event : array_like, shape (n,)
        Follow-up from the time at which both strategies could begin.
    start : array_like, shape (n,)
        When the treatment was started, nan for never; a start at or after `time` is none.
    grace : float
        Length of the grace period, above 0.  Until it ends a clone that has not yet started complies with both.
    X : array_like, shape (n, p), optional
        Baseline covariates of the censoring models.

    Returns
    -------
    Clones

    Notes
    -----
    Clones told to wait are censored at the start of treatment; their probability of remaining comes from a Cox model
    (Breslow ties and baseline; product-limit without covariates).  Clones told to start are censored at the end of the
    grace period when they have not; theirs comes from a logistic model among those still followed then (the proportion
    without covariates).  Where a model is separated it is fitted by Firth's penalised likelihood.  At a shared time an
    event comes before artificial censoring.  Subjects who start at time 0 have no clone that waits, but count in its
    weights.

    References
    ----------
    Hernan MA. BMJ 2018;360:k182.  Maringe C et al. Int J Epidemiol 2020;49:1719-1729.
    """
    seen = observations(time, event)
    n = seen.time.size
    start = np.asarray(start, dtype=float)
    require(start.shape == (n,), "start needs one value per subject, nan for never.")
    require(grace > 0, "the grace period must be longer than 0.")
    X = np.empty((n, 0)) if X is None else matrix(X, n)
    start = np.where(np.isnan(start) | (start >= seen.time), np.inf, np.maximum(start, 0.0))
    started = start <= grace
    begun, n_late = _told_to_start(seen, started, grace, X)
    waited = _told_to_wait(seen, start, started, grace, X)
    parts = [np.concatenate(pair) for pair in zip(waited, begun, strict=True)]
    order = np.lexsort((parts[1], 1 - parts[4], parts[0]))
    row, entry, stop, happened, strategy, weight = (p[order] for p in parts)
    return Clones(
        row=row.astype(np.intp),
        strategy=strategy.astype(np.intp),
        entry=entry,
        time=stop,
        event=happened.astype(np.intp),
        weight=weight,
        n_started=int(started.sum()),
        n_censored=(int(started.sum()), n_late),
        method="cloning, artificial censoring and inverse probability of censoring weights",
    )


def _told_to_start(seen, started, grace, X):
    """Followed to the end if started by then, else to the end of the grace period; one interval before it, one after."""
    beyond = seen.time > grace
    remains = started[beyond]
    weight = np.ones(seen.time.size)
    if remains.any() and not remains.all():
        weight[beyond] = 1 / _probability(remains, X[beyond])
    first = np.flatnonzero(seen.time > 0)
    later = np.flatnonzero(beyond & started)
    stop = np.concatenate((np.minimum(seen.time[first], grace), seen.time[later]))
    happened = np.concatenate((seen.event[first] & ~beyond[first], seen.event[later]))
    entry = np.repeat([0.0, float(grace)], [first.size, later.size])
    weights = np.concatenate((np.ones(first.size), weight[later]))
    row = np.concatenate((first, later))
    return (row, entry, stop, happened, np.full(row.size, START), weights), int((~remains).sum())


def _probability(remains, X):
    if X.shape[1] == 0:
        return np.full(remains.size, remains.mean())
    fit = logistic(remains, X)
    return (logistic(remains, X, firth=True) if fit.separated else fit).fitted


def _told_to_wait(seen, start, started, grace, X):
    """Followed until treatment starts within the grace period; intervals between the times at which clones are censored."""
    stop = np.where(started, start, seen.time)
    happened = np.where(started, False, seen.event)
    cuts = np.unique(start[started])
    remaining = _remaining(np.minimum(stop, grace), started, cuts, X)
    if cuts.size == 0 or cuts[0] > 0:
        cuts = np.concatenate(([0.0], cuts))
        remaining = np.column_stack((np.ones(stop.size), remaining))
    edges = np.concatenate((cuts, [np.inf]))
    row, piece = np.nonzero(stop[:, None] > edges[:-1])
    low, high = edges[piece], edges[piece + 1]
    last = stop[row] <= high
    return (
        row,
        low,
        np.minimum(stop[row], high),
        happened[row] & last,
        np.full(row.size, WAIT),
        1 / remaining[row, piece],
    )


def _remaining(stop, started, cuts, X):
    """Probability of not having started, per subject (rows) just after each cut (columns)."""
    at_risk = stop[:, None] >= cuts
    leaving = np.array([(started & (stop == c)).sum() for c in cuts], dtype=float)
    if X.shape[1] == 0 or cuts.size == 0:
        return np.tile(np.cumprod(1 - leaving / at_risk.sum(axis=0)), (stop.size, 1))
    centred = X - X.mean(axis=0)
    fit = cox(stop, started, centred, ties="breslow")
    if not (fit.estimable | fit.aliased).all():
        fit = cox(stop, started, centred, ties="breslow", firth=True)
    risk = np.exp(centred @ np.where(fit.aliased, 0.0, fit.coef))
    hazard = np.cumsum(leaving / (risk @ at_risk))
    return np.exp(-risk[:, None] * hazard)
