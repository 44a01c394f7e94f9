"""Agreement of two readings of the same patients beyond chance."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .arrays import Array, ArrayLike
from .tails import two_sided_z
from .validation import counts_table, one_of, probability, require


@dataclass(frozen=True, slots=True)
class Agreement:
    """Cohen's kappa.

    Attributes
    ----------
    kappa, se, low, high : float
        nan where both readings give one and the same category.
    observed, expected : float
        Share of agreement, and the share that the margins alone would give.
    n : int
    conf_level, method : float, str
    """

    kappa: float
    se: float
    low: float
    high: float
    observed: float
    expected: float
    n: int
    conf_level: float
    method: str


WEIGHTS = ("none", "linear", "quadratic")


def cohen_kappa(table: ArrayLike, conf_level: float = 0.95, *, weights: str = "none") -> Agreement:
    """Cohen's kappa with its large-sample standard error (not that under independence).

    Parameters
    ----------
    table : array_like of counts, shape (k, k)
        Rows: first reading, columns: second, categories in one order, which counts where there are weights.
    conf_level : float, default 0.95
    weights : {"none", "linear", "quadratic"}
        Credit of two categories d steps apart: 0; 1 - d / (k - 1) (Cicchetti and Allison; the default of PROC FREQ);
        1 - (d / (k - 1))**2 (Fleiss and Cohen).

    Returns
    -------
    Agreement
        Wald limits, not cut at 1.  `observed` and `expected` are of the credits.

    References
    ----------
    Cohen J. Educ Psychol Meas 1960;20:37-46.  Cohen J. Psychol Bull 1968;70:213-220.
    Fleiss JL, Cohen J, Everitt BS. Psychol Bull 1969;72:323-327, equations 8 and 13.
    """
    table = counts_table(table)
    require(table.shape[0] == table.shape[1], "the table must be square.")
    one_of(weights, WEIGHTS, "weights")
    conf_level = probability(conf_level, "conf_level")
    n = table.sum()
    p = table / n
    credit = _credit(table.shape[0], weights)
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    observed, expected = float((p * credit).sum()), float(rows @ credit @ columns)
    name = "Cohen's kappa" if weights == "none" else f"Cohen's kappa with {weights} weights"
    method = f"{name}, large-sample standard error"
    if expected >= 1 - 1e-15:
        return Agreement(math.nan, math.nan, math.nan, math.nan, observed, expected, int(n), conf_level, method)
    kappa = (observed - expected) / (1 - expected)
    # Mean credit of each category of one reading against the margin of the other.
    mean = (credit @ columns)[:, None] + (rows @ credit)[None, :]
    spread = float((p * (credit - mean * (1 - kappa)) ** 2).sum())
    variance = (spread - (kappa - expected * (1 - kappa)) ** 2) / (n * (1 - expected) ** 2)
    se = math.sqrt(max(variance, 0.0))
    z = two_sided_z(conf_level)
    return Agreement(kappa, se, kappa - z * se, kappa + z * se, observed, expected, int(n), conf_level, method)


def _credit(k: int, weights: str) -> Array:
    if weights == "none":
        return np.eye(k)
    apart = np.abs(np.subtract.outer(np.arange(k), np.arange(k))) / (k - 1)
    return 1 - (apart if weights == "linear" else apart**2)
