"""Cox proportional hazards regression."""

from __future__ import annotations

import numpy as np

from .arrays import AnyArray, Array, ArrayLike, IntArray
from .cox_firth import FirthLikelihood
from .cox_fit import CoxFit
from .cox_likelihood import PartialLikelihood
from .cox_limit import CoxProblem, largest
from .cox_risk_sets import risk_sets
from .cox_solution import CoxLikelihood, CoxPass, Solution, penalised, solve
from .newton import Maximum, maximise
from .validation import Observations, labels, matrix, observations, one_of, probability, require, vector

TIES = ("efron", "breslow", "exact")
# From this many rows on a fit to every eighth row starts the iteration: it costs half a pass and saves two.
_SUBSAMPLE_FROM = 40_000
_SUBSAMPLE_EVERY = 8


def cox(
    time: ArrayLike,
    event: ArrayLike,
    X: ArrayLike,
    *,
    ties: str = "efron",
    strata: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    entry: ArrayLike | None = None,
    offset: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    robust: bool = False,
    firth: bool = False,
    conf_level: float = 0.95,
) -> CoxFit:
    """Fit a Cox proportional hazards model.

    Parameters
    ----------
    time : array_like, shape (n,)
        End of follow-up of each row, not negative.
    event : array_like, shape (n,)
        1 or True for an event at `time`, 0 or False for right censoring; at a shared time a censored row is
        still at risk for the event.
    X : array_like, shape (n, p) or (n,)
        Covariates, without missing values.
    ties : {"efron", "breslow", "exact"}
        Treatment of tied events; R's default is Efron, SAS's Breslow.  "exact" is the discrete (conditional
        logistic) likelihood, ``ties="exact"`` of ``coxph`` and TIES=DISCRETE of PHREG, without weights, delayed
        entry or robust errors; its cost grows with the number of ties.
    strata : array_like, shape (n,), optional
        Labels; each stratum has its own baseline hazard.
    weight : array_like, shape (n,), optional
        Case weights, not negative; rows of weight 0 are as good as absent.
    entry : array_like, shape (n,), optional
        Delayed entry or interval start: a row is at risk on (entry, time].
    offset : array_like, shape (n,), optional
        Known part of the linear predictor.
    cluster : array_like, shape (n,), optional
        Labels of rows that belong together (patient, matched pair); robust standard errors add up their
        score residuals (grouped infinitesimal jackknife, ``cluster=`` of ``coxph``, COVS(AGGREGATE) of PHREG).
    robust : bool, default False
        Robust standard errors with every row its own cluster.
    firth : bool, default False
        Firth's penalised likelihood, finite under separation; prefer profile to Wald limits with it.
    conf_level : float, default 0.95

    Returns
    -------
    CoxFit

    Raises
    ------
    ArrayError
        For missing or negative times, event codes other than 0 and 1, unequal lengths, entry not before time, and
        where there is no event.

    Notes
    -----
    The iteration stops when the next step is below 1e-10 standard deviations of each covariate (2e-8 from 10,000
    events on).  A column that
    earlier ones determine is dropped as in R (coefficient nan).  Limits and P values are Wald's.

    Where the likelihood rises for ever along some direction, everything that this direction does not move has the
    estimate and standard error of the model in the limit, whichever level of a factor is the reference; the other
    coefficients are not estimable, but contrasts of them may be (:meth:`CoxFit.contrast`).  Nearly monotone
    likelihoods (an event's linear predictor more than 30 above everybody else at risk, or information below 1e-10 of
    that at the origin in some direction) count as monotone.

    References
    ----------
    Cox DR. J R Stat Soc B 1972;34:187-220.  Efron B. J Am Stat Assoc 1977;72:557-565.
    Lin DY, Wei LJ. J Am Stat Assoc 1989;84:1074-1078.
    """
    one_of(ties, TIES, "ties")
    conf_level = probability(conf_level, "conf_level")
    seen = observations(time, event, weight=weight, entry=entry)
    n = seen.time.size
    columns = matrix(X, n)
    require(columns.shape[1] > 0, "X has no columns: a model needs at least one covariate.")
    strata_labels = None if strata is None else np.asarray(strata)
    strata_code = None if strata is None else labels(strata, "strata", n)[0]
    cluster_code = None if cluster is None else labels(cluster, "cluster", n)[0]
    known = None if offset is None else _centred(vector(offset, "offset", n))
    robust = bool(robust) or cluster is not None
    if ties == "exact":
        _check_exact(seen, robust, firth)
    problem = CoxProblem(seen, columns, strata_code, known, ties, np.ones(columns.shape[1]))
    plain = problem.likelihood()
    require(plain.sets.n_slots > 0, "there is no event: no hazard ratio can be estimated.")
    start = None if ties == "exact" else _subsample_start(seen, columns, strata_code, known, ties)
    meat = robust if cluster_code is None else cluster_code
    likelihood: CoxLikelihood = plain
    best: Maximum[CoxPass]
    if firth:
        assert isinstance(plain, PartialLikelihood)
        likelihood = penalty = FirthLikelihood(plain)
        best = maximise(penalty, start)
        solution = penalised(penalty, best, meat)
    else:
        best = largest(plain, start)
        solution = solve(problem, plain, best, meat)
    method = _name(ties, seen, strata is not None, robust, cluster is not None, firth)
    return _result(problem, likelihood, best, solution, strata_labels, conf_level, method)


