"""Survival that a population would have under each treatment, by a Cox model of treatment and covariates (g-formula)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .cox_fit import CoxFit
from .cox_model import cox
from .curve_bootstrap import StandardisedCurves, bootstrapped
from .validation import ArrayError, indicator, matrix, observations, require, vector, weights

Floats = NDArray[np.float64]


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
    horizon: float | None = None,
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
    horizon : float, optional
        Restricted means are taken up to it, with steps at `times`, which ascend: exact where every time of an event is
        among them.

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
    average = seen.weight if population is None else weights(population, n)

    def curves(rows: NDArray[np.intp]) -> Floats:
        part = seen.rows(rows)
        share = None if average is None else average[rows]
        return _curves(part.time, part.event, arm[rows], columns[rows], at, by_arm, part.weight, share, ties)

    model = "a Cox model in each arm" if by_arm else "a Cox model"
    return bootstrapped(curves, n, at, cluster, replicates, seed, conf_level, model, horizon)


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
        raise ArrayError("the Cox model has no finite estimate: a level of a covariate (or an arm) has no event")
