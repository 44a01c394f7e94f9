"""Maximisation of a likelihood, with aliased and diverging coefficients told apart."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Generic, Protocol, TypeVar

import numpy as np

from .arrays import Array, BoolArray, IntArray
from .secant import Curvature

# Columns are declared aliased when what the columns before them leave unexplained is below this share.
_ALIAS = 1e-11
_MAX_PASSES = 60


class Iterate(Protocol):
    """One pass of a likelihood at coefficients `beta`: what Newton's method reads of it."""

    @property
    def beta(self) -> Array: ...
    @property
    def loglik(self) -> float: ...
    @property
    def gradient(self) -> Array: ...
    @property
    def information(self) -> Array: ...


P = TypeVar("P", bound=Iterate)
P_co = TypeVar("P_co", bound=Iterate, covariant=True)


class Likelihood(Protocol[P_co]):
    """What can be maximised: see :func:`maximise`."""

    @property
    def n_columns(self) -> int: ...
    @property
    def needs_origin(self) -> bool: ...
    @property
    def penalised(self) -> bool: ...
    def origin(self) -> Array: ...
    def at(self, beta: Array) -> P_co: ...
    def yardstick(self, first: Iterate) -> tuple[Array, float]: ...


@dataclass(frozen=True, slots=True, eq=False)
class Derivatives:
    """Log-likelihood with its gradient, shape (p,), and information, shape (p, p), at coefficients `beta`."""

    beta: Array
    loglik: float
    gradient: Array
    information: Array


@dataclass(frozen=True, slots=True, eq=False)
class Maximum(Generic[P_co]):
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

    beta: Array
    aliased: BoolArray
    diverging: BoolArray
    last: P_co
    null: P_co
    covariance: Array
    score_chi2: float
    converged: bool


def maximise(likelihood: Likelihood[P], start: Array | None = None, *, rough: bool = False) -> Maximum[P]:
    """Newton's method, to the last digits that the data support.

    Parameters
    ----------
    likelihood
        `at(beta)` gives a frozen dataclass with `.beta`, `.loglik`, `.gradient`, `.information`, its `beta` first;
        `n_columns` the number of coefficients; `origin()` where to begin; `needs_origin` whether that pass is
        wanted although there is a start; `penalised` whether the information leaves out the curvature of a penalty;
        `yardstick(first)` what the diagonal of the information would be if
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


def _maximise(likelihood: Likelihood[P], start: Array | None, rough: bool) -> Maximum[P]:
    p = likelihood.n_columns
    origin = start if not likelihood.needs_origin else None
    guessed = origin is not None
    null = likelihood.at(likelihood.origin() if origin is None else origin)
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


def _tolerance(mass: float, rough: bool) -> tuple[float, float]:
    """Largest negligible step, in standard deviations of a column, and gain of the log-likelihood.

    The information belongs to the pass before the last step; where a pass is dear, it is kept to 1e-8.
    """
    if rough:
        return 0.1, 0.0
    return (1e-10, 1e-20) if mass < 10_000 else (2e-8, 1e-18)


def constrained_maximum(likelihood: Likelihood[P], start: Array, used: BoolArray, fixed: int, gain: float | None = None) -> P:
    """The pass that maximises over the `used` columns but `fixed`, which keeps its value in `start`.

    gain: of the log-likelihood that a last step may leave, where its value alone is wanted.
    """
    here = likelihood.at(start)
    free = np.flatnonzero(used)
    free = free[free != fixed]
    if free.size == 0:
        return here
    scale = np.sqrt(np.maximum(here.information.diagonal()[free], 1e-300))
    mass = likelihood.yardstick(here)[1]
    tolerance = _tolerance(mass, False) if gain is None else (0.0, gain)
    with np.errstate(all="ignore"):
        step = _newton_step(here, free, scale)
        return _climb(likelihood, here, step, free, scale, scale / np.sqrt(mass), tolerance)[0]


def _better(likelihood: Likelihood[P], null: P, start: Array) -> P:
    there = likelihood.at(start)
    return there if np.isfinite(there.loglik) and there.loglik >= null.loglik else null


def _climb(
    likelihood: Likelihood[P], here: P, step: Array, free: IntArray, scale: Array, unit: Array, tolerance: tuple[float, float]
) -> tuple[P, BoolArray, bool]:
    """Newton steps from `here` by `step`; the last pass, which free columns drift to infinity, and success."""
    learned = Curvature(free.size) if likelihood.penalised else None
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
        there, moved = _line_search(likelihood, here, free, step)
        if not moved:
            return here, size > 1e-2, longest < 1e-5
        if learned is not None:
            learn(learned, here, there, free)
        here = there
        step = _newton_step(here, free, scale, learned)
    return here, np.zeros(free.size, dtype=bool), False


def learn(curvature: Curvature, here: Iterate, there: Iterate, free: IntArray) -> None:
    """Take in the step from one pass to another, which the `free` columns made."""
    step = there.beta[free] - here.beta[free]
    curvature.learn(step, here.gradient[free], there.gradient[free], there.information[np.ix_(free, free)])


def _newton_step(here: Iterate, free: IntArray, scale: Array, learned: Curvature | None = None) -> Array:
    information, gradient = here.information, here.gradient
    if free.size < gradient.size:
        information, gradient = information[np.ix_(free, free)], gradient[free]
    if learned is not None:
        information = learned.whole(information)
    scaled = information / scale / scale[:, None]
    step, failed = _positive_solver()(scaled, gradient / scale)[1:]
    if not failed:
        return step / scale
    try:
        return np.linalg.solve(scaled, gradient / scale) / scale
    except np.linalg.LinAlgError:
        return np.linalg.lstsq(scaled, gradient / scale, rcond=None)[0] / scale


@cache
def _positive_solver() -> Callable[[Array, Array], tuple[Array, Array, int]]:
    """LAPACK's solution by Cholesky factors, (factor, solution, 0 if positive definite); loaded on first use."""
    from scipy.linalg.lapack import dposv

    return dposv


