"""Residuals of a fitted Cox model."""

from __future__ import annotations

import numpy as np

from .arrays import Array, BoolArray, IntArray
from .cox_likelihood import PartialLikelihood, Pass
from .cox_scores import score_matrix, slot_means


def martingale(likelihood: PartialLikelihood, done: Pass, event: BoolArray) -> Array:
    """Event indicator less cumulated hazard of each original row, shape (n,).

    With Efron ties the events of a slot meet only part of its hazard, as in ``residuals.coxph``.  Rows that were
    at risk at no event time keep their event indicator.
    """
    sets = likelihood.sets
    out = event.astype(float)
    whole = (0, sets.seg_start.size, 0, sets.row.size)
    expected = likelihood.met_hazard(done)(*whole)
    out[sets.row] = sets.event - (expected if sets.weight is None else expected / sets.weight)
    return out


def deviance(residual: Array, event: BoolArray) -> Array:
    """Deviance residuals from martingale residuals, shape (n,)."""
    left = np.where(event, 1 - residual, 1.0)
    gain = -2 * (residual + np.where(event, np.log(np.maximum(left, 1e-300)), 0.0))
    return np.sign(residual) * np.sqrt(np.maximum(gain, 0.0))


def score(likelihood: PartialLikelihood, done: Pass) -> Array:
    """Score residuals of each original row (unweighted), shape (n, p)."""
    out = score_matrix(likelihood, done)
    sets = likelihood.sets
    if sets.weight is not None:
        out[sets.row] /= sets.weight[:, None]
    return out


def schoenfeld(likelihood: PartialLikelihood, done: Pass) -> tuple[Array, IntArray, Array]:
    """Covariates of each event less the mean of its risk set.

    Returns
    -------
    time : float ndarray, shape (events,)
        Rising within a stratum.
    row : intp ndarray, shape (events,)
        Original row of each event.
    residual : float ndarray, shape (events, p)
        Not multiplied by case weights.
    """
    sets = likelihood.sets
    mean_at_event, _, _ = slot_means(likelihood, done)
    here = np.flatnonzero(sets.event)
    slot = np.repeat(sets.seg_slot, sets.seg_length)[here]
    # Tied events in the order of the data, whatever the sort made of them.
    order = np.lexsort((sets.row[here], slot))
    here, slot = here[order], slot[order]
    residual = (sets.columns[:, here] - mean_at_event[:, slot]).T
    return sets.slot_time[slot], sets.row[here], residual
