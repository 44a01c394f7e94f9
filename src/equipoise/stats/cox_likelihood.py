"""Partial likelihood of the Cox model with its derivatives, at one value of the coefficients.

Notation: r = weight * exp(linear predictor); S0, S1 sums of r and r*x over a risk set; E0, E1 over its events, where these
are several (see :mod:`.cox_ties`).  The sum over risk sets of S2/S0 is X' diag(r*A) X with A each row's own
cumulative hazard, so that the second moment is one BLAS product and no p x p matrix per event time is formed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np

from .arrays import Array
from .cox_risk_sets import BLOCK_ROWS, RiskSets
from .cox_row_sums import RowSums
from .cox_ties import Hazard, Ties
from .interval_sums import IntervalSums
from .newton import Iterate, mean_squares

# Spread of the linear predictors up to which plain sums of their exponentials, and products of two, are numbers.
REACH = 300.0
# Running sums per segment, and per row those before its entry.
Cumulated: TypeAlias = tuple[Array, Array | None]
# Values of the rows of a block (first and last + 1 segment, first and last + 1 sorted row), shape (..., rows).
RowValues: TypeAlias = Callable[[int, int, int, int], Array]


@dataclass(frozen=True, slots=True, eq=False)
class Pass:
    """Everything one pass over the rows yields at coefficients `beta`.

    Attributes
    ----------
    loglik : float
    gradient : float ndarray, shape (p,)
    information : float ndarray, shape (p, p)
    risk : float ndarray, shape (m,)
        weight * exp(linear predictor) of the sorted rows; its logarithm where there is a `scale`.
    hazard : Hazard
    S0 : float ndarray, shape (k,)
    S1 : float ndarray, shape (p, k)
    E0 : float ndarray, shape (t,), or None
    E1 : float ndarray, shape (p, t), or None
        Of the slots with several events; None where there is none (or Breslow).
    scale : float ndarray, shape (k,), or None
        Logarithm of the largest risk of each slot's risk set, by which all sums of the slot are divided; None: by nothing.
    """

    beta: Array
    loglik: float
    gradient: Array
    information: Array
    risk: Array
    hazard: Hazard
    S0: Array
    S1: Array
    E0: Array | None
    E1: Array | None
    scale: Array | None = None


# Information, hazard, S0, S1, E0, E1.
Sums: TypeAlias = tuple[Array, Hazard, Array, Array, Array | None, Array | None]


class PartialLikelihood:
    """Log partial likelihood of sorted rows, by Efron's or Breslow's treatment of ties."""

    def __init__(self, sets: RiskSets, efron: bool) -> None:
        self.sets = sets
        self.n_columns = sets.columns.shape[0]
        self.n_events = float(sets.tied_weight.sum())
        self.ties = Ties(sets, efron)
        self.event_sum = self._event_sum()
        self.with_ones = None
        if sets.row.size <= 2 * BLOCK_ROWS:
            self.with_ones = np.ones((self.n_columns + 1, sets.row.size))
            self.with_ones[1:] = sets.columns
        self.row_slot = sets.row_slot()
        self.by_row = RowSums(sets) if RowSums.suit(sets) else None

    def _event_sum(self) -> Array:
        sets = self.sets
        return sets.columns @ (sets.event.astype(float) if sets.weight is None else sets.event * sets.weight)

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

    def at(self, beta: Array) -> Pass:
        """One pass at `beta`, shape (p,): likelihood, gradient, information and the sums behind them."""
        eta = self.linear_predictor(beta)
        if eta.max(initial=0.0) - eta.min(initial=0.0) > REACH:
            return self._scaled(beta, eta)
        risk = self._risk(eta)
        sums = self._sums(risk) if self.with_ones is None else self._small_sums(self.with_ones * risk)
        return self._scaled(beta, eta) if sums is None else self._pass(beta, risk, *sums)

    def _risk(self, eta: Array) -> Array:
        risk = np.exp(eta)
        if self.sets.weight is not None:
            risk *= self.sets.weight
        return risk

    def _at_risk(self, values: Array) -> tuple[Array, Array | None] | None:
        """Sums of row values, shape (m,) or (q, m), over the risk sets, and over the events of slots with several.

        None where those of the first values lose digits.
        """
        sets, several = self.sets, self.ties.several
        if self.by_row is not None:
            return self.by_row.at_risk(values), None if several is None else self.ties.event_sums(values)
        segments = np.add.reduceat(values, sets.seg_start, axis=-1)
        slots = sets.at_risk(segments, values)
        first = (segments, slots) if values.ndim == 1 else (segments[0], slots[0])
        if not sets.keeps_digits(*first):
            return None
        return slots, None if several is None else segments.take(sets.slot_seg[several], axis=-1)

    def _sums(self, risk: Array) -> Sums | None:
        """Sums of one pass; None where digits would be lost."""
        found = self._at_risk(risk)
        if found is None:
            return None
        S0, E0 = found
        hazard = self.ties.hazard(S0, E0)
        cumulated = self.hazard_of_rows(hazard)
        if self.by_row is None:
            S1, E1, information = self._moments(risk, cumulated)
            information -= (S1 * hazard.q0) @ S1.T
        else:
            S1, information = self.by_row.moments(risk, cumulated, hazard.q0)
            E1 = None if E0 is None else self.ties.event_sums(self.sets.columns, risk)
        return information - self._tied_products(hazard, S1, E1), hazard, S0, S1, E0, E1

    def _small_sums(self, scaled: Array) -> Sums | None:
        """The same in as few calls as possible, for data of one block."""
        found = self._at_risk(scaled)
        if found is None:
            return None
        slots, events = found
        E0, E1 = (None, None) if events is None else (events[0], events[1:])
        hazard = self.ties.hazard(slots[0], E0)
        moment = (scaled[1:] * self.hazard_of_rows(hazard)) @ self.sets.columns.T
        return moment - self._mean_products(hazard, slots[1:], E1), hazard, slots[0], slots[1:], E0, E1

    def _pass(
        self,
        beta: Array,
        risk: Array,
        information: Array,
        hazard: Hazard,
        S0: Array,
        S1: Array,
        E0: Array | None,
        E1: Array | None,
        scale: Array | None = None,
    ) -> Pass:
        gradient = self.event_sum - S1 @ hazard.a
        if E1 is not None and hazard.af is not None:
            gradient += E1 @ hazard.af
        loglik = self.event_eta(beta) - hazard.log_denominators
        if scale is not None:
            loglik -= float(self.sets.tied_weight @ scale)
        return Pass(beta, loglik, gradient, information, risk, hazard, S0, S1, E0, E1, scale)

    def _scaled(self, beta: Array, eta: Array) -> Pass:
        """The same with each risk set scaled by its largest member, whatever the others' linear predictors."""
        sets = self.sets
        size = eta if sets.weight is None else eta + np.log(sets.weight)
        values = np.vstack((np.ones(eta.size), sets.columns))
        scale, sums = self.intervals.of_rows(size, values)
        E0 = E1 = None
        if self.ties.several is not None:
            events = self.ties.event_sums(values, np.exp(size - scale[self.row_slot]))
            E0, E1 = events[0], events[1:]
        hazard = self.ties.hazard(sums[0], E0)
        cumulated = self._scaled_rows(size, scale, hazard.a, hazard.af)
        moment = (sets.columns * cumulated) @ sets.columns.T
        information = moment - self._mean_products(hazard, sums[1:], E1)
        return self._pass(beta, size, information, hazard, sums[0], sums[1:], E0, E1, scale)

    @cached_property
    def intervals(self) -> IntervalSums:
        """Slots at which each sorted row is at risk."""
        return IntervalSums(*self.sets.interval(), self.sets.n_slots)

    def _scaled_rows(self, size: Array, scale: Array, increments: Array, reduction: Array | None) -> Array:
        out = self.intervals.of_slots(size, -scale, np.atleast_2d(increments))
        if reduction is not None:
            row = self.ties.rows
            relative = np.exp(size[row] - scale[self.row_slot[row]])
            out[:, row] -= np.atleast_2d(reduction).repeat(self.ties.count, axis=1) * relative
        return out.reshape(*increments.shape[:-1], size.size)

    def met(self, done: Pass, increments: Array, reduction: Array | None = None) -> RowValues:
        """Risk of the rows times the sum of `increments`, shape (..., k), over the slots at which they are at risk.

        Parameters
        ----------
        reduction : float ndarray, shape (..., t), optional
            Taken off for the events of the slots with several.

        Returns
        -------
        function
            Of a block (first and last + 1 segment, first and last + 1 sorted row); gives shape (..., rows).
        """
        if done.scale is not None:
            values = self._scaled_rows(done.risk, done.scale, increments, reduction)
            return lambda first, last, start, stop: values[..., start:stop]
        cumulative = self.cumulated(increments, reduction)

        def values_of(first: int, last: int, start: int, stop: int) -> Array:
            return self.rows_of_cumulated(cumulative, first, last, start, stop) * done.risk[start:stop]

        return values_of

    def met_hazard(self, done: Pass, hazard: Hazard | None = None) -> RowValues:
        """:meth:`met` of the hazard, Efron's reduction included."""
        hazard = done.hazard if hazard is None else hazard
        return self.met(done, hazard.a, hazard.af)

    def linear_predictor(self, beta: Array) -> Array:
        """Of the sorted rows, offset included, shape (m,)."""
        eta = beta @ self.sets.columns
        if self.sets.offset is not None:
            eta += self.sets.offset
        return eta

    def event_eta(self, beta: Array) -> float:
        """Weighted sum of the linear predictor over the events."""
        value = float(beta @ self.event_sum)
        sets = self.sets
        if sets.offset is not None:
            weight = 1.0 if sets.weight is None else sets.weight
            value += float(np.sum(sets.event * weight * sets.offset))
        return value

    def hazard_of_rows(self, hazard: Hazard) -> Array:
        """Hazard that each sorted row has met, Efron's reduction for tied events included, shape (m,)."""
        if self.by_row is None:
            whole = (0, self.sets.seg_start.size, 0, self.sets.row.size)
            return self.rows_of_cumulated(self.cumulated(hazard.a, hazard.af), *whole)
        met = self.sets.heads(hazard.a).take(self.row_slot)
        if hazard.af is not None:
            met[self.ties.rows] -= hazard.af.repeat(self.ties.count)
        return met

    def cumulated(self, increments: Array, reduction: Array | None) -> Cumulated:
        """Running sums of slot values for each segment, less `reduction`, shape (..., t), for tied events."""
        sets = self.sets
        total = sets.heads(increments)
        per_segment = total.take(sets.seg_slot, axis=-1)
        if reduction is not None:
            per_segment[..., sets.slot_seg[self.ties.several]] -= reduction
        if sets.entry_slot is None:
            return per_segment, None
        before = np.where(sets.entry_slot >= 0, np.take(total, sets.entry_slot, axis=-1), 0.0)
        return per_segment, before

    def _moments(self, risk: Array, hazard: Array) -> tuple[Array, Array | None, Array]:
        """S1 per slot, E1, and X' diag(risk * hazard) X, block by block; hazard: cumulated, of each row."""
        sets = self.sets
        p, m = sets.columns.shape
        sums = np.empty((p, sets.seg_start.size))
        moment = np.zeros((p, p))
        keep = np.empty((p, m)) if sets.entry_slot is not None else None
        scratch = np.empty((p, sets.longest_block()))
        for first, last in sets.blocks():
            start, stop = sets.rows_of(first, last)
            columns = sets.columns[:, start:stop]
            scaled = np.multiply(columns, risk[start:stop], out=scratch[:, : stop - start])
            sums[:, first:last] = np.add.reduceat(scaled, sets.seg_start[first:last] - start, axis=1)
            if keep is not None:
                keep[:, start:stop] = scaled
            scaled *= hazard[start:stop]
            moment += scaled @ columns.T
        several = self.ties.several
        return sets.at_risk(sums, keep), None if several is None else sums.take(sets.slot_seg[several], axis=1), moment

    def rows_of_cumulated(self, cumulative: Cumulated, first: int, last: int, start: int, stop: int) -> Array:
        """Values of :meth:`cumulated` for the rows start..stop-1, which are segments first..last-1."""
        per_segment, before = cumulative
        values = self.sets.to_rows(per_segment, first, last)
        return values if before is None else values - before[..., start:stop]

    def second_moment(self, done: Pass, hazard: Hazard) -> Array:
        """X' diag(risk * cumulative hazard) X for another set of hazard sums."""
        sets, met = self.sets, self.met_hazard(done, hazard)
        p = sets.columns.shape[0]
        moment, scratch = np.zeros((p, p)), np.empty((p, sets.longest_block()))
        for first, last in sets.blocks():
            start, stop = sets.rows_of(first, last)
            columns = sets.columns[:, start:stop]
            moment += np.multiply(columns, met(first, last, start, stop), out=scratch[:, : stop - start]) @ columns.T
        return moment

    def information(self, done: Pass, hazard: Hazard) -> Array:
        """Information matrix of pass `done` with its hazard sums replaced, e.g. scaled slot by slot."""
        return self.second_moment(done, hazard) - self._mean_products(hazard, done.S1, done.E1)

    def gradient_of_slots(self, done: Pass, hazard: Hazard) -> Array:
        """Sum over slots of the expected covariates under (scaled) hazard sums, shape (p,)."""
        expected = done.S1 @ hazard.a
        return expected if done.E1 is None or hazard.af is None else expected - done.E1 @ hazard.af

    def _mean_products(self, hazard: Hazard, S1: Array, E1: Array | None) -> Array:
        return (S1 * hazard.q0) @ S1.T + self._tied_products(hazard, S1, E1)

    def _tied_products(self, hazard: Hazard, S1: Array, E1: Array | None) -> Array | float:
        """What Efron's denominators add to the product of the means."""
        if E1 is None or hazard.several is None or hazard.q1 is None or hazard.q2 is None:
            return 0.0
        cross = (S1.take(hazard.several, axis=1) * hazard.q1) @ E1.T
        products: Array = (E1 * hazard.q2) @ E1.T - cross - cross.T
        return products
