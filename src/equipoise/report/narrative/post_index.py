"""Groupings known after the index date in sentences: how many, the naive result and the corrected one side by side."""

from __future__ import annotations

import math

from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.figures.post_index import PHASE, TOTAL
from equipoise.report.lookup import Numbers


def post_index(numbers: Numbers, name: str) -> list[str]:
    """Sentences for one grouping."""
    said = [_uptake(numbers, name)]
    post = numbers.protocol.post_index[name]
    for arm in numbers.arms if post.within_arms else [TOTAL]:
        said += [_side_by_side(numbers, name, design, arm) for design in numbers.design_names]
    return [s for s in said if s]


def _uptake(numbers: Numbers, name: str) -> str:
    post = numbers.protocol.post_index[name]
    part = {"design": "unadjusted", "endpoint": post.endpoint, "variable": name}
    shares = [numbers.row(PHASE, "n", analysis="uptake", group=a, **part) for a in numbers.arms]
    p = numbers.row(PHASE, "p", analysis="uptake", **part)
    if any(r is None for r in shares):
        return ""
    parts = [
        f"{fmt.count(r.events)}/{fmt.count(r.n)}" + ("" if numbers.single else f" with {fmt.lower_first(numbers.arm_label(a))}")
        for r, a in zip(shares, numbers.arms, strict=True)
        if r is not None
    ]
    tail = f" ({fmt.p_sentence(p.value)})" if p is not None and not math.isnan(p.value) else ""
    return f"{post.label}: {', '.join(parts)}{tail}."


def _side_by_side(numbers: Numbers, name: str, design: str, arm: str) -> str:
    post = numbers.protocol.post_index[name]
    part = {"design": design, "endpoint": post.endpoint, "variable": name, "group": arm, "level": "yes_no"}
    naive = numbers.row(PHASE, "hr", analysis="naive_cox", **part)
    corrected = numbers.row(PHASE, "hr", analysis="time_dependent_cox", **part)
    if naive is None or corrected is None or math.isnan(naive.value) or math.isnan(corrected.value):
        return ""
    where = fmt.lower_first(numbers.design_label(design))
    if numbers.single:
        arm = TOTAL
    who = f"With {fmt.lower_first(numbers.arm_label(arm))} in the {where}" if arm != TOTAL else f"In the {where}"
    return f"{who} the naive hazard ratio was {_ratio(naive)}; without guarantee time it was {_ratio(corrected)}."


def _ratio(row: Row) -> str:
    return f"{fmt.ratio_estimate(row.value, row.low, row.high)}"


def alt(numbers: Numbers, name: str, by: str, analysis: str) -> str:
    """The figure in words."""
    post = numbers.protocol.post_index[name]
    short = numbers.protocol.endpoints[post.endpoint].short
    kind = "types of " if by == "type" else ""
    how = "from the index date, naive" if analysis == "naive" else f"from the landmark at day {post.landmark_day:g}"
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
