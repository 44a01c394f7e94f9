"""Step curves of named groups with numbers at risk: survival by a grouping, or cumulative incidence by arm."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from equipoise.report import format as fmt
from equipoise.report.figures.canvas import ARM_COLOURS, INK, TYPE_SIZE, bare, new_figure, sign, style
from equipoise.report.figures.kaplan_meier import time_end, time_ticks
from equipoise.report.lookup import Numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 3.75, 2.75
RIGHT, TOP, LINE = 0.3, 0.4, 0.18
# Groups that are not arms bear none of the arms' colours (Okabe & Ito's others; grey for those without it).
GROUP_COLOURS = ("#009E73", "#CC79A7", "#E69F00", "#56B4E9", INK)
WITHOUT = "#6b7280"


@dataclass(frozen=True, slots=True)
class StepCurve:
    """time and value of the steps (days; shares of 1), limits or None, marks as (time, value), at_risk: days -> counts."""

    label: str
    time: np.ndarray
    value: np.ndarray
    start: float
    at_risk: Callable[[np.ndarray], np.ndarray]
    limits: tuple[np.ndarray, np.ndarray] | None = None
    marks: tuple[np.ndarray, np.ndarray] | None = None


@dataclass(frozen=True, slots=True)
class GroupPanel:
    """lines: what the panel says in words. zero: what time 0 is, said at the axis."""

    title: str
    scale: str
    zero: str
    curves: tuple[StepCurve, ...]
    lines: tuple[str, ...]


def draw_groups(
    numbers: Numbers, panels: list[GroupPanel], order: list[str] | None = None, palette: tuple[str, ...] = ARM_COLOURS
) -> Figure:
    """Two panels in a row, lettered A, B ... when there is more than one; a label has one colour in all of them. order: of
    the labels, where the colours should follow another than that of their appearance. palette: of the labels in that order."""
    columns = min(2, len(panels))
    rows = math.ceil(len(panels) / columns)
    bottom = 1.0 + LINE * max(len(p.curves) for p in panels)
    left = max(1.2, 0.35 + 0.074 * max(len(c.label) for p in panels for c in p.curves))
    width, height = left + WIDTH + RIGHT, bottom + HEIGHT + TOP
    colours = {label: palette[i % len(palette)] for i, label in enumerate(dict.fromkeys(order or _labels(panels)))}
    figure = new_figure(width * columns, height * rows)
    longest = max(c.time[-1] for p in panels for c in p.curves if len(c.time)) / numbers.protocol.days_per_unit
    ticks = time_ticks(longest, numbers.protocol.time_unit)
    with style():
        for i, panel in enumerate(panels):
            x, y = (i % columns) * width + left, (rows - 1 - i // columns) * height + bottom
            place = (x / width / columns, y / height / rows, WIDTH / width / columns, HEIGHT / height / rows)
            axes = bare(figure.add_axes(place))
            _draw(numbers, axes, panel, ticks, chr(ord("A") + i) if len(panels) > 1 else "", colours)
            axes.set_xlim(0, time_end(longest, ticks))
            _risk_table(axes, panel, ticks, numbers.protocol.days_per_unit, left, colours)
        sign(figure, numbers.protocol.study.notice)
    return figure


def _labels(panels: list[GroupPanel]) -> list[str]:
    return [c.label for p in panels for c in p.curves]


def _draw(numbers: Numbers, axes: Axes, panel: GroupPanel, ticks: list[float], letter: str, colours: dict[str, str]) -> None:
    for curve in panel.curves:
        _steps(axes, curve, numbers.protocol.days_per_unit, colours[curve.label])
    axes.set_ylim(0, 1.02)
    axes.set_xticks(ticks, [fmt.number(t, 0 if t == int(t) else 1) for t in ticks])
    axes.set_yticks(np.arange(0, 1.01, 0.2), [f"{p}" for p in range(0, 101, 20)])
    axes.set_ylabel(f"{panel.scale}, %")
    axes.set_xlabel(f"Time from {panel.zero}, {numbers.protocol.time_unit}", labelpad=3)
    title = f"{letter}   {panel.title}" if letter else panel.title
    axes.set_title(title, loc="left", fontsize=TYPE_SIZE + 0.5, fontweight="bold", x=-0.13, pad=9)
    _words(axes, panel)


def _steps(axes: Axes, curve: StepCurve, scale: float, colour: str) -> None:
    time = np.concatenate([[0.0], curve.time / scale])
    if curve.limits is not None:
        corners = np.repeat(time, 2)[1:]
        low, high = (np.repeat(np.concatenate([[curve.start], v]), 2)[:-1] for v in curve.limits)
        known = ~np.isnan(low) & ~np.isnan(high)
        axes.fill_between(corners, low, high, where=known, color=colour, alpha=0.13, linewidth=0)
    value = np.concatenate([[curve.start], curve.value])
    axes.plot(time, value, drawstyle="steps-post", color=colour, linewidth=1.6, solid_joinstyle="miter", zorder=3)
    if curve.marks is not None:
        at, height = curve.marks
        mark = {"linestyle": "none", "marker": "|", "markersize": 5.5, "markeredgewidth": 0.9, "color": colour}
        axes.plot(at / scale, height, zorder=4, clip_on=False, **mark)


def _risk_table(axes: Axes, panel: GroupPanel, ticks: list[float], scale: float, left: float, colours: dict[str, str]) -> None:
    """Numbers at risk under their ticks, labels in the colour of their curves."""
    from matplotlib.transforms import blended_transform_factory

    where = blended_transform_factory(axes.transData, axes.transAxes)
    top, edge = -0.6 / HEIGHT, -(left - 0.08) / WIDTH
    label = {"transform": axes.transAxes, "ha": "left", "va": "center", "fontsize": TYPE_SIZE - 1}
    axes.text(edge, top, "Number at risk", fontweight="bold", **label)
    for i, curve in enumerate(panel.curves):
        y, colour = top - LINE / HEIGHT * (i + 1), colours[curve.label]
        axes.text(edge, y, curve.label, color=colour, fontweight="bold", **label)
        for tick, n in zip(ticks, curve.at_risk(np.array(ticks) * scale), strict=True):
            number = fmt.count(float(n))
            axes.text(tick, y, number, transform=where, ha="center", va="center", fontsize=TYPE_SIZE - 1, color=INK)


def _words(axes: Axes, panel: GroupPanel) -> None:
    step = 0.175 / HEIGHT
    for i, line in enumerate(panel.lines):
        box = {"facecolor": "white", "alpha": 0.7, "edgecolor": "none", "pad": 0.6}
        place = {"transform": axes.transAxes, "ha": "right", "va": "top", "fontsize": TYPE_SIZE - 1.4, "color": INK}
        axes.text(0.985, 0.985 - i * step, line, zorder=5, bbox=box, **place)
