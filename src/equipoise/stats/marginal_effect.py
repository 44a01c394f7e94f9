"""Marginal risks of a binary outcome in two arms, after weights or matching: difference, risk ratio and odds ratio, robust."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .clusters import ROUNDING, clustered_errors, codes_of, difference_of, without_rounding
from .tails import normal_two_sided, two_sided_z
from .validation import indicator, probability, require, vector, weights

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RobustMeasure:
    """An estimate with its robust standard error (of the logarithm, for ratios), limits and two-sided P; nan: not estimable."""

    estimate: float
    se: float
    low: float
    high: float
    p: float

    def __str__(self) -> str:
        return f"{self.estimate:.4g} ({self.low:.4g} to {self.high:.4g}), P = {self.p:.4g}"


@dataclass(frozen=True, slots=True)
class MarginalEffects:
    """Contrasts of two marginal means, treated against control.

    Attributes
    ----------
    treated, control, difference : RobustMeasure
        Means (risks, of a binary outcome) and their difference; `p` of a mean alone is nan.
    ratio, odds_ratio : RobustMeasure
        On the log scale; not estimable (nan limits) where a mean is 0 or below, or a risk is 0 or 1.
    """

    treated: RobustMeasure
    control: RobustMeasure
    difference: RobustMeasure
    ratio: RobustMeasure
    odds_ratio: RobustMeasure
    n: int
    conf_level: float
    method: str

    def __str__(self) -> str:
        return "\n".join(
            [self.method, f"  difference {self.difference}", f"  ratio {self.ratio}", f"  odds ratio {self.odds_ratio}"]
        )


def marginal_effects(
    event: ArrayLike,
    treated: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    conf_level: float = 0.95,
) -> MarginalEffects:
    """Risk difference, risk ratio and odds ratio of a binary outcome that is known for everybody.

    Parameters
    ----------
    event, treated : array_like, shape (n,)
        0 or 1.
    weight : array_like, shape (n,), optional
        Weights of a design, taken as fixed.
    cluster : array_like, shape (n,), optional
        Matched pairs or subclasses, also across the arms.  Default: every row on its own.
    conf_level : float, default 0.95

    Returns
    -------
    MarginalEffects
        Those of weighted regressions on treatment alone with identity, log and logit link, and their sandwich errors without a
        correction for small samples (HC0).

    References
    ----------
    Liang KY, Zeger SL. Biometrika 1986;73:13-22.  Austin PC. Stat Med 2010;29:2137-2148.
    """
    outcome = indicator(event, "event").astype(float)
    return _of(outcome, treated, weight, cluster, conf_level, "Marginal risks", risks=True)


def marginal_means(
    outcome: ArrayLike,
    treated: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    conf_level: float = 0.95,
) -> MarginalEffects:
    """Difference and ratio of the means of a number that is known for everybody; parameters as :func:`marginal_effects`.

    The odds ratio is nan, and so are the limits of the ratio where a mean is not positive.
    """
    value = vector(outcome, "outcome")
    return _of(value, treated, weight, cluster, conf_level, "Marginal means", risks=False)


def _of(
    outcome: Floats,
    treated: ArrayLike,
    weight: ArrayLike | None,
    cluster: ArrayLike | None,
    conf_level: float,
    what: str,
    *,
    risks: bool,
) -> MarginalEffects:
    arm = indicator(treated, "treated", outcome.size)
    w = np.ones(arm.size) if weight is None else weights(weight, arm.size)
    means, influence = [], []
    for rows, name in ((arm, "treated"), (~arm, "control")):
        total = float(w[rows].sum())
        require(total > 0, f"no {name} patient counts: two arms are needed.")
        share = np.where(rows, w, 0.0) / total
        means.append(float(share @ outcome))
        influence.append(share * (outcome - means[-1]))
    method = f"{what}, {'weighted, ' if weight is not None else ''}robust standard errors"
    method += " clustered" if cluster is not None else ""
    return contrasts(means, np.column_stack(influence), codes_of(cluster, arm.size), conf_level, method, risks=risks)


def contrasts(
    means: list[float],
    influence: Floats,
    groups: NDArray[np.intp] | None,
    conf_level: float,
    method: str,
    *,
    risks: bool,
) -> MarginalEffects:
    """Contrasts of (treated, control) means.  influence: shape (n, 2), of each row on each mean; risks: odds make sense.

    A mean of values that are all the same has no standard error, however the sums of its weights were rounded.
    """
    z = two_sided_z(probability(conf_level, "conf_level"))
    p1, p0 = (_whole(mean) if risks else mean for mean in means)
    p1 = p1 if difference_of(p1, p0) else p0
    influence = without_rounding(influence, np.array([p1, p0]))
    usable = min(p1, p0) > 0
    inside = risks and usable and max(p1, p0) < 1
    columns = [influence[:, 0], influence[:, 1], influence @ [1.0, -1.0]]
    columns.append(influence @ [1 / p1, -1 / p0] if usable else np.zeros(influence.shape[0]))
    columns.append(influence @ [1 / (p1 * (1 - p1)), -1 / (p0 * (1 - p0))] if inside else np.zeros(influence.shape[0]))
    errors = clustered_errors(np.column_stack(columns), groups)
    treated, control, difference = (
        _plain(value, float(se), z, tested)
        for value, se, tested in zip((p1, p0, p1 - p0), errors[:3], (False, False, True), strict=True)
    )
    ratio = p1 / p0 if p0 != 0 else math.nan
    odds = ratio * (1 - p0) / (1 - p1) if p1 < 1 else math.nan
    return MarginalEffects(
        treated, control, difference, _logarithmic(ratio, float(errors[3]), z, usable),
        _logarithmic(odds if risks else math.nan, float(errors[4]), z, inside), influence.shape[0], conf_level, method,
    )  # fmt: skip


def _whole(risk: float) -> float:
    """0 or 1 where a risk is that but for rounding."""
    return float(round(risk)) if abs(risk - round(risk)) <= ROUNDING else risk


def _plain(value: float, se: float, z: float, tested: bool) -> RobustMeasure:
    reach = z * se if se > 0 else math.nan
    return RobustMeasure(value, se, value - reach, value + reach, normal_two_sided(value / se) if tested and se > 0 else math.nan)


def _logarithmic(value: float, se: float, z: float, usable: bool) -> RobustMeasure:
    if not usable or not se > 0:
        return RobustMeasure(value, math.nan, math.nan, math.nan, math.nan)
    reach = math.exp(z * se)
    return RobustMeasure(value, se, value / reach, value * reach, normal_two_sided(math.log(value) / se))
