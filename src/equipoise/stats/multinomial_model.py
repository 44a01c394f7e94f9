"""Propensity scores of several arms: multinomial logistic regression, and weights by target population."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import Array, ArrayLike, IntArray
from .validation import ArrayError, labels, matrix, one_of, require, weights

TARGETS = ("ate", "overlap", "matching", "att")
_PASSES = 100
_FAR = 30.0  # a linear predictor beyond it: the likelihood has no maximum, or none that the data support
_ALIAS = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class MultinomialFit:
    """A multinomial logistic regression.

    Attributes
    ----------
    levels : tuple of labels
        Sorted; the first is the reference.
    coef, se : float ndarray, shape (k - 1, p + 1)
        Log odds against the reference, intercept first; columns that others determine have 0 and nan.
    probability : float ndarray, shape (n, k)
    loglik : float
    """

    levels: tuple[object, ...]
    coef: Array
    se: Array
    probability: Array
    loglik: float
    n: int
    method: str

    def __str__(self) -> str:
        return f"{self.method}: {self.n} rows, {len(self.levels)} levels, log-likelihood {self.loglik:.6f}"


def multinomial(label: ArrayLike, X: ArrayLike, *, weight: ArrayLike | None = None) -> MultinomialFit:
    """Fit a multinomial logistic regression by maximum likelihood.

    Parameters
    ----------
    label : array_like, shape (n,)
        Arm (or category) of each row; of two, the model is :func:`logistic`.
    X : array_like, shape (n, p) or (n,)
        Covariates without an intercept column.
    weight : array_like, shape (n,), optional
        Case weights, not negative.

    Returns
    -------
    MultinomialFit

    Raises
    ------
    ArrayError
        For one level only, and where covariates tell some arm apart perfectly, so that there is no finite estimate.

    References
    ----------
    Agresti A. Categorical Data Analysis, 3rd ed. 2013, section 8.1.
    """
    code, names = labels(label, "label")
    columns = matrix(X, code.size)
    require(len(names) > 1, "label must hold at least two levels.")
    case = np.ones(code.size) if weight is None else weights(weight, code.size)
    total = np.bincount(code, case, len(names))
    require(bool((total > 0).all()), "a level of label has no weight.")
    mean, sd = columns.mean(axis=0), columns.std(axis=0)
    scaled = (columns - mean) / np.where(sd > 0, sd, 1.0)
    used = _independent(scaled)
    Z = np.column_stack((np.ones(code.size), scaled[:, used]))
    beta, information, loglik = _climb(Z, np.eye(len(names))[code], case, np.log(total[1:] / total[0]))
    back = np.zeros((1 + columns.shape[1], Z.shape[1]))
    back[0, 0] = 1.0
    back[1 + used, 1 + np.arange(used.size)] = 1 / sd[used]
    back[0, 1:] = -mean[used] / sd[used]
    k, q = beta.shape
    blocks = np.linalg.inv(information).reshape(k, q, k, q)
    se = np.array([np.sqrt(np.maximum(np.diag(back @ blocks[a, :, a] @ back.T), 0.0)) for a in range(k)])
    se[:, 1 + np.setdiff1d(np.arange(columns.shape[1]), used)] = np.nan
    method = "Multinomial logistic regression, maximum likelihood"
    return MultinomialFit(tuple(names.tolist()), beta @ back.T, se, shares(Z, beta), loglik, code.size, method)


def several_arm_weights(probability: ArrayLike, label: ArrayLike, target: str = "ate", *, reference: object = None) -> Array:
    """Weights that make several arms represent one population.

    Parameters
    ----------
    probability : array_like, shape (n, k)
        Of each arm, in the sorted order of the labels (:attr:`MultinomialFit.probability`).
    label : array_like, shape (n,)
    target : {"ate", "overlap", "matching", "att"}
        "ate": everybody, 1/e of one's own arm.  "overlap": those who may get any arm, h/e with 1/h the sum of 1/e over the arms.
        "matching": the smallest e over one's own.  "att": those of the arm `reference`, its e over one's own.

    Returns
    -------
    float ndarray, shape (n,)
        Not normalised; for two arms those of the binary score.

    References
    ----------
    Li F, Li F. Ann Appl Stat 2019;13:2389-2415.  McCaffrey DF et al. Stat Med 2013;32:3388-3414.
    """
    one_of(target, TARGETS, "target")
    code, names = labels(label, "label")
    e = matrix(probability, code.size, "probability")
    require(e.shape[1] == len(names), f"probability must have one column per level of label, {len(names)}.")
    require(bool((e > 0).all()), "probability must be positive: nobody may be barred from an arm.")
    own = e[np.arange(code.size), code]
    if target == "att":
        known = names.tolist()
        require(reference in known, "reference must be one of the labels.")
        return np.asarray(e[:, known.index(reference)] / own)
    tilt = {"ate": np.ones(code.size), "overlap": 1 / (1 / e).sum(axis=1), "matching": e.min(axis=1)}[target]
    return np.asarray(tilt / own)


def _independent(Z: Array) -> IntArray:
    """Columns that neither the constant nor the columns before them determine."""
    kept: list[int] = []
    basis = np.empty((Z.shape[0], 0))
    for j in range(Z.shape[1]):
        rest = Z[:, j] - basis @ (basis.T @ Z[:, j])
        rest = rest - basis @ (basis.T @ rest)
        size = float(np.linalg.norm(rest))
        if size > _ALIAS * np.sqrt(Z.shape[0]):
            kept.append(j)
            basis = np.column_stack((basis, rest / size))
    return np.array(kept, dtype=np.intp)


def shares(Z: Array, beta: Array) -> Array:
    """Probabilities, shape (n, k); the first level has the linear predictor 0.  beta: shape (k - 1, q)."""
    eta = np.column_stack((np.zeros(Z.shape[0]), Z @ beta.T))
    p = np.exp(eta - eta.max(axis=1, keepdims=True))
    return np.asarray(p / p.sum(axis=1, keepdims=True))


def _climb(Z: Array, target: Array, case: Array, start: Array) -> tuple[Array, Array, float]:
    beta = np.zeros((target.shape[1] - 1, Z.shape[1]))
    beta[:, 0] = start
    value = _loglik(Z, target, case, beta)
    for _ in range(_PASSES):
        p = shares(Z, beta)
        gradient = ((target - p)[:, 1:] * case[:, None]).T @ Z
        information = _information(Z, p, case)
        try:
            step = np.linalg.solve(information, gradient.ravel()).reshape(beta.shape)
        except np.linalg.LinAlgError:
            break
        share = 1.0
        while not (there := _loglik(Z, target, case, beta + share * step)) >= value - 1e-12 * abs(value) and share > 1e-8:
            share /= 2
        beta, value = beta + share * step, there
        if np.abs(Z @ beta.T).max() > _FAR:
            break
        if np.abs(step).max() < 1e-9:
            return beta, _information(Z, shares(Z, beta), case), value
    raise ArrayError(
        "the covariates tell an arm apart perfectly for some patients: the multinomial model has no finite estimate."
    )


def _loglik(Z: Array, target: Array, case: Array, beta: Array) -> float:
    own = np.maximum((shares(Z, beta) * target).sum(axis=1), np.finfo(float).tiny)
    return float(case @ np.log(own))


def _information(Z: Array, p: Array, case: Array) -> Array:
    k, q = p.shape[1] - 1, Z.shape[1]
    found = np.empty((k, q, k, q))
    for a in range(k):
        for b in range(a + 1):
            w = case * p[:, a + 1] * ((a == b) - p[:, b + 1])
            found[a, :, b] = found[b, :, a] = Z.T @ (Z * w[:, None])
    return found.reshape(k * q, k * q)
