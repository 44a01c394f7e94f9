"""Nonparametric survival from interval-censored times (Turnbull)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import Array, ArrayLike, Counts, IntArray
from .validation import ArrayError, one_of, require, vector, weights

_MAX_STEPS = 500


@dataclass(frozen=True, slots=True, eq=False)
class TurnbullCurve:
    """Maximum likelihood distribution on the innermost intervals.

    Attributes
    ----------
    left, right : float ndarray, shape (m,)
        Intervals (left, right], or exact times where both are equal, that carry mass; right may be inf.
    mass : float ndarray, shape (m,)
        Sums to 1.  How it lies within an interval is not identified.
    survival : float ndarray, shape (m,)
        P(T > right).
    loglik : float
    gap : float
        Largest relative excess of the likelihood's gradient over its bound, at most about 1e-9: the curve is the
        maximum (Gentleman and Geyer 1994).
    """

    left: Array
    right: Array
    mass: Array
    survival: Array
    loglik: float
    gap: float
    n: int
    method: str

    def at(self, times: ArrayLike, *, within: str = "high") -> Array:
        """P(T > t) at `times`; inside an interval the largest ("high") or smallest ("low") possible value."""
        one_of(within, ("high", "low"), "within")
        times = vector(np.atleast_1d(times), "times")
        if within == "high":
            passed = np.searchsorted(self.right, times, side="right")
        else:
            exact = self.left == self.right
            started = np.where(exact, self.left, np.nextafter(self.left, np.inf))
            passed = np.searchsorted(started, times, side="right")
        return np.concatenate(([1.0], self.survival))[passed]

    def quantile(self, p: float) -> tuple[float, float]:
        """The interval (left, right) in which the share `p` has had the event."""
        require(0 < p < 1, "p must lie strictly between 0 and 1.")
        place = int(np.searchsorted(1 - self.survival, p - 1e-12))
        return float(self.left[place]), float(self.right[place])

    def __str__(self) -> str:
        low, high = self.quantile(0.5)
        return f"{self.method}\nn = {self.n}, {self.mass.size} intervals with mass, median in ({low:g}, {high:g}]"


def turnbull(left: ArrayLike, right: ArrayLike, *, weight: ArrayLike | None = None) -> TurnbullCurve:
    """Nonparametric maximum likelihood survival for interval-censored times.

    Parameters
    ----------
    left, right : array_like, shape (n,)
        The event lies in (left, right]; equal for an exact time, right = inf for right censoring, left = 0
        for left censoring.
    weight : array_like, shape (n,), optional
        Frequencies.

    Returns
    -------
    TurnbullCurve

    Raises
    ------
    ArrayError
        Where left is missing, negative or beyond right.

    Notes
    -----
    Constrained Newton steps over the support, each a non-negative least squares problem, until the gradient
    proves the maximum; self-consistency (EM) alone stops far from it.

    References
    ----------
    Turnbull BW. J R Stat Soc B 1976;38:290-295.  Wang Y. J Comput Graph Stat 2007;16:707-719 (constrained Newton method).
    """
    left, right, times = _checked(left, right, weight)
    low, high = _innermost(left, right)
    first, last = _cover(left, right, low, high)
    pairs, place = np.unique(np.column_stack((first, last)), axis=0, return_inverse=True)
    count = np.bincount(place.reshape(-1), times)
    mass, gap = _maximise(pairs[:, 0], pairs[:, 1], count, low.size)
    loglik = float(count @ np.log(_probability(mass, pairs[:, 0], pairs[:, 1])))
    kept = mass > 0
    mass = mass[kept]
    survival = np.maximum(1 - np.cumsum(mass), 0.0)
    survival[-1] = 0.0
    return TurnbullCurve(
        low[kept], high[kept], mass, survival, loglik, gap, left.size,
        "Turnbull estimate of survival from interval-censored times",
    )  # fmt: skip


def _checked(left: ArrayLike, right: ArrayLike, weight: ArrayLike | None) -> tuple[Array, Array, Array]:
    left = vector(left, "left")
    right = np.asarray(right, dtype=float)
    require(right.shape == left.shape, f"right has {right.size} rows where {left.size} are expected.")
    if left.size == 0:
        raise ArrayError("left is empty: at least one subject is needed.")
    require(bool((left >= 0).all()), "left is negative in some rows.")
    require(not bool(np.isnan(right).any()), "right is missing in some rows: use inf for right censoring.")
    require(bool((left <= right).all()), "left is beyond right in some rows.")
    return left, right, np.ones(left.size) if weight is None else weights(weight, left.size)


def _keys(left: Array, right: Array) -> tuple[Array, Array]:
    """Ends as sortable pairs: an exact time begins before it ends, an open interval begins after its left end."""
    exact = left == right
    begin = np.where(exact, 0, 2)
    return np.column_stack((left, begin)), np.column_stack((right, np.ones(left.size)))


def _innermost(left: Array, right: Array) -> tuple[Array, Array]:
    begin, end = _keys(left, right)
    ends = np.unique(np.concatenate((begin, end)), axis=0)
    is_end = ends[:, 1] == 1
    here = np.flatnonzero(~is_end[:-1] & is_end[1:])
    return ends[here, 0], ends[here + 1, 0]


def _cover(left: Array, right: Array, low: Array, high: Array) -> tuple[IntArray, IntArray]:
    """First and last innermost interval inside each observed one."""
    exact_low = low == high
    begins = np.where(exact_low, low, np.nextafter(low, np.inf))
    own = np.where(left == right, left, np.nextafter(left, np.inf))
    return np.searchsorted(begins, own, side="left"), np.searchsorted(high, right, side="right") - 1


def _probability(mass: Array, first: IntArray, last: IntArray) -> Array:
    total = np.concatenate(([0.0], np.cumsum(mass)))
    return total[last + 1] - total[first]


def _gradient(mass: Array, first: IntArray, last: IntArray, count: Array, m: int) -> Array:
    """Derivative of the log-likelihood with respect to each interval's mass."""
    share = count / _probability(mass, first, last)
    step = np.bincount(first, share, m + 1) - np.bincount(last + 1, share, m + 1)
    return np.cumsum(step)[:m]


