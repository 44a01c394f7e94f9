"""A sheet of a workbook (xlsx, xls, ods) as columns. Before a sheet of xlsx is laid out its text is scanned, so that a far cell
cannot claim all memory, and error cells and formulas without a value are told from empty ones."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

from equipoise.data.cells import as_text
from equipoise.data.check import row_faults
from equipoise.data.delimited import joined_names
from equipoise.data.error_cells import Range, error_cells, extents, merged_cells
from equipoise.engine.files import text_array
from equipoise.errors import DataError, Fault
from equipoise.protocol.file_form import PLAIN, FileForm

ERROR = "the cell holds an error of the spreadsheet program, such as #DIV/0!; correct or empty it"
MOST_CELLS = 50_000_000  # rows times columns up to the last cell
MOST_BYTES = 4 << 30  # of a sheet, unpacked
_ROW = re.compile(rb'<row\b[^>]*?\br="(\d{1,7})"')
_FAR_COLUMN = re.compile(rb'<c\b[^>]*?\br="([A-Z]{2,3})\d{1,7}"')
_ERROR = re.compile(rb'<c\b(?=[^>]*\bt="e")[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*>')
_UNCOMPUTED = re.compile(
    rb'<c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>'
)
_NAMESPACE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """names: of the columns. columns: the cells below them, as float (nan for empty) or text (None for empty). first_row: row
    number of the first of them in the sheet."""

    names: list[str]
    columns: list[np.ndarray]
    first_row: int = 2


def read_sheet(file: str, data: bytes, sheet: str | None, form: FileForm = PLAIN) -> Sheet:
    """The named sheet, or the first. Raises DataError for cells that hold an error, a formula that nobody computed, and merged
    cells whose meaning the form does not say."""
    rows, merged = sheet_rows(file, data, sheet)
    given = [i for i, row in enumerate(rows) if not _is_empty(row)] if form.rows_below else []
    if len(given) > form.rows_below > 0:
        del rows[given[-form.rows_below] :]
    above = form.header_row - 1 if form.header_row else next((i for i, r in enumerate(rows) if not _is_empty(r)), 0)
    if form.header_row is None and above < len(rows):
        _refuse_title(file, rows, above, form)
    first = above + form.header_rows
    heads = [[as_text(cell) or "" for cell in row] for row in rows[above:first]]
    if len(heads) < form.header_rows:
        return Sheet([], [])
    _fill(file, rows, [r for r in merged if r[0][0] >= first], form)
    cells = list(zip(*rows[first:], strict=True)) or [()] * len(heads[0])
    return Sheet(_names(heads, [r for r in merged if r[0][0] == above]), [_column(c) for c in cells], first + 1)


def _names(heads: list[list[str]], merged: list[Range]) -> list[str]:
    """Of two rows in which the names of groups are merged over their columns, these columns alone belong to the group."""
    spans = [r for r in merged if r[1][1] > r[0][1]]
    if len(heads) < 2 or not spans:
        return joined_names(heads)
    groups = list(heads[0])
    for (_, left), (_, right) in spans:
        groups[left : right + 1] = [heads[0][left]] * (min(right + 1, len(groups)) - left)
    return [
        " ".join(part for part in (group.strip(), name.strip()) if part) for group, name in zip(groups, heads[1], strict=True)
    ]


def _refuse_title(file: str, rows: list[list[Any]], above: int, form: FileForm) -> None:
    """Raises DataError where the first row holds one cell and the rows below it hold more: it is a title."""
    filled = [sum(as_text(cell) is not None for cell in row) for row in rows[above : above + 40]]
    below = [n for n in filled[1:] if n > 1]
    if filled[0] > 1 or 2 * len(below) <= len([n for n in filled[1:] if n]):
        return
    row = above + 1 + next(i for i, n in enumerate(filled) if n > 1)
    message = f"the row has 1 cell and most rows below it {max(below)}, so it is not the row of column names; row {row} may be: "
    message += f"write {form.line(f'header_row: {row}')} under data, or delete the rows above the names"
    raise DataError(Fault(f"{file}, row {above + 1}", "header", message))


def sheet_names(file: str, data: bytes, hidden: bool = False) -> list[str]:
    """The sheets of a workbook, those with charts alone left out, and hidden ones where another is shown.
    hidden: all of those."""
    import python_calamine

    _refuse_repeated(file, data)
    with _library(file):
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        charts = {s.name for s in book.sheets_metadata if s.typ != python_calamine.SheetTypeEnum.WorkSheet}
        shown = {s.name for s in book.sheets_metadata if s.visible == python_calamine.SheetVisibleEnum.Visible}
        tables = [name for name in book.sheet_names if name not in charts]
        return tables if hidden else [name for name in tables if name in shown] or tables


def sheet_rows(file: str, data: bytes, sheet: str | None) -> tuple[list[list[Any]], list[Range]]:
    """The rows of the named sheet, or of the first, up to the last that holds anything, and its merged cells in their order; row
    1 of the sheet is the first. Of merged cells the first holds the value."""
    import python_calamine

    _refuse_repeated(file, data)
    with _library(file):
        workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = list(workbook.sheet_names)
    if not names:
        raise DataError(Fault(file, "sheet", "the file holds no sheet"))
    if sheet is not None and sheet not in names:
        raise DataError(Fault(file, "sheet", f"there is no sheet '{sheet}'; the file holds {', '.join(names)}"))
    wanted = sheet or names[0]
    with _library(file):
        text = _sheet_text(file, data, wanted)
        errors = error_cells(data, wanted) if text is None else []
    faults = _error_faults(file, errors) if text is None else _sheet_faults(file, text, wanted)
    if faults:
        raise DataError(faults)
    with _library(file):
        laid_out = workbook.get_sheet_by_name(wanted)
        rows = laid_out.to_python(skip_empty_area=False)
        merged = laid_out.merged_cell_ranges or merged_cells(data, wanted)
    while rows and _is_empty(rows[-1]):
        rows.pop()
    return rows, [r for r in sorted(merged) if r[1][0] < len(rows)]


def _refuse_repeated(file: str, data: bytes) -> None:
    """Raises DataError for sheets of an ods that a few bytes make too large; to open the book lays out them all."""
    with _library(file):
        claimed = extents(data)
    faults = [fault for sheet, cells in claimed.items() for fault in _far_faults(file, sheet, *cells)]
    if faults:
        raise DataError(faults)


@contextmanager
def _library(file: str) -> Iterator[None]:
    """What the libraries raise, as a sentence; their text may quote a row, so only the type is kept."""
    try:
        yield
    except (DataError, MemoryError):
        raise
    except BaseException as error:  # a fault of their compiled part is no Exception
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        message = f"the file cannot be read as {Path(file).suffix[1:]} ({type(error).__name__}); open and save it again"
        raise DataError(Fault(file, "unreadable", message)) from None


def _error_faults(file: str, cells: list[tuple[int, int]]) -> list[Fault]:
    faults: list[Fault] = []
    for column in sorted({c for _, c in cells}):
        faults += row_faults([(row + 1, None) for row, c in cells if c == column], "error cell", ERROR, file, _letters(column))
    return faults


def _is_empty(row: list[Any]) -> bool:
    return all(as_text(cell) is None for cell in row)


def _fill(file: str, rows: list[list[Any]], merged: list[Range], form: FileForm) -> None:
    """Merged cells below the header filled with what the first holds where the form says so, else a fault."""
    for (top, left), (bottom, right) in merged:
        if top >= len(rows) or left >= len(rows[top]) or as_text(rows[top][left]) is None:
            continue
        if form.merged is None:
            how = f"down to row {bottom + 1}" if bottom > top else f"over columns {_letters(left)} to {_letters(right)}"
            message = f"cells are merged {how}; where the value of the first holds for all of them, write "
            message += f"{form.line('merged: fill')} under data, else part the cells"
            raise DataError(Fault(f"{file}, row {top + 1}, column {_letters(left)}", "merged cells", message))
        for row in rows[top : bottom + 1]:
            row[left : right + 1] = [rows[top][left]] * (min(right + 1, len(row)) - left)


def _letters(column: int) -> str:
    """A, B ... Z, AA ... of a column that is counted from 0."""
    found = ""
    while column >= 0:
        column, rest = divmod(column, 26)
        found, column = chr(65 + rest) + found, column - 1
    return found


def _column(cells: tuple[Any, ...]) -> np.ndarray:
    if all(isinstance(c, int | float) and not isinstance(c, bool) or c in (None, "") for c in cells):
        return np.array([np.nan if c in (None, "") else c for c in cells], dtype=float)
    return text_array([as_text(c) for c in cells])


def _far_faults(file: str, sheet: str, row: int, column: int) -> list[Fault]:
    if row * column <= MOST_CELLS:
        return []
    message = f"the sheet '{sheet}' claims {row:,} rows and {column:,} columns; delete the cell far from the data, or "
    return [Fault(file, "far cell", f"{message}copy the data to a new sheet")]


def _sheet_faults(file: str, text: bytes, sheet: str) -> list[Fault]:
    faults = _far_faults(file, sheet, *_last_cell(text))
    if faults:
        return faults
    formula = "the formula has no computed value; open the file and save it, or paste values"
    for pattern, rule, message in ((_ERROR, "error cell", ERROR), (_UNCOMPUTED, "formula", formula)):
        found = pattern.findall(text)
        for column in sorted({c for c, _ in found}, key=lambda c: (len(c), c)):
            rows = [(int(row), None) for c, row in found if c == column]
            faults += row_faults(rows, rule, message, file, column.decode())
    return faults


def _last_cell(text: bytes) -> tuple[int, int]:
    """The number of the last row, and of the last column where it lies beyond Z (else 26). Rows stand in their order."""
    start = text.rfind(b"<row")
    last = _ROW.match(text, start) if start >= 0 else None
    row = int(last[1]) if last else len(_ROW.findall(text))
    return row, max((_number_of(letters) for letters in set(_FAR_COLUMN.findall(text))), default=26)


def _number_of(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _sheet_text(file: str, data: bytes, sheet: str) -> bytes | None:
    """The sheet's own part of the file; None where the parts are not named as in xlsx."""
    if not data.startswith(b"PK"):
        return None
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        part = _part_of(archive, sheet)
        if part is None:
            return None
        if archive.getinfo(part).file_size > MOST_BYTES:
            raise DataError(
                Fault(file, "size", f"the sheet '{sheet}' is too large to be read as xlsx; save it as csv or parquet")
            )
        return archive.read(part)


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    names = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return None
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    identifier = next(
        (s.get(f"{_NAMESPACE}id") for s in book.iter() if s.tag.endswith("}sheet") and s.get("name") == sheet), None
    )
    for relation in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels")):
        if relation.get("Id") == identifier:
            target = str(relation.get("Target")).lstrip("/")
            part = target if target.startswith("xl/") else f"xl/{target}"
            return part if part in names else None
    return None
