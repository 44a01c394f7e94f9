"""The partial likelihood where it rises for ever: strata in which nobody falls behind.

Along a direction of recession d an event keeps in its risk set only those who share its value of d'x; the limit of
the likelihood is that of the same model stratified by d'x, with the same ties, weights, entries and score residuals.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .arrays import Array, BoolArray, IntArray
from .cox_dense import dense_or_same
from .cox_exact import ExactLikelihood, ExactPass
from .cox_likelihood import PartialLikelihood, Pass
from .cox_risk_sets import RiskSets, risk_sets
from .newton import Derivatives, Iterate, Likelihood, Maximum, maximise
from .recession import RiskPairs, levels_of
from .validation import Observations

# An event whose linear predictor stands this far above everybody else at risk says nothing more about the slope.
APART = 30.0
_PART = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class CoxProblem:
    """A Cox model of chosen columns; `strata` codes, shape (n,), or None; `scale` standard deviations of the columns."""

    seen: Observations
    X: Array
    strata: IntArray | None
    offset: Array | None
    ties: str
    scale: Array

    def likelihood(self) -> ExactLikelihood | PartialLikelihood:
        """Of the rows at risk."""
        sets = risk_sets(self.seen, self.X, self.strata, self.offset)
        return ExactLikelihood(sets) if self.ties == "exact" else PartialLikelihood(sets, self.ties == "efron")

    def maximum(self, start: Array | None = None) -> Maximum[Derivatives | Pass | ExactPass]:
        """Largest likelihood."""
        return largest(self.likelihood(), start)

    def slope(self, best: Maximum[Iterate]) -> Array:
        """Gradient at coefficients of zero."""
        return best.null.gradient

    def pairs(self) -> RiskPairs:
        """Events and those at risk with them, in scaled columns."""
        sets = risk_sets(self.seen, self.X, self.strata, self.offset)
        return risk_pairs(sets, self.scale, self.ties == "exact")

    def beyond(self, d: Array) -> CoxProblem:
        """The model stratified by the value of the (scaled) direction `d`."""
        level, _ = levels_of(self.X @ (d / self.scale))
        joint = level if self.strata is None else self.strata * (level.max() + 1) + level
        return replace(self, strata=np.unique(joint, return_inverse=True)[1].reshape(-1))


def largest(
    likelihood: PartialLikelihood | ExactLikelihood, start: Array | None = None
) -> Maximum[Derivatives | Pass | ExactPass]:
    """The maximum, by whichever form of the likelihood is the fastest."""
    chosen: Likelihood[Derivatives | Pass | ExactPass]
    chosen = likelihood if isinstance(likelihood, ExactLikelihood) else dense_or_same(likelihood)
    return maximise(chosen, start)


def risk_pairs(sets: RiskSets, scale: Array, exact: bool = False, apart: bool = False) -> RiskPairs:
    """Slots at which each row can be compared with the events; with `exact` or `apart` not with those tied to it."""
    first, slot = sets.interval()
    last = slot - sets.event if exact or apart else slot
    return RiskPairs(sets.columns / scale[:, None], sets.event, slot, first, last, sets.n_slots)


def standing_apart(pairs: RiskPairs, beta: Array) -> BoolArray:
    """Columns by which some event stands more than 30 above everybody else at risk, on the scale of log hazards.

    Parameters
    ----------
    pairs : RiskPairs
        Of unscaled columns, tied events not compared with each other.
    beta : float ndarray, shape (p,)

    Returns
    -------
    bool ndarray, shape (p,)
        Those that bring a tenth of the distance or more.
    """
    found = np.zeros(beta.size, dtype=bool)
    value = beta @ pairs.columns
    if value.size == 0 or not np.ptp(value) > APART:
        return found
    event, other, known = pairs.extremes(value)
    distance = np.where(known, value[event] - value[other], 0.0)
    for s in np.flatnonzero(distance > APART):
        part = beta * (pairs.columns[:, event[s]] - pairs.columns[:, other[s]])
        found |= part >= _PART * distance[s]
    return found


def events_apart(likelihood: ExactLikelihood | PartialLikelihood, beta: Array) -> BoolArray:
    """:func:`standing_apart` of a partial likelihood; costs one product where nothing stands apart."""
    if not np.ptp(beta @ likelihood.sets.columns) > APART:
        return np.zeros(beta.size, dtype=bool)
    return standing_apart(risk_pairs(likelihood.sets, np.ones(beta.size), apart=True), beta)
