"""Balance of several arms: the largest difference of any two, without sign.

Li F, Li F. Ann Appl Stat 2019;13:2389-2415 (section 4: the SD is the root of the mean of the arms' variances).
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from equipoise import stats
from equipoise.protocol.spec import Protocol
from equipoise.records import ALL_ARMS_SD, MAHALANOBIS_OF_ARMS, BalanceRow, Cohort, Covariates, Sample

NAN = float("nan")
ROUNDING = 1e-12


def several_balance(
    protocol: Protocol, cohort: Cohort, covariates: Covariates, sample: Sample, in_model: set[str]
) -> tuple[BalanceRow, ...]:
    """One row per variable whose balance is judged or that is in the model, and one per level of a categorical one: of any two
    arms the largest difference of means over the SD pooled over all arms of the whole sample; the largest over the smallest
    variance."""
    rows: list[BalanceRow] = []
    judged = {*protocol.balanced_covariates, *in_model}
    for name, spec in protocol.covariates.items():
        if name not in judged:
            continue
        known, value = ~covariates.missing(name), covariates.values[name]
        whole = [known & cohort.in_arm(arm) for arm in protocol.arms.groups]
        shown = [sample.among(mine) for mine in whole]
        if spec.kind != "categorical":
            rows.append(_one(name, "", value, shown, whole, name in in_model, spec.kind == "binary"))
            continue
        levels = [_one(name, k, (value == k).astype(float), shown, whole, name in in_model, True) for k in spec.levels]
        rows += [_factor(name, value, list(spec.levels), shown, whole, levels), *levels]
    return tuple(rows)


def _one(
    name: str, level: str, value: np.ndarray, shown: list[Sample], whole: list[np.ndarray], used: bool, binary: bool
) -> BalanceRow:
    if _few(shown, whole):
        return BalanceRow(name, level, NAN, NAN, NAN, used, ALL_ARMS_SD)
    mean = [float(np.average(value[part.include], weights=part.weights)) for part in shown]
    variance = [_variance(value[part.include], part.weights, binary) for part in shown]
    before = [_variance(value[mine], None, binary) for mine in whole]
    smd = _largest(mean, float(np.mean(before)))
    within = _largest(mean, float(np.mean(variance)))
    ratio = max(variance) / min(variance) if not binary and min(variance) > 0 else NAN
    return BalanceRow(name, level, smd, within, ratio, used, ALL_ARMS_SD, bool(np.isnan(smd)), bool(np.isnan(within)))


def _few(shown: list[Sample], whole: list[np.ndarray]) -> bool:
    return min(*(part.n for part in shown), *(int(mine.sum()) for mine in whole)) < 2


def _variance(x: np.ndarray, weight: np.ndarray | None, binary: bool) -> float:
    if binary:
        share = float(np.average(x, weights=weight))
        return share * (1 - share)
    return float(x.var(ddof=1)) if weight is None else float(stats.weighted_sd(x, weight)) ** 2


def _largest(mean: list[float], variance: float) -> float:
    """nan where the arms differ and nothing gives the difference a scale."""
    difference = max(mean) - min(mean)
    if difference < ROUNDING:
        return 0.0
    return difference / float(np.sqrt(variance)) if variance > 0 else NAN


def _factor(
    name: str, value: np.ndarray, levels: list[str], shown: list[Sample], whole: list[np.ndarray], rows: list[BalanceRow]
) -> BalanceRow:
    """A factor over all its levels: the largest Mahalanobis distance of two arms. Two levels that occur are a binary variable."""
    used = rows[0].in_propensity
    present = [k for k in levels if any((value[mine] == k).any() for mine in whole)]
    if len(present) <= 2:
        first = rows[levels.index(present[0])] if present else rows[0]
        return BalanceRow(
            name, "", first.smd, first.smd_within, NAN, used, first.scale, first.apart, first.apart_within
        )  # fmt: skip
    if _few(shown, whole):
        return BalanceRow(name, "", NAN, NAN, NAN, used, MAHALANOBIS_OF_ARMS)
    place = {k: i for i, k in enumerate(levels)}
    code = np.array([place.get(v, -1) for v in value], dtype=int)
    smd, within = [], []
    for i, j in combinations(range(len(whole)), 2):
        parts = [code[shown[a].include] for a in (i, j)]
        weighting = {"weight1": shown[i].weights, "weight0": shown[j].weights}
        smd.append(stats.smd_categorical(*parts, reference=(code[whole[i]], code[whole[j]]), **weighting))
        within.append(stats.smd_categorical(*parts, **weighting))
    found = [float(np.max(d)) for d in (smd, within)]  # nan where any is: an infinite distance
    found = [0.0 if d < ROUNDING else d for d in found]
    return BalanceRow(name, "", *found, NAN, used, MAHALANOBIS_OF_ARMS, *(bool(np.isnan(d)) for d in found))
