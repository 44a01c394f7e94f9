"""Where the texts of figures lie: those that leave their figure or lie on another, in every figure that a report draws."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING
from unittest import mock

from matplotlib.text import Text

from equipoise.document.model import Drawing
from equipoise.records import Study
from equipoise.report.assemble import report_document
from equipoise.report.figures import canvas
from equipoise.report.figures.graphical_abstract import PAGE_WIDE, graphical_abstract
from equipoise.report.language import written
from equipoise.report.sections import parts
from equipoise.report.themes import at_width, with_looks

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LINE = 0.12  # of the height of a text: air above and below its letters
DPI = 300  # at fewer dots letters take other widths than on paper
PIXEL = 3.0
MM = 25.4  # of an inch


@dataclass
class Laid:
    """faults: what lies where it should not. width: mm on paper. smallest: points of its smallest type there."""

    faults: list[str]
    width: float
    smallest: float


def boxes(figure: Figure) -> list[tuple[Text, object]]:
    """What is drawn, with the room that it takes."""
    seen: list[Text] = []
    real = Text.draw

    def draw(self, renderer, *args, **options):
        if self.get_visible() and self.get_text().strip():
            seen.append(self)
        return real(self, renderer, *args, **options)

    figure.dpi = DPI
    with mock.patch.object(Text, "draw", draw), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph .* missing")  # of a machine without typefaces for Hangul
        figure.draw_without_rendering()
    return [(text, text.get_window_extent()) for text in dict.fromkeys(seen)]


def faults(figure: Figure) -> list[str]:
    found = [(text.get_text(), box) for text, box in boxes(figure)]
    wide, high = figure.bbox.x1, figure.bbox.y1
    out = [f"leaves: {w}" for w, b in found if b.x0 < -PIXEL or b.y0 < -PIXEL or b.x1 > wide + PIXEL or b.y1 > high + PIXEL]
    small = [(words, b.padded(-PIXEL, -PIXEL - LINE * b.height / max(1, words.count("\n") + 1))) for words, b in found]
    return out + [f"overlap: {a} | {b}" for (a, one), (b, other) in combinations(small, 2) if one.overlaps(other)]


def laid(figure: Figure) -> Laid:
    """As it is drawn in the theme that rules."""
    part = canvas.finish(figure)
    canvas._plain_texts(figure)
    smallest = min(text.get_fontsize() for text, _ in boxes(figure))
    return Laid(faults(figure), part * figure.get_figwidth() * MM, part * smallest)


def laid_out(study: Study, looks: dict[str, object]) -> dict[str, Laid]:
    """Every figure of the report in a theme, by its name, and the graphical abstract."""
    found: dict[str, Laid] = {}
    names: list[str] = []

    def drawn(figure: Figure) -> Drawing:
        found[names[-1].removeprefix("figure ")] = laid(figure)
        return Drawing('<svg width="10pt" height="10pt"></svg>')

    themed = with_looks(study, looks)
    with mock.patch.object(parts, "render", drawn), mock.patch.object(parts, "began", names.append), written(themed.protocol):
        report_document(themed, {})
        names.append("graphical_abstract")
        with at_width(PAGE_WIDE):
            drawn(graphical_abstract(themed))
    return found
