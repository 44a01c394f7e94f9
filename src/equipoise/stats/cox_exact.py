"""Exact (discrete) partial likelihood of the Cox model.

The events of a risk set are compared with all other sets of as many subjects.  The sum over sets is an
elementary symmetric polynomial of the risks; it is kept as a mean over sets, which neither over- nor underflows,
and grown row by row from the last time to the first, with its first and second derivatives.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .arrays import Array
from .cox_risk_sets import RiskSets
from .newton import Iterate, mean_squares
from .tails import log_factorial


@dataclass(frozen=True, slots=True, eq=False)
class ExactPass:
    """Log-likelihood with derivatives at coefficients `beta`."""

    beta: Array
    loglik: float
    gradient: Array
    information: Array


class ExactLikelihood:
    """Exact partial likelihood of sorted rows, without weights or delayed entry."""

    def __init__(self, sets: RiskSets) -> None:
        self.sets = sets
        self.n_columns = sets.columns.shape[0]
        self.n_events = float(sets.tied.sum())
        self.event_sum = sets.columns @ sets.event.astype(float)
        self.event_offset = 0.0 if sets.offset is None else float(sets.offset[sets.event].sum())
        self.slot = np.repeat(sets.seg_slot, sets.seg_length)
        self.stratum = np.searchsorted(sets.stratum_start, self.slot, side="right")

    needs_origin, penalised = True, False

    def origin(self) -> Array:
        """Coefficients of zero, where the score test is made."""
        return np.zeros(self.n_columns)

    def yardstick(self, first: Iterate) -> tuple[Array, float]:
        """See :func:`equipoise.stats.newton.maximise`."""
        return self.n_events * self.spread(), self.n_events

    def spread(self) -> Array:
        """Mean square of each column, shape (p,)."""
        return mean_squares(self.sets.columns, self.sets.mean)

    def at(self, beta: Array) -> ExactPass:
        """One pass at `beta`, shape (p,)."""
        eta = beta @ self.sets.columns
        if self.sets.offset is not None:
            eta = eta + self.sets.offset
        shift = eta.max()
        risk = np.exp(eta - shift)
        loglik = float(beta @ self.event_sum) + self.event_offset - self.n_events * shift
        gradient, information = self.event_sum.copy(), np.zeros((self.n_columns, self.n_columns))
        for d, size, value, slope, bend in self._sums(risk):
            mean = slope / value
            loglik -= float(log_factorial(size) - log_factorial(d) - log_factorial(size - d) + np.log(value))
            gradient -= mean
            information += bend / value - np.outer(mean, mean)
        return ExactPass(beta, loglik, gradient, information)

    def _sums(self, risk: Array) -> Iterator[tuple[int, int, float, Array, Array]]:
        """For each slot: events, rows at risk, and the mean product over all sets of rows with its derivatives."""
        sets = self.sets
        p, most = self.n_columns, int(sets.tied.max())
        columns = np.ascontiguousarray(sets.columns.T)
        last = -1
        for i in range(risk.size - 1, -1, -1):
            if self.stratum[i] != last:
                last, size = self.stratum[i], 0
                value = np.zeros(most + 1)
                value[0] = 1.0
                slope, bend = np.zeros((most + 1, p)), np.zeros((most + 1, p, p))
            size += 1
            self._add(value, slope, bend, risk[i], columns[i], min(size, most), size)
            if i == 0 or self.slot[i - 1] != self.slot[i]:
                d = int(sets.tied[self.slot[i]])
                yield d, size, value[d], slope[d], bend[d]

    @staticmethod
    def _add(value: Array, slope: Array, bend: Array, risk: float, x: Array, top: int, size: int) -> None:
        """Put one more row into the means over sets of 1..top of `size` rows."""
        into = np.arange(1, top + 1) / size
        out = 1 - into
        before, rise, curve = value[:top].copy(), slope[:top].copy(), bend[:top].copy()
        cross = rise[:, :, None] * x
        second = curve + cross + cross.transpose(0, 2, 1) + before[:, None, None] * np.outer(x, x)
        new = into * risk
        value[1 : top + 1] = out * value[1 : top + 1] + new * before
        slope[1 : top + 1] = out[:, None] * slope[1 : top + 1] + new[:, None] * (rise + before[:, None] * x)
        bend[1 : top + 1] = out[:, None, None] * bend[1 : top + 1] + new[:, None, None] * second
