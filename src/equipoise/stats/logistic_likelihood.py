"""Likelihood of the logistic regression, block by block, and Firth's penalised form of it."""

import numpy as np

from .newton import Derivatives, aliased_columns, inverse

# Rows per block: a block's columns and its temporary arrays stay in the processor's second-level cache.
_BLOCK_ROWS = 4096


class LogisticLikelihood:
    """Rows of a logistic regression with columns centred on the fly; parameters are (intercept, slopes)."""

    needs_origin = False

    def __init__(self, y, X, weight):
        self.y, self.X, self.weight = y, X, weight
        self.n_columns = X.shape[1] + 1
        # Any centre near the mean serves; the product with a constant vector is the fastest one.
        self.mean = np.full(y.size, 1.0 / max(y.size, 1)) @ X
        self.total = float(y.size if weight is None else weight.sum())
        self.events = float(np.count_nonzero(y) if weight is None else weight @ y)
        others = (~y).astype(float) if weight is None else ~y * weight
        self.non_event_sum = np.append(others.sum(), others @ X - others.sum() * self.mean)

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
        # log(1 - p) = -eta - log(1 + exp(-eta)): the sum of eta over non-events is a product known beforehand.
        loglik, gradient = -float(beta @ self.non_event_sum), np.zeros(beta.size)
        information = np.zeros((beta.size, beta.size))
        scratch = np.empty((beta.size, min(self.y.size, _BLOCK_ROWS)))
        for rows, columns in self.blocks():
            odds_against = np.exp(np.minimum(-(beta @ columns), 700.0))
            whole = 1.0 + odds_against
            probability = 1.0 / whole
            residual = self.y[rows] - probability
            variance = odds_against * probability * probability
            if self.weight is None:
                loglik -= float(np.log(whole).sum())
            else:
                weight = self.weight[rows]
                loglik -= float(weight @ np.log(whole))
                residual, variance = residual * weight, variance * weight
            gradient += columns @ residual
            information += np.multiply(columns, variance, out=scratch[:, : variance.size]) @ columns.T
        return Derivatives(beta, loglik, gradient, information)

    def yardstick(self, first):
        """See :func:`equipoise.stats.newton.maximise`: the diagonal, 0 for columns constant but for rounding."""
        spread = first.information.diagonal().copy()
        spread[1:][spread[1:] <= spread[0] * (1e-13 * np.abs(self.mean)) ** 2] = 0.0
        return spread, spread[0]

    def linear_predictor(self, beta):
        """Logits of all rows."""
        eta = np.empty(self.y.size)
        for rows, columns in self.blocks():
            np.matmul(beta, columns, out=eta[rows])
        return eta

    def origin(self):
        """Coefficients of the model with an intercept alone."""
        beta = np.zeros(self.mean.size + 1)
        if 0 < self.events < self.total:
            beta[0] = np.log(self.events / (self.total - self.events))
        return beta

    def null_loglik(self):
        """Log-likelihood of the model with an intercept alone."""
        return float(sum(k * np.log(k / self.total) for k in (self.events, self.total - self.events) if k > 0))

    def centred(self, coef):
        """Coefficients for centred columns from those for columns as given."""
        out = coef.copy()
        out[0] += self.mean @ coef[1:]
        return out

    def uncentred(self, beta):
        """Coefficients for columns as given."""
        out = beta.copy()
        out[0] -= self.mean @ beta[1:]
        return out


class FirthLogistic(LogisticLikelihood):
    """The likelihood times the root of the determinant of its information (Jeffreys' prior)."""

    needs_origin = True

    def __init__(self, y, X, weight):
        super().__init__(y, X, weight)
        first = super().at(self.origin())
        self.free = np.flatnonzero(~aliased_columns(first.information, self.yardstick(first)[0]))

    def at(self, beta):
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