def _check_exact(seen: Observations, robust: bool, firth: bool) -> None:
    for given, what in (
        (seen.weight is not None, "weight"),
        (seen.entry is not None, "entry"),
        (robust, "robust or cluster"),
        (firth, "firth"),
    ):
        require(not given, f"{what} cannot be combined with exact ties: use Efron or Breslow ties.")


def _centred(offset: Array) -> Array:
    # A common shift cancels in the likelihood; a large one would overflow.
    return offset - offset.mean()


def _subsample_start(seen: Observations, X: Array, strata: IntArray | None, offset: Array | None, ties: str) -> Array | None:
    if seen.time.size < _SUBSAMPLE_FROM:
        return None
    every = slice(None, None, _SUBSAMPLE_EVERY)
    part, X = seen.rows(every), X[every]
    strata, offset = None if strata is None else strata[every], None if offset is None else offset[every]
    sets = risk_sets(part, X, strata, offset)
    if sets.tied_weight.sum() < 50 * X.shape[1]:
        return None
    guess = _subsample_start(part, X, strata, offset, ties)
    found = maximise(PartialLikelihood(sets, ties == "efron"), guess, rough=True)
    usable = found.converged and not found.diverging.any() and not found.aliased.any()
    return found.beta if usable else None


def _result(
    problem: CoxProblem,
    likelihood: CoxLikelihood,
    best: Maximum[CoxPass],
    solution: Solution,
    strata: AnyArray | None,
    conf_level: float,
    method: str,
) -> CoxFit:
    seen = problem.seen
    return CoxFit(
        coef=solution.coef,
        se=solution.se,
        robust_se=solution.robust_se,
        estimable=solution.estimable,
        aliased=best.aliased,
        covariance=solution.covariance,
        loglik=solution.loglik,
        loglik_null=best.null.loglik,
        lr_chi2=2 * (solution.loglik - best.null.loglik),
        score_chi2=best.score_chi2,
        wald_chi2=solution.wald_chi2,
        df=best.aliased.size - int(np.count_nonzero(best.aliased)),
        n=seen.time.size,
        n_events=int(np.count_nonzero(seen.event)),
        converged=best.converged,
        _likelihood=likelihood,
        _maximum=solution.maximum,
        _solution=solution,
        _seen=seen,
        _X=problem.X,
        _strata=strata,
        _offset=problem.offset,
        conf_level=conf_level,
        method=method,
    )


def _name(ties: str, seen: Observations, strata: bool, robust: bool, cluster: bool, firth: bool) -> str:
    parts = [f"Cox proportional hazards regression, {ties.capitalize()} ties"]
    if firth:
        parts.append("Firth's penalized likelihood")
    if strata:
        parts.append("stratified")
    if seen.weight is not None:
        parts.append("weighted")
    if seen.entry is not None:
        parts.append("delayed entry")
    if cluster:
        parts.append("robust standard errors clustered")
    elif robust:
        parts.append("robust standard errors")
    return ", ".join(parts) + ", Wald limits"
