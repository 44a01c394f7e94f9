"""Quadratic forms of a score in the inverse of its covariance, on as many degrees of freedom as the covariance has rank."""

from __future__ import annotations

import numpy as np

from .arrays import Array

# Eigenvalues below this share of the largest are rounding.
_RANK = 1e-10


def rank_form(score: Array, covariance: Array) -> tuple[float, int]:
    """score' covariance^- score, and the rank of the covariance.

    Parameters
    ----------
    score : float ndarray, shape (k,)
        Lies in the range of the covariance, as sums of observed less expected events do.
    covariance : float ndarray, shape (k, k)
        Positive semidefinite; groups that are never compared add no rank.

    Returns
    -------
    statistic : float
        0 where the rank is 0.
    rank : int

    Notes
    -----
    Each row is first scaled to unit variance, so that a small group counts as much for the rank as a large one.
    """
    scale = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    used = np.flatnonzero(scale > 1e-9 * scale.max(initial=0.0))
    if not used.size:
        return 0.0, 0
    scale = scale[used]
    values, vectors = np.linalg.eigh(covariance[np.ix_(used, used)] / np.outer(scale, scale))
    kept = values > _RANK * values[-1]
    along = (score[used] / scale) @ vectors[:, kept]
    return float(along**2 @ (1 / values[kept])), int(np.count_nonzero(kept))
