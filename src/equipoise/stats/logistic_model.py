"""Logistic regression by maximum likelihood."""

from dataclasses import dataclass

import numpy as np

from .cox_newton import aliased_columns, inverse
from .ranks import average_ranks
from .tails import normal_two_sided, two_sided_z
from .validation import indicator, matrix, weights

_MAX_STEPS = 60
_BLOCK_ROWS = 8192
_SUBSAMPLE_FROM = 40_000
_SUBSAMPLE_EVERY = 8


@dataclass(frozen=True, slots=True, eq=False)
class LogisticFit:
    """A fitted logistic regression; the intercept comes first, then one element per column of X.

    Attributes
    ----------
    coef, se : float ndarray, shape (p + 1,)
        Log odds ratios.  Aliased columns have nan in both.
    covariance : float ndarray, shape (p + 1, p + 1)
        Inverse information.
    loglik, loglik_null : float
        At the estimate and with an intercept alone.
    fitted, linear_predictor : float ndarray, shape (n,)
        Probabilities and their logits.
    converged : bool
    separated : bool
        True where some combination of columns predicts the outcome perfectly for some rows, so that the
        likelihood has no finite maximum; coefficients are then those of a very large, arbitrary distance.
    c_statistic : float
        Area under the ROC curve of the fitted probabilities, ties counting half.
    """

    coef: np.ndarray
    se: np.ndarray
    covariance: np.ndarray
    loglik: float
    loglik_null: float
    fitted: np.ndarray
    linear_predictor: np.ndarray
    converged: bool
    separated: bool
    c_statistic: float
    n: int
    n_events: int
    method: str

    @property
    def z(self):
        """Wald statistics."""
        return self.coef / self.se

    @property
    def p(self):
        """Two-sided Wald P values."""
        return normal_two_sided(self.z)

    @property
    def odds_ratio(self):
        """Odds ratios (the first is the odds at X = 0)."""
        return np.exp(self.coef)

    def limits(self, conf_level=0.95):
        """Wald limits (low, high) of the coefficients on the log odds scale."""
        reach = two_sided_z(conf_level) * self.se
        return self.coef - reach, self.coef + reach

    def __str__(self):
        lines = [
            f"{self.method}",
            f"n = {self.n}, events = {self.n_events}, log-likelihood = {self.loglik:.6f}, c = {self.c_statistic:.4f}",
        ]
        if self.separated:
            lines.append("  separated: the coefficients have no finite estimate")
        names = ["intercept"] + [f"x{j}" for j in range(self.coef.size - 1)]
        rows = zip(names, self.coef, self.se, self.p, strict=True)
        return "\n".join(lines + [f"  {name}: {b:.6g} (SE {s:.6g}), P = {p:.4g}" for name, b, s, p in rows])


def logistic(y, X, *, weight=None):
    """Fit a logistic regression by maximum likelihood.

    Parameters
    ----------
    y : array_like, shape (n,)
        1 or True for the event.
    X : array_like, shape (n, p) or (n,)
        Covariates without an intercept column; an intercept is added.
    weight : array_like, shape (n,), optional
        Case weights (frequencies), not negative.

    Returns
    -------
    LogisticFit

    Notes
    -----
    Newton's method (iteratively reweighted least squares) to steps below 1e-9 standard deviations of each
    covariate, tighter than ``glm``'s default.  A column that earlier ones determine is dropped as in R.

    References
    ----------
    McCullagh P, Nelder JA. Generalized Linear Models, 2nd ed. 1989.
    """
    y = indicator(y, "y")
    X = matrix(X, y.size)
    weight = None if weight is None else weights(weight, y.size)
    model = _Model(y, X, weight)
    aliased = model.aliased()
    free = np.flatnonzero(~aliased)
    start = _subsample_start(y, X, weight, aliased)
    beta, loglik, information, eta, converged, separated = _maximise(model, free, start)
    return _result(model, aliased, free, beta, loglik, information, eta, converged, separated)


class _Model:
    """Rows with centred columns; parameters are (intercept at the means, slopes)."""

    def __init__(self, y, X, weight):
        self.y = y.astype(float)
        self.weight = weight
        self.mean = X.mean(axis=0)
        n, p = X.shape
        self.columns = np.ones((p + 1, n))
        for start in range(0, n, _BLOCK_ROWS):
            block = slice(start, min(start + _BLOCK_ROWS, n))
            np.subtract(X[block].T, self.mean[:, None], out=self.columns[1:, block])
        squares = np.einsum("ij,ij->i", self.columns, self.columns) / max(n, 1)
        squares[1:][squares[1:] <= (1e-13 * np.abs(self.mean)) ** 2] = 0.0
        self.unit = np.sqrt(squares)
        self.signed = np.where(y, 1.0, -1.0)

    def total(self):
        return float(self.y.size if self.weight is None else self.weight.sum())

    def events(self):
        return float(self.y.sum() if self.weight is None else self.y @ self.weight)

    def aliased(self):
        moment = self.moment(None)
        return aliased_columns(moment, self.unit**2 * self.total())

    def moment(self, factor):
        p = self.columns.shape[0]
        total = np.zeros((p, p))
        for start in range(0, self.y.size, _BLOCK_ROWS):
            block = slice(start, start + _BLOCK_ROWS)
            columns = self.columns[:, block]
            if self.weight is not None:
                scaled = columns * (self.weight[block] if factor is None else self.weight[block] * factor[block])
            else:
                scaled = columns if factor is None else columns * factor[block]
            total += scaled @ columns.T
        return total

    def at(self, beta):
        """Log-likelihood, gradient, information and linear predictor at `beta`."""
        eta = beta @ self.columns
        # With s = +1 for an event and -1 otherwise the log-likelihood of a row is -log(1 + exp(-s eta)).
        tail = np.exp(-np.abs(eta))
        upper = 1.0 / (1.0 + tail)
        probability = np.where(eta >= 0, upper, tail * upper)
        row = np.log1p(tail) + np.maximum(-self.signed * eta, 0.0)
        residual = self.y - probability
        variance = tail * upper * upper
        if self.weight is None:
            loglik = -float(row.sum())
        else:
            loglik = -float(self.weight @ row)
            residual = residual * self.weight
        return loglik, self.columns @ residual, self.moment(variance), eta


