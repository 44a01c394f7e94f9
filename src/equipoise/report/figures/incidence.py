"""Cumulative incidence of an endpoint's event and of what competes with it, by arm (Aalen-Johansen)."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

from equipoise.records import Curve, Study
from equipoise.report import format as fmt
from equipoise.report.bound import traced
from equipoise.report.figures.at_risk import at_risk, effective_at_risk
from equipoise.report.figures.groups import GroupPanel, StepCurve, draw_groups
from equipoise.report.lookup import Numbers
from equipoise.report.words import words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CAUSES = ("event", "competing")


@traced
def cumulative_incidence(study: Study, endpoint: str, designs: list[str] | None = None) -> Figure | None:
    """A panel for the event and one for the competing event, in each design (by default those that lead); weighted where the
    design is, with what the patients at risk are then worth. None where nothing competes."""
    numbers = Numbers(study)
    panels = [_panel(numbers, endpoint, d, cause) for d in designs or numbers.leading for cause in CAUSES]
    found = [p for p in panels if p is not None]
    return draw_groups(numbers, found) if found else None


def _panel(numbers: Numbers, endpoint: str, design: str, cause: str) -> GroupPanel | None:
    curves = numbers.study.estimates.curves
    keys = {arm: f"incidence.{endpoint}.{design}.all.{cause}.{arm}" for arm in numbers.arms}
    steps = tuple(_steps(numbers, curves[key], arm) for arm, key in keys.items() if key in curves)
    if not steps:
        return None
    info = numbers.protocol.endpoints[endpoint]
    what = info.event_label if cause == "event" else words("figures.competing_event")
    several = len(numbers.design_names) > 1
    title = f"{what}, {fmt.lower_first(numbers.design_label(design))}" if several else what
    lines = _lines(numbers, endpoint, design) if cause == "event" else ()
    return GroupPanel(title, words("figures.incidence"), words("figures.index_date"), steps, lines, endpoint)


def _steps(numbers: Numbers, curve: Curve, arm: str) -> StepCurve:
    """Patients at risk are those of the Kaplan-Meier curve, which a competing event ends too."""
    fit = curve.fit
    part = {"endpoint": curve.endpoint, "design": curve.design, "population": curve.population, "group": arm}
    counted, worth = (partial(counts, numbers, **part) for counts in (at_risk, effective_at_risk))
    limits, effective = (fit.low, fit.high), worth if curve.weighted else None
    return StepCurve(numbers.short_arm(arm), fit.time, fit.incidence, 0.0, counted, limits, effective=effective)


def _lines(numbers: Numbers, endpoint: str, design: str) -> tuple[str, ...]:
    """Gray's test and the subdistribution hazard ratio, where they are estimable."""
    part = {"endpoint": endpoint, "design": design}
    p = numbers.row("effect", "p", analysis="incidence", **part)
    hr = numbers.row("effect", "hr", analysis="fine_gray", contrast=numbers.contrast, **part)
    found = []
    if hr is not None and not math.isnan(hr.value):
        found.append(words("figures.subdistribution", ratio=fmt.ratio_estimate(hr.value, hr.low, hr.high)))
    if p is not None and not math.isnan(p.value):
        found.append(words("figures.gray", p=fmt.p_sentence(p.value)))
    return tuple(found)


def incidence_alt(numbers: Numbers, endpoint: str) -> str:
    """The figure in words: incidence at the last landmark."""
    parts = []
    for design in numbers.leading:
        rows = numbers.where(
            "effect", analysis="incidence", statistic="incidence", endpoint=endpoint, design=design, population="all"
        )
        last = rows[-1].level if rows else ""
        for row in rows:
            if row.level == last:
                share = words("figures.share_at", percent=fmt.percentage(100 * row.value), time=fmt.lasting(row.level))
                parts.append(
                    f"{fmt.lower_first(numbers.design_label(design))}, {fmt.lower_first(numbers.arm_label(row.group))}: {share}"
                )
    label = fmt.lower_first(numbers.protocol.endpoints[endpoint].event_label)
    said = words("figures.incidence_alt", event=label)
    return f"{said} {'; '.join(parts)}." if parts else said
