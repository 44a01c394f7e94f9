"""Kaplan-Meier curves as a journal prints them: steps, censor ticks, light bands, numbers at risk under the axis."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from equipoise.protocol.wording import is_time_to
from equipoise.records import Curve, Study
from equipoise.report import format as fmt
from equipoise.report.bound import traced
from equipoise.report.figures.at_risk import at_risk, effective_at_risk, ticks_within
from equipoise.report.figures.breaking import filled
from equipoise.report.figures.canvas import ARM_COLOURS, DASHES, INK, TYPE_SIZE, bare, new_figure, sign, style
from equipoise.report.figures.censor_marks import marked_times
from equipoise.report.figures.finish import grown, readable, thinned
from equipoise.report.figures.finish import panels as side_by_side
from equipoise.report.figures.legend import ABOVE, SIZE, Legend, above, draw_legend, legend
from equipoise.report.figures.risk_table import LINE, RiskRow, risk_table, room, short_names
from equipoise.report.lookup import Numbers
from equipoise.report.words import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

AXES_WIDTH, AXES_HEIGHT = 4.05, 3.05
RIGHT, BOTTOM, TOP = 0.45, 1.04, 0.42
TITLE_LINE = 0.19
TITLE_SIZE, TITLE_LEFT, AIR = TYPE_SIZE + 1, 0.13, 0.06  # of the axes, left of them; inches right of a title


@dataclass(frozen=True, slots=True)
class Panel:
    """One endpoint of one cohort: a curve per arm, in the order of the protocol."""

    endpoint: str
    design: str
    population: str
    title: str
    scale: str
    curves: tuple[tuple[str, Curve], ...]


@traced
def kaplan_meier(study: Study, design: str, population: str = "all", endpoints: list[str] | None = None) -> Figure:
    """One cohort: a panel per endpoint, two in a row."""
    numbers = Numbers(study)
    names = endpoints or list(study.protocol.main_endpoints)
    found = [p for p in (panel(numbers, e, design, population) for e in names) if p is not None]
    return draw_panels(numbers, found)


@traced
def kaplan_meier_by_design(study: Study, endpoint: str, population: str = "all", designs: list[str] | None = None) -> Figure:
    """One endpoint: a panel per cohort, for studies with a single endpoint. designs: by default those that lead."""
    numbers = Numbers(study)
    named = [panel(numbers, endpoint, d, population, numbers.design_label(d)) for d in designs or numbers.leading]
    return draw_panels(numbers, [p for p in named if p is not None])


@traced
def kaplan_meier_by_level(study: Study, name: str, design: str = "unadjusted") -> Figure | None:
    """The levels of a subgroup in a design, a panel each, the endpoints one after another; None without a curve."""
    numbers = Numbers(study)
    subgroup, short = study.protocol.subgroups[name], {n: e.short for n, e in study.protocol.main_endpoints.items()}
    places = [(e, level) for e in short for level in subgroup.levels]
    panels = [
        panel(numbers, e, design, f"{name} {level}", f"{short[e]}, {fmt.lower_first(subgroup.label)}: {level}")
        for e, level in places
    ]
    found = [p for p in panels if p is not None]
    return draw_panels(numbers, found) if found else None


def panel(numbers: Numbers, endpoint: str, design: str, population: str = "all", title: str = "") -> Panel | None:
    curves = numbers.study.estimates.curves
    keys = {arm: f"{endpoint}.{design}.{population}.{arm}" for arm in numbers.arms}
    found = tuple((arm, curves[key]) for arm, key in keys.items() if key in curves)
    info = numbers.protocol.endpoints[endpoint]
    scale = words("figures.free_of", event=fmt.lower_first(info.event_label)) if is_time_to(info.label) else info.label
    return Panel(endpoint, design, population, title or info.label, scale, found) if found else None


def draw_panels(numbers: Numbers, panels: list[Panel]) -> Figure:
    """Panels lettered A, B ... when there is more than one."""
    left = room(
        short_names([numbers.short_arm(a) for a in numbers.arms]),
        words("figures.effective_number") if any(map(_weighted, panels)) else "",
    )
    columns, across = side_by_side(len(panels), left + RIGHT, AXES_WIDTH)
    lines = math.ceil(len(panels) / columns)
    width = left + across + RIGHT
    legends = _legends(numbers, panels, across, grown(SIZE, columns * width))
    bottom = BOTTOM + LINE * max(len(one.curves) * (1 + _weighted(one)) for one in panels)
    titles = [_title(one, i, len(panels), across, columns * width) for i, one in enumerate(panels)]
    top = TOP + max(said.headroom for said in legends) + TITLE_LINE * max(title.count("\n") for title in titles)
    height = bottom + AXES_HEIGHT + top
    figure = new_figure(width * columns, height * lines)
    with style():
        for i, one in enumerate(panels):
            x, y = (i % columns) * width + left, (lines - 1 - i // columns) * height + bottom
            place = (
                x / width / columns,
                y / height / lines,
                across / width / columns,
                AXES_HEIGHT / height / lines,
            )
            _draw(numbers, bare(figure.add_axes(place)), one, legends[i], titles[i], left)
        sign(figure, numbers.protocol.study.notice)
    return figure


def _title(one: Panel, i: int, panels: int, across: float, width: float) -> str:
    """With its letter where there is more than one. across: of the axes, width: of the figure, inches."""
    letter = f"{chr(ord('A') + i)}\u00a0\u00a0 " if panels > 1 else ""
    wide = (1 + TITLE_LEFT) * across + RIGHT - AIR
    return filled(f"{letter}{one.title}", wide, readable(TITLE_SIZE, width), bold=True)


def _weighted(one: Panel) -> bool:
    return any(curve.weighted for _, curve in one.curves)


def _axis(numbers: Numbers, one: Panel) -> tuple[list[float], float]:
    """Ticks of the axis of time, and where it ends."""
    longest = max(c.fit.time[-1] for _, c in one.curves) / numbers.protocol.days_per_unit
    ticks = ticks_within(numbers, one.endpoint, longest)
    return ticks, time_end(longest, ticks)


def _draw(numbers: Numbers, axes: Axes, one: Panel, said: Legend, title: str, left: float) -> None:
    scale, unit = numbers.protocol.days_per_unit, numbers.protocol.time_unit
    ticks, end = _axis(numbers, one)
    across = axes.get_position().width * axes.get_figure().get_figwidth()
    ticks = thinned(ticks, [fmt.number(t, 0 if t == int(t) else 1) for t in ticks], across)
    for i, (_, curve) in enumerate(one.curves):
        _curve(axes, curve, scale, end, (ARM_COLOURS[i], DASHES[i % len(DASHES)]))
    axes.set_xlim(0, end)
    axes.set_ylim(0, 1.02)
    axes.set_xticks(ticks, [fmt.number(t, 0 if t == int(t) else 1) for t in ticks])
    axes.set_yticks(np.arange(0, 1.01, 0.2), [f"{p}" for p in range(0, 101, 20)])
    axes.set_ylabel(filled(f"{one.scale}, %", AXES_HEIGHT, readable(TYPE_SIZE, axes.get_figure().get_figwidth())))
    axes.set_xlabel(words("figures.time", unit=unit), labelpad=3)
    pad = 10 + 72 * said.headroom
    axes.set_title(title, loc="left", fontsize=TITLE_SIZE, fontweight="bold", x=-TITLE_LEFT, pad=pad)
    risk_table(axes, _at_risk(numbers, one, ticks), ticks, left, 0.62)
    draw_legend(axes, said, AXES_HEIGHT)


def time_end(longest: float, ticks: list[float]) -> float:
    """Where the axis ends: a little beyond the last observed time, so that its mark is whole."""
    return max(1.015 * longest, ticks[-1])


def _curve(axes: Axes, curve: Curve, scale: float, end: float, line: tuple[str, object]) -> None:
    """end: of the axis. line: its color and its dashes."""
    (colour, dash), fit = line, curve.fit
    time = np.concatenate([[0.0], fit.time / scale])
    survival, low, high = (np.concatenate([[1.0], v]) for v in (fit.survival, fit.low, fit.high))
    _band(axes, time, low, high, colour)
    look = {"color": colour, "linewidth": 1.6, "linestyle": dash, "solid_joinstyle": "miter", "dash_capstyle": "butt"}
    axes.plot(time, survival, drawstyle="steps-post", zorder=3, **look)
    censored = marked_times(fit.time / scale, fit.censored, end)
    mark = {"linestyle": "none", "marker": "|", "markersize": 5.5, "markeredgewidth": 0.9, "color": colour}
    axes.plot(fit.time[censored] / scale, fit.survival[censored], zorder=4, clip_on=False, **mark)


def _band(axes: Axes, time: np.ndarray, low: np.ndarray, high: np.ndarray, colour: str) -> None:
    """Limits as steps, each drawn up to the next time; none where they are not known."""
    corners = np.repeat(time, 2)[1:]
    low, high = (np.repeat(v, 2)[:-1] for v in (low, high))
    known = ~np.isnan(low) & ~np.isnan(high)
    axes.fill_between(corners, low, high, where=known, color=colour, alpha=0.13, linewidth=0)


def _at_risk(numbers: Numbers, one: Panel, ticks: list[float]) -> list[RiskRow]:
    """A row per arm; below those of a weighted curve what the patients at risk are worth."""
    names = dict(zip(numbers.arms, short_names([numbers.short_arm(a) for a in numbers.arms]), strict=True))
    rows = []
    for i, (arm, curve) in enumerate(one.curves):
        part = {"endpoint": one.endpoint, "design": one.design, "population": one.population, "group": arm}
        rows.append(RiskRow(names[arm], ARM_COLOURS[i], at_risk(numbers, ticks, **part), DASHES[i % len(DASHES)]))
        if curve.weighted:
            worth = effective_at_risk(numbers, ticks, **part)
            rows.append(RiskRow(words("figures.effective_number"), ARM_COLOURS[i], worth))
    return rows


def _legends(numbers: Numbers, panels: list[Panel], across: float, larger: float) -> list[Legend]:
    """Medians by arm, hazard ratio and log-rank P of each panel, in full names or in short ones; above all axes where one panel
    has no free corner."""
    choices, found = [], []
    for one in panels:
        labels = [numbers.arm_label(a) for a, _ in one.curves]
        short = short_names([numbers.short_arm(a) for a, _ in one.curves])
        choices.append([result_lines(numbers, one, names) for names in (labels, short)])
        scale, (_, end) = numbers.protocol.days_per_unit, _axis(numbers, one)
        curves = [(np.append(0.0, c.fit.time / scale), np.append(1.0, c.fit.survival)) for _, c in one.curves]
        found.append(legend(choices[-1], curves, end, (across / larger, AXES_HEIGHT / larger)))
    if any(said.place == ABOVE for said in found):
        return [above(told, across / larger) for told in choices]
    return found


def result_lines(numbers: Numbers, one: Panel, names: list[str] | None = None) -> list[tuple[str, str]]:
    """What the panel says in words: (line, colour). names: of the arms, by default their labels."""
    part = {"endpoint": one.endpoint, "design": one.design, "population": one.population}
    protocol = numbers.protocol
    lines = []
    for i, (arm, _) in enumerate(one.curves):
        row = numbers.row("survival", "median", analysis="kaplan_meier", group=arm, **part)
        if row is not None:
            median = fmt.time_estimate(row.value, row.low, row.high, protocol.days_per_unit, protocol.time_unit)
            name = names[i] if names else numbers.arm_label(arm)
            lines.append((words("figures.median_of", label=name, median=median), ARM_COLOURS[i]))
    hr = None if numbers.several else numbers.row("survival", "hr", analysis="cox", contrast=numbers.contrast, **part)
    if hr is not None:
        lines.append((words("figures.hr", ratio=fmt.ratio_estimate(hr.value, hr.low, hr.high)), INK))
    p = numbers.row("survival", "p", analysis="logrank", **part)
    if p is not None:
        lines.append((words("figures.logrank", p=fmt.p_sentence(p.value)), INK))
    together = numbers.row("survival", "p", analysis="cox_all_arms", **part) if numbers.several and p is None else None
    if together is not None and not math.isnan(together.value):
        lines.append((words("figures.all_arms", p=fmt.p_sentence(together.value)), INK))
    return lines
