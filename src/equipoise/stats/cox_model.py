"""Cox proportional hazards regression."""

from dataclasses import dataclass, field

import numpy as np

from .cox_likelihood import PartialLikelihood
from .cox_newton import maximise
from .cox_ph_test import ph_test
from .cox_risk_sets import risk_sets
from .cox_scores import score_meat
from .tails import chi2_upper, normal_two_sided, two_sided_z
from .validation import Observations, labels, matrix, observations, one_of, probability, vector

TIES = ("efron", "breslow")
# From this many rows on a fit to every eighth row starts the iteration: it costs half a pass and saves two.
_SUBSAMPLE_FROM = 40_000
_SUBSAMPLE_EVERY = 8


@dataclass(frozen=True, slots=True, eq=False)
class CoxFit:
    """A fitted Cox model; one element per column of X.

    Attributes
    ----------
    coef, se : float ndarray, shape (p,)
        Log hazard ratios and model-based standard errors.  An aliased column has nan; a coefficient whose
        likelihood rises for ever is -inf or inf with se nan.
    robust_se : float ndarray, shape (p,), or None
        Sandwich standard errors, where `robust` or `cluster` was asked for.
    estimable : bool ndarray, shape (p,)
        False for aliased columns and for monotone likelihood (separation).
    aliased : bool ndarray, shape (p,)
        Constant within risk sets, or a linear combination of columns before it.
    covariance : float ndarray, shape (p, p)
        Robust where that was asked for, else the inverse information.
    loglik, loglik_null : float
        Log partial likelihood at the estimate and at zero.
    lr_chi2, score_chi2, wald_chi2 : float
        Tests that all coefficients are zero, on `df` degrees of freedom.  Likelihood ratio and score test are
        model-based, the Wald test uses `covariance`.
    n, n_events : int
    converged : bool
    """

    coef: np.ndarray
    se: np.ndarray
    robust_se: np.ndarray | None
    estimable: np.ndarray
    aliased: np.ndarray
    covariance: np.ndarray
    loglik: float
    loglik_null: float
    lr_chi2: float
    score_chi2: float
    wald_chi2: float
    df: int
    n: int
    n_events: int
    converged: bool
    conf_level: float
    method: str
    _likelihood: PartialLikelihood = field(repr=False)
    _maximum: object = field(repr=False)
    _seen: Observations = field(repr=False)

    @property
    def hr(self):
        """Hazard ratios, shape (p,)."""
        return np.exp(self.coef)

    @property
    def z(self):
        """Wald statistics, with the robust standard error where there is one."""
        return self.coef / self._used_se()

    @property
    def p(self):
        """Two-sided Wald P values."""
        return normal_two_sided(self.z)

    @property
    def low(self):
        """Lower Wald limits of the hazard ratios."""
        return np.exp(self.coef - two_sided_z(self.conf_level) * self._used_se())

    @property
    def high(self):
        """Upper Wald limits of the hazard ratios."""
        return np.exp(self.coef + two_sided_z(self.conf_level) * self._used_se())

    def _used_se(self):
        return self.se if self.robust_se is None else self.robust_se

    @property
    def lr_p(self):
        """P of the likelihood ratio test."""
        return chi2_upper(self.lr_chi2, self.df)

    @property
    def score_p(self):
        """P of the score test."""
        return chi2_upper(self.score_chi2, self.df)

    @property
    def wald_p(self):
        """P of the Wald test of all coefficients."""
        return chi2_upper(self.wald_chi2, self.df)

    def ph_test(self, transform="km"):
        """Score test of proportional hazards, as ``cox.zph`` of R survival since 3.0.

        Parameters
        ----------
        transform : {"km", "rank", "identity", "log"}
            Of time, against which a slope of each coefficient is tested.

        Returns
        -------
        ProportionalHazardsTest
            ``.chi2 .p`` per column, ``.global_chi2 .global_df .global_p``.
        """
        return ph_test(self._likelihood, self._maximum.last, np.flatnonzero(self.estimable), self._seen, transform)

    def __str__(self):
        lines = [f"{self.method}", f"n = {self.n}, events = {self.n_events}, log-likelihood = {self.loglik:.6f}"]
        for j, estimable in enumerate(self.estimable):
            if estimable:
                text = f"HR = {self.hr[j]:.6g} ({self.low[j]:.6g} to {self.high[j]:.6g}), P = {self.p[j]:.4g}"
            else:
                text = "not estimable: " + ("constant or collinear" if self.aliased[j] else "monotone likelihood")
            lines.append(f"  x{j}: {text}")
        return "\n".join(lines)


