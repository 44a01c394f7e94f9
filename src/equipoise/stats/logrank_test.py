"""Log-rank tests for two or more groups, stratified and weighted."""

from dataclasses import dataclass

import numpy as np

from .tails import chi2_upper
from .timeline import lay_out, tail_sums
from .validation import labels, observations, require, vector


@dataclass(frozen=True, slots=True, eq=False)
class LogrankTest:
    """Result of a log-rank type test.

    Attributes
    ----------
    chi2, df, p : float, int, float
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
    observed: np.ndarray
    expected: np.ndarray
    covariance: np.ndarray
    groups: np.ndarray
    method: str

    def __str__(self):
        rows = "\n".join(
            f"  {label}: observed {o:g}, expected {e:.6g}"
            for label, o, e in zip(self.groups, self.observed, self.expected, strict=True)
        )
        return f"{self.method}\n{rows}\nchi-square = {self.chi2:.6g} on {self.df} df, P = {self.p:.4g}"


def logrank(time, event, group, *, strata=None, rho=0.0):
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
    rho : float, default 0
        Weight S(t-)**rho of the G-rho family: 0 is the log-rank, 1 the Peto-Peto modification of the
        Gehan-Wilcoxon test.  S is the pooled Kaplan-Meier curve of the stratum.

    Returns
    -------
    LogrankTest
        With hypergeometric variance, as ``survdiff`` of R survival and PROC LIFETEST.

    References
    ----------
    Mantel N. Cancer Chemother Rep 1966;50:163-170.
    Harrington DP, Fleming TR. Biometrika 1982;69:553-566.
    """
    seen = observations(time, event)
    n = seen.time.size
    codes, levels = labels(group, "group", n)
    require(levels.size > 1, "group holds one label only: at least two groups are needed.")
    rho = float(vector([rho], "rho")[0])
    line = lay_out(seen.time)
    if strata is None:
        observed, expected, covariance = _one_stratum(line.code, line.values.size, seen.event, codes, levels.size, rho)
    else:
        observed, expected, covariance = _by_stratum(line, seen.event, codes, levels.size, strata, rho)
    chi2, df = quadratic_form(observed - expected, covariance, expected > 0)
    return LogrankTest(chi2, df, chi2_upper(chi2, df), observed, expected, covariance, levels, _name(rho, strata))


def quadratic_form(excess, covariance, used):
    """Chi-square of `excess` (which sums to zero) and its degrees of freedom."""
    used = np.flatnonzero(used)
    df = used.size - 1
    if df < 1:
        return 0.0, 0
    if df == 1:
        last = used[1]
        variance = covariance[last, last]
        return (float(excess[last] ** 2 / variance) if variance > 0 else 0.0), 1
    rest = used[1:]
    return float(excess[rest] @ np.linalg.solve(covariance[np.ix_(rest, rest)], excess[rest])), df


def _one_stratum(code, size, event, group, k, rho):
    events, at_risk = counts_by_group(code, size, event, group, k)
    return moments(events, at_risk, rho)


def counts_by_group(code, size, event, group, k):
    """Events and numbers at risk, each of shape (groups, times), at the times with an event."""
    joint = group * size + code
    leaving = np.bincount(joint, minlength=k * size).reshape(k, size)
    events = np.bincount(joint[event], minlength=k * size).reshape(k, size)
    happened = np.flatnonzero(events.any(axis=0))
    return events[:, happened].astype(float), tail_sums(leaving)[:, happened].astype(float)


def moments(events, at_risk, rho):
    """Observed, expected and the hypergeometric covariance of their difference."""
    d, n = events.sum(axis=0), at_risk.sum(axis=0)
    if rho == 0:
        share = d / n
        spread = share * (n - d) / np.maximum(n - 1, 1) / n
        observed = events.sum(axis=1)
    else:
        survival = np.cumprod(1 - d / n)
        weight = np.concatenate(([1.0], survival[:-1])) ** rho
        share = weight * d / n
        spread = weight * share * (n - d) / np.maximum(n - 1, 1) / n
        observed = events @ weight
    expected = at_risk @ share
    covariance = np.diag(at_risk @ (spread * n)) - (at_risk * spread) @ at_risk.T
    return observed, expected, covariance


def _by_stratum(line, event, group, k, strata, rho):
    stratum, names = labels(strata, "strata", event.size)
    order = np.argsort(stratum, kind="stable")
    edges = np.concatenate(([0], np.cumsum(np.bincount(stratum, minlength=names.size))))
    total = np.zeros(k), np.zeros(k), np.zeros((k, k))
    for start, stop in zip(edges[:-1], edges[1:], strict=True):
        rows = order[start:stop]
        here = event[rows]
        if not here.any():
            continue
        code = np.unique(line.code[rows], return_inverse=True)[1].reshape(-1)
        part = _one_stratum(code, int(code.max()) + 1, here, group[rows], k, rho)
        for sums, value in zip(total, part, strict=True):
            sums += value
    return total


def _name(rho, strata):
    name = "Log-rank test" if rho == 0 else "Peto-Peto test" if rho == 1 else "G-rho test"
    if rho not in (0, 1):
        name += f", rho = {rho:g}"
    return name + (", stratified" if strata is not None else "")
