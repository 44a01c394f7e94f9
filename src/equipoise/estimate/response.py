"""Best overall response, objective response and disease control by criterion, in a design."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from equipoise import stats
from equipoise.estimate.association import Pairing, category_tests, pairing
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Outcomes, Row, Sample

LEVELS = ("CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE")
RATES = {"orr": ("CR", "PR"), "dcr": ("CR", "PR", "SD", "NON-CR/NON-PD")}


def response_rows(protocol: Protocol, cohort: Cohort, sample: Sample, outcomes: Outcomes) -> Iterator[Row]:
    """All patients of the design are the denominator: a patient without a scan (NE) is a non-responder. Of a weighted sample the
    rates are weighted, and there is no P."""
    focal = cohort.in_arm(protocol.arms.focal)
    use_pairs = sample.paired and protocol.tests.paired_after_matching
    pairs = pairing(sample.pair if use_pairs else np.zeros(cohort.n, dtype=int), focal)
    arms = {a: sample.among(cohort.in_arm(a)) for a in protocol.arms.groups}
    for criterion, best in outcomes.best_response.items():
        base = {"phase": "response", "design": sample.design, "endpoint": criterion}
        for level in LEVELS:
            hit = best == level
            if level == "NON-CR/NON-PD" and not hit.any():
                continue
            yield from _rate(protocol, base, "best_response", level, hit, arms, pairs, intervals=False)
        for rate, levels in RATES.items():
            hit = np.isin(best.astype(str), levels)
            yield from _rate(protocol, base, rate, "", hit, arms, pairs, intervals=True)
            yield from _benchmark(protocol, base, rate, hit, arms)


def _benchmark(protocol: Protocol, base: dict, rate: str, hit: np.ndarray, arms: dict[str, Sample]) -> Iterator[Row]:
    """P of the rate against a fixed one, by the first criterion, where a single arm declares it."""
    asked = protocol.response.benchmark if protocol.response is not None else None
    if asked is None or asked.rate != rate or protocol.response.criteria[0] != base["endpoint"]:
        return
    for arm, part in arms.items():
        n, k = part.n, int((part.include & hit).sum())
        test = stats.binomial_test(k, n, asked.null, asked.alternative)
        more = {"analysis": rate, "variable": "benchmark", "group": arm, "n": float(n), "events": float(k)}
        yield Row(**base, **more, statistic="p", value=test.p, method=test.method)


def _rate(
    protocol: Protocol, base: dict, analysis: str, level: str, hit: np.ndarray, arms: dict[str, Sample],
    pairs: Pairing, intervals: bool,
) -> Iterator[Row]:  # fmt: skip
    where = {**base, "analysis": analysis, "level": level}
    for arm, part in arms.items():
        if part.weighted:
            yield from weighted_share({**where, "group": arm}, part, hit, protocol.level, intervals)
            continue
        n, k = part.n, int((part.include & hit).sum())
        yield Row(**where, group=arm, statistic="n", value=float(k), n=float(n), events=float(k))
        if n and intervals:
            assert protocol.response is not None
            interval = stats.wilson if protocol.response.intervals == "wilson" else stats.clopper_pearson
            ci = interval(k, n, protocol.level)
            yield Row(
                **where, group=arm, statistic="percent", value=100.0 * k / n, low=100.0 * ci.low, high=100.0 * ci.high,
                n=float(n), events=float(k), method=ci.method,
            )  # fmt: skip
        elif n:
            yield Row(**where, group=arm, statistic="percent", value=100.0 * k / n, n=float(n), events=float(k))
    if not any(part.weighted for part in arms.values()):
        masks = [part.include for part in arms.values()]
        yield from category_tests(protocol, where, hit.astype(int), masks, pairs)


def weighted_share(where: dict, part: Sample, hit: np.ndarray, level: float, intervals: bool) -> Iterator[Row]:
    """Weighted count and percent of a weighted sample; n and events count patients. No P: the tests take counts."""
    n, k = float(part.n), float((part.include & hit).sum())
    share = stats.weighted_proportion(hit[part.include], part.weights, level)
    yield Row(**where, statistic="n", value=share.total, n=n, events=k, method="weighted")
    limits = {"low": 100.0 * share.low, "high": 100.0 * share.high} if intervals else {}
    method = share.method if intervals else "weighted"
    yield Row(**where, statistic="percent", value=100.0 * share.estimate, **limits, n=n, events=k, method=method)
