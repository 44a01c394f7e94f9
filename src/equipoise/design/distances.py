"""Coordinates in which the Euclidean distance of two patients is a distance of their covariates, as in MatchIt 4.7.2."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

KINDS = ("mahalanobis", "robust_mahalanobis", "scaled_euclidean")
TINY = 1e-8  # singular values below it times the largest count as zero


def coordinates(columns: np.ndarray, focal: np.ndarray, kind: str, factor: Sequence[bool] | None = None) -> np.ndarray:
    """Coordinates of each patient, float, shape (n, p).

    columns: float, shape (n, p), finite; of a factor one 0/1 column per level, none left out, marked in `factor`: they are
    divided by sqrt(2), so that two levels are one unit apart. mahalanobis: covariance pooled within arms (n - 2).
    robust_mahalanobis: mid-ranks, their covariance over all patients with the variances set to that of untied ranks (Rosenbaum
    2010, 8.3). scaled_euclidean: each column over its SD within arms (n - 2; of 0/1 columns n). A singular covariance takes the
    pseudo-inverse.
    Raises ValueError where a value is missing, a kind unknown or nothing varies.
    """
    X = np.asarray(columns, dtype=float)
    if kind not in KINDS:
        raise ValueError(f"the distance is one of {', '.join(KINDS)}")
    if not np.isfinite(X).all():
        raise ValueError("a covariate of the distance is missing or infinite")
    varies = X.max(axis=0) > X.min(axis=0)
    if not varies.any():
        raise ValueError("no covariate of the distance varies")
    levels = np.zeros(X.shape[1], dtype=bool) if factor is None else np.asarray(factor, dtype=bool)
    X, levels = np.where(levels, X / np.sqrt(2), X)[:, varies], levels[varies]
    focal = np.asarray(focal, dtype=bool)
    if kind == "scaled_euclidean":
        return X / np.sqrt((_within(X, focal) ** 2).sum(axis=0) / (len(X) - np.where(_is_binary(X), 0, 2)))
    if kind == "robust_mahalanobis":
        X = np.column_stack([_mid_ranks(x) for x in X.T])
        cov = np.atleast_2d(np.cov(X, rowvar=False))
        untied = np.std(np.arange(len(X)), ddof=1) / np.sqrt(np.diag(cov))
        cov = cov * np.outer(untied, untied)
    else:
        X = (X - X.mean(axis=0)) / X.std(axis=0, ddof=1)
        cov = _within(X, focal).T @ _within(X, focal) / (len(X) - 2)
    return X @ _root(np.linalg.pinv(cov, rcond=TINY, hermitian=True))


def _within(X: np.ndarray, focal: np.ndarray) -> np.ndarray:
    """Differences from the mean of the own arm."""
    apart = X.copy()
    for arm in (focal, ~focal):
        apart[arm] -= X[arm].mean(axis=0) if arm.any() else 0
    return apart


def _is_binary(X: np.ndarray) -> np.ndarray:
    return ((X == 0) | (X == 1)).all(axis=0)


def _mid_ranks(x: np.ndarray) -> np.ndarray:
    _, code, count = np.unique(x, return_inverse=True, return_counts=True)
    return (np.cumsum(count) - (count - 1) / 2)[code]


def _root(inverse: np.ndarray) -> np.ndarray:
    value, vector = np.linalg.eigh(inverse)
    return vector * np.sqrt(np.maximum(value, 0))
