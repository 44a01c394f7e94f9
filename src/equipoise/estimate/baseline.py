"""Baseline characteristics of a design: counts, quartiles, tests, standardized differences."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from equipoise import stats
from equipoise.estimate.association import Pairing, category_tests, continuous_tests, pairing
from equipoise.estimate.survival import quantiles
from equipoise.protocol.measures import Covariate
from equipoise.protocol.spec import Protocol
from equipoise.records import (
    ALL_ARMS_SD,
    FOCAL_CONSTANT,
    FOCAL_SD,
    MAHALANOBIS,
    MAHALANOBIS_OF_ARMS,
    OTHER_CONSTANT,
    OTHER_SD,
    POOLED_SD,
    BalanceRow,
    Cohort,
    Covariates,
    Design,
    Row,
    Sample,
)

TOTAL = "total"
KISH = "(sum of weights)^2 / sum of squared weights of an arm (Kish); in total the sum of the arms"
NOT_ESTIMABLE = "not estimable: the arms have no level in common or are constant and differ"
SCALES = {
    FOCAL_SD: "focal minus other arm; the focal arm's SD {where}",
    POOLED_SD: "focal minus other arm; SD pooled over both arms {where}",
    FOCAL_CONSTANT: "focal minus other arm; SD pooled over both arms {where}, for that of the focal arm is 0",
    OTHER_SD: "focal minus other arm; the other arm's SD {where}",
    OTHER_CONSTANT: "focal minus other arm; SD pooled over both arms {where}, for that of the other arm is 0",
    MAHALANOBIS: "Mahalanobis distance over all levels; mean of both arms' covariances {where}",
    ALL_ARMS_SD: "the largest difference of two arms, without sign; SD pooled over all arms {where}",
    MAHALANOBIS_OF_ARMS: "Mahalanobis distance over all levels, the largest of two arms; mean of their covariances {where}",
}


def baseline_rows(protocol: Protocol, cohort: Cohort, covariates: Covariates, design: Design) -> Iterator[Row]:
    """Rows for every covariate, shown or not, in total and by arm; the effective sample size of a weighted design.

    Of a weighted design every number is weighted and `n` of a row the unweighted number of patients, `events` that of those who
    have the level. Nothing is described in total, for that would hang on how much one arm weighs against the other. No P:
    imbalance left by weights is judged by the standardized difference.
    """
    sample = design.sample
    groups = {TOTAL: sample, **{a: sample.among(cohort.in_arm(a)) for a in protocol.arms.groups}}
    use_pairs = sample.paired and protocol.tests.paired_after_matching
    pairs = pairing(sample.pair if use_pairs else np.zeros(cohort.n, dtype=int), cohort.in_arm(protocol.arms.focal))
    for group, part in groups.items():
        base = {"phase": "baseline", "design": sample.design, "group": group, "n": float(part.n)}
        yield Row(**base, statistic="n", value=float(part.n))
        if sample.weighted:
            value = design.facts["effective_n"][group]
            yield Row(**base, statistic="effective_n", value=value, method=KISH)
    for name, spec in protocol.covariates.items():
        yield from _described(protocol, name, spec, covariates, groups)
        if not sample.weighted:
            arms = [groups[a].include for a in protocol.arms.groups]
            yield from _tested(protocol, design, name, spec, covariates, arms, pairs)
    yield from _balance(design)


def _described(
    protocol: Protocol, name: str, spec: Covariate, covariates: Covariates, groups: dict[str, Sample]
) -> Iterator[Row]:
    missing, value = covariates.missing(name), covariates.values[name]
    for group, part in groups.items():
        base = {"phase": "baseline", "design": part.design, "variable": name, "group": group}
        yield Row(**base, statistic="missing", value=float((part.include & missing).sum()), n=float(part.n))
        known = part.among(~missing)
        if part.weighted and group == TOTAL:
            continue
        if spec.kind == "continuous":
            yield from _quartiles(protocol, base, value[known.include], known.weights)
        else:
            yield from _counts(base, spec, value[known.include], known.weights)


def _tested(
    protocol: Protocol, design: Design, name: str, spec: Covariate, covariates: Covariates, arms: list[np.ndarray], pairs: Pairing
) -> Iterator[Row]:
    missing, value = covariates.missing(name), covariates.values[name]
    base = {"phase": "baseline", "design": design.name, "variable": name}
    if spec.kind == "continuous":
        yield from continuous_tests(protocol, base, value, arms, pairs)
    else:
        yield from category_tests(protocol, base, _codes(spec, value, missing), arms, pairs)


def _quartiles(protocol: Protocol, base: dict, value: np.ndarray, weight: np.ndarray | None) -> Iterator[Row]:
    n = float(len(value))
    yield Row(**base, statistic="n", value=n, n=n)
    if not len(value):
        return
    quartiles, method = quantiles(protocol, value, [0.25, 0.5, 0.75], weight)
    for statistic, number in zip(("q1", "median", "q3"), quartiles, strict=True):
        yield Row(**base, statistic=statistic, value=float(number), n=n, method=method)
    yield Row(**base, statistic="mean", value=float(np.average(value, weights=weight)), n=n, method=_weighting(weight))
    if len(value) > 1:
        sd = float(value.std(ddof=1)) if weight is None else stats.weighted_sd(value, weight)
        method = "denominator n-1" if weight is None else "weighted, unbiased for reliability weights"
        yield Row(**base, statistic="sd", value=sd, n=n, method=method)


def _weighting(weight: np.ndarray | None) -> str:
    return "" if weight is None else "weighted"


def _counts(base: dict, spec: Covariate, value: np.ndarray, weight: np.ndarray | None) -> Iterator[Row]:
    """value: of the patients whose value is known."""
    n = float(len(value))
    whole = n if weight is None else float(weight.sum())
    for level in spec.levels or [""]:
        hit = (value == level) if spec.levels else (value == 1.0)
        events = float(np.count_nonzero(hit))
        weighed = events if weight is None else float(weight[hit].sum())
        more = {"level": level, "n": n, "events": events, "method": _weighting(weight)}
        yield Row(**base, **more, statistic="n", value=weighed)
        if n:
            yield Row(**base, **more, statistic="percent", value=100.0 * weighed / whole)


def _codes(spec: Covariate, value: np.ndarray, missing: np.ndarray) -> np.ndarray:
    if not spec.levels:
        return np.where(missing, -1, np.nan_to_num(value).astype(int))
    position = {k: i for i, k in enumerate(spec.levels)} | {None: -1}
    return np.fromiter(map(position.__getitem__, value.tolist()), dtype=int, count=len(value))


def _balance(design: Design) -> Iterator[Row]:
    """Standardized differences with the denominator that each was really made with; what an arm does not record has none."""
    for b in design.balance:
        base = {"phase": "baseline", "design": design.name, "variable": b.variable, "level": b.level}
        for statistic, number, apart, method in (
            ("smd", b.smd, b.apart, SCALES[b.scale].format(where="in the whole sample")),
            ("smd_within", b.smd_within, b.apart_within, _within(b)),
            ("variance_ratio", b.variance_ratio, False, _ratio(b)),
        ):
            if apart:
                yield Row(**base, statistic=statistic, value=float("nan"), method=f"{NOT_ESTIMABLE}, an imbalance; {method}")
            elif not np.isnan(number):
                yield Row(**base, statistic=statistic, value=float(number), method=method)


def _ratio(b: BalanceRow) -> str:
    if b.scale == ALL_ARMS_SD:
        return "the largest variance of an arm over the smallest"
    return "variance of the focal over that of the other arm"


def _within(b: BalanceRow) -> str:
    if b.scale in (MAHALANOBIS, ALL_ARMS_SD, MAHALANOBIS_OF_ARMS):
        return SCALES[b.scale].format(where="of the patients shown")
    return "focal minus other arm; SDs of both arms of the patients shown"
