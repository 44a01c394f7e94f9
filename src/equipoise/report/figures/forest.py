"""A forest plot: lines of counts by arm, a ratio with its limits on a log axis, and words beside it."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from equipoise.report import format as fmt
from equipoise.report.figures.canvas import INK, RULE, SOFT, TYPE_SIZE, bare, new_figure, sign, style
from equipoise.report.lookup import Numbers
from equipoise.report.words import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Inches
LINE = 0.225
LABEL, COUNT, AXIS, ESTIMATE, SIDE = 2.65, 0.88, 2.6, 1.44, 0.62
EDGE, GAP, FOOT, HEAD = 0.12, 0.16, 0.98, 0.36
NAME_LINE = 0.15
LONGEST = 44  # characters of a line of a label
MORE = 0.63  # lines of the forest that each further line of a label takes
ARM_LINE, ARM_LINES = 13, 3  # of an arm's name over its counts
END_LINE, END_LINES = 21, 3  # of the arm that an end of the axis favours
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


def forest(numbers: Numbers, lines: list[Line], title: str, heads: tuple[tuple[str, str], ...], side: str = "") -> Figure | None:
    """Lines from the top. title: over the labels. heads: over the counts, an arm (or nothing) and what is counted. side: over the
    words beside the ratios. None where no line holds a ratio."""
    if not any(line.kind in EFFECTS for line in lines):
        return None
    named = ["\n".join([*_broken(arm, ARM_LINE, ARM_LINES), counted]) for arm, counted in heads]
    top = HEAD + NAME_LINE * max(n.count("\n") for n in named)
    left = EDGE + LABEL + COUNT * len(heads) + GAP
    labels = [_wrapped(line.label) for line in lines]
    places, end = _places(labels)
    over = _wrapped(title)
    top += NAME_LINE * max(0, over.count("\n") - max(n.count("\n") for n in named))
    width, tall = left + AXIS + GAP + ESTIMATE + (SIDE if side else 0), LINE * (end + 0.5)
    height = top + tall + FOOT
    figure = new_figure(width, height)
    with style():
        axes = bare(figure.add_axes((left / width, FOOT / height, AXIS / width, tall / height)), keep=("bottom",))
        axes.set_ylim(end, -0.5)
        page = _Page(axes, left, len(heads))
        _scale(axes, lines)
        _draw(page, lines, labels, places)
        for i, said in enumerate(named):
            page.text(page.count(i), -0.75, said, "right", color=SOFT, va="bottom")
        page.text(EDGE, -0.75, over, color=SOFT, va="bottom")
        page.text(page.estimate, -0.75, words("columns.hr", ci=numbers.protocol.ci), color=SOFT, va="bottom")
        page.text(page.side, -0.75, side, color=SOFT, va="bottom")
        _ends(axes, numbers)
        sign(figure, numbers.protocol.study.notice)
    return figure


@dataclass(frozen=True, slots=True)
class _Page:
    """Places in inches from the left edge of the figure, beside the axes that begin at `left`."""

    axes: Axes
    left: float
    columns: int

    def count(self, i: int) -> float:
        """The right edge of a column of counts."""
        return self.left - GAP - COUNT * (self.columns - 1 - i)

    @property
    def estimate(self) -> float:
        return self.left + AXIS + GAP

    @property
    def side(self) -> float:
        return self.estimate + ESTIMATE

    def text(self, x: float, y: float, said: str, ha: str = "left", **more: object) -> None:
        """y: in lines from the middle of the first, one line high."""
        place = {"transform": self.axes.get_yaxis_transform(), "ha": ha, "va": "center", "fontsize": TYPE_SIZE - 0.5}
        if said:
            self.axes.text((x - self.left) / AXIS, y, said, **(place | more))


def _broken(said: str, most: int, lines: int) -> list[str]:
    """Words in a few short lines, cut before the last of them where they are too long, for names may differ in their ends."""
    found = textwrap.wrap(said, most)
    return found if len(found) <= lines else [*found[: lines - 2], f"{found[lines - 2][: most - 1]}\u2026", found[-1]]


def _scale(axes: Axes, lines: list[Line]) -> None:
    """A log axis wide enough for every limit, inside 0.1 to 10."""
    ends = [v for line in lines for v in (line.low, line.high, line.value) if math.isfinite(v) and v > 0] or [1.0]
    low = max([t for t in TICKS if t <= min(ends)], default=TICKS[0])
    high = min([t for t in TICKS if t >= max(ends)], default=TICKS[-1])
    low, high = min(low, 0.5), max(high, 2)
    axes.set_xscale("log")
    axes.set_xlim(low * 0.93, high * 1.07)
    ticks = [t for t in TICKS if low <= t <= high]
    axes.set_xticks(ticks, [fmt.short(t) for t in ticks])
    axes.minorticks_off()
    axes.set_yticks([])
    axes.axvline(1, color=RULE, linewidth=0.9, zorder=0)


def _ends(axes: Axes, numbers: Numbers) -> None:
    """What the axis is, and which arm each of its ends favours."""
    axes.set_xlabel(words("figures.hazard_ratio_axis"), labelpad=2, fontsize=TYPE_SIZE - 0.5)
    down = (axes.get_window_extent().height / axes.figure.dpi + 0.46) / (axes.get_window_extent().height / axes.figure.dpi)
    arms = numbers.protocol.arms
    compared = words("figures.favors.arm_named") if arms.several else fmt.lower_first(arms.short(arms.compared))
    reference = fmt.lower_first(arms.short(arms.reference))
    for x, ha, arm, favours in (
        (0, "left", compared, words("figures.favors.left")),
        (1, "right", reference, words("figures.favors.right")),
    ):
        said = "\n".join([favours, *_broken(arm, END_LINE, END_LINES)])
        axes.text(x, 1 - down, said, transform=axes.transAxes, ha=ha, va="top", fontsize=TYPE_SIZE - 1.5, color=SOFT)


def _wrapped(label: str) -> str:
    return "\n".join(textwrap.wrap(label, LONGEST))


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
        bold = {"fontweight": "bold"} if line.kind == "head" or line.strong else {}
        indent = {"head": 0.0, "group": 0.08, "effect": 0.08 if line.strong else 0.2, "summary": 0.08}.get(line.kind, 0.0)
        page.text(EDGE + indent, y, label, linespacing=1.05, **bold)
        page.text(page.side, y, line.p)
        if line.kind in EFFECTS:
            for i, said in enumerate(line.counts):
                page.text(page.count(i), y, said, "right", **bold)
            page.text(page.estimate, y, line.words or fmt.ratio_estimate(line.value, line.low, line.high), **bold)
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
