"""This study beside published ones: a forest of hazard ratios, and the medians by arm."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from equipoise.protocol.published import arm_named
from equipoise.records import Row, first_said
from equipoise.report import format as fmt
from equipoise.report.bound import traced
from equipoise.report.figures.breaking import cut
from equipoise.report.figures.canvas import ARM_COLOURS, INK, NOTICE, RULE, SOFT, TYPE_SIZE, bare, new_figure, sign, style
from equipoise.report.figures.finish import readable
from equipoise.report.figures.fonts import text_width
from equipoise.report.figures.forest import Line, forest
from equipoise.report.lookup import Numbers
from equipoise.report.tables.published import PHASE, columns, compared, own_designs, own_label, own_ratio, ratio_row, ratio_words
from equipoise.report.words import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Inches
WIDTH, NARROWEST = 6.85, 1.1  # of the figure, of an axis
LINE, SAID, GAP, EDGE, TOP, AXIS_WORDS = 0.235, 1.06, 0.12, 0.1, 0.42, 0.4
KEY_SIZE, KEY_LINE, MARKED = TYPE_SIZE - 1, 0.17, 0.14  # points; inches of a line, and of a mark with its air
LONGEST = 2.4
MARKERS = ("o", "s", "D", "^", "v", "P", "X", "h")


@traced
def published_forest(numbers: Numbers) -> Figure | None:
    """Own estimates first, then the published ones, then their summary; endpoints one under the other."""
    lines: list[Line] = []
    for column in columns(numbers):
        if column.measure == "hr":
            part = _endpoint(numbers, column.endpoint)
            lines += [*([Line("blank")] if lines else []), *part]
    return forest(numbers, lines, words("published.drawn.study"), tuple((numbers.arm_label(a), "n") for a in numbers.arms))


def _endpoint(numbers: Numbers, endpoint: str) -> list[Line]:
    lines = [Line("head", numbers.protocol.endpoints[endpoint].label)]
    for arm, contrast in numbers.contrasts.items():
        of = f", {fmt.lower_first(numbers.arm_label(arm))}" if numbers.several else ""
        for design in own_designs(numbers):
            row = own_ratio(numbers, endpoint, design, arm)
            if row is not None:
                counts = tuple(fmt.count(numbers.arm_n(design, a)) for a in numbers.arms)
                lines.append(_line(f"{own_label(numbers, design)}{of}", row, counts, strong=design == numbers.primary))
        for number in numbers.study.published.measured("hr", endpoint):
            if compared(numbers, number) == arm:
                row = ratio_row(numbers, number)
                made = _line(f"{number.study}{of}", row, _sizes(numbers, number.study))
                lines.append(Line(**{**_fields(made), "words": ratio_words(number, row)}))
        mean = numbers.row(PHASE, "hr", analysis="random_effects", endpoint=endpoint, contrast=contrast)
        if mean is not None:
            lines.append(
                Line("summary", f"{words('published.drawn.summary')}{of}", (), mean.value, mean.low, mean.high, strong=True)
            )
    return lines


def _fields(line: Line) -> dict[str, object]:
    return {name: getattr(line, name) for name in line.__dataclass_fields__}


def _line(label: str, row: Row, counts: tuple[str, ...], strong: bool = False) -> Line:
    return Line("effect", label, counts, row.value, row.low, row.high, events=row.events, strong=strong)


def _sizes(numbers: Numbers, study: str) -> tuple[str, ...]:
    arms = numbers.protocol.arms
    given = [n for n in numbers.study.published.studies[study] if n.measure != "hr"]
    sizes = (first_said([n for n in given if arm_named(arms, n.arm) == a], "n") for a in arms.groups)
    return tuple(fmt.count(n) if n else fmt.DASH for n in sizes)


@dataclass(frozen=True, slots=True)
class Dot:
    """A median of an arm of a study, in the study's unit. arm: its place among those of this study, None for another."""

    study: str
    label: str
    arm: int | None
    value: float
    low: float = math.nan
    high: float = math.nan
    own: bool = False


