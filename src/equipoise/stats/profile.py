"""Limits of coefficients from the profile of a (penalised) likelihood."""

from __future__ import annotations

import numpy as np

from .arrays import Array
from .newton import Likelihood, Maximum, P, constrained_maximum, learn
from .secant import Curvature
from .tails import chi2_upper, two_sided_z

_MAX_TRIALS = 60
_MAX_JOINT = 60
_FAR = 40.0
# Two searches of the same maximum agree at least to this.
_LEVEL = 1e-8


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
    here = constrained_maximum(likelihood, _moved(best, column, 0.0), ~best.aliased, column)
    return float(chi2_upper(max(2 * (best.last.loglik - here.loglik), 0.0), 1))


def _moved(best: Maximum[P], column: int, value: float) -> Array:
    """Coefficients with one at `value` and the others where a parabola has its maximum then."""
    along = best.covariance[column]
    moved = best.beta.copy()
    if along[column] > 0:
        moved += np.where(np.isfinite(along), along, 0.0) * ((value - moved[column]) / along[column])
    moved[column] = value
    return moved


def _limit(likelihood: Likelihood[P], best: Maximum[P], column: int, drop: float, side: float) -> float:
    if best.diverging[column] and np.sign(best.beta[column]) == side:
        return side * np.inf
    found = _joint(likelihood, best, column, drop, side)
    if found is None or (likelihood.penalised and not _highest(likelihood, best, column, drop, found)):
        return _nested(likelihood, best, column, drop, side)
    return found


def _highest(likelihood: Likelihood[P], best: Maximum[P], column: int, drop: float, found: float) -> bool:
    """Whether the profile is at the bound there: a penalised likelihood is not concave, and the joint search may end aside."""
    here = constrained_maximum(likelihood, _moved(best, column, found), ~best.aliased, column, _LEVEL / 100)
    return abs(here.loglik - best.last.loglik + drop) < _LEVEL


def _joint(likelihood: Likelihood[P], best: Maximum[P], column: int, drop: float, side: float) -> float | None:
    """Venzon and Moolgavkar's iteration of all coefficients at once, one pass a step; None where it does not settle."""
    used = np.flatnonzero(~best.aliased)
    box, place = np.ix_(used, used), int(np.searchsorted(used, column))
    learned = Curvature(used.size) if likelihood.penalised else None
    target, here = best.last.loglik - drop, best.last
    beta = best.beta
    with np.errstate(all="ignore"):
        for _ in range(_MAX_JOINT):
            information = here.information[box]
            if learned is not None:
                information = learned.whole(information)
            step = _joint_step(information, here.gradient[used], here.loglik - target, place, side)
            if step is None:
                return None
            move, settled = step
            beta = beta.copy()
            beta[used] += move
            if settled:
                right = (beta[column] - best.beta[column]) * side > 0
                return float(beta[column]) if right else None
            there = likelihood.at(beta)
            if not np.isfinite(there.loglik):
                return None
            if learned is not None:
                learn(learned, here, there, used)
            here = there
    return None


def _joint_step(information: Array, gradient: Array, excess: float, place: int, side: float) -> tuple[Array, bool] | None:
    """The step to where a parabola's profile crosses the bound, and whether it is negligible; None without a crossing."""
    others = np.flatnonzero(np.arange(gradient.size) != place)
    across = information[others, place]
    try:
        solved = np.linalg.solve(information[np.ix_(others, others)], np.column_stack((gradient[others], across)))
    except np.linalg.LinAlgError:
        return None
    pull = float(gradient[others] @ solved[:, 0])
    slope = float(gradient[place] - across @ solved[:, 0])
    bend = float(information[place, place] - across @ solved[:, 1])
    above = excess + pull / 2
    inside = slope**2 + 2 * bend * above
    if not (bend > 0 and inside >= 0 and np.isfinite(inside)):
        return None
    step = (slope + side * np.sqrt(inside)) / bend
    move = np.zeros(gradient.size)
    move[place] = step
    move[others] = solved[:, 0] - solved[:, 1] * step
    return move, abs(above) < 1e-11 and pull < 1e-11 and abs(step) * np.sqrt(bend) < 1e-9


def _nested(likelihood: Likelihood[P], best: Maximum[P], column: int, drop: float, side: float) -> float:
    """Newton's iteration for the profile's crossing, kept inside a bracket."""
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
