"""The boxes of the flow diagram, and how words are broken in them."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from equipoise.report import format as fmt
from equipoise.report.figures.canvas import INK
from equipoise.report.words import words

WIDTH = 8.6
MAIN_X, MAIN_W = 0.15, 4.0
SIDE_X, SIDE_W = 4.75, 3.7
LEADING, PAD, GAP = 0.165, 0.11, 0.3
NARROW = "\u00a0"


def size(n: float) -> str:
    """`n = 42`, without a line break."""
    return f"n{NARROW}={NARROW}{fmt.count(n)}"


def effective(n: float) -> str:
    """`effective n = 41.3`."""
    return words("flow_diagram.effective", n=f"n{NARROW}={NARROW}{fmt.number(n, 1)}")


@dataclass(frozen=True, slots=True)
class Box:
    """A box in inches: left, top (from the top of the figure), width; lines of text. heading: of a list, whose first line
    is bold."""

    x: float
    y: float
    w: float
    lines: tuple[str, ...]
    colour: str = INK
    centre: bool = True
    heading: bool = False

    @property
    def h(self) -> float:
        return LEADING * len(self.lines) + 2 * PAD

    @property
    def bottom(self) -> float:
        return self.y + self.h

    @property
    def middle(self) -> float:
        return self.x + self.w / 2


def counted(label: str, n: float, width: float) -> tuple[str, ...]:
    """A label above its number."""
    return (*wrap(label, width), f"n{NARROW}={NARROW}{fmt.count(n)}")


def wrap(words: str, width: float) -> list[str]:
    """Lines that fit a box of so many inches."""
    return textwrap.wrap(words, int((width - 2 * PAD) / 0.0735)) or [""]


def branch(above: Box, below: Box) -> list[tuple[float, float]]:
    """From the foot of a box to the head of one of several below."""
    turn = above.bottom + (below.y - above.bottom) / 2
    return [(above.middle, above.bottom), (above.middle, turn), (below.middle, turn), (below.middle, below.y)]
