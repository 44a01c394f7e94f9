"""Differences between two arms in survival at landmarks and in restricted mean survival time, weighted and clustered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .clusters import clustered_errors, codes_of, difference_of, without_rounding
from .curve_influence import curve_influence, refuse_beyond
from .tails import normal_two_sided, two_sided_z
from .validation import ArrayError, Observations, indicator, observations, probability, require, vector

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class SurvivalContrast:
    """Survival of two arms at k times; difference treated less control.

    Attributes
    ----------
    times, treated, control, se_treated, se_control : float ndarray, shape (k,)
    difference, se, low, high, p : float ndarray, shape (k,)
        Plain limits and two-sided P by the normal approximation; nan where the variance is 0.
    """

    times: Floats
    treated: Floats
    control: Floats
    se_treated: Floats
    se_control: Floats
    difference: Floats
    se: Floats
    low: Floats
    high: Floats
    p: Floats
    conf_level: float
    method: str

    def __str__(self) -> str:
        rows = zip(self.times, self.treated, self.control, self.difference, self.low, self.high, strict=True)
        return "\n".join(
            [self.method, *(f"  {t:g}: {a:.4f} less {b:.4f} = {d:.4f} ({x:.4f} to {y:.4f})" for t, a, b, d, x, y in rows)]
        )


@dataclass(frozen=True, slots=True)
class MeanContrast:
    """Restricted mean survival time of two arms to one horizon.

    Attributes
    ----------
    treated, control, se_treated, se_control : float
        In the unit of time.
    difference, se, low, high, p : float
        Treated less control.
    ratio, ratio_low, ratio_high, ratio_p : float
        Treated over control, on the log scale.
    tau : float
    """

    treated: float
    control: float
    se_treated: float
    se_control: float
    difference: float
    se: float
    low: float
    high: float
    p: float
    ratio: float
    ratio_low: float
    ratio_high: float
    ratio_p: float
    tau: float
    conf_level: float
    method: str

    def __str__(self) -> str:
        return (
            f"{self.method}, tau = {self.tau:g}: {self.treated:.6g} less {self.control:.6g} = {self.difference:.6g} "
            f"({self.low:.6g} to {self.high:.6g}); ratio {self.ratio:.4f} ({self.ratio_low:.4f} to {self.ratio_high:.4f})"
        )


def survival_contrast(
    time: ArrayLike,
    event: ArrayLike,
    treated: ArrayLike,
    times: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    conf_level: float = 0.95,
) -> SurvivalContrast:
    """Difference of (weighted) Kaplan-Meier survival at given times.

    Parameters
    ----------
    time, event : array_like, shape (n,)
        1 or True for an event, 0 or False for right censoring, which comes after events at a shared time.
    treated : array_like, shape (n,)
    times : array_like, shape (k,)
        Landmarks, in the unit of time.  Beyond an arm's last observation its curve is carried forward.
    weight : array_like, shape (n,), optional
        Weights of a design, taken as fixed.
    cluster : array_like, shape (n,), optional
        Rows that belong together, also across the arms (matched pair, patient).  Default: every row on its own.
    conf_level : float, default 0.95

    Returns
    -------
    SurvivalContrast
        Infinitesimal jackknife (robust) standard errors; without weights and clusters, Greenwood's.

    References
    ----------
    Xie J, Liu C. Stat Med 2005;24:3089-3110.  Therneau T, survival vignette "Variance of survival curves".
    """
    seen, arm = _two_arms(time, event, treated, weight)
    at = vector(np.atleast_1d(np.asarray(times, dtype=float)), "times")
    z = two_sided_z(probability(conf_level, "conf_level"))
    groups = codes_of(cluster, arm.size)
    curves = [curve_influence(seen.rows(rows), at) for rows in (arm, ~arm)]
    signed = np.zeros((arm.size, at.size))
    signed[arm], signed[~arm] = curves[0].of_survival, -curves[1].of_survival
    signed = without_rounding(signed)
    se1, se0 = (clustered_errors(np.where(rows[:, None], signed, 0.0), groups) for rows in (arm, ~arm))
    se = clustered_errors(signed, groups)
    difference = difference_of(curves[0].survival, curves[1].survival)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(se > 0, normal_two_sided(difference / se), np.nan)
    reach = np.where(se > 0, z * se, np.nan)
    return SurvivalContrast(
        at, curves[0].survival, curves[1].survival, se1, se0, difference, se, difference - reach, difference + reach,
        np.asarray(p), conf_level, _name("Difference of Kaplan-Meier survival", weight, cluster),
    )  # fmt: skip


def rmst_contrast(
    time: ArrayLike,
    event: ArrayLike,
    treated: ArrayLike,
    tau: float,
    *,
    weight: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    conf_level: float = 0.95,
) -> MeanContrast:
    """Difference and ratio of restricted mean survival times to the horizon `tau`; parameters as :func:`survival_contrast`.

    Raises
    ------
    ArrayError
        Also where `tau` lies beyond the last observation of an arm whose curve has not reached zero.

    References
    ----------
    Uno H et al. J Clin Oncol 2014;32:2380-2385.  Conner SC et al. Stat Med 2019;38:3832-3860 (weights).
    """
    seen, arm = _two_arms(time, event, treated, weight)
    horizon = float(tau)
    require(0 < horizon < np.inf, f"tau must be positive, not {tau!r}.")
    z = two_sided_z(probability(conf_level, "conf_level"))
    groups = codes_of(cluster, arm.size)
    parts = [seen.rows(rows) for rows in (arm, ~arm)]
    for part, name in zip(parts, ("treated", "controls"), strict=True):
        refuse_beyond(part, horizon, name)
    areas = [curve_influence(part, np.empty(0), horizon) for part in parts]
    alone = np.zeros((arm.size, 2))
    alone[arm, 0], alone[~arm, 1] = areas[0].of_area, areas[1].of_area
    mean1, mean0 = areas[0].area, areas[1].area
    alone = without_rounding(alone, np.array([mean1, mean0]))
    both = np.column_stack((alone, alone @ [1.0, -1.0], alone @ [1 / mean1, -1 / mean0]))
    se1, se0, se, log_se = (float(x) for x in clustered_errors(both, groups))
    difference = float(difference_of(mean1, mean0))
    ratio = mean1 / mean0 if difference else 1.0
    p, ratio_p = (float(normal_two_sided(a / b)) if b > 0 else np.nan for a, b in ((difference, se), (np.log(ratio), log_se)))
    return MeanContrast(
        mean1, mean0, se1, se0, difference, se, difference - z * se, difference + z * se, p,
        ratio, ratio * float(np.exp(-z * log_se)), ratio * float(np.exp(z * log_se)), ratio_p, horizon, conf_level,
        _name("Restricted mean survival time", weight, cluster),
    )  # fmt: skip


def _two_arms(
    time: ArrayLike, event: ArrayLike, treated: ArrayLike, weight: ArrayLike | None
) -> tuple[Observations, NDArray[np.bool_]]:
    seen = observations(time, event, weight=weight)
    arm = indicator(treated, "treated", seen.time.size)
    counted = np.ones(arm.size, dtype=bool) if seen.weight is None else seen.weight > 0
    for rows, name in ((arm, "treated"), (~arm, "controls")):
        if not (rows & counted).any():
            raise ArrayError(f"no {name.removesuffix('s')} patient counts: two arms are needed.")
    return seen, arm


def _name(what: str, weight: ArrayLike | None, cluster: ArrayLike | None) -> str:
    error = "robust standard errors clustered" if cluster is not None else "robust standard errors"
    return f"{what}, {'weighted, ' if weight is not None else ''}{error}"
