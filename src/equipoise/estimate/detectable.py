"""What a design can detect of an effect, from what the protocol assumes of the outcomes; none is an argument."""

from __future__ import annotations

import math
from collections.abc import Iterator

from equipoise import stats
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Design, Row

ANALYSIS = "detectable"


def detectable_rows(protocol: Protocol, cohort: Cohort, design: Design) -> Iterator[Row]:
    """Of each endpoint that `power` declares: the share with an observed event and the events, were both arms as the reference
    arm is assumed to be; the hazard ratios below and above 1 that a log-rank test detects with the declared power, and the power
    for the planned one (Schoenfeld). Of a weighted design by the effective sizes; patients are taken as independent. None where
    several arms are told together."""
    asked = protocol.power
    if asked is None or protocol.arms.several or design.name not in protocol.compared:
        return
    size = {arm: _effective(cohort, design, arm) for arm in (protocol.arms.compared, protocol.arms.reference)}
    if not all(size.values()):
        return
    n, alpha = sum(size.values()), protocol.conventions.alpha
    share = size[protocol.arms.compared] / n
    lost = -math.log1p(-asked.lost_per_year) / 365.25 * protocol.days_per_unit
    for endpoint, median in asked.median.items():
        observed = stats.observed_share(median, *asked.follow_up, lost_rate=lost, shape=asked.shape)
        events = observed * n
        base = {"design": design.name, "endpoint": endpoint, "analysis": ANALYSIS, "n": n}
        assumed = f"median {median:g} {protocol.time_unit} in both arms"
        yield Row("design", "percent", 100 * observed, **base, method=f"share with an observed event; {assumed}")
        yield Row("design", "events", events, **base, method=f"expected; {assumed}")
        test = f"Schoenfeld's formula, two-sided log-rank test at {alpha:g}"
        ratios = stats.detectable_hazard_ratio(events, share, power=asked.power, alpha=alpha)
        for name, ratio in zip(("below", "above"), ratios, strict=True):
            yield Row("design", "hr", ratio, **base, variable=name, events=events, method=f"{test}, power {asked.power:g}")
        if asked.hazard_ratio is not None:
            power = stats.power_of(asked.hazard_ratio, events, share, alpha=alpha)
            yield Row(
                "design", "power", power, **base, variable="planned", events=events,
                method=f"{test}, hazard ratio {asked.hazard_ratio:g}",
            )  # fmt: skip


def _effective(cohort: Cohort, design: Design, arm: str) -> float:
    part = design.sample.among(cohort.in_arm(arm))
    return part.effective_n if part.n else 0.0
