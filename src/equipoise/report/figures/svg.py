"""A figure as svg by matplotlib's own renderer, which forgets the size of every text with each figure; here it is kept, for
figures of one report say mostly the same words."""

from __future__ import annotations

import functools
import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.backends.backend_svg import RendererSVG
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties

DOTS = 72  # per inch, as an svg counts
UNDATED = {"Date": None, "Creator": None}


def drawn(figure: Figure) -> str:
    """The svg of a figure, with the settings of matplotlib that are in force, undated."""
    out = io.StringIO()
    width, height = figure.get_size_inches() * DOTS
    kept = figure.dpi
    figure.dpi = DOTS
    renderer = _remembering()(width, height, out, image_dpi=kept, metadata=UNDATED)
    figure.draw(renderer)
    renderer.finalize()
    figure.dpi = kept
    return out.getvalue()


@functools.cache
def _remembering() -> type[RendererSVG]:
    """A renderer that draws as its parent does."""
    from matplotlib.backends.backend_svg import RendererSVG

    class Remembering(RendererSVG):
        def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Any) -> tuple[float, float, float]:
            return _measured(s, prop.copy(), ismath)

        def _get_font_height_metrics(self, prop: FontProperties) -> tuple[float, float, float]:
            """Asked for by matplotlib where a renderer has it; else it reads two tables of the typeface at every text."""
            return _heights(prop.copy())

    return Remembering


@functools.lru_cache(8192)
def _measured(words: str, font: FontProperties, math: Any) -> tuple[float, float, float]:
    from matplotlib.textpath import TextToPath

    return TextToPath().get_text_width_height_descent(words, font, math)


@functools.lru_cache(1024)
def _heights(font: FontProperties) -> tuple[float, float, float]:
    """Above and below the line, and the gap between lines, points; as `matplotlib.text.Text` takes them from the typeface."""
    from matplotlib.font_manager import findfont, get_font

    face = get_font(findfont(font))
    table = face.get_sfnt_table("OS/2")
    scale = 1 / face.units_per_EM * font.get_size_in_points() * DOTS / 72
    return table["sTypoAscender"] * scale, -table["sTypoDescender"] * scale, table["sTypoLineGap"] * scale
