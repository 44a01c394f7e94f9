"""One model of a document: blocks of text, tables of cells and figures. Renderers read it; nothing in it is of a format.

Names of sections, tables and figures are the anchors that references point to; a renderer says how (`#name` in a page, a
bookmark in Word, a label in PDF).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from equipoise.csv_text import csv_text
from equipoise.document import pictures
from equipoise.document.lines import RAISED, em, widths
from equipoise.document.phrases import phrases

UPRIGHT, SIDEWAYS = 53.3, 82.3  # em of a table's type (8.5 points) on a line of a page, and of one turned
LONG_CELL = 17.0  # em beyond which a cell breaks
CROWDED = 1.2  # times an upright line: what long cells then need is a page turned
STUB = 8.0  # em that the first column has, where it needs them
KEPT = 2  # last rows of a table that stay on the page of its notes
BETWEEN = 0.9  # em of room at the sides of a cell
STEP = 1.0  # em of an indent


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text. ref: name of a table or figure, whose number becomes the text when the document is numbered (bare:
    without `Table` or `Figure` before it). cite: key of a reference, whose number becomes the text. href: a file beside this
    one. key: of the row of the results whose number it tells."""

    text: str
    bold: bool = False
    italic: bool = False
    sup: bool = False
    href: str = ""
    ref: str = ""
    bare: bool = False
    cite: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """style: body, note (small), warning, reference (of a numbered list), authors (what they have to write). name: anchor to
    which links lead."""

    runs: tuple[Run, ...]
    style: str = "body"
    name: str = ""


