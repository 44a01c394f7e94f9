"""The last step of every figure: the width that it has on paper, letters that can be read there, and the colors of the theme.

A figure is laid out in inches at type of nine points and in the plain colors. Here it learns how much smaller a journal prints
it. Colors are changed by what they stand for: an arm's in the plain theme becomes the same arm's in the theme of the report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from equipoise.protocol.report_settings import WIDTHS
from equipoise.report.figures.fonts import text_width
from equipoise.report.themes import PLAIN, Looks, current, theme

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

SMALLEST_TYPE = 6.0  # points on paper
SMALLEST_SCALE = 0.66  # type of nine points is six then
GOOD_SCALE = 0.72
NARROW, NARROWEST = 2.4, 2.2  # inches of axes: the least that is chosen, and what is left where names need the rest
TICK_TYPE, TICK_AIR = 9.0, 0.1  # points; inches between the words at ticks
STACKED = 3  # panels, one above the other on a page
ROUNDING = 1e-9
LARGER = 1.02  # than laid out, at the most
MM = 25.4  # of an inch
DARK_ENOUGH = 0.46  # the lightest grey that words are written in
Color = tuple[float, float, float, float]


def laid_out(usual: float, least: float) -> float:
    """Inches in which a figure is laid out: as many as usual, or as the paper that the theme asks for has room for at type that
    can be read there. least: what it cannot do with less of; then it takes the next wider paper."""
    asked = current().figures.width
    rooms = (mm / MM / SMALLEST_SCALE for mm in WIDTHS if asked and mm >= asked)
    return next((min(usual, room) for room in rooms if room >= least), usual)


def readable(points: float, width: float) -> float:
    """The size of a type once it is drawn: larger than laid out where it could not be read on paper. width: of the figure,
    inches."""
    return points * grown(points, width)


def panels(n: int, beside: float, usual: float) -> tuple[int, float]:
    """How many panels stand side by side, and the width of the axes of each (inches as laid out), so that letters stay readable.
    beside: inches left and right of the axes. usual: the width of axes where there is room."""
    asked = current().figures.width
    if not asked:
        return min(2, n), usual
    for width in [mm for mm in WIDTHS if mm >= asked]:
        for columns in range(min(2, n), 0, -1):
            for part in (GOOD_SCALE, 1.01 * SMALLEST_SCALE):
                axes = min(usual, width / MM / part / columns - beside)
                if axes >= NARROW and n / columns <= STACKED:
                    return columns, axes
    return min(2, n), NARROWEST


def thinned(ticks: list[float], words: list[str], across: float) -> list[float]:
    """Every tick, or every second, third ..., so that the words at them do not touch. across: of the axes, inches as laid out."""
    if not current().figures.width:
        return ticks
    room = max(text_width(w, TICK_TYPE) for w in words) + TICK_AIR
    step = 1
    while len(ticks[::step]) > 3 and across / len(ticks[::step]) < room:
        step += 1
    return ticks[::step]


def grown(points: float, width: float) -> float:
    """How much larger than laid out letters are drawn, so that they can be read on paper. width: of the figure, inches."""
    asked = current().figures.width
    return max(1.0, SMALLEST_TYPE / (points * scale(width, asked))) if asked else 1.0


def finish(figure: Figure) -> float:
    """Makes colors and type of a figure those of the theme, and gives the part of its own size that it has on paper."""
    looks = current().figures
    if looks.grey or looks.arms != theme(PLAIN).figures.arms:
        _recolor(figure, looks)
    _marked(figure, current().numbers.mark)
    part = scale(figure.get_figwidth(), looks.width)
    if looks.width:
        _readable(figure, SMALLEST_TYPE / part)
    return part


def scale(width: float, asked: int) -> float:
    """width: of the figure as laid out, inches. asked: on paper, mm; 0, as it is. The width asked for where letters can be read
    at it, else the next wider one; of a figure that is narrower the widest that it fills."""
    if not asked:
        return 1.0
    fitting = [mm for mm in WIDTHS if mm >= asked and mm / MM / width >= SMALLEST_SCALE - ROUNDING]
    mm = fitting[0] if fitting else max(WIDTHS)
    filled = [narrower for narrower in WIDTHS if narrower / MM <= LARGER * width]
    return min(mm, max(filled, default=min(WIDTHS))) / MM / width


def _marked(figure: Figure, mark: str) -> None:
    """Numbers that matplotlib chose for an axis, with the decimal mark of the theme."""
    from matplotlib.ticker import FixedFormatter, FixedLocator, ScalarFormatter

    if mark == ".":
        return
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if isinstance(axis.get_major_formatter(), ScalarFormatter):
                at = axis.get_majorticklocs()
                words = axis.get_major_formatter().format_ticks(at)
                axis.set_major_locator(FixedLocator(at))
                axis.set_major_formatter(FixedFormatter([w.replace(".", mark) for w in words]))


def _readable(figure: Figure, points: float) -> None:
    from matplotlib.text import Text

    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if any(label.get_fontsize() < points for label in axis.get_ticklabels()):
                axis.set_tick_params(labelsize=points)
    for text in figure.findobj(Text):
        if text.get_fontsize() < points:
            text.set_fontsize(points)


def _recolor(figure: Figure, looks: Looks) -> None:
    from matplotlib.collections import Collection
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch
    from matplotlib.text import Text

    def changed(color: Any) -> Color:
        return _color(color, looks)

    for artist in figure.findobj():
        if isinstance(artist, Line2D):
            _change(artist, ("color", "markerfacecolor", "markeredgecolor"), changed)
        elif isinstance(artist, Patch):
            _change(artist, ("facecolor", "edgecolor"), changed)
        elif isinstance(artist, Collection):
            for name in ("facecolor", "edgecolor"):
                artist.set(**{name: [changed(c) for c in _each(artist, name)]})
        elif isinstance(artist, Text):
            color = changed(artist.get_color())
            artist.set_color(_dark(color) if looks.grey else color)
            if getattr(artist, "arrow_patch", None) is not None:
                _change(artist.arrow_patch, ("facecolor", "edgecolor"), changed)


def _each(artist: Artist, name: str) -> Iterable[Any]:
    return getattr(artist, f"get_{name}")()


def _change(artist: Artist, names: tuple[str, ...], changed: Callable[[Any], Color]) -> None:
    """Markers without a color of their own keep that of their line."""
    for name in names:
        color = getattr(artist, f"get_{name}")()
        if not isinstance(color, str) or color not in ("none", "auto"):
            artist.set(**{name: changed(color)})


def _color(color: Any, looks: Looks) -> Color:
    from matplotlib.colors import to_hex, to_rgba

    red, green, blue, alpha = to_rgba(color)
    plain = [arm.lower() for arm in theme(PLAIN).figures.arms]
    name = to_hex((red, green, blue))
    if name in plain and alpha:
        return (*to_rgba(looks.arms[plain.index(name) % len(looks.arms)])[:3], alpha)
    if looks.grey:
        grey = 0.299 * red + 0.587 * green + 0.114 * blue  # ITU-R BT.601
        return grey, grey, grey, alpha
    return red, green, blue, alpha


def _dark(color: Color) -> Color:
    """Words in the grey of a light line are written darker than it."""
    grey = min(color[0], DARK_ENOUGH) if color[0] < 0.95 else color[0]
    return grey, grey, grey, color[3]
