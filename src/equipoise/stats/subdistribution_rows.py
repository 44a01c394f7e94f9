"""Weighted counting-process rows of a Fine-Gray model, for delayed entry: a Cox model of them is the model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import Array, ArrayLike, BoolArray, IntArray
from .survival_curve import kaplan_meier
from .validation import causes, observations, require, whole


@dataclass(frozen=True, slots=True, eq=False)
class SubdistributionRows:
    """Intervals (entry, time] in the order of the subjects.

    Attributes
    ----------
    row : intp ndarray, shape (m,)
        Subject of each interval: the cluster of the robust variance.
    entry, time, weight : float ndarray, shape (m,)
    event : intp ndarray, shape (m,)
        1 at an event of the cause of interest.
    """

    row: IntArray
    entry: Array
    time: Array
    event: IntArray
    weight: Array


def fine_gray_rows(
    time: ArrayLike, cause: ArrayLike, entry: ArrayLike | None = None, cause_of_interest: int = 1
) -> SubdistributionRows:
    """Rows on which a weighted Cox model is the Fine-Gray model, with right censoring and delayed entry.

    Parameters
    ----------
    time : array_like, shape (n,)
        Follow-up time, not negative.
    cause : array_like, shape (n,)
        0 for censoring, else the cause of the event as a positive whole number.
    entry : array_like, shape (n,), optional
        Delayed entry: at risk on (entry, time].
    cause_of_interest : int, default 1

    Returns
    -------
    SubdistributionRows
        For ``cox(r.time, r.event, X[r.row], entry=r.entry, weight=r.weight, cluster=r.row)``.  Its robust variance takes
        the weights as known, as R's does.

    Raises
    ------
    ArrayError
        As `cox`; and without an event of the cause of interest.

    Notes
    -----
    Subjects with a competing event stay at risk with the weight W(t-)/W(s-), s their event, t later event times of the
    cause of interest.  W is the product of the probabilities of not being censored and of having entered, each by the
    product-limit method; at a shared time events come before censorings.  The rows of ``finegray`` of R's survival.

    References
    ----------
    Geskus RB. Biometrics 2011;67:39-49.
    """
    n = np.shape(time)[0] if np.ndim(time) else 0
    cause, _ = causes(cause, n)
    seen = observations(time, cause > 0, entry=entry)
    own = cause == whole(cause_of_interest, "cause_of_interest")
    require(own.any(), "there is no event of the cause of interest.")
    # Someone leaves at time 0: everybody was there before, else the others would count as late entries.
    start = np.full(n, -1.0 if (seen.time == 0).any() else 0.0) if seen.entry is None else seen.entry
    change, chance = _presence(start, seen.time, seen.event)
    edges = np.append(change, np.inf)
    occupied = np.zeros(edges.size, dtype=bool)
    occupied[np.searchsorted(edges, seen.time[own], side="left")] = True
    rival = np.flatnonzero(seen.event & ~own)
    first = np.searchsorted(edges, seen.time[rival], side="left")
    later = (np.arange(edges.size) > first[:, None]) & occupied
    who, piece = np.nonzero(later)
    last = seen.time[own].max()
    stop = seen.time.copy()
    stop[rival] = np.maximum(stop[rival], np.minimum(edges[first], last))
    row = np.concatenate((np.arange(n), rival[who]))
    begin = np.concatenate((start, change[piece - 1]))
    end = np.concatenate((stop, np.minimum(edges[piece], last)))
    weight = np.concatenate((np.ones(n), chance[piece] / chance[first[who]]))
    event = np.concatenate((own, np.zeros(who.size, dtype=bool))).astype(np.intp)
    order = np.lexsort((begin, row))
    return SubdistributionRows(row[order], begin[order], end[order], event[order], weight[order])


def _presence(start: Array, stop: Array, event: BoolArray) -> tuple[Array, Array]:
    """Times at which the probability of being uncensored and entered changes, and its value before, between and after them."""
    times = np.unique(np.concatenate((start, stop)))
    opens = np.searchsorted(times, start).astype(float)
    closes = np.searchsorted(times, stop) - np.where(event, 0.2, 0.0)
    censoring = kaplan_meier(closes, ~event, entry=opens)
    left = censoring.events > 0
    entering = kaplan_meier(times.size - opens, np.ones(opens.size), entry=times.size - closes)
    came = times.size - entering.time[entering.events > 0][::-1]
    present = np.append(entering.survival[entering.events > 0][::-1][1:], 1.0)
    at = np.unique(np.concatenate((censoring.time[left], came)))
    stayed = np.concatenate(([1.0], censoring.survival[left]))[np.searchsorted(censoring.time[left], at, side="right")]
    here = np.concatenate(([1.0], present))[np.searchsorted(came, at, side="right")]
    return times[at.astype(int)], np.concatenate(([1.0], stayed * here))
