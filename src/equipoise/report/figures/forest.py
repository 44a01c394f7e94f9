"""A forest plot: lines of counts by arm, a ratio with its limits on a log axis, and words beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from equipoise.report import format as fmt
from equipoise.report.figures.breaking import broken, cut, filled
from equipoise.report.figures.canvas import INK, NOTICE, RULE, SOFT, TYPE_SIZE, bare, new_figure, sign, style
from equipoise.report.figures.finish import laid_out, readable
from equipoise.report.figures.fonts import text_width
from equipoise.report.lookup import Numbers
from equipoise.report.words import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Inches
LINE = 0.225
LABEL, LEAST_LABEL, COUNT, AXIS, LEAST_AXIS = 2.9, 1.6, 0.88, 2.6, 1.35
EDGE, GAP, AXIS_WORDS, HEAD = 0.12, 0.16, 0.44, 0.36
NAME_LINE = 0.15
SAID, SMALL = TYPE_SIZE - 0.5, TYPE_SIZE - 1.5  # points
END_LINE = 0.155  # inches
INDENT, AIR = 0.2, 0.08
MORE = 0.63  # lines of the forest that each further line of a label takes
ARM_LINES, END_LINES = 3, 3  # of an arm's name over its counts, and of the arm that an end of the axis favors
END = 1.9  # inches of the latter
EFFECTS = ("effect", "summary")
TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10)
SMALLEST, LARGEST = 3.6, 7.0  # points, of the square of the line with the fewest and the most events


@dataclass(frozen=True, slots=True)
class Line:
    """kind: head (over all that follows), group (over a few lines, with its P), effect, summary (a diamond) or blank. counts: as
    text, from the left, the last one beside the axis. value, low and high: a hazard ratio with its limits. events: what the
    square grows with. strong: a line that the others are read against. words: of the ratio, where they are not the usual ones."""

    kind: str
    label: str = ""
    counts: tuple[str, ...] = ()
    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    p: str = ""
    events: float = math.nan
    strong: bool = False
    words: str = ""

    @property
    def bold(self) -> bool:
        return self.kind == "head" or self.strong


def forest(numbers: Numbers, lines: list[Line], title: str, heads: tuple[tuple[str, str], ...], side: str = "") -> Figure | None:
    """Lines from the top. title: over the labels. heads: over the counts, an arm (or nothing) and what is counted. side: over the
    words beside the ratios. None where no line holds a ratio."""
    if not any(line.kind in EFFECTS for line in lines):
        return None
    place = _columns(numbers, lines, len(heads), side)
    labels = [_wrapped(line, place) for line in lines]
    over = filled(title, place.label - AIR, readable(SAID, place.width))
    named = ["\n".join([*_broken(arm, place.count - 0.05, SAID, ARM_LINES, place), counted]) for arm, counted in heads]
    top = HEAD + NAME_LINE * max([over.count("\n"), side.count("\n"), *(n.count("\n") for n in named)])
    places, end = _places(labels)
    tall = LINE * (end + 0.5)
    scale = _scale(lines)
    ends = _ends(numbers, scale, place)
    foot = AXIS_WORDS + END_LINE * max(len(said) for _, said in ends) + NOTICE
    height = top + tall + foot
    figure = new_figure(place.width, height)
    with style():
        where = (place.left / place.width, foot / height, place.axis / place.width, tall / height)
        axes = bare(figure.add_axes(where), keep=("bottom",))
        axes.set_ylim(end, -0.5)
        page = _Page(axes, place)
        _scaled(axes, scale, readable(TYPE_SIZE, place.width), place.axis)
        _draw(page, lines, labels, places)
        for i, said in enumerate(named):
            page.text(place.right(i), -0.75, said, "right", color=SOFT, va="bottom")
        page.text(EDGE, -0.75, over, color=SOFT, va="bottom")
        page.text(place.estimates, -0.75, words("columns.hr", ci=numbers.protocol.ci), color=SOFT, va="bottom")
        page.text(place.sides, -0.75, side, color=SOFT, va="bottom")
        _below(axes, scale, ends, place, tall)
        sign(figure, numbers.protocol.study.notice)
    return figure


@dataclass(frozen=True, slots=True)
class _Columns:
    """Inches: of labels, of each column of counts, of the axis, of estimates and of what stands beside them."""

    label: float
    count: float
    counts: int
    axis: float
    estimate: float
    side: float

    @property
    def left(self) -> float:
        """Of the axis."""
        return EDGE + self.label + self.count * self.counts + GAP

    @property
    def estimates(self) -> float:
        return self.left + self.axis + GAP

    @property
    def sides(self) -> float:
        return self.estimates + self.estimate

    @property
    def width(self) -> float:
        return self.sides + self.side

    def right(self, i: int) -> float:
        """The right edge of a column of counts."""
        return self.left - GAP - self.count * (self.counts - 1 - i)


def _columns(numbers: Numbers, lines: list[Line], counts: int, side: str) -> _Columns:
    """As wide as what stands in them; where the paper is narrow the axis gives way first, then the labels."""
    usual = _measured(numbers, lines, counts, side, TYPE_SIZE)
    least = usual.width - (usual.label - LEAST_LABEL) - (AXIS - LEAST_AXIS)
    width = laid_out(usual.width, least)
    if width == usual.width:
        return usual
    narrow = _measured(numbers, lines, counts, side, readable(TYPE_SIZE, width))
    spare = narrow.width - width
    axis = max(AXIS - spare, LEAST_AXIS)
    return replace(narrow, axis=axis, label=narrow.label - (spare - (AXIS - axis)))


def _measured(numbers: Numbers, lines: list[Line], counts: int, side: str, points: float) -> _Columns:
    """points: of the type that a page has room for."""
    estimates = [words("columns.hr", ci=numbers.protocol.ci), *(_estimate(line) for line in lines if line.kind in EFFECTS)]
    estimate = max(text_width(said, points, bold=True) for said in estimates) + GAP
    beside = max(text_width(said, points) for said in [*side.split("\n"), *(line.p for line in lines)]) + EDGE if side else 0
    told = [count for line in lines for count in line.counts]
    count = max([COUNT, *(text_width(said, points, bold=True) + EDGE for said in told)])
    labels = [text_width(line.label, points, line.bold) + INDENT + 2 * AIR for line in lines if line.counts]
    label = min(max([LEAST_LABEL, *labels]), LABEL)
    return _Columns(label, count, counts, AXIS, estimate, beside)


def _estimate(line: Line) -> str:
    return line.words or fmt.ratio_estimate(line.value, line.low, line.high)


@dataclass(frozen=True, slots=True)
class _Page:
    """Places in inches from the left edge of the figure, beside the axes."""

    axes: Axes
    columns: _Columns

    def text(self, x: float, y: float, said: str, ha: str = "left", **more: object) -> None:
        """y: in lines from the middle of the first, one line high."""
        place = {"transform": self.axes.get_yaxis_transform(), "ha": ha, "va": "center", "fontsize": SAID}
        if said:
            self.axes.text((x - self.columns.left) / self.columns.axis, y, said, **(place | more))


def _broken(said: str, room: float, points: float, lines: int, place: _Columns) -> list[str]:
    """Words in a few short lines, cut before the last of them where they are too long, for names may differ in their ends."""
    size = readable(points, place.width)
    found = broken(said, room, size)
    if len(found) <= lines:
        return found
    return [*found[: lines - 2], cut(f"{found[lines - 2]} {found[lines - 1]}", room, size), found[-1]]


@dataclass(frozen=True, slots=True)
class _Scale:
    """A log axis wide enough for every limit, inside 0.1 to 10. low, high: where it ends."""

    low: float
    high: float

    @property
    def one(self) -> float:
        """Where no effect lies, as a share of the axis."""
        return -math.log(self.low) / math.log(self.high / self.low)


def _scale(lines: list[Line]) -> _Scale:
    ends = [v for line in lines for v in (line.low, line.high, line.value) if math.isfinite(v) and v > 0] or [1.0]
    low = max([t for t in TICKS if t <= min(ends)], default=TICKS[0])
    high = min([t for t in TICKS if t >= max(ends)], default=TICKS[-1])
    return _Scale(min(low, 0.5) * 0.93, max(high, 2) * 1.07)


def _scaled(axes: Axes, scale: _Scale, points: float, across: float) -> None:
    """points: of the words at ticks; across: of the axis, inches."""
    axes.set_xscale("log")
    axes.set_xlim(scale.low, scale.high)
    ticks = _clear([t for t in TICKS if scale.low <= t <= scale.high], points, across / math.log(scale.high / scale.low))
    axes.set_xticks(ticks, [fmt.short(t) for t in ticks])
    axes.minorticks_off()
    axes.set_yticks([])
    axes.axvline(1, color=RULE, linewidth=0.9, zorder=0)


def _clear(ticks: list[float], points: float, inches: float) -> list[float]:
    """Those whose words do not touch, from 1 to both sides. inches: of the axis, for each unit of the logarithm."""
    kept = [1.0]
    for side in ([t for t in ticks if t > 1], [t for t in reversed(ticks) if t < 1]):
        last = 1.0
        for tick in side:
            room = (text_width(fmt.short(last), points) + text_width(fmt.short(tick), points)) / 2 + AIR
            if abs(math.log(tick / last)) * inches >= room:
                kept.append(tick)
                last = tick
    return sorted(kept)


def _ends(numbers: Numbers, scale: _Scale, place: _Columns) -> list[tuple[str, list[str]]]:
    """What stands at both sides of 1, below the axis: to which side, and which arm it favors."""
    arms = numbers.protocol.arms
    compared = words("figures.favors.arm_named") if arms.several else fmt.lower_first(arms.short(arms.compared))
    reference = fmt.lower_first(arms.short(arms.reference))
    one = place.left + place.axis * scale.one
    left, right = (min(END, room - EDGE - AIR) for room in (one, place.width - one))
    return [
        ("right", [words("figures.favors.left"), *_broken(compared, left, SMALL, END_LINES, place)]),
        ("left", [words("figures.favors.right"), *_broken(reference, right, SMALL, END_LINES, place)]),
    ]


def _below(axes: Axes, scale: _Scale, ends: list[tuple[str, list[str]]], place: _Columns, tall: float) -> None:
    """What the axis is, and its ends. tall: of the axes, inches."""
    axes.set_xlabel(words("figures.hazard_ratio_axis"), labelpad=2, fontsize=SAID)
    for (side, lines), apart in zip(ends, (-AIR, AIR), strict=True):
        x, y = scale.one + apart / place.axis, -AXIS_WORDS / tall
        axes.text(x, y, "\n".join(lines), transform=axes.transAxes, ha=side, va="top", fontsize=SMALL, color=SOFT)


def _wrapped(line: Line, place: _Columns) -> str:
    """Over the columns of counts as well, where the line has none."""
    room = place.label if line.counts else place.left - EDGE - GAP
    return filled(line.label, room - INDENT - AIR, readable(SAID, place.width), line.bold)


def _places(labels: list[str]) -> tuple[list[float], float]:
    """The middle of each line, in lines from that of the first if it were one line high; and where the last one ends."""
    places, end = [], -0.5
    for label in labels:
        high = 1 + MORE * label.count("\n")
        places.append(end + high / 2)
        end += high
    return places, end


def _draw(page: _Page, lines: list[Line], labels: list[str], places: list[float]) -> None:
    known = [line.events for line in lines if line.kind == "effect" and line.events > 0]
    most = math.sqrt(max(known)) if known else 1.0
    for line, label, y in zip(lines, labels, places, strict=True):
        bold = {"fontweight": "bold"} if line.bold else {}
        indent = {"head": 0.0, "group": 0.08, "effect": 0.08 if line.strong else 0.2, "summary": 0.08}.get(line.kind, 0.0)
        page.text(EDGE + indent, y, label, linespacing=1.05, **bold)
        page.text(page.columns.sides, y, line.p)
        if line.kind in EFFECTS:
            for i, said in enumerate(line.counts):
                page.text(page.columns.right(i), y, said, "right", **bold)
            page.text(page.columns.estimates, y, _estimate(line), **bold)
            share = math.sqrt(line.events) / most if line.events > 0 else 0.5
            mark = _diamond if line.kind == "summary" else _mark
            mark(page.axes, y, line, SMALLEST + (LARGEST - SMALLEST) * share)


def _mark(axes: Axes, y: float, line: Line, size: float) -> None:
    """The square and its limits; an arrow where a limit lies beyond the axis, a square only inside it."""
    if math.isnan(line.value):
        return
    low, high = axes.get_xlim()
    ends = [min(max(v, low), high) for v in (line.low, line.high) if not math.isnan(v)]
    if len(ends) == 2 and ends[0] < ends[1]:
        axes.plot(ends, [y, y], color=INK, linewidth=1.2, solid_capstyle="butt")
        for beyond, x, marker in ((line.low < low, low, "<"), (line.high > high, high, ">")):
            if beyond:
                axes.plot(x, y, marker, color=INK, markersize=4.5, markeredgewidth=0, clip_on=False)
    if low <= line.value <= high:
        axes.plot(line.value, y, "s", color=INK, markersize=size, markeredgewidth=0)


def _diamond(axes: Axes, y: float, line: Line, size: float) -> None:
    """As wide as the interval, inside the axis."""
    if any(math.isnan(v) for v in (line.value, line.low, line.high)):
        return
    low, high = axes.get_xlim()
    left, middle, right = (min(max(v, low), high) for v in (line.low, line.value, line.high))
    axes.fill([left, middle, right, middle], [y, y - 0.28, y, y + 0.28], color=INK, linewidth=0)