def cox(
    time,
    event,
    X,
    *,
    ties="efron",
    strata=None,
    weight=None,
    entry=None,
    offset=None,
    cluster=None,
    robust=False,
    conf_level=0.95,
):
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
    ties : {"efron", "breslow"}
        Treatment of tied events; R's default is Efron, SAS's Breslow.
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
    conf_level : float, default 0.95

    Returns
    -------
    CoxFit

    Raises
    ------
    ArrayError
        For missing or negative times, event codes other than 0 and 1, unequal lengths, entry not before time.

    Notes
    -----
    The iteration stops when the next step is below 1e-9 standard deviations of each covariate.  A column that
    earlier ones determine is dropped as in R (coefficient nan).  Limits and P values are Wald's.

    References
    ----------
    Cox DR. J R Stat Soc B 1972;34:187-220.  Efron B. J Am Stat Assoc 1977;72:557-565.
    Lin DY, Wei LJ. J Am Stat Assoc 1989;84:1074-1078.
    """
    one_of(ties, TIES, "ties")
    conf_level = probability(conf_level, "conf_level")
    seen = observations(time, event, weight=weight, entry=entry)
    n = seen.time.size
    X = matrix(X, n)
    strata_code = None if strata is None else labels(strata, "strata", n)[0]
    cluster_code = None if cluster is None else labels(cluster, "cluster", n)[0]
    offset = None if offset is None else _centred(vector(offset, "offset", n))
    likelihood = PartialLikelihood(risk_sets(seen, X, strata_code, offset), ties == "efron")
    if likelihood.sets.n_slots == 0:
        return _without_events(likelihood, seen, X.shape[1], conf_level, _name(ties, seen, strata, False, cluster))
    best = maximise(likelihood, _subsample_start(seen, X, strata_code, offset, ties))
    robust = bool(robust) or cluster is not None
    meat = score_meat(likelihood, best.last, cluster_code) if robust else None
    return _result(likelihood, best, meat, seen, conf_level, _name(ties, seen, strata, robust, cluster))


def _centred(offset):
    # A common shift cancels in the likelihood; a large one would overflow.
    return offset - offset.mean()


def _subsample_start(seen, X, strata, offset, ties):
    if seen.time.size < _SUBSAMPLE_FROM:
        return None
    every = slice(None, None, _SUBSAMPLE_EVERY)
    part = Observations(*(None if a is None else a[every] for a in (seen.time, seen.event, seen.weight, seen.entry)))
    sets = risk_sets(part, X[every], None if strata is None else strata[every], None if offset is None else offset[every])
    if sets.tied_weight.sum() < 50 * X.shape[1]:
        return None
    found = maximise(PartialLikelihood(sets, ties == "efron"))
    usable = found.converged and not found.diverging.any() and not found.aliased.any()
    return found.beta if usable else None


def _result(likelihood, best, meat, seen, conf_level, method):
    used = np.flatnonzero(~best.aliased & ~best.diverging)
    box = np.ix_(used, used)
    coef = np.where(best.aliased, np.nan, best.beta)
    coef[best.diverging] = np.copysign(np.inf, best.beta[best.diverging])
    covariance, robust_se = best.covariance, None
    se = np.sqrt(np.diag(covariance))
    if meat is not None:
        bread = covariance[box]
        covariance = covariance.copy()
        covariance[box] = bread @ meat[box] @ bread
        robust_se = np.sqrt(np.diag(covariance))
    free = np.flatnonzero(~best.aliased)
    return CoxFit(
        coef=coef,
        se=se,
        robust_se=robust_se,
        estimable=~best.aliased & ~best.diverging,
        aliased=best.aliased,
        covariance=covariance,
        loglik=best.last.loglik,
        loglik_null=best.null.loglik,
        lr_chi2=2 * (best.last.loglik - best.null.loglik),
        score_chi2=_quadratic(best.null.gradient[free], best.null.information[np.ix_(free, free)]),
        wald_chi2=_quadratic(best.beta[used], covariance[box]),
        df=int(free.size),
        n=seen.time.size,
        n_events=int(np.count_nonzero(seen.event)),
        converged=best.converged,
        conf_level=conf_level,
        method=method,
        _likelihood=likelihood,
        _maximum=best,
        _seen=seen,
    )


def _quadratic(vector, matrix):
    if vector.size == 0 or not np.isfinite(matrix).all():
        return np.nan
    scale = np.sqrt(np.abs(np.diag(matrix)))
    scale[scale == 0] = 1.0
    scaled = vector / scale
    try:
        return float(scaled @ np.linalg.solve(matrix / np.outer(scale, scale), scaled))
    except np.linalg.LinAlgError:
        return np.nan


def _without_events(likelihood, seen, p, conf_level, method):
    unknown, none = np.full(p, np.nan), np.zeros(p, dtype=bool)
    return CoxFit(
        coef=unknown,
        se=unknown,
        robust_se=None,
        estimable=none,
        aliased=~none,
        covariance=np.full((p, p), np.nan),
        loglik=0.0,
        loglik_null=0.0,
        lr_chi2=0.0,
        score_chi2=np.nan,
        wald_chi2=np.nan,
        df=0,
        n=seen.time.size,
        n_events=0,
        converged=True,
        conf_level=conf_level,
        method=method + ", no events",
        _likelihood=likelihood,
        _maximum=None,
        _seen=seen,
    )


def _name(ties, seen, strata, robust, cluster):
    parts = [f"Cox proportional hazards regression, {ties.capitalize()} ties"]
    if strata is not None:
        parts.append("stratified")
    if seen.weight is not None:
        parts.append("weighted")
    if seen.entry is not None:
        parts.append("delayed entry")
    if cluster is not None:
        parts.append("robust standard errors clustered")
    elif robust:
        parts.append("robust standard errors")
    return ", ".join(parts) + ", Wald limits"
