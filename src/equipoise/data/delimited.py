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
from equipoise.errors import DataError, Fault

DELIMITERS = (",", ";", "\t", "|")
_QUOTE, _LINE_FEED = 34, 10
_END = "\x1e"  # a record of our own behind the last: an open quotation would swallow it


@dataclass(frozen=True, slots=True)
class Delimited:
    """header: the cells of the first record. body: the records behind it, each with as many cells. first_row: row number of the
    first of them, as a user sees it in the file."""

    header: list[str]
    delimiter: str
    body: bytes
    first_row: int


def delimited(file: str, data: bytes) -> Delimited:
    """The file's structure. Raises DataError for bytes that are not UTF-8, an open quotation and ragged rows, all rows named."""
    data = _plain(file, data)
    delimiter = _delimiter(data)
    cells, stray = _cells(data, delimiter)
    if stray:
        data = _rewritten(file, data, delimiter)
        cells, _ = _cells(data, delimiter)
    given = np.flatnonzero(cells)
    if len(given) == 0:
        return Delimited([], delimiter, b"", 1)
    above = int(given[0])
    data, cells = _without_blank_lines(data, cells[above : given[-1] + 1], delimiter)
    faults = _ragged(file, cells, above)
    if faults:
        raise DataError(faults)
    first = _first_record(data)
    header = next(csv.reader(io.StringIO(first, newline=""), delimiter=delimiter))
    return Delimited(header, delimiter, data[len(first.encode("utf-8")) :], above + 2)


def _plain(file: str, data: bytes) -> bytes:
    """UTF-8 without a byte-order mark, line feeds between the lines and behind the last one."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = "the encoding is not UTF-8; save the file as 'CSV UTF-8'"
        raise DataError(Fault(f"{file}, line {line}", "encoding", message)) from None
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise DataError(Fault(f"{file}, line {line}", "encoding", "a NUL character stands in the file; save it as 'CSV UTF-8'"))
    data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return data if data.endswith(b"\n") or not data else data + b"\n"


def _delimiter(data: bytes) -> str:
    """The sign that parts the first record into most cells; the comma where none does."""
    first = _first_record(data)
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


def _cells(data: bytes, delimiter: str) -> tuple[np.ndarray, bool]:
    """Cells of each record, 0 for a blank line. Whether a quotation mark stands where it neither opens nor closes a cell: then
    the count is not to be trusted."""
    signs = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(signs == _LINE_FEED)
    parts = np.flatnonzero(signs == ord(delimiter))
    marks = np.flatnonzero(signs == _QUOTE)
    stray = len(marks) % 2 == 1 or _is_stray(signs, marks, delimiter)
    if len(marks):
        ends, parts = (where[np.searchsorted(marks, where) % 2 == 0] for where in (ends, parts))
    cells = np.diff(np.searchsorted(parts, ends), prepend=0) + 1
    return np.where(np.diff(ends, prepend=-1) == 1, 0, cells), stray


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


def _ragged(file: str, cells: np.ndarray, above: int) -> list[Fault]:
    """Rows that are longer or shorter than the header, by their count of cells. above: blank lines above the header."""
    width = int(cells[0])
    faults: list[Fault] = []
    wrong = np.flatnonzero(cells != width)
    for n in dict.fromkeys(cells[wrong].tolist()):
        rows = np.flatnonzero(cells == n) + above + 1
        held = f"{n} cell{'s' if n > 1 else ''}"
        message = f"the row has {held}, the header {width}; look for a missing or an unquoted delimiter, such as a decimal comma"
        faults += row_faults([(int(row), None) for row in rows], "row length", message, file)
    return faults
