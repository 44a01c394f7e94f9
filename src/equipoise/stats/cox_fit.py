"""The result of a Cox regression and what can be asked of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from . import cox_residuals as residuals
from .arrays import AnyArray, Array, ArrayLike, BoolArray, IntArray
from .clusters import ROUNDING
from .concordance_index import Concordance, concordance
from .cox_curves import PredictedCurve, average_survival, predicted_curve
from .cox_exact import ExactLikelihood
from .cox_likelihood import PartialLikelihood, Pass
from .cox_ph_test import ProportionalHazardsTest, ph_test
from .cox_scores import score_matrix
from .cox_solution import Contrast, CoxLikelihood, CoxPass, Solution, plain_sums
from .newton import Maximum
from .profile import profile_limits, profile_p
from .ranks import steadied
from .tails import chi2_upper, normal_two_sided, two_sided_z
from .validation import Observations, matrix, probability, require, vector, weights


@dataclass(frozen=True, slots=True, eq=False)
class CoxFit:
    """A fitted Cox model; one element per column of X.

    Attributes
    ----------
    coef, se : float ndarray, shape (p,)
        Log hazard ratios and model-based standard errors.  An aliased column has nan; a coefficient whose
        likelihood rises for ever is -inf or inf, or nan where the side is not determined, with se nan.
    robust_se : float ndarray, shape (p,), or None
        Sandwich standard errors, where `robust` or `cluster` was asked for.
    estimable : bool ndarray, shape (p,)
        False for aliased columns, for what a monotone likelihood (separation) moves, and where nothing converged.
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

    coef: Array
    se: Array
    robust_se: Array | None
    estimable: BoolArray
    aliased: BoolArray
    covariance: Array
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
    _likelihood: CoxLikelihood = field(repr=False)
    _maximum: Maximum[CoxPass] = field(repr=False)
    _seen: Observations = field(repr=False)
    _X: Array = field(repr=False)
    _strata: AnyArray | None = field(repr=False)
    _offset: Array | None = field(repr=False)
    _solution: Solution = field(repr=False)

    @property
    def hr(self) -> Array:
        """Hazard ratios, shape (p,)."""
        return np.exp(self.coef)

    @property
    def z(self) -> Array:
        """Wald statistics, with the robust standard error where there is one."""
        with np.errstate(invalid="ignore"):  # a coefficient that diverges has neither standard error nor statistic
            return self.coef / self._used_se()

    @property
    def p(self) -> Array:
        """Two-sided Wald P values."""
        return normal_two_sided(self.z)

    @property
    def low(self) -> Array:
        """Lower Wald limits of the hazard ratios."""
        return np.exp(self.coef - two_sided_z(self.conf_level) * self._used_se())

    @property
    def high(self) -> Array:
        """Upper Wald limits of the hazard ratios."""
        return np.exp(self.coef + two_sided_z(self.conf_level) * self._used_se())

    def _used_se(self) -> Array:
        """The robust ones where there are; nan where they are the rounding of residuals that cancel in every cluster."""
        if self.robust_se is None:
            return self.se
        return np.where(self.robust_se > ROUNDING * self.se, self.robust_se, np.nan)

    @property
    def lr_p(self) -> float:
        """P of the likelihood ratio test."""
        return chi2_upper(self.lr_chi2, self.df)

    @property
    def score_p(self) -> float:
        """P of the score test."""
        return chi2_upper(self.score_chi2, self.df)

    @property
    def wald_p(self) -> float:
        """P of the Wald test of all coefficients."""
        return chi2_upper(self.wald_chi2, self.df)

    def contrast(self, weights: ArrayLike, conf_level: float | None = None) -> Contrast:
        """A linear combination of coefficients, which may be estimable where its parts are not.

        Parameters
        ----------
        weights : array_like, shape (p,)
            1 and -1 for the hazard ratio of two levels of a factor.
        conf_level : float, optional
            Default: that of the fit.

        Returns
        -------
        Contrast
        """
        c = vector(np.atleast_1d(weights), "weights", self.coef.size)
        return self._solution.contrast(c, self.conf_level if conf_level is None else probability(conf_level, "conf_level"))

    def ph_test(self, transform: str = "km") -> ProportionalHazardsTest:
        """Score test of proportional hazards, as ``cox.zph`` of R survival since 3.0.

        Parameters
        ----------
        transform : {"km", "rank", "identity", "log"}
            Of time, against which a slope of each coefficient is tested.

        Returns
        -------
        ProportionalHazardsTest
            ``.chi2 .p`` per column, ``.global_chi2 .global_df .global_p``.

        Raises
        ------
        ArrayError
            Where a coefficient has no finite estimate.
        """
        require(self.converged, "the fit did not converge: proportional hazards cannot be tested.")
        require(
            bool((self.estimable | self.aliased).all()),
            "a coefficient has no finite estimate: proportional hazards cannot be tested.",
        )
        return ph_test(*self._plain(), np.flatnonzero(self.estimable), self._seen, transform)

    def profile_limits(self, conf_level: float | None = None, columns: Sequence[int] | None = None) -> tuple[Array, Array]:
        """Profile likelihood limits of the hazard ratios (RL=PL of PROC PHREG).

        Parameters
        ----------
        conf_level : float, optional
            Default: that of the fit.
        columns : sequence of int, optional
            Those that are wanted, each of which costs two searches; default all.

        Returns
        -------
        low, high : float ndarray, shape (p,)
            0 or inf on the side where the likelihood is monotone; nan for aliased columns and those not asked for.
        """
        level = self.conf_level if conf_level is None else probability(conf_level, "conf_level")
        limits = np.full((self.coef.size, 2), np.nan)
        for column in self._profiled(columns):
            limits[column] = profile_limits(self._likelihood, self._maximum, column, level)
        return np.exp(limits[:, 0]), np.exp(limits[:, 1])

    def profile_p(self, columns: Sequence[int] | None = None) -> Array:
        """P of the likelihood ratio test of each coefficient (penalised under Firth), which agrees with its profile limits.

        Parameters
        ----------
        columns : sequence of int, optional
            Default all.

        Returns
        -------
        float ndarray, shape (p,)
            nan for aliased columns and those not asked for.
        """
        out = np.full(self.coef.size, np.nan)
        for column in self._profiled(columns):
            out[column] = profile_p(self._likelihood, self._maximum, column)
        return out

    def _profiled(self, columns: Sequence[int] | None) -> list[int]:
        wanted = range(self.coef.size) if columns is None else columns
        return [k for k in wanted if not self.aliased[k]]

    def survival(
        self, x: ArrayLike | None = None, *, stratum: object = None, conf_type: str = "log", conf_level: float | None = None
    ) -> PredictedCurve:
        """Predicted survival for covariates `x`, as ``survfit`` of a ``coxph`` object draws it.

        Parameters
        ----------
        x : array_like, shape (p,), optional
            Default: the mean of every column.
        stratum : label, optional
            Needed where the model is stratified.
        conf_type : {"log", "log-log", "plain", "logit", "arcsin"}
        conf_level : float, optional
            Default: that of the fit.

        Returns
        -------
        PredictedCurve
        """
        mean = self._likelihood.sets.mean
        x = np.zeros(mean.size) if x is None else vector(np.atleast_1d(x), "x", mean.size) - mean
        level = self.conf_level if conf_level is None else probability(conf_level, "conf_level")
        covariance = self._maximum.covariance if self.robust_se is None else self.covariance
        return predicted_curve(*self._plain(), covariance, x, self._stratum_place(stratum), conf_type, level)

    def baseline_hazard(self, *, stratum: object = None) -> PredictedCurve:
        """Predicted curve at covariates of zero; its cumulative hazard is ``basehaz(centered=FALSE)``."""
        return self.survival(np.zeros(self.coef.size), stratum=stratum)

    def average_survival(
        self, X: ArrayLike, times: ArrayLike, *, weight: ArrayLike | None = None, stratum: object = None
    ) -> Array:
        """Survival averaged over the covariates of a population (direct adjustment, g-formula).

        Parameters
        ----------
        X : array_like, shape (m, p)
            For an adjusted curve of one arm: everybody's covariates with the arm set to that one.
        times : array_like
        weight : array_like, shape (m,), optional
        stratum : label, optional

        Returns
        -------
        float ndarray, shape of `times`
        """
        mean = self._likelihood.sets.mean
        X = matrix(X, np.shape(X)[0])
        require(X.shape[1] == mean.size, f"X has {X.shape[1]} columns where {mean.size} are expected.")
        weight = None if weight is None else weights(weight, X.shape[0])
        times = vector(np.atleast_1d(times), "times")
        return average_survival(*self._plain(), X - mean, weight, self._stratum_place(stratum), times)

    def martingale(self) -> Array:
        """Martingale residuals, shape (n,)."""
        return residuals.martingale(*self._plain(), self._seen.event)

    def deviance(self) -> Array:
        """Deviance residuals, shape (n,)."""
        return residuals.deviance(self.martingale(), self._seen.event)

    def score_residuals(self) -> Array:
        """Score residuals, shape (n, p)."""
        return residuals.score(*self._plain())

    def dfbeta(self) -> Array:
        """Approximate change of each coefficient when a row is left out, weighted, shape (n, p)."""
        weighted = score_matrix(*self._plain())
        return weighted @ np.nan_to_num(self._maximum.covariance)

    def schoenfeld(self) -> tuple[Array, IntArray, Array]:
        """Schoenfeld residuals: ``(time, row, residual)`` of the events, see :mod:`.cox_residuals`."""
        return residuals.schoenfeld(*self._plain())

    def linear_predictor(self) -> Array:
        """X times coef less its mean, plus the offset, of the rows that were ever at risk (else nan), shape (n,)."""
        sets = self._likelihood.sets
        out = np.full(sets.n, np.nan)
        out[sets.row] = self._maximum.beta @ sets.columns + (0.0 if sets.offset is None else sets.offset)
        return out

    def concordance(self) -> Concordance:
        """Harrell's concordance of the linear predictor, within strata and weighted as the model is.

        With delayed entry a row is compared with the events between its entry and its end.
        """
        seen, sets = self._seen, self._likelihood.sets
        known = np.where(np.isfinite(self.coef), self.coef, self._maximum.beta)
        score = np.nan_to_num(self._X - sets.mean) @ np.where(self.aliased, 0.0, known)
        if self._offset is not None:
            score = score + self._offset
        return concordance(seen.time, seen.event, steadied(score), strata=self._strata, weight=seen.weight, entry=seen.entry)

    def _plain(self) -> tuple[PartialLikelihood, Pass]:
        """The unpenalised likelihood and its pass at the estimate."""
        require(
            not isinstance(self._likelihood, ExactLikelihood),
            "this is not offered with exact ties: fit with Efron or Breslow ties.",
        )
        return plain_sums(self._likelihood, self._maximum)

    def _stratum_place(self, stratum: object) -> int:
        sets = self._likelihood.sets
        if self._strata is None:
            require(stratum is None, "the model has no strata.")
            return 0
        require(stratum is not None, "stratum is needed: the model is stratified.")
        # Strata without events have no slots; the others stand in the order of their labels.
        with_events = np.unique(self._strata[self._seen.event])
        place = np.flatnonzero(with_events == stratum)
        require(place.size == 1 and sets.stratum_start.size == with_events.size, f"no event in stratum {stratum!r}.")
        return int(place[0])

    def __str__(self) -> str:
        lines = [f"{self.method}", f"n = {self.n}, events = {self.n_events}, log-likelihood = {self.loglik:.6f}"]
        for j, estimable in enumerate(self.estimable):
            if estimable:
                text = f"HR = {self.hr[j]:.6g} ({self.low[j]:.6g} to {self.high[j]:.6g}), P = {self.p[j]:.4g}"
            else:
                text = "not estimable: " + ("constant or collinear" if self.aliased[j] else "monotone likelihood")
            lines.append(f"  x{j}: {text}")
        return "\n".join(lines)
