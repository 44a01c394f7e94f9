"""Sentences on restricted means, and on what is adjusted for within a design because it stays unbalanced."""

from __future__ import annotations

import math

from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.tables.balance import in_score_of
from equipoise.report.tables.other_scales import PHASE, horizon_words


def restricted_mean(numbers: Numbers, endpoint: str, design: str) -> str:
    """The difference of restricted means with its limits, in words that follow them."""
    part = {"endpoint": endpoint, "design": design}
    row = numbers.row(PHASE, "difference", analysis="rmst", contrast=numbers.contrast, **part)
    if row is None or math.isnan(row.value):
        return ""
    protocol, info = numbers.protocol, numbers.protocol.endpoints[endpoint]
    unit, per = protocol.time_unit, protocol.days_per_unit
    decimals = fmt.apart([row.low / per, row.high / per], 0.0, fmt.time_decimals(unit))
    p = numbers.row(PHASE, "p", analysis="rmst", contrast=numbers.contrast, **part)
    tested = f", {fmt.p_sentence(p.value)}" if p is not None and not math.isnan(p.value) else ""
    limits = "" if math.isnan(row.low) else f", {protocol.ci} {fmt.interval(row.low / per, row.high / per, decimals)}"
    figures = f"{fmt.number(row.value / per, decimals)} {unit}{limits}{tested}"
    mean = f"restricted mean of {fmt.lower_first(info.label)} up to {horizon_words(numbers, part)}"
    one, other = (fmt.lower_first(numbers.arm_label(a)) for a in (protocol.arms.compared, protocol.arms.reference))
    if math.isnan(row.low) or row.low <= 0 <= row.high:
        return f"There was no clear evidence of a difference in the {mean} between {one} and {other} ({figures})."
    return f"The {mean} was {'longer' if row.value > 0 else 'shorter'} with {one} than with {other} ({figures})."


def standardised_effect(numbers: Numbers, endpoint: str, design: str) -> str:
    """The standardised difference at the last landmark with its limits, in words that follow them."""
    part = {"endpoint": endpoint, "design": design, "population": "all"}
    rows = numbers.where(PHASE, analysis="standardised", statistic="difference", **part)
    if not rows or math.isnan(rows[-1].value):
        return ""
    row, protocol, info = rows[-1], numbers.protocol, numbers.protocol.endpoints[endpoint]
    decimals = fmt.apart([100 * row.low, 100 * row.high], 0.0, 1)
    limits = "" if math.isnan(row.low) else f", {protocol.ci} {fmt.interval(100 * row.low, 100 * row.high, decimals)}"
    figures = f"{fmt.number(100 * row.value, decimals)} percentage points{limits}"
    one, other = (fmt.lower_first(numbers.arm_label(a)) for a in (protocol.arms.compared, protocol.arms.reference))
    what = f"standardised {fmt.lower_first(info.label)} at {fmt.one_or_more(row.level)}"
    if math.isnan(row.low) or row.low <= 0 <= row.high:
        return f"There was no clear evidence of a difference in the {what} between {one} and {other} ({figures})."
    return f"The {what} was {'higher' if row.value > 0 else 'lower'} with {one} than with {other} ({figures})."


def followed_imbalance(numbers: Numbers, design: str) -> str:
    """Which covariates stay above the larger threshold after a design, and the hazard ratios adjusted for them."""
    found, names = [], []
    for endpoint, info in numbers.protocol.main_endpoints.items():
        part = {"analysis": "cox_residual", "endpoint": endpoint, "design": design}
        hr = numbers.row(PHASE, "hr", contrast=numbers.contrast, **part)
        left = numbers.where(PHASE, statistic="smd", population="all", **part)
        if hr is None or not left:
            continue
        names = [f"{numbers.covariate_words(r.variable)} ({_size(numbers, design, r)})" for r in left]
        found.append(f"{info.short} {_ratio(numbers, hr)}")
    if not found:
        return ""
    limit = fmt.short(numbers.protocol.balance_thresholds[1])
    return (
        f"{numbers.design_label(design)}: {fmt.listed(names)} {'stays' if len(names) == 1 else 'stay'} above {limit} in the "
        f"standardized mean difference; adjusted for {'it' if len(names) == 1 else 'them'} within the design the conditional "
        f"hazard ratio is {fmt.listed(found)}."
    )


def _size(numbers: Numbers, design: str, row: Row) -> str:
    """How large the difference is, and whether the design did not aim at the covariate."""
    size = fmt.number(abs(row.value), 2)
    return size if in_score_of(numbers, design, row.variable) else f"{size}, not in the score"


def _ratio(numbers: Numbers, row: Row) -> str:
    if math.isnan(row.value):
        return fmt.NOT_ESTIMABLE
    return fmt.ratio_estimate(row.value, row.low, row.high, numbers.protocol.ci)
