"""Survival that a population would have under each treatment, by a Cox model of treatment and covariates (g-formula)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .clusters import codes_of, resamples
from .cox_fit import CoxFit
from .cox_model import cox
from .quantiles import quantile
from .tails import two_sided_z
from .validation import ArrayError, indicator, matrix, observations, probability, require, vector, weights, whole

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class StandardisedCurves:
    """Standardised survival at k times; standard errors and percentile limits by bootstrap.

    Attributes
    ----------
    times, treated, control, difference : float ndarray, shape (k,)
    se_treated, se_control, se : float ndarray, shape (k,)
        nan without replicates; `se` of the difference.
    low, high : float ndarray, shape (k,)
        Percentile limits of the difference (definition 7); nan without replicates.
    wald_low, wald_high : float ndarray, shape (k,)
        Difference less and plus its standard error times the normal quantile.
    replicates, failed : int
        Resamples that gave an estimate, and those in which the model could not be fitted.
    """

    times: Floats
    treated: Floats
    control: Floats
    difference: Floats
    se_treated: Floats
    se_control: Floats
    se: Floats
    low: Floats
    high: Floats
    wald_low: Floats
    wald_high: Floats
    replicates: int
    failed: int
    seed: int
    conf_level: float
    method: str

    def __str__(self) -> str:
        rows = zip(self.times, self.treated, self.control, self.difference, self.low, self.high, strict=True)
        return "\n".join(
            [self.method, *(f"  {t:g}: {a:.4f} less {b:.4f} = {d:.4f} ({x:.4f} to {y:.4f})" for t, a, b, d, x, y in rows)]
        )


def standardised_curves(
    time: ArrayLike,
    event: ArrayLike,
    treated: ArrayLike,
    X: ArrayLike,
    times: ArrayLike,
    *,
    by_arm: bool = False,
    weight: ArrayLike | None = None,
    population: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    ties: str = "efron",
    replicates: int = 0,
    seed: int = 1,
    conf_level: float = 0.95,
) -> StandardisedCurves:
    """Survival averaged over a population with everybody treated, and with nobody.

    Parameters
    ----------
    time, event, treated : array_like, shape (n,)
    X : array_like, shape (n, p)
        Covariates of the model, products with treatment not among them.
    times : array_like, shape (k,)
    by_arm : bool, default False
        A model for each arm instead of one hazard ratio: the effect may then change with time and covariates.
    weight : array_like, shape (n,), optional
        Weights of a design, in the fit (which together with the covariates guards against one of the two being wrong).
    population : array_like, shape (n,), optional
        Weights of the population averaged over; e.g. 1 for the treated and 0 for others (ATT).  Default: everybody, or
        `weight` where that is given.
    cluster : array_like, shape (n,), optional
        Drawn together in the bootstrap.
    ties : {"efron", "breslow"}
    replicates, seed : int
        Bootstrap samples, in which the model is fitted again; weights are taken along with their rows.

    Returns
    -------
    StandardisedCurves

    References
    ----------
    Makuch RW. J Chronic Dis 1982;35:437-443.  Robins J. Math Model 1986;7:1393-1512.
    """
    seen = observations(time, event, weight=weight)
    n = seen.time.size
    arm, columns = indicator(treated, "treated", n), matrix(X, n)
    at = vector(np.atleast_1d(np.asarray(times, dtype=float)), "times")
    level = probability(conf_level, "conf_level")
    average = seen.weight if population is None else weights(population, n)
    draws, seed = whole(replicates, "replicates"), whole(seed, "seed")

    def curves(rows: NDArray[np.intp]) -> Floats:
        part = seen.rows(rows)
        share = None if average is None else average[rows]
        return _curves(part.time, part.event, arm[rows], columns[rows], at, by_arm, part.weight, share, ties)

    found = curves(np.arange(n))
    drawn, failed = [], 0
    for rows in resamples(n, codes_of(cluster, n), draws, seed):
        try:
            drawn.append(curves(rows))
        except ArrayError:
            failed += 1
    return _summary(at, found, np.array(drawn), failed, seed, level, by_arm)


def _curves(
    time: Floats,
    event: NDArray[np.bool_],
    arm: NDArray[np.bool_],
    X: Floats,
    at: Floats,
    by_arm: bool,
    weight: Floats | None,
    average: Floats | None,
    ties: str,
) -> Floats:
    """Survival (treated, control), shape (2, k)."""
    require(bool(arm.any() and not arm.all()), "both arms must hold at least one patient.")
    if by_arm:
        found = []
        for rows in (arm, ~arm):
            fit = cox(time[rows], event[rows], X[rows], weight=None if weight is None else weight[rows], ties=ties)
            _refuse(fit)
            found.append(fit.average_survival(X, at, weight=average))
        return np.array(found)
    fit = cox(time, event, np.column_stack((arm, X)), weight=weight, ties=ties)
    _refuse(fit)
    sides = [np.column_stack((np.full(time.size, side), X)) for side in (1.0, 0.0)]
    return np.array([fit.average_survival(side, at, weight=average) for side in sides])


def _refuse(fit: CoxFit) -> None:
    if not ((fit.estimable | fit.aliased).all() and fit.converged):
        raise ArrayError("the Cox model has no finite estimate: a level of a covariate (or an arm) has no event.")


def _summary(at: Floats, found: Floats, drawn: Floats, failed: int, seed: int, level: float, by_arm: bool) -> StandardisedCurves:
    difference = found[0] - found[1]
    blank = np.full(at.size, np.nan)
    se1 = se0 = se = low = high = blank
    if len(drawn) > 1:
        moved = drawn[:, 0] - drawn[:, 1]
        se1, se0, se = (x.std(axis=0, ddof=1) for x in (drawn[:, 0], drawn[:, 1], moved))
        low, high = (np.array([quantile(x, p) for x in moved.T]) for p in ((1 - level) / 2, (1 + level) / 2))
    z = two_sided_z(level)
    kind = "a Cox model in each arm" if by_arm else "a Cox model"
    return StandardisedCurves(
        at, found[0], found[1], difference, se1, se0, se, low, high, difference - z * se, difference + z * se, len(drawn), failed,
        seed, level, f"Survival standardised by {kind} (g-formula), {len(drawn)} bootstrap samples, seed {seed}",
    )  # fmt: skip
