"""Log-rank tests for two or more groups: stratified, weighted over time, weighted by case, with delayed entry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import Array, ArrayLike, IntArray
from .logrank_counts import WEIGHTINGS, group_counts, moments, quadratic_form
from .tails import chi2_upper
from .validation import ArrayError, Observations, labels, observations, one_of, require, vector


@dataclass(frozen=True, slots=True, eq=False)
class LogrankTest:
    """Result of a log-rank type test.

    Attributes
    ----------
    chi2, df, p : float, int, float
        On the rank of the covariance: groups that are never at risk together at an event (nested in strata, gone
        before the first event) add no degree of freedom; P is nan where none is left.
    observed, expected : float ndarray, shape (k,)
        (Weighted) numbers of events per group, summed over strata.
    covariance : float ndarray, shape (k, k)
        Of observed - expected.
    groups : ndarray, shape (k,)
        The labels, in the order of the rows above.
    method : str
    """

    chi2: float
    df: int
    p: float
    observed: Array
    expected: Array
    covariance: Array
    groups: Array
    method: str

    def trend(self, scores: ArrayLike | None = None) -> LogrankTrend:
        """Test for a trend of the hazard over ordered groups.

        Parameters
        ----------
        scores : array_like, shape (k,), optional
            One per group in the order of `groups`; default 1, 2, ..., k.

        Returns
        -------
        LogrankTrend

        References
        ----------
        Tarone RE. Biometrika 1975;62:679-682.
        """
        k = self.observed.size
        scores = np.arange(1.0, k + 1) if scores is None else vector(scores, "scores", k)
        excess = float(scores @ (self.observed - self.expected))
        variance = float(scores @ self.covariance @ scores)
        # Scores that do not differ leave nothing but rounding.
        if not variance > 1e-12 * float(scores**2 @ self.covariance.diagonal()):
            raise ArrayError("scores are all equal or no group differs: there is no trend to test.")
        chi2 = excess**2 / variance
        return LogrankTrend(chi2, chi2_upper(chi2, 1), excess / np.sqrt(variance), scores, f"Trend over groups, {self.method}")

    def __str__(self) -> str:
        rows = "\n".join(
            f"  {label}: observed {o:g}, expected {e:.6g}"
            for label, o, e in zip(self.groups, self.observed, self.expected, strict=True)
        )
        return f"{self.method}\n{rows}\nchi-square = {self.chi2:.6g} on {self.df} df, P = {self.p:.4g}"


@dataclass(frozen=True, slots=True, eq=False)
class LogrankTrend:
    """Trend test on one degree of freedom; `z` is positive where higher scores have more events."""

    chi2: float
    p: float
    z: float
    scores: Array
    method: str

    def __str__(self) -> str:
        return f"{self.method}: chi-square = {self.chi2:.6g} on 1 df, P = {self.p:.4g}"


def logrank(
    time: ArrayLike,
    event: ArrayLike,
    group: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    rho: float = 0.0,
    gamma: float = 0.0,
    weighting: str = "fleming-harrington",
    weight: ArrayLike | None = None,
    entry: ArrayLike | None = None,
) -> LogrankTest:
    """Log-rank test that survival is the same in all groups.

    Parameters
    ----------
    time : array_like, shape (n,)
        Follow-up time, not negative.
    event : array_like, shape (n,)
        1 or True for an event, 0 or False for censoring; at a shared time events come first.
    group : array_like, shape (n,)
        Group labels of any kind, at least two distinct.
    strata : array_like, shape (n,), optional
        Observed and expected events are summed over strata.
    rho, gamma : float, default 0
        Weight S(t-)**rho * (1 - S(t-))**gamma of the Fleming-Harrington family, S the pooled Kaplan-Meier
        curve of the stratum: (0, 0) is the log-rank test, (1, 0) R's Peto-Peto, (0, 1) looks at late
        differences.
    weighting : {"fleming-harrington", "gehan", "tarone-ware", "peto", "modified-peto"}
        Other weights over time: numbers at risk n ("Wilcoxon" of PROC LIFETEST), sqrt(n), and the PETO and
        MODPETO of PROC LIFETEST with S = prod(1 - d/(n + 1)), times n/(n + 1) for the second.
    weight : array_like, shape (n,), optional
        Case weights (inverse probability of treatment), with the variance of Xie and Liu; rows of weight 0 are as good as
        absent.
    entry : array_like, shape (n,), optional
        Delayed entry: a row is at risk on (entry, time].

    Returns
    -------
    LogrankTest
        With hypergeometric variance, as ``survdiff`` of R survival and PROC LIFETEST.

    Raises
    ------
    ArrayError
        For bad arrays or a single group.

    References
    ----------
    Mantel N. Cancer Chemother Rep 1966;50:163-170.  Harrington DP, Fleming TR. Biometrika 1982;69:553-566.
    Gehan EA. Biometrika 1965;52:203-223.  Tarone RE, Ware J. Biometrika 1977;64:156-160.
    Xie J, Liu C. Stat Med 2005;24:3089-3110.
    """
    one_of(weighting, WEIGHTINGS, "weighting")
    seen = observations(time, event, weight=weight, entry=entry)
    n = seen.time.size
    codes, levels = labels(group, "group", n)
    require(levels.size > 1, "group holds one label only: at least two groups are needed.")
    if rho or gamma:
        rho, gamma = vector([rho, gamma], "rho and gamma").tolist()
        require(weighting == "fleming-harrington", "rho and gamma belong to the Fleming-Harrington weighting.")
    strata_code = None if strata is None else labels(strata, "strata", n)[0]
    if seen.weight is not None:  # the variance counts rows at risk, and a row of weight 0 is not there
        there = seen.weight > 0
        seen, codes = seen.rows(there), codes[there]
        strata_code = None if strata_code is None else strata_code[there]
    observed, expected, covariance = _sum_over_strata(seen, codes, levels.size, strata_code, weighting, rho, gamma)
    chi2, df = quadratic_form(observed - expected, covariance, expected > 0)
    name = _name(weighting, rho, gamma, strata is not None, weight is not None)
    return LogrankTest(chi2, df, chi2_upper(chi2, df), observed, expected, covariance, levels, name)


def _sum_over_strata(
    seen: Observations, group: IntArray, k: int, strata: IntArray | None, weighting: str, rho: float, gamma: float
) -> tuple[Array, Array, Array]:
    # Weights that follow the curve of a stratum need its times apart from the others'.
    by_curve = rho != 0 or gamma != 0 or weighting in ("peto", "modified-peto")
    found = group_counts(seen, group, k, strata, together=not by_curve)
    parts = (moments(counts, weighting, rho, gamma) for counts in found)
    total = np.zeros(k), np.zeros(k), np.zeros((k, k))
    for part in parts:
        for sums, value in zip(total, part, strict=True):
            sums += value
    return total


_NAMES = {
    "gehan": "Gehan-Wilcoxon test",
    "tarone-ware": "Tarone-Ware test",
    "peto": "Peto-Peto test (SAS definition)",
    "modified-peto": "Modified Peto-Peto test (SAS definition)",
}


def _name(weighting: str, rho: float, gamma: float, strata: bool, weight: bool) -> str:
    if weighting != "fleming-harrington":
        name = _NAMES[weighting]
    elif gamma == 0:
        name = "Log-rank test" if rho == 0 else "Peto-Peto test" if rho == 1 else f"G-rho test, rho = {rho:g}"
    else:
        name = f"Fleming-Harrington test, rho = {rho:g}, gamma = {gamma:g}"
    return name + (", stratified" if strata else "") + (", weighted" if weight else "")
