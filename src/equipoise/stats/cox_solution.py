"""Estimates of a Cox model from its maximum, or from its limit where the likelihood rises for ever."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np

from .arrays import Array, BoolArray, IntArray
from .cox_exact import ExactLikelihood, ExactPass
from .cox_firth import FirthLikelihood, PenalisedPass
from .cox_likelihood import PartialLikelihood, Pass
from .cox_limit import CoxProblem, events_apart
from .cox_scores import score_meat
from .limit_model import Limit, doubtful, limit_of
from .newton import Derivatives, Maximum
from .tails import normal_two_sided, two_sided_z

CoxLikelihood: TypeAlias = PartialLikelihood | ExactLikelihood | FirthLikelihood
CoxPass: TypeAlias = Derivatives | Pass | ExactPass | PenalisedPass


@dataclass(frozen=True, slots=True)
class Contrast:
    """A combination of coefficients: `estimate` and `se` on the log scale, `hr` with limits, Wald `p`; nan if not estimable."""

    estimate: float
    se: float
    hr: float
    low: float
    high: float
    p: float
    estimable: bool


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """Coefficients, standard errors and covariance, shape (p,) or (p, p); see :class:`.cox_fit.CoxFit`."""

    coef: Array
    se: Array
    robust_se: Array | None
    estimable: BoolArray
    covariance: Array
    wald_chi2: float
    loglik: float
    maximum: Maximum[CoxPass]
    _finite: Array = field(repr=False)
    _spread: Array = field(repr=False)
    _moved: Array = field(repr=False)

    def contrast(self, weights: Array, conf_level: float) -> Contrast:
        """The combination of coefficients with these weights, shape (p,)."""
        known = bool((np.abs(weights @ self._moved) <= 1e-6 * (np.abs(weights) @ np.abs(self._moved))).all())
        value = float(weights @ self._finite) if known else np.nan
        se = float(np.sqrt(weights @ self._spread @ weights)) if known else np.nan
        known = known and bool(np.isfinite(se)) and se > 0
        reach = two_sided_z(conf_level) * se
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            hr, low, high = np.exp([value, value - reach, value + reach]).tolist()
            p = float(normal_two_sided(np.array([value / se]))[0])
        return Contrast(value, se, hr, low, high, p, known)


def penalised(likelihood: FirthLikelihood, best: Maximum[CoxPass], meat: IntArray | bool) -> Solution:
    """Of a penalised likelihood, which has a finite maximum unless it did not converge."""
    return _finite_solution(likelihood, best, meat, _robust_meat(likelihood, best, meat))


def solve(
    problem: CoxProblem, likelihood: ExactLikelihood | PartialLikelihood, best: Maximum[CoxPass], meat: IntArray | bool
) -> Solution:
    """Estimates, with what is not estimable told apart.

    Parameters
    ----------
    problem : CoxProblem
    likelihood, best : PartialLikelihood or ExactLikelihood, Maximum
    meat : intp ndarray, shape (n,), or bool
        Codes of clusters, or whether robust standard errors are wanted.
    """
    if not doubtful(best):
        apart = events_apart(likelihood, best.beta)
        if not apart.any():
            return _finite_solution(likelihood, best, meat, _robust_meat(likelihood, best, meat))
    free = np.flatnonzero(~best.aliased)
    if free.size == 0:
        return _finite_solution(likelihood, best, meat, None)
    scale = np.sqrt(likelihood.spread()[free])
    columns = problem.X[:, free] - likelihood.sets.mean[free]
    part = CoxProblem(problem.seen, columns, problem.strata, problem.offset, problem.ties, scale)
    inner: Maximum[CoxPass] = best if free.size == best.beta.size else part.maximum()
    limit = limit_of(part, inner)
    return _limit_solution(best, free, limit, meat)


def _robust_meat(likelihood: CoxLikelihood, best: Maximum[CoxPass], meat: IntArray | bool) -> Array | None:
    if meat is False:
        return None
    return score_meat(*plain_sums(likelihood, best), None if isinstance(meat, bool) else meat)


def plain_sums(likelihood: CoxLikelihood, best: Maximum[CoxPass]) -> tuple[PartialLikelihood, Pass]:
    """The unpenalised likelihood and its pass at the maximum, with the sums over risk sets."""
    if isinstance(best.last, PenalisedPass):
        assert isinstance(likelihood, FirthLikelihood)
        return likelihood.plain, best.last.plain
    assert isinstance(likelihood, PartialLikelihood), "exact ties have no such sums"
    return likelihood, best.last if isinstance(best.last, Pass) else likelihood.at(best.beta)


def _finite_solution(likelihood: CoxLikelihood, best: Maximum[CoxPass], wanted: IntArray | bool, meat: Array | None) -> Solution:
    estimable = ~(best.aliased | best.diverging)
    estimable &= best.converged
    used = estimable.nonzero()[0]
    coef, covariance, robust_se = best.beta, best.covariance, None
    if used.size < coef.size:
        coef = np.where(best.aliased, np.nan, best.beta)
        coef[best.diverging] = np.copysign(np.inf, best.beta[best.diverging])
        covariance = np.where(estimable & estimable[:, None], covariance, np.nan)
    se = np.sqrt(covariance.diagonal())
    if wanted is not False:
        box = np.ix_(used, used)
        bread = covariance[box]
        covariance = covariance.copy()
        covariance[box] = bread if meat is None or not used.size else bread @ meat[box] @ bread
        robust_se = np.sqrt(np.maximum(np.diag(covariance), 0.0))  # rounding may leave less than nothing
    wald = _wald(best, used, None if robust_se is None else covariance[box])
    moved, known = np.zeros((coef.size, 0)), covariance
    if used.size < coef.size:
        moved, known = np.eye(coef.size)[:, ~estimable], np.where(np.isfinite(covariance), covariance, 0.0)
    return Solution(coef, se, robust_se, estimable, covariance, wald, best.last.loglik, best, best.beta, known, moved)


def _limit_solution(best: Maximum[CoxPass], free: IntArray, limit: Limit[CoxProblem, CoxPass], meat: IntArray | bool) -> Solution:
    """Estimates of the limit put back in place among all columns."""
    p, box = best.beta.size, np.ix_(free, free)
    likelihood, inner = limit.problem.likelihood(), limit.best
    apart = events_apart(likelihood, inner.beta)
    estimable = np.zeros(p, dtype=bool)
    estimable[free] = limit.estimable & ~apart
    finite, coef = np.zeros(p), np.full(p, np.nan)
    finite[free] = inner.beta
    side = np.where(apart, np.sign(inner.beta), limit.sides())
    with np.errstate(invalid="ignore"):
        coef[free] = np.where(estimable[free], inner.beta, side * np.inf)
    plain, spread = np.zeros((p, p)), np.zeros((p, p))
    plain[box] = limit.covariance
    spread[box] = _sandwich(likelihood, inner, limit.covariance, meat)
    # What only a constant or collinear column stands for is told by `aliased`; what moves is the rest.
    moved = np.zeros((p, limit.flat.shape[1]))
    moved[free] = limit.flat
    extra = best.aliased.copy()
    extra[free] |= apart
    moved = np.column_stack((moved, np.eye(p)[:, extra]))
    known = estimable & estimable[:, None]
    plain = np.where(known, plain, np.nan)
    covariance = np.where(known, spread, np.nan)
    maximum = replace(best, diverging=~estimable & ~best.aliased, covariance=plain)
    # All contrasts that are left, so that the statistic does not depend on which level is the reference.
    used = free[~inner.aliased]
    wald = quadratic(finite[used], spread[np.ix_(used, used)])
    return Solution(
        coef,
        np.sqrt(np.diag(plain)),
        None if meat is False else np.sqrt(np.diag(covariance)),
        estimable,
        covariance,
        wald,
        inner.last.loglik,
        maximum,
        finite,
        spread,
        moved,
    )


def _sandwich(
    likelihood: ExactLikelihood | PartialLikelihood, inner: Maximum[CoxPass], bread: Array, meat: IntArray | bool
) -> Array:
    middle = _robust_meat(likelihood, inner, meat)
    if middle is None:
        return bread
    used = np.flatnonzero(~inner.aliased)
    box, out = np.ix_(used, used), bread.copy()
    if used.size:
        out[box] = bread[box] @ middle[box] @ bread[box]
    return out


def _wald(best: Maximum[CoxPass], used: IntArray, robust: Array | None) -> float:
    beta = best.beta[used]
    if used.size == 0:
        return np.nan
    if robust is None:
        information = best.last.information if used.size == best.beta.size else best.last.information[np.ix_(used, used)]
        return float(beta @ information @ beta)
    return quadratic(beta, robust)


def quadratic(vector: Array, matrix: Array) -> float:
    """vector' matrix^-1 vector, nan where there is none."""
    if vector.size == 0 or not np.isfinite(matrix).all():
        return np.nan
    scale = np.sqrt(np.abs(matrix.diagonal()))
    scale[scale == 0] = 1.0
    scaled = vector / scale
    try:
        return float(scaled @ np.linalg.solve(matrix / scale / scale[:, None], scaled))
    except np.linalg.LinAlgError:
        return np.nan