@traced
def published_medians(numbers: Numbers) -> Figure | None:
    """A panel per endpoint of which a median was published: a line per study and arm, this study first."""
    endpoints = [c.endpoint for c in columns(numbers) if c.measure == "median"]
    if not endpoints:
        return None
    dots = {e: _dots(numbers, e) for e in endpoints}
    places = _places([d for found in dots.values() for d in found])
    names = {study for study, _ in places}
    size = TYPE_SIZE - 0.5
    left = min(max(text_width(n, size, bold=True) for n in names), LONGEST) + EDGE + GAP
    panel = max((WIDTH - left) / len(endpoints) - SAID - GAP, NARROWEST)
    each = panel + SAID + GAP
    width, tall = left + each * len(endpoints), LINE * (max(places.values()) + 1)
    key = _key(numbers, [d for found in dots.values() for d in found], width)
    foot = AXIS_WORDS + KEY_LINE * (key[-1].line + 1) + NOTICE
    height = TOP + tall + foot
    figure = new_figure(width, height)
    with style():
        for i, endpoint in enumerate(endpoints):
            place = ((left + i * each) / width, foot / height, panel / width, tall / height)
            axes = bare(figure.add_axes(place), keep=("bottom",))
            _panel(numbers, axes, endpoint, dots[endpoint], places, max(places.values()) + 1)
            if i == 0:
                _names(axes, places, (EDGE - left) / panel, dots)
        _draw_key(figure, key, foot - AXIS_WORDS)
        sign(figure, numbers.protocol.study.notice)
    return figure


def _dots(numbers: Numbers, endpoint: str) -> list[Dot]:
    arms, scale = numbers.protocol.arms, numbers.protocol.days_per_unit
    order = {a: i for i, a in enumerate(arms.groups)}
    found = []
    for design in own_designs(numbers):
        for arm in numbers.arms:
            row = numbers.row("survival", "median", analysis="kaplan_meier", design=design, endpoint=endpoint, group=arm)
            if row is not None:
                ends = (row.value / scale, row.low / scale, row.high / scale)
                found.append(Dot(own_label(numbers, design), arms.label(arm), order[arm], *ends, own=True))
    for number in numbers.study.published.measured("median", endpoint):
        named = arm_named(arms, number.arm)
        ends = (number.value, *(math.nan if v is None else v for v in (number.low, number.high)))
        found.append(Dot(number.study, arms.label(named) if named else number.arm, order.get(named), *ends))
    return found


def _places(dots: list[Dot]) -> dict[tuple[str, str], float]:
    """(study, arm) -> its line from above, half a line of air between studies."""
    found: dict[tuple[str, str], float] = {}
    studies = dict.fromkeys(d.study for d in dots)
    at = 0.0
    for study in studies:
        mine = sorted({(len(MARKERS) if d.arm is None else d.arm, d.label) for d in dots if d.study == study})
        for _, label in mine:
            found[study, label] = at
            at += 1
        at += 0.45
    return found


def _panel(
    numbers: Numbers, axes: Axes, endpoint: str, dots: list[Dot], places: dict[tuple[str, str], float], lines: float
) -> None:
    info, size = numbers.protocol.endpoints[endpoint], TYPE_SIZE - 0.5
    ends = [v for d in dots for v in (d.value, d.low, d.high) if math.isfinite(v)] or [1.0]
    largest = max(v for v in ends if v <= 3 * max(d.value for d in dots if math.isfinite(d.value)) or v == min(ends))
    axes.set_ylim(lines - 0.4, -0.6)
    axes.set_xlim(0, 1.06 * largest)
    axes.set_yticks([])
    axes.tick_params(labelsize=size)
    axes.set_xlabel(
        words("published.drawn.median", endpoint=info.short, unit=numbers.protocol.time_unit), labelpad=2, fontsize=size
    )
    axes.set_title(info.label, loc="left", fontsize=TYPE_SIZE, fontweight="bold", pad=8)
    for dot in dots:
        y, look = places[dot.study, dot.label], _look(dot)
        axes.plot([0, 1.06 * largest], [y, y], color=RULE, linewidth=0.35, zorder=0)
        if math.isfinite(dot.value):
            low, high = (v if math.isfinite(v) else dot.value for v in (dot.low, dot.high))
            if math.isfinite(dot.low) and not math.isfinite(dot.high) and dot.own:
                high = 1.06 * largest
            axes.plot([low, min(high, 1.06 * largest)], [y, y], color=look["color"], linewidth=1.3)
            axes.plot(dot.value, y, linestyle="none", markersize=5.6, **look)
        said = _said(dot, fmt.time_decimals(numbers.protocol.time_unit))
        axes.text(1.06 * largest, y, f"  {said}", va="center", fontsize=size, fontweight="bold" if dot.own else "normal")


