"""Logistic regression by maximum likelihood."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .arrays import Array, ArrayLike, BoolArray, IntArray
from .limit_model import SURE, Limit, doubtful, limit_of
from .logistic_likelihood import FirthLogistic, LogisticLikelihood
from .logistic_limit import LogisticProblem
from .newton import Maximum, inverse, maximise
from .profile import profile_limits
from .ranks import average_ranks, steadied
from .tails import normal_two_sided, two_sided_z
from .validation import indicator, matrix, weights

_SUBSAMPLE_FROM = 40_000
_SUBSAMPLE_EVERY = 6


@dataclass(frozen=True, slots=True, eq=False)
class LogisticFit:
    """A fitted logistic regression; the intercept comes first, then one element per column of X.

    Attributes
    ----------
    coef, se : float ndarray, shape (p + 1,)
        Log odds ratios.  Aliased columns have nan in both; a coefficient that separation moves is -inf or inf (nan
        where the side is not determined) with se nan; the others are those of the limit, the rows that are predicted
        perfectly left out.
    estimable : bool ndarray, shape (p + 1,)
    covariance : float ndarray, shape (p + 1, p + 1)
        Inverse information.
    loglik, loglik_null : float
        At the estimate and with an intercept alone.
    converged : bool
    separated : bool
        True where some combination of columns predicts the outcome perfectly for some rows, so that the
        likelihood has no finite maximum; fitted probabilities are then within rounding of their limits.
    """

    coef: Array
    se: Array
    estimable: BoolArray
    covariance: Array
    loglik: float
    loglik_null: float
    converged: bool
    separated: bool
    n: int
    n_events: int
    method: str
    _y: BoolArray = field(repr=False)
    _weight: Array | None = field(repr=False)
    _model: LogisticLikelihood = field(repr=False)
    _maximum: Maximum = field(repr=False)

    @property
    def linear_predictor(self) -> Array:
        """Logits of the fitted probabilities, shape (n,); computed when asked for."""
        return self._model.linear_predictor(self._maximum.beta)

    @property
    def fitted(self) -> Array:
        """Probabilities, shape (n,)."""
        logit = self.linear_predictor
        tail = np.exp(-np.abs(logit))
        return np.where(logit >= 0, 1.0, tail) / (1.0 + tail)

    @property
    def c_statistic(self) -> float:
        """Area under the ROC curve of the fitted probabilities, ties counting half; nan without two outcomes."""
        return c_statistic(self.linear_predictor, self._y, self._weight)

    @property
    def z(self) -> Array:
        """Wald statistics."""
        with np.errstate(invalid="ignore"):
            return self.coef / self.se

    @property
    def p(self) -> Array:
        """Two-sided Wald P values."""
        return normal_two_sided(self.z)

    @property
    def odds_ratio(self) -> Array:
        """Odds ratios (the first is the odds at X = 0)."""
        return np.exp(self.coef)

    def limits(self, conf_level: float = 0.95) -> tuple[Array, Array]:
        """Wald limits (low, high) of the coefficients on the log odds scale."""
        reach = two_sided_z(conf_level) * self.se
        return self.coef - reach, self.coef + reach

    def profile_limits(self, conf_level: float = 0.95) -> tuple[Array, Array]:
        """Profile likelihood limits (low, high) of the log odds ratios; nan for the intercept and aliased columns.

        A side on which the likelihood is monotone (separation) has an infinite limit.
        """
        limits = np.full((self.coef.size, 2), np.nan)
        for column in np.flatnonzero(~self._maximum.aliased).tolist():
            if column > 0:
                limits[column] = profile_limits(self._model, self._maximum, column, conf_level)
        return limits[:, 0], limits[:, 1]

    def __str__(self) -> str:
        lines = [
            f"{self.method}",
            f"n = {self.n}, events = {self.n_events}, log-likelihood = {self.loglik:.6f}, c = {self.c_statistic:.4f}",
        ]
        if self.separated:
            lines.append("  separated: the coefficients have no finite estimate")
        names = ["intercept"] + [f"x{j}" for j in range(self.coef.size - 1)]
        rows = zip(names, self.coef, self.se, self.p, strict=True)
        return "\n".join(lines + [f"  {name}: {b:.6g} (SE {s:.6g}), P = {p:.4g}" for name, b, s, p in rows])


def logistic(y: ArrayLike, X: ArrayLike, *, weight: ArrayLike | None = None, firth: bool = False) -> LogisticFit:
    """Fit a logistic regression by maximum or Firth's penalised likelihood.

    Parameters
    ----------
    y : array_like, shape (n,)
        1 or True for the event.
    X : array_like, shape (n, p) or (n,)
        Covariates without an intercept column; an intercept is added.
    weight : array_like, shape (n,), optional
        Case weights (frequencies), not negative.
    firth : bool, default False
        Firth's penalised likelihood: finite under separation; prefer profile to Wald limits with it.

    Returns
    -------
    LogisticFit

    Notes
    -----
    Newton's method (iteratively reweighted least squares) to steps below 1e-10 standard deviations of each
    covariate (2e-8 in large samples), tighter than ``glm``'s default.  A column that earlier ones determine is
    dropped as in R.

    References
    ----------
    McCullagh P, Nelder JA. Generalized Linear Models, 2nd ed. 1989.
    Firth D. Biometrika 1993;80:27-38.  Heinze G, Schemper M. Stat Med 2002;21:2409-2419.
    """
    y = indicator(y, "y")
    X = matrix(X, y.size)
    weight = None if weight is None else weights(weight, y.size)
    model = (FirthLogistic if firth else LogisticLikelihood)(y, X, weight)
    guess = None if firth else _subsample_start(y, X, weight)
    best = maximise(model, None if guess is None else model.centred(guess))
    return _result(model, best)


def _subsample_start(y: BoolArray, X: Array, weight: Array | None) -> Array | None:
    if y.size < _SUBSAMPLE_FROM:
        return None
    every = slice(None, None, _SUBSAMPLE_EVERY)
    y, X, weight = y[every], X[every], None if weight is None else weight[every]
    part = LogisticLikelihood(y, X, weight)
    if min(part.events, part.total - part.events) < 20 * X.shape[1]:
        return None
    guess = _subsample_start(y, X, weight)
    found = maximise(part, None if guess is None else part.centred(guess), rough=True)
    usable = found.converged and not found.diverging.any() and not found.aliased.any()
    if not usable:
        return None
    return part.uncentred(found.beta)


def _limit(model: FirthLogistic | LogisticLikelihood, best: Maximum) -> tuple[IntArray, Limit] | None:
    """The columns that are not aliased and the limit of the likelihood in them; None where all is finite."""
    free = np.flatnonzero(~best.aliased)
    if isinstance(model, FirthLogistic) or 0 not in free or not _doubtful(model, best):
        return None
    kept = slice(None) if model.weight is None else model.weight > 0
    slopes = free[free > 0] - 1
    columns = model.X[kept][:, slopes] - model.mean[slopes]
    scale = np.concatenate(([1.0], np.sqrt(np.mean(columns**2, axis=0))))
    weight = None if model.weight is None else model.weight[kept]
    problem = LogisticProblem(model.y[kept], columns, weight, scale)
    return free, limit_of(problem, problem.maximum())


def _doubtful(model: LogisticLikelihood, best: Maximum) -> bool:
    """As :func:`.limit_model.doubtful`, but for an iteration that began at a guess: against the information at an even chance."""
    if best.diverging.any() or not best.converged or model.y.size < _SUBSAMPLE_FROM:
        return doubtful(best)
    inflation = best.covariance.diagonal() * model.spread() * model.total / 4
    return not inflation[~best.aliased].max(initial=0.0) < SURE


def _result(model: FirthLogistic | LogisticLikelihood, best: Maximum) -> LogisticFit:
    found = _limit(model, best)
    free = np.flatnonzero(~best.aliased)
    size, box = best.beta.size, np.ix_(free, free)
    estimable = ~best.aliased & best.converged
    beta, inner = best.beta, inverse(best.last.information[box])
    loglik, side = best.last.loglik, np.zeros(size)
    if found is not None:
        limit = found[1]
        beta, inner, loglik = np.zeros(size), limit.covariance, limit.best.last.loglik
        beta[free], side[free] = limit.best.beta, limit.sides()
        # The intercept belongs to the columns as given: it is estimable where its combination with their means is.
        estimable[free] = limit.estimable
        back = np.concatenate(([1.0], -model.mean[free[1:] - 1]))
        estimable[0] = bool((np.abs(back @ limit.flat) <= 1e-6 * (np.abs(back) @ np.abs(limit.flat))).all())
        estimable[0] &= limit.best.converged
        side[0] = limit.side(back)
    covariance = np.full((size, size), np.nan)
    shift = np.where(best.aliased[1:], 0.0, model.mean)
    back = np.eye(size)
    back[0, 1:] = -shift
    covariance[box] = back[box] @ inner @ back[box].T
    covariance[~(estimable & estimable[:, None])] = np.nan
    coef = model.uncentred(beta)
    with np.errstate(invalid="ignore"):
        coef = np.where(estimable, coef, side * np.inf)
    coef[best.aliased] = np.nan
    return LogisticFit(
        coef=coef,
        se=np.sqrt(np.diag(covariance)),
        estimable=estimable,
        covariance=covariance,
        loglik=loglik,
        loglik_null=model.null_loglik(),
        converged=best.converged,
        separated=bool((~estimable & ~best.aliased).any()),
        n=model.y.size,
        n_events=int(np.count_nonzero(model.y)),
        method=_name(model),
        _y=model.y,
        _weight=model.weight,
        _model=model,
        _maximum=best,
    )


def _name(model: FirthLogistic | LogisticLikelihood) -> str:
    kind = "Firth's penalized likelihood" if isinstance(model, FirthLogistic) else "maximum likelihood"
    return f"Logistic regression, {kind}" + (", weighted" if model.weight is not None else "")


def c_statistic(score: Array, event: BoolArray, weight: Array | None = None) -> float:
    """Share of pairs of an event and a non-event in which the event has the higher score, ties half; nan without one of either.

    score: float, shape (n,), equal where equal to 12 digits of the largest; event: bool, shape (n,); weight: shape (n,).
    """
    score = steadied(score)
    if weight is not None:
        return _weighted_c(score, event, weight)
    n1 = int(np.count_nonzero(event))
    n0 = event.size - n1
    if n1 == 0 or n0 == 0:
        return np.nan
    return float((average_ranks(score)[event].sum() - n1 * (n1 + 1) / 2) / (n1 * n0))


def _weighted_c(eta: Array, event: BoolArray, weight: Array) -> float:
    place = np.unique(eta, return_inverse=True)[1].reshape(-1)
    ones = np.bincount(place, weight * event)
    zeros = np.bincount(place, weight * ~event)
    pairs = ones.sum() * zeros.sum()
    return float(ones @ (np.cumsum(zeros) - zeros / 2) / pairs) if pairs > 0 else np.nan
