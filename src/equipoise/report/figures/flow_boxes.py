"""The boxes of the flow diagram, and how words are broken in them."""

from __future__ import annotations

from dataclasses import dataclass

from equipoise.report import format as fmt
from equipoise.report.figures.breaking import broken
from equipoise.report.figures.canvas import INK
from equipoise.report.figures.finish import laid_out
from equipoise.report.words import words

USUAL, LEAST = 8.6, 4.9  # inches: of the figure, and what reasons need beside the boxes
MAIN_X, LEADING, PAD, GAP = 0.15, 0.165, 0.11, 0.3
BULLET = 0.2
TYPE = 9.1  # points: what nine are on the narrowest paper
NARROW = "\u00a0"


@dataclass(frozen=True, slots=True)
class Page:
    """The places of the boxes in a figure of so many inches: main boxes down the left, reasons beside them."""

    width: float

    @property
    def main(self) -> float:
        return 0.465 * self.width

    @property
    def side_x(self) -> float:
        return 0.552 * self.width

    @property
    def side(self) -> float:
        return self.width - self.side_x - MAIN_X

    @property
    def whole(self) -> float:
        return self.width - 2 * MAIN_X

    @property
    def stem(self) -> float:
        """From the left of an arm's box to the line down from it."""
        return 0.052 * self.width

    @property
    def beside(self) -> float:
        """From there to a box beside that line."""
        return 0.1 * self.width


def page() -> Page:
    """As wide as the theme has room for."""
    return Page(laid_out(USUAL, LEAST))


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
    return broken(words, width - 2 * PAD, TYPE)


def listed(said: str, width: float) -> list[str]:
    """An item of a list in such a box."""
    first, *rest = wrap(said, width - BULLET)
    return [f"\u2022 {first}", *(f"   {line}" for line in rest)]


def branch(above: Box, below: Box) -> list[tuple[float, float]]:
    """From the foot of a box to the head of one of several below."""
    turn = above.bottom + (below.y - above.bottom) / 2
    return [(above.middle, above.bottom), (above.middle, turn), (below.middle, turn), (below.middle, below.y)]
