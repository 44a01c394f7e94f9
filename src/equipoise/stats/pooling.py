"""Rubin's rules: one estimate from those of several imputed data sets."""

from __future__ import annotations

import math
from dataclasses import dataclass

from numpy.typing import ArrayLike

from .tails import normal_two_sided, t_quantile, t_two_sided, two_sided_z
from .validation import non_negative, probability, require, sample


@dataclass(frozen=True, slots=True)
class Pooled:
    """An estimate pooled over m imputations.

    Attributes
    ----------
    estimate, se, low, high, p : float
        Mean of the estimates, root of `total`, limits and two-sided P from Student's t with `df`.
    df, df_large_sample : float
        Barnard and Rubin's degrees of freedom, which are used, and Rubin's of 1987 for endless samples (the same where
        `df_complete` is inf).
    within, between, total : float
        Mean of the variances, variance of the estimates, and within + (1 + 1/m) between.
    increase : float
        Relative increase of the variance for what is missing, (1 + 1/m) between / within.
    share : float
        Share of the total variance that the missing values cause ("lambda").
    fmi : float
        Fraction of missing information.
    imputations : int
    """

    estimate: float
    se: float
    low: float
    high: float
    p: float
    df: float
    df_large_sample: float
    within: float
    between: float
    total: float
    increase: float
    share: float
    fmi: float
    imputations: int
    conf_level: float
    method: str

    def __str__(self) -> str:
        return (
            f"{self.estimate:.6g} ({self.low:.6g} to {self.high:.6g}), P = {self.p:.4g}, df = {self.df:.1f}, "
            f"missing information {self.fmi:.3f}; {self.method}, {self.imputations} imputations"
        )


def rubin(estimate: ArrayLike, variance: ArrayLike, *, df_complete: float = math.inf, conf_level: float = 0.95) -> Pooled:
    """Pool the estimates of m imputed data sets (ratios on the log scale).

    Parameters
    ----------
    estimate, variance : array_like, shape (m,)
        At least two; variances are squared standard errors.
    df_complete : float, default inf
        Degrees of freedom that the analysis would have without missing values: n - p for a mean or a regression, events
        - p for a Cox model (as mice takes them); inf where only large-sample theory holds (weights, matched clusters).
    conf_level : float, default 0.95

    Returns
    -------
    Pooled

    References
    ----------
    Rubin DB. Multiple Imputation for Nonresponse in Surveys. 1987.  Barnard J, Rubin DB. Biometrika 1999;86:948-955.
    """
    q = sample(estimate, "estimate", 2)
    u = non_negative(variance, "variance", q.size)
    require(df_complete > 0, f"df_complete must be positive, not {df_complete!r}.")
    conf_level = probability(conf_level, "conf_level")
    m = q.size
    mean, within = float(q.mean()), float(u.mean())
    between = 0.0 if q.min() == q.max() else float(q.var(ddof=1))
    extra = (1 + 1 / m) * between
    total = within + extra
    share = extra / total if total > 0 else math.nan
    increase = extra / within if within > 0 else (math.inf if extra > 0 else math.nan)
    large = (m - 1) / share**2 if share > 0 else math.inf
    df = _barnard_rubin(large, df_complete, share)
    fmi = (increase + 2 / (df + 3)) / (increase + 1) if math.isfinite(increase) else 1.0
    se = math.sqrt(total)
    z = mean / se if se > 0 else math.nan
    endless = math.isinf(df)
    reach = se * (two_sided_z(conf_level) if endless else t_quantile(1 - (1 - conf_level) / 2, df))
    p = normal_two_sided(z) if endless else t_two_sided(z, df)
    return Pooled(
        mean, se, mean - reach, mean + reach, p, df, large, within, between, total, increase, share, fmi, m, conf_level,
        "Rubin's rules, degrees of freedom of Barnard and Rubin" if math.isfinite(df_complete) else "Rubin's rules",
    )  # fmt: skip


def _barnard_rubin(large: float, complete: float, share: float) -> float:
    if math.isinf(complete):
        return large
    observed = (complete + 1) / (complete + 3) * complete * (1 - share)
    return observed if math.isinf(large) else large * observed / (large + observed)
