"""Natural cubic splines: smooth curves of a covariate, straight lines beyond its boundary knots."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .quantiles import quantile
from .validation import ArrayError, require, sample, vector, whole

Floats = NDArray[np.float64]
_ORDER = 4


@dataclass(frozen=True, slots=True, eq=False)
class NaturalSpline:
    """A basis of natural cubic splines.

    Attributes
    ----------
    basis : float ndarray, shape (n, df)
        Of the values it was made from.
    knots : float ndarray, shape (df - 1,)
    boundary : (float, float)
    """

    basis: Floats
    knots: Floats
    boundary: tuple[float, float]
    _turn: Floats

    def at(self, x: ArrayLike) -> Floats:
        """The basis at other values, straight beyond the boundary knots; shape (m, df)."""
        return _natural(vector(np.atleast_1d(np.asarray(x, dtype=float)), "x"), self.knots, self.boundary, self._turn)


def natural_spline(
    x: ArrayLike, df: int = 3, *, knots: ArrayLike | None = None, boundary: tuple[float, float] | None = None
) -> NaturalSpline:
    """Basis of natural cubic splines without intercept, column by column that of R's `splines::ns`.

    Parameters
    ----------
    x : array_like, shape (n,)
    df : int, default 3
        Columns; there are df - 1 inner knots, at equally spaced quantiles (definition 7) of the values within the boundary.
    knots : array_like, optional
        Inner knots, instead of `df`.
    boundary : (float, float), optional
        Default: the range of x.

    Returns
    -------
    NaturalSpline

    Raises
    ------
    ArrayError
        Where knots coincide: x has too few distinct values.

    References
    ----------
    Hastie TJ. In: Chambers JM, Hastie TJ (eds). Statistical Models in S. 1992, ch. 7.
    de Boor C. A Practical Guide to Splines. 1978.
    """
    value = sample(x, "x", 2)
    low, high = (float(value.min()), float(value.max())) if boundary is None else (float(boundary[0]), float(boundary[1]))
    require(low < high, "x is constant (or the boundary knots coincide): there is no curve to bend.")
    if knots is None:
        count = whole(df, "df", 1) - 1
        inside = value[(value >= low) & (value <= high)]
        inner = np.asarray(quantile(inside, np.linspace(0, 1, count + 2)[1:-1])) if count else np.empty(0)
    else:
        inner = np.sort(vector(knots, "knots"))
    edges = np.concatenate(([low], inner, [high]))
    if (np.diff(edges) <= 0).any():
        raise ArrayError(
            f"knots coincide: x has too few distinct values for {inner.size + 1} columns; take fewer, or name the knots."
        )
    curved = _design(np.array([low, high]), _all_knots(inner, (low, high)), 2)[:, 1:]
    turn = np.linalg.qr(curved.T, mode="complete")[0][:, 2:]
    return NaturalSpline(_natural(value, inner, (low, high), turn), inner, (low, high), turn)


def _all_knots(inner: Floats, boundary: tuple[float, float]) -> Floats:
    return np.concatenate((np.full(_ORDER, boundary[0]), inner, np.full(_ORDER, boundary[1])))


def _natural(x: Floats, inner: Floats, boundary: tuple[float, float], turn: Floats) -> Floats:
    knots = _all_knots(inner, boundary)
    held = np.clip(x, *boundary)
    found = _design(held, knots, 0)
    beyond = held != x
    if beyond.any():
        found[beyond] += (x - held)[beyond, None] * _design(held[beyond], knots, 1)
    return found[:, 1:] @ turn


def _design(x: Floats, knots: Floats, derivative: int) -> Floats:
    """B-splines of order 4 (cubic) or a derivative of them, shape (n, knots - 4); the last piece holds its right end."""
    size = knots.size - 1
    piece = np.clip(np.searchsorted(knots, x, side="right") - 1, _ORDER - 1, knots.size - _ORDER - 1)
    found = np.zeros((x.size, size))
    found[np.arange(x.size), piece] = 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        for order in range(2, _ORDER + 1):
            width = knots[order - 1 :] - knots[: -order + 1]
            share = np.where(width > 0, found[:, : width.size] / width, 0.0)
            if order > _ORDER - derivative:
                found = (order - 1) * (share[:, :-1] - share[:, 1:])
            else:
                rise, fall = x[:, None] - knots[: width.size - 1], knots[order:] - x[:, None]
                found = rise * share[:, :-1] + fall * share[:, 1:]
    return found
