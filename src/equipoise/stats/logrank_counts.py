"""Counts by group at event times, and the sums that log-rank type tests are made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import Array, BoolArray, Counts, IntArray
from .quadratic import rank_form
from .radix_order import order_of_codes
from .timeline import Timeline, lay_out, tail_sums
from .validation import Observations

WEIGHTINGS = ("fleming-harrington", "gehan", "tarone-ware", "peto", "modified-peto")
# Up to so many rows per stratum all strata are counted at once; longer ones cost less one by one.
_FEW_ROWS = 400


@dataclass(frozen=True, slots=True, eq=False)
class GroupCounts:
    """One stratum at its event times.

    Attributes
    ----------
    events, at_risk : float ndarray, shape (k, times)
        Per group; sums of case weights where there are any.
    squares : float ndarray, shape (k, times), or None
        Sums of squared case weights at risk.
    n_events, n_at_risk : float ndarray, shape (times,)
        All groups together, unweighted.
    """

    events: Counts
    at_risk: Counts
    squares: Counts | None
    n_events: Array
    n_at_risk: Array


def group_counts(
    seen: Observations, group: IntArray, k: int, strata: IntArray | None = None, *, together: bool = False
) -> list[GroupCounts]:
    """Counts of each stratum that has an event; `together`: all as one where that is possible, their event times one after
    another, which is enough for what looks at each time alone."""
    if strata is None:
        return [_counts(seen, group, k)] if seen.event.any() else []
    if together and seen.weight is None and seen.time.size <= _FEW_ROWS * (int(strata.max()) + 1):
        line = lay_out(seen.time, seen.entry)
        if line.apart:
            return [_joint_counts(seen.event, group, k, line, strata)] if seen.event.any() else []
    order = order_of_codes(strata, int(strata.max()) + 1)
    edges = np.concatenate(([0], np.cumsum(np.bincount(strata))))
    found = []
    for start, stop in zip(edges[:-1], edges[1:], strict=True):
        rows = order[start:stop]
        part = seen.rows(rows)
        if part.event.any():
            found.append(_counts(part, group[rows], k))
    return found


def _counts(seen: Observations, group: IntArray, k: int) -> GroupCounts:
    line = lay_out(seen.time, seen.entry)
    size = line.values.size
    offset = group * size
    joint = offset + line.code
    entered = None if line.entry is None else offset + line.entry

    def at_risk(values: Array | None) -> Counts:
        staying = tail_sums(np.bincount(joint, values, k * size).reshape(k, size))
        if entered is None:
            return staying
        return staying - tail_sums(np.bincount(entered, values, k * size).reshape(k, size))

    here = joint[seen.event]
    events = np.bincount(here, minlength=k * size).reshape(k, size)
    total = events.sum(axis=0)
    happened = total.nonzero()[0]
    n = at_risk(None).take(happened, axis=1).astype(float)
    d = events.take(happened, axis=1).astype(float)
    if seen.weight is None:
        return GroupCounts(d, n, None, total[happened].astype(float), n.sum(axis=0))
    weighted = np.bincount(here, seen.weight[seen.event], k * size).reshape(k, size)[:, happened]
    return GroupCounts(
        weighted, at_risk(seen.weight)[:, happened], at_risk(seen.weight**2)[:, happened], d.sum(axis=0), n.sum(axis=0)
    )


def _joint_counts(event: BoolArray, group: IntArray, k: int, line: Timeline, strata: IntArray) -> GroupCounts:
    """All strata at once: a place for each event time of each, in the order of the strata."""
    size = line.values.size
    start = strata * size
    joint = start + line.code
    places = np.unique(joint[event])
    owner = places // size
    beyond = np.searchsorted(owner, np.arange(int(strata.max()) + 2))  # the places of a stratum, and where the next begins

    def at_risk(place: IntArray) -> IntArray:
        last = np.searchsorted(places, place, side="right") - 1
        known = last >= beyond[strata]
        number = np.bincount((group * places.size + last)[known], minlength=k * places.size).reshape(k, -1)
        until_end = np.zeros((k, places.size + 1), dtype=np.intp)
        until_end[:, :-1] = tail_sums(number)
        return until_end[:, :-1] - until_end.take(beyond[owner + 1], axis=1)

    n = at_risk(joint)
    if line.entry is not None:
        n = n - at_risk(start + line.entry)
    here = group[event] * places.size + np.searchsorted(places, joint[event])
    d = np.bincount(here, minlength=k * places.size).reshape(k, -1).astype(float)
    return GroupCounts(d, n.astype(float), None, d.sum(axis=0), n.sum(axis=0).astype(float))


def moments(
    counts: GroupCounts, weighting: str = "fleming-harrington", rho: float = 0.0, gamma: float = 0.0
) -> tuple[Array, Array, Array]:
    """Weighted observed and expected events, shape (k,), and the covariance of their difference, (k, k)."""
    d, n = counts.n_events, counts.n_at_risk
    weight = time_weights(counts, weighting, rho, gamma)
    spread = d * (n - d) / (n * np.maximum(n - 1, 1))
    own = d / n if counts.squares is None else counts.events.sum(axis=0) / counts.at_risk.sum(axis=0)
    if weight is None:
        observed, share = counts.events.sum(axis=1), own
    else:
        observed, share = counts.events @ weight, own * weight
        spread = spread * weight**2
    return observed, counts.at_risk @ share, _covariance(counts, spread)


def _covariance(counts: GroupCounts, spread: Array) -> Array:
    if counts.squares is None:
        scaled = counts.at_risk * (spread / counts.n_at_risk)
        return np.diag(counts.at_risk @ spread) - scaled @ counts.at_risk.T
    share = counts.at_risk / counts.at_risk.sum(axis=0)
    squares = counts.squares * spread
    cross = squares @ share.T
    return np.diag(squares.sum(axis=1)) - cross - cross.T + (share * squares.sum(axis=0)) @ share.T


def time_weights(counts: GroupCounts, weighting: str, rho: float, gamma: float) -> Array | None:
    """Weight of each event time, shape (times,); None where all are one."""
    d, n = counts.n_events, counts.n_at_risk
    if weighting == "gehan":
        return n
    if weighting == "tarone-ware":
        return np.sqrt(n)
    if weighting in ("peto", "modified-peto"):
        survival = (1 - d / (n + 1)).cumprod()
        return survival if weighting == "peto" else survival * n / (n + 1)
    if rho == 0 and gamma == 0:
        return None
    survival = np.concatenate(([1.0], (1 - d / n).cumprod()[:-1]))
    return survival**rho * (1 - survival) ** gamma


def quadratic_form(excess: Array, covariance: Array, used: BoolArray) -> tuple[float, int]:
    """Chi-square of `excess` (which sums to zero) over the used groups, and the rank of their covariance."""
    place = used.nonzero()[0]
    if place.size == 2:
        last = place[1]
        variance = covariance[last, last]
        return (float(excess[last] ** 2 / variance), 1) if variance > 0 else (0.0, 0)
    return rank_form(excess[place], covariance[np.ix_(place, place)])
