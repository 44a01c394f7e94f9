"""Baseline hazard and predicted survival of a fitted Cox model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import Array, ArrayLike
from .cox_likelihood import REACH, PartialLikelihood, Pass
from .cox_risk_sets import RiskSets
from .cox_scores import slot_means
from .curve_limits import confidence_limits
from .interval_sums import NOTHING
from .validation import vector


@dataclass(frozen=True, slots=True, eq=False)
class PredictedCurve:
    """Predicted survival for one set of covariates in one stratum.

    Attributes
    ----------
    time : float ndarray, shape (k,)
        Event times of the stratum.
    cumulative_hazard, survival, std_err, low, high : float ndarray, shape (k,)
        Survival is exp(-cumulative hazard); `std_err` is on the survival scale.
    """

    time: Array
    cumulative_hazard: Array
    survival: Array
    std_err: Array
    low: Array
    high: Array
    method: str

    def at(self, times: ArrayLike) -> Array:
        """Survival at `times`, carried forward beyond the last event."""
        times = vector(np.atleast_1d(times), "times")
        return np.concatenate(([1.0], self.survival))[np.searchsorted(self.time, times, side="right")]

    def __str__(self) -> str:
        return f"{self.method}: {self.time.size} event times, survival at the end {self.survival[-1]:.4g}"


def predicted_curve(
    likelihood: PartialLikelihood, done: Pass, covariance: Array, x: Array, stratum: int, conf_type: str, conf_level: float
) -> PredictedCurve:
    """Curve for covariates `x` (centred as the model's columns), with Tsiatis' variance.

    References
    ----------
    Tsiatis AA. Ann Stat 1981;9:93-108.  Therneau TM, Grambsch PM. Modeling Survival Data, 2000, ch. 10.
    """
    sets = likelihood.sets
    slots = _slots(sets, stratum)
    hazard = done.hazard
    _, drift, _ = slot_means(likelihood, done)
    known = np.isfinite(np.diag(covariance))
    box = np.ix_(known, known)
    with np.errstate(over="ignore", invalid="ignore"):  # a hazard beyond all numbers: nobody survives
        relative = np.exp(x @ done.beta - _scale(done, slots))
        cumulative = np.cumsum(relative * hazard.a[slots])
        leverage = np.cumsum(relative * drift[:, slots], axis=1) - x[:, None] * cumulative
        variance = np.einsum("jk,jl,lk->k", leverage[known], covariance[box], leverage[known])
        variance += np.cumsum(relative**2 * hazard.q0[slots])
        survival = np.exp(-cumulative)
        std_err = np.where(survival > 0, survival * np.sqrt(np.maximum(variance, 0.0)), 0.0)
    low, high = confidence_limits(survival, std_err, conf_type, conf_level)
    method = f"Survival predicted by the Cox model, {conf_type} confidence limits"
    return PredictedCurve(sets.slot_time[slots], cumulative, survival, std_err, low, high, method)


def average_survival(
    likelihood: PartialLikelihood, done: Pass, X: Array, weight: Array | None, stratum: int, times: Array
) -> Array:
    """Survival at `times` averaged over rows of centred covariates, shape (len(times),).

    In blocks, so that no row-by-time matrix of the whole data is held.
    """
    slots = _slots(likelihood.sets, stratum)
    steps = np.log(done.hazard.a[slots]) - _scale(done, slots)
    hazard = np.concatenate(([NOTHING], np.logaddexp.accumulate(steps)))
    hazard = hazard[np.searchsorted(likelihood.sets.slot_time[slots], times, side="right")]
    total = np.zeros(times.size)
    for start in range(0, X.shape[0], 4096):
        rows = slice(start, start + 4096)
        cumulative = np.exp(np.minimum(np.add.outer(X[rows] @ done.beta, hazard), REACH))
        share = np.ones(cumulative.shape[0]) if weight is None else weight[rows]
        total += share @ np.exp(-cumulative)
    return total / (X.shape[0] if weight is None else weight.sum())


def _slots(sets: RiskSets, stratum: int) -> slice:
    edges = np.append(sets.stratum_start, sets.n_slots)
    return slice(int(edges[stratum]), int(edges[stratum + 1]))


def _scale(done: Pass, slots: slice) -> Array | float:
    return 0.0 if done.scale is None else done.scale[slots]
