"""Balance of a design: standardized mean differences (focal minus other arm) and variance ratios, with signs.

Judged as observed (thresholds 0.1 and 0.25): balance is a property of the sample, no test decides it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from equipoise import stats
from equipoise.protocol.spec import Protocol
from equipoise.records import FOCAL_CONSTANT, FOCAL_SD, MAHALANOBIS, BalanceRow, Cohort, Covariates

Parts = tuple[np.ndarray, np.ndarray]  # values of the focal and of the other arm
_SCALE = {"focal": "treated", "pooled": "pooled"}


def balance_rows(
    protocol: Protocol, cohort: Cohort, covariates: Covariates, include: np.ndarray, in_model: set[str]
) -> tuple[BalanceRow, ...]:
    """One row per shown or modelled variable, and one per level of a categorical one. include: patients of the design."""
    focal = cohort.in_arm(protocol.arms.focal)
    denominator = protocol.smd_denominator
    rows: list[BalanceRow] = []
    for name, spec in protocol.covariates.items():
        if not spec.show and name not in in_model:
            continue
        known = ~covariates.missing(name)
        value = covariates.values[name]
        parts = [(value[known & focal & include], value[known & ~focal & include])]
        parts.append((value[known & focal], value[known & ~focal]))
        used = name in in_model
        if spec.kind == "categorical":
            rows += _categorical(name, list(spec.levels), parts, used, denominator)
        else:
            rows.append(_one(name, "", parts, used, denominator, spec.kind == "binary"))
    return tuple(rows)


def _one(name: str, level: str, parts: list[Parts], used: bool, denominator: str, binary: bool) -> BalanceRow:
    """The row of a continuous or binary variable, or of one level of a factor."""
    shown, whole = parts
    ratio = float("nan")
    if min(len(x) for x in shown) < 2:
        return BalanceRow(name, level, ratio, ratio, ratio, used, denominator)
    difference = stats.smd_binary if binary else stats.smd_continuous
    smd = difference(*shown, reference=whole, denominator=_SCALE[denominator])
    within = difference(*shown)
    if not binary:
        ratio = stats.variance_ratio(*shown)
    fallen = denominator == FOCAL_SD and _constant(whole[0]) and not _constant(whole[1])
    return BalanceRow(
        name, level, smd, within, ratio if np.isfinite(ratio) else float("nan"), used,
        FOCAL_CONSTANT if fallen else denominator, bool(np.isnan(smd)), bool(np.isnan(within)),
    )  # fmt: skip


def _constant(x: np.ndarray) -> bool:
    return bool(x.min() == x.max())


def _categorical(name: str, levels: list[str], parts: list[Parts], used: bool, denominator: str) -> list[BalanceRow]:
    """A factor over all its levels, then level by level. Two levels that occur are one binary variable."""
    present = [k for k in levels if any((x == k).any() for x in parts[1])]
    by_level = [[tuple((x == k).astype(float) for x in pair) for pair in parts] for k in levels]
    rows = [_one(name, k, pairs, used, denominator, binary=True) for k, pairs in zip(levels, by_level, strict=True)]
    if len(present) <= 2:
        first = rows[levels.index(present[0])] if present else rows[0]
        return [replace(first, level="", smd=abs(first.smd), smd_within=abs(first.smd_within)), *rows]
    (x1, x0), whole = [[_codes(x, present) for x in pair] for pair in parts]
    if min(len(x1), len(x0)) < 2:
        return [BalanceRow(name, "", float("nan"), float("nan"), float("nan"), used, MAHALANOBIS), *rows]
    smd, within = stats.smd_categorical(x1, x0, reference=tuple(whole)), stats.smd_categorical(x1, x0)
    apart = bool(np.isnan(smd)), bool(np.isnan(within))
    return [BalanceRow(name, "", smd, within, float("nan"), used, MAHALANOBIS, *apart), *rows]


def _codes(x: np.ndarray, levels: list[str]) -> np.ndarray:
    position = {k: i for i, k in enumerate(levels)}
    return np.array([position[v] for v in x], dtype=int)
