"""What stays estimable where a likelihood rises for ever: the model in the limit.

Along a direction of recession the rows that fall behind leave the risk sets; the likelihood of those left has a
finite maximum in every other direction.  A coefficient is estimable where no direction of recession moves it,
whichever level of a factor is the reference, and so is each contrast of coefficients.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, Protocol, Self, TypeVar

import numpy as np

from .arrays import Array, BoolArray
from .newton import Iterate, Maximum, P, P_co, inverse
from .recession import Cone, Pairs

_FLAT = 1e-10  # of the information scaled to that at the origin: the likelihood is flat (nearly monotone)
_MOVES = 1e-6  # of a direction scaled to standard deviations: smaller parts are rounding
_CLEAR = 1e-4  # of the longest side of a direction: a column that moves less is not said to go anywhere
SURE = 1e4  # a variance this many times what it was at the origin asks for a closer look


def doubtful(best: Maximum[Iterate]) -> bool:
    """Whether a maximum looks as if it might lie at infinity; costs nothing on ordinary data."""
    if best.diverging.any() or not best.converged:
        return True
    inflation = best.covariance.diagonal() * best.null.information.diagonal()
    return not (inflation if not best.aliased.any() else inflation[~best.aliased]).max(initial=0.0) < SURE


class Problem(Protocol[P_co]):
    """What can be followed to infinity: see :func:`limit_of`."""

    @property
    def scale(self) -> Array: ...
    def pairs(self) -> Pairs: ...
    def slope(self, best: Any) -> Array: ...
    def beyond(self, d: Array) -> Self: ...
    def maximum(self) -> Maximum[P_co]: ...


Q = TypeVar("Q", bound=Problem[Any])


@dataclass(frozen=True, slots=True, eq=False)
class Limit(Generic[Q, P_co]):
    """A maximum with what diverges taken to infinity.

    Attributes
    ----------
    problem
        The likelihood in the limit, see :func:`limit_of`.
    best : Maximum
        Of that likelihood.
    flat : float ndarray, shape (p, q)
        Base of the directions that move nothing any more: those of recession and, for a nearly monotone likelihood,
        those along which it is flat.
    estimable : bool ndarray, shape (p,)
    covariance : float ndarray, shape (p, p)
        Inverse information, 0 for columns that the limit leaves aside; right for contrasts that `flat` does not move.
    cone : Cone
        Of the problem that was begun with.
    scale : float ndarray, shape (p,)
    """

    problem: Q
    best: Maximum[P_co]
    flat: Array
    estimable: BoolArray
    covariance: Array
    cone: Cone
    scale: Array

    def side(self, weights: Array) -> float:
        """Whether the combination of coefficients goes to infinity (1) or minus infinity (-1); 0: not determined."""
        return float(self._reaches(weights / self.scale)) - float(self._reaches(-weights / self.scale))

    def _reaches(self, objective: Array) -> bool:
        d = self.cone.furthest(objective)
        return d is not None and bool(objective @ d > _CLEAR * np.abs(objective).max())

    def sides(self) -> Array:
        """The side of each column, shape (p,); 0 for what is estimable."""
        out = np.zeros(self.estimable.size)
        for k in np.flatnonzero(~self.estimable):
            out[k] = self.side(np.eye(out.size)[k])
        return out


def limit_of(problem: Q, best: Maximum[P]) -> Limit[Q, P]:
    """Follow a likelihood to where it rises.

    Parameters
    ----------
    problem
        ``.scale`` standard deviations of the columns; ``.pairs()`` for the inequalities, in scaled columns;
        ``.slope(best)`` the gradient at the origin; ``.beyond(d)`` the problem without the rows that fall behind
        along the (scaled) `d`; ``.maximum()``.
    best : Maximum
        Of `problem`.

    Returns
    -------
    Limit
    """
    scale, cone = problem.scale, Cone(problem.pairs(), ~best.aliased)
    inner = cone
    for _ in range(best.beta.size):
        trial = np.where(np.isfinite(best.beta), best.beta, 0.0) * scale
        d = inner.furthest(problem.slope(best) / scale, trial)
        if d is None:
            break
        problem = problem.beyond(d)
        best = problem.maximum()
        if not doubtful(best):
            break
        inner = Cone(problem.pairs(), ~best.aliased)
    flat = np.column_stack((_constant(best, scale), _nearly_flat(best, scale)))
    flat[np.abs(flat) <= _MOVES * np.abs(flat).max(axis=0, initial=0.0)] = 0.0
    estimable = ~flat.any(axis=1)
    covariance = np.zeros_like(best.covariance)
    box = np.ix_(~best.aliased, ~best.aliased)
    covariance[box] = inverse(best.last.information[box])
    estimable &= best.converged & ~best.diverging
    return Limit(problem, best, flat / scale[:, None], estimable, covariance, cone, scale)


def _constant(best: Maximum[Iterate], scale: Array) -> Array:
    """For each aliased column the combination with the others that is constant in every risk set; scaled columns."""
    free, out = np.flatnonzero(~best.aliased), np.flatnonzero(best.aliased)
    base = np.zeros((best.beta.size, out.size))
    base[out, np.arange(out.size)] = 1.0
    if free.size and out.size:
        information = best.null.information / scale / scale[:, None]
        base[np.ix_(free, np.arange(out.size))] = -np.linalg.lstsq(
            information[np.ix_(free, free)], information[np.ix_(free, out)], rcond=None
        )[0]
    return base


def _nearly_flat(best: Maximum[Iterate], scale: Array) -> Array:
    """Directions along which the information has all but vanished, in scaled columns."""
    free = np.flatnonzero(~best.aliased)
    base = np.zeros((best.beta.size, 0))
    information = best.last.information[np.ix_(free, free)]
    if free.size == 0 or not np.isfinite(information).all():
        return base
    unit = np.sqrt(best.null.information.diagonal()[free])
    value, vector = np.linalg.eigh(information / unit / unit[:, None])
    found = np.zeros((best.beta.size, int((value < _FLAT).sum())))
    found[free] = vector[:, value < _FLAT] * (scale[free] / unit)[:, None]
    return found
