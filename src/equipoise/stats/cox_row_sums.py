"""Sums over the risk sets of a Cox model row by row, where there are nearly as many event times as rows."""

from __future__ import annotations

import numpy as np

from .arrays import Array
from .cox_risk_sets import RiskSets
from .running_sums import sums_to_end

# Elements per block of columns: it and what is made of it stay in the processor's second-level cache.
_BLOCK = 40_960
_FEW_STRATA = 32


class RowSums:
    """For rows without delayed entry in few strata: a risk set is all rows from the first of its slot on."""

    def __init__(self, sets: RiskSets) -> None:
        self.sets = sets
        self.first_row = sets.seg_start[sets.first_seg]
        start = [*sets.stratum_start.tolist(), sets.n_slots]
        row = [*self.first_row[sets.stratum_start].tolist(), sets.row.size]
        # Of each stratum first and last + 1 slot, first and last + 1 row.
        self.strata = list(zip(start[:-1], start[1:], row[:-1], row[1:], strict=True))

    @staticmethod
    def suit(sets: RiskSets) -> bool:
        """Whether they are to be had and faster than sums over segments."""
        plain = sets.entry_slot is None and 0 < sets.stratum_start.size <= _FEW_STRATA and sets.n_slots > 0
        return plain and sets.row.size < 3 * sets.seg_start.size

    def at_risk(self, values: Array) -> Array:
        """Sums over each slot's risk set of row values, shape (..., m); shape (..., k)."""
        if len(self.strata) == 1:
            return sums_to_end(values, self.first_row)
        parts = [
            sums_to_end(values[..., start:stop], self.first_row[first:last] - start) for first, last, start, stop in self.strata
        ]
        return np.concatenate(parts, axis=-1)

    def moments(self, risk: Array, hazard: Array, q0: Array) -> tuple[Array, Array]:
        """S1, shape (p, k), and X' diag(risk * hazard) X less S1 diag(q0) S1', block by block from the last.

        Parameters
        ----------
        risk, hazard : float ndarray, shape (m,)
            hazard: cumulated, of each row.
        q0 : float ndarray, shape (k,)
        """
        sets = self.sets
        p = sets.columns.shape[0]
        S1, information = np.empty((p, sets.n_slots)), np.zeros((p, p))
        rows = max(_BLOCK // max(p, 1) // 8 * 8, 64)
        scratch = np.empty((p, rows))
        for first, last, top, bottom in self.strata:
            beyond = np.zeros((p, 1))
            for stop in range(bottom, top, -rows):
                start = max(stop - rows, top)
                columns = sets.columns[:, start:stop]
                scaled = np.multiply(columns, risk[start:stop], out=scratch[:, : stop - start])
                low, high = (np.searchsorted(self.first_row[first:last], (start, stop)) + first).tolist()
                sums = sums_to_end(scaled, self.first_row[low:high] - start)
                sums += beyond
                S1[:, low:high] = sums
                if start > top:
                    beyond += scaled.sum(axis=1, keepdims=True)
                information -= (sums * q0[low:high]) @ sums.T
                scaled *= hazard[start:stop]
                information += scaled @ columns.T
        return S1, information
