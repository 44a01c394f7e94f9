"""Logistic regression of many covariates with a ridge or LASSO penalty, chosen by cross-validation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .penalised_columns import Standardised, standardised
from .penalised_path import each_fit, path_of, probabilities
from .validation import indicator, matrix, one_of, require, vector, whole

Floats = NDArray[np.float64]
_WIDE = 50  # columns from which a path ends behind the best penalty
_BEYOND = 10  # penalties in a row whose deviance is a standard error above the best one
_CERTAIN = 1e-5  # predicted probabilities are kept so far from 0 and 1 in the deviance, as in glmnet


@dataclass(frozen=True, slots=True, eq=False)
class PenalisedLogistic:
    """A path of penalised fits; the intercept comes first, then one coefficient per column of X, in the units of X.

    Attributes
    ----------
    penalty : float ndarray, shape (l,)
        From the strongest to the weakest.
    path : float ndarray, shape (l, p + 1)
    coef : float ndarray, shape (p + 1,)
        At the chosen penalty.
    cv_deviance, cv_se : float ndarray, shape (l,)
        Mean deviance per row in the folds left out, and its standard error over the folds.
    best, sparser : int
        Place of the smallest deviance, and of the strongest penalty within one standard error of it.
    chosen : int
    fold : intp ndarray, shape (n,)
    """

    penalty: Floats
    path: Floats
    coef: Floats
    cv_deviance: Floats
    cv_se: Floats
    best: int
    sparser: int
    chosen: int
    fold: NDArray[np.intp]
    seed: int
    method: str

    @property
    def kept(self) -> NDArray[np.intp]:
        """Columns of X whose coefficient is not 0."""
        return np.flatnonzero(self.coef[1:])

    def predict(self, X: ArrayLike) -> Floats:
        """Probabilities, shape (n,)."""
        columns = matrix(X, np.shape(X)[0])
        require(columns.shape[1] == self.coef.size - 1, f"X must have {self.coef.size - 1} columns.")
        return probabilities(self.coef[0] + columns @ self.coef[1:])

    def __str__(self) -> str:
        return f"{self.method}: penalty {self.penalty[self.chosen]:.4g}, {self.kept.size} of {self.coef.size - 1} covariates kept"


def penalised_logistic(
    y: ArrayLike,
    X: ArrayLike,
    kind: str = "lasso",
    *,
    rule: str = "min",
    penalties: ArrayLike | None = None,
    indicators: Any = None,
    folds: int = 10,
    fold: ArrayLike | None = None,
    seed: int = 1,
) -> PenalisedLogistic:
    """Fit a penalised logistic regression, its penalty chosen by cross-validation.

    Parameters
    ----------
    y : array_like, shape (n,)
        1 or True for the event (the treatment, of a propensity score).
    X : array_like, shape (n, p)
        Covariates without an intercept column, which is not penalised.
    kind : {"lasso", "ridge"}
        Sum of absolute values (many coefficients become 0) or half the sum of squares.
    rule : {"min", "1se"}
        Penalty with the smallest deviance, or the strongest within a standard error of it.
    penalties : array_like, optional
        Default: 100 (60 for ridge) from the smallest that leaves no covariate, equally spaced on the log scale down to 1e-4
        of it (0.01 where p >= n); for ridge the first is a thousand times as large.
    indicators : scipy sparse matrix, shape (n, q), optional
        Further columns of 0 and 1 behind those of X, for LASSO alone; they are not written out.
    folds, seed : int
        Rows are dealt to folds of equal size at random, each outcome apart.
    fold : array_like, shape (n,), optional
        Fold of each row, instead.

    Returns
    -------
    PenalisedLogistic

    Notes
    -----
    As glmnet: minimises -loglik / n + penalty, with columns of mean 0 and variance (over n) 1, by Newton steps whose quadratic
    problems are solved by the signs of the coefficients (feature-sign search). Of 50 columns and more the path ends
    where the deviance has been a standard error above the best for ten penalties.

    References
    ----------
    Friedman J, Hastie T, Tibshirani R. J Stat Softw 2010;33(1).
    """
    one_of(kind, ("lasso", "ridge"), "kind")
    one_of(rule, ("min", "1se"), "rule")
    event = indicator(y, "y")
    columns = matrix(X, event.size)
    require(bool(event.any() and not event.all()), "y must hold both outcomes.")
    dealt = _folds(event, fold, whole(folds, "folds", 3), whole(seed, "seed"))
    lasso = kind == "lasso"
    require(lasso or indicators is None, "indicators are for LASSO alone.")
    data = standardised(columns, indicators)
    wanted = _penalties(data, event, lasso) if penalties is None else np.sort(vector(penalties, "penalties"))[::-1]
    require(bool(wanted.size and wanted[-1] > 0), "penalties must be positive.")
    deviance, se = _cross_validated(data, columns, event, wanted, lasso, dealt)
    wanted = wanted[: deviance.size]
    path = path_of(data, event, wanted, lasso)
    best = int(np.argmin(deviance))
    sparser = int(np.argmax(deviance <= deviance[best] + se[best]))
    chosen = best if rule == "min" else sparser
    name = "LASSO" if lasso else "ridge"
    method = f"Logistic regression, {name} penalty by {dealt.max() + 1}-fold cross-validation, seed {seed}"
    return PenalisedLogistic(wanted, path, path[chosen], deviance, se, best, sparser, chosen, dealt, int(seed), method)


def _folds(event: NDArray[np.bool_], fold: ArrayLike | None, folds: int, seed: int) -> NDArray[np.intp]:
    if fold is not None:
        found = np.unique(vector(fold, "fold", event.size), return_inverse=True)[1].reshape(-1)
    else:
        rng = np.random.default_rng(seed)
        order = np.concatenate([rng.permutation(np.flatnonzero(event == side)) for side in (True, False)])
        found = np.empty(event.size, dtype=np.intp)
        found[order] = np.arange(event.size) % folds
    require(int(found.max()) >= 2, "fold: at least 3 folds are needed.")
    for k in range(int(found.max()) + 1):
        rest = event[found != k]
        require(bool(rest.any() and not rest.all()), "too few of one outcome: without one of the folds there is none left.")
    return found


def _penalties(data: Standardised, event: NDArray[np.bool_], lasso: bool) -> Floats:
    n, p = event.size, data.width
    first = float(np.abs(data.slopes(event - event.mean())).max(initial=0.0)) / n
    require(first > 0, "no column of X tells the outcomes apart at all.")
    least = 1e-4 if p < n else 1e-2
    return first * np.geomspace(1, least, 100) if lasso else 1000 * first * np.geomspace(1, least / 10, 60)


def _cross_validated(
    data: Standardised, X: Floats, event: NDArray[np.bool_], penalties: Floats, lasso: bool, fold: NDArray[np.intp]
) -> tuple[Floats, Floats]:
    """Mean deviance in the folds left out, weighted by their sizes, and its standard error, as far as penalties are needed."""
    left = [fold == k for k in range(int(fold.max()) + 1)]
    size = np.array([out.sum() for out in left], dtype=float)
    paths = [each_fit(data.among(~out, X), event[~out], penalties, lasso) for out in left]
    kept = [(X[out], None if data.indicators is None else data.indicators[np.flatnonzero(out)]) for out in left]
    mean, se = np.empty(penalties.size), np.empty(penalties.size)
    for k in range(penalties.size):
        found = np.array([_deviance(next(path), *rows, event[out]) for path, rows, out in zip(paths, kept, left, strict=True)])
        mean[k] = np.average(found, weights=size)
        se[k] = np.sqrt(np.average((found - mean[k]) ** 2, weights=size) / (size.size - 1))
        best = int(np.argmin(mean[: k + 1]))
        if data.width >= _WIDE and k - best >= _BEYOND and (mean[k - _BEYOND + 1 : k + 1] > mean[best] + se[best]).all():
            return mean[: k + 1], se[: k + 1]
    return mean, se


def _deviance(coef: Floats, X: Floats, indicators: Any, event: NDArray[np.bool_]) -> float:
    """Mean deviance of rows that were left out."""
    d = X.shape[1]
    eta = coef[0] + X @ coef[1 : d + 1]
    if indicators is not None:
        eta = eta + indicators @ coef[d + 1 :]
    p = np.clip(probabilities(eta), _CERTAIN, 1 - _CERTAIN)
    return float(-2 * np.log(np.where(event, p, 1 - p)).mean())
