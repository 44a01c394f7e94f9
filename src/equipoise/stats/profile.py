"""Limits of coefficients from the profile of a (penalised) likelihood."""

from __future__ import annotations

import numpy as np

from .newton import Likelihood, Maximum, P, constrained_maximum
from .tails import chi2_upper, two_sided_z

_MAX_TRIALS = 60
_MAX_JOINT = 60
_FAR = 40.0


def profile_limits(
    likelihood: Likelihood[P],
    best: Maximum[P],
    column: int,
    conf_level: float,
) -> tuple[float, float]:
    """Where the profile log-likelihood of one coefficient has fallen by half the chi-square quantile.

    Parameters
    ----------
    likelihood
        With ``.at(beta)``.
    best : Maximum
    column : int
    conf_level : float

    Returns
    -------
    low, high : float
        -inf or inf where the profile stays above the bound (monotone likelihood).

    References
    ----------
    Venzon DJ, Moolgavkar SH. Appl Stat 1988;37:87-94.
    """
    drop = two_sided_z(conf_level) ** 2 / 2
    return _limit(likelihood, best, column, drop, -1.0), _limit(likelihood, best, column, drop, 1.0)


def profile_p(likelihood: Likelihood[P], best: Maximum[P], column: int) -> float:
    """P of the (penalised) likelihood ratio test that one coefficient is zero; agrees with its profile limits."""
    start = best.beta.copy()
    start[column] = 0.0
    here = constrained_maximum(likelihood, start, ~best.aliased, column)
    return float(chi2_upper(max(2 * (best.last.loglik - here.loglik), 0.0), 1))


def _joint(
    likelihood: Likelihood[P],
    best: Maximum[P],
    column: int,
    drop: float,
    side: float,
) -> float | None:
    """Venzon and Moolgavkar's iteration of all coefficients at once, one pass a step; None where it does not settle."""
    others = np.flatnonzero(~best.aliased)
    others = others[others != column]
    box = np.ix_(others, others)
    target, here = best.last.loglik - drop, best.last
    beta = best.beta
    with np.errstate(all="ignore"):
        for _ in range(_MAX_JOINT):
            information, gradient = here.information, here.gradient
            try:
                solved = np.linalg.solve(information[box], np.column_stack((gradient[others], information[others, column])))
            except np.linalg.LinAlgError:
                return None
            pull = float(gradient[others] @ solved[:, 0])
            slope = gradient[column] - float(information[column, others] @ solved[:, 0])
            bend = information[column, column] - float(information[column, others] @ solved[:, 1])
            excess = here.loglik + pull / 2 - target
            inside = slope**2 + 2 * bend * excess
            if not (bend > 0 and inside >= 0 and np.isfinite(inside)):
                return None
            step = (slope + side * np.sqrt(inside)) / bend
            move = np.zeros(beta.size)
            move[column] = step
            move[others] = solved[:, 0] - solved[:, 1] * step
            beta = beta + move
            if abs(excess) < 1e-11 and pull < 1e-11 and abs(step) * np.sqrt(bend) < 1e-9:
                return float(beta[column]) if (beta[column] - best.beta[column]) * side > 0 else None
            here = likelihood.at(beta)
            if not np.isfinite(here.loglik):
                return None
    return None


def _limit(
    likelihood: Likelihood[P],
    best: Maximum[P],
    column: int,
    drop: float,
    side: float,
) -> float:
    """Newton's iteration for the profile's crossing, kept inside a bracket."""
    if best.diverging[column] and np.sign(best.beta[column]) == side:
        return side * np.inf
    found = _joint(likelihood, best, column, drop, side)
    if found is not None:
        return found
    curvature = best.null.information[column, column]
    unit = np.sqrt(curvature / likelihood.yardstick(best.null)[1])
    step = np.sqrt(2 * drop / curvature)
    inner, outer = best.beta[column], None
    beta, trial = best.beta, inner + side * step
    for _ in range(_MAX_TRIALS):
        start = beta.copy()
        start[column] = trial
        here = constrained_maximum(likelihood, start, ~best.aliased, column)
        beta, excess, slope = here.beta, here.loglik - best.last.loglik + drop, here.gradient[column]
        if excess > 0:
            inner = trial
        else:
            outer = trial
        if abs(excess) < 1e-11 or (outer is not None and abs(outer - inner) * unit < 1e-12):
            return float(trial)
        if abs(trial - best.beta[column]) * unit > _FAR:
            return side * np.inf
        trial = _next(trial, excess, slope, inner, outer, side, step)
    return float(trial)


def _next(trial: float, excess: float, slope: float, inner: float, outer: float | None, side: float, step: float) -> float:
    falling = slope * side < 0
    guess = trial - excess / slope if falling else np.nan
    if outer is None:
        furthest = trial + side * 4 * step
        if not np.isfinite(guess) or (guess - trial) * side <= 0 or (furthest - guess) * side < 0:
            guess = trial + side * 2 * step
        return guess
    low, high = min(inner, outer), max(inner, outer)
    return guess if low < guess < high else (low + high) / 2
