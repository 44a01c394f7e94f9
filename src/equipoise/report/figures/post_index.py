"""Survival by a grouping known only after the index date: naive, and from the landmark, each panel with both results."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from equipoise.records import Curve, Row, Study
from equipoise.report import format as fmt
from equipoise.report.bound import traced
from equipoise.report.figures.at_risk import at_risk_of, ticks_of
from equipoise.report.figures.groups import GROUP_COLOURS, WITHOUT, GroupPanel, StepCurve, draw_groups
from equipoise.report.lookup import Numbers
from equipoise.report.words import words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PHASE = "post_index"
TOTAL = "total"


@traced
def post_index_figure(study: Study, name: str, by: str, analysis: str) -> Figure | None:
    """A panel per arm and cohort. by: yes_no or type. analysis: naive or landmark. None without a curve."""
    numbers = Numbers(study)
    post = study.protocol.post_index[name]
    arms = numbers.arms if post.within_arms else [TOTAL]
    panels = [_panel(numbers, name, by, analysis, design, arm) for arm in arms for design in numbers.design_names]
    found = [p for p in panels if p is not None]
    order = [group_label(numbers, name, by, t) for t in (["no", "yes"] if by == "yes_no" else post.types)]
    labels = [c.label for p in found for c in p.curves]
    palette = (WITHOUT, *GROUP_COLOURS) if by == "yes_no" else GROUP_COLOURS
    return draw_groups(numbers, found, [x for x in (*order, *labels) if x in labels], palette) if found else None


def group_label(numbers: Numbers, name: str, by: str, label: str) -> str:
    """`no`, `yes` and types in words."""
    post = numbers.protocol.post_index[name]
    if by == "yes_no":
        return post.label if label == "yes" else words("post_index.drawn.none", label=fmt.lower_first(post.label))
    return post.types.get(label, label[:1].upper() + label[1:])


def _panel(numbers: Numbers, name: str, by: str, analysis: str, design: str, arm: str) -> GroupPanel | None:
    start = f"{PHASE}.{name}.{analysis}.{by}.{design}.{arm}."
    found = {k.removeprefix(start): c for k, c in numbers.study.estimates.curves.items() if k.startswith(start)}
    if not found:
        return None
    post = numbers.protocol.post_index[name]
    title = f"{numbers.arm_label(arm)}, {_cohort(numbers, design)}" if arm != TOTAL else numbers.design_label(design)
    if numbers.single:
        title = numbers.arm_label(numbers.arms[0])
    part = {"analysis": f"{analysis}_curve", "endpoint": post.endpoint, "variable": name}
    own = part | {"design": design, "group": arm}
    curves = tuple(
        _steps(group_label(numbers, name, by, g), curve, partial(at_risk_of, numbers, PHASE, contrast=f"{by}={g}", **own))
        for g, curve in found.items()
    )
    ticks = ticks_of(numbers, PHASE, contrast=f"{by}={next(iter(found))}", **own)
    zero = words("post_index.drawn.landmark") if analysis == "landmark" else words("post_index.index_date")
    scale = numbers.protocol.endpoints[post.endpoint].label
    return GroupPanel(title, scale, zero, curves, tuple(_lines(numbers, name, by, analysis, design, arm)), ticks=ticks)


def _cohort(numbers: Numbers, design: str) -> str:
    return fmt.lower_first(numbers.design_label(design)).replace("propensity score-", "")


def _steps(label: str, curve: Curve, at_risk: Callable[[Sequence[float]], tuple[str, ...]]) -> StepCurve:
    fit = curve.fit
    censored = fit.censored > 0
    marks = (fit.time[censored], fit.survival[censored])
    return StepCurve(label, fit.time, fit.survival, 1.0, at_risk, None, marks)


def _lines(numbers: Numbers, name: str, by: str, analysis: str, design: str, arm: str) -> list[str]:
    """Both results in every panel: the naive or landmark P, and the time-dependent model."""
    post = numbers.protocol.post_index[name]
    part = {"design": design, "endpoint": post.endpoint, "variable": name, "group": arm, "level": by}
    said = words("post_index.drawn.naive_logrank") if analysis == "naive" else words("post_index.drawn.landmark_logrank")
    lines = [p_words(said, numbers.row(PHASE, "p", analysis=f"{analysis}_logrank", **part))]
    p = numbers.row(PHASE, "p", analysis="time_dependent_cox", **part)
    hr = numbers.row(PHASE, "hr", analysis="time_dependent_cox", **part)
    if hr is not None and not math.isnan(hr.value):
        lines.append(words("post_index.drawn.time_dependent_hr", ratio=fmt.ratio_estimate(hr.value, hr.low, hr.high)))
        lines.append(p_words("", p))
    elif p is not None:
        lines.append(p_words(words("post_index.drawn.time_dependent"), p))
    return [line for line in lines if line]


def p_words(said: str, row: Row | None) -> str:
    if row is None:
        return ""
    return (
        f"{said} {fmt.p_sentence(row.value)}".strip() if not math.isnan(row.value) else words("post_index.drawn.no_p", test=said)
    )
