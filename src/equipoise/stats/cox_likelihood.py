"""Partial likelihood of the Cox model with its derivatives, at one value of the coefficients.

Notation: r = weight * exp(linear predictor); S0, S1 sums of r and r*x over a risk set; E0, E1 over its events.
With d tied events, Efron's denominators are S0 - (l/d) E0 for l = 0..d-1, each with weight (sum of event
weights)/d; Breslow's are S0, d times.  The sum over risk sets of S2/S0 is X' diag(r*A) X with A each row's own
cumulative hazard, so that the second moment is one BLAS product and no p x p matrix per event time is formed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np

from .arrays import Array, IntArray
from .cox_risk_sets import BLOCK_ROWS, RiskSets
from .interval_sums import IntervalSums
from .newton import Iterate, mean_squares

# Spread of the linear predictors up to which plain sums of their exponentials, and products of two, are numbers.
REACH = 300.0
# Running sums per segment, and per row those before its entry.
Cumulated: TypeAlias = tuple[Array, Array | None]
# Values of the rows of a block (first and last + 1 segment, first and last + 1 sorted row), shape (..., rows).
RowValues: TypeAlias = Callable[[int, int, int, int], Array]


@dataclass(frozen=True, slots=True, eq=False)
class Hazard:
    """Sums over the tied denominators of each slot, shape (k,) each.

    `a` of weight/denominator (the hazard increment), `af` the same times the tied fraction f = l/d, `q0`, `q1`,
    `q2` of weight/denominator**2 times 1, f, f**2.  `af`, `q1`, `q2` are None where nothing is tied (or Breslow).
    """

    a: Array
    af: Array | None
    q0: Array
    q1: Array | None
    q2: Array | None
    log_denominators: float

    def scaled(self, factor: Array) -> Hazard:
        """The sums with each slot's terms multiplied by `factor`, shape (k,)."""
        af, q1, q2 = (None if part is None else part * factor for part in (self.af, self.q1, self.q2))
        return Hazard(self.a * factor, af, self.q0 * factor, q1, q2, np.nan)


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
    S0, E0 : float ndarray, shape (k,)
    S1, E1 : float ndarray, shape (p, k)
        E0 and E1 are None where nothing is tied (or Breslow).
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
    E0: Array | None
    S1: Array
    E1: Array | None
    scale: Array | None = None


