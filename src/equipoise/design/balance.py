"""Balance of a design: standardized mean differences (focal minus other arm) and variance ratios, with signs.

Judged as observed (thresholds 0.1 and 0.25): balance is a property of the sample, no test decides it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from equipoise import stats
from equipoise.protocol.spec import Protocol
from equipoise.records import (
    FOCAL_CONSTANT,
    FOCAL_SD,
    MAHALANOBIS,
    OTHER_CONSTANT,
    OTHER_SD,
    POOLED_SD,
    BalanceRow,
    Cohort,
    Covariates,
    Sample,
)

Parts = tuple[np.ndarray, np.ndarray]  # values of the focal and of the other arm
ROUNDING = 1e-12
_SCALE = {FOCAL_SD: "treated", OTHER_SD: "control", POOLED_SD: "pooled"}


@dataclass(frozen=True, slots=True)
class _Samples:
    """One variable: its values in the design by arm with their weights (None without), and in the whole sample."""

    shown: Parts
    weights: tuple[np.ndarray | None, np.ndarray | None]
    whole: Parts

    def of(self, change: Callable[[np.ndarray], np.ndarray]) -> _Samples:
        """The same patients with another value each."""
        (x1, x0), (r1, r0) = self.shown, self.whole
        return _Samples((change(x1), change(x0)), self.weights, (change(r1), change(r0)))

    @property
    def weighting(self) -> dict[str, np.ndarray | None]:
        return {"weight1": self.weights[0], "weight0": self.weights[1]}

    @property
    def few(self) -> bool:
        return min(len(x) for x in self.shown) < 2


def balance_rows(
    protocol: Protocol, cohort: Cohort, covariates: Covariates, sample: Sample, in_model: set[str], denominator: str
) -> tuple[BalanceRow, ...]:
    """One row per variable whose balance is judged or that is in the model, and one per level of a categorical one.

    in_model: covariates of the score. denominator: focal, other or pooled, SD of the whole sample.
    """
    focal = cohort.in_arm(protocol.arms.focal)
    rows: list[BalanceRow] = []
    judged = {*protocol.balanced_covariates, *in_model}
    for name, spec in protocol.covariates.items():
        if name not in judged:
            continue
        known = ~covariates.missing(name)
        value = covariates.values[name]
        arms = [sample.among(known & focal), sample.among(known & ~focal)]
        shown, weights = tuple(value[arm.include] for arm in arms), tuple(arm.weights for arm in arms)
        samples = _Samples(shown, weights, (value[known & focal], value[known & ~focal]))
        used = name in in_model
        if spec.kind == "categorical":
            rows += _categorical(name, list(spec.levels), samples, used, denominator)
        else:
            rows.append(_one(name, "", samples, used, denominator, spec.kind == "binary"))
    return tuple(rows)


def _one(name: str, level: str, samples: _Samples, used: bool, denominator: str, binary: bool) -> BalanceRow:
    """The row of a continuous or binary variable, or of one level of a factor."""
    ratio = float("nan")
    if samples.few:
        return BalanceRow(name, level, ratio, ratio, ratio, used, denominator)
    difference = stats.smd_binary if binary else stats.smd_continuous
    smd = _sized(difference(*samples.shown, reference=samples.whole, denominator=_SCALE[denominator], **samples.weighting))
    within = _sized(difference(*samples.shown, **samples.weighting))
    if not binary:
        ratio = stats.variance_ratio(*samples.shown, **samples.weighting)
    return BalanceRow(
        name, level, smd, within, ratio if np.isfinite(ratio) else float("nan"), used,
        _scale(denominator, samples.whole), bool(np.isnan(smd)), bool(np.isnan(within)),
    )  # fmt: skip


def _sized(smd: float) -> float:
    """Zero where nothing but rounding is left, as after overlap weights, so that no sign is printed."""
    return 0.0 if abs(smd) < ROUNDING else smd


def _scale(denominator: str, whole: Parts) -> str:
    """The denominator, or what stands in for it where that arm is constant and the other is not."""
    focal, other = (_constant(x) for x in whole)
    if denominator == FOCAL_SD and focal and not other:
        return FOCAL_CONSTANT
    return OTHER_CONSTANT if denominator == OTHER_SD and other and not focal else denominator


def _constant(x: np.ndarray) -> bool:
    return bool(x.min() == x.max())


def _categorical(name: str, levels: list[str], samples: _Samples, used: bool, denominator: str) -> list[BalanceRow]:
    """A factor over all its levels, then level by level. Two levels that occur are one binary variable."""
    present = [k for k in levels if any((x == k).any() for x in samples.whole)]
    rows = [_one(name, k, samples.of(_is(k)), used, denominator, binary=True) for k in levels]
    if len(present) <= 2:
        first = rows[levels.index(present[0])] if present else rows[0]
        return [replace(first, level="", smd=abs(first.smd), smd_within=abs(first.smd_within)), *rows]
    if samples.few:
        return [BalanceRow(name, "", float("nan"), float("nan"), float("nan"), used, MAHALANOBIS), *rows]
    coded = samples.of(lambda x: _codes(x, present))
    smd = _sized(stats.smd_categorical(*coded.shown, reference=coded.whole, **coded.weighting))
    within = _sized(stats.smd_categorical(*coded.shown, **coded.weighting))
    apart = bool(np.isnan(smd)), bool(np.isnan(within))
    return [BalanceRow(name, "", smd, within, float("nan"), used, MAHALANOBIS, *apart), *rows]


def _is(level: str) -> Callable[[np.ndarray], np.ndarray]:
    return lambda x: (x == level).astype(float)


def _codes(x: np.ndarray, levels: list[str]) -> np.ndarray:
    position = {k: i for i, k in enumerate(levels)}
    return np.fromiter(map(position.__getitem__, x.tolist()), dtype=int, count=len(x))
