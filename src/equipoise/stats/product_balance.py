"""Balance of squares and products of columns, from sums of products alone: no column is made for each of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .validation import indicator, non_negative, one_of, require

DENOMINATORS = ("pooled", "treated", "control")
_SAME = 1e-14  # differences and variances that rounding leaves, relative to what was added up

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class ProductBalance:
    """Standardized differences of q squares and products in s samples.

    Attributes
    ----------
    pairs : int ndarray, shape (q, 2)
        The two columns behind each, equal for a square; squares first.
    difference, smd : float ndarray, shape (q, s)
        Treated less control, raw and over `scale`; nan where an arm has no row with both values, smd also where the scale is 0
        and the means differ.
    scale : float ndarray, shape (q,)
        SD by the denominator, of the rows unweighted.
    """

    pairs: NDArray[np.intp]
    difference: Floats
    smd: Floats
    scale: Floats
    denominator: str


def product_balance(
    X: ArrayLike,
    treated: ArrayLike,
    weight: ArrayLike | None = None,
    denominator: str = "pooled",
    variable: ArrayLike | None = None,
) -> ProductBalance:
    """Balance of the squares of the columns of X and of the products of pairs of them, not centred.

    Parameters
    ----------
    X : array_like, shape (n, p)
        nan where a value is missing; a product rests on the rows that have both values.
    treated : array_like, shape (n,)
    weight : array_like, shape (n,) or (n, s), optional
        A column per sample, as of `column_balance`.
    denominator : {"pooled", "treated", "control"}
        As of `smd_continuous`; of products of columns of 0 and 1 with p(1 - p) as variance.
    variable : array_like, shape (p,), optional
        Which variable a column codes: columns of one variable (levels of a factor) are not multiplied with each other.

    Returns
    -------
    ProductBalance

    Notes
    -----
    The same numbers as `column_balance(squares_and_products(X)[0], ...)` in O(n p^2) by matrix products and O(n p) memory.  The
    columns are centred for the sums, so that large means cost no digits.  Conventions of the R package cobalt (`int = TRUE`).
    """
    one_of(denominator, DENOMINATORS, "denominator")
    arm = indicator(treated, "treated")
    given = np.asarray(X, dtype=float)
    require(given.ndim == 2 and given.shape[0] == arm.size, "X must have one row per value of treated.")
    require(not np.isinf(given).any(), "X must be finite, or nan where a value is missing.")
    samples = np.ones((arm.size, 1)) if weight is None else np.asarray(weight, dtype=float).reshape(arm.size, -1)
    non_negative(samples.ravel(), "weight")
    of = np.arange(given.shape[1]) if variable is None else np.asarray(variable)
    require(of.shape == (given.shape[1],), f"variable must name one variable per column of X, {given.shape[1]} of them.")
    known = ~np.isnan(given)
    centre = np.where(known, given, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    D = np.where(known, given - centre, 0.0)
    binary = (~known | (given == 0) | (given == 1)).all(axis=0)
    pairs = _pairs(of, binary)
    whole = bool(known.all())
    parts = [_Arm(D[rows], None if whole else known[rows].astype(float), centre, binary) for rows in (arm, ~arm)]
    reach = np.where(known, np.abs(given), 0.0).max(axis=0, initial=0.0)
    slack = _SAME * np.outer(reach, reach)
    difference = np.stack([_gap(parts, samples[:, k], arm, slack) for k in range(samples.shape[1])], axis=-1)
    scale = _scale(parts, denominator)
    at = pairs[:, 0], pairs[:, 1]
    gap, sd = difference[at], scale[at]
    with np.errstate(divide="ignore", invalid="ignore"):
        smd = np.where(gap == 0, 0.0, np.where(sd[:, None] > 0, gap / sd[:, None], np.nan))
    smd[np.isnan(sd)] = np.nan
    return ProductBalance(pairs, gap, smd, sd, denominator)


def _pairs(of: NDArray[np.generic], binary: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Squares of the columns that are not 0 and 1, then products in the order of their pairs."""
    squares = np.flatnonzero(~binary)
    first, second = np.nonzero(np.triu(of[:, None] != of[None, :], 1))
    return np.concatenate((np.column_stack((squares, squares)), np.column_stack((first, second))))


@dataclass(frozen=True, slots=True, eq=False)
class _Arm:
    """Rows of one arm. D: deviations from the means of all rows, 0 where the value is missing; known: 1 and 0, None where no
    value is missing."""

    D: Floats
    known: Floats | None
    centre: Floats
    binary: NDArray[np.bool_]

    def among_known(self, columns: Floats | None, weight: Floats) -> Floats:
        """[j, k]: the weighted sum of column k (of ones, without columns) over the rows that have values in columns j and k."""
        if self.known is None:
            p = self.centre.size
            return np.broadcast_to(weight.sum() if columns is None else weight @ columns, (p, p))
        weighted = self.known * weight[:, None]
        return weighted.T @ (self.known if columns is None else columns)

    def mean(self, weight: Floats) -> Floats:
        """[j, k]: the weighted mean of the product less the product of the means of all rows; nan of no row."""
        n = self.among_known(None, weight)
        total = self._sum(self.among_known(self.D, weight), (self.D * weight[:, None]).T @ self.D)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(n > 0, total / n, np.nan)

    def _sum(self, single: Floats, double: Floats) -> Floats:
        m = self.centre
        return m[:, None] * single + (m[:, None] * single).T + double

    def variance(self) -> Floats:
        """[j, k]: of the product, unweighted; p(1 - p) where both are 0 and 1; nan of fewer than two rows."""
        m, D, squared, one_each = self.centre, self.D, self.D**2, np.ones(len(self.D))
        n, double = self.among_known(None, one_each), D.T @ D
        total = self._sum(self.among_known(D, one_each), double)
        one, mixed, both = self.among_known(squared, one_each), D.T @ squared, squared.T @ squared
        alone = m[:, None] ** 2 * one
        crossed = 2 * m[:, None] * mixed
        added = alone + alone.T + both + 2 * np.outer(m, m) * double + crossed + crossed.T
        size = alone + alone.T + both + 2 * np.abs(np.outer(m, m) * double) + np.abs(crossed) + np.abs(crossed).T
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.where(n > 1, (added - total**2 / n) / (n - 1), np.nan)
            found[found * (n - 1) <= _SAME * size] = 0.0
            p = np.where(n > 0, np.round(np.outer(m, m) * n + total) / n, np.nan)  # of rows with both: a whole number
        return np.where(np.outer(self.binary, self.binary), p * (1 - p), found)


def _gap(parts: list[_Arm], weight: Floats, arm: NDArray[np.bool_], slack: Floats) -> Floats:
    """[j, k]: difference of the means in one sample."""
    found = parts[0].mean(weight[arm]) - parts[1].mean(weight[~arm])
    found[np.abs(found) <= slack] = 0.0
    return found


def _scale(parts: list[_Arm], denominator: str) -> Floats:
    """[j, k]: SD; the pooled one where that of the asked arm is 0."""
    v1, v0 = (part.variance() for part in parts)
    pooled = np.sqrt((v1 + v0) / 2)
    own = {"treated": np.sqrt(v1), "control": np.sqrt(v0)}.get(denominator, pooled)
    return np.where(own == 0, pooled, own)