def _maximise(first: IntArray, last: IntArray, count: Counts, m: int) -> tuple[Array, float]:
    n = count.sum()
    mass = np.full(m, 1.0 / m)
    for _ in range(10):
        mass = mass * _gradient(mass, first, last, count, m) / n
    gap = np.inf
    for _ in range(_MAX_STEPS):
        gradient = _gradient(mass, first, last, count, m)
        gap = float(gradient.max() / n - 1)
        if gap <= 1e-10:
            break
        support = np.flatnonzero(mass > 1e-12)
        support = np.union1d(support, _peaks(gradient, n))
        moved = _newton(mass, support, first, last, count)
        if moved is None:
            break
        mass = moved
    mass[mass < 1e-10] = 0.0
    return mass / mass.sum(), gap


def _peaks(gradient: Array, n: float) -> IntArray:
    """Places where the gradient exceeds its bound and is a local maximum."""
    padded = np.concatenate(([-np.inf], gradient, [-np.inf]))
    top = (padded[1:-1] >= padded[:-2]) & (padded[1:-1] >= padded[2:]) & (gradient > n)
    return np.flatnonzero(top)


def _newton(mass: Array, support: IntArray, first: IntArray, last: IntArray, count: Array) -> Array | None:
    from scipy.optimize import nnls

    now = _probability(mass, first, last)
    inside = (first[:, None] <= support) & (support <= last[:, None])
    root = np.sqrt(count)
    S = root[:, None] * inside / now[:, None]
    # Minimising |S p - 2 root|**2 on the simplex: the heavy row keeps the sum at one.
    heavy = 1e4 * root.max() * np.sqrt(count.sum())
    solution = nnls(np.vstack((S, np.full(support.size, heavy))), np.append(2 * root, heavy))[0]
    target = np.zeros_like(mass)
    target[support] = solution / solution.sum()
    return _line_search(mass, target, first, last, count)


def _line_search(mass: Array, target: Array, first: IntArray, last: IntArray, count: Array) -> Array | None:
    before = count @ np.log(_probability(mass, first, last))
    size = 1.0
    for _ in range(50):
        trial = (1 - size) * mass + size * target
        inside = _probability(trial, first, last)
        if (inside > 0).all() and count @ np.log(inside) > before:
            return trial
        size /= 2
    return None
