"""Maximisation of a likelihood, with aliased and diverging coefficients told apart."""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

# Columns are declared aliased when what the columns before them leave unexplained is below this share.
_ALIAS = 1e-11
_MAX_PASSES = 60


@dataclass(frozen=True, slots=True, eq=False)
class Derivatives:
    """Log-likelihood with its gradient, shape (p,), and information, shape (p, p), at coefficients `beta`."""

    beta: np.ndarray
    loglik: float
    gradient: np.ndarray
    information: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Maximum:
    """Where the likelihood is largest.

    Attributes
    ----------
    beta : float ndarray, shape (p,)
        0 for aliased columns.
    aliased, diverging : bool ndarray, shape (p,)
        Linear combination of columns before it (or constant); likelihood rising towards infinity.
    last : Pass
        Sums at the maximum.
    null : Pass
        Sums where the iteration began: at zero for Cox models.
    covariance : float ndarray, shape (p, p)
        Inverse information; nan for columns that are not estimable.
    score_chi2 : float
        Score test at `null`; nan without columns.
    converged : bool
    """

    beta: np.ndarray
    aliased: np.ndarray
    diverging: np.ndarray
    last: object
    null: object
    covariance: np.ndarray
    score_chi2: float
    converged: bool


def maximise(likelihood, start=None, *, rough=False):
    """Newton's method, to the last digits that the data support.

    Parameters
    ----------
    likelihood
        `at(beta)` gives a frozen dataclass with `.beta`, `.loglik`, `.gradient`, `.information`, its `beta` first;
        `n_columns` the number of coefficients; `origin()` where to begin; `needs_origin` whether that pass is
        wanted although there is a start; `yardstick(first)` what the diagonal of the information would be if
        nothing else varied (0 for constant columns) and the information's total mass, to judge both steps and
        pivots by.
    start : float ndarray, shape (p,), optional
        A guess.
    rough : bool
        Take the first step shorter than a tenth of a standard deviation of each column as the last: it leaves
        about a hundredth, enough for a guess.

    Returns
    -------
    Maximum
    """
    # A step too long overflows to a likelihood that is not finite, and is halved.
    with np.errstate(all="ignore"):
        return _maximise(likelihood, start, rough)


def _maximise(likelihood, start, rough):
    p = likelihood.n_columns
    guessed = start is not None and not likelihood.needs_origin
    null = likelihood.at(start if guessed else likelihood.origin())
    spread, mass = likelihood.yardstick(null)
    aliased = aliased_columns(null.information, spread)
    free = (~aliased).nonzero()[0]
    diverging = np.zeros(p, dtype=bool)
    if free.size == 0:
        return Maximum(null.beta, aliased, diverging, null, null, np.full((p, p), np.nan), np.nan, True)
    scale = np.sqrt(null.information.diagonal()[free])
    step = _newton_step(null, free, scale)
    score_chi2 = float(null.gradient[free] @ step)
    here = null if start is None or guessed else _better(likelihood, null, np.where(aliased, 0.0, start))
    if here is not null:
        step = _newton_step(here, free, scale)
    unit = scale / math.sqrt(mass)
    last, drifting, converged = _climb(likelihood, here, step, free, scale, unit, _tolerance(mass, rough))
    diverging[free[drifting]] = True
    stable = (~aliased & ~diverging).nonzero()[0]
    if stable.size == p:
        covariance = inverse(last.information)
    else:
        covariance, box = np.full((p, p), np.nan), np.ix_(stable, stable)
        covariance[box] = inverse(last.information[box])
    return Maximum(last.beta, aliased, diverging, last, null, covariance, score_chi2, converged)


def _tolerance(mass, rough):
    """Largest negligible step, in standard deviations of a column, and gain of the log-likelihood.

    The information belongs to the pass before the last step; where a pass is dear, it is kept to 1e-8.
    """
    if rough:
        return 0.1, 0.0
    return (1e-10, 1e-20) if mass < 10_000 else (2e-8, 1e-18)


def constrained_maximum(likelihood, start, used, fixed):
    """The pass that maximises over the `used` columns but `fixed`, which keeps its value in `start`."""
    here = likelihood.at(start)
    free = np.flatnonzero(used)
    free = free[free != fixed]
    if free.size == 0:
        return here
    scale = np.sqrt(np.maximum(here.information.diagonal()[free], 1e-300))
    mass = likelihood.yardstick(here)[1]
    with np.errstate(all="ignore"):
        step = _newton_step(here, free, scale)
        return _climb(likelihood, here, step, free, scale, scale / np.sqrt(mass), _tolerance(mass, False))[0]


