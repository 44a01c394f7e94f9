"""Adjusted differences of restricted mean survival time, by censoring-weighted least squares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import Array, BoolArray, Counts, IntArray
from .newton import inverse
from .tails import normal_two_sided, two_sided_z
from .timeline import Timeline, lay_out, tail_sums
from .validation import Observations


@dataclass(frozen=True, slots=True, eq=False)
class AdjustedRmst:
    """Linear model of min(T, tau) on group and covariates.

    Attributes
    ----------
    groups : tuple of labels
        The reference first; one difference for each of the others.
    difference, se, low, high, p : float ndarray, shape (groups - 1,)
    coef, covariance : float ndarray, shapes (q,), (q, q)
        Intercept, groups, covariates.
    """

    groups: tuple[object, ...]
    difference: Array
    se: Array
    low: Array
    high: Array
    p: Array
    coef: Array
    covariance: Array
    method: str

    def __str__(self) -> str:
        rows = zip(self.groups[1:], self.difference, self.low, self.high, self.p, strict=True)
        text = [f"  {g} vs {self.groups[0]}: {d:.6g} ({a:.6g} to {b:.6g}), P = {p:.4g}" for g, d, a, b, p in rows]
        return "\n".join([self.method, *text])


def adjusted_rmst(
    seen: Observations, group: IntArray, levels: list[object], X: Array, tau: float, conf_level: float
) -> AdjustedRmst:
    """Regress min(T, tau) on group and covariates with inverse-probability-of-censoring weights.

    Censoring is estimated by Kaplan-Meier within each group, events before censorings at a shared time; a row
    counts if its event or `tau` is seen.  The variance takes the estimated weights into account.  Without
    covariates the differences are those of the areas under the Kaplan-Meier curves.

    References
    ----------
    Tian L, Zhao L, Wei LJ. Biostatistics 2014;15:222-233.
    """
    y = np.minimum(seen.time, tau)
    known = seen.event | (seen.time >= tau)
    dummies = (group[:, None] == np.arange(1, len(levels))).astype(float)
    Z = np.column_stack((np.ones(y.size), dummies, X))
    line = lay_out(y)
    at_risk, lost, uncensored = _censoring(line, known, group, len(levels))
    weight = np.where(known, 1 / uncensored[group, line.code], 0.0)
    bread = inverse(Z.T @ (Z * weight[:, None]))
    coef = bread @ (Z.T @ (weight * y))
    influence = Z * (weight * (y - Z @ coef))[:, None]
    influence = influence + _censoring_part(influence, line, known, group, at_risk, lost)
    spread = influence @ bread
    covariance = spread.T @ spread
    k = len(levels)
    difference, se = coef[1:k], np.sqrt(np.diag(covariance))[1:k]
    z = two_sided_z(conf_level)
    return AdjustedRmst(
        tuple(levels), difference, se, difference - z * se, difference + z * se, normal_two_sided(difference / se),
        coef, covariance, "Adjusted difference of restricted mean survival time (inverse probability of censoring)",
    )  # fmt: skip


def _censoring(line: Timeline, known: BoolArray, group: IntArray, k: int) -> tuple[Array, IntArray, Array]:
    """At risk and censored, shape (groups, times), and each group's curve of being uncensored just before."""
    size = line.values.size
    joint = group * size + line.code
    at_risk = tail_sums(np.bincount(joint, minlength=k * size).reshape(k, size)).astype(float)
    # Events come first at a shared time, so they are no longer at risk of being censored at it.
    at_risk -= np.bincount(joint[known], minlength=k * size).reshape(k, size)
    lost = np.bincount(joint[~known], minlength=k * size).reshape(k, size)
    curve = np.cumprod(1 - lost / np.maximum(at_risk, 1), axis=1)
    return at_risk, lost, np.column_stack((np.ones(k), curve[:, :-1]))


def _censoring_part(
    influence: Array, line: Timeline, known: BoolArray, group: IntArray, at_risk: Counts, lost: IntArray
) -> Array:
    """What each row adds through the estimated censoring curve: the integral of q/pi against its martingale."""
    k, size = at_risk.shape
    out = np.empty_like(influence)
    for g in range(k):
        rows = np.flatnonzero(group == g)
        code, risk = line.code[rows], np.maximum(at_risk[g], 1)
        for j in range(influence.shape[1]):
            by_time = np.bincount(code, influence[rows, j], size)
            # A censoring moves the weights of rows that stay beyond it.
            q = tail_sums(by_time) - by_time
            jump = q / risk
            paid = jump * lost[g] / risk
            through = np.cumsum(paid)
            out[rows, j] = np.where(known[rows], -(through - paid)[code], (jump - through)[code])
    return out
