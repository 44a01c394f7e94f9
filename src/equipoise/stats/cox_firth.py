"""Firth's penalised partial likelihood: finite estimates under separation and little bias with few events."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import Array
from .cox_likelihood import PartialLikelihood, Pass
from .cox_scores import slot_means
from .newton import Iterate, aliased_columns


@dataclass(frozen=True, slots=True, eq=False)
class PenalisedPass:
    """Penalised log-likelihood and score at `beta`, the plain information, and the plain pass behind them."""

    beta: Array
    loglik: float
    gradient: Array
    information: Array
    plain: Pass


class FirthLikelihood:
    """Partial likelihood times the root of the determinant of its information (Jeffreys' prior)."""

    def __init__(self, likelihood: PartialLikelihood) -> None:
        self.plain = likelihood
        self.sets = likelihood.sets
        self.n_columns, self.n_events = likelihood.n_columns, likelihood.n_events
        null = likelihood.at(np.zeros(self.n_columns))
        self.free = np.flatnonzero(~aliased_columns(null.information, self.n_events * likelihood.spread()))

    needs_origin, penalised = True, True

    def origin(self) -> Array:
        """Coefficients of zero, where the score test is made."""
        return np.zeros(self.n_columns)

    def yardstick(self, first: Iterate) -> tuple[Array, float]:
        """See :func:`equipoise.stats.newton.maximise`."""
        return self.n_events * self.spread(), self.n_events

    def spread(self) -> Array:
        """Mean square of each column, shape (p,)."""
        return self.plain.spread()

    def at(self, beta: Array) -> PenalisedPass:
        """One pass at `beta`, shape (p,)."""
        done = self.plain.at(beta)
        box = np.ix_(self.free, self.free)
        sign, logdet = np.linalg.slogdet(done.information[box])
        if sign <= 0 or not np.isfinite(logdet):
            return PenalisedPass(beta, -np.inf, done.gradient, done.information, done)
        inverse = np.zeros_like(done.information)
        inverse[box] = np.linalg.inv(done.information[box])
        gradient = done.gradient.copy()
        gradient[self.free] += 0.5 * self._penalty_slope(done, inverse)[self.free]
        return PenalisedPass(beta, done.loglik + 0.5 * logdet, gradient, done.information, done)

    def _penalty_slope(self, done: Pass, inverse: Array) -> Array:
        """Derivative of the log determinant of the information, the trace of inverse times dI/d(beta_j), shape (p,).

        With Z the mean over a (tied) risk set, dI/d(beta_j) is the sum of S3/S0 - S2 S1_j/S0**2 - V_j Z' - Z V_j', V_j
        the covariance with column j, each sum over risk sets taken through the rows' cumulated hazards.
        """
        likelihood, columns = self.plain, self.sets.columns
        whole = (0, self.sets.seg_start.size, 0, self.sets.row.size)
        hazard = likelihood.met_hazard(done)(*whole)
        _, drift, reduction = slot_means(likelihood, done)
        drift = likelihood.met(done, drift, reduction)(*whole)
        spread = inverse @ columns
        leverage = np.einsum("ij,ij->j", columns, spread)
        cross = np.einsum("ij,ij->j", drift, spread)
        third = columns @ (hazard * leverage - 2 * cross) - drift @ leverage
        return third + 2 * self._triple(done, inverse)

    def _triple(self, done: Pass, inverse: Array) -> Array:
        """Sum over denominators of Z_j Z' inverse Z, shape (p,)."""
        ties = self.plain.ties
        slot, f, weight = ties.denominators()
        Z, S0 = done.S1[:, slot], done.S0[slot]
        if done.E0 is not None and done.E1 is not None:
            Z = Z - f * ties.at_slots(done.E1)[:, slot]
            S0 = S0 - f * ties.at_slots(done.E0)[slot]
        Z = Z / S0
        return Z @ (np.einsum("ij,ij->j", Z, inverse @ Z) * weight)