def _better(likelihood, null, start):
    there = likelihood.at(start)
    return there if np.isfinite(there.loglik) and there.loglik >= null.loglik else null


def _climb(likelihood, here, step, free, scale, unit, tolerance):
    """Newton steps from `here` by `step`; the last pass, which free columns drift to infinity, and success."""
    for _ in range(_MAX_PASSES):
        gradient = here.gradient if free.size == here.gradient.size else here.gradient[free]
        gain = float(gradient @ step)
        size = np.abs(step) * unit
        longest = float(size.max())
        if longest <= tolerance[0] or 0 <= gain <= tolerance[1]:
            return _moved(here, free, step), np.zeros(free.size, dtype=bool), True
        # A likelihood that is flat although the steps stay long has its maximum at infinity.
        if gain <= 1e-11 * max(1.0, abs(here.loglik)) and longest > 1e-2:
            return here, size > 1e-2, True
        here, moved = _line_search(likelihood, here, free, step)
        if not moved:
            return here, size > 1e-2, longest < 1e-5
        step = _newton_step(here, free, scale)
    return here, np.zeros(free.size, dtype=bool), False


def _newton_step(here, free, scale):
    information, gradient = here.information, here.gradient
    if free.size < gradient.size:
        information, gradient = information[np.ix_(free, free)], gradient[free]
    scaled = information / scale / scale[:, None]
    step, failed = _positive_solver()(scaled, gradient / scale)[1:]
    if not failed:
        return step / scale
    try:
        return np.linalg.solve(scaled, gradient / scale) / scale
    except np.linalg.LinAlgError:
        return np.linalg.lstsq(scaled, gradient / scale, rcond=None)[0] / scale


@cache
def _positive_solver():
    """LAPACK's solution by Cholesky factors, (factor, solution, 0 if positive definite); loaded on first use."""
    from scipy.linalg.lapack import dposv

    return dposv


def _stepped(beta, free, step):
    if free.size == beta.size:
        return beta + step
    beta = beta.copy()
    beta[free] += step
    return beta


def _moved(here, free, step):
    """The pass with its coefficients one negligible step further: its sums are those of the maximum."""
    beta = _stepped(here.beta, free, step)
    return type(here)(beta, *(getattr(here, name) for name in list(here.__slots__)[1:]))


def _line_search(likelihood, here, free, step):
    slack = 1e-12 * max(1.0, abs(here.loglik))
    for _ in range(30):
        there = likelihood.at(_stepped(here.beta, free, step))
        if np.isfinite(there.loglik) and there.loglik >= here.loglik - slack:
            return there, True
        step = step / 2
    return here, False


def mean_squares(columns, mean):
    """Mean square of each centred column, exactly 0 for a column that is constant but for rounding."""
    squares = np.einsum("ij,ij->i", columns, columns) / max(columns.shape[1], 1)
    squares[squares <= (1e-13 * np.abs(mean)) ** 2] = 0.0
    return squares


def aliased_columns(information, spread):
    """Columns that earlier ones determine, by a Cholesky factorisation in the given order.

    `spread`, shape (p,), is what the diagonal would be if nothing else varied: pivots are judged against it.
    """
    p = spread.size
    aliased = np.zeros(p, dtype=bool)
    if _independent(information, spread):
        return aliased
    rest = information.copy()
    for j in range(p):
        if not rest[j, j] > _ALIAS * spread[j] or spread[j] == 0:
            aliased[j] = True
            continue
        row = rest[j, j + 1 :] / rest[j, j]
        rest[j + 1 :, j + 1 :] -= np.outer(row, rest[j, j + 1 :])
    return aliased


def _independent(information, spread):
    """Whether a plain Cholesky factorisation already clears every column."""
    if not spread.all():
        return False
    unit = np.sqrt(spread)
    factor, _, failed = _positive_solver()(information / unit / unit[:, None], spread)
    return not failed and factor.diagonal().min(initial=np.inf) ** 2 > _ALIAS


def inverse(matrix):
    """Inverse of a symmetric positive matrix, scaled to a unit diagonal first; nan if it is singular."""
    if matrix.size == 0:
        return matrix.copy()
    scale = np.sqrt(np.abs(matrix.diagonal()))
    scale[scale == 0] = 1.0
    scaled = matrix / scale / scale[:, None]
    inverted, failed = _positive_solver()(scaled, np.eye(scale.size))[1:]
    if failed:
        try:
            inverted = np.linalg.inv(scaled)
        except np.linalg.LinAlgError:
            return np.full(matrix.shape, np.nan)
    return (inverted + inverted.T) / 2 / scale / scale[:, None]
