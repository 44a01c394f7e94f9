"""Agreement of two readings of the same patients beyond chance."""

import math
from dataclasses import dataclass

import numpy as np

from .tails import two_sided_z
from .validation import counts_table, probability, require


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


def cohen_kappa(table, conf_level=0.95):
    """Cohen's unweighted kappa with its large-sample standard error (not that under independence).

    Parameters
    ----------
    table : array_like of counts, shape (k, k)
        Rows: first reading, columns: second, categories in one order.
    conf_level : float, default 0.95

    Returns
    -------
    Agreement
        Wald limits, not cut at 1.

    References
    ----------
    Cohen J. Educ Psychol Meas 1960;20:37-46.  Fleiss JL, Cohen J, Everitt BS. Psychol Bull 1969;72:323-327, equation 13.
    """
    table = counts_table(table)
    require(table.shape[0] == table.shape[1], "the table must be square.")
    conf_level = probability(conf_level, "conf_level")
    n = table.sum()
    p = table / n
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    observed, expected = float(np.trace(p)), float(rows @ columns)
    method = "Cohen's kappa, large-sample standard error"
    if expected >= 1 - 1e-15:
        return Agreement(math.nan, math.nan, math.nan, math.nan, observed, expected, int(n), conf_level, method)
    kappa = (observed - expected) / (1 - expected)
    crossed = rows[None, :] + columns[:, None]  # entry ij: column margin of i, row margin of j
    on = float(np.diag(p) @ (1 - (rows + columns) * (1 - kappa)) ** 2)
    off = float((p * crossed**2).sum() - np.diag(p) @ (rows + columns) ** 2) * (1 - kappa) ** 2
    variance = (on + off - (kappa - expected * (1 - kappa)) ** 2) / (n * (1 - expected) ** 2)
    se = math.sqrt(max(variance, 0.0))
    z = two_sided_z(conf_level)
    return Agreement(kappa, se, kappa - z * se, kappa + z * se, observed, expected, int(n), conf_level, method)
