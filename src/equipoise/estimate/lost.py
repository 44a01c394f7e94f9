"""Who was lost: of each arm the patients that a design left out, or gave next to no weight, beside those whom it kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from equipoise import stats
from equipoise.estimate.survival import quantiles
from equipoise.protocol.measures import Covariate
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Covariates, Design, Row

LITTLE = 0.1  # of the mean weight of the arm: who weighs less hardly counts
KEPT, LOST, BESIDE = "kept", "lost", "lost_vs_kept"
SMD = "patients lost minus those kept, unweighted; SD pooled over both, of this arm"
FACTOR = "Mahalanobis distance over all levels of patients lost and kept, unweighted; mean of both covariances, of this arm"
FEW = "not estimable: fewer than two patients on a side, or no difference in scale"


def lost(cohort: Cohort, design: Design, arm: str) -> tuple[np.ndarray, np.ndarray]:
    """bool per patient of the cohort: who of an arm is kept by a design, and who is lost: left out, or with a weight below LITTLE
    times the mean of the arm."""
    mine = cohort.in_arm(arm)
    kept = mine & design.include
    if design.sample.weighted and kept.any():
        kept = kept & (design.weight >= LITTLE * design.weight[kept].mean())
    return kept, mine & ~kept


def lost_rows(protocol: Protocol, cohort: Cohort, covariates: Covariates, design: Design) -> Iterator[Row]:
    """Counts and every covariate whose balance is judged, of those lost and kept, of each arm in which the design loses somebody,
    unweighted; how they differ; and of a weighted design how many are lost for next to no weight."""
    for arm in protocol.arms.groups:
        kept, gone = lost(cohort, design, arm)
        if not gone.any():
            continue
        base = Row("lost", "n", 0.0, design=design.name, group=arm, n=float(cohort.in_arm(arm).sum()))
        for name, who in ((KEPT, kept), (LOST, gone)):
            yield replace(base, analysis=name, value=float(who.sum()))
        if design.sample.weighted:
            yield replace(
                base,
                analysis="little_weight",
                value=float((gone & design.include).sum()),
                method=f"below {LITTLE:g} of the mean weight",
            )
        for name in protocol.balanced_covariates:
            missing, value, spec = covariates.missing(name), covariates.values[name], protocol.covariates[name]
            for side, who in ((KEPT, kept), (LOST, gone)):
                yield from _described(protocol, replace(base, analysis=side, variable=name), spec, value, who, missing)
            yield _beside(replace(base, analysis=BESIDE, variable=name), spec, value[gone & ~missing], value[kept & ~missing])


def _described(
    protocol: Protocol, base: Row, spec: Covariate, value: np.ndarray, who: np.ndarray, missing: np.ndarray
) -> Iterator[Row]:
    base = replace(base, n=float(who.sum()))
    yield replace(base, statistic="missing", value=float((who & missing).sum()))
    x = value[who & ~missing]
    base = replace(base, n=float(len(x)))
    if not len(x):
        return
    if spec.kind == "continuous":
        quartiles, method = quantiles(protocol, x, [0.25, 0.5, 0.75], None)
        for statistic, number in zip(("q1", "median", "q3"), quartiles, strict=True):
            yield replace(base, statistic=statistic, value=float(number), method=method)
        return
    for level in spec.levels or [""]:
        k = float(((x == level) if spec.levels else (x == 1.0)).sum())
        yield replace(base, statistic="percent", level=level, value=100.0 * k / len(x), events=k)


def _beside(base: Row, spec: Covariate, gone: np.ndarray, kept: np.ndarray) -> Row:
    """nan where a side has fewer than two patients or nothing gives the difference a scale."""
    base = replace(base, statistic="smd", n=float(len(gone) + len(kept)))
    smd, method = float("nan"), FACTOR if spec.kind == "categorical" else SMD
    if min(len(gone), len(kept)) >= 2:
        if spec.kind == "categorical":  # by the order of the levels, so that other names of theirs move no digit
            place = {level: k for k, level in enumerate(spec.levels)}
            gone, kept = (np.array([place[v] for v in x], dtype=int) for x in (gone, kept))
        difference = {"continuous": stats.smd_continuous, "binary": stats.smd_binary, "categorical": stats.smd_categorical}
        smd = float(difference[spec.kind](gone, kept))
    return replace(base, value=smd, method=method if np.isfinite(smd) else FEW)
