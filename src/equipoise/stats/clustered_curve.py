"""Variance of a Kaplan-Meier curve whose rows belong together in clusters."""

from __future__ import annotations

import numpy as np

from .arrays import Array, IntArray


def clustered_squares(place: IntArray, path: Array, final: Array, weight: Array, cluster: IntArray) -> Array:
    """Sum over the clusters of the squared influence on log survival, at each of k times; shape (k,).

    Parameters
    ----------
    place : shape (n,)
        Place of each row's time among the k.
    path : shape (k,)
        Influence, per unit of weight, of a row that is still at risk after each time.
    final : shape (n,)
        Influence of a row from its own time on.
    weight, cluster : shape (n,)
        cluster: whole numbers from 0.

    Notes
    -----
    A cluster's influence is path * (weight W of its rows still at risk) + F of those that have left, so the sum of squares needs
    three sums over clusters, of W squared, W F and F squared, each of which changes only when a row leaves.
    """
    order = np.lexsort((place, cluster))
    w, f, group = weight[order], (weight * final)[order], cluster[order]
    first = np.flatnonzero(np.concatenate(([True], group[1:] != group[:-1])))
    size = np.diff(np.append(first, group.size))
    left = _within(w, first, size)
    gone = _within(f, first, size)
    still = np.repeat(np.add.reduceat(w, first), size) - left  # after the row has left
    before_w, before_f = still + w, gone - f
    at = place[order]

    def moved(change: Array) -> Array:
        return np.bincount(at, change, path.size).cumsum()

    ww = float((np.add.reduceat(w, first) ** 2).sum()) + moved(still**2 - before_w**2)
    wf = moved(still * gone - before_w * before_f)
    ff = moved(gone**2 - before_f**2)
    return np.maximum(path**2 * ww + 2 * path * wf + ff, 0.0)


def _within(values: Array, first: IntArray, size: IntArray) -> Array:
    """Running sums within groups that lie together."""
    total = values.cumsum()
    return total - np.repeat(total[first] - values[first], size)
