"""The sums of the Fine-Gray model with each risk set scaled by its largest member.

A row is at risk with weight 1 up to its own time, a row with a competing event with weight G(t-)/G(T-) at the slots
after it: two intervals of slots.  All weights enter by their logarithms.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from .arrays import Array, BoolArray, IntArray
from .interval_sums import IntervalSums, joined, logarithm


class Rows(Protocol):
    """What of a :class:`.fine_gray_likelihood.Subdistribution` is read here."""

    @property
    def slot(self) -> IntArray: ...
    @property
    def competing(self) -> BoolArray: ...
    @property
    def inverse_g(self) -> Array: ...
    @property
    def g(self) -> Array: ...
    @property
    def tied(self) -> Array: ...
    @property
    def code(self) -> IntArray: ...
    @property
    def slot_of_code(self) -> IntArray: ...


class ScaledPass(Protocol):
    """What of a :class:`.fine_gray_likelihood.SubdistributionPass` is read here."""

    @property
    def risk(self) -> Array: ...
    @property
    def hazard(self) -> Array: ...
    @property
    def mean(self) -> Array: ...
    @property
    def known_scale(self) -> Array: ...


class ScaledRiskSets:
    """Intervals of slots of the rows of a :class:`.fine_gray_likelihood.Subdistribution`."""

    def __init__(self, model: Rows) -> None:
        slot, k = model.slot, model.tied.size
        self.own = IntervalSums(np.zeros(slot.size, dtype=np.intp), slot - 1, k)
        self.lasting = np.flatnonzero(model.competing)
        self.later = IntervalSums(slot[self.lasting], np.full(self.lasting.size, k - 1), k)
        self.log_g, self.log_inverse = logarithm(model.g), np.log(model.inverse_g[self.lasting])
        self._censorings(model)

    def _censorings(self, model: Rows) -> None:
        """The competing events before each distinct time, and the slots from it on."""
        size, k = model.slot_of_code.size, model.tied.size
        from_here = np.concatenate(([0], model.slot_of_code[:-1]))
        self.before = IntervalSums(model.code[self.lasting] + 1, np.full(self.lasting.size, size - 1), size)
        self.from_here = IntervalSums(from_here, np.full(size, k - 1), k)

    def sums(self, size: Array, columns: Array) -> tuple[Array, Array]:
        """Logarithm of the largest risk of each slot, and S0 and S1 divided by it, shape (p + 1, k)."""
        values = np.vstack((np.ones(size.size), columns))
        later, past = self.later.of_rows(size[self.lasting] + self.log_inverse, values[:, self.lasting])
        return joined(*self.own.of_rows(size, values), later + self.log_g, past)

    def met(self, done: ScaledPass, increments: Array) -> Array:
        """Risk of each row times its sum of `increments`, shape (k,) or (p, k), over its time at risk with its weights."""
        size, scale, values = done.risk, done.known_scale, np.atleast_2d(increments)
        out = self.own.of_slots(size, -scale, values)
        out[:, self.lasting] += self.later.of_slots(size[self.lasting] + self.log_inverse, self.log_g - scale, values)
        return out.reshape(*increments.shape[:-1], size.size)

    def censoring_jumps(self, done: ScaledPass, columns: Array, at_risk: Array) -> Array:
        """What a censoring at each distinct time adds to the score by moving G, shape (p, times)."""
        values = np.vstack((np.ones(self.lasting.size), columns[:, self.lasting]))
        scale, load = self.before.of_rows(done.risk[self.lasting] + self.log_inverse, values)
        later = self.from_here.of_slots(scale, self.log_g - done.known_scale, np.vstack((done.hazard, done.mean * done.hazard)))
        return (load[1:] * later[0] - load[0] * later[1:]) / at_risk
