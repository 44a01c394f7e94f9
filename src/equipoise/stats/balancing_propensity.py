"""Covariate balancing propensity score: a logistic score whose weights balance the means of the covariates exactly."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .dual_newton import Point, Unreachable, minimise, whitened
from .entropy_weights import BalancingWeights, finished, unit_of
from .validation import indicator, matrix, one_of, require, weights

_TOLERANCE = 1e-13


def covariate_balancing(
    treated: ArrayLike, X: ArrayLike, target: str = "att", *, weight: ArrayLike | None = None
) -> BalancingWeights:
    """Just-identified covariate balancing propensity score (logistic), and its weights.

    Parameters
    ----------
    treated : array_like, shape (n,)
        1 or True for the treated.
    X : array_like, shape (n, p) or (n,)
        Covariates without an intercept column.
    target : {"att", "atc", "ate"}
    weight : array_like, shape (n,), optional
        Sampling weights: they multiply the moments, not the result.

    Returns
    -------
    BalancingWeights
        With the score, and the weights that belong to it: 1/e and 1/(1 - e), or 1 and the odds.  For "att" and "atc" the
        odds are entropy balancing weights up to scale.
        For "ate" the two arms agree in every mean, which need not be that of all patients.

    Raises
    ------
    Unreachable
        (an ArrayError) Where the columns tell some patients' arm perfectly, so that no score balances.

    Notes
    -----
    The moments (the difference of the weighted sums of 1 and X) are the gradient of a convex function, minimised by
    Newton's method: sum of (1 - t) exp(eta) - t eta for the treated as target, and of t (exp(-eta) - eta) +
    (1 - t) (exp(eta) + eta) for everybody.

    References
    ----------
    Imai K, Ratkovic M. J R Stat Soc B 2014;76:243-263.  Zhao Q. Ann Stat 2019;47:965-993.
    """
    one_of(target, ("att", "atc", "ate"), "target")
    arm = indicator(treated, "treated")
    columns = matrix(X, arm.size)
    base = None if weight is None else weights(weight, arm.size)
    counted = np.ones(arm.size, dtype=bool) if base is None else base > 0
    require(bool((arm & counted).any() and (~arm & counted).any()), "both arms must hold at least one patient.")
    scale = unit_of(columns)
    rows = np.column_stack((np.ones(arm.size), whitened(columns, base, scale).rows))
    share = np.full(arm.size, 1 / arm.size) if base is None else base / base.sum()
    start = np.zeros(rows.shape[1])
    start[0] = np.log(share[arm].sum() / share[~arm].sum())
    best = minimise(lambda b: _loss(rows, arm, share, target, b), start, _TOLERANCE)
    if best is None:
        raise Unreachable(
            "no score balances these columns: they tell the arm of some patients perfectly; leave out what decides the treatment."
        )
    eta = rows @ best.at
    tail = np.exp(-np.abs(eta))
    score = np.where(eta >= 0, 1.0, tail) / (1 + tail)
    odds = np.exp(np.where(arm, -eta, eta))  # of the other arm, so that a score near 1 keeps its digits
    found = 1 + odds if target == "ate" else np.where(arm == (target == "atc"), odds, 1.0)
    means = _means(columns, arm, found if base is None else found * base, target)
    return finished(found, arm, columns, means, scale, base, target, "Covariate balancing propensity score", score)


def _loss(
    rows: NDArray[np.float64], treated: NDArray[np.bool_], share: NDArray[np.float64], target: str, b: NDArray[np.float64]
) -> Point:
    """Value, gradient and Hessian of the convex function; the gradient is minus the moments."""
    eta = np.where(treated, -1.0, 1.0) * (rows @ b)  # the odds of the other arm
    odds = np.exp(eta)
    if target == "ate":
        value, slope, bend = odds + eta, odds + 1, odds
    else:
        weighted = treated == (target == "atc")
        value, slope, bend = (
            np.where(weighted, x, y) for x, y in ((odds, eta), (odds, np.ones_like(odds)), (odds, np.zeros_like(odds)))
        )
    signed = np.where(treated, -1.0, 1.0) * share * slope
    return float(share @ value), signed @ rows, rows.T @ (rows * (share * bend)[:, None])


def _means(X: NDArray[np.float64], treated: NDArray[np.bool_], weight: NDArray[np.float64], target: str) -> NDArray[np.float64]:
    """Means of the target; for everybody, those of the weighted treated, which the controls share."""
    arm = ~treated if target == "atc" else treated
    return weight[arm] @ X[arm] / weight[arm].sum()
