"""How alike the arms are in what is missing, where a missing value is a level of the score."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from equipoise import stats
from equipoise.protocol.missing import INDICATOR
from equipoise.protocol.missing_covariates import scored_names
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Covariates, Design, Row, Sample

ROUNDING = 1e-12
OF_ALL = "the largest difference of two arms, without sign; SD pooled over all arms in the whole sample"


def missing_balance_rows(protocol: Protocol, cohort: Cohort, covariates: Covariates, design: Design) -> Iterator[Row]:
    """SMD of the share without a value (focal minus other arm), of each covariate of a score that somebody lacks; the pooled SD
    of all patients. None under another rule than the missing indicator."""
    if protocol.missing.rule != INDICATOR:
        return
    focal, sample = cohort.in_arm(protocol.arms.focal), design.sample
    groups = [cohort.in_arm(a) for a in protocol.arms.groups] if protocol.arms.several else [focal, ~focal]
    for name in scored_names(protocol):
        lost = covariates.missing(name).astype(float)
        arms = [sample.among(mine) for mine in groups]
        if not lost.any() or not all(arm.n for arm in arms):
            continue
        if protocol.arms.several:
            yield _largest(name, lost, arms, groups, design)
            continue
        smd = stats.smd_binary(
            *(lost[arm.include] for arm in arms), reference=(lost[focal], lost[~focal]),
            weight1=arms[0].weights, weight0=arms[1].weights,
        )  # fmt: skip
        smd = 0.0 if abs(smd) < ROUNDING else smd
        base = {"phase": "design", "analysis": "missing_balance", "design": design.name, "variable": name}
        yield Row(**base, statistic="smd", value=float(smd), n=float(sample.n), events=float(np.sum(lost[sample.include])))


def _largest(name: str, lost: np.ndarray, arms: list[Sample], groups: list[np.ndarray], design: Design) -> Row:
    """Of several arms."""
    share = [float(np.average(lost[arm.include], weights=arm.weights)) for arm in arms]
    whole = [float(lost[mine].mean()) for mine in groups]
    difference, variance = max(share) - min(share), float(np.mean([p * (1 - p) for p in whole]))
    smd = 0.0 if difference < ROUNDING else difference / float(np.sqrt(variance)) if variance > 0 else float("nan")
    sample = design.sample
    counted = {"n": float(sample.n), "events": float(lost[sample.include].sum())}
    base = {"phase": "design", "analysis": "missing_balance", "design": design.name, "variable": name}
    return Row(**base, statistic="smd", value=smd, method=OF_ALL, **counted)
