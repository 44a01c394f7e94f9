"""Directions in which a likelihood rises for ever, found by linear programming.

A partial likelihood rises (weakly) along d where d'x of every event is the largest of its risk set; it then has no
finite maximum unless d'x is the same for everybody in each risk set.  Such a direction is often a combination of
columns: of a factor whose reference level has no event, all other levels together.  One inequality per pair of an
event and somebody at risk would be too many; those that a trial direction violates are added until none is.

References
----------
Albert A, Anderson JA. Biometrika 1984;71:1-10.  Geyer CJ. Electron J Stat 2009;3:259-289.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from .arrays import Array, BoolArray, IntArray

# In standard deviations of a column: nearer values are one value.
TIED = 1e-9
_ROUNDS = 300
_MOST_ROWS = 2000


class Pairs(Protocol):
    """Inequalities, one per pair, that a direction may violate: see :class:`Cone`."""

    def violated(self, d: Array) -> Array: ...


class Cone:
    """The directions along which a likelihood nowhere falls.

    Parameters
    ----------
    pairs
        ``.violated(d)`` gives differences of covariates, shape (q, p), whose products with `d` must not be positive
        and are, the largest first.
    free : bool ndarray, shape (p,)
        Columns that may take part.
    """

    def __init__(self, pairs: Pairs, free: BoolArray) -> None:
        self.pairs, self.free = pairs, free
        self.rows = np.zeros((0, free.size))

    def furthest(self, objective: Array, trial: Array | None = None) -> Array | None:
        """The direction within the unit box of the largest product with `objective`, shape (p,); None where it is 0.

        With the gradient of the log-likelihood (anywhere) as objective the product is the sum of what is gained: None
        says that the likelihood has a finite maximum, or is constant along every such direction.
        """
        if not self.free.any() or not np.isfinite(objective).all():
            return None
        for guess in (objective, trial):
            if guess is not None and guess.any():
                self._forbid(np.where(self.free, guess / np.abs(guess).max(), 0.0))
        for _ in range(_ROUNDS):
            d = self._steepest(objective)
            if d is None or objective @ d <= 1e-7 * max(1.0, float(np.abs(objective).max())):
                return None
            if not self._forbid(d):
                return d
        return None

    def _forbid(self, d: Array) -> bool:
        """Add the inequalities that `d` violates; whether there were any."""
        more = self.pairs.violated(d)[:_MOST_ROWS]
        if len(more):
            self.rows = np.vstack((self.rows, more / np.abs(more).max(axis=1, keepdims=True)))
        return len(more) > 0

    def _steepest(self, objective: Array) -> Array | None:
        from scipy.optimize import linprog

        bounds = [(-1.0, 1.0) if is_free else (0.0, 0.0) for is_free in self.free]
        upper = self.rows if len(self.rows) else None
        options = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
        found = linprog(-objective, upper, None if upper is None else np.zeros(len(upper)), bounds=bounds, options=options)
        return found.x if found.success else None


class RiskPairs:
    """Pairs of an event and a member of its risk set.

    Parameters
    ----------
    columns : float ndarray, shape (p, m)
    event : bool ndarray, shape (m,)
    slot : intp ndarray, shape (m,)
        Slot (event time of a stratum) of the events; of no meaning for other rows.
    first, last : intp ndarray, shape (m,)
        Slots at which each row is at risk, both included; none where last < first.
    n_slots : int
    """

    def __init__(self, columns: Array, event: BoolArray, slot: IntArray, first: IntArray, last: IntArray, n_slots: int) -> None:
        self.columns, self.first, self.last, self.n_slots = columns, first, last, n_slots
        self.events = np.flatnonzero(event)
        self.slot = slot[self.events]

    def violated(self, d: Array) -> Array:
        """Per slot the row at risk furthest above the lowest event: differences of their columns, shape (q, p)."""
        value = d @ self.columns
        low, top, known = self.extremes(value)
        gap = np.where(known, value[top] - value[low], 0.0)
        bad = np.flatnonzero(gap > TIED)
        bad = bad[np.argsort(-gap[bad], kind="stable")]
        return (self.columns[:, top[bad]] - self.columns[:, low[bad]]).T

    def extremes(self, value: Array) -> tuple[IntArray, IntArray, BoolArray]:
        """Per slot the event of the lowest value, the row at risk of the highest, and whether there is such a row."""
        order = np.argsort(value, kind="stable")
        rank = np.empty(value.size, dtype=np.intp)
        rank[order] = np.arange(value.size)
        best = largest_over(rank, self.first, self.last, self.n_slots)
        lowest = np.full(self.n_slots, value.size)
        np.minimum.at(lowest, self.slot, rank[self.events])
        return order[np.minimum(lowest, value.size - 1)], order[np.maximum(best, 0)], best >= 0


def largest_over(rank: IntArray, first: IntArray, last: IntArray, n_slots: int) -> IntArray:
    """Largest rank among the rows whose interval of slots holds each slot, -1 for none; by doubled intervals."""
    length = last - first + 1
    level = np.frexp(np.maximum(length, 1))[1] - 1
    best = np.full(n_slots, -1, dtype=np.intp)
    present = length > 0
    top = int(level[present].max(initial=0))
    for k in range(top, -1, -1):
        if k < top:
            half = 1 << k
            below = best.copy()
            below[half:] = np.maximum(below[half:], best[:-half])
            best = below
        mine = np.flatnonzero(present & (level == k))
        np.maximum.at(best, first[mine], rank[mine])
        np.maximum.at(best, last[mine] - (1 << k) + 1, rank[mine])
    return best


class OutcomePairs:
    """Rows of a logistic regression: d'x must not be negative with the event, nor positive without it."""

    def __init__(self, rows: Array, y: BoolArray) -> None:
        self.signed = np.where(y, -1.0, 1.0)[:, None] * rows

    def violated(self, d: Array) -> Array:
        """The rows on the wrong side, shape (q, p)."""
        value = self.signed @ d
        bad = np.flatnonzero(value > TIED)
        return self.signed[bad[np.argsort(-value[bad], kind="stable")]]


def levels_of(value: Array) -> tuple[IntArray, Array]:
    """Codes of the distinct values in rising order, values that differ by rounding being one; and their values."""
    order = np.argsort(value, kind="stable")
    new = np.concatenate(([False], np.diff(value[order]) > 2 * TIED))
    code = np.empty(value.size, dtype=np.intp)
    code[order] = np.cumsum(new)
    return code, value[order][np.concatenate(([True], new[1:]))]
