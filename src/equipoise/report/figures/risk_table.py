"""Numbers at risk under their ticks, each row with a sample of its curve's line and the name of its group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from equipoise.report.figures.breaking import shortened
from equipoise.report.figures.canvas import INK, SOFT, TYPE_SIZE
from equipoise.report.figures.finish import SMALLEST_SCALE, SMALLEST_TYPE
from equipoise.report.figures.fonts import text_width
from equipoise.report.themes import current
from equipoise.report.words import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINE = 0.19  # inches between rows
LONGEST = 2.1  # inches of a name
SIZE = TYPE_SIZE - 1
EDGE, SAMPLE, GAP = 0.08, 0.26, 0.07  # inches: left of all, a sample of the line, and behind it
LARGEST = SMALLEST_TYPE / SMALLEST_SCALE / SIZE  # of what they were laid out, letters that are made readable on narrow paper
FIRST_NUMBER = 0.3  # half of the number under time 0, and air


@dataclass(frozen=True, slots=True)
class RiskRow:
    """counts: a text per tick. dash: the line of the curve; None for a row below another one, which says more of the same."""

    name: str
    colour: str
    counts: tuple[str, ...]
    dash: Any = None


def room(names: Sequence[str], below: str = "") -> float:
    """Inches that the names need left of the axes. below: the name of rows without a line."""
    widest = max((text_width(name, SIZE, bold=True) for name in names), default=0.0)
    widest = max(widest, text_width(below, SIZE)) * (LARGEST if current().figures.width else 1)
    return EDGE + max(SAMPLE + GAP + widest, text_width(words("figures.at_risk"), SIZE, bold=True)) + FIRST_NUMBER


def short_names(labels: Sequence[str]) -> list[str]:
    """Each in the room of a name, cut in its middle; numbered where two would then read the same."""
    short = [shortened(label, LONGEST, SIZE, bold=True) for label in labels]
    same = {name for name in short if short.count(name) > 1}
    return [f"{i}: {name}" if name in same else name for i, name in enumerate(short, 1)]


def risk_table(axes: Axes, rows: Sequence[RiskRow], ticks: Sequence[float], left: float, down: float) -> None:
    """left: inches between the page's (or the panel's) edge and the axes. down: inches from the axes to the head of the table."""
    from matplotlib.lines import Line2D
    from matplotlib.transforms import blended_transform_factory

    box, page = axes.get_position(), axes.get_figure()
    wide, high = box.width * page.get_figwidth(), box.height * page.get_figheight()
    said: dict[str, Any] = {"transform": axes.transAxes, "ha": "left", "va": "center", "fontsize": SIZE}
    number: dict[str, Any] = {"va": "center", "ha": "center", "fontsize": SIZE}
    number["transform"] = blended_transform_factory(axes.transData, axes.transAxes)
    edge = (EDGE - left) / wide
    name = edge + (SAMPLE + GAP) / wide
    axes.text(edge, -down / high, words("figures.at_risk"), fontweight="bold", **said)
    for i, row in enumerate(rows, 1):
        y = -(down + LINE * i) / high
        leads = row.dash is not None
        if leads:
            sample = Line2D([edge, edge + SAMPLE / wide], [y, y], color=row.colour, linewidth=1.6, linestyle=row.dash)
            sample.set(transform=axes.transAxes, clip_on=False)
            axes.add_line(sample)
        axes.text(name, y, row.name, color=row.colour if leads else SOFT, fontweight="bold" if leads else "normal", **said)
        for tick, count in zip(ticks, row.counts, strict=True):
            axes.text(tick, y, count, color=INK if leads else SOFT, **number)
