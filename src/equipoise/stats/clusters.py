"""Standard errors from influences that are added up within clusters."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .validation import labels

Floats = NDArray[np.float64]


def codes_of(cluster: ArrayLike | None, n: int) -> NDArray[np.intp] | None:
    """Whole numbers from 0 for the labels of the clusters, shape (n,); None without clusters."""
    return None if cluster is None else labels(cluster, "cluster", n)[0]


def clustered_errors(influence: Floats, groups: NDArray[np.intp] | None) -> Floats:
    """Root of the summed squares of the columns, after adding up within clusters; shape (k,).  influence: shape (n, k)."""
    if groups is not None:
        influence = np.column_stack([np.bincount(groups, column) for column in influence.T])
    return np.sqrt(np.einsum("ij,ij->j", influence, influence))


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
