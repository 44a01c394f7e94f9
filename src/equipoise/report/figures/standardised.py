"""Survival standardised by a model (g-formula) over the Kaplan-Meier curves of the same patients."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

from equipoise.records import Study
from equipoise.report import format as fmt
from equipoise.report.bound import traced
from equipoise.report.figures.at_risk import at_risk, effective_at_risk
from equipoise.report.figures.groups import GroupPanel, StepCurve, draw_groups
from equipoise.report.lookup import Numbers
from equipoise.report.words import words

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@traced
def standardised_curves(study: Study, designs: list[str] | None = None) -> Figure | None:
    """A panel per main endpoint and design, by default those that lead. None where nothing was standardised."""
    numbers = Numbers(study)
    places = [(e, d) for e in numbers.protocol.main_endpoints for d in designs or numbers.leading]
    found = [p for p in (_panel(numbers, e, d) for e, d in places) if p is not None]
    return draw_groups(numbers, found) if found else None


def _panel(numbers: Numbers, endpoint: str, design: str) -> GroupPanel | None:
    curves = numbers.study.estimates.curves
    steps = []
    for arm in numbers.arms:
        model = curves.get(f"standardised.{endpoint}.{design}.all.{arm}")
        if model is None:
            continue
        observed = curves[f"{endpoint}.{design}.all.{arm}"]
        part = {"endpoint": endpoint, "design": design, "population": "all", "group": arm}
        worth = partial(effective_at_risk, numbers, **part) if observed.weighted else None
        steps.append(
            StepCurve(
                numbers.short_arm(arm),
                observed.fit.time,
                observed.fit.survival,
                1.0,
                partial(at_risk, numbers, **part),
                effective=worth,
                model=(model.fit.time, model.fit.survival),
            )  # fmt: skip
        )
    if not steps:
        return None
    info = numbers.protocol.endpoints[endpoint]
    several = len(numbers.design_names) > 1
    title = f"{info.short}, {fmt.lower_first(numbers.design_label(design))}" if several else info.label
    return GroupPanel(title, info.label, words("figures.index_date"), tuple(steps), _lines(numbers, endpoint, design), endpoint)


def _lines(numbers: Numbers, endpoint: str, design: str) -> tuple[str, ...]:
    """The difference at the last landmark."""
    part = {"endpoint": endpoint, "design": design, "population": "all"}
    rows = numbers.where("effect", analysis="standardised", statistic="difference", **part)
    if not rows or math.isnan(rows[-1].value):
        return ()
    row = rows[-1]
    return (
        words("figures.difference_at", time=fmt.lasting(row.level)),
        f"{numbers.contrast_label}: {fmt.difference(100 * row.value, 100 * row.low, 100 * row.high, 1)}",
    )


def standardised_alt(numbers: Numbers) -> str:
    """The figure in words."""
    said = []
    for endpoint, info in numbers.protocol.main_endpoints.items():
        for design in numbers.leading:
            lines = _lines(numbers, endpoint, design)
            if lines:
                said.append(f"{info.short}, {fmt.lower_first(numbers.design_label(design))}: {' '.join(lines)}.")
    return words("figures.standardized_alt", differences=" ".join(said)).strip()
