"""Keys of the long table: readable, made of the parts of a row, unique, and without an empty part.

A part is named by its text in small ASCII letters. Where that leaves nothing (another script, `+`), or where it makes two keys
one (`Ia` and `IA`), the texts concerned are told apart by their position among the texts of their kind, in the order of the
table: levels within their variable, everything else over the whole study. All other parts keep the name of their text.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

PARTS = ("phase", "endpoint", "design", "analysis", "population", "variable", "level", "contrast", "group", "statistic")
LEVEL, VARIABLE, CONTRAST = PARTS.index("level"), PARTS.index("variable"), PARTS.index("contrast")
VERSUS = "-vs-"
Texts = tuple[str, ...]  # of one row, in the order of PARTS
Place = tuple[int, str]  # a part, and of a level its variable: texts within one place are told apart from each other


@functools.lru_cache(1 << 14)  # a table names the same few texts in every row
def slug(text: str) -> str:
    """A text as part of a key: `≥ 5 cm` -> ge_5_cm; empty where it has no sign that a key may hold."""
    text = (
        text.replace("≤", "le").replace("≥", "ge").replace("<=", "le").replace(">=", "ge").replace(">", "gt").replace("<", "lt")
    )
    return re.sub(r"[^0-9A-Za-z_\-]+", "_", text.strip()).strip("_").lower()


def plain_name(part: int, text: str) -> str:
    """The name that the text alone gives; empty where it, or neither side of a contrast, has one."""
    if part == CONTRAST and not any(slug(side) for side in text.split(VERSUS)):
        return ""
    return slug(text)


def plain_key(texts: Texts) -> str:
    """The key that the texts alone give, empty parts left out."""
    return ".".join(plain_name(i, t) for i, t in enumerate(texts) if t)


@dataclass(frozen=True, slots=True)
class KeyNames:
    """The texts of a study that their names alone do not tell apart -> the names they get."""

    given: Mapping[tuple[Place, str], str]

    def name(self, part: int, text: str, variable: str = "") -> str:
        return self.given.get((_place(part, variable), text)) or plain_name(part, text)

    def key(self, texts: Texts) -> str:
        return ".".join(self.name(i, t, texts[VARIABLE]) for i, t in enumerate(texts) if t)


def key_names(rows: Sequence[Texts]) -> KeyNames:
    """Names for the parts of these rows, in their order, which is also that of the positions."""
    ambiguous = _ambiguous(rows)
    if not ambiguous:
        return KeyNames({})
    texts: dict[Place, list[str]] = {place: [] for place, _ in ambiguous}
    for row in dict.fromkeys(rows):
        for i, text in enumerate(row):
            place = _place(i, row[VARIABLE])
            if text and place in texts:
                texts[place].append(text)
    given: dict[tuple[Place, str], str] = {}
    for place, found in texts.items():
        given |= _told_apart(place, list(dict.fromkeys(found)), {name for p, name in ambiguous if p == place})
    return KeyNames(given)


def unique_keys(rows: Sequence[Texts]) -> tuple[KeyNames, list[str]]:
    """The names, and the key of each row. Two rows with the same texts keep one key: that is a fault of ours."""
    names = key_names(rows)
    keys = [names.key(row) for row in rows]
    taken: dict[str, Texts] = {}
    for i, (key, row) in enumerate(zip(keys, rows, strict=True)):
        while taken.setdefault(key, row) != row:  # parts left out make `a` of one kind and `a` of another meet
            key = f"{key}_{i + 1}"
        keys[i] = key
    return names, keys


def _place(part: int, variable: str) -> Place:
    return part, variable if part == LEVEL else ""


def _ambiguous(rows: Sequence[Texts]) -> set[tuple[Place, str]]:
    """(place, name) of the texts that have no name, or share it with another where the keys would be one."""
    found: set[tuple[Place, str]] = set()
    first: dict[str, Texts] = {}
    for row in rows:
        key = plain_key(row)
        other = first.setdefault(key, row)
        for i, text in enumerate(row):
            name = plain_name(i, text)
            if text and (not name or (other[i] != text and name == plain_name(i, other[i]))):
                found.add((_place(i, row[VARIABLE]), name))
    return found


def _told_apart(place: Place, texts: list[str], names: set[str]) -> dict[tuple[Place, str], str]:
    """The texts of a place whose name is one of these, each with its position among all of the place."""
    taken = {plain_name(place[0], text) for text in texts} - names
    given: dict[tuple[Place, str], str] = {}
    for k, text in enumerate(texts, start=1):
        name = plain_name(place[0], text)
        if name in names:
            new = f"{name}_{k}" if name else str(k)
            while new in taken:
                new = f"{new}_{k}"
            taken.add(new)
            given[place, text] = new
    return given
