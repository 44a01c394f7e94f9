"""The structure of a csv file: its delimiter, its records, and every record with more or fewer cells than the header.

A quotation mark opens a quoted cell only at the start of a cell; within one a doubled mark stands for itself (RFC 4180). A
record may hold line breaks within quotes; rows are numbered by record, as a spreadsheet program shows them.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

import numpy as np

from equipoise.data.check import row_faults
from equipoise.data.encodings import as_utf8
from equipoise.errors import DataError, Fault
from equipoise.protocol.file_form import PLAIN, FileForm

DELIMITERS = (",", ";", "\t", "|")
_QUOTE, _LINE_FEED = 34, 10
_END = "\x1e"  # a record of our own behind the last: an open quotation would swallow it


@dataclass(frozen=True, slots=True)
class Delimited:
    """header: the cells of the first record. body: the records behind it, each with as many cells. first_row: row number of the
    first of them, as a user sees it in the file. comments: those of them, counted from 1, that are comments, empty here."""

    header: list[str]
    delimiter: str
    body: bytes
    first_row: int
    comments: tuple[int, ...] = ()


def delimited(file: str, data: bytes, form: FileForm = PLAIN) -> Delimited:
    """The file's structure. Raises DataError for bytes of another encoding, an open quotation and ragged rows, all rows named."""
    data, above = _from_header(_lines(as_utf8(file, data, form.encoding, form)), form)
    data, comments = _without_comments(data, form.comment.encode("utf-8"))
    delimiter = form.sign or _delimiter(data)
    found = _cells(data, delimiter)
    if found.stray:
        data = _rewritten(file, data, delimiter)
        found = _cells(data, delimiter)
    data, cells = _without_rows_below(data, found, form.rows_below)
    given = np.flatnonzero(cells)
    if len(given) == 0:
        return Delimited([], delimiter, b"", 1)
    above += int(given[0])
    ahead = int(given[0]) + form.header_rows
    data, cells = _without_blank_lines(data, cells[given[0] : given[-1] + 1], delimiter)
    faults = _ragged(file, cells, above, data[:64].lstrip()[:1] == b"#", form)
    if faults:
        raise DataError(faults)
    names: list[list[str]] = []
    for _ in range(form.header_rows):
        first = _first_record(data)
        names.append(next(csv.reader(io.StringIO(first, newline=""), delimiter=delimiter), []))
        data = data[len(first.encode("utf-8")) :]
    inside = tuple(n - ahead for n in comments if ahead < n <= ahead + len(cells))
    return Delimited(joined_names(names), delimiter, data, above + 1 + form.header_rows, inside)


def joined_names(rows: list[list[str]]) -> list[str]:
    """Column names of one header row, or of two: the upper one names a group until the next one of it."""
    if len(rows) < 2:
        return rows[0]
    group, found = "", []
    for upper, lower in zip(*rows, strict=True):
        group = upper.strip() or group
        found.append(" ".join(part for part in (group, lower.strip()) if part))
    return found


def _lines(data: bytes) -> bytes:
    """Line feeds between the lines and behind the last one."""
    data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return data if data.endswith(b"\n") or not data else data + b"\n"


def _from_header(data: bytes, form: FileForm) -> tuple[bytes, int]:
    """The lines from the header on, without comment lines above and below the table; how many lines stood above it."""
    start, above, end = 0, 0, len(data)
    sign = form.comment.encode("utf-8")
    while start < end and (above + 1 < form.header_row if form.header_row else _is_comment(data, start, sign)):
        start = data.find(b"\n", start) + 1
        above += 1
    while sign and start < end and _is_comment(data, last := data.rfind(b"\n", start, end - 1) + 1, sign):
        end = max(last, start)
    return data[start:end], above


def _without_comments(data: bytes, sign: bytes) -> tuple[bytes, list[int]]:
    """The lines with those blank that begin with the sign outside a quoted cell; the records that they were, counted from 1."""
    if not sign or b"\n" + sign not in data and b'\n"' + sign not in data:
        return data, []
    lines, record, quoted, found = data.split(b"\n"), 1, False, []
    for i, line in enumerate(lines):
        if not quoted and line.removeprefix(b'"').startswith(sign):
            lines[i] = b""
            found.append(record)
        else:
            quoted ^= line.count(b'"') % 2 == 1
        record += not quoted
    return b"\n".join(lines), found


def _is_comment(data: bytes, start: int, sign: bytes) -> bool:
    """Whether the line that starts there begins with the sign, in quotation marks or not, or is blank; never without a sign."""
    begins = start + 1 if data.startswith(b'"', start) else start
    return bool(sign) and (data.startswith(b"\n", start) or data.startswith(sign, begins))


def _without_rows_below(data: bytes, found: _Found, n: int) -> tuple[bytes, np.ndarray]:
    """The records without the last n that hold anything."""
    given = np.flatnonzero(found.cells)
    if n == 0 or len(given) <= n:
        return data, found.cells
    last = given[-n - 1]
    return data[: found.ends[last] + 1], found.cells[: last + 1]


def _delimiter(data: bytes) -> str:
    """Of the first record; where that has one cell, of the next, by which it will be seen to be a title."""
    first = _first_record(data)
    sign = first_sign(first)
    alone = len(next(csv.reader(io.StringIO(first, newline=""), delimiter=sign), [])) < 2
    behind = data[data.find(b"\n", data.find(first.rstrip("\n").encode("utf-8"))) :][:1_000_000] if alone else b""
    return first_sign(_first_record(behind)) if behind.strip(b"\n") else sign