def _stepped(beta: Array, free: IntArray, step: Array) -> Array:
    if free.size == beta.size:
        return beta + step
    beta = beta.copy()
    beta[free] += step
    return beta


def _moved(here: P, free: IntArray, step: Array) -> P:
    """The pass with its coefficients one negligible step further: its sums are those of the maximum."""
    beta = _stepped(here.beta, free, step)
    # A pass is a frozen dataclass with `beta` first; dataclasses.replace would look at each field again in every step.
    names = list(here.__slots__)[1:]  # type: ignore[attr-defined]  # a protocol cannot say that a class has slots
    return type(here)(beta, *(getattr(here, name) for name in names))  # type: ignore[call-arg]  # nor how it is made


def _line_search(likelihood: Likelihood[P], here: P, free: IntArray, step: Array) -> tuple[P, bool]:
    slack = 1e-12 * max(1.0, abs(here.loglik))
    for _ in range(30):
        there = likelihood.at(_stepped(here.beta, free, step))
        if np.isfinite(there.loglik) and there.loglik >= here.loglik - slack:
            return there, True
        step = step / 2
    return here, False


def mean_squares(columns: Array, mean: Array) -> Array:
    """Mean square of each centred column, exactly 0 for a column that is constant but for rounding."""
    rows: int = columns.shape[1]
    squares: Array = np.einsum("ij,ij->i", columns, columns)
    squares /= max(rows, 1)
    squares[squares <= (1e-13 * np.abs(mean)) ** 2] = 0.0
    return squares


def aliased_columns(information: Array, spread: Array) -> BoolArray:
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


def _independent(information: Array, spread: Array) -> bool:
    """Whether a plain Cholesky factorisation already clears every column."""
    if not spread.all():
        return False
    unit = np.sqrt(spread)
    factor, _, failed = _positive_solver()(information / unit / unit[:, None], spread)
    return not failed and bool(factor.diagonal().min(initial=np.inf) ** 2 > _ALIAS)


def inverse(matrix: Array) -> Array:
    """Inverse of a symmetric positive matrix, scaled to a unit diagonal first; nan if it is singular."""
    if matrix.size == 0:
        return matrix.copy()
    scale = np.sqrt(np.abs(matrix.diagonal()))
    scale[scale == 0] = 1.0
    scaled = matrix / scale / scale[:, None]
    inverted, failed = _positive_solver()(scaled, np.eye(scale.size))[1:]
    if failed:
        try:
            inverted = np.asarray(np.linalg.inv(scaled), dtype=np.float64)
        except np.linalg.LinAlgError:
            return np.full(matrix.shape, np.nan)
    return (inverted + inverted.T) / 2 / scale / scale[:, None]
