"""The typeface of the figures: DejaVu Sans as matplotlib ships it, cut down once per process.

A PDF embeds the letters of each figure as TrueType, as journals ask. Cutting them out of the whole of DejaVu Sans takes half a
second per figure, most of it spent on the tables of complex scripts; cut out of this smaller copy it takes a tenth.
"""

from __future__ import annotations

import atexit
import functools
import tempfile
from pathlib import Path

FAMILY = "Figure Sans"
FALLBACK = "DejaVu Sans"
FILES = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")
DROPPED = ("GSUB", "GPOS", "GDEF", "kern", "FFTM")
# Latin, Greek, Cyrillic, punctuation, currency, letter-like signs, arrows, mathematics, shapes; the rest comes from the fallback.
RANGES = ((0x20, 0x24F), (0x300, 0x52F), (0x1E00, 0x1EFF), (0x2000, 0x22FF), (0x25A0, 0x25FF))


@functools.cache
def families() -> tuple[str, ...]:
    """Names of the typefaces to ask matplotlib for, the smaller copy first."""
    from matplotlib import font_manager, get_data_path

    folder = tempfile.TemporaryDirectory(prefix="equipoise-fonts-")
    atexit.register(folder.cleanup)
    for name in FILES:
        small = Path(folder.name) / name
        _cut(Path(get_data_path()) / "fonts" / "ttf" / name, small)
        font_manager.fontManager.addfont(small)
    return FAMILY, FALLBACK


def _cut(source: Path, target: Path) -> None:
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options(layout_features=[], hinting=False, name_IDs=["*"], notdef_outline=True, recalc_timestamp=False)
    # boxes and layout tables of letters that stay as they are need no second look: half of the time
    with TTFont(source, recalcTimestamp=False, recalcBBoxes=False) as font:
        for table in DROPPED:
            if table in font:
                del font[table]
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=[code for first, last in RANGES for code in range(first, last + 1)])
        cutter.subset(font)
        for name in font["name"].names:
            if name.nameID in (1, 16):
                name.string = FAMILY
        font.save(target)