def _said(dot: Dot, decimals: int) -> str:
    known = math.isfinite(dot.low) or math.isfinite(dot.high)
    return fmt.estimate(dot.value, dot.low, dot.high, decimals) if known else fmt.number(dot.value, decimals)


def _look(dot: Dot) -> dict[str, object]:
    colour = SOFT if dot.arm is None else ARM_COLOURS[dot.arm]
    filled = colour if dot.own else "white"
    return {"color": colour, "marker": MARKERS[-1] if dot.arm is None else MARKERS[dot.arm], "markerfacecolor": filled}


def _names(axes: Axes, places: dict[tuple[str, str], float], x: float, dots: dict[str, list[Dot]]) -> None:
    own = {d.study for found in dots.values() for d in found if d.own}
    done: set[str] = set()
    for (study, _), y in places.items():
        if study not in done:
            done.add(study)
            weight = "bold" if study in own else "normal"
            shown = study if text_width(study, TYPE_SIZE - 0.5, bold=True) <= LONGEST else f"{study[:32].rstrip()}\u2026"
            place = {"transform": axes.get_yaxis_transform(), "va": "center", "fontsize": TYPE_SIZE - 0.5, "fontweight": weight}
            axes.text(x, y, shown, color=INK, **place)


@dataclass(frozen=True, slots=True)
class Entry:
    """Of the key: words, color and marker (none: words alone), and where they begin, inches and lines."""

    said: str
    colour: str
    marker: str
    x: float
    line: int


def _key(numbers: Numbers, dots: list[Dot], width: float) -> list[Entry]:
    """What each mark is, over as many lines as the width of the figure asks for."""
    marks = [(numbers.arm_label(a), ARM_COLOURS[i], MARKERS[i]) for i, a in enumerate(numbers.arms)]
    if any(d.arm is None for d in dots):
        marks.append((words("published.drawn.another"), SOFT, MARKERS[-1]))
    size, x, line, found = readable(KEY_SIZE, width), EDGE, 0, []
    for label, colour, marker in [*marks, (words("published.drawn.filled"), SOFT, "")]:
        begins = MARKED if marker else 0.0
        said = cut(label, width - 2 * EDGE - begins, size)
        wide = begins + text_width(said, size)
        if x > EDGE and x + wide > width - EDGE:
            x, line = EDGE, line + 1
        found.append(Entry(said, colour, marker, x, line))
        x += wide + 2 * GAP
    return found


def _draw_key(figure: Figure, key: list[Entry], top: float) -> None:
    """top: inches from the foot of the figure."""
    width, height = figure.get_size_inches()
    for entry in key:
        y = (top - KEY_LINE * (entry.line + 0.5)) / height
        if entry.marker:
            figure.add_artist(_dot(figure, (entry.x + 0.05) / width, y, entry.colour, entry.marker))
        x = entry.x + (MARKED if entry.marker else 0)
        colour = INK if entry.marker else SOFT
        figure.text(x / width, y, entry.said, fontsize=KEY_SIZE, color=colour, va="center_baseline")


def _dot(figure: Figure, x: float, y: float, colour: str, marker: str):
    from matplotlib.lines import Line2D

    return Line2D([x], [y], color=colour, marker=marker, markersize=5.2, linestyle="none", transform=figure.transFigure)
