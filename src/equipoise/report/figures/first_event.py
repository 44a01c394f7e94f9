"""Cumulative incidence of the first adverse event by arm, death before it competing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from equipoise.records import Curve, Study
from equipoise.report import format as fmt
from equipoise.report.bound import traced
from equipoise.report.figures.at_risk import at_risk_of, ticks_of
from equipoise.report.figures.groups import GroupPanel, StepCurve, draw_groups
from equipoise.report.lookup import Numbers
from equipoise.report.words import words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ANALYSIS = "cumulative_incidence"
AT = "3 months"  # as the rows have it
PANELS = ("any_grade", "grade_3_5")


@traced
def first_event_figure(study: Study) -> Figure | None:
    """A panel per grade; None without a curve."""
    numbers = Numbers(study)
    panels = [p for p in (_panel(numbers, name) for name in PANELS) if p is not None]
    return draw_groups(numbers, panels) if panels else None


def _panel(numbers: Numbers, name: str) -> GroupPanel | None:
    curves = numbers.study.estimates.curves
    found = {a: curves[key] for a in numbers.arms if (key := f"safety.first.{name}.{a}") in curves}
    if not found:
        return None
    steps = tuple(_steps(numbers, name, a, c) for a, c in found.items())
    ticks = ticks_of(numbers, "safety", analysis=ANALYSIS, variable=name)
    p = numbers.row("safety", "p", design="unadjusted", analysis="cumulative_incidence", variable=name)
    said = () if p is None else (words("figures.gray", p=fmt.p_sentence(p.value)),)
    return GroupPanel(
        words(f"figures.first_event.{name}"), words("figures.incidence"), words("figures.index_date"), steps, said, ticks=ticks
    )


def _steps(numbers: Numbers, name: str, arm: str, curve: Curve) -> StepCurve:
    fit = curve.fit
    at_risk = partial(at_risk_of, numbers, "safety", analysis=ANALYSIS, variable=name, design="unadjusted", group=arm)
    return StepCurve(numbers.short_arm(arm), fit.time, fit.incidence, 0.0, at_risk, (fit.low, fit.high))


def first_event_alt(numbers: Numbers) -> str:
    """The figure in words."""
    parts = []
    for name in PANELS:
        for arm in numbers.arms:
            level, analysis = AT, "cumulative_incidence"
            part = {"design": "unadjusted", "analysis": analysis, "variable": name, "level": level, "group": arm}
            row = numbers.row("safety", "incidence", **part)
            if row is not None:
                parts.append(
                    words(
                        "figures.first_event.share",
                        arm=numbers.arm_label(arm),
                        event=fmt.lower_first(words(f"figures.first_event.{name}")),
                        percent=fmt.percentage(100 * row.value),
                        time=AT,
                    )
                )
    return words("figures.first_event.alt", shares="; ".join(parts))
