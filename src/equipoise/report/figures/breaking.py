"""Words of a figure in lines, broken by what they measure in its typeface."""

from __future__ import annotations

import re

from equipoise.report.figures.fonts import text_width

BLANK = re.compile(r"[ \t\r\n\f\v]+")  # not those that join words
HYPHEN = re.compile(r"(?<=\w-)(?=\w{2})")


def broken(said: str, room: float, points: float, bold: bool = False) -> list[str]:
    """Lines of at most so many inches. A word is parted only where it alone is wider, at a hyphen if it has one. One line, which
    may be empty, at the least."""
    lines: list[str] = [""]
    for word in BLANK.split(said.strip()):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if text_width(longer, points, bold) <= room:
            lines[-1] = longer
        else:
            parts = _parted(word, room, points, bold)
            lines = [*lines, *parts] if lines[-1] else parts
    return lines


def filled(said: str, room: float, points: float, bold: bool = False) -> str:
    """The same as one text."""
    return "\n".join(broken(said, room, points, bold))


def fitted(said: str, room: float, points: float, most: int, bold: bool = False) -> list[str]:
    """At most so many lines; what has no room is cut with an ellipsis."""
    lines = broken(said, room, points, bold)
    return lines if len(lines) <= most else [*lines[: most - 1], cut(" ".join(lines[most - 1 :]), room, points, bold)]


def cut(line: str, room: float, points: float, bold: bool = False) -> str:
    """One line, whose end is left away where it is too wide."""
    if text_width(line, points, bold) <= room:
        return line
    while line and text_width(f"{line}\u2026", points, bold) > room:
        line = line[:-1].rstrip()
    return f"{line}\u2026"


def shortened(name: str, room: float, points: float, bold: bool = False) -> str:
    """A name in one line: its first and last words, as many as there is room for, for names may differ in their ends; of a single
    long word its ends."""
    if text_width(name, points, bold) <= room:
        return name
    said = name.split(" ")
    ends = [(" ".join(said[: kept // 2]), " ".join(said[len(said) - kept + kept // 2 :])) for kept in range(len(said) - 1, 1, -1)]
    ends += [(name[: n - n // 2], name[len(name) - n // 2 :]) for n in range(len(name) - 1, 1, -1)]
    made = (f"{first}\u2026{last}" for first, last in ends)
    return next((short for short in made if text_width(short, points, bold) <= room), name[:1])


def _parted(word: str, room: float, points: float, bold: bool) -> list[str]:
    lines = [""]
    for part in HYPHEN.split(word):
        if text_width(lines[-1] + part, points, bold) <= room:
            lines[-1] += part
            continue
        lines += [""] if lines[-1] else []
        for sign in part:
            if lines[-1] and text_width(lines[-1] + sign, points, bold) > room:
                lines.append("")
            lines[-1] += sign
    return lines
