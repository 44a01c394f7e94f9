"""The logistic likelihood where it rises for ever: rows that are predicted perfectly say nothing more and leave."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .arrays import Array, BoolArray
from .logistic_likelihood import LogisticLikelihood
from .newton import Iterate, Maximum, maximise
from .recession import TIED, OutcomePairs


@dataclass(frozen=True, slots=True, eq=False)
class LogisticProblem:
    """A logistic regression of an intercept and chosen columns (centred); `scale` their standard deviations, 1 first."""

    y: BoolArray
    X: Array
    weight: Array | None
    scale: Array

    def model(self) -> _Uncentred:
        """The likelihood; its own centre is that of the rows that are left."""
        return _Uncentred(self.y, self.X, self.weight)

    def maximum(self) -> Maximum:
        """Largest likelihood."""
        return maximise(self.model())

    def slope(self, best: Maximum) -> Array:
        """Gradient at coefficients of zero."""
        return self.model().at(np.zeros(self.scale.size)).gradient

    def pairs(self) -> OutcomePairs:
        """One inequality per row, in scaled columns."""
        return OutcomePairs(self._rows(), self.y)

    def beyond(self, d: Array) -> LogisticProblem:
        """The rows that the (scaled) direction `d` does not predict."""
        kept = np.abs(self._rows() @ d) <= 2 * TIED
        weight = None if self.weight is None else self.weight[kept]
        return replace(self, y=self.y[kept], X=self.X[kept], weight=weight)

    def _rows(self) -> Array:
        return np.column_stack((np.ones(self.y.size), self.X)) / self.scale


class _Uncentred(LogisticLikelihood):
    """Columns as given, so that coefficients keep their meaning while rows leave."""

    def __init__(self, y: BoolArray, X: Array, weight: Array | None) -> None:
        super().__init__(y, X, weight)
        self.mean = np.zeros(X.shape[1])

    def origin(self) -> Array:
        """Coefficients of zero: an intercept alone need not have a finite estimate among the rows that are left."""
        return np.zeros(self.n_columns)

    def yardstick(self, first: Iterate) -> tuple[Array, float]:
        """The diagonal that a column would have if nothing else varied; 0 where nothing is left of it."""
        spread = first.information.diagonal().copy()
        return spread, max(spread[0], 1.0)
