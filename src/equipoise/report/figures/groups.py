"""Step curves of named groups with numbers at risk: survival by a grouping, cumulative incidence by arm, curves of a model over
those that were observed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from equipoise.records.ticks import time_ticks
from equipoise.report import format as fmt
from equipoise.report.figures.at_risk import ROUNDING, ticks_within
from equipoise.report.figures.breaking import filled
from equipoise.report.figures.canvas import ARM_COLOURS, DASHES, INK, TYPE_SIZE, bare, new_figure, sign, style
from equipoise.report.figures.finish import grown, readable, thinned
from equipoise.report.figures.finish import panels as side_by_side
from equipoise.report.figures.kaplan_meier import time_end
from equipoise.report.figures.legend import ABOVE, SIZE, Legend, above, draw_legend, legend
from equipoise.report.figures.risk_table import LINE, RiskRow, risk_table, room, short_names
from equipoise.report.lookup import Numbers
from equipoise.report.words import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE_LINE, TITLE_SIZE, TITLE_LEFT, AIR = 0.18, TYPE_SIZE + 0.5, 0.13, 0.06  # inches; of the axes, left of them; inches
WIDTH, HEIGHT = 3.75, 2.75
RIGHT, TOP, BOTTOM = 0.3, 0.4, 1.0
# Groups that are not arms bear none of the arms' colours (Okabe & Ito's others; grey for those without it).
GROUP_COLOURS = ("#009E73", "#CC79A7", "#E69F00", "#56B4E9", INK)
WITHOUT = "#6b7280"


@dataclass(frozen=True, slots=True)
class StepCurve:
    """time and value of the steps (days; shares of 1), limits or None, marks as (time, value). effective: of a
    weighted curve, what those at risk are worth. model: times and heights of a curve that a model gives
    beside the steps. at_risk, effective: ticks of the axis -> text."""

    label: str
    time: np.ndarray
    value: np.ndarray
    start: float
    at_risk: Callable[[Sequence[float]], tuple[str, ...]]
    limits: tuple[np.ndarray, np.ndarray] | None = None
    marks: tuple[np.ndarray, np.ndarray] | None = None
    effective: Callable[[Sequence[float]], tuple[str, ...]] | None = None
    model: tuple[np.ndarray, np.ndarray] | None = None


@dataclass(frozen=True, slots=True)
class GroupPanel:
    """lines: what the panel says in words. zero: what time 0 is, said at the axis. endpoint: whose patients at risk stand in
    rows at ticks of their own; ticks: those at which they stand of other curves."""

    title: str
    scale: str
    zero: str
    curves: tuple[StepCurve, ...]
    lines: tuple[str, ...]
    endpoint: str = ""
    ticks: tuple[float, ...] = ()


def draw_groups(
    numbers: Numbers, panels: list[GroupPanel], order: list[str] | None = None, palette: tuple[str, ...] = ARM_COLOURS
) -> Figure:
    """Two panels in a row, lettered A, B ... when there is more than one; a label has one colour in all of them. order: of
    the labels, where the colours should follow another than that of their appearance. palette: of the labels in that order."""
    labels = list(dict.fromkeys(order or _labels(panels)))
    names = dict(zip(labels, short_names(labels), strict=True))
    looks = {label: Look(names[label], palette[i % len(palette)], DASHES[i % len(DASHES)]) for i, label in enumerate(labels)}
    weighted = any(c.effective for p in panels for c in p.curves)
    bottom = BOTTOM + LINE * max(len(p.curves) for p in panels) * (1 + weighted)
    left = room(list(names.values()), words("figures.effective_number") if weighted else "")
    columns, across = side_by_side(len(panels), left + RIGHT, WIDTH)
    rows = math.ceil(len(panels) / columns)
    longest = max(c.time[-1] for p in panels for c in p.curves if len(c.time)) / numbers.protocol.days_per_unit
    ticks = [_ticks(numbers, panel, longest, across) for panel in panels]
    end = max(time_end(longest, own) for own in ticks)
    width = left + across + RIGHT
    said = _legends(numbers, panels, end, across, grown(SIZE, columns * width))
    titles = [_title(panel, i, len(panels), across, columns * width) for i, panel in enumerate(panels)]
    top = TOP + max(one.headroom for one in said) + TITLE_LINE * max(title.count("\n") for title in titles)
    height = bottom + HEIGHT + top
    figure = new_figure(width * columns, height * rows)
    with style():
        for i, panel in enumerate(panels):
            x, y = (i % columns) * width + left, (rows - 1 - i // columns) * height + bottom
            place = (x / width / columns, y / height / rows, across / width / columns, HEIGHT / height / rows)
            axes = bare(figure.add_axes(place))
            _draw(numbers, axes, panel, ticks[i], titles[i], looks, 9 + 72 * said[i].headroom)
            axes.set_xlim(0, end)
            risk_table(axes, _at_risk(panel, ticks[i], looks), ticks[i], left, 0.6)
            draw_legend(axes, said[i], HEIGHT)
        sign(figure, numbers.protocol.study.notice)
    return figure


def _ticks(numbers: Numbers, panel: GroupPanel, longest: float, across: float) -> list[float]:
    unit = numbers.protocol.time_unit
    if panel.endpoint:
        ticks = ticks_within(numbers, panel.endpoint, longest)
    else:
        ticks = [tick for tick in panel.ticks if tick <= longest + ROUNDING] or time_ticks(longest, unit)
    return thinned(ticks, [fmt.number(t, 0 if t == int(t) else 1) for t in ticks], across)


def _title(panel: GroupPanel, i: int, panels: int, across: float, width: float) -> str:
    """With its letter where there is more than one. across: of the axes, width: of the figure, inches."""
    letter = f"{chr(ord('A') + i)}\u00a0\u00a0 " if panels > 1 else ""
    wide = (1 + TITLE_LEFT) * across + RIGHT - AIR
    return filled(f"{letter}{panel.title}", wide, readable(TITLE_SIZE, width), bold=True)


@dataclass(frozen=True, slots=True)
class Look:
    """How a group is named and drawn in every panel."""

    name: str
    colour: str
    dash: Any


def _legends(numbers: Numbers, panels: list[GroupPanel], end: float, across: float, larger: float) -> list[Legend]:
    choices = [[[(line, INK) for line in p.lines]] for p in panels]
    scale = numbers.protocol.days_per_unit
    found = []
    for said, panel in zip(choices, panels, strict=True):
        curves = [(np.append(0.0, c.time / scale), np.append(c.start, c.value)) for c in panel.curves]
        found.append(legend(said, curves, end, (across / larger, HEIGHT / larger)))
    return [above(said, across / larger) for said in choices] if any(one.place == ABOVE for one in found) else found


def _labels(panels: list[GroupPanel]) -> list[str]:
    return [c.label for p in panels for c in p.curves]


def _draw(
    numbers: Numbers, axes: Axes, panel: GroupPanel, ticks: list[float], title: str, looks: dict[str, Look], pad: float
) -> None:
    for curve in panel.curves:
        _steps(axes, curve, numbers.protocol.days_per_unit, looks[curve.label])
    axes.set_ylim(0, 1.02)
    axes.set_xticks(ticks, [fmt.number(t, 0 if t == int(t) else 1) for t in ticks])
    axes.set_yticks(np.arange(0, 1.01, 0.2), [f"{p}" for p in range(0, 101, 20)])
    axes.set_ylabel(filled(f"{panel.scale}, %", HEIGHT, readable(TYPE_SIZE, axes.get_figure().get_figwidth())))
    axes.set_xlabel(words("figures.time_from", zero=panel.zero, unit=numbers.protocol.time_unit), labelpad=3)
    axes.set_title(title, loc="left", fontsize=TITLE_SIZE, fontweight="bold", x=-TITLE_LEFT, pad=pad)


def _steps(axes: Axes, curve: StepCurve, scale: float, look: Look) -> None:
    time = np.concatenate([[0.0], curve.time / scale])
    if curve.limits is not None:
        corners = np.repeat(time, 2)[1:]
        low, high = (np.repeat(np.concatenate([[curve.start], v]), 2)[:-1] for v in curve.limits)
        known = ~np.isnan(low) & ~np.isnan(high)
        axes.fill_between(corners, low, high, where=known, color=look.colour, alpha=0.13, linewidth=0)
    value = np.concatenate([[curve.start], curve.value])
    line = {"color": look.colour, "linestyle": look.dash, "solid_joinstyle": "miter", "dash_capstyle": "butt"}
    over = curve.model is not None
    axes.plot(time, value, drawstyle="steps-post", linewidth=0.8 if over else 1.6, alpha=0.6 if over else 1, zorder=3, **line)
    if curve.model is not None:
        at, height = curve.model
        axes.plot(at / scale, height, linewidth=2.0, zorder=4, **line)
    if curve.marks is not None:
        at, height = curve.marks
        mark = {"linestyle": "none", "marker": "|", "markersize": 5.5, "markeredgewidth": 0.9, "color": look.colour}
        axes.plot(at / scale, height, zorder=4, clip_on=False, **mark)


def _at_risk(panel: GroupPanel, ticks: list[float], looks: dict[str, Look]) -> list[RiskRow]:
    rows = []
    for curve in panel.curves:
        look = looks[curve.label]
        rows.append(RiskRow(look.name, look.colour, curve.at_risk(ticks), look.dash))
        if curve.effective is not None:
            rows.append(RiskRow(words("figures.effective_number"), look.colour, curve.effective(ticks)))
    return rows
