"""What a panel of curves says in words: in a corner that no curve enters, or above the axes where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from equipoise.report.figures.canvas import INK, TYPE_SIZE
from equipoise.report.figures.fonts import text_width
from equipoise.report.themes import current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZE = TYPE_SIZE - 1.2
LINE = 0.185  # inches
AIR = 0.02  # of the axes, between the words and a curve
CORNERS = ("top right", "bottom left", "bottom right", "top left")
ABOVE = "above"
OVER = 1.12  # lines on paper, of what they measure, where small type is made readable
Words = tuple[str, str]  # a line and its colour; those that are not in ink are bold
Steps = tuple[np.ndarray, np.ndarray]  # times, from 0, and the height from each time on


@dataclass(frozen=True, slots=True)
class Legend:
    """place: a corner, or above."""

    lines: tuple[Words, ...]
    place: str

    @property
    def headroom(self) -> float:
        """Inches that it needs above the axes."""
        return LINE * len(self.lines) if self.place == ABOVE else 0.0


def legend(choices: Sequence[Sequence[Words]], curves: Sequence[Steps], end: float, size: tuple[float, float]) -> Legend:
    """choices: the same lines in longer and in shorter words, the best first. curves: shares of 1, end: of the axis of time, in
    one unit. size: of the axes, inches."""
    for lines in choices:
        wide, high = _width(lines) / size[0], LINE * len(lines) / size[1]
        for corner in CORNERS:
            if wide + AIR <= 1 and _free(curves, end, corner, wide + AIR, high + AIR):
                return Legend(tuple(lines), corner)
    return above(choices, size[0])


def above(choices: Sequence[Sequence[Words]], width: float) -> Legend:
    """Above the axes, in the first choice that is not wider than they are (inches)."""
    return Legend(tuple(next((lines for lines in choices if _width(lines) <= width), choices[-1])), ABOVE)


def _width(lines: Sequence[Words]) -> float:
    return max((text_width(words, SIZE, bold=colour != INK) for words, colour in lines), default=0.0)


def _free(curves: Sequence[Steps], end: float, corner: str, wide: float, high: float) -> bool:
    first, last = (0.0, end * wide) if "left" in corner else (end * (1 - wide), end)
    for time, height in curves:
        if last < time[0] or first > time[-1]:
            continue
        start = max(int(np.searchsorted(time, first, side="right")) - 1, 0)
        inside = height[start : max(int(np.searchsorted(time, last, side="right")), start + 1)]
        if inside.max() > 1 - high if "top" in corner else inside.min() < high:
            return False
    return True


def draw_legend(axes: Axes, said: Legend, height: float) -> None:
    """height: of the axes, inches."""
    step, n = LINE / height, len(said.lines)
    x, ha = (0.985, "right") if "right" in said.place else (0.0 if said.place == ABOVE else 0.025, "left")
    if said.place == ABOVE:  # what is wider than the axes begins left of them
        wide = axes.get_position().width * axes.get_figure().get_figwidth()
        x = min(0.0, 1 - (OVER if current().figures.width else 1) * _width(said.lines) / wide)
    y = 0.985 if "top" in said.place else 0.02 + step * n if "bottom" in said.place else 1.0 + step * (n + 0.2)
    box = {"facecolor": "white", "alpha": 0.65, "edgecolor": "none", "pad": 0.6}
    for i, (words, colour) in enumerate(said.lines):
        look: dict[str, Any] = {"color": colour, "fontweight": "normal" if colour == INK else "bold", "fontsize": SIZE}
        axes.text(x, y - i * step, words, transform=axes.transAxes, ha=ha, va="top", zorder=5, bbox=box, **look)
