"""Sums over risk sets of terms that are many powers of ten apart, each scaled by the largest of its own terms.

A row is at risk at the slots (event times) of an interval.  Each interval is the union of nodes of a binary tree over
the slots, so that a sum over the rows of a slot, or over the slots of a row, adds terms of its own only: nothing is
subtracted, and nothing is scaled by a term that is not in it.  Costs O((rows + slots) log slots).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import Array, IntArray

# Logarithm of nothing: finite, so that the difference of two of them is a number.
NOTHING = -1e300


@dataclass(frozen=True, slots=True, eq=False)
class _Share:
    """Rows whose interval holds a node of one level, each row once, sorted by node."""

    row: IntArray
    node: IntArray
    filled: IntArray
    start: IntArray
    length: IntArray


class IntervalSums:
    """Rows at risk at the slots `first` to `last`, both included; none where last < first.

    Parameters
    ----------
    first, last : intp ndarray, shape (n,)
    n_slots : int
    """

    def __init__(self, first: IntArray, last: IntArray, n_slots: int) -> None:
        self.n_rows, self.n_slots, self.levels = first.size, n_slots, []
        row = np.flatnonzero(first <= last)
        low, stop = first[row], last[row] + 1
        while row.size:
            left, right = low & 1 == 1, stop & 1 == 1
            self.levels.append((_share(row[left], low[left]), _share(row[right], stop[right] - 1)))
            low, stop = (low + 1) >> 1, stop >> 1
            kept = low < stop
            row, low, stop = row[kept], low[kept], stop[kept]

    def of_rows(self, size: Array, values: Array) -> tuple[Array, Array]:
        """Of each slot the sum of exp(size) * values over its rows.

        Parameters
        ----------
        size : float ndarray, shape (n,)
        values : float ndarray, shape (q, n)

        Returns
        -------
        scale : float ndarray, shape (k,)
            The largest `size` among the slot's rows; `NOTHING` where there is none.
        sums : float ndarray, shape (q, k)
            Divided by exp(scale).
        """
        depth = len(self.levels)
        width = ((self.n_slots - 1) >> depth) + 1
        scale, sums = np.full(width, NOTHING), np.zeros((values.shape[0], width))
        for level in range(depth - 1, -1, -1):
            width = ((self.n_slots - 1) >> level) + 1
            scale, sums = scale.repeat(2)[:width], sums.repeat(2, axis=1)[:, :width]
            for share in self.levels[level]:
                if share.row.size:
                    here = share.filled
                    scale[here], sums[:, here] = joined(scale[here], sums[:, here], *_sum_of(share, size, values))
        return scale, sums

    def of_slots(self, size: Array, slot_size: Array, values: Array) -> Array:
        """Of each row the sum of exp(size + slot_size) * values over its slots.

        Parameters
        ----------
        size : float ndarray, shape (n,)
        slot_size : float ndarray, shape (k,)
            At most -size of every row that is at risk at the slot, but for rounding.
        values : float ndarray, shape (q, k)

        Returns
        -------
        float ndarray, shape (q, n)
        """
        out = np.zeros((values.shape[0], self.n_rows))
        scale, sums = slot_size, values
        for level, shares in enumerate(self.levels):
            if level:
                scale, sums = _paired(scale, sums)
            for share in shares:
                out[:, share.row] += sums[:, share.node] * np.exp(size[share.row] + scale[share.node])
        return out


def joined(scale: Array, sums: Array, other_scale: Array, other_sums: Array) -> tuple[Array, Array]:
    """Two scaled sums added up: the larger scale, shape (k,), and the sums, shape (q, k), divided by its exponential."""
    larger = np.maximum(scale, other_scale)
    return larger, sums * np.exp(scale - larger) + other_sums * np.exp(other_scale - larger)


def logarithm(values: Array) -> Array:
    """Natural logarithm, `NOTHING` of zero."""
    return np.where(values > 0, np.log(np.where(values > 0, values, 1.0)), NOTHING)


def _share(row: IntArray, node: IntArray) -> _Share:
    order = np.argsort(node, kind="stable")
    row, node = row[order], node[order]
    start = np.flatnonzero(np.diff(node, prepend=-1))
    return _Share(row, node, node[start], start, np.diff(np.append(start, node.size)))


def _sum_of(share: _Share, size: Array, values: Array) -> tuple[Array, Array]:
    size = size[share.row]
    scale = np.maximum.reduceat(size, share.start)
    return scale, np.add.reduceat(values[:, share.row] * np.exp(size - scale.repeat(share.length)), share.start, axis=1)


def _paired(scale: Array, sums: Array) -> tuple[Array, Array]:
    """Sums of neighbouring nodes, two by two."""
    if scale.size % 2:
        scale, sums = np.append(scale, NOTHING), np.pad(sums, ((0, 0), (0, 1)))
    return joined(scale[0::2], sums[:, 0::2], scale[1::2], sums[:, 1::2])
