"""The paper that figures are drawn on: size, type, colours, and the svg that other formats are made of, the same every time."""

from __future__ import annotations

import re
import unicodedata
import warnings
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from equipoise.document.model import Drawing
from equipoise.report.figures.breaking import cut
from equipoise.report.figures.finish import finish, readable
from equipoise.report.figures.fonts import face, files, more_families, runs, typefaces
from equipoise.report.figures.svg import drawn
from equipoise.report.themes import current

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_UNSEEN = ("Cc", "Cs", "Cn")  # controls, surrogates, what is no character
_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Okabe & Ito (2008): told apart with every common form of colour blindness.
ARM_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#8C6D00", "#56B4E9", "#5B3A8C", "#4D4D4D")
# Curves are told apart in grey too: by the line of each, which a sample beside its name repeats.
DASHES = ("-", (0, (4.5, 1.3)), (0, (1.3, 0.9)), (0, (6, 1.2, 1.3, 1.2)), (0, (9, 2)), (0, (3, 1, 1, 1, 1, 1)))
INK = "#1a1a1a"
SOFT = "#6b7280"
RULE = "#9ca3af"
PAPER = "#ffffff"
TYPE_SIZE = 9.0
SIGNED, NOTICE = 6.5, 0.21  # points of the notice at the foot of a figure; inches that it needs there
INSIDE = 0.03  # inches from the edges
SETTINGS = {
    "svg.hashsalt": "equipoise",
    "svg.fonttype": "none",  # text, which can be searched, read aloud and edited
    "font.size": TYPE_SIZE,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.titley": 1.0,  # where it is, or every drawing lays out the words at ticks once more to look for room
    "xtick.color": INK,
    "ytick.color": INK,
    "text.color": INK,
    "lines.solid_capstyle": "butt",
    "axes.unicode_minus": True,
    "path.simplify": False,
    "text.parse_math": False,  # a label is what it says: `$`, `_`, `^` and `\\` are signs, not TeX
}


def style(signs: str = "", above_axes: bool = False) -> AbstractContextManager[None]:
    """The context in which a figure is drawn and saved. signs: those that its texts hold, whose typefaces are looked for.
    above_axes: titles move to where they are clear of an upper axis."""
    from matplotlib import rc_context

    return rc_context({**SETTINGS, "font.family": [*typefaces(signs)], **({"axes.titley": None} if above_axes else {})})


def new_figure(width: float, height: float) -> Figure:
    """An empty figure in inches; pyplot is never touched."""
    from matplotlib.figure import Figure

    with style():
        return Figure(figsize=(width, height), facecolor=PAPER)


def bare(axes: Axes, keep: tuple[str, ...] = ("left", "bottom")) -> Axes:
    """Only the spines that carry a scale."""
    for side, spine in axes.spines.items():
        spine.set_visible(side in keep)
    axes.tick_params(length=3.5, width=0.8)
    return axes


def sign(figure: Figure, notice: str) -> Figure:
    """The first sentence of the study's notice at the foot of a figure, so that it travels with it."""
    if notice:
        width, height = figure.get_size_inches()
        first = notice.split(". ")[0].rstrip(".") + "."
        said = cut(first, width - 2 * INSIDE, readable(SIGNED, width))
        figure.text(1 - INSIDE / width, INSIDE / height, said, ha="right", va="bottom", fontsize=SIGNED, color=SOFT)
    return figure


def render(figure: Figure) -> Drawing:
    """The figure as svg with its words as text, without dates, in the colors and at the width of the theme; other formats are
    made of it when they are asked for."""
    part = finish(figure)
    texts = _plain_texts(figure)
    signs = "".join(sorted(set("".join(texts))))
    with style(signs), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph .* missing", category=UserWarning)  # said once, as a sentence
        figure.set_facecolor(PAPER)
        svg = drawn(figure)
    return Drawing(_resized(_markup(svg), part), texts, files(more_families(signs)))


def _plain_texts(figure: Figure) -> tuple[str, ...]:
    """Makes every text of the figure one that is drawn as it stands, in typefaces that have its signs; and gives them all."""
    from matplotlib.text import Text

    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            _plain_ticks(axis)
    found: dict[str, None] = {}
    for text in figure.findobj(Text):
        text.set_parse_math(False)
        words = text.get_text()
        shown = drawable(words)
        if shown != words:
            text.set_text(shown)
        text.set_fontfamily(typefaces(shown))
        if shown.strip():
            found[shown] = None
    return tuple(found)


def _plain_ticks(axis: Any) -> None:
    """Words at ticks are made anew at each drawing, by a function of the axis."""
    from matplotlib.ticker import FuncFormatter

    words = axis.get_major_formatter()
    if isinstance(words, FuncFormatter):
        axis.set_major_formatter(FuncFormatter(lambda x, pos=None: drawable(words(x, pos))))


def drawable(words: str) -> str:
    """The text without what no page can show: control characters, halves of characters, signs that turn the direction of
    writing. They would leave an svg that is not well-formed, or a figure that says something else than the data. Of several
    blanks, which an svg shows as one, all but the last are ones that it keeps."""
    kept = (" " if sign in "\t\r\x85\u2028\u2029" else sign for sign in words)
    shown = (sign for sign in kept if sign == "\n" or unicodedata.category(sign) not in _UNSEEN and sign not in _DIRECTION)
    return re.sub(" (?= )", "\u00a0", "".join(shown))


def _resized(svg: str, part: float) -> str:
    """Width and height as on paper; what is inside keeps its own measure."""
    if part == 1:
        return svg
    head, tail = svg[: svg.index("viewBox")], svg[svg.index("viewBox") :]
    return re.sub(r'="([0-9.]+)pt"', lambda size: f'="{float(size.group(1)) * part:.6f}pt"', head) + tail


def _markup(svg: str) -> str:
    """The svg with trailing blanks cut, so that it can be kept under version control; with another typeface that is no wider for
    where its own is not at hand; and with signs that its own lacks in one that has them."""
    svg = re.sub(r"[ \t]+\n", "\n", svg)
    name = face().name
    svg = re.sub(rf"font-family: '{re.escape(name)}'[^;\"]*", f"font-family: '{name}', {current().figures.instead}", svg)
    return re.sub(r"(<text [^>]*>)([^<]*)(?=</text>)", lambda found: found.group(1) + _spans(found.group(2)), svg)


def _spans(words: str) -> str:
    """A stretch in another typeface names it."""
    if words.isascii():
        return words
    named = runs(words)
    instead = current().figures.instead
    return "".join(f"<tspan style=\"font-family: '{name}', {instead}\">{part}</tspan>" if name else part for name, part in named)
