"""Balance of many columns in many samples at once: means, standard deviations, variance ratios, Kolmogorov-Smirnov distances."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .validation import indicator, matrix, non_negative, one_of, require

DENOMINATORS = ("pooled", "treated", "control", "all", "hedges", "weighted")
_SAME = 1e-14  # deviations of equal values from their mean, relative to the values, that rounding leaves

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class ColumnBalance:
    """Balance of p columns in s samples (weightings) of one set of rows.

    Attributes
    ----------
    mean_treated, mean_control, sd_treated, sd_control : float ndarray, shape (p, s)
        Weighted; SDs unbiased for reliability weights, root of p(1 - p) for binary columns.
    difference, smd : float ndarray, shape (p, s)
        Treated less control, raw and over `scale`; smd is nan where the scale is 0 and the means differ.
    scale : float ndarray, shape (p, s)
        SD by the denominator; of the rows unweighted, but for "weighted".
    variance_ratio : float ndarray, shape (p, s)
        Treated over control; nan for binary columns and where a variance is 0 or unknown.
    ks : float ndarray, shape (p, s)
        Largest distance between the arms' weighted distribution functions; |difference| for binary columns.
    ess_treated, ess_control : float ndarray, shape (s,)
    binary : bool ndarray, shape (p,)
        Columns that hold 0 and 1 only.
    """

    mean_treated: Floats
    mean_control: Floats
    sd_treated: Floats
    sd_control: Floats
    difference: Floats
    smd: Floats
    scale: Floats
    variance_ratio: Floats
    ks: Floats
    ess_treated: Floats
    ess_control: Floats
    binary: NDArray[np.bool_]
    denominator: str


def column_balance(
    X: ArrayLike, treated: ArrayLike, weight: ArrayLike | None = None, denominator: str = "pooled"
) -> ColumnBalance:
    """Balance of the columns of X between the arms, in one or several weightings of the same rows.

    Parameters
    ----------
    X : array_like, shape (n, p) or (n,)
        Without missing values.
    treated : array_like, shape (n,)
    weight : array_like, shape (n,) or (n, s), optional
        A column per sample: 1 and 0 for a matched sample, weights for a weighted one.  Default: everybody counts 1.
    denominator : {"pooled", "treated", "control", "all", "hedges", "weighted"}
        "pooled": root of the mean of both variances (Austin).  "hedges": pooled by degrees of freedom and divided by
        1 - 3/(4n - 9) (Hedges' g).  "all": all rows together.  "weighted": all rows together with the weights.

    Returns
    -------
    ColumnBalance

    Notes
    -----
    Conventions of the R package cobalt: the scale is that of the rows as they came, also after matching and weighting.

    References
    ----------
    Austin PC. Stat Med 2009;28:3083-3107.  Austin PC, Stuart EA. Stat Med 2015;34:3661-3679.
    """
    one_of(denominator, DENOMINATORS, "denominator")
    arm = indicator(treated, "treated")
    columns = matrix(X, arm.size)
    samples = _samples(weight, arm)
    binary = np.array([bool(((x == 0) | (x == 1)).all()) for x in columns.T], dtype=bool)
    shares = [_shares(samples, rows) for rows in (arm, ~arm)]
    parts = [columns[arm], columns[~arm]]
    means = [part.T @ share for part, share in zip(parts, shares, strict=True)]
    sds = [_sds(part, share, mean, binary) for part, share, mean in zip(parts, shares, means, strict=True)]
    difference = means[0] - means[1]
    difference[np.abs(difference) <= _SAME * np.abs(columns).max(axis=0)[:, None]] = 0.0
    scale = _scale(columns, arm, samples, binary, denominator)
    with np.errstate(divide="ignore", invalid="ignore"):
        smd = np.where(difference == 0, 0.0, np.where(scale > 0, difference / scale, np.nan))
        ratio = np.where((sds[1] > 0) & (sds[0] > 0) & ~binary[:, None], (sds[0] / sds[1]) ** 2, np.nan)
    sizes = [1 / (share**2).sum(axis=0) for share in shares]
    return ColumnBalance(
        mean_treated=means[0],
        mean_control=means[1],
        sd_treated=sds[0],
        sd_control=sds[1],
        difference=difference,
        smd=smd,
        scale=scale,
        variance_ratio=ratio,
        ks=_ks_of(columns, arm, shares, difference, binary),
        ess_treated=sizes[0],
        ess_control=sizes[1],
        binary=binary,
        denominator=denominator,
    )


def ks_distance(x: ArrayLike, treated: ArrayLike, weight: ArrayLike | None = None) -> float:
    """Largest distance between the weighted distribution functions of x in the two arms (Kolmogorov-Smirnov), in [0, 1].

    x, treated, weight: shape (n,).
    """
    return float(column_balance(x, treated, weight).ks[0, 0])


def squares_and_products(X: ArrayLike, variable: ArrayLike | None = None) -> tuple[Floats, tuple[tuple[int, int], ...]]:
    """Squares of the columns and products of pairs of columns, not centred.

    Parameters
    ----------
    X : array_like, shape (n, p)
    variable : array_like, shape (p,), optional
        Which variable a column codes: columns of one variable (levels of a factor) are not multiplied with each other.

    Returns
    -------
    columns : float ndarray, shape (n, q)
        Squares first (none of columns of 0 and 1, which are their own), then products in the order of their pairs.
    pairs : tuple of (int, int)
        The two columns behind each, equal for a square.
    """
    given = np.asarray(X, dtype=float)
    columns = matrix(given, given.shape[0] if given.ndim else 0)
    p = columns.shape[1]
    of = np.arange(p) if variable is None else np.asarray(variable)
    require(of.shape == (p,), f"variable must name one variable per column of X, {p} of them.")
    binary = ((columns == 0) | (columns == 1)).all(axis=0)
    pairs = [(j, j) for j in range(p) if not binary[j]]
    pairs += [(j, k) for j in range(p) for k in range(j + 1, p) if of[j] != of[k]]
    first, second = [j for j, _ in pairs], [k for _, k in pairs]
    return columns[:, first] * columns[:, second], tuple(pairs)


def _samples(weight: ArrayLike | None, arm: NDArray[np.bool_]) -> Floats:
    """Weights, shape (n, s)."""
    if weight is None:
        found = np.ones((arm.size, 1))
    else:
        found = matrix(weight, arm.size, "weight")
        non_negative(found.ravel(), "weight")
    both = (found[arm] > 0).any(axis=0) & (found[~arm] > 0).any(axis=0)
    require(bool(both.all()), "weight: every sample must hold somebody of both arms.")
    return found


def _shares(samples: Floats, rows: NDArray[np.bool_]) -> Floats:
    part = samples[rows]
    return part / part.sum(axis=0)


def _sds(part: Floats, share: Floats, mean: Floats, binary: NDArray[np.bool_]) -> Floats:
    """Standard deviations, shape (p, s); nan of a single row."""
    found = np.empty_like(mean)
    slack = _SAME * np.abs(part).max(axis=0)
    for k in range(share.shape[1]):
        spare = 1 - float(share[:, k] @ share[:, k])
        sd = np.sqrt(share[:, k] @ (part - mean[:, k]) ** 2 / spare) if spare > 1e-12 else np.full(mean.shape[0], np.nan)
        found[:, k] = np.where(sd <= slack, 0.0, sd)
    p = mean[binary].clip(0, 1)
    found[binary] = np.sqrt(p * (1 - p))
    return found


def _one_sd(columns: Floats, weight: Floats, binary: NDArray[np.bool_]) -> Floats:
    share = (weight / weight.sum())[:, None]
    return _sds(columns, share, columns.T @ share, binary)[:, 0]


def _scale(columns: Floats, arm: NDArray[np.bool_], samples: Floats, binary: NDArray[np.bool_], denominator: str) -> Floats:
    s = samples.shape[1]
    if denominator == "weighted":
        return np.column_stack([_one_sd(columns, samples[:, k], binary) for k in range(s)])
    if denominator == "all":
        found = _one_sd(columns, np.ones(arm.size), binary)
    else:
        n1, n0 = int(arm.sum()), int((~arm).sum())
        sd1, sd0 = (_one_sd(columns[rows], np.ones(int(rows.sum())), binary) for rows in (arm, ~arm))
        pooled = np.sqrt((sd1**2 + sd0**2) / 2)
        if denominator == "hedges":
            pooled = np.sqrt(((n1 - 1) * sd1**2 + (n0 - 1) * sd0**2) / (n1 + n0 - 2)) / (1 - 3 / (4 * (n1 + n0) - 9))
        own = {"treated": sd1, "control": sd0}.get(denominator, pooled)
        found = np.where(own == 0, pooled, own)
    return np.repeat(found[:, None], s, axis=1)


def _ks_of(
    columns: Floats, arm: NDArray[np.bool_], shares: list[Floats], difference: Floats, binary: NDArray[np.bool_]
) -> Floats:
    """Distances, shape (p, s): each column is sorted once for all samples."""
    signed = np.empty((shares[0].shape[1], arm.size))
    signed[:, arm], signed[:, ~arm] = shares[0].T, -shares[1].T
    found = np.abs(difference)
    for j in np.flatnonzero(~binary):
        x = columns[:, j]
        order = np.argsort(x)
        at = x[order]
        last = np.append(at[1:] != at[:-1], True)
        for k in range(signed.shape[0]):
            found[j, k] = np.abs(np.cumsum(signed[k, order])[last]).max()
    return found
