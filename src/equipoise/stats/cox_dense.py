"""The partial likelihood of few rows, with the risk sets as one matrix.

Row j of `at_risk` belongs to the j-th tied denominator: 1 for rows at risk, less Efron's fraction l/d for the
rows of the tied events.  All sums over risk sets are then products with it, the fewest calls that a pass can
make; with few rows the calls are what costs.
"""

from __future__ import annotations

import numpy as np

from .arrays import Array, IntArray
from .cox_likelihood import REACH, PartialLikelihood, Pass
from .cox_risk_sets import RiskSets
from .newton import Derivatives, Iterate

# Above this many elements of `at_risk` its products cost more than the calls that they save.
_MOST_ELEMENTS = 20_000


def dense_or_same(likelihood: PartialLikelihood) -> DenseLikelihood | PartialLikelihood:
    """A :class:`DenseLikelihood` of the same rows where it is the faster, else `likelihood` itself."""
    sets = likelihood.sets
    size = sets.row.size * int(likelihood.n_events if sets.weight is None else sets.tied.sum())
    return DenseLikelihood(likelihood) if size <= _MOST_ELEMENTS else likelihood


class DenseLikelihood:
    """Log partial likelihood, gradient and information of a `PartialLikelihood`, without the sums behind them."""

    needs_origin, penalised = True, False

    def __init__(self, likelihood: PartialLikelihood) -> None:
        sets = likelihood.sets
        self._like = likelihood
        self.n_columns, self.columns = likelihood.n_columns, sets.columns
        self.transposed = np.ascontiguousarray(sets.columns.T)
        self.event_sum, self.with_ones, self.weight = likelihood.event_sum, likelihood.with_ones, sets.weight
        slot, fraction, self.tie_weight = likelihood.ties.denominators()
        # Together a bound of how far linear predictors can lie apart.
        self.width = self.columns.max(axis=1) - self.columns.min(axis=1)
        self.known = 0.0 if sets.offset is None else float(np.ptp(sets.offset))
        self.at_risk = _at_risk(sets, slot, fraction)

    def origin(self) -> Array:
        """Coefficients of zero, where the score test is made."""
        return np.zeros(self.n_columns)

    def yardstick(self, first: Iterate) -> tuple[Array, float]:
        """See :func:`equipoise.stats.newton.maximise`."""
        return self._like.yardstick(first)

    def at(self, beta: Array) -> Derivatives | Pass:
        """Log-likelihood, gradient and information at `beta`, shape (p,)."""
        like = self._like
        if np.abs(beta) @ self.width + self.known > REACH:
            return like.at(beta)
        risk = np.exp(like.linear_predictor(beta))
        if self.weight is not None:
            risk *= self.weight
        scaled = self.with_ones * risk
        sums = scaled @ self.at_risk.T
        S0, S1 = sums[0], sums[1:]
        hazard = self.tie_weight / S0
        loglik = like.event_eta(beta) - float(self.tie_weight @ np.log(S0))
        gradient = self.event_sum - S1 @ hazard
        information = (scaled[1:] * (hazard @ self.at_risk)) @ self.transposed
        information -= (S1 * (hazard / S0)) @ S1.T
        return Derivatives(beta, loglik, gradient, information)


def _at_risk(sets: RiskSets, slot: IntArray, fraction: Array) -> Array:
    """Shape (denominators, rows): 1 at risk, 0 not, 1 - l/d for the events of the denominator's own slot."""
    row_slot = sets.seg_slot.repeat(sets.seg_length)
    inside = row_slot >= slot[:, None]
    if sets.stratum_start.size > 1:
        stratum = np.searchsorted(sets.stratum_start, np.arange(sets.n_slots), side="right")
        inside &= stratum[row_slot] == stratum[slot][:, None]
    if sets.entry_slot is not None:
        inside &= sets.entry_slot < slot[:, None]
    at_risk = inside.astype(float)
    tied = fraction.nonzero()[0]
    if tied.size:
        at_risk[tied] -= ((row_slot == slot[tied][:, None]) & sets.event) * fraction[tied][:, None]
    return at_risk
