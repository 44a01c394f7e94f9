"""Survival under each treatment by pooled logistic regression of the hazard of each interval of time (g-formula)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .curve_bootstrap import StandardisedCurves, bootstrapped
from .logistic_model import logistic
from .natural_splines import natural_spline
from .penalised_path import probabilities
from .validation import ArrayError, Observations, indicator, matrix, observations, require, vector, weights, whole

Floats = NDArray[np.float64]


def pooled_logistic_curves(
    time: ArrayLike,
    event: ArrayLike,
    treated: ArrayLike,
    X: ArrayLike,
    times: ArrayLike,
    *,
    interval: float,
    df: int = 4,
    changing: bool = True,
    weight: ArrayLike | None = None,
    population: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    replicates: int = 0,
    seed: int = 1,
    conf_level: float = 0.95,
    horizon: float | None = None,
) -> StandardisedCurves:
    """Survival averaged over a population with everybody treated, and with nobody, without proportional hazards.

    Parameters
    ----------
    time, event, treated : array_like, shape (n,)
    X : array_like, shape (n, p)
        Covariates of the hazard; with no column, the curves of the (weighted) arms alone.
    times : array_like, shape (k,)
        Landmarks, whole multiples of `interval`.
    interval : float
        Width of the intervals (0, 1], (1, 2] ... in the unit of time, e.g. 30.4375 days.  A row counts in an interval that it
        completes or in which its event falls.
    df : int, default 4
        Of the natural spline of the interval's number.
    changing : bool, default True
        The effect of treatment may change with time: products of treatment with the spline.
    weight, population, cluster, replicates, seed, conf_level
        As :func:`standardised_curves`.
    horizon : float, optional
        Restricted means are taken up to it, survival being linear between `times`, which ascend.

    Returns
    -------
    StandardisedCurves

    References
    ----------
    D'Agostino RB et al. Stat Med 1990;9:1501-1515.  Hernan MA. Epidemiology 2010;21:13-15.
    """
    seen = observations(time, event, weight=weight)
    n = seen.time.size
    arm = indicator(treated, "treated", n)
    given = np.asarray(X, dtype=float)
    columns = np.empty((n, 0)) if given.size == 0 else matrix(given, n)
    require(0 < interval < np.inf, f"interval must be positive, not {interval!r}.")
    at = vector(np.atleast_1d(np.asarray(times, dtype=float)), "times")
    last = np.rint(at / interval).astype(np.intp)
    require(bool((np.abs(at / interval - last) < 1e-6).all() and (last > 0).all()), "times must be whole multiples of interval.")
    require(int(last.max()) > whole(df, "df", 1), "df must be smaller than the number of intervals.")
    spline = natural_spline(np.arange(1, last.max() + 1), df).basis
    average = seen.weight if population is None else weights(population, n)

    def curves(rows: NDArray[np.intp]) -> Floats:
        share = None if average is None else average[rows]
        return _curves(seen.rows(rows), arm[rows], columns[rows], interval, spline, changing, share)[:, last - 1]

    model = f"pooled logistic regression, intervals of {interval:g}, {df} degrees of freedom of time"
    return bootstrapped(curves, n, at, cluster, replicates, seed, conf_level, model, horizon, linear=True)


def _curves(
    seen: Observations,
    arm: NDArray[np.bool_],
    X: Floats,
    interval: float,
    spline: Floats,
    changing: bool,
    average: Floats | None,
) -> Floats:
    """Survival (treated, control) at the end of every interval, shape (2, intervals)."""
    require(bool(arm.any() and not arm.all()), "both arms must hold at least one patient.")
    row, step, event = _expanded(seen, interval, spline.shape[0])
    design = np.column_stack((_time_part(spline[step], arm[row].astype(float), changing), X[row]))
    fit = logistic(event, design, weight=None if seen.weight is None else seen.weight[row])
    if fit.separated or not fit.converged:
        raise ArrayError("the pooled logistic model has no finite estimate: an arm or a level of a covariate has no event")
    coef = np.where(np.isnan(fit.coef), 0.0, fit.coef)
    size = design.shape[1] - X.shape[1]
    own = X @ coef[1 + size :]
    found = np.empty((2, spline.shape[0]))
    for place, side in enumerate((1.0, 0.0)):
        baseline = coef[0] + _time_part(spline, np.full(spline.shape[0], side), changing) @ coef[1 : 1 + size]
        staying = np.log1p(-np.minimum(probabilities(np.add.outer(own, baseline)), 1 - 1e-16))
        found[place] = np.average(np.exp(np.cumsum(staying, axis=1)), axis=0, weights=average)
    return found


def _time_part(basis: Floats, treated: Floats, changing: bool) -> Floats:
    parts = (basis, treated[:, None], basis * treated[:, None]) if changing else (basis, treated[:, None])
    return np.column_stack(parts)


def _expanded(seen: Observations, interval: float, count: int) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
    """Row, interval (from 0) and event of every interval that counts."""
    place = seen.time / interval
    whole_place = np.rint(place)
    ends = np.where(np.abs(place - whole_place) < 1e-9 * np.maximum(place, 1), whole_place, place)
    final = np.maximum(np.ceil(ends), 1).astype(np.intp)  # an event on day 0 belongs to the first
    spent = np.where(seen.event, final, np.floor(ends).astype(np.intp))
    length = np.minimum(spent, count)
    row = np.repeat(np.arange(length.size), length)
    step = np.arange(row.size) - np.repeat(np.cumsum(length) - length, length)
    return row, step, seen.event[row] & (step == final[row] - 1)
