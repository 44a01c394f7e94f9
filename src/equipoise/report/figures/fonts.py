"""The typeface of the figures: DejaVu Sans as matplotlib ships it, cut down once per process.

A PDF embeds the letters of each figure as TrueType, as journals ask. Cutting them out of the whole of DejaVu Sans takes half a
second per figure, most of it spent on the tables of complex scripts; cut out of this smaller copy it takes a tenth.
"""

from __future__ import annotations

import atexit
import functools
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font

FAMILY = "Figure Sans"
FALLBACK = "DejaVu Sans"
FILES = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")
DROPPED = ("GSUB", "GPOS", "GDEF", "kern", "FFTM")
# Latin, Greek, punctuation, currency, arrows and what mathematics says of a number; the rest comes from the fallback.
RANGES = ((0x20, 0x17F), (0x370, 0x3FF), (0x2000, 0x206F), (0x20AC, 0x20AC), (0x2190, 0x2193), (0x2200, 0x2265), (0x25A0, 0x25CF))
SMALL = frozenset(chr(code) for first, last in RANGES for code in range(first, last + 1)) | {"\n"}
NO_LETTERS = "Last Resort"  # a typeface that draws a box for every sign there is


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


def typefaces(signs: str) -> tuple[str, ...]:
    """What to ask matplotlib for, for a text of these signs: each name costs a search at every text."""
    small, whole = families()
    return (small,) if SMALL.issuperset(signs) else (small, whole, *more_families(signs))


def more_families(signs: str) -> tuple[str, ...]:
    """Typefaces of this machine that have the signs which ours lacks, fewest first needed; none where ours has all of them."""
    lacking = frozenset(s for s in signs if not s.isspace() and ord(s) > 0x24F) - _known_signs()
    return _covering(lacking)[0] if lacking else ()


def undrawn_signs(signs: str) -> str:
    """The signs that no typeface of this machine has, so that figures show boxes in their place."""
    lacking = frozenset(s for s in signs if not s.isspace() and ord(s) > 0x24F) - _known_signs()
    return "".join(sorted(_covering(lacking)[1])) if lacking else ""


def text_width(words: str, points: float, bold: bool = False) -> float:
    """Inches that a line of text takes; a sign that our typeface lacks counts as a square."""
    return sum(_advance(sign, bold) for sign in words) * points / 72


@functools.cache
def _advance(sign: str, bold: bool) -> float:
    """In parts of the size of the type."""
    from matplotlib import get_data_path
    from matplotlib.ft2font import LoadFlags

    font = _opened(str(Path(get_data_path()) / "fonts" / "ttf" / FILES[bold]))
    if not font.get_char_index(ord(sign)):
        return 1.0
    return font.load_char(ord(sign), LoadFlags.NO_SCALE | LoadFlags.NO_HINTING).horiAdvance / font.units_per_EM


@functools.cache
def _opened(file: str) -> FT2Font:
    from matplotlib.ft2font import FT2Font

    return FT2Font(file)


@functools.cache
def _known_signs() -> frozenset[str]:
    from matplotlib import get_data_path

    return frozenset(map(chr, _signs_of(str(Path(get_data_path()) / "fonts" / "ttf" / FILES[0]))))


@functools.cache
def _covering(lacking: frozenset[str]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Families, in alphabetical order and each only where it adds a sign; and the signs left over."""
    from matplotlib import font_manager

    named: dict[str, str] = {}
    for entry in sorted(font_manager.fontManager.ttflist, key=lambda e: (e.name, e.fname)):
        ours = entry.name in (FAMILY, FALLBACK) or entry.name.startswith(NO_LETTERS)
        if entry.style == "normal" and entry.name not in named and not ours:
            named[entry.name] = entry.fname
    left, chosen = set(lacking), []
    for name, file in named.items():
        adds = left & {chr(code) for code in _signs_of(file)}
        if adds:
            chosen.append(name)
            left -= adds
        if not left:
            break
    return tuple(chosen), frozenset(left)


@functools.cache
def _signs_of(file: str) -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    try:
        return frozenset(FT2Font(file).get_charmap())
    except (OSError, RuntimeError):
        return frozenset()


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
