"""Entropy balancing: the weights nearest to equal ones under which the means of the covariates are those of the target."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .dual_newton import Minimum, Point, Unreachable, minimise, whitened
from .positivity import effective_size
from .validation import indicator, matrix, one_of, require, weights

_TOLERANCE = 1e-13
_MEANS = 1e-8  # largest difference of means, in standard deviations, that rounding may leave in a constant combination


@dataclass(frozen=True, slots=True, eq=False)
class BalancingWeights:
    """Weights that balance covariates exactly.

    Attributes
    ----------
    weight : float ndarray, shape (n,)
    target : {"ate", "att", "atc"}
    ess_treated, ess_control : float
        Effective sample sizes, on `weight` times the sampling weights.
    imbalance : float
        Largest difference between a weighted mean and its target, in standard deviations of all rows.
    score : float ndarray, shape (n,), or None
        Probability of treatment, where the method estimates one.
    """

    weight: NDArray[np.float64]
    target: str
    ess_treated: float
    ess_control: float
    imbalance: float
    score: NDArray[np.float64] | None
    method: str

    def __str__(self) -> str:
        return f"{self.method}: effective sizes {self.ess_treated:.1f} (treated), {self.ess_control:.1f} (controls)"


def entropy_balance(
    treated: ArrayLike, X: ArrayLike, target: str = "att", *, weight: ArrayLike | None = None
) -> BalancingWeights:
    """Entropy balancing weights.

    Parameters
    ----------
    treated : array_like, shape (n,)
        1 or True for the treated.
    X : array_like, shape (n, p) or (n,)
        Covariates whose means are balanced (add squares for variances).  Columns that others determine do no harm.
    target : {"att", "atc", "ate"}
        Whose means: the treated ("att": the controls are weighted), the controls, or everybody (both arms are weighted).
    weight : array_like, shape (n,), optional
        Sampling weights: base weights and means of the target are theirs; they are not multiplied into the result.

    Returns
    -------
    BalancingWeights
        Mean 1 in each arm that is weighted (over the sampling weights), 1 in the other.

    Raises
    ------
    Unreachable
        (an ArrayError) Where the target's means lie outside what the arm can reach by any weights, with the columns.

    Notes
    -----
    Newton's method on the convex dual, log(sum of base * exp(X b)), until no mean differs by more than 1e-13 standard
    deviations.  Its value is minus an entropy, which no weights can make larger than that of the smallest base weight
    alone: a value below proves that there is no solution.

    References
    ----------
    Hainmueller J. Polit Anal 2012;20:25-46.
    """
    one_of(target, ("att", "atc", "ate"), "target")
    arm = indicator(treated, "treated")
    columns = matrix(X, arm.size)
    require(bool(arm.any() and not arm.all()), "both arms must hold at least one patient.")
    base = None if weight is None else weights(weight, arm.size)
    goal = {"att": arm, "atc": ~arm, "ate": np.ones_like(arm)}[target]
    means = _mean(columns, base, goal)
    scale = unit_of(columns)
    found = np.ones(arm.size)
    for rows, name in ((arm, "treated"), (~arm, "controls")):
        if target == "ate" or not np.array_equal(rows, goal):
            found[rows] = _arm(columns[rows], None if base is None else base[rows], means, scale, name)
    return finished(found, arm, columns, means, scale, base, target, "Entropy balancing")


def finished(
    weight: NDArray[np.float64],
    treated: NDArray[np.bool_],
    X: NDArray[np.float64],
    means: NDArray[np.float64],
    scale: NDArray[np.float64],
    base: NDArray[np.float64] | None,
    target: str,
    method: str,
    score: NDArray[np.float64] | None = None,
) -> BalancingWeights:
    """The result, with its sizes and what is left of the imbalance.  means: of the target, shape (p,)."""
    total = weight if base is None else weight * base
    left = [np.abs((total[arm] @ X[arm] / total[arm].sum() - means) / scale).max(initial=0.0) for arm in (treated, ~treated)]
    sizes = effective_size(total[treated]), effective_size(total[~treated])
    return BalancingWeights(weight, target, *sizes, float(max(left)), score, method)


def unit_of(X: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard deviation of each column over all rows, 1 where it is constant; shape (p,)."""
    spread = X.std(axis=0)
    return np.where(spread > 0, spread, 1.0)


def _mean(X: NDArray[np.float64], base: NDArray[np.float64] | None, rows: NDArray[np.bool_]) -> NDArray[np.float64]:
    return X[rows].mean(axis=0) if base is None else base[rows] @ X[rows] / base[rows].sum()


def _arm(
    X: NDArray[np.float64], base: NDArray[np.float64] | None, means: NDArray[np.float64], scale: NDArray[np.float64], name: str
) -> NDArray[np.float64]:
    """Weights of one arm's rows, mean 1 over the base weights."""
    used = np.ones(X.shape[0], dtype=bool) if base is None else base > 0
    require(bool(used.any()), f"the {name} have no sampling weight.")
    rows, share = X[used], np.full(int(used.sum()), 1 / used.sum()) if base is None else base[used] / base[used].sum()
    _refuse_outside(rows, means, scale, name)
    span = whitened(rows, None if base is None else share, scale)
    shift = (means - span.mean) / scale
    if np.abs(shift @ span.flat).max(initial=0.0) > _MEANS:
        raise _unreachable(name)
    away = span.rows - (means - span.mean) @ span.turn
    best = minimise(lambda b: _dual(away, share, b), np.zeros(away.shape[1]), _TOLERANCE, float(np.log(share.min())) - 1e-6)
    if best is None:
        raise _unreachable(name)
    weight = np.zeros(X.shape[0])
    weight[used] = _shares(away, share, best) / share
    return weight


def _dual(rows: NDArray[np.float64], share: NDArray[np.float64], b: NDArray[np.float64]) -> Point:
    exponent = rows @ b
    top = float(exponent.max(initial=0.0))
    w = share * np.exp(exponent - top)
    total = float(w.sum())
    w /= total
    gradient = w @ rows
    return top + float(np.log(total)), gradient, rows.T @ (rows * w[:, None]) - np.outer(gradient, gradient)


def _shares(rows: NDArray[np.float64], share: NDArray[np.float64], best: Minimum) -> NDArray[np.float64]:
    exponent = rows @ best.at
    w = share * np.exp(exponent - exponent.max(initial=0.0))
    return w / w.sum()


def _refuse_outside(X: NDArray[np.float64], means: NDArray[np.float64], scale: NDArray[np.float64], name: str) -> None:
    slack = _MEANS * scale
    outside = (means < X.min(axis=0) - slack) | (means > X.max(axis=0) + slack)
    if outside.any():
        columns = tuple(int(k) for k in np.flatnonzero(outside))
        listed = ", ".join(str(k) for k in columns)
        raise Unreachable(
            f"no weights of the {name} reach the target: its mean lies beyond every one of theirs in column {listed} of X "
            "(counted from 0); leave that covariate out or take another target.",
            columns,
        )


def _unreachable(name: str) -> Unreachable:
    return Unreachable(
        f"no weights of the {name} reach the means of the target in all columns of X together: fewer covariates, or a target "
        "nearer to both arms, are needed."
    )
