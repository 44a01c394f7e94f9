"""The typefaces of the figures: that of the theme where this machine has it, else DejaVu Sans as matplotlib ships it; and others
of this machine for signs that these lack."""

from __future__ import annotations

import functools
import logging
import re
import shutil
import subprocess
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from equipoise.report.themes import current

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font

FAMILY = "DejaVu Sans"
FILES = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")
QUOTING = frozenset("'\"<>&;\\")  # no name of a typeface that a style could hold
LIKE_OURS = re.compile(r"sans|gothic|hei\b", re.IGNORECASE)
OTHER_KIND = re.compile(r"mono|coding|serif|brush|pen\b|round|square|eco|light|condensed|narrow", re.IGNORECASE)
LIGHT, BOLD = 350, 600  # weights of type, 400 of text
NO_LETTERS = "Last Resort"  # a typeface that draws a box for every sign there is


@dataclass(frozen=True, slots=True)
class Face:
    """A typeface with its files, of text and of bold text."""

    name: str
    files: tuple[str, str]


def face() -> Face:
    """The typeface of the theme."""
    return _first_of(current().figures.typeface)


@functools.cache
def _first_of(names: tuple[str, ...]) -> Face:
    return next((Face(name, _installed()[name]) for name in names if name in _installed()), _shipped())


@functools.cache
def _shipped() -> Face:
    from matplotlib import get_data_path

    regular, bold = (str(Path(get_data_path()) / "fonts" / "ttf" / name) for name in FILES)
    return Face(FAMILY, (regular, bold))


def typefaces(signs: str) -> tuple[str, ...]:
    """What to ask matplotlib for, for a text of these signs: each name costs a search at every text."""
    more = more_families(signs)
    own = (face().name,)
    return (*own, FAMILY, *more) if face() != _shipped() and (more or _lacking(signs, face())) else (*own, *more)


def runs(words: str) -> list[tuple[str, str]]:
    """Stretches of a text with the typeface of each; '' for the one of the figures."""
    name = face().name
    return [(found, "".join(signs)) for found, signs in groupby(words, lambda sign: _family_of(sign, name))]


def named(signs: str) -> dict[str, str]:
    """The typefaces of figures with these signs: name -> file."""
    found = {}
    for one in dict.fromkeys((face(), _shipped())):
        found |= {one.name: one.files[0]} | ({f"{one.name}, bold": one.files[1]} if one != _shipped() else {})
    for name in more_families(signs):
        found |= dict(zip((name, f"{name}, bold"), dict.fromkeys(_installed()[name]), strict=False))
    return found


@functools.cache
def _family_of(sign: str, name: str) -> str:
    """name: of the typeface of the theme, which decides."""
    if name != FAMILY and not _lacking(sign, face()):
        return ""
    return next(iter(more_families(sign)), "" if name == FAMILY or sign.isspace() else FAMILY)


def files(families: tuple[str, ...]) -> tuple[str, ...]:
    """Where the typefaces lie of a drawing, each with its bold one: the theme's, unless it ships, and those of this machine that
    `more_families` named."""
    own = face().files if face() != _shipped() else ()
    return tuple(dict.fromkeys([*own, *(file for name in families for file in _installed()[name])]))


def more_families(signs: str) -> tuple[str, ...]:
    """Typefaces of this machine that have the signs which ours lack, fewest first needed; none where ours have all of them."""
    lacking = _undrawn(signs)
    return _covering(lacking)[0] if lacking else ()


def undrawn_signs(signs: str) -> str:
    """The signs that no typeface of this machine has, so that figures show boxes in their place."""
    lacking = _undrawn(signs)
    return "".join(sorted(_covering(lacking)[1])) if lacking else ""


def _undrawn(signs: str) -> frozenset[str]:
    """Those that neither the typeface of the theme has nor the one that ships."""
    lacking = _lacking(signs, _shipped())
    return _lacking("".join(lacking), face()) if lacking and face() != _shipped() else lacking


