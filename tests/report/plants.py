"""Errors planted into finished files: a digit changed, a row dropped, a sentence altered; where the digits of a page stand."""

from __future__ import annotations

import random
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

TEXT = re.compile(r">([^<>]*\d[^<>]*)<")
DRAWN = re.compile(r"<svg.*?</svg>", re.S)
BODY = re.compile(r"<main\b.*?</main>", re.S)
ENTITY = re.compile(r"&#?\w+;")
PART = "word/document.xml"


def copied(folder: Path, to: Path) -> Path:
    shutil.copytree(folder, to)
    return to


def changed(path: Path, old: str, new: str, count: int = 1) -> None:
    """Words of a finished file exchanged, as they stand in its source."""
    assert old in content(path), f"{path.name} does not hold {old!r}"
    write(path, content(path).replace(old, new, count))


def content(path: Path) -> str:
    if path.suffix != ".docx":
        return path.read_text(encoding="utf-8")
    with zipfile.ZipFile(path) as parts:
        return parts.read(PART).decode("utf-8")


def write(path: Path, words: str) -> None:
    if path.suffix != ".docx":
        path.write_text(words, encoding="utf-8")
        return
    with zipfile.ZipFile(path) as parts:
        held = {name: parts.read(name) for name in parts.namelist()}
    with zipfile.ZipFile(path, "w") as parts:
        for name, data in held.items():
            parts.writestr(name, words.encode("utf-8") if name == PART else data)


def digits(path: Path, counts: Callable[[str, re.Match[str]], bool]) -> list[int]:
    """Where the digits of a file stand that a reader sees as text and that `counts`."""
    words = content(path)
    body = BODY.search(words) if path.suffix == ".html" else None
    first, last = body.span() if body else (0, len(words))
    drawn = [m.span() for m in DRAWN.finditer(words)]
    found = []
    for text in TEXT.finditer(words, first, last):
        if not any(a <= text.start() < b for a, b in drawn) and counts(words, text):
            signs = [m.span() for m in ENTITY.finditer(words, *text.span(1))]
            places = [i for i in range(text.start(1), text.end(1)) if words[i].isdigit() and words[i].isascii()]
            found += [i for i in places if not any(a <= i < b for a, b in signs)]
    return found


def another_digit(words: str, at: int, draw: random.Random) -> str:
    return words[:at] + draw.choice([d for d in "0123456789" if d != words[at]]) + words[at + 1 :]
