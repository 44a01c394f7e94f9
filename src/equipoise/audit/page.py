"""What a reader finds in a finished file: paragraphs, tables of cells and figures, whatever its format."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

INVISIBLE = re.compile("[\u2060\u200b\u200e\u200f\ufeff\u00ad]")
SPACE = re.compile(r"\s+")
GROUP_SIZE = re.compile(r"([^,:;(]+?) \(n\s?=\s?(\d[\d,]*)\)")


def plain(words: str) -> str:
    """Without signs that nobody sees, every space one space."""
    return SPACE.sub(" ", INVISIBLE.sub("", words)).strip()


@dataclass(frozen=True, slots=True)
class Cell:
    """span: columns. notes: raised letters. indent: whether its text stands further in than that of the first rows. key: of
    the row of results.csv to which it leads, where a page says so."""

    text: str
    span: int = 1
    notes: str = ""
    indent: int = 0
    key: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Table:
    """number: `Table 3` or `Table S2`. name: of its csv; '' where the format does not tell. below: the notes under it."""

    number: str
    title: str
    head: tuple[tuple[Cell, ...], ...]
    body: tuple[tuple[Cell, ...], ...]
    below: str = ""
    name: str = ""

    @property
    def width(self) -> int:
        return max((sum(c.span for c in row) for row in (*self.head, *self.body)), default=0)

    def columns(self) -> list[str]:
        """The words above each column, those of several rows joined."""
        above: list[list[str]] = [[] for _ in range(self.width)]
        for row in self.head:
            for at, cell in _places(row):
                for i in range(at, at + cell.span):
                    if cell.text and cell.text not in above[i]:
                        above[i].append(cell.text)
        return [": ".join(words) for words in above]

    def rows(self) -> Iterator[Row]:
        """Body rows with their columns; a row of one cell across the table heads those that follow."""
        heading = ""
        for number, cells in enumerate(self.body, 1):
            if len(cells) == 1 and cells[0].span > 1 or len(cells) == 2 and cells[0].span > 1 and not cells[1].text:
                heading = cells[0].text
                continue
            yield Row(number, heading, dict(_places(cells)))

    def notes(self) -> dict[str, str]:
        """Footnote letter -> its words, read from below the table."""
        found = re.split(r"(?:(?<=[.;] )|^)([a-z]{1,2}) (?=[A-Z\u2019a-z])", self.below)
        return {found[i]: found[i + 1] for i in range(1, len(found) - 1, 2)}


@dataclass(frozen=True, slots=True)
class Row:
    """number: among the rows of the body, from 1. heading: the last row across the table above it. cells: column -> cell."""

    number: int
    heading: str
    cells: dict[int, Cell]

    @property
    def label(self) -> str:
        return self.cells[0].text if 0 in self.cells else ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """section: the heading above it. anchor: of that section; '' where the format does not tell. links: words that lead to a row
    of results.csv, and its key."""

    section: str
    text: str
    anchor: str = field(default="", compare=False)
    links: tuple[tuple[str, str], ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Figure:
    """words: its text alternative and every word drawn in it that is text. drawn: the latter, one by one."""

    number: str
    title: str
    words: str
    drawn: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Page:
    """A finished file. kind: html or docx. notice: what stands above each of its pages."""

    file: str
    kind: str
    paragraphs: list[Paragraph] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    notice: str = ""

    def texts(self) -> Iterator[tuple[str, str]]:
        """(where it stands, words) of its paragraphs, then of its figures."""
        yield from ((p.section, p.text) for p in self.paragraphs)
        yield from ((f.number, f.words) for f in self.figures)


def sizes(words: str) -> dict[str, int]:
    """`Lenvatinib (n=40), Sorafenib (n=86)` -> the size of each, by name."""
    return {name.strip(): int(n.replace(",", "")) for name, n in GROUP_SIZE.findall(words)}


def _places(row: tuple[Cell, ...]) -> Iterator[tuple[int, Cell]]:
    at = 0
    for cell in row:
        yield at, cell
        at += cell.span
