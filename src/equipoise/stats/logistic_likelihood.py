"""Likelihood of the logistic regression, block by block, and Firth's penalised form of it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .arrays import Array, BoolArray
from .newton import Derivatives, Iterate, aliased_columns, inverse, mean_squares

# Rows per block: a block's columns and its temporary arrays stay in the processor's second-level cache.
_BLOCK_ROWS = 4096


class LogisticLikelihood:
    """Rows of a logistic regression with columns centred on the fly; parameters are (intercept, slopes)."""

    needs_origin, penalised = False, False

    def __init__(self, y: BoolArray, X: Array, weight: Array | None) -> None:
        self.y, self.X, self.weight = y, X, weight
        self._single: list[tuple[slice, Array]] | None = None
        self.n_columns = X.shape[1] + 1
        self.mean = _centre(X)
        self.non_event = (~y).astype(float)
        self.total = float(y.size if weight is None else weight.sum())
        self.events = float(np.count_nonzero(y) if weight is None else weight @ y)

    def blocks(self) -> Iterator[tuple[slice, Array]]:
        """Slices of rows with the block's (1, centred columns), shape (p + 1, rows), in a buffer that is used again."""
        if self.X.shape[0] > _BLOCK_ROWS:
            return self._blocks()
        if self._single is None:
            self._single = list(self._blocks())
        return iter(self._single)

    def _blocks(self) -> Iterator[tuple[slice, Array]]:
        n, p = self.X.shape
        buffer = np.ones((p + 1, min(n, _BLOCK_ROWS)))
        for start in range(0, n, _BLOCK_ROWS):
            rows = slice(start, min(start + _BLOCK_ROWS, n))
            columns = buffer[:, : rows.stop - start]
            np.subtract(self.X[rows].T, self.mean[:, None], out=columns[1:])
            yield rows, columns

    def at(self, beta: Array) -> Derivatives:
        """Log-likelihood, gradient and information at `beta`."""
        size = beta.size
        loglik, sums = 0.0, np.zeros((size + 1, size))
        scratch = np.empty((size + 1, min(self.y.size, _BLOCK_ROWS)))
        for rows, columns in self.blocks():
            # The information's terms and, below them, the residuals: one product with the columns sums both.
            terms, non_event = scratch[:, : columns.shape[1]], self.non_event[rows]
            against = -beta @ columns
            odds_against = np.exp(np.minimum(against, 700.0))
            whole = 1.0 + odds_against
            probability = 1.0 / whole
            odds_against *= probability
            np.subtract(odds_against, non_event, out=terms[size])
            probability *= odds_against
            # log(1 - p) = -eta - log(1 + exp(-eta))
            if self.weight is None:
                loglik += float(against @ non_event) - _sum_of_logs(whole)
            else:
                weight = self.weight[rows]
                loglik += float((against * non_event - np.log(whole)) @ weight)
                terms[size] *= weight
                probability *= weight
            np.multiply(columns, probability, out=terms[:size])
            sums += terms @ columns.T
        return Derivatives(beta, loglik, sums[size], sums[:size])

    def yardstick(self, first: Iterate) -> tuple[Array, float]:
        """See :func:`equipoise.stats.newton.maximise`: the diagonal, 0 for columns constant but for rounding."""
        spread = first.information.diagonal().copy()
        spread[1:][spread[1:] <= spread[0] * (1e-13 * np.abs(self.mean)) ** 2] = 0.0
        return spread, spread[0]

    def spread(self) -> Array:
        """Mean square of 1 and of each centred column, shape (p + 1,); of every eighth row in large samples."""
        part = self.X if self.X.shape[0] < 40_000 else self.X[::8]
        return np.concatenate(([1.0], mean_squares((part - self.mean).T, self.mean)))

    def linear_predictor(self, beta: Array) -> Array:
        """Logits of all rows."""
        eta = np.empty(self.y.size)
        for rows, columns in self.blocks():
            np.matmul(beta, columns, out=eta[rows])
        return eta

    def origin(self) -> Array:
        """Coefficients of the model with an intercept alone."""
        beta = np.zeros(self.mean.size + 1)
        if 0 < self.events < self.total:
            beta[0] = np.log(self.events / (self.total - self.events))
        return beta

    def null_loglik(self) -> float:
        """Log-likelihood of the model with an intercept alone."""
        return float(sum(k * np.log(k / self.total) for k in (self.events, self.total - self.events) if k > 0))

    def centred(self, coef: Array) -> Array:
        """Coefficients for centred columns from those for columns as given."""
        out = coef.copy()
        out[0] += self.mean @ coef[1:]
        return out

    def uncentred(self, beta: Array) -> Array:
        """Coefficients for columns as given."""
        out = beta.copy()
        out[0] -= self.mean @ beta[1:]
        return out


class FirthLogistic(LogisticLikelihood):
    """The likelihood times the root of the determinant of its information (Jeffreys' prior)."""

    needs_origin, penalised = True, True

    def __init__(self, y: BoolArray, X: Array, weight: Array | None) -> None:
        super().__init__(y, X, weight)
        first = super().at(self.origin())
        self.free = np.flatnonzero(~aliased_columns(first.information, self.yardstick(first)[0]))

    def at(self, beta: Array) -> Derivatives:
        """One pass, with the score that Firth's penalty adds to each row its leverage."""
        plain = super().at(beta)
        box = np.ix_(self.free, self.free)
        sign, logdet = np.linalg.slogdet(plain.information[box])
        if sign <= 0 or not np.isfinite(logdet):
            return Derivatives(beta, -np.inf, plain.gradient, plain.information)
        spread = np.zeros_like(plain.information)
        spread[box] = inverse(plain.information[box])
        gradient = plain.gradient.copy()
        for rows, columns in self.blocks():
            probability = 1.0 / (1.0 + np.exp(-(beta @ columns)))
            variance = probability * (1 - probability)
            if self.weight is not None:
                variance = variance * self.weight[rows]
            leverage = variance * np.einsum("ij,ij->j", columns, spread @ columns)
            gradient += columns @ (leverage * (0.5 - probability))
        return Derivatives(beta, plain.loglik + 0.5 * logdet, gradient, plain.information)


def _centre(X: Array) -> Array:
    """A mean of each column: any centre near the mean serves, in large samples that of every eighth row."""
    part = X if X.shape[0] < 40_000 else X[::8]
    # The product with a constant vector is the fastest mean.
    return np.full(part.shape[0], 1.0 / max(part.shape[0], 1)) @ part


def _sum_of_logs(whole: Array) -> float:
    """Sum of the logarithms of numbers from 1 on, by the logarithms of products of eight."""
    if whole.size <= 1024:
        return float(np.log(whole).sum())
    even = whole.size // 8 * 8
    with np.errstate(over="ignore"):
        products = np.multiply.reduce(whole[:even].reshape(8, -1), axis=0)
    total = float(np.log(products).sum() + np.log(whole[even:]).sum())
    return total if total < np.inf else float(np.log(whole).sum())
