"""Variances of a cumulative incidence."""

from __future__ import annotations

import numpy as np

from .arrays import Array, BoolArray, Counts, IntArray
from .survival_curve import influence_parts
from .timeline import Timeline, tail_sums
from .validation import Observations


def aalen_variance(incidence: Array, before: Array, at_risk: Counts, events: Counts, own: Counts) -> Array:
    """Variance of cumulative incidences by Aalen's estimator, in one pass, shape (causes, times).

    An event of the cause at t_i moves F(t) by S(t_i-)/n [1 - (F(t) - F(t_i))/S(t_i)], any other event by the
    second part alone; both with the hypergeometric factor for ties.  The squares are polynomials in F(t) whose
    coefficients are summed, not the terms.

    Parameters
    ----------
    incidence, own : ndarray, shape (causes, times)
    before, at_risk, events : ndarray, shape (times,)
    """
    n = at_risk.astype(float)
    survival = before * (1 - events / n)
    going = survival > 0
    slope = np.where(going, 1 / np.where(going, survival, 1.0), 0.0)
    step = (before / n) ** 2
    first, other = step * own, (events - own) * (step * going)
    correct_ties(first, own, n)
    correct_ties(other, events - own, n)
    level = slope * incidence
    both = first + other
    linear = level * both + first
    constant = (level * (linear + first) + first).cumsum(axis=-1)
    linear = (slope * linear).cumsum(axis=-1)
    square = (slope**2 * both).cumsum(axis=-1)
    return np.maximum(constant + incidence * (incidence * square - 2 * linear), 0.0)


def correct_ties(variance: Array, d: Counts, n: Array) -> None:
    """Multiply by the hypergeometric factor of several events of a cause at one time, in place.

    Parameters
    ----------
    variance, d : ndarray, shape (causes, times)
        d: events.
    n : float ndarray, shape (times,)
        At risk.
    """
    several = (d > 1).nonzero()
    if several[0].size:
        among = n[several[1]]
        variance[several] *= 1 - (d[several] - 1) / np.where(among > 1, among - 1, 1.0)


def jackknife_variance(
    incidence: Array,
    survival: Array,
    at_risk: Counts,
    events: Counts,
    own: Counts,
    seen: Observations,
    weight: Array,
    mine: BoolArray,
    line: Timeline,
    kept: IntArray,
) -> Array:
    """Summed squared influence of each weighted row on the cumulative incidence, by moments over time.

    While a row is at risk its influence is -P(t) + g F(t) + k, where P sums S(u-) d1/n [1/n - G(u-)], G is what
    being at risk does to log survival, and g and k come from its entry; from its own time on it is a line in
    F(t), for all later incidence is scaled by what it has done to survival.
    """
    parts = influence_parts(survival, at_risk, events, seen, line, kept)
    place, size = parts.place, kept.size
    before = np.concatenate(([1.0], survival[:-1]))
    path_before = np.concatenate(([0.0], parts.path[:-1]))
    drained = np.cumsum(before * own / at_risk * (1 / at_risk - path_before))
    entry_incidence, entry_drained = _at_entry(incidence, line, kept), _at_entry(drained, line, kept)
    slope = -parts.before
    level = entry_drained - slope * entry_incidence
    own_time = -drained[place] + slope * incidence[place] + level + mine * before[place] / at_risk[place]
    squared = weight**2
    start = own_time - parts.final * incidence[place]

    def ended(values: Array) -> Counts:
        return np.cumsum(np.bincount(place, squared * values, size))

    def running(values: Array) -> Counts:
        stopped = np.bincount(place, squared * values, size)
        total = tail_sums(stopped) - stopped
        if line.entry is None:
            return total
        late = np.searchsorted(kept, line.entry, side="left")
        return total - tail_sums(np.bincount(late, squared * values, size + 1))[1:]

    f, c = incidence, parts.final
    finished = ended(start**2) + 2 * f * ended(start * c) + f**2 * ended(c**2)
    ongoing = drained**2 * running(np.ones(place.size))
    if line.entry is not None:
        ongoing += f**2 * running(slope**2) + running(level**2) + 2 * f * running(slope * level)
        ongoing -= 2 * drained * (f * running(slope) + running(level))
    return np.maximum(finished + ongoing, 0.0)


def _at_entry(curve: Array, line: Timeline, kept: IntArray) -> Array | float:
    if line.entry is None:
        return 0.0
    entered = np.searchsorted(kept, line.entry, side="right") - 1
    return np.where(entered >= 0, curve[entered], 0.0)
