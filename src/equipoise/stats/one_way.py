"""One-way analysis of variance: the means of several samples."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from .arrays import ArrayLike
from .outcome import TestResult
from .tails import f_upper
from .validation import require, sample


def anova(groups: Sequence[ArrayLike], equal_variance: bool = False) -> TestResult:
    """F test that several samples have one mean.

    Parameters
    ----------
    groups : sequence of array_like
        Two or more samples; at least two values each, or with `equal_variance` one.
    equal_variance : bool, default False
        False: Welch's test (``oneway.test`` of R); True: the classical one, of two samples the square of the pooled t test.

    Returns
    -------
    TestResult
        `df` is that of the denominator, that of the numerator being (number of samples - 1). nan where nothing varies within
        the samples.

    References
    ----------
    Fisher RA. Statistical Methods for Research Workers, 1925.  Welch BL. Biometrika 1951;38:330-336.
    """
    samples = [sample(values, f"groups[{i}]", 1 if equal_variance else 2) for i, values in enumerate(groups)]
    require(len(samples) > 1, "groups must hold at least two samples.")
    k = len(samples)
    size, mean = np.array([float(x.size) for x in samples]), np.array([x.mean() for x in samples])
    within = np.array([np.sum((x - x.mean()) ** 2) for x in samples])
    if equal_variance:
        name, df = "One-way analysis of variance, pooled variance", float(size.sum() - k)
        require(df > 0, "groups hold one value each: one of them must hold more.")
        if not within.sum() > 0:
            return TestResult(math.nan, df, math.nan, name + ", no variation")
        between = float(size @ (mean - size @ mean / size.sum()) ** 2) / (k - 1)
        statistic = between / (float(within.sum()) / df)
        return TestResult(statistic, df, f_upper(statistic, k - 1, df), name)
    name = "One-way analysis of variance, Welch"
    if not (within > 0).all():
        return TestResult(math.nan, math.nan, math.nan, name + ", no variation")
    w = size * (size - 1) / within
    spread = float(np.sum((1 - w / w.sum()) ** 2 / (size - 1))) / (k**2 - 1)
    between = float(w @ (mean - w @ mean / w.sum()) ** 2) / (k - 1)
    statistic, df = between / (1 + 2 * (k - 2) * spread), 1 / (3 * spread)
    return TestResult(statistic, df, f_upper(statistic, k - 1, df), name)
