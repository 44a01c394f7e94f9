"""The exact binomial test of a proportion against a fixed one."""

from __future__ import annotations

import math

import numpy as np

from .outcome import TestResult
from .validation import probability, require, whole


def binomial_test(x: int, n: int, null: float, alternative: str = "greater") -> TestResult:
    """Exact test of x successes in n against the share `null`, such as the benchmark of a single-arm study.

    Parameters
    ----------
    x, n : int
        0 <= x <= n, n at least 1.
    null : float
        Above 0 and below 1.
    alternative : {'greater', 'two-sided'}
        `greater`: P of x or more successes.  `two-sided`: the outcomes no more likely than the observed one, as
        ``binom.test`` of R.

    Returns
    -------
    TestResult
        Without statistic and degrees of freedom.

    References
    ----------
    Clopper CJ, Pearson ES. Biometrika 1934;26:404-413.
    """
    x, n, null = whole(x, "x"), whole(n, "n"), probability(null, "null")
    require(n >= 1 and 0 <= x <= n, "x must lie between 0 and n, and n be at least 1.")
    require(alternative in ("greater", "two-sided"), "alternative is 'greater' or 'two-sided'.")
    p = upper_tail(x, n, null) if alternative == "greater" else two_sided(x, n, null)
    side = "one-sided" if alternative == "greater" else "two-sided"
    return TestResult(math.nan, math.nan, p, f"exact binomial test against {100 * null:g}%, {side}")


def upper_tail(x: int, n: int, share: float) -> float:
    """P(X >= x) of a binomial X."""
    from scipy.special import betainc

    return 1.0 if x == 0 else float(betainc(x, n - x + 1, share))


def two_sided(x: int, n: int, share: float) -> float:
    """P of all outcomes that are no more likely than x."""
    from scipy.special import gammaln

    k = np.arange(n + 1)
    log = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1) + k * math.log(share) + (n - k) * math.log1p(-share)
    mass = np.exp(log)
    # R's tolerance for outcomes that are equally likely up to rounding.
    return min(1.0, float(mass[mass <= mass[x] * (1 + 1e-7)].sum()))
