"""Baseline characteristics of a design: counts, quartiles, tests, standardized differences."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from equipoise import stats
from equipoise.estimate.association import Pairing, category_tests, continuous_tests, pairing
from equipoise.protocol.measures import Covariate
from equipoise.protocol.spec import Protocol
from equipoise.records import FOCAL_CONSTANT, FOCAL_SD, MAHALANOBIS, POOLED_SD, BalanceRow, Cohort, Covariates, Design, Row

TOTAL = "total"
NOT_ESTIMABLE = "not estimable: the arms have no level in common or are constant and differ"
SCALES = {
    FOCAL_SD: "focal minus other arm; the focal arm's SD {where}",
    POOLED_SD: "focal minus other arm; SD pooled over both arms {where}",
    FOCAL_CONSTANT: "focal minus other arm; SD pooled over both arms {where}, for that of the focal arm is 0",
    MAHALANOBIS: "Mahalanobis distance over all levels; mean of both arms' covariances {where}",
}


def baseline_rows(protocol: Protocol, cohort: Cohort, covariates: Covariates, design: Design) -> Iterator[Row]:
    """Rows for every covariate, shown or not, in total and by arm."""
    arms = list(protocol.arms.groups)
    groups = {TOTAL: design.include, **{a: design.include & cohort.in_arm(a) for a in arms}}
    use_pairs = design.paired and protocol.tests.paired_after_matching
    pairs = pairing(design.pair if use_pairs else np.zeros(cohort.n, dtype=int), cohort.in_arm(protocol.arms.focal))
    for group, mask in groups.items():
        yield Row("baseline", "n", float(mask.sum()), design=design.name, group=group, n=float(mask.sum()))
    for name, spec in protocol.covariates.items():
        yield from _variable(protocol, design, name, spec, covariates, groups, [groups[a] for a in arms], pairs)
    yield from _balance(design)


def _variable(
    protocol: Protocol, design: Design, name: str, spec: Covariate, covariates: Covariates,
    groups: dict[str, np.ndarray], arms: list[np.ndarray], pairs: Pairing,
) -> Iterator[Row]:  # fmt: skip
    missing, value = covariates.missing(name), covariates.values[name]
    for group, mask in groups.items():
        base = {"phase": "baseline", "design": design.name, "variable": name, "group": group}
        yield Row(**base, statistic="missing", value=float((mask & missing).sum()), n=float(mask.sum()))
        if spec.kind == "continuous":
            yield from _quartiles(protocol, base, value[mask & ~missing])
        else:
            yield from _counts(base, spec, value, mask & ~missing)
    test_row = Row("baseline", "p", float("nan"), design=design.name, variable=name)
    if spec.kind == "continuous":
        yield from continuous_tests(protocol, test_row, value, arms, pairs)
    else:
        yield from category_tests(protocol, test_row, _codes(spec, value, missing), arms, pairs)


def _quartiles(protocol: Protocol, base: dict, value: np.ndarray) -> Iterator[Row]:
    n = float(len(value))
    kind = protocol.conventions.quantile_type
    yield Row(**base, statistic="n", value=n, n=n)
    if not len(value):
        return
    q1, median, q3 = stats.quantile(value, [0.25, 0.5, 0.75], kind=kind)
    method = f"quantile type {kind}"
    for statistic, number in (("q1", q1), ("median", median), ("q3", q3)):
        yield Row(**base, statistic=statistic, value=float(number), n=n, method=method)
    yield Row(**base, statistic="mean", value=float(value.mean()), n=n)
    if len(value) > 1:
        yield Row(**base, statistic="sd", value=float(value.std(ddof=1)), n=n, method="denominator n-1")


def _counts(base: dict, spec: Covariate, value: np.ndarray, mask: np.ndarray) -> Iterator[Row]:
    n = float(mask.sum())
    for level in spec.levels or [""]:
        hit = (value == level) if spec.levels else (value == 1.0)
        k = float((hit & mask).sum())
        yield Row(**base, level=level, statistic="n", value=k, n=n, events=k)
        if n:
            yield Row(**base, level=level, statistic="percent", value=100.0 * k / n, n=n, events=k)


def _codes(spec: Covariate, value: np.ndarray, missing: np.ndarray) -> np.ndarray:
    if not spec.levels:
        return np.where(missing, -1, np.nan_to_num(value).astype(int))
    position = {k: i for i, k in enumerate(spec.levels)}
    return np.array([-1 if m else position[v] for v, m in zip(value, missing, strict=True)], dtype=int)


def _balance(design: Design) -> Iterator[Row]:
    """Standardized differences with the denominator that each was really made with; what an arm does not record has none."""
    for b in design.balance:
        base = {"phase": "baseline", "design": design.name, "variable": b.variable, "level": b.level}
        for statistic, number, apart, method in (
            ("smd", b.smd, b.apart, SCALES[b.scale].format(where="in the whole sample")),
            ("smd_within", b.smd_within, b.apart_within, _within(b)),
            ("variance_ratio", b.variance_ratio, False, "variance of the focal over that of the other arm"),
        ):
            if apart:
                yield Row(**base, statistic=statistic, value=float("nan"), method=f"{NOT_ESTIMABLE}, an imbalance; {method}")
            elif not np.isnan(number):
                yield Row(**base, statistic=statistic, value=float(number), method=method)


def _within(b: BalanceRow) -> str:
    if b.scale == MAHALANOBIS:
        return SCALES[MAHALANOBIS].format(where="of the patients shown")
    return "focal minus other arm; SDs of both arms of the patients shown"
