"""How alike the arms are in what is missing, where a missing value is a level of the score."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from equipoise import stats
from equipoise.protocol.missing import INDICATOR
from equipoise.protocol.missing_covariates import scored_names
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Covariates, Design, Row

ROUNDING = 1e-12


def missing_balance_rows(protocol: Protocol, cohort: Cohort, covariates: Covariates, design: Design) -> Iterator[Row]:
    """SMD of the share without a value (focal minus other arm), of each covariate of a score that somebody lacks; the pooled SD
    of all patients. None under another rule than the missing indicator."""
    if protocol.missing.rule != INDICATOR:
        return
    focal, sample = cohort.in_arm(protocol.arms.focal), design.sample
    for name in scored_names(protocol):
        lost = covariates.missing(name).astype(float)
        arms = [sample.among(focal), sample.among(~focal)]
        if not lost.any() or not all(arm.n for arm in arms):
            continue
        smd = stats.smd_binary(
            *(lost[arm.include] for arm in arms), reference=(lost[focal], lost[~focal]),
            weight1=arms[0].weights, weight0=arms[1].weights,
        )  # fmt: skip
        smd = 0.0 if abs(smd) < ROUNDING else smd
        base = {"phase": "design", "analysis": "missing_balance", "design": design.name, "variable": name}
        yield Row(**base, statistic="smd", value=float(smd), n=float(sample.n), events=float(np.sum(lost[sample.include])))
