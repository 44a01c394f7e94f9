"""Groupings known after the index date in sentences: how many, the naive result and the corrected one side by side."""

from __future__ import annotations

import math

from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.bound import bound
from equipoise.report.figures.post_index import PHASE, TOTAL
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.phrases import shares, with_arm
from equipoise.report.words import words


def post_index(numbers: Numbers, name: str) -> list[str]:
    """Sentences for one grouping: who came to have it, then of each cohort the corrected and the naive hazard ratios."""
    found = [told for design in numbers.design_names if (told := _side_by_side(numbers, name, design))]
    return [s for s in (_uptake(numbers, name), *found) if s]


def _uptake(numbers: Numbers, name: str) -> str:
    post = numbers.protocol.post_index[name]
    part = {"design": "unadjusted", "endpoint": post.endpoint, "variable": name}
    shares_ = [numbers.row(PHASE, "n", analysis="uptake", group=a, **part) for a in numbers.arms]
    p = numbers.row(PHASE, "p", analysis="uptake", **part)
    if any(r is None for r in shares_):
        return ""
    said = shares(numbers, [r for r in shares_ if r is not None])
    if p is None or math.isnan(p.value):
        return words("post_index.uptake", label=post.label, shares=said)
    return words("post_index.uptake_tested", label=post.label, shares=said, p=bound(fmt.p_sentence(p.value), p))


def _side_by_side(numbers: Numbers, name: str, design: str) -> str:
    post = numbers.protocol.post_index[name]
    corrected, naive = [], []
    for group in numbers.arms if post.within_arms else [TOTAL]:
        part = {"design": design, "endpoint": post.endpoint, "variable": name, "group": group, "level": "yes_no"}
        pair = [numbers.row(PHASE, "hr", analysis=a, **part) for a in ("time_dependent_cox", "naive_cox")]
        known = [r for r in pair if r is not None and not math.isnan(r.value)]
        if len(known) == len(pair):
            told = [bound(fmt.ratio_estimate(r.value, r.low, r.high), r) for r in known]
            corrected.append(told[0] if group == TOTAL else with_arm(numbers, told[0], group))
            naive.append(told[1] if group == TOTAL else with_arm(numbers, told[1], group))
    if not corrected:
        return ""
    part = {
        "label": fmt.lower_first(post.label),
        "event": fmt.lower_first(numbers.protocol.endpoints[post.endpoint].event_label),
        "ci": numbers.protocol.ci,
        "corrected": fmt.listed(corrected),
        "naive": fmt.listed(naive),
    }
    if numbers.single:
        return words("post_index.effects", **part)
    return words("post_index.effects_in", cohort=fmt.lower_first(numbers.design_label(design)), **part)


def alt(numbers: Numbers, name: str, by: str, analysis: str) -> str:
    """The figure in words."""
    post = numbers.protocol.post_index[name]
    short = numbers.protocol.endpoints[post.endpoint].short
    what = words("post_index.types", label=fmt.lower_first(post.label)) if by == "type" else fmt.lower_first(post.label)
    day = fmt.short(post.landmark_day)
    how = words("post_index.naive") if analysis == "naive" else words("post_index.landmark", day=day)
    start = words("post_index.curves", endpoint=short, groups=what, how=how)
    sizes = [
        r
        for r in numbers.where(phase=PHASE, analysis=f"{analysis}_median", variable=name, statistic="median")
        if r.level.startswith(f"{by}=")
    ]
    counted = [words("post_index.counted", **_counted(numbers, r, by)) for r in sizes]
    return f"{start} {words('post_index.counts', counts='; '.join(counted))}" if counted else start


def _counted(numbers: Numbers, row: Row, by: str) -> dict[str, str]:
    """The parts of a curve in words."""
    who = [] if row.group == TOTAL or numbers.single else [fmt.lower_first(numbers.arm_label(row.group))]
    where = ", ".join([*who, fmt.lower_first(numbers.design_label(row.design))])
    return {"group": row.level.removeprefix(f"{by}="), "events": fmt.count(row.events), "n": fmt.count(row.n), "where": where}
