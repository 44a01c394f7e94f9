"""Gray's test that the cumulative incidence of a cause is the same in all groups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .arrays import AnyArray, Array, IntArray
from .incidence_variance import correct_ties
from .quadratic import rank_form
from .radix_order import order_of_codes
from .tails import chi2_upper
from .timeline import Timeline, tail_sums


@dataclass(frozen=True, slots=True, eq=False)
class GrayTest:
    """Result of Gray's test for one cause.

    Attributes
    ----------
    cause : int
    chi2, df, p : float, int, float
        On the rank of the covariance: groups that are never at risk together at an event add no degree of freedom.
    score : float ndarray, shape (groups,)
        Weighted observed less expected events of each group.
    covariance : float ndarray, shape (groups, groups)
    method : str
    """

    cause: int
    chi2: float
    df: int
    p: float
    score: Array
    covariance: Array
    method: str

    def __str__(self) -> str:
        return f"{self.method}, cause {self.cause}: chi-square = {self.chi2:.6g} on {self.df} df, P = {self.p:.4g}"


def gray_tests(
    line: Timeline,
    cause: IntArray,
    present: IntArray,
    group: IntArray,
    levels: AnyArray,
    strata: IntArray | None,
    rho: float,
) -> tuple[GrayTest, ...]:
    """Gray's test of each cause on laid-out rows.

    Parameters
    ----------
    line : Timeline
    cause, group : intp ndarray, shape (n,)
        0 for censoring, else one of `present`; codes of `levels`.
    present : intp ndarray, shape (c,)
    levels : ndarray, shape (k,)
    strata : intp ndarray, shape (n,), or None
        Codes 0, 1, ...
    rho : float

    Returns
    -------
    tuple of GrayTest

    References
    ----------
    Gray RJ. Ann Stat 1988;16:1141-1154.
    """
    k, c = levels.size, present.size
    place = cause_place(cause, present)
    score, covariance = np.zeros((c, k)), np.zeros((c, k, k))
    for code, rows, size in _parts(line, strata):
        counts = _counts(code, place[rows], c, group[rows], k, size)
        if counts[0].size:
            s, v = _scores(*counts, rho)
            score += s
            covariance += v
    name = "Gray's test" + (f", rho = {rho:g}" if rho else "") + (", stratified" if strata is not None else "")
    tests = []
    for which, s, v in zip(present.tolist(), score, covariance, strict=True):
        chi2, df = _two_groups(float(s[0]), float(v[0, 0])) if k == 2 else rank_form(s, v)
        tests.append(GrayTest(which, chi2, df, chi2_upper(chi2, df), s, v, name))
    return tuple(tests)


def _two_groups(score: float, variance: float) -> tuple[float, int]:
    return (score**2 / variance, 1) if variance > 0 else (0.0, 0)


def cause_place(cause: IntArray, present: IntArray) -> IntArray:
    """0 for censoring, 1, 2, ... for the causes of `present`, which are all that occur."""
    if not present.size or present[-1] == present.size:
        return cause
    return np.searchsorted(present, cause, side="right")


def _parts(line: Timeline, strata: IntArray | None) -> Iterator[tuple[IntArray, IntArray | slice, int]]:
    """Places in time, rows, and number of places, of each stratum."""
    if strata is None:
        yield line.code, slice(None), line.values.size
        return
    order = order_of_codes(strata, int(strata.max()) + 1)
    ends = np.cumsum(np.bincount(strata))
    for start, stop in zip((ends - np.bincount(strata)).tolist(), ends.tolist(), strict=True):
        rows = order[start:stop]
        values, code = np.unique(line.code[rows], return_inverse=True)
        yield code.reshape(-1), rows, values.size


def _counts(place: IntArray, cause: IntArray, c: int, group: IntArray, k: int, size: int) -> tuple[Array, Array]:
    """At risk, (groups, times), and events, (causes, groups, times), at times with any event."""
    table = np.bincount((cause * k + group) * size + place, minlength=(c + 1) * k * size).reshape(c + 1, k, size)
    happened = np.flatnonzero(table[1:].any(axis=(0, 1)))
    at_risk = tail_sums(table.sum(axis=0)).take(happened, axis=1)
    return at_risk.astype(float), table[1:].take(happened, axis=2).astype(float)


def _scores(at_risk: Array, own: Array, rho: float) -> tuple[Array, Array]:
    """Scores, (causes, groups), and covariances, (causes, groups, groups), of one stratum.

    Written with r = at risk / S(t-) of each group, the risk set of the subdistribution; `follow` is the integral
    of the score's weights against the pooled subdistribution hazard, through which earlier events act on later
    ones.  Of two groups the second has the negative of the first's score, so that one is enough.
    """
    k = at_risk.shape[0]
    head = slice(1) if k == 2 else slice(None)
    every = own.sum(axis=0)
    per_head = np.where(at_risk > 0, 1 / np.maximum(at_risk, 1.0), 0.0)
    survival: Array = (1 - every * per_head).cumprod(axis=1)
    before = _lagged(survival, 1.0)
    per_head *= before
    risk = at_risk / np.where(before > 0, before, 1.0)
    total = risk.sum(axis=0)
    d1 = own.sum(axis=1)
    hazard = d1 / total
    pooled = hazard.cumsum(axis=1)
    pooled_before = _lagged(pooled, 0.0)
    staying = 1 - pooled_before
    share = risk * (1 - _lagged((own * per_head).cumsum(axis=2), 0.0))
    excess = own[:, head] - (d1 / share.sum(axis=1))[:, None] * share[:, head]
    weight = staying**rho if rho else None
    if weight is not None:
        excess *= weight[:, None]
    score, slope = excess.sum(axis=2), hazard / staying
    covariance = np.zeros((*score.shape, score.shape[1]))
    inverse = np.where(survival > 0, 1 / np.where(survival > 0, survival, 1.0), 0.0)
    for g in range(k):
        ratio = (1 - pooled) * inverse[g]
        spread = risk[head] * (-risk[g] / total)
        if g < spread.shape[0]:
            spread[g] += risk[g]
        own_weight = hazard * per_head[g]
        correct_ties(own_weight, d1, total * before[g])
        other = every[g] - own[:, g]
        other_weight = other * per_head[g] ** 2
        correct_ties(other_weight, other, at_risk[g])
        covariance += _variance(spread, weight, slope, ratio, own_weight, other_weight)
    if k == 2:
        return np.hstack((score, -score)), covariance * np.array([[1.0, -1.0], [-1.0, 1.0]])
    return score, covariance


def _variance(spread: Array, weight: Array | None, slope: Array, ratio: Array, own_weight: Array, other_weight: Array) -> Array:
    """What one group's own and competing events bring into the variance of the scores, shape (causes, rows, rows).

    spread: shape (rows, times); the others (causes, times).
    """
    moved = spread[None] if weight is None else spread * weight[:, None]
    follow = (moved * slope[:, None]).cumsum(axis=2)
    # What an event at t adds to the score: its own weight there, and by the later subdistribution, follow.
    later = follow[..., -1:] - follow
    by_other = ratio[:, None] * later
    by_own = moved + later - by_other
    own = (by_own * own_weight[:, None]) @ by_own.swapaxes(1, 2)
    return own + (by_other * other_weight[:, None]) @ by_other.swapaxes(1, 2)


def _lagged(values: Array, start: float) -> Array:
    late = np.empty_like(values)
    late[..., 0] = start
    late[..., 1:] = values[..., :-1]
    return late
