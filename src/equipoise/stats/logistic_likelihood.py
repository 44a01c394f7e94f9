"""Likelihood of the logistic regression, block by block, and its maximisation."""

from dataclasses import dataclass

import numpy as np

from .cox_newton import aliased_columns

# Rows per block: a block's columns and its temporary arrays stay in the processor's second-level cache.
_BLOCK_ROWS = 4096
_MAX_STEPS = 60


@dataclass(frozen=True, slots=True, eq=False)
class LogisticMaximum:
    """Where the likelihood is largest: coefficients of (1, centred columns), shape (p + 1,)."""

    beta: np.ndarray
    loglik: float
    information: np.ndarray
    aliased: np.ndarray
    converged: bool
    separated: bool


class LogisticLikelihood:
    """Rows of a logistic regression with columns centred on the fly; parameters are (intercept, slopes)."""

    def __init__(self, y, X, weight):
        self.y, self.X, self.weight = y, X, weight
        # Any centre near the mean serves; the product with a constant vector is the fastest one.
        self.mean = np.full(y.size, 1.0 / max(y.size, 1)) @ X
        self.total = float(y.size if weight is None else weight.sum())
        self.events = float(np.count_nonzero(y) if weight is None else weight @ y)

    def blocks(self):
        """Slices of rows with the block's (1, centred columns), shape (p + 1, rows), in a reused buffer."""
        n, p = self.X.shape
        buffer = np.ones((p + 1, min(n, _BLOCK_ROWS)))
        for start in range(0, n, _BLOCK_ROWS):
            rows = slice(start, min(start + _BLOCK_ROWS, n))
            columns = buffer[:, : rows.stop - start]
            np.subtract(self.X[rows].T, self.mean[:, None], out=columns[1:])
            yield rows, columns

    def at(self, beta):
        """Log-likelihood, gradient and information at `beta`."""
        loglik, gradient = 0.0, np.zeros(beta.size)
        information = np.zeros((beta.size, beta.size))
        for rows, columns in self.blocks():
            eta = beta @ columns
            y = self.y[rows]
            # With s = 1 for an event and -1 otherwise a row's log-likelihood is -log(1 + exp(-s eta)).
            tail = np.exp(-np.abs(eta))
            upper = 1.0 / (1.0 + tail)
            probability = np.where(eta >= 0, upper, tail * upper)
            residual = y - probability
            variance = tail * upper * upper
            lost = np.log1p(tail) + np.maximum(eta, 0.0) - y * eta
            if self.weight is None:
                loglik -= float(lost.sum())
            else:
                weight = self.weight[rows]
                loglik -= float(weight @ lost)
                residual, variance = residual * weight, variance * weight
            gradient += columns @ residual
            information += (columns * variance) @ columns.T
        return loglik, gradient, information

    def spread(self, information):
        """Diagonal of `information`, 0 for columns that are constant but for rounding."""
        spread = information.diagonal().copy()
        spread[1:][spread[1:] <= spread[0] * (1e-13 * np.abs(self.mean)) ** 2] = 0.0
        return spread

    def linear_predictor(self, beta):
        """Logits of all rows."""
        eta = np.empty(self.y.size)
        for rows, columns in self.blocks():
            np.matmul(beta, columns, out=eta[rows])
        return eta

    def null(self):
        """Coefficients of the model with an intercept alone."""
        beta = np.zeros(self.mean.size + 1)
        if 0 < self.events < self.total:
            beta[0] = np.log(self.events / (self.total - self.events))
        return beta

    def null_loglik(self):
        """Log-likelihood of the model with an intercept alone."""
        return float(sum(k * np.log(k / self.total) for k in (self.events, self.total - self.events) if k > 0))

    def uncentred(self, beta):
        """Coefficients for columns as given."""
        out = beta.copy()
        out[0] -= self.mean @ beta[1:]
        return out

    def centred(self, coef):
        """The reverse of :meth:`uncentred`."""
        out = coef.copy()
        out[0] += self.mean @ coef[1:]
        return out


def maximise(model, start, rough=False):
    """Newton's method from `start`, coefficients for columns as given (None: intercept alone).

    `rough` stops at a tenth of a standard error, enough for a start elsewhere.
    """
    with np.errstate(all="ignore"):
        beta = model.null() if start is None else model.centred(start)
        here = model.at(beta)
        spread = model.spread(here[2])
        aliased = aliased_columns(here[2], spread)
        free, unit = np.flatnonzero(~aliased), np.sqrt(spread / spread[0])
        beta, (loglik, _, information), converged, separated = _climb(model, beta, here, free, unit, rough)
    return LogisticMaximum(beta, loglik, information, aliased, converged, separated)


def _climb(model, beta, here, free, unit, rough):
    for _ in range(_MAX_STEPS):
        loglik, gradient, information = here
        step = _step(information[np.ix_(free, free)], gradient[free])
        gain = float(gradient[free] @ step)
        size = float(np.max(np.abs(step) * unit[free], initial=0.0))
        # A likelihood that is flat although the steps stay long has its maximum at infinity.
        if gain <= 1e-11 * max(1.0, abs(loglik)) and size > 1e-2:
            return beta, here, True, True
        if size <= 4e-9 or 0 <= gain <= (1e-2 if rough else 1e-18):
            beta = beta.copy()
            beta[free] += step
            return beta, here, True, False
        trial, there = _search(model, beta, free, step, loglik)
        if there is None:
            return beta, here, size < 1e-5, False
        beta, here = trial, there
    return beta, here, False, False


def _search(model, beta, free, step, loglik):
    slack = 1e-12 * max(1.0, abs(loglik))
    for _ in range(30):
        trial = beta.copy()
        trial[free] += step
        there = model.at(trial)
        if np.isfinite(there[0]) and there[0] >= loglik - slack:
            return trial, there
        step = step / 2
    return beta, None


def _step(information, gradient):
    scale = np.sqrt(information.diagonal())
    scale[scale == 0] = 1.0
    try:
        return np.linalg.solve(information / scale / scale[:, None], gradient / scale) / scale
    except np.linalg.LinAlgError:
        return np.linalg.lstsq(information, gradient, rcond=None)[0]
