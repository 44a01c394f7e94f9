"""How an estimator does over replicates of a simulation whose truth is known, each figure with its Monte-Carlo error."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .arrays import ArrayLike
from .validation import require, vector


@dataclass(frozen=True, slots=True)
class Performance:
    """Of n replicates.

    Attributes
    ----------
    bias, empirical_se, model_se, coverage, rejected : float
        Mean of the estimates less the truth; their standard deviation; root of the mean of the squared standard errors; share
        of the intervals that hold the truth; share of the tests that reject.
    bias_se, empirical_se_se, model_se_se, coverage_se, rejected_se : float
        Monte-Carlo standard errors of these.  nan with fewer than two replicates.
    """

    n: int
    bias: float
    bias_se: float
    empirical_se: float
    empirical_se_se: float
    model_se: float
    model_se_se: float
    coverage: float
    coverage_se: float
    rejected: float
    rejected_se: float

    def __str__(self) -> str:
        return f"{self.n} replicates: bias {self.bias:.4g}, coverage {self.coverage:.3f}"


def performance(
    estimate: ArrayLike, std_err: ArrayLike, low: ArrayLike, high: ArrayLike, rejects: ArrayLike, truth: float
) -> Performance:
    """Performance of an estimator on the scale on which its intervals are symmetric (a log hazard ratio).

    Parameters
    ----------
    estimate, std_err, low, high : array_like, shape (n,)
        By replicate, without missing values: a replicate without an estimate is counted elsewhere.
    rejects : array_like, shape (n,)
        1 where the null hypothesis is rejected, else 0.
    truth : float

    Raises
    ------
    ArrayError
        Without a replicate.

    References
    ----------
    Morris TP, White IR, Crowther MJ. Stat Med 2019;38:2074-2102 (table 6).
    """
    found = vector(estimate, "estimate")
    n = found.size
    require(n > 0, "there is no replicate to judge an estimator by.")
    se, least, most = vector(std_err, "std_err", n), vector(low, "low", n), vector(high, "high", n)
    reject = vector(rejects, "rejects", n)
    empirical = float(np.std(found, ddof=1)) if n > 1 else math.nan
    model = math.sqrt(float(np.mean(se**2)))
    spread = float(np.var(se**2, ddof=1)) if n > 1 else math.nan
    covered, rejected = float(np.mean((least <= truth) & (truth <= most))), float(np.mean(reject))
    return Performance(
        n=n,
        bias=float(np.mean(found)) - truth,
        bias_se=empirical / math.sqrt(n),
        empirical_se=empirical,
        empirical_se_se=empirical / math.sqrt(2 * (n - 1)) if n > 1 else math.nan,
        model_se=model,
        model_se_se=math.sqrt(spread / (4 * n * model**2)) if model > 0 else math.nan,
        coverage=covered,
        coverage_se=_share_se(covered, n),
        rejected=rejected,
        rejected_se=_share_se(rejected, n),
    )


def _share_se(share: float, n: int) -> float:
    return math.sqrt(share * (1 - share) / n)
