"""Limits of coefficients from the profile of a (penalised) likelihood."""

import numpy as np

from .newton import constrained_maximum
from .tails import two_sided_z

_MAX_TRIALS = 60
_FAR = 40.0


def profile_limits(likelihood, best, column, conf_level):
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
    return tuple(_limit(likelihood, best, column, drop, side) for side in (-1.0, 1.0))


def _limit(likelihood, best, column, drop, side):
    """Newton's iteration for the profile's crossing, kept inside a bracket."""
    if best.diverging[column] and np.sign(best.beta[column]) == side:
        return side * np.inf
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


def _next(trial, excess, slope, inner, outer, side, step):
    falling = slope * side < 0
    guess = trial - excess / slope if falling else np.nan
    if outer is None:
        furthest = trial + side * 4 * step
        if not np.isfinite(guess) or (guess - trial) * side <= 0 or (furthest - guess) * side < 0:
            guess = trial + side * 2 * step
        return guess
    low, high = min(inner, outer), max(inner, outer)
    return guess if low < guess < high else (low + high) / 2