class PartialLikelihood:
    """Log partial likelihood of sorted rows, by Efron's or Breslow's treatment of ties."""

    def __init__(self, sets: RiskSets, efron: bool) -> None:
        self.sets = sets
        self.n_columns = sets.columns.shape[0]
        self.n_events = float(sets.tied_weight.sum())
        self.corrected = bool(efron and sets.tied.size and sets.tied.max() > 1)
        self.event_sum = self._event_sum()
        self.with_ones = None
        if sets.row.size <= 2 * BLOCK_ROWS:
            self.with_ones = np.ones((self.n_columns + 1, sets.row.size))
            self.with_ones[1:] = sets.columns
        if self.corrected:
            d = sets.tied.astype(np.intp)
            self.tie_start = np.cumsum(d) - d
            self.tie_count = d
            self.fraction = (np.arange(d.sum()) - np.repeat(self.tie_start, d)) / np.repeat(sets.tied, d)
            self.tie_weight = np.repeat(sets.tied_weight / sets.tied, d)

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
        sets = self.sets
        eta = self.linear_predictor(beta)
        if eta.max(initial=0.0) - eta.min(initial=0.0) > REACH:
            return self._scaled(beta, eta)
        risk = np.exp(eta)
        if sets.weight is not None:
            risk *= sets.weight
        if self.with_ones is None:
            segments = np.add.reduceat(risk, sets.seg_start)
            S0 = sets.at_risk(segments, risk)
            if not sets.keeps_digits(segments, S0):
                return self._scaled(beta, eta)
            E0 = segments[sets.slot_seg] if self.corrected else None
            hazard = self._hazard(S0, E0)
            S1, E1, moment = self._moments(risk, self.row_hazard(hazard))
        else:
            scaled = self.with_ones * risk
            segments = np.add.reduceat(scaled, sets.seg_start, axis=1)
            slots = sets.at_risk(segments, scaled)
            if not sets.keeps_digits(segments[0], slots[0]):
                return self._scaled(beta, eta)
            S0, E0, S1, E1, hazard, moment = self._small(scaled, segments, slots)
        return self._pass(beta, risk, hazard, (S0, E0, S1, E1), moment)

    def _pass(
        self,
        beta: Array,
        risk: Array,
        hazard: Hazard,
        sums: tuple[Array, Array | None, Array, Array | None],
        moment: Array,
        scale: Array | None = None,
    ) -> Pass:
        _, _, S1, E1 = sums
        gradient = self.event_sum - S1 @ hazard.a
        if E1 is not None and hazard.af is not None:
            gradient += E1 @ hazard.af
        loglik = self.event_eta(beta) - hazard.log_denominators
        if scale is not None:
            loglik -= float(self.sets.tied_weight @ scale)
        information = moment - self._mean_products(hazard, S1, E1)
        return Pass(beta, loglik, gradient, information, risk, hazard, *sums, scale)

    def _scaled(self, beta: Array, eta: Array) -> Pass:
        """The same with each risk set scaled by its largest member, whatever the others' linear predictors."""
        sets = self.sets
        size = eta if sets.weight is None else eta + np.log(sets.weight)
        values = np.vstack((np.ones(eta.size), sets.columns))
        scale, sums = self.intervals.of_rows(size, values)
        E0 = E1 = None
        if self.corrected:
            row, slot = self.event_rows
            events = np.add.reduceat(values[:, row] * np.exp(size[row] - scale[slot]), self.tie_start, axis=1)
            E0, E1 = events[0], events[1:]
        hazard = self._hazard(sums[0], E0)
        cumulated = self._scaled_rows(size, scale, hazard.a, hazard.af)
        moment = (sets.columns * cumulated) @ sets.columns.T
        return self._pass(beta, size, hazard, (sums[0], E0, sums[1:], E1), moment, scale)

    @cached_property
    def intervals(self) -> IntervalSums:
        """Slots at which each sorted row is at risk."""
        return IntervalSums(*self.sets.interval(), self.sets.n_slots)

    @cached_property
    def event_rows(self) -> tuple[IntArray, IntArray]:
        """Sorted rows of the events and their slots."""
        row = np.flatnonzero(self.sets.event)
        return row, self.sets.row_slot()[row]

    def _scaled_rows(self, size: Array, scale: Array, increments: Array, reduction: Array | None) -> Array:
        out = self.intervals.of_slots(size, -scale, np.atleast_2d(increments))
        if reduction is not None:
            row, slot = self.event_rows
            out[:, row] -= np.atleast_2d(reduction)[:, slot] * np.exp(size[row] - scale[slot])
        return out.reshape(*increments.shape[:-1], size.size)

    def met(self, done: Pass, increments: Array, reduction: Array | None = None) -> RowValues:
        """Risk of the rows times the sum of `increments`, shape (..., k), over the slots at which they are at risk.

        Parameters
        ----------
        reduction : float ndarray, shape (..., k), optional
            Taken off for the events of each slot.

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
        return self.met(done, hazard.a, hazard.af if self.corrected else None)

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

    def _hazard(self, S0: Array, E0: Array | None) -> Hazard:
        weight = self.sets.tied_weight
        if E0 is None:
            a = weight / S0
            return Hazard(a, None, a / S0, None, None, float(weight @ np.log(S0)))
        fraction = self.fraction
        denominator = S0.repeat(self.tie_count) - fraction * E0.repeat(self.tie_count)
        terms = np.empty((5, fraction.size))
        np.divide(self.tie_weight, denominator, out=terms[0])
        np.multiply(fraction, terms[0], out=terms[1])
        np.divide(terms[:2], denominator, out=terms[2:4])
        np.multiply(fraction, terms[3], out=terms[4])
        sums = np.add.reduceat(terms, self.tie_start, axis=1)
        a, af, q0, q1, q2 = sums
        return Hazard(a, af, q0, q1, q2, float(self.tie_weight @ np.log(denominator)))

    def row_hazard(self, hazard: Hazard) -> Cumulated:
        """Cumulative hazard of the rows: per segment, and per row to take off for delayed entry.

        Returns
        -------
        per_segment : float ndarray, shape (g,)
            Efron's reduction for tied events included.
        before_entry : float ndarray, shape (m,), or None
        """
        return self.cumulated(hazard.a, hazard.af if self.corrected else None)

    def cumulated(self, increments: Array, reduction: Array | None) -> Cumulated:
        """Running sums of slot values for each segment, less `reduction` for the events of the slot."""
        sets = self.sets
        total = sets.heads(increments)
        per_segment = total.take(sets.seg_slot, axis=-1)
        if reduction is not None:
            per_segment[..., sets.slot_seg] -= reduction
        if sets.entry_slot is None:
            return per_segment, None
        before = np.where(sets.entry_slot >= 0, np.take(total, sets.entry_slot, axis=-1), 0.0)
        return per_segment, before

    def _small(
        self, scaled: Array, segments: Array, slots: Array
    ) -> tuple[Array, Array | None, Array, Array | None, Hazard, Array]:
        """All sums of one pass in as few calls as possible, for data of one block."""
        sets = self.sets
        E0 = E1 = None
        if self.corrected:
            events = segments.take(sets.slot_seg, axis=1)
            E0, E1 = events[0], events[1:]
        hazard = self._hazard(slots[0], E0)
        whole = (0, sets.seg_start.size, 0, sets.row.size)
        weighted = scaled[1:] * self.rows_of_cumulated(self.row_hazard(hazard), *whole)
        return slots[0], E0, slots[1:], E1, hazard, weighted @ sets.columns.T

    def _moments(self, risk: Array, cumulative: Cumulated) -> tuple[Array, Array | None, Array]:
        """S1 and E1 per slot, and X' diag(risk * cumulative hazard) X, block by block."""
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
            scaled *= self.rows_of_cumulated(cumulative, first, last, start, stop)
            moment += scaled @ columns.T
        E1 = sums.take(sets.slot_seg, axis=1) if self.corrected else None
        return sets.at_risk(sums, keep), E1, moment

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
        products = (S1 * hazard.q0) @ S1.T
        if E1 is not None and hazard.q1 is not None and hazard.q2 is not None:
            cross = (S1 * hazard.q1) @ E1.T
            products += (E1 * hazard.q2) @ E1.T - cross - cross.T
        return products
