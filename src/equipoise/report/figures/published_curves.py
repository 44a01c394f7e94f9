"""Curves of this study with those reconstructed from publications over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from equipoise.records import published_curve_key
from equipoise.report import format as fmt
from equipoise.report.bound import traced
from equipoise.report.figures.at_risk import at_risk, at_risk_of, ticks_within
from equipoise.report.figures.canvas import ARM_COLOURS, bare, new_figure, sign, style
from equipoise.report.figures.kaplan_meier import time_end
from equipoise.report.figures.legend import Legend, above, draw_legend, legend
from equipoise.report.figures.risk_table import LINE, RiskRow, risk_table, room, short_names
from equipoise.report.lookup import Numbers
from equipoise.report.words import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

AXES_WIDTH, AXES_HEIGHT = 4.6, 3.05
RIGHT, BOTTOM, TOP = 0.3, 1.04, 0.42
OWN = "-"
PUBLISHED = ((0, (4.5, 1.3)), (0, (1.3, 0.9)), (0, (6, 1.2, 1.3, 1.2)), (0, (9, 2)))


@dataclass(frozen=True, slots=True)
class Drawn:
    """A curve, own or published. fit: as Curve holds it, in days. arm: whose curve it is, '' of a published one, which
    stands beside that of another."""

    label: str
    colour: str
    dash: object
    fit: object
    median: str
    arm: str
    beside: str = ""

    @property
    def own(self) -> bool:
        return bool(self.arm)


@traced
def published_overlay(numbers: Numbers, endpoint: str) -> Figure | None:
    """The curves of one endpoint in the primary design, solid, and the published ones, in the colour of the arm that they stand
    beside, dashed; None without a published one."""
    drawn = overlaid(numbers, endpoint)
    if not any(not d.own for d in drawn):
        return None
    scale, unit = numbers.protocol.days_per_unit, numbers.protocol.time_unit
    longest = max(float(d.fit.time[-1]) for d in drawn) / scale
    ticks = ticks_within(numbers, endpoint, longest)
    end = time_end(longest, ticks)
    names = short_names([d.label for d in drawn])
    said = _legend(drawn, names, end, scale)
    left, bottom, top = room(names), BOTTOM + LINE * len(drawn), TOP + said.headroom
    width, height = left + AXES_WIDTH + RIGHT, bottom + AXES_HEIGHT + top
    figure = new_figure(width, height)
    with style():
        place = (left / width, bottom / height, AXES_WIDTH / width, AXES_HEIGHT / height)
        axes = bare(figure.add_axes(place))
        for one in drawn:
            _curve(axes, one, scale)
        axes.set(xlim=(0, end), ylim=(0, 1.02), ylabel=f"{numbers.protocol.endpoints[endpoint].label}, %")
        axes.set_xticks(ticks, [fmt.number(t, 0 if t == int(t) else 1) for t in ticks])
        axes.set_yticks(np.arange(0, 1.01, 0.2), [f"{p}" for p in range(0, 101, 20)])
        axes.set_xlabel(words("figures.time", unit=unit), labelpad=3)
        risk_table(axes, _at_risk(numbers, endpoint, drawn, names, ticks), ticks, left, 0.62)
        draw_legend(axes, said, AXES_HEIGHT)
        sign(figure, numbers.protocol.study.notice)
    return figure


def overlaid(numbers: Numbers, endpoint: str) -> list[Drawn]:
    """Each arm of this study with the published curves that stand beside it, in the order of the protocol."""
    curves, design = numbers.study.estimates.curves, numbers.primary or "unadjusted"
    found: list[Drawn] = []
    for i, arm in enumerate(numbers.arms):
        own = curves.get(f"{endpoint}.{design}.all.{arm}")
        row = numbers.row("survival", "median", analysis="kaplan_meier", design=design, endpoint=endpoint, group=arm)
        if own is not None:
            found.append(Drawn(numbers.arm_label(arm), ARM_COLOURS[i], OWN, own.fit, _median(numbers, row), arm))
        beside = [c.asked for c in numbers.study.published.curves if (c.asked.endpoint, c.asked.beside) == (endpoint, arm)]
        for k, asked in enumerate(beside):
            there = curves[published_curve_key(asked.label)]
            part = {"analysis": "reconstruction", "endpoint": endpoint, "variable": asked.label, "group": arm}
            median = _median(numbers, numbers.row("published", "median", **part))
            found.append(Drawn(asked.label, ARM_COLOURS[i], PUBLISHED[k % len(PUBLISHED)], there.fit, median, "", arm))
    return found


def _median(numbers: Numbers, row) -> str:
    if row is None:
        return ""
    return fmt.time_estimate(row.value, row.low, row.high, numbers.protocol.days_per_unit, numbers.protocol.time_unit)


def _curve(axes: Axes, one: Drawn, scale: float) -> None:
    time = np.concatenate([[0.0], one.fit.time / scale])
    survival, low, high = (np.concatenate([[1.0], v]) for v in (one.fit.survival, one.fit.low, one.fit.high))
    if one.own:
        corners = np.repeat(time, 2)[1:]
        low, high = (np.repeat(v, 2)[:-1] for v in (low, high))
        known = ~np.isnan(low) & ~np.isnan(high)
        axes.fill_between(corners, low, high, where=known, color=one.colour, alpha=0.13, linewidth=0)
    width = 1.7 if one.own else 1.3
    axes.plot(time, survival, drawstyle="steps-post", zorder=3, color=one.colour, linewidth=width, linestyle=one.dash)


def _at_risk(numbers: Numbers, endpoint: str, drawn: list[Drawn], names: list[str], ticks: list[float]) -> list[RiskRow]:
    part = {"endpoint": endpoint, "design": numbers.primary or "unadjusted"}
    rows = []
    for one, name in zip(drawn, names, strict=True):
        there = {"analysis": "reconstruction", "endpoint": endpoint, "variable": one.label}
        found = (
            at_risk(numbers, ticks, group=one.arm, **part)
            if one.own
            else at_risk_of(numbers, "published", ticks, **there, group=one.beside)
        )
        rows.append(RiskRow(name, one.colour, found, one.dash))
    return rows


def _legend(drawn: list[Drawn], names: list[str], end: float, scale: float) -> Legend:
    choices = [
        [
            (words(f"published.drawn.{'own_curve' if one.own else 'curve'}", label=name, median=one.median), one.colour)
            for one, name in zip(drawn, given, strict=True)
        ]
        for given in ([d.label for d in drawn], names)
    ]
    curves = [(np.append(0.0, d.fit.time / scale), np.append(1.0, d.fit.survival)) for d in drawn]
    return legend(choices, curves, end, (AXES_WIDTH, AXES_HEIGHT)) if len(drawn) < 5 else above(choices, AXES_WIDTH)
