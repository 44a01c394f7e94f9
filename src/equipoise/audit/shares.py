"""Every per cent is that of its count among its patients."""

from __future__ import annotations

import re
from collections.abc import Iterator

from equipoise.audit.finding import Finding
from equipoise.audit.page import Page, Row, Table, sizes
from equipoise.audit.printed import PART, SHARE, Number, rates, read_signs, share_is_right, whole
from equipoise.audit.results import Results

SIZE = re.compile(r"\(n\s?=\s?(\d[\d,]*)\)")
COUNTS = re.compile(r"number|patients|n \(%\)")


def shares(page: Page, results: Results | None) -> Iterator[Finding]:
    """Of the cells and sentences of one page. results: where an arm's patients are not the denominator (those with a recorded
    value, those with progression), the row that tells it."""
    for table in page.tables:
        yield from _of_table(page.file, table, results)
    for place, words in page.texts():
        yield from _of_text(page.file, place, words, results)


def size_of(column: str, row: Row) -> int | None:
    """The patients of a column: as its own head says, or the row that heads its part of the table."""
    found = SIZE.findall(column)
    if found:
        return whole(found[-1])
    for name, n in sizes(row.heading.rpartition(": ")[2] if ": " in row.heading else row.heading).items():
        if name == column.rpartition(": ")[2]:
            return n
    return None


def _of_table(file: str, table: Table, results: Results | None) -> Iterator[Finding]:
    columns = table.columns()
    for row in table.rows():
        for at, cell in row.cells.items():
            words = read_signs(cell.text)
            place = {"file": file, "place": table.number, "row": row.label, "column": columns[at]}
            found = SHARE.match(words)
            if found and at:
                yield from _share(place, found, size_of(columns[at], row), results)
            part = PART.fullmatch(words)
            if part and at:
                yield from _part(place, part, results)


def _share(place: dict[str, str], found: re.Match[str], size: int | None, results: Results | None) -> Iterator[Finding]:
    if "." in found[1]:
        return
    count, percent = whole(found[1]), Number.of(found[2])
    if percent.value > 100 and size is None:
        return
    if size is not None and share_is_right(count, size, percent):
        return
    if results is not None and any(share_is_right(count, r.n, percent) for r in results.shares(count, percent)):
        return
    if size is None and results is None:
        return
    of = f" of {size}" if size is not None else ""
    yield Finding(**place, rule="per cent", message=f"{count}{of} is not {found[2]}%")


def _part(place: dict[str, str], found: re.Match[str], results: Results | None) -> Iterator[Finding]:
    count, of = whole(found[1]), whole(found[2])
    if count > of:
        yield Finding(**place, rule="per cent", message=f"{count} is more than {of}, of which it is a part")
    elif found[3] and not share_is_right(count, of, Number.of(found[3])):
        yield Finding(**place, rule="per cent", message=f"{count} of {of} is not {found[3]}%")
    elif results is not None and not results.counted(count, of):
        yield Finding(**place, rule="table and results.csv", message=f"no row of results.csv counts {count} of {of}")


def _of_text(file: str, section: str, words: str, results: Results | None) -> Iterator[Finding]:
    for shown, count, of, percent in rates(read_signs(words)):
        if not share_is_right(count, of, percent):
            yield Finding(file, section, "per cent", f"'{shown}': {count} of {of} is not {percent.value:g}%")
        elif results is not None and not results.counted(count, of):
            yield Finding(file, section, "text and results.csv", f"no row of results.csv counts {count} of {of}")
