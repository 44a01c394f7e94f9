"""Random-effects summary of the estimates of several studies."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .arrays import Array, ArrayLike
from .tails import chi2_upper, t_quantile, t_two_sided
from .validation import non_negative, one_of, probability, require, sample


@dataclass(frozen=True, slots=True, eq=False)
class StudySummary:
    """An estimate over k studies.

    Attributes
    ----------
    estimate, se, low, high, p : float
        Mean of the distribution of effects, with the standard error of Hartung and Knapp, t(k - 1).
    prediction_low, prediction_high : float
        Where the effect of a further study would lie: estimate -/+ t(k - 1) x sqrt(tau2 + se**2).
    tau2 : float
        Variance of the effects between studies.
    i2 : float
        Share (0 to 1) of the variability that lies between studies, tau2 / (tau2 + typical sampling variance).
    q, q_p : float
        Cochran's test of homogeneity, k - 1 degrees of freedom.
    weight : float ndarray, shape (k,)
        Weight of each study, sum 1.
    k : int
    """

    estimate: float
    se: float
    low: float
    high: float
    p: float
    prediction_low: float
    prediction_high: float
    tau2: float
    i2: float
    q: float
    q_p: float
    weight: Array
    k: int
    conf_level: float
    method: str

    def __str__(self) -> str:
        return f"{self.estimate:.6g} ({self.low:.6g} to {self.high:.6g}), tau2 = {self.tau2:.4g}; {self.method}, {self.k} studies"


def random_effects(estimate: ArrayLike, variance: ArrayLike, *, method: str = "reml", conf_level: float = 0.95) -> StudySummary:
    """Pool the estimates of studies (ratios on the log scale).

    Parameters
    ----------
    estimate, variance : array_like, shape (k,)
        At least two; variances are squared standard errors, above 0.
    method : {"reml", "dl"}
        Variance between studies: restricted maximum likelihood (Fisher scoring), or DerSimonian and Laird.  0 where negative.
    conf_level : float, default 0.95

    References
    ----------
    DerSimonian R, Laird N. Control Clin Trials 1986;7:177.  Viechtbauer W. J Educ Behav Stat 2005;30:261.  Knapp G, Hartung J.
    Stat Med 2003;22:2693.
    """
    y = sample(estimate, "estimate", 2)
    v = non_negative(variance, "variance", y.size)
    require(bool((v > 0).all()), "variance must be above 0.")
    one_of(method, ("reml", "dl"), "method")
    conf_level = probability(conf_level, "conf_level")
    k, w = y.size, 1 / v
    q = float((w * (y - w @ y / w.sum()) ** 2).sum())
    typical = (k - 1) / float(w.sum() - (w**2).sum() / w.sum())
    tau2 = max(0.0, (q - (k - 1)) / (k - 1) * typical)
    if method == "reml":
        tau2 = _restricted(y, v, tau2)
    w = 1 / (v + tau2)
    mean = float(w @ y / w.sum())
    se = math.sqrt(float((w * (y - mean) ** 2).sum()) / ((k - 1) * float(w.sum())))
    t = t_quantile(1 - (1 - conf_level) / 2, k - 1)
    ahead = t * math.sqrt(tau2 + se**2)
    name = "restricted maximum likelihood" if method == "reml" else "DerSimonian and Laird"
    return StudySummary(
        mean, se, mean - t * se, mean + t * se, t_two_sided(mean / se, k - 1) if se > 0 else math.nan,
        mean - ahead, mean + ahead, tau2, tau2 / (tau2 + typical), q, float(chi2_upper(q, k - 1)),
        w / w.sum(), k, conf_level, f"random effects ({name}), Hartung and Knapp",
    )  # fmt: skip


def _restricted(y: Array, v: Array, start: float) -> float:
    tau2, scale = start, float(v.mean())
    for _ in range(10_000):
        w = 1 / (v + tau2)
        total = float(w.sum())
        mean = float(w @ y) / total
        score = float((w**2 * (y - mean) ** 2).sum()) - (total - float((w**2).sum()) / total)
        information = float((w**2).sum()) - 2 * float((w**3).sum()) / total + (float((w**2).sum()) / total) ** 2
        new = max(0.0, tau2 + score / information)
        if abs(new - tau2) <= 1e-13 * (scale + new):
            return new
        tau2 = new
    require(False, "the restricted likelihood has no maximum that was found.")
    return math.nan
