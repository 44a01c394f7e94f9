"""Kaplan-Meier curves as a journal prints them: steps, censor ticks, light bands, numbers at risk under the axis."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from equipoise.records import Curve, Study
from equipoise.report import format as fmt
from equipoise.report.figures.canvas import ARM_COLOURS, INK, SOFT, TYPE_SIZE, bare, new_figure, sign, style
from equipoise.report.lookup import Numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STEPS = {
    "days": (7, 14, 30, 60, 90, 180, 365, 730, 1460),
    "months": (1, 2, 3, 6, 12, 24, 36, 60, 120),
    "years": (0.5, 1, 2, 5, 10),
}
AXES_WIDTH, AXES_HEIGHT = 4.05, 3.05
RIGHT, BOTTOM, TOP = 0.45, 1.42, 0.42
LONGEST_NAME = 28
RISK_LINE = 0.19  # inches


@dataclass(frozen=True, slots=True)
class Panel:
    """One endpoint of one cohort: a curve per arm, in the order of the protocol."""

    endpoint: str
    design: str
    population: str
    title: str
    scale: str
    curves: tuple[tuple[str, Curve], ...]


def kaplan_meier(study: Study, design: str, population: str = "all", endpoints: list[str] | None = None) -> Figure:
    """One cohort: a panel per endpoint, two in a row."""
    numbers = Numbers(study)
    names = endpoints or list(study.protocol.main_endpoints)
    found = [p for p in (panel(numbers, e, design, population) for e in names) if p is not None]
    return draw_panels(numbers, found)


def kaplan_meier_by_design(study: Study, endpoint: str, population: str = "all", designs: list[str] | None = None) -> Figure:
    """One endpoint: a panel per cohort, for studies with a single endpoint. designs: by default those that lead."""
    numbers = Numbers(study)
    named = [panel(numbers, endpoint, d, population, numbers.design_label(d)) for d in designs or numbers.leading]
    return draw_panels(numbers, [p for p in named if p is not None])


def kaplan_meier_by_level(study: Study, name: str, design: str = "unadjusted") -> Figure | None:
    """The levels of a subgroup in a design, a panel each, the endpoints one after another; None without a curve."""
    numbers = Numbers(study)
    subgroup, short = study.protocol.subgroups[name], {n: e.short for n, e in study.protocol.main_endpoints.items()}
    places = [(e, level) for e in short for level in subgroup.levels]
    panels = [
        panel(numbers, e, design, f"{name} {level}", f"{short[e]}, {fmt.lower_first(subgroup.label)} {level}")
        for e, level in places
    ]
    found = [p for p in panels if p is not None]
    return draw_panels(numbers, found) if found else None


def panel(numbers: Numbers, endpoint: str, design: str, population: str = "all", title: str = "") -> Panel | None:
    curves = numbers.study.estimates.curves
    keys = {arm: f"{endpoint}.{design}.{population}.{arm}" for arm in numbers.arms}
    found = tuple((arm, curves[key]) for arm, key in keys.items() if key in curves)
    info = numbers.protocol.endpoints[endpoint]
    scale = f"Free of {fmt.lower_first(info.event_label)}" if info.label.lower().startswith("time to") else info.label
    return Panel(endpoint, design, population, title or info.label, scale, found) if found else None


def draw_panels(numbers: Numbers, panels: list[Panel]) -> Figure:
    """Panels lettered A, B ... when there is more than one."""
    columns = min(2, len(panels))
    lines = math.ceil(len(panels) / columns)
    left = _left(numbers)
    bottom = BOTTOM + RISK_LINE * max(sum(curve.weighted for _, curve in one.curves) for one in panels)
    width, height = left + AXES_WIDTH + RIGHT, bottom + AXES_HEIGHT + TOP
    figure = new_figure(width * columns, height * lines)
    with style():
        for i, one in enumerate(panels):
            x, y = (i % columns) * width + left, (lines - 1 - i // columns) * height + bottom
            place = (
                x / width / columns,
                y / height / lines,
                AXES_WIDTH / width / columns,
                AXES_HEIGHT / height / lines,
            )
            _draw(numbers, figure, one, place, chr(ord("A") + i) if len(panels) > 1 else "")
        sign(figure, numbers.protocol.study.notice)
    return figure


def _left(numbers: Numbers) -> float:
    """Inches left of the axes: the longest arm name of the risk table stands there."""
    longest = max(min(len(numbers.arm_label(a)), LONGEST_NAME) for a in numbers.arms)
    return max(1.15, 0.3 + 0.074 * longest)


def _draw(numbers: Numbers, figure: Figure, one: Panel, place: tuple[float, float, float, float], letter: str) -> None:
    axes = bare(figure.add_axes(place))
    scale, unit = numbers.protocol.days_per_unit, numbers.protocol.time_unit
    longest = max(c.fit.time[-1] for _, c in one.curves) / scale
    ticks = time_ticks(longest, unit)
    end = time_end(longest, ticks)
    for i, (_, curve) in enumerate(one.curves):
        _curve(axes, curve, scale, ARM_COLOURS[i])
    axes.set_xlim(0, end)
    axes.set_ylim(0, 1.02)
    axes.set_xticks(ticks, [fmt.number(t, 0 if t == int(t) else 1) for t in ticks])
    axes.set_yticks(np.arange(0, 1.01, 0.2), [f"{p}" for p in range(0, 101, 20)])
    axes.set_ylabel(f"{one.scale}, %")
    axes.set_xlabel(f"Time, {unit}", labelpad=3)
    axes.set_title(_title(numbers, one, letter), loc="left", fontsize=TYPE_SIZE + 1, fontweight="bold", x=-0.13, pad=10)
    _risk_table(numbers, axes, one, ticks, scale)
    _results(numbers, axes, one, scale, end)


def _title(numbers: Numbers, one: Panel, letter: str) -> str:
    return f"{letter}   {one.title}" if letter else one.title


def time_ticks(longest: float, unit: str) -> list[float]:
    """From zero in up to eight even steps, none beyond the last observed time: somebody is at risk at every tick."""
    steps = STEPS[unit]
    step = next((s for s in steps if longest / s <= 8.0), steps[-1])
    while longest / step > 10:
        step *= 2
    while longest / step < 3 and step > STEPS[unit][0]:
        step = max(s for s in STEPS[unit] if s < step)
    return [step * i for i in range(max(1, math.floor(round(longest / step, 6))) + 1)]


def time_end(longest: float, ticks: list[float]) -> float:
    """Where the axis ends: a little beyond the last observed time, so that its mark is whole."""
    return max(1.015 * longest, ticks[-1])


def _curve(axes: Axes, curve: Curve, scale: float, colour: str) -> None:
    fit = curve.fit
    time = np.concatenate([[0.0], fit.time / scale])
    survival, low, high = (np.concatenate([[1.0], v]) for v in (fit.survival, fit.low, fit.high))
    _band(axes, time, low, high, colour)
    axes.plot(time, survival, drawstyle="steps-post", color=colour, linewidth=1.6, solid_joinstyle="miter", zorder=3)
    censored = fit.censored > 0
    axes.plot(
        fit.time[censored] / scale,
        fit.survival[censored],
        linestyle="none",
        marker="|",
        markersize=5.5,
        markeredgewidth=0.9,
        color=colour,
        zorder=4,
        clip_on=False,
    )


def _band(axes: Axes, time: np.ndarray, low: np.ndarray, high: np.ndarray, colour: str) -> None:
    """Limits as steps, each drawn up to the next time; none where they are not known."""
    corners = np.repeat(time, 2)[1:]
    low, high = (np.repeat(v, 2)[:-1] for v in (low, high))
    known = ~np.isnan(low) & ~np.isnan(high)
    axes.fill_between(corners, low, high, where=known, color=colour, alpha=0.13, linewidth=0)


def _risk_table(numbers: Numbers, axes: Axes, one: Panel, ticks: list[float], scale: float) -> None:
    """Numbers at risk under their ticks, arm names in the colour of their curves; below those of a weighted curve what they are
    worth."""
    from matplotlib.transforms import blended_transform_factory

    low, edge = _inches(axes, -0.62), _across(axes, _left(numbers) - 0.08)
    where = blended_transform_factory(axes.transData, axes.transAxes)
    label = {"transform": axes.transAxes, "ha": "left", "va": "center", "fontsize": TYPE_SIZE - 1}
    axes.text(-edge, low, "Number at risk", fontweight="bold", **label)
    number = {"transform": where, "ha": "center", "va": "center", "fontsize": TYPE_SIZE - 1}
    days, y = np.array(ticks) * scale, low
    for i, (arm, curve) in enumerate(one.curves):
        y -= _inches(axes, RISK_LINE)
        axes.text(-edge, y, _short(numbers.arm_label(arm)), color=ARM_COLOURS[i], fontweight="bold", **label)
        for tick, n in zip(ticks, curve.fit.at_risk_at(days), strict=True):
            axes.text(tick, y, fmt.count(float(n)), color=INK, **number)
        if curve.weighted:
            y -= _inches(axes, RISK_LINE)
            axes.text(-edge, y, "   effective number", color=SOFT, **label)
            for tick, n in zip(ticks, curve.fit.effective_at_risk_at(days), strict=True):
                axes.text(tick, y, fmt.number(float(n), 1), color=SOFT, **number)


def _short(label: str, most: int = LONGEST_NAME) -> str:
    return label if len(label) <= most else label[: most - 1].rstrip() + "\u2026"


def _inches(axes: Axes, inches: float) -> float:
    """Inches as a share of the axes' height."""
    box = axes.get_position()
    return inches / (box.height * axes.figure.get_figheight())


