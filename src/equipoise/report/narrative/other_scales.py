"""Sentences on restricted means, and on what is adjusted for within a design because it stays unbalanced."""

from __future__ import annotations

import math

from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.bound import bound
from equipoise.report.lookup import Numbers
from equipoise.report.tables.balance import in_score_of
from equipoise.report.tables.other_scales import PHASE, horizon_words
from equipoise.report.words import words


def restricted_mean(numbers: Numbers, endpoint: str, design: str) -> str:
    """The difference of restricted means with its limits, in words that follow them."""
    part = {"endpoint": endpoint, "design": design}
    row = numbers.row(PHASE, "difference", analysis="rmst", contrast=numbers.contrast, **part)
    if row is None or math.isnan(row.value):
        return ""
    protocol = numbers.protocol
    unit, per = protocol.time_unit, protocol.days_per_unit
    decimals = fmt.apart([row.low / per, row.high / per], 0.0, fmt.time_decimals(unit))
    p = numbers.row(PHASE, "p", analysis="rmst", contrast=numbers.contrast, **part)
    tested = f", {bound(fmt.p_sentence(p.value), p)}" if p is not None and not math.isnan(p.value) else ""
    limits = _limits(protocol.ci, row.low / per, row.high / per, decimals)
    figures = bound(f"{fmt.number(row.value / per, decimals)} {unit}{limits}", row) + tested
    mean = words("other_scales.mean", label=numbers.time_words(endpoint), horizon=horizon_words(numbers, part))
    key = "longer" if row.value > 0 else "shorter"
    return _in_words(numbers, row, mean, figures, key)


def _in_words(numbers: Numbers, row: Row, what: str, figures: str, key: str) -> str:
    """A difference in words that follow its limits."""
    arms = numbers.protocol.arms
    one, other = (fmt.lower_first(numbers.arm_label(a)) for a in (arms.compared, arms.reference))
    unclear = math.isnan(row.low) or row.low <= 0 <= row.high
    said = "not_shown" if unclear else key
    return words(f"other_scales.{said}", what=what, arm=one, other=other, figures=figures)


def standardised_effect(numbers: Numbers, endpoint: str, design: str) -> str:
    """The standardised difference at the last landmark with its limits, in words that follow them."""
    part = {"endpoint": endpoint, "design": design, "population": "all"}
    rows = numbers.where(PHASE, analysis="standardised", statistic="difference", **part)
    if not rows or math.isnan(rows[-1].value):
        return ""
    row, protocol, info = rows[-1], numbers.protocol, numbers.protocol.endpoints[endpoint]
    decimals = fmt.apart([100 * row.low, 100 * row.high], 0.0, 1)
    limits = _limits(protocol.ci, 100 * row.low, 100 * row.high, decimals)
    figures = bound(f"{words('other_scales.points', value=fmt.number(100 * row.value, decimals))}{limits}", row)
    what = words("other_scales.standardized", label=fmt.lower_first(info.label), time=fmt.lasting(row.level))
    return _in_words(numbers, row, what, figures, "higher" if row.value > 0 else "lower")


def followed_imbalance(numbers: Numbers, design: str) -> str:
    """Which covariates stay above the larger threshold after a design, and the hazard ratios adjusted for them."""
    found, names = [], []
    for endpoint, info in numbers.protocol.main_endpoints.items():
        part = {"analysis": "cox_residual", "endpoint": endpoint, "design": design}
        hr = numbers.row(PHASE, "hr", contrast=numbers.contrast, **part)
        left = numbers.where(PHASE, statistic="smd", population="all", **part)
        if hr is None or not left:
            continue
        names = [_size(numbers, design, r) for r in left]
        if not math.isnan(hr.value):
            ratio = bound(fmt.ratio_estimate(hr.value, hr.low, hr.high, numbers.protocol.ci), hr)
            found.append(words("other_scales.ratio", ratio=ratio, endpoint=info.short))
    if not found:
        return ""
    part = {"cohort": fmt.lower_first(numbers.design_label(design)), "variables": fmt.listed(names)}
    limit = fmt.short(numbers.protocol.balance_thresholds[1])
    return words("other_scales.left", count=len(names), threshold=limit, ratios=fmt.listed(found), **part)


def _size(numbers: Numbers, design: str, row: Row) -> str:
    """How large the difference of a covariate is, and whether the design did not aim at it."""
    key = "balance.with_size" if in_score_of(numbers, design, row.variable) else "other_scales.not_aimed_at"
    return words(key, label=numbers.covariate_words(row.variable), size=bound(fmt.number(abs(row.value), 2), row))


def _limits(ci: str, low: float, high: float, decimals: int) -> str:
    """Behind a comma; nothing where there are none."""
    return "" if math.isnan(low) else f", {fmt.before_limits(ci)} {fmt.interval(low, high, decimals)}"
