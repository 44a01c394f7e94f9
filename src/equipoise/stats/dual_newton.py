"""Newton's method on a convex function, and columns made orthonormal, for weights that balance covariates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .validation import ArrayError

_ALIAS = 1e-11  # share of the largest variance below which a combination of columns counts as constant
_PASSES = 300

# value, gradient, Hessian at a point
Point = tuple[float, NDArray[np.float64], NDArray[np.float64]]


class Unreachable(ArrayError):
    """No weights balance these columns.

    columns: positions of the columns for which this is seen one by one; empty where only several together cannot be balanced.
    """

    def __init__(self, sentence: str, columns: tuple[int, ...] = ()):
        self.columns = columns
        super().__init__(sentence)


@dataclass(frozen=True, slots=True, eq=False)
class Minimum:
    """Where a convex function is smallest.  at: shape (k,).  largest_gradient: of its elements, absolute.  lowest: the value."""

    at: NDArray[np.float64]
    lowest: float
    largest_gradient: float
    passes: int


def minimise(
    function: Callable[[NDArray[np.float64]], Point], start: NDArray[np.float64], tolerance: float, floor: float = -np.inf
) -> Minimum | None:
    """Damped Newton steps until no element of the gradient exceeds `tolerance`.

    None where the value falls below `floor`, overflows or the steps do not end: there is no minimum.
    """
    with np.errstate(all="ignore"):
        return _minimise(function, start, tolerance, floor)


def _minimise(
    function: Callable[[NDArray[np.float64]], Point], start: NDArray[np.float64], tolerance: float, floor: float
) -> Minimum | None:
    here = start
    value, gradient, hessian = function(here)
    for passes in range(_PASSES):
        largest = float(np.abs(gradient).max(initial=0.0))
        if largest <= tolerance:
            return Minimum(here, value, largest, passes)
        if not value >= floor:
            return None
        step = _solved(hessian, gradient)
        if step is None:
            return None
        share, slack = 1.0, 1e-14 * max(1.0, abs(value))
        expected = float(gradient @ step)
        while share > 1e-10:
            there = here - share * step
            found = function(there)
            if found[0] <= value - 1e-4 * share * expected + slack and np.isfinite(found[1]).all():
                break
            share /= 2
        else:
            return None
        here, (value, gradient, hessian) = there, found
    return None


def _solved(hessian: NDArray[np.float64], gradient: NDArray[np.float64]) -> NDArray[np.float64] | None:
    scale = np.sqrt(hessian.diagonal())
    if not (np.isfinite(hessian).all() and (scale > 0).all()):
        return None
    try:
        return np.linalg.solve(hessian / np.outer(scale, scale), gradient / scale) / scale
    except np.linalg.LinAlgError:
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Whitened:
    """Columns of mean 0, variance 1 and no correlation that span the same space as the rows given.

    rows : shape (n, k).  turn : shape (p, k), rows = (X - mean) @ turn.  mean : shape (p,).  flat : shape (p, f), combinations
    that are constant among the rows, in units of each column's `scale`.
    """

    rows: NDArray[np.float64]
    turn: NDArray[np.float64]
    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    flat: NDArray[np.float64]


def whitened(X: NDArray[np.float64], weight: NDArray[np.float64] | None, scale: NDArray[np.float64]) -> Whitened:
    """Whiten the rows of X.  weight: shape (n,) or None; scale: shape (p,), a positive unit of each column."""
    mean = X.mean(axis=0) if weight is None else weight @ X / weight.sum()
    centred = (X - mean) / scale
    total = X.shape[0] if weight is None else weight.sum()
    covariance = centred.T @ (centred if weight is None else centred * weight[:, None]) / total
    values, vectors = np.linalg.eigh(covariance)
    kept = values > _ALIAS * max(float(values.max(initial=0.0)), _ALIAS)
    turn = vectors[:, kept] / np.sqrt(values[kept])
    return Whitened(centred @ turn, turn / scale[:, None], mean, scale, vectors[:, ~kept])
