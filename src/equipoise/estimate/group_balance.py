"""Balance of groups of covariates: of how many the arms differ by more than the thresholds, and of which the most."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, CovariateGroup, Covariates, Design, Row

ANALYSIS, ABOVE = "covariate_group", "above"
NAMED = 5
METHOD = "focal minus other arm, of the share; SD pooled over both arms in the whole sample"


def group_balance_rows(protocol: Protocol, cohort: Cohort, covariates: Covariates, design: Design) -> Iterator[Row]:
    """A row per group: how many covariates, above each threshold, and the largest differences by name; of two arms."""
    if protocol.arms.single or protocol.arms.several:
        return
    focal = cohort.in_arm(protocol.arms.focal)
    weight = np.where(design.include, design.weight, 0.0)
    for name, group in covariates.groups.items():
        if group.labels:
            yield from _rows(protocol, name, group, focal, weight, design.name)


def _rows(
    protocol: Protocol, name: str, group: CovariateGroup, focal: np.ndarray, weight: np.ndarray, design: str
) -> Iterator[Row]:
    smd = differences(group, focal, weight)
    base = {"phase": "baseline", "analysis": ANALYSIS, "design": design, "variable": name}
    yield Row(**base, statistic="n", value=float(len(smd)))
    for limit in dict.fromkeys(protocol.balance_thresholds):
        yield Row(**base, statistic="n", level=f"{ABOVE} {limit:g}", value=float((np.abs(smd) > limit).sum()))
    size = np.round(np.abs(smd), 10)
    for k in sorted(range(len(smd)), key=lambda k: (-size[k], group.labels[k]))[:NAMED]:
        yield Row(**base, statistic="smd", level=group.labels[k], value=float(smd[k]), method=METHOD)


def differences(group: CovariateGroup, focal: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Standardized difference of each covariate in the weighted sample; 0 of one that nobody or everybody has."""
    width = len(group.labels)

    def share(w: np.ndarray) -> np.ndarray:
        return np.bincount(group.column, weights=w[group.row], minlength=width) / w.sum()

    whole = [share(side.astype(float)) for side in (focal, ~focal)]
    shown = [share(np.where(side, weight, 0.0)) for side in (focal, ~focal)]
    n = [float(side.sum()) for side in (focal, ~focal)]
    variance = sum(p * (1 - p) * m / (m - 1) for p, m in zip(whole, n, strict=True)) / 2
    scale = np.sqrt(variance)
    return np.where(scale > 0, (shown[0] - shown[1]) / np.where(scale > 0, scale, 1.0), 0.0)
