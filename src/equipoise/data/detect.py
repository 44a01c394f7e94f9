"""How a file is written, as far as it shows: for a first protocol, which writes it down and says what it saw."""

from __future__ import annotations

import csv
import io
import statistics
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from equipoise.data.cells import as_text
from equipoise.data.contents import refuse_other_contents
from equipoise.data.delimited import DELIMITERS, first_sign
from equipoise.data.encodings import as_utf8, readings
from equipoise.data.error_cells import Range
from equipoise.data.header_shape import LOOKED_AT, TAIL, Shape, shape_of
from equipoise.data.number_marks import number_marks
from equipoise.data.read import BOOKS, TEXT, RawTable, read_bytes, read_table
from equipoise.data.sections import refuse_sections
from equipoise.data.unpack import unpacked
from equipoise.data.workbook import sheet_names, sheet_rows
from equipoise.errors import DataError, Fault
from equipoise.protocol.file_form import FileForm

COMMENT = "#"


@dataclass(frozen=True, slots=True)
class Detected:
    """form, sheet: as `data` of a protocol says them; sheet is None where the file has one. said: sentences on what was seen.
    asked: on what the user should look at."""

    form: FileForm
    sheet: str | None = None
    said: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Sheet:
    """size: cells of the table. said: of its form. names: of its columns. rows: its rows, as hashes."""

    size: int
    form: FileForm
    said: tuple[str, ...]
    names: frozenset[str]
    rows: frozenset[int]

    def goes_with(self, other: _Sheet) -> bool:
        """Whether the other sheet has the same columns and other rows, so that neither is the whole; a copy has the same rows."""
        return len(self.names) > 2 and self.names == other.names and 2 * len(self.rows & other.rows) < len(other.rows)


def detect(path: Path, sheet: str | None = None) -> tuple[Detected, RawTable]:
    """The form of a file, and the file read in it. Raises DataError where its bytes cannot be told."""
    name, data = unpacked(path.name, read_bytes(path))
    suffix = Path(name).suffix.lower()
    refuse_other_contents(path.name, data, suffix, TEXT, BOOKS)
    found = Detected(FileForm(), sheet)
    if suffix in TEXT:
        found = _of_text(path.name, data)
    elif suffix in BOOKS:
        found = _of_book(path.name, data, sheet)
    raw = read_table(path, found.sheet, form=found.form)
    marks = number_marks(raw)
    if marks.decimal_comma or marks.thousands:
        form = found.form.model_copy(update={"decimal_comma": marks.decimal_comma, "thousands": marks.thousands})
        found = replace(found, form=form)
        raw = read_table(path, found.sheet, form=form)
    refuse_sections(raw)
    return replace(found, said=found.said + marks.said, asked=found.asked + marks.asked), raw


def _of_text(file: str, data: bytes) -> Detected:
    read = readings(data)
    if not read.best or read.rivals:
        rivals = f"; it may be {' or '.join((read.best, *read.rivals))}" if read.rivals else ""
        message = (
            f"the encoding of the file cannot be told{rivals}: save it as 'CSV UTF-8', or declare it under data: form: encoding"
        )
        raise DataError(Fault(file, "encoding", message))
    form: dict[str, Any] = {} if read.best == "utf-8" else {"encoding": read.best}
    said = [] if read.best == "utf-8" else [f"the encoding is {read.best}"]
    text = as_utf8(file, data, read.best).decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n", LOOKED_AT)[:LOOKED_AT]
    sign = _delimiter(lines)
    head, starts = _records(lines, sign)
    tail = _records(text.rstrip("\n").rsplit("\n", TAIL)[1:], sign)[0] if len(lines) == LOOKED_AT else []
    while len(head) > 1 and (tail or head)[-1][0].startswith(COMMENT):
        (tail or head).pop()
    comments = next((i for i, row in enumerate(head) if not row[0].startswith(COMMENT)), 0)
    amid = _amid(head, comments)
    for i in reversed(amid):
        del head[i], starts[i]
    shape = shape_of(head[comments:], tail)
    header = comments + shape.header
    if comments and shape.header == 0 and shape_of(head[comments - 1 :]).header == 0 and not _wordy(head[comments]):
        comments, header = 0, comments - 1
        shape = shape_of(head[header:], tail)
    if comments and shape.header == 0:
        form["comment"] = COMMENT
        said.append(f"the first {comments} rows begin with {COMMENT} and are left out")
    elif header and any(any(row) for row in head[:header]):
        form["header_row"] = starts[header]
        said.append(f"the column names stand in row {starts[header]}; the rows above are left out")
    if amid:
        form["comment"] = COMMENT
        said.append(f"lines that begin with {COMMENT} stand amid the rows and are left out")
    said += _lower(form, shape)
    below = lines[starts[header] - 1 : starts[header]] if head else []
    if sign != first_sign("\n".join(below)):
        form["delimiter"] = "tab" if sign == "\t" else sign
        said.append(f"cells are parted by {form['delimiter']}")
    return Detected(FileForm(**form), said=tuple(said))


def _amid(head: list[list[str]], comments: int) -> list[int]:
    """Rows below the first ones that begin with the comment sign and do not have as many cells as a row has."""
    usual = statistics.mode([len(row) for row in head if row != [""]] or [0])
    below = range(comments + 2, len(head))
    return [i for i in below if head[i][0].startswith(COMMENT) and len(head[i]) != usual]


def _wordy(row: list[str]) -> bool:
    return shape_of([row, row, row, row]).header == 0 and not any(c[:1].isdigit() for c in row if c)


def _lower(form: dict[str, Any], shape: Shape) -> list[str]:
    said = []
    if shape.rows == 2:
        form["header_rows"] = 2
        said.append("each column name stands in two cells, one below the other")
    if shape.below:
        form["rows_below"] = shape.below
        rows = "1 row below the table is" if shape.below == 1 else f"{shape.below} rows below the table are"
        said.append(f"{rows} none of its rows and left out")
    return said


