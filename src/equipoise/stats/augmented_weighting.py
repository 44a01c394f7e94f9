"""Doubly robust means: weighting by the propensity score, augmented by a model of the outcome; pseudo-values of survival."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .clusters import codes_of
from .curve_influence import curve_influence, refuse_beyond
from .logistic_model import logistic
from .marginal_effect import MarginalEffects, contrasts
from .validation import indicator, labels, matrix, observations, one_of, require, vector

Floats = NDArray[np.float64]


def doubly_robust(
    outcome: ArrayLike,
    treated: ArrayLike,
    score: ArrayLike,
    X: ArrayLike,
    *,
    model: str = "linear",
    target: str = "ate",
    cluster: ArrayLike | None = None,
    conf_level: float = 0.95,
) -> MarginalEffects:
    """Augmented inverse probability weighting: right where the score or the model of the outcome is right.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Known for everybody: a number, 0 or 1, or a pseudo-value of survival or of restricted mean survival.
    treated : array_like, shape (n,)
    score : array_like, shape (n,)
        Probability of treatment, strictly between 0 and 1.
    X : array_like, shape (n, p)
        Covariates of the outcome models, one in each arm, with an intercept.
    model : {"linear", "logistic"}
        "logistic" for outcomes of 0 and 1.
    target : {"ate", "att"}
        Means over everybody, or over the treated.
    cluster : array_like, shape (n,), optional
    conf_level : float, default 0.95

    Returns
    -------
    MarginalEffects
        With standard errors from the efficient influence function, which takes score and models as known.

    References
    ----------
    Robins JM, Rotnitzky A, Zhao LP. J Am Stat Assoc 1994;89:846-866.  Lunceford JK, Davidian M. Stat Med 2004;23:2937-2960.
    """
    one_of(model, ("linear", "logistic"), "model")
    one_of(target, ("ate", "att"), "target")
    arm = indicator(treated, "treated")
    y, e, columns = vector(outcome, "outcome", arm.size), vector(score, "score", arm.size), matrix(X, arm.size)
    require(bool(arm.any() and not arm.all()), "both arms must hold at least one patient.")
    require(bool(((e > 0) & (e < 1)).all()), "score must lie strictly between 0 and 1: nobody may be certain of an arm.")
    binary = bool(((y == 0) | (y == 1)).all())
    require(binary or model == "linear", "outcome must be 0 or 1 for the logistic model.")
    terms = _terms(columns) if model == "linear" else columns
    guess1, guess0 = (_fitted(y, terms, rows, model) for rows in (arm, ~arm))
    if target == "ate":
        parts = guess1 + np.where(arm, (y - guess1) / e, 0.0), guess0 + np.where(arm, 0.0, (y - guess0) / (1 - e))
        share = np.full(arm.size, 1 / arm.size)
    else:
        parts = np.where(arm, y, 0.0), np.where(arm, guess0, (y - guess0) * e / (1 - e))
        share = np.full(arm.size, 1 / arm.sum())
    means = [float(share @ part) for part in parts]
    belongs = np.ones(arm.size) if target == "ate" else arm.astype(float)
    influence = np.column_stack([share * (part - belongs * mean) for part, mean in zip(parts, means, strict=True)])
    method = f"Doubly robust (augmented inverse probability weighting), {model} outcome model, {target.upper()}"
    return contrasts(means, influence, codes_of(cluster, arm.size), conf_level, method, risks=binary)


def pseudo_survival(time: ArrayLike, event: ArrayLike, times: ArrayLike, *, group: ArrayLike | None = None) -> Floats:
    """Pseudo-values of survival at given times, shape (n, k): S(t) + n times a row's influence on it.

    Parameters
    ----------
    time, event : array_like, shape (n,)
    times : array_like, shape (k,)
    group : array_like, shape (n,), optional
        Curves within groups (arms), where censoring depends on them.

    Notes
    -----
    The infinitesimal jackknife form of `survival::pseudo`; its mean is the Kaplan-Meier estimate.  Values lie outside [0, 1] too.

    References
    ----------
    Andersen PK, Pohar Perme M. Stat Methods Med Res 2010;19:71-99.
    """
    seen = observations(time, event)
    at = vector(np.atleast_1d(np.asarray(times, dtype=float)), "times")
    found = np.empty((seen.time.size, at.size))
    for rows in _parts(group, seen.time.size):
        curve = curve_influence(seen.rows(rows), at)
        found[rows] = curve.survival + curve.of_survival * rows.sum()
    return found


def pseudo_mean(time: ArrayLike, event: ArrayLike, tau: float, *, group: ArrayLike | None = None) -> Floats:
    """Pseudo-values of restricted mean survival time to `tau`, shape (n,); as :func:`pseudo_survival`."""
    seen = observations(time, event)
    found = np.empty(seen.time.size)
    require(tau > 0, f"tau must be positive, not {tau!r}.")
    for rows in _parts(group, seen.time.size):
        part = seen.rows(rows)
        refuse_beyond(part, float(tau), "group")
        curve = curve_influence(part, np.empty(0), float(tau))
        found[rows] = curve.area + curve.of_area * rows.sum()
    return found


def _parts(group: ArrayLike | None, n: int) -> list[NDArray[np.bool_]]:
    if group is None:
        return [np.ones(n, dtype=bool)]
    codes, levels = labels(group, "group", n)
    return [codes == k for k in range(len(levels))]


def _terms(X: Floats) -> Floats:
    """An intercept and the columns, centred, each of mean square 1: the same for both arms."""
    Z = np.column_stack((np.ones(len(X)), X - X.mean(axis=0)))
    Z /= np.maximum(np.sqrt(np.mean(Z**2, axis=0)), np.finfo(float).tiny)
    return Z


def _fitted(y: Floats, X: Floats, rows: NDArray[np.bool_], model: str) -> Floats:
    """Outcome expected of everybody by the model of one arm.  X: the terms of the linear model, the columns of the logistic."""
    if model == "linear":
        return np.asarray(X @ np.linalg.lstsq(X[rows], y[rows], rcond=None)[0])
    if y[rows].min() == y[rows].max():
        return np.full(y.size, y[rows][0])
    fit = logistic(y[rows], X[rows])
    require(
        not fit.separated, "the covariates predict the outcome of an arm perfectly: take the linear model, or fewer covariates."
    )
    eta = fit.coef[0] + X @ np.where(np.isnan(fit.coef[1:]), 0.0, fit.coef[1:])
    tail = np.exp(-np.abs(eta))
    return np.asarray(np.where(eta >= 0, 1.0, tail) / (1 + tail))
