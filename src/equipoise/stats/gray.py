"""Gray's test that the cumulative incidence of a cause is the same in all groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import AnyArray, Array, BoolArray, IntArray
from .quadratic import rank_form
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


def gray_test(
    line: Timeline, cause: IntArray, which: int, group: IntArray, levels: AnyArray, strata: IntArray | None, rho: float
) -> GrayTest:
    """Gray's test of cause `which` on laid-out rows.

    Parameters
    ----------
    line : Timeline
    cause, group : intp ndarray, shape (n,)
    which : int
    levels : ndarray, shape (k,)
    strata : intp ndarray, shape (n,), or None
    rho : float

    Returns
    -------
    GrayTest

    References
    ----------
    Gray RJ. Ann Stat 1988;16:1141-1154.
    """
    k = levels.size
    score, covariance = np.zeros(k), np.zeros((k, k))
    for rows in [slice(None)] if strata is None else [strata == s for s in np.unique(strata)]:
        part = _counts(line.code[rows], cause[rows], which, group[rows], k, line.values.size)
        s, v = _score(*part, rho)
        score += s
        covariance += v
    chi2, df = rank_form(score, covariance)
    name = "Gray's test" + (f", rho = {rho:g}" if rho else "") + (", stratified" if strata is not None else "")
    return GrayTest(which, chi2, df, chi2_upper(chi2, df), score, covariance, name)


def _counts(code: IntArray, cause: IntArray, which: int, group: IntArray, k: int, size: int) -> tuple[Array, Array, Array]:
    """At risk, events of the cause and of others, each (groups, times), at times with any event."""
    joint = group * size + code
    at_risk = tail_sums(np.bincount(joint, minlength=k * size).reshape(k, size))
    own = np.bincount(joint[cause == which], minlength=k * size).reshape(k, size)
    other = np.bincount(joint[(cause > 0) & (cause != which)], minlength=k * size).reshape(k, size)
    happened = np.flatnonzero((own + other).any(axis=0))
    return at_risk[:, happened].astype(float), own[:, happened].astype(float), other[:, happened].astype(float)


def _score(at_risk: Array, own: Array, other: Array, rho: float) -> tuple[Array, Array]:
    """Score and covariance of one stratum.

    Written with r = at risk / S(t-) of each group, the risk set of the subdistribution; `follow` is the integral
    of the score's weights against the pooled subdistribution hazard, through which earlier events act on later
    ones.
    """
    k = at_risk.shape[0]
    present = at_risk > 0
    n = np.where(present, at_risk, 1.0)
    staying: Array = np.where(present, 1 - (own + other) / n, 1.0)
    survival = staying.cumprod(axis=1)
    before = _lagged(survival, 1.0)
    alive = present & (before > 0)
    risk = np.where(alive, at_risk / np.where(before > 0, before, 1.0), 0.0)
    incidence_before = _lagged(np.cumsum(np.where(alive, before * own / n, 0.0), axis=1), 0.0)
    total = risk.sum(axis=0)
    d1 = own.sum(axis=0)
    used = total > 0
    safe = np.where(used, total, 1.0)
    pooled = np.cumsum(np.where(used, d1 / safe, 0.0))
    pooled_before = _lagged(pooled, 0.0)
    weight = (1 - pooled_before) ** rho
    share = risk * (1 - incidence_before)
    expected = d1 * share / np.where(used, share.sum(axis=0), 1.0)
    score = (weight * (own - expected)).sum(axis=1)
    spread = weight * (np.eye(k)[:, :, None] * risk[:, None] - risk[:, None] * risk[None] / safe)
    follow = np.cumsum(spread * d1 / (safe * (1 - pooled_before)), axis=2)
    return score, _covariance(at_risk, other, n, survival, before, alive, total, d1, pooled, spread, follow)


def _covariance(
    at_risk: Array,
    other: Array,
    n: Array,
    survival: Array,
    before: Array,
    alive: BoolArray,
    total: Array,
    d1: Array,
    pooled: Array,
    spread: Array,
    follow: Array,
) -> Array:
    """Sum over groups of the variance that each group's own and competing events bring into the score."""
    k = at_risk.shape[0]
    covariance = np.zeros((k, k))
    for g in range(k):
        ratio = np.where(survival[g] > 0, (1 - pooled) / np.where(survival[g] > 0, survival[g], 1.0), 0.0)
        tie = np.where(d1 > 1, 1 - (d1 - 1) / np.where(total * before[g] > 1, total * before[g] - 1, 1.0), 1.0)
        own_weight = np.where(alive[g], tie * before[g] * d1 / (np.where(total > 0, total, 1.0) * n[g]), 0.0)
        tie = np.where(other[g] > 1, 1 - (other[g] - 1) / np.where(n[g] > 1, n[g] - 1, 1.0), 1.0)
        other_weight = np.where((survival[g] > 0) & alive[g], tie * before[g] ** 2 * other[g] / n[g] ** 2, 0.0)
        # What an event at t adds to the score: its own weight there, and by the later subdistribution, follow.
        later = follow[:, g, -1:] - follow[:, g]
        by_own = spread[:, g] + (1 - ratio) * later
        by_other = -ratio * later
        covariance += (by_own * own_weight) @ by_own.T + (by_other * other_weight) @ by_other.T
    return covariance


def _lagged(values: Array, start: float) -> Array:
    first = np.full((*values.shape[:-1], 1), start)
    return np.concatenate((first, values[..., :-1]), axis=-1)
