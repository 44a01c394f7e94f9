"""Score residuals of a Cox model and the robust (sandwich) variance made of them, in O(n p)."""

from __future__ import annotations

import numpy as np

from .arrays import Array, IntArray
from .cox_likelihood import PartialLikelihood, Pass


def score_meat(likelihood: PartialLikelihood, done: Pass, cluster: IntArray | None = None) -> Array:
    """Sum over rows (or clusters) of the outer products of weighted score residuals, shape (p, p)."""
    sets = likelihood.sets
    scores = _Scores(likelihood, done)
    p = sets.columns.shape[0]
    if cluster is None:
        meat = np.zeros((p, p))
        for first, last in sets.blocks():
            block = scores.weighted_rows(first, last)
            meat += block @ block.T
        return meat
    code = cluster[sets.row]
    sums = np.zeros((p, int(cluster.max()) + 1))
    for first, last in sets.blocks():
        start, stop = sets.rows_of(first, last)
        add_by_cluster(sums, code[start:stop], scores.weighted_rows(first, last))
    return sums @ sums.T


def add_by_cluster(sums: Array, code: IntArray, block: Array) -> None:
    """Add the columns of `block`, shape (p, rows), to the cluster sums, shape (p, clusters)."""
    low, high = int(code.min()), int(code.max())
    # Adding full-length counts block by block would be quadratic when clusters are as many as rows.
    if high - low < 4 * code.size:
        for total, values in zip(sums, block, strict=True):
            total[low : high + 1] += np.bincount(code - low, values, high - low + 1)
    else:
        for total, values in zip(sums, block, strict=True):
            np.add.at(total, code, values)


def score_matrix(likelihood: PartialLikelihood, done: Pass) -> Array:
    """Weighted score residuals of all original rows, shape (n, p); rows never at risk have zeros."""
    sets = likelihood.sets
    scores = _Scores(likelihood, done)
    out = np.zeros((sets.n, sets.columns.shape[0]))
    for first, last in sets.blocks():
        start, stop = sets.rows_of(first, last)
        out[sets.row[start:stop]] = scores.weighted_rows(first, last).T
    return out


def slot_means(likelihood: PartialLikelihood, done: Pass) -> tuple[Array, Array, Array | None]:
    """Sums over the tied denominators of each slot that carry the risk sets' means.

    Returns
    -------
    mean_at_event : float ndarray, shape (p, k)
        Mean of the (tied) risk sets, averaged over their denominators.
    drift : float ndarray, shape (p, k)
        Hazard increments times means.
    reduction : float ndarray, shape (p, t), or None
        The part of `drift` that the slot's own events do not meet, where they are several (Efron).
    """
    hazard, reduction = done.hazard, None
    mean_sum, drift = done.S1 * hazard.a, done.S1 * hazard.q0
    several, af, q1, q2 = hazard.several, hazard.af, hazard.q1, hazard.q2
    if done.E1 is not None and several is not None and af is not None and q1 is not None and q2 is not None:
        mean_sum[:, several] -= done.E1 * af
        drift[:, several] -= done.E1 * q1
        reduction = done.S1[:, several] * q1 - done.E1 * q2
    return mean_sum / likelihood.sets.tied_weight, drift, reduction


class _Scores:
    """Slot sums behind the score residuals, made once and read block by block.

    A row's score residual is its covariates' distance from the risk-set mean at its own event, less the same
    distance summed over its time at risk with the hazard as weight (Therneau, Grambsch 2000, section 4.2).
    """

    def __init__(self, likelihood: PartialLikelihood, done: Pass) -> None:
        self.likelihood, self.done = likelihood, done
        self.mean_at_event, drift, reduction = slot_means(likelihood, done)
        self.hazard, self.drift = likelihood.met_hazard(done), likelihood.met(done, drift, reduction)

    def rows(self, first: int, last: int) -> Array:
        """Score residuals, without case weights, of the rows in segments first..last-1; shape (p, rows)."""
        sets = self.likelihood.sets
        start, stop = sets.rows_of(first, last)
        columns = sets.columns[:, start:stop]
        block = first, last, start, stop
        scores = self.drift(*block) - columns * self.hazard(*block)
        if sets.weight is not None:
            scores /= sets.weight[start:stop]
        event = np.flatnonzero(sets.event[start:stop])
        slots = np.repeat(sets.seg_slot[first:last], sets.seg_length[first:last])[event]
        scores[:, event] += columns[:, event] - self.mean_at_event[:, slots]
        return scores

    def weighted_rows(self, first: int, last: int) -> Array:
        sets = self.likelihood.sets
        scores = self.rows(first, last)
        if sets.weight is not None:
            start, stop = sets.rows_of(first, last)
            scores *= sets.weight[start:stop]
        return scores
