"""Balance of a design: standardized mean differences (focal minus other arm) and variance ratios, with signs.

Judged as observed (thresholds 0.1 and 0.25): balance is a property of the sample, no test decides it.
"""

from __future__ import annotations

import numpy as np

from equipoise import stats
from equipoise.protocol.spec import Protocol
from equipoise.records import BalanceRow, Cohort, Covariates

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
        elif spec.kind == "binary":
            rows.append(BalanceRow(name, "", *_binary(parts, denominator), float("nan"), used))
        else:
            rows.append(_continuous(name, parts, used, denominator))
    return tuple(rows)


def _continuous(name: str, parts: list[Parts], used: bool, denominator: str) -> BalanceRow:
    (x1, x0), whole = parts
    smd = stats.smd_continuous(x1, x0, reference=whole, denominator=_SCALE[denominator])
    within = stats.smd_continuous(x1, x0)
    return BalanceRow(name, "", smd, within, stats.variance_ratio(x1, x0), used)


def _binary(parts: list[Parts], denominator: str) -> tuple[float, float]:
    (x1, x0), whole = parts
    return stats.smd_binary(x1, x0, reference=whole, denominator=_SCALE[denominator]), stats.smd_binary(x1, x0)


def _categorical(name: str, levels: list[str], parts: list[Parts], used: bool, denominator: str) -> list[BalanceRow]:
    (x1, x0), whole = parts
    present = [k for k in levels if any((x == k).any() for x in whole)]
    codes = [[_codes(x, present) for x in pair] for pair in parts]
    smd = stats.smd_categorical(codes[0][0], codes[0][1], reference=(codes[1][0], codes[1][1]))
    within = stats.smd_categorical(codes[0][0], codes[0][1])
    rows = [BalanceRow(name, "", smd, within, float("nan"), used)]
    for level in levels:
        pairs = [tuple((x == level).astype(float) for x in pair) for pair in parts]
        rows.append(BalanceRow(name, level, *_binary(pairs, denominator), float("nan"), used))
    return rows


def _codes(x: np.ndarray, levels: list[str]) -> np.ndarray:
    position = {k: i for i, k in enumerate(levels)}
    return np.array([position[v] for v in x], dtype=int)