@dataclass(frozen=True, slots=True)
class Bullets:
    items: tuple[tuple[Run, ...], ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A sub-heading inside a section."""

    text: str
    level: int = 3


@dataclass(frozen=True, slots=True)
class Cell:
    """note: footnote letters, raised. tone: '', good, bad or quiet, for scorecards. cite: key of a reference, whose number
    in brackets becomes the text. keys: of the results whose numbers stand in it, the first one first."""

    text: str = ""
    span: int = 1
    indent: int = 0
    align: str = "center"
    bold: bool = False
    note: str = ""
    tone: str = ""
    cite: str = ""
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableRow:
    """kind: body, or group for a heading row inside the table. name: anchor to which links lead."""

    cells: tuple[Cell, ...]
    kind: str = "body"
    name: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """head and body rows, footnotes as (letter, text), general notes below. name: file name and anchor. supplement: numbered
    S1, S2 ... apart from the main tables. linked: notes, each with the runs of it that lead to rows."""

    name: str
    title: str
    head: tuple[TableRow, ...]
    body: tuple[TableRow, ...]
    footnotes: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    supplement: bool = False
    number: str = ""
    linked: tuple[tuple[str, tuple[Run, ...]], ...] = ()
    _measured: list[tuple[list[float], ...]] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def width(self) -> int:
        """Columns."""
        return sum(c.span for c in self.head[-1].cells)

    @property
    def landscape(self) -> bool:
        """Whether a page on paper is turned for it: an upright one is too narrow for what no cell may part, or
        crowded."""
        _, needs, words = map(sum, self._needs())
        return words > UPRIGHT or needs > CROWDED * UPRIGHT

    @property
    def shares(self) -> tuple[float, ...]:
        """The part of the width that each column needs, together 1: by its longest cell, of which one over several columns says
        nothing, with room between the columns; where the page is too narrow long cells break, and words and estimates do not;
        room that is left is given to long cells, to each the same until it has what it lacks."""
        whole, needs, words = self._needs()
        line = SIDEWAYS if self.landscape else UPRIGHT
        least, most = (words, needs) if sum(needs) > line else (needs, whole)
        lacking = [high - low for low, high in zip(least, most, strict=True)]
        made = [low + more for low, more in zip(least, _given(lacking, line - sum(least)), strict=True)]
        return tuple(n / sum(made) for n in made)

    @property
    def tall(self) -> int:
        """Lines on paper, head and body."""
        room = SIDEWAYS if self.landscape else UPRIGHT
        columns = [room * share - BETWEEN for share in self.shares]
        return sum(_lines(row, columns, i < len(self.head)) for i, row in enumerate((*self.head, *self.body)))

    def _needs(self) -> tuple[list[float], ...]:
        """Em that each column needs for its cells on one line, for its cells, of which long ones may break, and for what no line
        break parts."""
        if not self._measured:
            self._measured.append(self._measure())
        return self._measured[0]

    def _measure(self) -> tuple[list[float], ...]:
        longest, piece = [0.5] * self.width, [0.5] * self.width
        for i, row in enumerate((*self.head, *self.body)):
            at = 0
            for cell in row.cells:
                if cell.span == 1:
                    whole, widest = widths(cell.text, cell.bold or i < len(self.head))
                    beside = STEP * cell.indent + RAISED * em(cell.note)
                    longest[at] = max(longest[at], whole + beside)
                    piece[at] = max(piece[at], widest + beside)
                at += cell.span
        piece[0] = max(piece[0], min(longest[0], STUB))
        needs = [max(p, min(n, LONG_CELL)) + BETWEEN for n, p in zip(longest, piece, strict=True)]
        return [n + BETWEEN for n in longest], needs, [p + BETWEEN for p in piece]


def _given(lacking: Sequence[float], room: float) -> list[float]:
    """What each gets of the room: the same for all, and none more than it lacks."""
    given = [0.0] * len(lacking)
    for left, i in enumerate(sorted(range(len(lacking)), key=lacking.__getitem__)):
        given[i] = min(lacking[i], max(room, 0.0) / (len(lacking) - left))
        room -= given[i]
    return given


def _lines(row: TableRow, columns: Sequence[float], bold: bool) -> int:
    """Of the cell of a row that needs most of them. columns: their em."""
    most, at = 1, 0
    for cell in row.cells:
        room = sum(columns[at : at + cell.span]) + BETWEEN * (cell.span - 1) - STEP * cell.indent
        most = max(most, math.ceil(em(cell.text, cell.bold or bold) / max(room, 1.0)))
        at += cell.span
    return most


@dataclass(frozen=True)
class Drawing:
    """A figure as svg; as pdf and png once it is asked for. words: the texts in it. typefaces: files of those that it needs
    beside the bundled ones."""

    svg: str
    words: tuple[str, ...] = ()
    typefaces: tuple[str, ...] = ()

    @cached_property
    def pdf(self) -> bytes:
        return pictures.pdf(self.svg, self.size, self.typefaces)

    @cached_property
    def png(self) -> bytes:
        """Of 300 dots per inch."""
        return pictures.png(self.svg, self.size, self.typefaces)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in points, as drawn."""
        head = self.svg[: self.svg.index(">", self.svg.index("<svg"))]
        width, height = (re.search(rf'\b{side}="([0-9.]+)pt"', head) for side in ("width", "height"))
        assert width is not None and height is not None, "a figure is drawn in points"
        return float(width.group(1)), float(height.group(1))


@dataclass(frozen=True, slots=True)
class Figure:
    """alt: the figure in words, for those who cannot see it. keys: of the rows of the results that it shows."""

    name: str
    title: str
    drawing: Drawing
    alt: str
    caption: str = ""
    supplement: bool = False
    number: str = ""
    keys: tuple[str, ...] = ()


Block = Paragraph | Bullets | Heading | Table | Figure


@dataclass(frozen=True, slots=True)
class Section:
    """part: manuscript, supplement, or technical (how it was made; of the report alone). title: '' for a section without a
    heading. under: the heading of a manuscript under which it stands with its neighbors. apart: begins a new page on paper."""

    anchor: str
    title: str
    blocks: tuple[Block, ...]
    part: str = "manuscript"
    under: str = ""
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """lead: lines under the title. notice: shown at the top, in every section and on every printed page. language: of its
    words, for those who have it read to them. foot: the last line, where its numbers stand."""

    title: str
    sections: tuple[Section, ...]
    lead: tuple[str, ...] = ()
    notice: str = ""
    links: tuple[tuple[str, str], ...] = field(default=())
    language: str = field(default_factory=lambda: phrases().language)
    foot: str = field(default_factory=lambda: phrases().foot)

    def blocks(self) -> Iterator[Block]:
        for section in self.sections:
            yield from section.blocks

    def tables(self) -> list[Table]:
        return [b for b in self.blocks() if isinstance(b, Table)]

    def figures(self) -> list[Figure]:
        return [b for b in self.blocks() if isinstance(b, Figure)]


def text(*parts: str | Run, style: str = "body") -> Paragraph:
    """A paragraph of plain text and runs."""
    return Paragraph(tuple(p if isinstance(p, Run) else Run(p) for p in parts), style)


def bold(words: str) -> Run:
    return Run(words, bold=True)


def ref(name: str) -> Run:
    return Run(name, ref=name)


def group(label: str, width: int) -> TableRow:
    """A heading row across the whole table."""
    return TableRow((Cell(label, width, align="left", bold=True),), "group")


def runs_of(block: Block) -> Iterator[Run]:
    """The runs of a paragraph or of bullets, in order; none of other blocks."""
    if isinstance(block, Paragraph):
        yield from block.runs
    elif isinstance(block, Bullets):
        for item in block.items:
            yield from item


def with_runs(block: Block, change: Callable[[tuple[Run, ...]], tuple[Run, ...]]) -> Block:
    """The block with the runs of its paragraph, or of each of its bullets, changed; other blocks as they are."""
    if isinstance(block, Paragraph):
        return replace(block, runs=change(block.runs))
    if isinstance(block, Bullets):
        return replace(block, items=tuple(change(item) for item in block.items))
    return block


def each_block(document: Document, change: Callable[[Block], Block]) -> Document:
    """The document with every block changed."""
    return replace(document, sections=tuple(replace(s, blocks=tuple(map(change, s.blocks))) for s in document.sections))


def numbered(document: Document) -> Document:
    """Tables and figures numbered in order of their first citation, those that no sentence cites behind the others in order of
    appearance; supplementary ones apart. Every reference is filled in; one that points nowhere is an AssertionError."""
    shown = [b for b in document.blocks() if isinstance(b, Table | Figure)]
    cited = list(dict.fromkeys(r.ref for b in document.blocks() for r in runs_of(b) if r.ref))
    at = {name: i for i, name in enumerate(cited)}
    label: dict[str, str] = {}
    for kind, made in ((phrases().table, Table), (phrases().figure, Figure)):
        for mark, supplement in (("", False), ("S", True)):
            same = [b for b in shown if isinstance(b, made) and b.supplement == supplement]
            same.sort(key=lambda b: at.get(b.name, len(at)))
            label.update({b.name: f"{kind} {mark}{i}" for i, b in enumerate(same, 1)})
    return each_block(document, lambda block: _numbered_block(block, label))


def _numbered_block(block: Block, label: dict[str, str]) -> Block:
    if isinstance(block, Table | Figure):
        return replace(block, number=label[block.name])
    return with_runs(block, lambda runs: tuple(_referred(r, label) for r in runs))


def _referred(run: Run, label: dict[str, str]) -> Run:
    if run.ref and run.ref not in label:
        raise AssertionError(f"a reference points to '{run.ref}', which the document does not hold")
    return replace(run, text=label[run.ref]) if run.ref else run


def table_csv(table: Table) -> str:
    """The table as rectangular CSV: header rows joined, indented labels kept by two spaces per step."""
    return csv_text(_flat_header(table), (_flat_row(row, table.width) for row in table.body))


def _flat_header(table: Table) -> list[str]:
    columns: list[list[str]] = [[] for _ in range(table.width)]
    for row in table.head:
        at = 0
        for cell in row.cells:
            for i in range(at, at + cell.span):
                if cell.text:
                    columns[i].append(cell.text)
            at += cell.span
    return [_plain(": ".join(parts)) for parts in columns]


def _flat_row(row: TableRow, width: int) -> list[str]:
    cells: list[str] = []
    for cell in row.cells:
        cells += [_plain("  " * cell.indent + cell.text)] + [""] * (cell.span - 1)
    return cells + [""] * (width - len(cells))


def _plain(words: str) -> str:
    """For a spreadsheet: an ASCII minus."""
    return words.replace("\u2212", "-")


class Footnotes:
    """Footnote letters in order of first use; the same text gets the same letter. symbols: in the place of letters; one that is
    used up comes twice, then three times. said: how the words of a note are written."""

    def __init__(self, symbols: Sequence[str] = (), said: Callable[[str], str] = str) -> None:
        self._symbols, self._said = symbols, said
        self._letters: dict[str, str] = {}

    def mark(self, words: str) -> str:
        if not words:
            return ""
        words = _noted(self._said(words))
        if words not in self._letters:
            self._letters[words] = _mark(len(self._letters), self._symbols)
        return self._letters[words]

    def listed(self) -> tuple[tuple[str, str], ...]:
        return tuple((letter, words) for words, letter in self._letters.items())


def _noted(words: str) -> str:
    """A note as one of several that stand behind each other: it begins with a capital, and the last of them has the full stop."""
    first, _, rest = words.partition(" ")
    plain = first.isalpha() and first.islower() and len(first) > 1
    return (f"{first.capitalize()} {rest}".rstrip() if plain else words).removesuffix(".")


def _mark(i: int, symbols: Sequence[str]) -> str:
    return symbols[i % len(symbols)] * (1 + i // len(symbols)) if symbols else _letter(i)


def _letter(i: int) -> str:
    return chr(ord("a") + i) if i < 26 else _letter(i // 26 - 1) + _letter(i % 26)
