"""Spider: the target sum of each patient over time, a panel per arm and criterion."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from equipoise.records import Study, VisitResponses
from equipoise.records.ticks import time_ticks
from equipoise.report import format as fmt
from equipoise.report.bound import traced
from equipoise.report.figures.breaking import shortened
from equipoise.report.figures.canvas import ARM_COLOURS, INK, RULE, SOFT, TYPE_SIZE, bare, new_figure, sign, style
from equipoise.report.figures.finish import laid_out, readable
from equipoise.report.figures.fonts import text_width
from equipoise.report.figures.kaplan_meier import time_end
from equipoise.report.figures.thinned import LINES, evenly, of_all
from equipoise.report.figures.waterfall import LETTERS
from equipoise.report.lookup import Numbers
from equipoise.report.words import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

USUAL, LEAST, PANEL, GAP, FOOT, TOP = 7.4, 7.0, 2.6, 0.62, 0.75, 0.4
TITLE = TYPE_SIZE + 0.5
HIGHEST = 150.0
CUTS = (20.0, -30.0)
Lines = dict[int, list[tuple[float, float, bool]]]


@traced
def spider(study: Study) -> Figure | None:
    """None where nobody's targets were measured again. Lines leave the panel at +150 %."""
    numbers = Numbers(study)
    response = study.protocol.response
    if response is None or study.outcomes.response_detail is None:
        return None
    seen = {c: _measured(study.outcomes.responses, c) for c in response.criteria}
    seen = {c: visits for c, visits in seen.items() if len(visits)}
    if not seen:
        return None
    per_unit = numbers.protocol.days_per_unit
    end = max(float(visits.day.max()) / per_unit for visits in seen.values())
    ticks = time_ticks(end, study.protocol.time_unit)
    height = TOP + FOOT + PANEL * len(seen) + GAP * (len(seen) - 1)
    figure = new_figure(laid_out(USUAL, LEAST), height)
    with style():
        wide = 0.865 if numbers.single else 0.405
        for i, (criterion, visits) in enumerate(seen.items()):
            y = (height - TOP - PANEL * (i + 1) - GAP * i) / height
            for j, arm in enumerate(numbers.arms):
                axes = bare(figure.add_axes((0.115 + 0.46 * j, y, wide, PANEL / height)))
                mine = visits.among(study.cohort.in_arm(arm))
                some = _some(mine, per_unit)
                _draw(axes, some, ARM_COLOURS[j])
                last, unit = i == len(seen) - 1, study.protocol.time_unit
                _frame(axes, ticks, time_end(end, ticks), last=last, unit=unit, first=j == 0)
                counted = of_all(len(some), len(np.unique(mine.patient)))
                title = named(f"{criterion}: ", fmt.lower_first(numbers.short_arm(arm)), counted, axes)
                axes.set_title(title, loc="left", fontsize=TITLE, fontweight="bold", pad=6)
        figure.text(0.115, 0.012, words("response_figures.diamond"), fontsize=TYPE_SIZE - 1, color=SOFT, ha="left", va="bottom")
        sign(figure, study.protocol.study.notice)
    return figure


def named(before: str, name: str, counted: str, axes: Axes) -> str:
    """A title with a number behind it, whose name is shortened where it is wider than its axes."""
    width = axes.get_figure().get_figwidth()
    behind, size = f" ({counted})", readable(TITLE, width)
    room = axes.get_position().width * width - text_width(before + behind, size, bold=True)
    return f"{before}{shortened(name, room, size, bold=True)}{behind}"


def thinned(study: Study) -> bool:
    """Whether a panel has more patients than lines."""
    response = study.protocol.response
    if response is None or study.outcomes.response_detail is None:
        return False
    seen = [_measured(study.outcomes.responses, c).patient for c in response.criteria]
    arms = [study.cohort.in_arm(a) for a in study.protocol.arms.groups]
    return any(len(np.unique(patient[arm[patient]])) > LINES for patient in seen for arm in arms)


def _measured(responses: VisitResponses, criterion: str) -> VisitResponses:
    """Scans with a whole sum."""
    return responses.rows((responses.criterion == criterion) & ~np.isnan(responses.change))


def _some(visits: VisitResponses, days_per_unit: float) -> Lines:
    """place of the patient -> (time, percent change, new lesion) per scan, in order: of all, or of as many as can be told apart,
    evenly spaced in the order of their lowest point."""
    shown = np.unique(visits.patient)
    if len(shown) > LINES:
        lowest = np.full(len(visits.patients), np.inf)
        np.minimum.at(lowest, visits.patient, visits.change)
        shown = evenly(shown[np.argsort(lowest[shown], kind="stable")], LINES)
    lines: Lines = {patient: [] for patient in shown.tolist()}
    some = visits.rows(np.isin(visits.patient, shown))
    columns = (some.patient, some.day / days_per_unit, some.change, some.new_lesion)
    for patient, *point in zip(*(column.tolist() for column in columns), strict=True):
        lines[patient].append(tuple(point))
    return lines


def _draw(axes: Axes, lines: Lines, colour: str) -> None:
    """All lines as one mark of the drawing, and so all points of a kind."""
    from matplotlib.collections import LineCollection

    courses = [[(0.0, 0.0), *((p[0], p[1]) for p in points)] for points in lines.values()]
    axes.add_collection(LineCollection(courses, colors=colour, linewidths=0.9, alpha=0.6, zorder=2), autolim=False)
    seen = [p for course in courses for p in course]
    _points(axes, seen, color=colour, alpha=0.6, marker="o", markersize=1.8, markeredgewidth=0)
    new = [(p[0], p[1]) for points in lines.values() for p in points if p[2] and p[1] <= HIGHEST]
    hollow = {"markerfacecolor": "white", "markeredgecolor": colour, "markeredgewidth": 0.8}
    _points(axes, new, marker="D", markersize=3.6, zorder=3, **hollow)


def _points(axes: Axes, points: list[tuple[float, float]], **look: Any) -> None:
    axes.plot([p[0] for p in points], [p[1] for p in points], linestyle="none", **look)


def _frame(axes: Axes, ticks: list[float], end: float, last: bool, unit: str, first: bool) -> None:
    for level in CUTS:
        axes.axhline(level, color=RULE, linewidth=0.8, linestyle=(0, (4, 3)), zorder=0)
    axes.axhline(0, color=INK, linewidth=0.7, zorder=0)
    axes.set_xlim(0, end)
    axes.set_ylim(-104, HIGHEST)
    axes.set_xticks(ticks, [fmt.number(t, 0 if t == int(t) else 1) for t in ticks])
    axes.set_yticks([-100, -50, 0, 50, 100, 150], ["\u2212100", "\u221250", "0", "50", "100", "150"] if first else [""] * 6)
    if first:
        axes.set_ylabel(textwrap.fill(words("response_figures.change"), LETTERS))
    if last:
        axes.set_xlabel(words("figures.time", unit=unit))