def _delimiter(lines: list[str]) -> str:
    """The sign that gives most rows the same number of cells, of more than one."""

    def score(sign: str) -> float:
        widths = [len(row) for row in _records(lines, sign)[0] if row != [""]]
        usual = max(set(widths), key=lambda w: (widths.count(w), w), default=1)
        return (usual - 1) ** 0.5 * (widths.count(usual) / max(len(widths), 1)) ** 2

    return max(DELIMITERS, key=score)


def _records(lines: list[str], sign: str) -> tuple[list[list[str]], list[int]]:
    """Records, a blank line as one empty cell, and the line (from 1) in which each begins."""
    reader = csv.reader(io.StringIO("\n".join(lines), newline=""), delimiter=sign)
    rows, starts, line = [], [], 0
    try:
        for row in reader:
            rows.append([c.strip() for c in row] or [""])
            starts.append(line + 1)
            line = reader.line_num
    except csv.Error:
        pass
    return rows, starts


def _of_book(file: str, data: bytes, sheet: str | None) -> Detected:
    names = sheet_names(file, data)
    found: dict[str, _Sheet] = {}
    faults: list[Fault] = []
    unread: list[str] = []
    for name in [sheet] if sheet else names:
        try:
            found[name] = _of_sheet(file, data, name)
        except DataError as error:
            faults += error.faults
            unread.append(f"sheet '{name}' is not looked at ({error.faults[0].message}): CONFIRM")
    if not found:
        raise DataError(faults)
    best = max(found, key=lambda name: found[name].size)
    chosen = found[best]
    every = sheet_names(file, data, hidden=True)
    if sheet is not None or len(every) == 1:
        return Detected(chosen.form, sheet, chosen.said)
    alike = [n for n in found if n != best and chosen.goes_with(found[n])]
    if alike:
        listed = ", ".join(n for n in found if n == best or n in alike)
        message = f"the sheets {listed} have the same columns: put their rows into one sheet, with a column that says "
        message += "what each of them stands for, such as a treatment; or name one with --sheet"
        raise DataError(Fault(file, "several sheets", message))
    others = [n for n in found if n != best and found[n].size > chosen.size / 4]
    why = f"sheet '{best}' holds the largest table of {', '.join(names)}"
    asked = (f"{why}; {' and '.join(others)} may be meant (--sheet names one): CONFIRM",) if others else ()
    named = best if best != every[0] or others else None
    why_said = () if others or len(names) == 1 else (why,)
    return Detected(chosen.form, named, (*why_said, *chosen.said), (*asked, *unread))


def _of_sheet(file: str, data: bytes, sheet: str) -> _Sheet:
    """The table of a sheet and its form."""
    form: dict[str, Any] = {}
    said: list[str] = []
    rows, merged = sheet_rows(file, data, sheet)
    cells = _filled_down(rows, merged)
    tail = cells[max(len(rows) - TAIL, LOOKED_AT) :]
    shape = _grouped(shape_of(cells[:LOOKED_AT], tail), cells, merged)
    _refuse_deeper_names(file, shape, merged)
    if any(any(row) for row in cells[: shape.header]):
        form["header_row"] = shape.header + 1
        said.append(f"the column names stand in row {shape.header + 1}; the rows above are left out")
    said += _lower(form, shape)
    end = _end(cells, shape.below)
    if any(shape.header + shape.rows <= top < end and cells[top][left] for (top, left), _ in merged):
        form["merged"] = "fill"
        said.append("merged cells hold in each of their rows what stands in the first")
    names = cells[shape.header + shape.rows - 1] if cells else []
    columns = frozenset(c.strip() for c in names if c.strip())
    first = shape.header + shape.rows
    body = frozenset(hash(tuple(row)) for row in cells[first:end] if any(row))
    return _Sheet((len(rows) - first) * shape.width, FileForm(**form), tuple(said), columns, body)


def _refuse_deeper_names(file: str, shape: Shape, merged: list[Range]) -> None:
    """Raises DataError where a name is merged from above into the rows of names: it stands in three rows and more."""
    first, last = shape.header, shape.header + shape.rows - 1
    tops = [top for (top, left), (bottom, right) in merged if left == right and top < first <= bottom <= last]
    if tops:
        message = f"the column names stand in rows {min(tops) + 1} to {last + 1}, and two rows of names are read: write each "
        message += f"whole name into its cell of row {last + 1}, and delete the rows above"
        raise DataError(Fault(f"{file}, row {min(tops) + 1}", "header", message))


def _filled_down(rows: list[list[Any]], merged: list[Range]) -> list[list[str]]:
    """The cells as text, those merged over several rows alike in each; not over columns, for a title would look like names."""
    cells = [[as_text(c) or "" for c in row] for row in rows]
    for (top, left), (bottom, _) in merged:
        for row in cells[top : bottom + 1]:
            row[left] = cells[top][left]
    return cells


def _grouped(shape: Shape, cells: list[list[str]], merged: list[Range]) -> Shape:
    """Names of groups merged over their columns, or of columns merged over both rows of names, are a first row of names."""
    upper = shape.header - 1
    if shape.rows > 1 or upper < 0 or sum(bool(c) for c in cells[upper]) < 2:
        return shape
    over = any(top == upper and (right > left or bottom > upper) for (top, left), (bottom, right) in merged)
    return replace(shape, header=upper, rows=2) if over else shape


def _end(cells: list[list[str]], below: int) -> int:
    """Where the rows of the table end."""
    given = [i for i, row in enumerate(cells) if any(row)]
    return given[-below] if 0 < below < len(given) else len(cells)