def _lacking(signs: str, one: Face) -> frozenset[str]:
    """The one that ships has all letters of Europe."""
    beyond = 0x24F if one == _shipped() else 0x7E
    return frozenset(s for s in signs if ord(s) > beyond and not s.isspace()) - _known_signs(one.files[0])


def text_width(words: str, points: float, bold: bool = False) -> float:
    """Inches that a line of text takes; a sign that our typefaces lack counts as a square."""
    file = face().files[bold]
    return sum(_advance(sign, file, bold) for sign in words) * points / 72


@functools.cache
def _advance(sign: str, file: str, bold: bool) -> float:
    """In parts of the size of the type."""
    from matplotlib.ft2font import LoadFlags

    for font in map(_opened, dict.fromkeys((file, _shipped().files[bold]))):
        if font.get_char_index(ord(sign)):
            return font.load_char(ord(sign), LoadFlags.NO_SCALE | LoadFlags.NO_HINTING).horiAdvance / font.units_per_EM
    return 1.0


@functools.cache
def _opened(file: str) -> FT2Font:
    from matplotlib.ft2font import FT2Font

    return FT2Font(file)


@functools.cache
def _known_signs(file: str) -> frozenset[str]:
    return frozenset(map(chr, _signs_of(file)))


def _of_fontconfig() -> list[str]:
    """Files that fontconfig lists, in order; none where it is not installed."""
    command = shutil.which("fc-list")
    if command is None:
        return []
    try:
        asked = subprocess.run([command, "--format", "%{file}\n"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return sorted(set(asked.stdout.splitlines()))


@functools.cache
def _installed() -> dict[str, tuple[str, str]]:
    """Families of this machine, those that look like the figures' own first, else in alphabetical order; with the files of each,
    of text and of bold text (the same where there is one). matplotlib keeps a list of them, which fontconfig completes with
    those that came later."""
    from matplotlib import font_manager

    logging.getLogger(font_manager.__name__).addFilter(_is_news)

    known = {entry.fname for entry in font_manager.fontManager.ttflist}
    for file in _of_fontconfig():
        if file not in known and file.lower().endswith((".ttf", ".otf", ".ttc")):
            try:
                font_manager.fontManager.addfont(file)
            except (OSError, RuntimeError):  # a file that is no typeface
                continue
    text: dict[str, str] = {}
    strong: dict[str, str] = {}
    for entry in sorted(
        font_manager.fontManager.ttflist, key=lambda e: (_unlike_ours(e.name), e.name, _weight(e.weight), e.fname)
    ):
        ours = entry.name == FAMILY or entry.name.startswith(NO_LETTERS)
        if entry.style == "normal" and not ours and not set(entry.name) & QUOTING:
            text.setdefault(entry.name, entry.fname)
            if _weight(entry.weight) >= BOLD:
                strong.setdefault(entry.name, entry.fname)
    return {name: (file, strong.get(name, file)) for name, file in text.items()}


def _weight(named: str | int) -> int:
    """As a number; those far from that of text last among the lighter ones."""
    from matplotlib.font_manager import weight_dict

    weight = int(weight_dict.get(str(named), named if isinstance(named, int) else 400))
    return weight if weight >= LIGHT else BOLD - 1


def _unlike_ours(name: str) -> bool:
    """Whether a family has serifs, is written by hand or has letters of one width, as far as its name tells."""
    return OTHER_KIND.search(name) is not None or LIKE_OURS.search(name) is None


def _is_news(record: logging.LogRecord) -> bool:
    """A bold typeface that is not quite as bold as asked for is none."""
    return "font weight" not in str(record.msg)


@functools.cache
def _covering(lacking: frozenset[str]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Families, in alphabetical order and each only where it adds a sign; and the signs left over."""
    left, chosen = set(lacking), []
    for name, (file, _) in _installed().items():
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
