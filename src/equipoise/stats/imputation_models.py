"""Draws of missing values from models of the observed ones, each with the uncertainty of its coefficients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_RIDGE = 1e-5  # of each column's sum of squares, as mice: collinear predictors do no harm
_PASSES = 60

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Drawing:
    """donors: observed patients among whom predictive mean matching draws."""

    donors: int


def predictors(filled: Floats, methods: tuple[str, ...], columns: NDArray[np.intp]) -> Floats:
    """Predictors with mean 0 and SD 1, categories as indicators but for the first; constant columns left out; shape (n, q)."""
    parts = []
    for k in columns:
        x = filled[:, k]
        if methods[k] == "multinomial":
            parts += [(x == level).astype(float) for level in np.unique(x)[1:]]
        else:
            parts.append(x)
    raw = np.array(parts).reshape(len(parts), filled.shape[0]).T
    X = raw - raw.mean(axis=0)
    spread = np.sqrt(np.mean(X**2, axis=0))
    kept = spread > 1e-12 * np.abs(raw).max(axis=0)
    return X[:, kept] / spread[kept]


def by_matching(y: Floats, seen: Floats, wanting: Floats, how: Drawing, rng: np.random.Generator) -> Floats:
    """Predictive mean matching: the predicted value with drawn coefficients against the predicted values of the observed."""
    if y.min() == y.max():
        return np.full(wanting.shape[0], y[0])
    estimate, drawn, _ = _linear(y, seen, rng)
    return y[_donors(_with_one(seen) @ estimate, _with_one(wanting) @ drawn, how.donors, rng)]


def by_normal(y: Floats, seen: Floats, wanting: Floats, how: Drawing, rng: np.random.Generator) -> Floats:
    """Bayesian linear regression."""
    if y.min() == y.max():
        return np.full(wanting.shape[0], y[0])
    _, drawn, sigma = _linear(y, seen, rng)
    return _with_one(wanting) @ drawn + sigma * rng.standard_normal(wanting.shape[0])


def by_categories(y: Floats, seen: Floats, wanting: Floats, how: Drawing, rng: np.random.Generator) -> Floats:
    """Logistic (two categories) or multinomial regression, with coefficients drawn from their large-sample distribution."""
    levels, code = np.unique(y, return_inverse=True)
    code = code.reshape(-1)
    if levels.size == 1:
        return np.full(wanting.shape[0], levels[0])
    X, target, weight = _augmented(seen, code, levels.size)
    beta, information = _multinomial(X, target, weight)
    root = np.linalg.cholesky(information)
    drawn = beta + np.linalg.solve(root.T, rng.standard_normal(beta.size)).reshape(beta.shape)
    below = np.cumsum(_probabilities(_with_one(wanting), drawn), axis=1)[:, :-1]
    place = (rng.random((wanting.shape[0], 1)) > below).sum(axis=1)
    return np.asarray(levels[place], dtype=float)


MODELS: dict[str, Callable[[Floats, Floats, Floats, Drawing, np.random.Generator], Floats]] = {
    "pmm": by_matching,
    "normal": by_normal,
    "logistic": by_categories,
    "multinomial": by_categories,
}


def _with_one(X: Floats) -> Floats:
    return np.column_stack((np.ones(X.shape[0]), X))


def _linear(y: Floats, X: Floats, rng: np.random.Generator) -> tuple[Floats, Floats, float]:
    """Least squares coefficients, coefficients drawn from their posterior, and the residual SD drawn."""
    X = _with_one(X)
    square = X.T @ X
    square[np.diag_indices_from(square)] *= 1 + _RIDGE
    root = np.linalg.cholesky(square)
    estimate = np.linalg.solve(root.T, np.linalg.solve(root, X.T @ y))
    residual = y - X @ estimate
    sigma = np.sqrt(residual @ residual / rng.chisquare(max(y.size - X.shape[1], 1)))
    return estimate, estimate + sigma * np.linalg.solve(root.T, rng.standard_normal(estimate.size)), float(sigma)


def _donors(have: Floats, want: Floats, donors: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """For each wanted value one of the observed with the nearest ones, drawn; equal values in random order."""
    shuffled = rng.permutation(have.size)
    order = shuffled[np.argsort(have[shuffled], kind="stable")]
    at = have[order]
    donors = min(donors, have.size)
    low, high = np.searchsorted(at, want, "left"), np.searchsorted(at, want, "right")
    middle = rng.integers(low, high + 1)
    start = np.clip(middle - donors, 0, have.size - 1)
    window = np.clip(start[:, None] + np.arange(2 * donors), 0, have.size - 1)
    away = np.abs(at[window] - want[:, None])
    away[:, 1:][window[:, 1:] == window[:, :-1]] = np.inf  # beyond the last
    near = np.argsort(away, axis=1, kind="stable")[:, :donors]
    chosen = near[np.arange(want.size), rng.integers(0, donors, want.size)]
    return order[window[np.arange(want.size), chosen]]


def _augmented(X: Floats, code: NDArray[np.intp], k: int) -> tuple[Floats, Floats, Floats]:
    """Rows with an intercept, targets (n, k) and weights, with the few rows of small weight that keep every coefficient finite.

    For each predictor and category, one row half an SD above and one below its mean; together they weigh as many rows as
    there are coefficients.
    """
    n, q = X.shape
    if q == 0:
        return np.ones((n, 1)), np.eye(k)[code], np.ones(n)
    mean, sd = X.mean(axis=0), X.std(axis=0, ddof=1)
    more = np.tile(mean, (2 * q * k, 1)).reshape(q, k, 2, q)
    for j in range(q):
        more[j, :, :, j] = np.clip(mean[j] + np.array([0.5, -0.5]) * sd[j], X[:, j].min(), X[:, j].max())
    added = 2 * q * k
    target = np.eye(k)[np.concatenate((code, np.tile(np.repeat(np.arange(k), 2), q)))]
    weight = np.concatenate((np.ones(n), np.full(added, (q + 1) / added)))
    return _with_one(np.vstack((X, more.reshape(added, q)))), target, weight


def _probabilities(X: Floats, beta: Floats) -> Floats:
    """Shape (n, k).  beta: shape (k - 1, q), against the first category."""
    eta = np.column_stack((np.zeros(X.shape[0]), X @ beta.T))
    p = np.exp(eta - eta.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


def _multinomial(X: Floats, target: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Maximum likelihood coefficients, shape (k - 1, q), and their information, shape ((k - 1) q, (k - 1) q)."""
    k, q = target.shape[1], X.shape[1]
    beta = np.zeros((k - 1, q))
    value = _loglik(X, target, weight, beta)
    for _ in range(_PASSES):
        p = _probabilities(X, beta)
        gradient = ((target - p)[:, 1:] * weight[:, None]).T @ X
        information = _information(X, p, weight)
        step = np.linalg.solve(information, gradient.ravel()).reshape(beta.shape)
        share = 1.0
        while (there := _loglik(X, target, weight, beta + share * step)) < value and share > 1e-6:
            share /= 2
        beta, gain, value = beta + share * step, there - value, there
        if gain < 1e-8:
            break
    return beta, _information(X, _probabilities(X, beta), weight)


def _loglik(X: Floats, target: Floats, weight: Floats, beta: Floats) -> float:
    return float(weight @ np.log((_probabilities(X, beta) * target).sum(axis=1)))


def _information(X: Floats, p: Floats, weight: Floats) -> Floats:
    k, q = p.shape[1], X.shape[1]
    found = np.empty((k - 1, q, k - 1, q))
    for a in range(1, k):
        for b in range(1, k):
            w = weight * p[:, a] * ((a == b) - p[:, b])
            found[a - 1, :, b - 1] = X.T @ (X * w[:, None])
    whole = found.reshape((k - 1) * q, (k - 1) * q)
    whole[np.diag_indices_from(whole)] *= 1 + _RIDGE
    return whole
