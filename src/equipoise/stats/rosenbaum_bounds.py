"""Rosenbaum bounds: how unequal the odds of treatment within pairs would have to be to explain a result away."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .ranks import average_ranks
from .tails import normal_lower
from .timeline import lay_out
from .validation import ArrayError, indicator, labels, observations, probability, require, vector, whole

Floats = NDArray[np.float64]
_FURTHEST = 1e6


@dataclass(frozen=True, slots=True, eq=False)
class RosenbaumBounds:
    """One-sided P values at odds of treatment up to gamma within pairs.

    Attributes
    ----------
    gamma, p_upper, p_lower : float ndarray, shape (k,)
        With gamma 1 both are the randomisation test's.
    tipping : float
        Largest gamma at which `p_upper` is at most `alpha`: nan where it is above already at 1, inf where it never is.
    pairs : int
        Pairs that tell anything: without a difference of 0, or discordant.
    statistic : float
        Sum of the positive ranks, or the larger count of discordant pairs.
    flipped : bool
        True where the bounds are for an effect below zero, to which the data point.
    """

    gamma: Floats
    p_upper: Floats
    p_lower: Floats
    tipping: float
    alpha: float
    pairs: int
    statistic: float
    flipped: bool
    method: str

    def __str__(self) -> str:
        rows = [f"  gamma {g:g}: P {a:.4g} to {b:.4g}" for g, a, b in zip(self.gamma, self.p_lower, self.p_upper, strict=True)]
        return "\n".join([f"{self.method}, {self.pairs} pairs; P = {self.alpha:g} at gamma {self.tipping:.4g}", *rows])


def rosenbaum_signed_rank(
    difference: ArrayLike, gamma: ArrayLike = (1.0, 1.1, 1.25, 1.5, 2.0, 3.0), *, alpha: float = 0.05
) -> RosenbaumBounds:
    """Bounds of Wilcoxon's signed rank test over matched pairs.

    Parameters
    ----------
    difference : array_like, shape (pairs,)
        Outcome of the treated less that of the control; zeros are dropped.  Where they sum to less than zero, their
        signs are turned.
    gamma : array_like
        Odds ratios of treatment within a pair, at least 1.
    alpha : float, default 0.05
        One-sided level of the tipping point.

    Returns
    -------
    RosenbaumBounds
        Mid-ranks, normal approximation, no continuity correction (as `psens` of rbounds).

    References
    ----------
    Rosenbaum PR. Observational Studies, 2nd ed. 2002, section 4.3.
    """
    d = vector(difference, "difference")
    d = d[d != 0]
    require(d.size > 0, "every difference is zero: there is nothing to bound.")
    flipped = bool(d.sum() < 0)
    if flipped:
        d = -d
    rank = average_ranks(np.abs(d))
    total, squares, found = float(rank.sum()), float(rank @ rank), float(rank[d > 0].sum())

    def upper(odds: float) -> float:
        share = odds / (1 + odds)
        return float(normal_lower(-(found - share * total) / math.sqrt(share * (1 - share) * squares)))

    return _bounds(upper, gamma, alpha, d.size, found, flipped, "Rosenbaum bounds, signed rank test (normal approximation)")


def rosenbaum_binary(
    treated_only: int, control_only: int, gamma: ArrayLike = (1.0, 1.1, 1.25, 1.5, 2.0, 3.0), *, alpha: float = 0.05
) -> RosenbaumBounds:
    """Bounds of McNemar's exact test over matched pairs with a binary outcome.

    Parameters
    ----------
    treated_only, control_only : int
        Discordant pairs, by who had the event; of survival, by who had it first.
    gamma, alpha
        As :func:`rosenbaum_signed_rank`.

    Returns
    -------
    RosenbaumBounds
        P(X >= the larger count), X binomial.  (`binarysens` of rbounds takes P(X > ...), one pair too few.)

    References
    ----------
    Rosenbaum PR. Observational Studies, 2nd ed. 2002, section 4.3.
    """
    from scipy.special import bdtrc

    a, b = whole(treated_only, "treated_only"), whole(control_only, "control_only")
    require(a + b > 0, "no pair is discordant: there is nothing to bound.")

    def upper(odds: float) -> float:
        return float(bdtrc(max(a, b) - 1, a + b, odds / (1 + odds)))

    return _bounds(upper, gamma, alpha, a + b, max(a, b), b > a, "Rosenbaum bounds, McNemar's exact test")


def first_in_pairs(time: ArrayLike, event: ArrayLike, treated: ArrayLike, pair: ArrayLike) -> tuple[int, int]:
    """Pairs in which the (treated, control) is known to have had the event first.

    Parameters
    ----------
    time, event, treated : array_like, shape (n,)
        An event comes before a censoring at the same time; two events at one time decide nothing.
    pair : array_like, shape (n,)
        Labels, each of one treated and one control.

    Returns
    -------
    (int, int)
        For :func:`rosenbaum_binary`.  Their log ratio is the hazard ratio of a Cox model stratified on the pairs.
    """
    seen = observations(time, event)
    arm, code = indicator(treated, "treated", seen.time.size), labels(pair, "pair", seen.time.size)[0]
    order = np.lexsort((~arm, code))
    one, other = order[::2], order[1::2]
    whole_pairs = order.size % 2 == 0 and np.array_equal(code[one], code[other]) and arm[one].all() and not arm[other].any()
    require(
        bool(whole_pairs and np.unique(code).size == one.size), "pair: every label must belong to one treated and one control."
    )
    place = lay_out(seen.time).code

    def first(a: NDArray[np.intp], b: NDArray[np.intp]) -> int:
        before = (place[a] < place[b]) | ((place[a] == place[b]) & ~seen.event[b])
        return int((seen.event[a] & before).sum())

    return first(one, other), first(other, one)


def _bounds(
    upper: Callable[[float], float], gamma: ArrayLike, alpha: float, pairs: int, statistic: float, flipped: bool, method: str
) -> RosenbaumBounds:
    odds = vector(np.atleast_1d(np.asarray(gamma, dtype=float)), "gamma")
    if odds.size and odds.min() < 1:
        raise ArrayError("gamma must be at least 1: the odds of treatment within a pair, the larger over the smaller.")
    above, below = np.array([upper(g) for g in odds]), np.array([upper(1 / g) for g in odds])
    tipping = _tipping(upper, probability(alpha, "alpha"))
    return RosenbaumBounds(odds, above, below, tipping, alpha, pairs, float(statistic), flipped, method)


def _tipping(upper: Callable[[float], float], alpha: float) -> float:
    if upper(1.0) > alpha:
        return math.nan
    if upper(_FURTHEST) <= alpha:
        return math.inf
    low, high = 0.0, math.log(_FURTHEST)
    for _ in range(200):
        middle = (low + high) / 2
        if upper(math.exp(middle)) <= alpha:
            low = middle
        else:
            high = middle
    return math.exp(low)
