"""Love plot: absolute standardized mean differences before and in each design, with the protocol's thresholds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from equipoise.records import Study
from equipoise.report import format as fmt
from equipoise.report.bound import traced
from equipoise.report.figures.breaking import broken, filled
from equipoise.report.figures.canvas import INK, NOTICE, PAPER, SOFT, TYPE_SIZE, bare, new_figure, sign, style
from equipoise.report.figures.finish import laid_out, readable
from equipoise.report.figures.fonts import text_width
from equipoise.report.lookup import Numbers
from equipoise.report.tables.baseline import apart, balanced_variables, before_what, in_score
from equipoise.report.words import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BEFORE, AFTER = "#E69F00", "#0072B2"
# The designs beside the primary one: colours of Okabe & Ito, and shapes, so that neither alone must tell them apart.
OTHERS = (("#D55E00", "s"), ("#009E73", "^"), ("#CC79A7", "D"), ("#56B4E9", "v"), (INK, "P"), ("#8B6914", "X"), ("#6b7280", "<"))
EDGE = 1.15  # where a difference without a number is written, as a multiple of the largest
USUAL, LEAST = 7.4, 4.9  # inches of the figure, and what names and axis need
LEFT, RIGHT = 0.41, 0.97  # the share of the width where the axis begins and ends
BAND, ROOM = 0.25, 0.14  # inches of a variable with one line of marks, and around the lines where there are more
PAGE, TIGHT, MARK = 8.0, 0.045, 0.085  # inches that the axis should not exceed; the least and the most of a line of marks
GAP = 0.09  # inches between a name and the axis
TOP, BOTTOM, LINE = 0.42, 0.5, 0.19  # inches above and below the axis, and of a line of the legend
NAME, KEY = TYPE_SIZE - 0.8, TYPE_SIZE - 1  # points of a name, and of the legend
LEADING = 1.13 / 72  # inches of a line, of its points
MARKED, BETWEEN, MOST_COLUMNS = 0.24, 0.22, 3  # inches of a mark of the legend, and between its columns
SHADE = "#f3f4f6"


@dataclass(frozen=True, slots=True)
class _Line:
    """A variable with its differences, before and in each design; or the name of a group, which has none."""

    name: str
    sizes: tuple[float, ...] = ()
    heading: bool = False


@traced
def love_plot(study: Study) -> Figure | None:
    """Variables of the propensity score, then the others, each from the largest difference before the design down. A mark per
    design, in a band of its own for each variable; where there are more than two, one below the other. None where no variable
    has a difference in every design."""
    numbers = Numbers(study)
    designs = numbers.design_names
    lines = _lines(numbers)
    if not lines:
        return None
    lanes = len(designs) if len(designs) > 3 else 1
    step = min(max((PAGE / max(len(lines), 1) - ROOM) / lanes, TIGHT), MARK)
    heights = [_height(numbers, line, ROOM + step * lanes if lanes > 1 else BAND) for line in lines]
    columns = _columns(_entries(numbers))
    foot = BOTTOM + sum(_rows(columns)) + (NOTICE if study.protocol.study.notice else 0)
    height = TOP + sum(heights) + foot
    figure = new_figure(_width(), height)
    with style():
        axes = figure.add_axes((LEFT, foot / height, RIGHT - LEFT, sum(heights) / height))
        bare(axes, keep=("bottom",))
        _draw(axes, numbers, lines, heights, step if lanes > 1 else 0.0)
        _thresholds(axes, numbers.protocol.balance_thresholds, sum(heights))
        _legend(figure, columns, foot - BOTTOM)
        sign(figure, study.protocol.study.notice)
    return figure


def _height(numbers: Numbers, line: _Line, marks: float) -> float:
    """Inches of a line. marks: that its marks need."""
    return (
        BAND if line.heading else max(marks, BAND + LEADING * readable(NAME, _width()) * _label(numbers, line.name).count("\n"))
    )


def _width() -> float:
    return laid_out(USUAL, LEAST)


def _lines(numbers: Numbers) -> list[_Line]:
    """From the top down; the two groups are named where there are both."""
    found = _differences(numbers)
    ordered = sorted(found, key=lambda f: -math.inf if math.isnan(f.sizes[0]) else -f.sizes[0])
    inside, outside = ([f for f in ordered if in_score(numbers, f.name) == kind] for kind in (True, False))
    if not inside or not outside:
        return ordered
    return [_Line(words("love_plot.inside"), heading=True), *inside, _Line(words("love_plot.outside"), heading=True), *outside]


def _differences(numbers: Numbers) -> list[_Line]:
    """Variables that have a difference, or have none for the arms share nothing, before and in each design."""
    found, designs = [], numbers.design_names
    for name in balanced_variables(numbers):
        sizes = [abs(numbers.value("baseline", "smd", design=d, variable=name)) for d in designs]
        if not any(math.isnan(v) and not apart(numbers, name, d) for v, d in zip(sizes, designs, strict=True)):
            found.append(_Line(name, tuple(sizes)))
    return found


def _draw(axes: Axes, numbers: Numbers, lines: list[_Line], heights: list[float], step: float) -> None:
    """y in inches from the top of the axis down. step: between the marks of a variable, 0 where they stand in one line."""
    known = [v for line in lines for v in line.sizes if not math.isnan(v)]
    largest = max([*known, 1.2 * numbers.protocol.balance_thresholds[1]])
    edge = EDGE * largest
    top, shaded = 0.0, False
    beside = {"transform": _across(axes), "ha": "right", "va": "center"}
    gap = -GAP / ((RIGHT - LEFT) * _width())
    for line, height in zip(lines, heights, strict=True):
        middle = top + height / 2
        if line.heading:
            axes.text(gap, middle, line.name, fontsize=KEY, color=SOFT, **beside)
            shaded = False
        else:
            if shaded:
                axes.axhspan(top, top + height, color=SHADE, linewidth=0, zorder=0)
            shaded = not shaded
            weight = "bold" if in_score(numbers, line.name) else "normal"
            label = _label(numbers, line.name)
            axes.text(gap, middle, label, fontsize=NAME, fontweight=weight, linespacing=1.05, **beside)
            _marks(axes, line, middle, step, edge)
        top += height
    axes.set_ylim(top, 0)
    axes.set_yticks([])
    axes.set_xlim(0, edge if any(math.isnan(v) for line in lines for v in line.sizes) else 1.04 * largest)
    axes.set_xlabel(words("love_plot.axis"), color=INK, labelpad=3)
    axes.axvline(0, color=INK, linewidth=0.8)


def _across(axes: Axes) -> object:
    """x as a share of the axis, y as drawn."""
    from matplotlib.transforms import blended_transform_factory

    return blended_transform_factory(axes.transAxes, axes.transData)


def _marks(axes: Axes, line: _Line, middle: float, step: float, edge: float) -> None:
    at = [middle + step * (k - (len(line.sizes) - 1) / 2) for k in range(len(line.sizes))]
    if any(math.isnan(v) for v in line.sizes):
        axes.text(edge, middle, words("love_plot.not_estimable"), ha="right", va="center", fontsize=TYPE_SIZE - 1, color=INK)
    if not step:
        ends = [edge if math.isnan(v) else v for v in line.sizes]
        axes.plot(ends, [middle] * len(ends), color="#d1d5db", linewidth=1.2, zorder=1)
    for k, size in reversed([*enumerate(line.sizes)]):
        if not math.isnan(size):
            axes.plot([size], [at[k]], zorder=10 - k, **_look(k, step))


def _look(k: int, step: float) -> dict:
    """Of the comparison before the design (0), the primary one (1) and the others. A ring is wide enough to show a mark in it."""
    size = {"markersize": min(max(56 * step, 3.9), 4.8) if step else 6.0, "linestyle": "none", "clip_on": False}
    if k == 0:
        ring = {"markersize": size["markersize"] + (0 if step else 1.5), "markerfacecolor": PAPER if step else "none"}
        return {
            **size,
            **ring,
            "marker": "o",
            "markeredgecolor": BEFORE,
            "markeredgewidth": 1.5 if step > TIGHT or not step else 1,
        }
    colour, marker = (AFTER, "o") if k == 1 else OTHERS[(k - 2) % len(OTHERS)]
    return {**size, "marker": marker, "color": colour, "markeredgewidth": 0}


def _thresholds(axes: Axes, thresholds: tuple[float, float], height: float) -> None:
    for limit, dash in zip(dict.fromkeys(thresholds), ((4, 2), (1, 2)), strict=False):
        axes.axvline(limit, color=SOFT, linewidth=0.9, linestyle=(0, dash), zorder=0.5)
        axes.text(limit, -0.05, fmt.short(limit), ha="center", va="bottom", fontsize=TYPE_SIZE - 1.5, color=SOFT)


def _label(numbers: Numbers, name: str) -> str:
    room = LEFT * _width() - 2 * GAP
    return filled(numbers.covariate_label(name), room, readable(NAME, _width()), bold=in_score(numbers, name))


Entry = tuple[int, list[str]]  # the place of a design, and its words in lines


def _entries(numbers: Numbers) -> list[Entry]:
    said = [
        words("love_plot.before", process=before_what(numbers, numbers.primary)),
        *(words("love_plot.after", process=numbers.process(d)) for d in numbers.design_names[1:]),
    ]
    room = _width() - MARKED - 2 * GAP
    return [(k, broken(label, room, readable(KEY, _width()))) for k, label in enumerate(said)]


def _columns(entries: list[Entry]) -> list[list[Entry]]:
    """Side by side as far as there is room, at most three; the first entries stand in the first row."""
    for n in range(min(MOST_COLUMNS, len(entries)), 0, -1):
        columns = [entries[i::n] for i in range(n)]
        if n == 1 or sum(map(_wide, columns)) + BETWEEN * (n - 1) <= _width() - 2 * GAP:
            break
    return columns


def _wide(column: list[Entry]) -> float:
    return MARKED + max(text_width(line, readable(KEY, _width())) for _, lines in column for line in lines)


def _rows(columns: list[list[Entry]]) -> list[float]:
    """Inches of each row."""
    rows = ([len(column[i][1]) for column in columns if i < len(column)] for i in range(len(columns[0])))
    return [LINE * max(row) for row in rows]


def _legend(figure: Figure, columns: list[list[Entry]], top: float) -> None:
    """In the middle below the axis. top: where it begins, inches from the foot of the figure."""
    from matplotlib.lines import Line2D

    width, height = figure.get_size_inches()
    x = (width - sum(map(_wide, columns)) - BETWEEN * (len(columns) - 1)) / 2
    for column in columns:
        y = top - LINE / 2
        for (k, lines), deep in zip(column, _rows(columns), strict=False):
            mark = {**_look(k, 0.0), "clip_on": True, "transform": figure.transFigure}
            figure.add_artist(Line2D([(x + MARKED / 2 - 0.03) / width], [y / height], **mark))
            for i, line in enumerate(lines):
                figure.text((x + MARKED) / width, (y - LINE * i) / height, line, va="center_baseline", fontsize=KEY)
            y -= deep
        x += _wide(column) + BETWEEN
