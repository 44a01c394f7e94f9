"""The same table, sentence and figure in every file that holds it: page, manuscript, Word and csv."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from equipoise.audit.finding import Finding
from equipoise.audit.page import Figure, Page, Paragraph, Table, plain
from equipoise.audit.printed import numbers_in

CITED = re.compile(r"\[\d+(?:[,\u2013-]\d+)*\]")
APART = {"references", "abbreviations", "manuscript_legends", "title_page"}  # numbered, counted or made anew in each file


def tables_agree(pages: Sequence[Page]) -> Iterator[Finding]:
    """Each table of a later file against the first file that holds it, cell by cell."""
    first: dict[str, tuple[Page, Table]] = {}
    for page in pages:
        for table in page.tables:
            if not table.number:
                continue
            if table.number not in first:
                first[table.number] = (page, table)
                continue
            yield from _differences(page.file, table, *first[table.number])


def _differences(file: str, table: Table, other: Page, model: Table) -> Iterator[Finding]:
    found, asked = ([[(c.text, c.span, c.notes) for c in row] for row in (*t.head, *t.body)] for t in (table, model))
    rule = "the same in every file"
    if len(found) != len(asked):
        message = f"{len(found)} rows, and {len(asked)} in {other.file}"
        yield Finding(file, table.number, rule, message)
        return
    columns = table.columns()
    for row, expected in zip(found, asked, strict=True):
        row, expected = (_trimmed(_common(r)) for r in (row, expected))
        if row == expected:
            continue
        at = 0
        for cell, wanted in zip(row, expected, strict=False):
            if cell != wanted:
                break
            at += cell[1]
        said, wanted = (" ".join(c[0] for c in r) for r in (row, expected))
        if at < len(columns) and len(row) == len(expected):
            said, wanted = next((c[0] + c[2], w[0] + w[2]) for c, w in zip(row, expected, strict=True) if c != w)
        column = columns[at] if at < len(columns) else ""
        yield Finding(file, table.number, rule, f"'{said}', and '{wanted}' in {other.file}", row[0][0] if row else "", column)
    if numbers_in(table.below) != numbers_in(model.below):
        yield Finding(file, table.number, rule, f"its notes hold other numbers than in {other.file}")


def _common(row: list[tuple[str, int, str]]) -> list[tuple[str, int, str]]:
    """The cells of a row, those empty that are numbers of each file's own list of references."""
    return [("" if CITED.fullmatch(text) else text, span, notes) for text, span, notes in row]


def _trimmed(row: list[tuple[str, int, str]]) -> list[tuple[str, int, str]]:
    """Without empty cells at its end, which one format writes and another does not."""
    while row and not row[-1][0] and not row[-1][2]:
        row = row[:-1]
    return row


def csv_agrees(page: Page, folder: Path) -> Iterator[Finding]:
    """Each table of a page against its csv."""
    for table in page.tables:
        path = folder / "tables" / f"{table.name}.csv"
        if not table.name or not path.is_file():
            continue
        with path.open(encoding="utf-8-sig", newline="") as lines:
            written = [[_cell(c) for c in row] for row in csv.reader(lines)][1:]
        shown = [_flat(row, table.width) for row in table.body]
        if len(written) != len(shown):
            yield Finding(page.file, table.number, "page and csv", f"{len(shown)} rows, and {len(written)} in tables/{path.name}")
            continue
        columns = table.columns()
        for row, expected in zip(shown, written, strict=True):
            for at, (cell, wanted) in enumerate(zip(row, expected, strict=False)):
                if cell != wanted and not CITED.fullmatch(cell):
                    message = f"'{cell}', and '{wanted}' in tables/{path.name}"
                    yield Finding(page.file, table.number, "page and csv", message, row[0], columns[at])


def _flat(row: tuple, width: int) -> list[str]:
    cells: list[str] = []
    for cell in row:
        cells += [_cell(cell.text)] + [""] * (cell.span - 1)
    return cells + [""] * (width - len(cells))


def _cell(words: str) -> str:
    """As it is read from a csv, where a sign before a formula may stand."""
    return plain(words).replace("\u2212", "-").removeprefix("'").lstrip()


def sentences_agree(page: Page, others: Sequence[Page], whole: bool) -> Iterator[Finding]:
    """Each sentence of a page, by its numbers, in one of the others. whole: the others hold the same words too, and no more."""
    model: Counter[tuple[str, ...]] = Counter()
    by_length: dict[int, list[tuple[str, ...]]] = defaultdict(list)
    for other in others:
        for paragraph in other.paragraphs:
            for said in _numbers(paragraph, whole):
                model[said] += 1
                by_length[len(said)].append(said)
    for paragraph in page.paragraphs:
        for said in _numbers(paragraph, whole):
            if model[said]:
                continue
            near = next((o for o in by_length[len(said)] if sum(a != b for a, b in zip(o, said, strict=True)) == 1), None)
            shown = next((f"{a}, and {b}" for a, b in zip(said, near, strict=True) if a != b), "") if near else ""
            message = f"{shown or 'numbers that stand so in no paragraph'} of {' or '.join(o.file for o in others)}"
            yield Finding(page.file, paragraph.section, "the same in every file", f"{message}: '{_begin(paragraph.text)}'")


def _numbers(paragraph: Paragraph, whole: bool) -> Iterator[tuple[str, ...]]:
    """The numbers of a paragraph in order; nothing where it has none, or they are of this file alone."""
    if paragraph.anchor in APART and not whole:
        return
    said = tuple(numbers_in(CITED.sub("", paragraph.text) if not whole else paragraph.text))
    if said:
        yield said


def figures_agree(pages: Sequence[Page]) -> Iterator[Finding]:
    """Each figure's words against the first file that holds it."""
    first: dict[str, tuple[Page, Figure]] = {}
    for page in pages:
        for figure in page.figures:
            if figure.number not in first:
                first[figure.number] = (page, figure)
                continue
            other, model = first[figure.number]
            said, wanted = numbers_in(figure.words.split(" | ")[0]), numbers_in(model.words.split(" | ")[0])
            if said != wanted:
                message = f"its words hold other numbers than in {other.file}"
                yield Finding(page.file, figure.number, "the same in every file", message)


def _begin(words: str) -> str:
    return words if len(words) <= 60 else f"{words[:60]}..."
