"""Tied events of a Cox model: Efron's denominators and the sums that are made of them.

With d tied events the denominators of a slot are S0 - (l/d) E0 for l = 0..d-1, each with weight (sum of event
weights)/d; Breslow's are S0, d times.  A slot with one event has the one denominator S0 in both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import Array, IntArray
from .cox_risk_sets import RiskSets


@dataclass(frozen=True, slots=True, eq=False)
class Hazard:
    """Sums over the denominators of each slot.

    `a` of weight/denominator (the hazard increment), `q0` of weight/denominator**2, shape (k,) each.  Of the slots `several`,
    shape (t,), with more than one event (Efron): `af` of weight/denominator times the tied fraction f = l/d, `q1` and `q2` of
    weight/denominator**2 times f and f**2, shape (t,) each; all four None where there is none (or Breslow).
    """

    a: Array
    q0: Array
    several: IntArray | None
    af: Array | None
    q1: Array | None
    q2: Array | None
    log_denominators: float

    def scaled(self, factor: Array) -> Hazard:
        """The sums with each slot's terms multiplied by `factor`, shape (k,)."""
        if self.several is None:
            return Hazard(self.a * factor, self.q0 * factor, None, None, None, None, np.nan)
        af, q1, q2 = (None if part is None else part * factor[self.several] for part in (self.af, self.q1, self.q2))
        return Hazard(self.a * factor, self.q0 * factor, self.several, af, q1, q2, np.nan)


class Ties:
    """Denominators of slots with several events.

    Attributes
    ----------
    several : intp ndarray, shape (t,), or None
        Those slots; None where there is none, or for Breslow's denominators.
    rows, start, count : intp ndarray
        Sorted rows of their events, the first of each slot among these and their number.
    """

    several: IntArray | None = None

    def __init__(self, sets: RiskSets, efron: bool) -> None:
        self._sets = sets
        if not (efron and sets.tied.size and sets.tied.max() > 1):
            return
        several = (sets.tied > 1).nonzero()[0]
        self.several, tied = several, sets.tied[several]
        self.count = tied.astype(np.intp)
        self.start = np.cumsum(self.count) - self.count
        number = np.arange(int(self.count.sum())) - self.start.repeat(self.count)
        self.rows = sets.seg_start[sets.slot_seg[several]].repeat(self.count) + number
        self._fraction = number / tied.repeat(self.count)
        self._weight = (sets.tied_weight[several] / tied).repeat(self.count)

    def event_sums(self, values: Array, factor: Array | None = None) -> Array:
        """Sums over the events of the slots `several` of `values`, shape (..., m), times `factor`, shape (m,); shape (..., t)."""
        terms = values.take(self.rows, axis=-1)
        if factor is not None:
            terms *= factor.take(self.rows)
        return np.add.reduceat(terms, self.start, axis=-1)

    def hazard(self, S0: Array, E0: Array | None) -> Hazard:
        """From the sums of risk over the risk sets, shape (k,), and over the events of the slots `several`."""
        weight = self._sets.tied_weight
        a, log_S0 = weight / S0, np.log(S0)
        q0 = a / S0
        if E0 is None or self.several is None:
            return Hazard(a, q0, None, None, None, None, float(weight @ log_S0))
        several = self.several
        denominator = S0[several].repeat(self.count) - self._fraction * E0.repeat(self.count)
        terms = np.empty((5, denominator.size))
        np.divide(self._weight, denominator, out=terms[0])
        np.multiply(self._fraction, terms[0], out=terms[1])
        np.divide(terms[:2], denominator, out=terms[2:4])
        np.multiply(self._fraction, terms[3], out=terms[4])
        a[several], af, q0[several], q1, q2 = np.add.reduceat(terms, self.start, axis=1)
        log_S0[several] = 0.0
        total = float(weight @ log_S0) + float(self._weight @ np.log(denominator))
        return Hazard(a, q0, several, af, q1, q2, total)

    def denominators(self) -> tuple[IntArray, Array, Array]:
        """Slot, tied fraction and weight of every denominator."""
        sets = self._sets
        if self.several is None:
            return np.arange(sets.n_slots), np.zeros(sets.n_slots), sets.tied_weight
        count = sets.tied.astype(np.intp)
        slot = np.arange(sets.n_slots).repeat(count)
        number = np.arange(slot.size) - (count.cumsum() - count)[slot]
        return slot, number / sets.tied[slot], (sets.tied_weight / sets.tied)[slot]

    def at_slots(self, values: Array) -> Array:
        """Values of the slots `several`, shape (..., t), put among zeros of the others, shape (..., k)."""
        out = np.zeros((*values.shape[:-1], self._sets.n_slots))
        if self.several is not None:
            out[..., self.several] = values
        return out
