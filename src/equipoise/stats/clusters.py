"""Standard errors from influences that are added up within clusters."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .validation import labels

Floats = NDArray[np.float64]

ROUNDING = 1e-10  # of what was added up: what is left below it is the rounding of sums that cancel


def codes_of(cluster: ArrayLike | None, n: int) -> NDArray[np.intp] | None:
    """Whole numbers from 0 for the labels of the clusters, shape (n,); None without clusters."""
    return None if cluster is None else labels(cluster, "cluster", n)[0]


def clustered_errors(influence: Floats, groups: NDArray[np.intp] | None) -> Floats:
    """Root of the summed squares of the columns, after adding up within clusters; shape (k,).  influence: shape (n, k).

    A column that cancels within every cluster has the error 0, not that of its rounding.
    """
    alone = np.sqrt(np.einsum("ij,ij->j", influence, influence))
    if groups is None:
        return alone
    summed = np.column_stack([np.bincount(groups, column) for column in influence.T])
    errors = np.sqrt(np.einsum("ij,ij->j", summed, summed))
    return np.where(errors > ROUNDING * alone, errors, 0.0)


def without_rounding(influence: Floats, size: Floats | float = 1.0) -> Floats:
    """The influences, shape (n, k), with 0 in columns that are nothing but the rounding of estimates of this size."""
    moved = np.sqrt(np.einsum("ij,ij->j", influence, influence)) > ROUNDING * np.abs(size)
    return np.where(moved, influence, 0.0)


def difference_of(first: Floats | float, second: Floats | float) -> Floats:
    """first - second, 0 where they differ by rounding alone."""
    difference = np.subtract(first, second)
    return np.where(np.abs(difference) > ROUNDING * np.maximum(np.abs(first), np.abs(second)), difference, 0.0)


def resamples(n: int, groups: NDArray[np.intp] | None, replicates: int, seed: int) -> Iterator[NDArray[np.intp]]:
    """Rows of each bootstrap sample: whole clusters (or rows) drawn with replacement.  Replicate k depends on seed and k only."""
    order, edges = np.arange(n), None
    if groups is not None:
        order = np.argsort(groups, kind="stable")
        edges = np.concatenate(([0], np.cumsum(np.bincount(groups))))
    for k in range(replicates):
        rng = np.random.default_rng([seed, k])
        if edges is None:
            yield rng.integers(0, n, n)
        else:
            drawn = rng.integers(0, edges.size - 1, edges.size - 1)
            yield np.concatenate([order[edges[g] : edges[g + 1]] for g in drawn])
