"""A drawing in other formats than its own, both made of its svg by typst: pdf with the letters of its typefaces, and png.

Same svg and same typefaces, same bytes.
"""

from __future__ import annotations

import atexit
import datetime as dt
import shutil
import struct
import tempfile
import zlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typst

WRITTEN = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)  # a file that is the same for the same drawing says no other time
BUNDLED = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")  # as matplotlib ships them
DPI = 300
WIDEST = 174 / 25.4 * 72  # points; no journal prints a figure wider
HEAD = 33  # bytes of a png before the chunks that may say how large it is on paper
INCH = 0.0254  # metres


def pdf(svg: str, size: tuple[float, float], typefaces: tuple[str, ...] = ()) -> bytes:
    """size: width and height, points. typefaces: files of those that the drawing needs beside the bundled ones."""
    import typst

    made = typst.compile(_page(svg, size), font_paths=_fonts(typefaces), timestamp=WRITTEN, pdf_tags=False)
    assert isinstance(made, bytes)
    return made


def png(svg: str, size: tuple[float, float], typefaces: tuple[str, ...] = (), dpi: int = DPI) -> bytes:
    """As `pdf`, in dots; the file says how many of them are an inch. A wider drawing is made as wide as a journal prints it, for
    more dots would be lost in print and take longer."""
    import typst

    on_paper = dpi * min(1.0, WIDEST / size[0])
    made = typst.compile(_page(svg, size), font_paths=_fonts(typefaces), timestamp=WRITTEN, format="png", ppi=on_paper)
    assert isinstance(made, bytes)
    dots = round(dpi / INCH)
    return made[:HEAD] + _chunk(b"pHYs", struct.pack(">IIB", dots, dots, 1)) + made[HEAD:]


def _page(svg: str, size: tuple[float, float]) -> dict[str, bytes]:
    """A page that the drawing fills."""
    measure = f"width: {size[0]}pt, height: {size[1]}pt"
    page = f'#set page({measure}, margin: 0pt)\n#image("drawing.svg", {measure})'
    return {"main.typ": page.encode(), "drawing.svg": svg.encode()}


@cache
def _fonts(typefaces: tuple[str, ...]) -> typst.Fonts:
    """Those alone, so that no other one of the machine changes a drawing. They are copied to a folder, for one is searched as a
    whole."""
    import matplotlib
    import typst

    folder = tempfile.TemporaryDirectory(prefix="equipoise-fonts-")
    atexit.register(folder.cleanup)
    own = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    for i, file in enumerate([*(own / name for name in BUNDLED), *map(Path, typefaces)]):
        shutil.copy(file, Path(folder.name) / f"{i}{file.suffix}")
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder.name])


def _chunk(kind: bytes, data: bytes) -> bytes:
    """Source: ISO/IEC 15948 (Portable Network Graphics)."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
