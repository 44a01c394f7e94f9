"""Every table and figure that a text cites is there, and nothing stands in it that is not meant for a reader."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from equipoise.audit.finding import Finding
from equipoise.audit.page import Page

CITED = r"(?<!\w)({kinds})s? (S?\d+(?:(?:, | and |, and |\u2013|-)S?\d+(?!\.\d))*)"
RAW = re.compile(r"\b(?:nan|NaN|None|inf|undefined|NaT)\b|\{\{|\{%|\{[a-z_]+\}|<NA>|Masked\(|\b[a-z]+(?:_[a-z0-9]+)+\b")
MEANT = ("inputs", "settings", "event_values")  # tables that quote files and settings


def pointers(page: Page, pages: Sequence[Page]) -> Iterator[Finding]:
    """Citations of one page that lead nowhere in the folder."""
    there = {x.number for p in pages for x in (*p.tables, *p.figures)}
    kinds = {number.rpartition(" ")[0] for number in there if number} or {"Table", "Figure"}
    cited = re.compile(CITED.replace("{kinds}", "|".join(map(re.escape, sorted(kinds)))))
    for paragraph in page.paragraphs:
        for kind, said in cited.findall(paragraph.text):
            for number in _listed(said):
                if f"{kind} {number}" not in there:
                    yield Finding(page.file, paragraph.section, "citation", f"{kind} {number} is cited, and there is none")


def _listed(said: str) -> Iterator[str]:
    """`S3-S5` -> S3, S4, S5; `2 and 4` -> 2, 4."""
    for part in re.split(r", and | and |, ", said):
        first, _, last = re.sub(r"[\u2013-]", "-", part).partition("-")
        if not last:
            yield first
            continue
        mark = "S" if first.startswith("S") else ""
        for n in range(int(first.removeprefix("S")), int(last.removeprefix("S")) + 1):
            yield f"{mark}{n}"


def raw_words(page: Page, pages: Sequence[Page]) -> Iterator[Finding]:
    """Words of a program: nan, None, a name with low lines, a place that was not filled in."""
    meant = {t.title for p in pages for t in p.tables if t.name in MEANT}
    for table in page.tables:
        if table.title in meant:
            continue
        columns = table.columns()
        for row in table.rows():
            for at, cell in row.cells.items():
                found = RAW.search(cell.text)
                if found:
                    yield Finding(page.file, table.number, "raw word", f"'{found[0]}' is no word", row.label, columns[at])
    for paragraph in page.paragraphs:
        found = RAW.search(paragraph.text)
        if found and "http" not in paragraph.text and "doi" not in paragraph.text:
            yield Finding(page.file, paragraph.section, "raw word", f"'{found[0]}' is no word of a text")