def _maximise(model, free, start):
    beta = _null_start(model) if start is None else start
    loglik, gradient, information, eta = model.at(beta)
    separated = False
    for _ in range(_MAX_STEPS):
        step = _step(information[np.ix_(free, free)], gradient[free])
        gain = float(gradient[free] @ step)
        size = float(np.max(np.abs(step) * model.unit[free]))
        if gain <= 1e-11 * max(1.0, abs(loglik)) and size > 1e-2:
            return beta, loglik, information, eta, True, True
        done = size <= 1e-9 or 0 <= gain <= 1e-18
        moved = None
        for _halving in range(30):
            trial = beta.copy()
            trial[free] += step
            if done:
                return trial, loglik, information, eta, True, separated
            new = model.at(trial)
            if np.isfinite(new[0]) and new[0] >= loglik - 1e-12 * max(1.0, abs(loglik)):
                moved = new
                break
            step = step / 2
        if moved is None:
            return beta, loglik, information, eta, size < 1e-5, separated
        beta, (loglik, gradient, information, eta) = trial, moved
    return beta, loglik, information, eta, False, separated


def _step(information, gradient):
    scale = np.sqrt(np.diag(information))
    scale[scale == 0] = 1.0
    try:
        return np.linalg.solve(information / np.outer(scale, scale), gradient / scale) / scale
    except np.linalg.LinAlgError:
        return np.linalg.lstsq(information, gradient, rcond=None)[0]


def _null_start(model):
    beta = np.zeros(model.columns.shape[0])
    events, total = model.events(), model.total()
    if 0 < events < total:
        beta[0] = np.log(events / (total - events))
    return beta


def _subsample_start(y, X, weight, aliased):
    if y.size < _SUBSAMPLE_FROM or aliased.any():
        return None
    every = slice(None, None, _SUBSAMPLE_EVERY)
    part = _Model(y[every], X[every], None if weight is None else weight[every])
    if min(part.y.sum(), part.y.size - part.y.sum()) < 50 * X.shape[1]:
        return None
    beta, *_, converged, separated = _maximise(part, np.arange(X.shape[1] + 1), None)
    return beta if converged and not separated and not part.aliased().any() else None


def _result(model, aliased, free, beta, loglik, information, eta, converged, separated):
    size = beta.size
    covariance = np.full((size, size), np.nan)
    box = np.ix_(free, free)
    covariance[box] = inverse(information[box])
    # Back from centred columns: the intercept at the means becomes the intercept at zero.
    shift = np.where(aliased[1:], 0.0, model.mean)
    coef = beta.copy()
    coef[0] -= shift @ beta[1:]
    back = np.eye(size)
    back[0, 1:] = -shift
    covariance[box] = back[box] @ covariance[box] @ back[box].T
    coef[aliased] = np.nan
    tail = np.exp(-np.abs(eta))
    fitted = np.where(eta >= 0, 1.0 / (1.0 + tail), tail / (1.0 + tail))
    return LogisticFit(
        coef=coef,
        se=np.sqrt(np.diag(covariance)),
        covariance=covariance,
        loglik=loglik,
        loglik_null=_null_loglik(model),
        fitted=fitted,
        linear_predictor=eta,
        converged=converged,
        separated=separated,
        c_statistic=_c_statistic(model, eta),
        n=model.y.size,
        n_events=int(model.y.sum()),
        method="Logistic regression, maximum likelihood" + (", weighted" if model.weight is not None else ""),
    )


def _null_loglik(model):
    events, total = model.events(), model.total()
    return float(sum(k * np.log(k / total) for k in (events, total - events) if k > 0))


def _c_statistic(model, eta):
    event = model.y == 1
    if model.weight is not None:
        return _weighted_c(eta, event, model.weight)
    n1 = int(event.sum())
    n0 = event.size - n1
    if n1 == 0 or n0 == 0:
        return np.nan
    return float((average_ranks(eta)[event].sum() - n1 * (n1 + 1) / 2) / (n1 * n0))


def _weighted_c(eta, event, weight):
    place = np.unique(eta, return_inverse=True)[1].reshape(-1)
    ones = np.bincount(place, weight * event)
    zeros = np.bincount(place, weight * ~event)
    pairs = ones.sum() * zeros.sum()
    return float(ones @ (np.cumsum(zeros) - zeros / 2) / pairs) if pairs > 0 else np.nan