def first_sign(first: str) -> str:
    """The sign that parts a record into most cells; the comma where none does."""
    counts = {sign: len(next(csv.reader(io.StringIO(first, newline=""), delimiter=sign), [])) for sign in DELIMITERS}
    return max(DELIMITERS, key=lambda sign: counts[sign])


def _first_record(data: bytes) -> str:
    """The first line that is not blank, longer where a quotation stays open in it."""
    start = len(data) - len(data.lstrip(b"\n"))
    end = start
    while end < len(data):
        end = data.find(b"\n", end) + 1 or len(data)
        if data.count(b'"', start, end) % 2 == 0:
            break
    return data[start:end].decode("utf-8")


@dataclass(frozen=True, slots=True)
class _Found:
    """cells: of each record, 0 for a blank line. ends: of each record in the bytes. stray: a quotation mark stands where it
    neither opens nor closes a cell, so that the count is not to be trusted."""

    cells: np.ndarray
    ends: np.ndarray
    stray: bool


def _cells(data: bytes, delimiter: str) -> _Found:
    signs = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(signs == _LINE_FEED)
    parts = np.flatnonzero(signs == ord(delimiter))
    marks = np.flatnonzero(signs == _QUOTE)
    stray = len(marks) % 2 == 1 or _is_stray(signs, marks, delimiter)
    if len(marks):
        ends, parts = (where[np.searchsorted(marks, where) % 2 == 0] for where in (ends, parts))
    cells = np.diff(np.searchsorted(parts, ends), prepend=0) + 1
    return _Found(np.where(np.diff(ends, prepend=-1) == 1, 0, cells), ends, stray)


def _is_stray(signs: np.ndarray, marks: np.ndarray, delimiter: str) -> bool:
    """Marks alternate: the first opens, the second closes. An opening one stands at the start of a cell or right behind a
    closing one (a doubled mark), a closing one at the end of a cell or right before an opening one."""
    border = np.zeros(256, dtype=bool)
    border[[ord(delimiter), _LINE_FEED, _QUOTE]] = True
    opening, closing = marks[::2], marks[1::2]
    ahead = signs[np.maximum(opening - 1, 0)]
    behind = signs[np.minimum(closing + 1, len(signs) - 1)]
    return not (border[ahead] | (opening == 0)).all() or not border[behind].all()


def _rewritten(file: str, data: bytes, delimiter: str) -> bytes:
    """The same cells with quotation marks where the rules want them, for files that were written by hand."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    text = io.StringIO(data.decode("utf-8") + _END, newline="")
    row: list[str] = []
    try:
        for row in csv.reader(text, delimiter=delimiter):
            if row != [_END]:
                writer.writerow(row)
    except csv.Error:
        row = []
    if row != [_END]:
        raise DataError(Fault(file, "quotation", "a quotation mark opens a cell and is never closed; close it or leave it out"))
    return out.getvalue().encode("utf-8")


def _without_blank_lines(data: bytes, cells: np.ndarray, delimiter: str) -> tuple[bytes, np.ndarray]:
    """Blank lines at the start and the end left out (cells: of the records between them); one between two rows becomes a row of
    empty cells, so that the rows behind it keep their numbers."""
    data = data.strip(b"\n") + b"\n"
    if (cells > 0).all():
        return data, cells
    empty = [""] * int(cells[0])
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for row in csv.reader(io.StringIO(data.decode("utf-8"), newline=""), delimiter=delimiter):
        writer.writerow(row or empty)
    return out.getvalue().encode("utf-8"), np.where(cells == 0, len(empty), cells)


def _ragged(file: str, cells: np.ndarray, above: int, commented: bool, form: FileForm) -> list[Fault]:
    """Rows that are longer or shorter than the header, by their count of cells. above: lines above the header."""
    width = int(cells[0])
    faults: list[Fault] = []
    wrong = np.flatnonzero(cells != width)
    if form.header_row is None and len(wrong) > max(3, 0.8 * (len(cells) - 1)) and int(np.median(cells)) > width:
        return [_no_header(file, cells, above, commented, form)]
    for n in dict.fromkeys(cells[wrong].tolist()):
        rows = np.flatnonzero(cells == n) + above + 1
        held = f"{n} cell{'s' if n > 1 else ''}"
        message = f"the row has {held}, the header {width}; look for a missing or an unquoted delimiter, such as a decimal comma"
        faults += row_faults([(int(row), None) for row in rows], "row length", message, file)
    return faults


def _no_header(file: str, cells: np.ndarray, above: int, commented: bool, form: FileForm) -> Fault:
    """The first row is shorter than nearly all rows: it is a title, or a comment."""
    width = int(np.median(cells))
    row = int(np.flatnonzero(cells == width)[0]) + above + 1
    held = f"{int(cells[0])} cell{'s' if cells[0] > 1 else ''}"
    remedy = 'comment: "#"' if commented else f"header_row: {row}"
    message = f"the row has {held} and most rows below it {width}, so it is not the row of column names; row {row} may be: "
    message += f"write {form.line(remedy)} under data, or delete the rows above the names"
    return Fault(f"{file}, row {above + 1}", "header", message)
