"""Fine-Gray regression of the subdistribution hazard of one cause."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np

from .arrays import Array, ArrayLike, BoolArray, IntArray
from .cox_limit import APART, standing_apart
from .fine_gray_likelihood import Subdistribution, SubdistributionPass, prepare
from .fine_gray_limit import FineGrayProblem, risk_pairs
from .limit_model import Limit, doubtful, limit_of
from .newton import Maximum, maximise
from .tails import chi2_upper, normal_two_sided, two_sided_z
from .validation import causes, labels, matrix, observations, probability, require, vector, whole

_SUBSAMPLE_FROM = 40_000
_SUBSAMPLE_EVERY = 8


FineGrayLimit: TypeAlias = Limit[FineGrayProblem, SubdistributionPass]


@dataclass(frozen=True, slots=True, eq=False)
class FineGrayFit:
    """A fitted Fine-Gray model; one element per column of X.

    Attributes
    ----------
    coef, se : float ndarray, shape (p,)
        Log subdistribution hazard ratios and their sandwich standard errors, which allow for the estimation of
        the censoring distribution.  As in :class:`equipoise.stats.cox_fit.CoxFit`, nan for aliased columns, an
        infinite coefficient for a monotone likelihood, and for the rest the model in the limit.
    estimable : bool ndarray, shape (p,)
    covariance : float ndarray, shape (p, p)
    loglik, loglik_null : float
        Log pseudo-likelihood at the estimate and at zero.
    n, n_events : int
        Rows, and events of the cause of interest.
    """

    coef: Array
    se: Array
    estimable: BoolArray
    covariance: Array
    loglik: float
    loglik_null: float
    df: int
    n: int
    n_events: int
    cause_of_interest: int
    converged: bool
    conf_level: float
    method: str
    _model: Subdistribution = field(repr=False)
    _last: SubdistributionPass = field(repr=False)

    @property
    def hr(self) -> Array:
        """Subdistribution hazard ratios, shape (p,)."""
        return np.exp(self.coef)

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
    def low(self) -> Array:
        """Lower Wald limits of the hazard ratios."""
        return np.exp(self.coef - two_sided_z(self.conf_level) * self.se)

    @property
    def high(self) -> Array:
        """Upper Wald limits of the hazard ratios."""
        return np.exp(self.coef + two_sided_z(self.conf_level) * self.se)

    @property
    def lr_chi2(self) -> float:
        """Twice the gain of the log pseudo-likelihood."""
        return 2 * (self.loglik - self.loglik_null)

    @property
    def lr_p(self) -> float:
        """P of `lr_chi2` on `df` degrees of freedom, as cmprsk prints it (not exact for a pseudo-likelihood)."""
        return chi2_upper(self.lr_chi2, self.df)

    def incidence(self, x: ArrayLike, times: ArrayLike) -> Array:
        """Cumulative incidence predicted for covariates `x`, shape (p,), at `times`, carried forward at the end."""
        times = vector(np.atleast_1d(times), "times")
        x = vector(np.atleast_1d(x), "x", self.coef.size)
        last, place = self._last, np.searchsorted(self._model.slot_time, times, side="right")
        eta = (x - self._model.mean) @ np.where(self.estimable, self.coef, 0.0)
        with np.errstate(over="ignore"):  # a hazard beyond all numbers: everybody has the event
            steps = last.hazard * np.exp(eta - (0.0 if last.scale is None else last.scale))
            return -np.expm1(-np.concatenate(([0.0], np.cumsum(steps)))[place])

    def __str__(self) -> str:
        lines = [self.method, f"n = {self.n}, events of cause {self.cause_of_interest} = {self.n_events}"]
        for j, estimable in enumerate(self.estimable):
            text = f"SHR = {self.hr[j]:.6g} ({self.low[j]:.6g} to {self.high[j]:.6g}), P = {self.p[j]:.4g}"
            lines.append(f"  x{j}: {text if estimable else 'not estimable'}")
        return "\n".join(lines)


def fine_gray(
    time: ArrayLike,
    cause: ArrayLike,
    X: ArrayLike,
    cause_of_interest: int = 1,
    *,
    weight: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    conf_level: float = 0.95,
) -> FineGrayFit:
    """Fit a proportional subdistribution hazards model.

    Parameters
    ----------
    time : array_like, shape (n,)
        Follow-up time, not negative.
    cause : array_like, shape (n,)
        0 for censoring, else the cause of the event as a positive whole number.
    X : array_like, shape (n, p) or (n,)
        Covariates, without missing values.
    cause_of_interest : int, default 1
    weight : array_like, shape (n,), optional
        Case weights (inverse probability of treatment); the censoring distribution is estimated without them,
        as ``finegray`` of R does too.  Rows of weight 0 are as good as absent.
    cluster : array_like, shape (n,), optional
        Labels of rows that belong together; the sandwich adds up their influences.
    conf_level : float, default 0.95

    Returns
    -------
    FineGrayFit

    Raises
    ------
    ArrayError
        For bad arrays, or a cause of interest that nobody has.

    Notes
    -----
    Subjects with a competing event stay at risk with weight G(t-)/G(T-), G the Kaplan-Meier curve of being
    uncensored (at a shared time events come first).  Breslow ties.  This is ``crr`` of R's cmprsk, coefficients and
    standard errors, to which case weights are added: whoever has an event at a time is still in the risk set of G there.
    ``finegray`` takes them out first, so the two differ a little where an event and a censoring share a time; without
    such ties the weighted coefficients are those of ``coxph`` on its rows times the case weights.  The variance allows for
    the estimated G, which that of ``coxph`` on those rows does not.  It is Fine and Gray's, computed by
    cumulative sums in O(n p) instead of O(n**2 p).

    References
    ----------
    Fine JP, Gray RJ. J Am Stat Assoc 1999;94:496-509.
    """
    conf_level = probability(conf_level, "conf_level")
    cause_of_interest = whole(cause_of_interest, "cause_of_interest", 1)
    n = np.shape(time)[0] if np.ndim(time) else 0
    cause, _ = causes(cause, n)
    seen = observations(time, cause > 0, weight=weight)
    X = matrix(X, n)
    require(X.shape[1] > 0, "X has no columns: a model needs at least one covariate.")
    code = None if cluster is None else labels(cluster, "cluster", n)[0]
    time, weight = seen.time, seen.weight
    if weight is not None and not weight.all():
        kept = weight > 0
        time, cause, X, weight = time[kept], cause[kept], X[kept], weight[kept]
        code = None if code is None else code[kept]
    require(bool((cause == cause_of_interest).any()), f"nobody has an event of cause {cause_of_interest}.")
    model = prepare(time, cause, X, cause_of_interest, weight)
    best = maximise(model, _subsample_start(time, cause, X, cause_of_interest, weight))
    method = _name(weight is not None, cluster is not None)
    return _result(model, best, _limit(model, best), code, cause_of_interest, conf_level, method)


def _name(weight: bool, cluster: bool) -> str:
    name = "Fine-Gray subdistribution hazards regression"
    name += ", weighted" if weight else ""
    return name + ", robust standard errors" + (" clustered" if cluster else "") + ", Wald limits"


def _subsample_start(time: Array, cause: IntArray, X: Array, which: int, weight: Array | None) -> Array | None:
    if time.size < _SUBSAMPLE_FROM:
        return None
    every = slice(None, None, _SUBSAMPLE_EVERY)
    if np.count_nonzero(cause[every] == which) < 50 * X.shape[1]:
        return None
    part = prepare(time[every], cause[every], X[every], which, None if weight is None else weight[every])
    found = maximise(part, rough=True)
    usable = found.converged and not found.diverging.any() and not found.aliased.any()
    return found.beta if usable else None


def _limit(model: Subdistribution, best: Maximum[SubdistributionPass]) -> tuple[IntArray, FineGrayLimit] | None:
    """The columns that are not aliased and the limit of the pseudo-likelihood in them; None where all is finite."""
    free = np.flatnonzero(~best.aliased)
    if free.size == 0:
        return None
    apart = np.zeros(free.size, dtype=bool)
    if not doubtful(best):
        if not np.ptp(best.beta @ model.columns) > APART:
            return None
        apart = standing_apart(risk_pairs(model, np.ones(best.beta.size), apart=True), best.beta)[free]
        if not apart.any():
            return None
    part = replace(model, columns=model.columns[free], mean=model.mean[free], event_sum=model.event_sum[free])
    problem = FineGrayProblem(part, np.zeros(model.slot.size, dtype=np.intp), np.sqrt(part.spread()))
    limit = limit_of(problem, best if free.size == best.beta.size else problem.maximum())
    apart |= standing_apart(risk_pairs(part, np.ones(free.size), apart=True), limit.best.beta)
    return free, replace(limit, estimable=limit.estimable & ~apart)


def _result(
    model: Subdistribution,
    best: Maximum[SubdistributionPass],
    found: tuple[IntArray, FineGrayLimit] | None,
    cluster: IntArray | None,
    cause_of_interest: int,
    conf_level: float,
    method: str,
) -> FineGrayFit:
    p = best.beta.size
    estimable = ~best.aliased & best.converged
    coef, covariance, last = np.where(best.aliased, np.nan, best.beta), np.full((p, p), np.nan), best.last
    if found is None:
        used = np.flatnonzero(estimable)
        box = np.ix_(used, used)
        bread = best.covariance[box]
        covariance[box] = bread @ model.meat(best.last, cluster)[box] @ bread
    else:
        free, limit = found
        estimable[free] = limit.estimable
        with np.errstate(invalid="ignore"):
            coef[free] = np.where(limit.estimable, limit.best.beta, limit.sides() * np.inf)
        last = limit.best.last
        inner = limit.covariance @ limit.problem.model.meat(last, cluster) @ limit.covariance
        covariance[free[:, None], free] = np.where(limit.estimable & limit.estimable[:, None], inner, np.nan)
    return FineGrayFit(
        coef=coef,
        se=np.sqrt(np.diag(covariance)),
        estimable=estimable,
        covariance=covariance,
        loglik=last.loglik,
        loglik_null=best.null.loglik,
        df=int(np.count_nonzero(~best.aliased)),
        n=model.slot.size,
        n_events=int(np.count_nonzero(model.event)),
        converged=best.converged,
        cause_of_interest=cause_of_interest,
        conf_level=conf_level,
        method=method,
        _model=model,
        _last=best.last,
    )