def _across(axes: Axes, inches: float) -> float:
    box = axes.get_position()
    return inches / (box.width * axes.figure.get_figwidth())


def _results(numbers: Numbers, axes: Axes, one: Panel, scale: float, end: float) -> None:
    """Medians by arm, hazard ratio and log-rank P, in the corner that the curves leave free."""
    lines = result_lines(numbers, one)
    top = _top_is_free(axes, one, scale, end, [words for words, _ in lines])
    height = _inches(axes, 0.185)
    x, ha = (0.985, "right") if top else (0.025, "left")
    y = 0.985 if top else 0.02 + height * len(lines)
    for i, (words, colour) in enumerate(lines):
        weight = "bold" if colour != INK else "normal"
        axes.text(
            x,
            y - i * height,
            words,
            transform=axes.transAxes,
            ha=ha,
            va="top",
            fontsize=TYPE_SIZE - 1.2,
            color=colour,
            fontweight=weight,
            zorder=5,
            bbox={"facecolor": "white", "alpha": 0.65, "edgecolor": "none", "pad": 0.6},
        )


def result_lines(numbers: Numbers, one: Panel) -> list[tuple[str, str]]:
    """What the panel says in words: (line, colour)."""
    part = {"endpoint": one.endpoint, "design": one.design, "population": one.population}
    protocol = numbers.protocol
    lines = []
    for i, (arm, _) in enumerate(one.curves):
        row = numbers.row("survival", "median", analysis="kaplan_meier", group=arm, **part)
        if row is not None:
            median = fmt.time_estimate(row.value, row.low, row.high, protocol.days_per_unit, protocol.time_unit)
            lines.append((f"{numbers.arm_label(arm)}: median {median}", ARM_COLOURS[i]))
    hr = numbers.row("survival", "hr", analysis="cox", contrast=numbers.contrast, **part)
    if hr is not None:
        lines.append((f"HR {fmt.ratio_estimate(hr.value, hr.low, hr.high)}", INK))
    p = numbers.row("survival", "p", analysis="logrank", **part)
    if p is not None:
        lines.append((f"Log-rank {fmt.p_sentence(p.value)}", INK))
    return lines


def _top_is_free(axes: Axes, one: Panel, scale: float, end: float, lines: list[str]) -> bool:
    """Whether the curves leave more room for the text at the top right than at the bottom left."""
    width, height = _across(axes, 0.066 * max(map(len, lines), default=0)), _inches(axes, 0.185 * len(lines) + 0.08)
    left, right = width * end * scale, (1 - width) * end * scale
    fits = [c.fit for _, c in one.curves]
    below = min(float(f.at(np.array([min(left, f.time[-1])])).survival[0]) for f in fits) - height
    above = 1 - height - max(float(f.at(np.array([right])).survival[0]) for f in fits)
    return above >= min(below, 0.02)
