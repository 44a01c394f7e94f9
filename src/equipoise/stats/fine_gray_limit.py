"""The Fine-Gray pseudo-likelihood where it rises for ever: rows that fall behind leave the risk sets.

Rows that a direction of recession leaves behind are held down by an offset per level of d'x, large enough that
nothing of them is left in the sums.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .arrays import Array, BoolArray, IntArray
from .fine_gray_likelihood import Subdistribution, SubdistributionPass
from .newton import Maximum, maximise
from .recession import RiskPairs, levels_of

# A power of two adds to a linear predictor without rounding of its own.
_DROP = 128.0


@dataclass(frozen=True, slots=True, eq=False)
class FineGrayProblem:
    """A Fine-Gray model; `level` codes of its sorted rows, `scale` standard deviations of the columns."""

    model: Subdistribution
    level: IntArray
    scale: Array

    def maximum(self) -> Maximum[SubdistributionPass]:
        """Largest pseudo-likelihood."""
        return maximise(self.model)

    def slope(self, best: Maximum[SubdistributionPass]) -> Array:
        """Gradient at coefficients of zero."""
        return best.null.gradient

    def pairs(self) -> _SameLevel:
        """Events and those at risk with them at the same level, in scaled columns."""
        return _SameLevel(risk_pairs(self.model, self.scale), self.level)

    def beyond(self, d: Array) -> FineGrayProblem:
        """The model with rows held down that fall behind along the (scaled) direction `d`."""
        level, _ = levels_of((d / self.scale) @ self.model.columns)
        level = np.unique(self.level * (level.max() + 1) + level, return_inverse=True)[1].reshape(-1)
        held = np.unique(level[self.model.event])
        rank = np.searchsorted(held, level, side="right")
        offset = _DROP * (rank - held.size // 2).astype(float)
        return replace(self, level=level, model=replace(self.model, offset=offset))


def risk_pairs(model: Subdistribution, scale: Array, apart: bool = False) -> RiskPairs:
    """Slots at which each row is at risk: up to its own time, after a competing event as long as G is positive.

    With `apart` an event is not compared with those tied to it.
    """
    last = model.slot - 1
    lasting = int(np.count_nonzero(model.g > 0)) - 1
    last = np.where(model.competing & (model.inverse_g > 0), np.maximum(last, lasting), last)
    if apart:
        last = last - model.event
    first = np.zeros(model.slot.size, dtype=np.intp)
    return RiskPairs(model.columns / scale[:, None], model.event, model.slot - 1, first, last, model.tied.size)


class _SameLevel:
    """The inequalities among rows of one level; of lower levels nothing is left, higher ones are never at risk."""

    def __init__(self, pairs: RiskPairs, level: IntArray) -> None:
        self.pairs, self.level = pairs, level

    def violated(self, d: Array) -> Array:
        pairs, order = self.pairs, np.unique(self.level)
        if order.size == 1:
            return pairs.violated(d)
        rows = [
            RiskPairs(
                pairs.columns[:, mine],
                _is_in(pairs.events, mine),
                _slots(pairs, mine),
                pairs.first[mine],
                pairs.last[mine],
                pairs.n_slots,
            ).violated(d)
            for mine in (np.flatnonzero(self.level == k) for k in order)
        ]
        return np.vstack(rows)


def _is_in(events: IntArray, rows: IntArray) -> BoolArray:
    return np.isin(rows, events)


def _slots(pairs: RiskPairs, rows: IntArray) -> IntArray:
    slot = np.zeros(pairs.first.size, dtype=np.intp)
    slot[pairs.events] = pairs.slot
    return slot[rows]
