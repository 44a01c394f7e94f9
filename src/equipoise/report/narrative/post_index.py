"""Groupings known after the index date in sentences: how many, the naive result and the corrected one side by side."""

from __future__ import annotations

import math

from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.figures.post_index import PHASE, TOTAL
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.results import shares


def post_index(numbers: Numbers, name: str) -> list[str]:
    """Sentences for one grouping."""
    post = numbers.protocol.post_index[name]
    found = [
        words
        for arm in (numbers.arms if post.within_arms else [TOTAL])
        for design in numbers.design_names
        if (words := _side_by_side(numbers, name, design, arm))
    ]
    event = fmt.lower_first(numbers.protocol.endpoints[post.endpoint].event_label)
    both = (
        f"With {fmt.lower_first(post.label)} as a time-dependent covariate, and in the naive comparison, which is shown for "
        f"reference and is subject to immortal-time bias, the hazard ratios for {event} were: {'; '.join(found)}."
    )
    return [s for s in (_uptake(numbers, name), both if found else "") if s]


def _uptake(numbers: Numbers, name: str) -> str:
    post = numbers.protocol.post_index[name]
    part = {"design": "unadjusted", "endpoint": post.endpoint, "variable": name}
    shares_ = [numbers.row(PHASE, "n", analysis="uptake", group=a, **part) for a in numbers.arms]
    p = numbers.row(PHASE, "p", analysis="uptake", **part)
    if any(r is None for r in shares_):
        return ""
    said = shares(numbers, [r for r in shares_ if r is not None])
    tail = f" ({fmt.p_sentence(p.value)})" if p is not None and not math.isnan(p.value) else ""
    return f"{post.label} was recorded in {said}{tail}."


def _side_by_side(numbers: Numbers, name: str, design: str, arm: str) -> str:
    post = numbers.protocol.post_index[name]
    part = {"design": design, "endpoint": post.endpoint, "variable": name, "group": arm, "level": "yes_no"}
    naive = numbers.row(PHASE, "hr", analysis="naive_cox", **part)
    corrected = numbers.row(PHASE, "hr", analysis="time_dependent_cox", **part)
    if naive is None or corrected is None or math.isnan(naive.value) or math.isnan(corrected.value):
        return ""
    where = fmt.lower_first(numbers.design_label(design))
    who = where if arm == TOTAL or numbers.single else f"{fmt.lower_first(numbers.arm_label(arm))}, {where}"
    return f"{who}, {_ratio(corrected)} (naive, {_ratio(naive)})"


def _ratio(row: Row) -> str:
    return f"{fmt.ratio_estimate(row.value, row.low, row.high)}"


def alt(numbers: Numbers, name: str, by: str, analysis: str) -> str:
    """The figure in words."""
    post = numbers.protocol.post_index[name]
    short = numbers.protocol.endpoints[post.endpoint].short
    kind = "types of " if by == "type" else ""
    how = "from the index date, naive" if analysis == "naive" else f"from the landmark at day {fmt.short(post.landmark_day)}"
    start = f"Curves of {short} by {kind}{fmt.lower_first(post.label)}, {how}."
    sizes = [
        r
        for r in numbers.where(phase=PHASE, analysis=f"{analysis}_median", variable=name, statistic="median")
        if r.level.startswith(f"{by}=")
    ]
    counted = [
        f"{r.level.removeprefix(f'{by}=')} {fmt.count(r.events)} events of {fmt.count(r.n)} ({r.group}, {r.design})"
        for r in sizes
    ]
    return " ".join([start, f"{'; '.join(counted)}." if counted else ""]).strip()
