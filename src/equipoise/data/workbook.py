"""An xlsx sheet as columns. Before the sheet is laid out its text is scanned, so that a far cell cannot claim all memory and
error cells and formulas without a value are told from empty ones."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import numpy as np

from equipoise.data.cells import as_text
from equipoise.data.check import row_faults
from equipoise.engine.files import text_array
from equipoise.errors import DataError, Fault

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
    """names: cells of the first row. columns: the cells below it, as float (nan for empty) or text (None for empty)."""

    names: list[str]
    columns: list[np.ndarray]


def read_sheet(file: str, data: bytes, sheet: str | None) -> Sheet:
    """The named sheet, or the first. Raises DataError for cells that hold an error or a formula that nobody computed."""
    import python_calamine

    workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    names = list(workbook.sheet_names)
    if sheet is not None and sheet not in names:
        raise DataError(Fault(file, "sheet", f"there is no sheet '{sheet}'; the file holds {', '.join(names)}"))
    wanted = sheet or names[0]
    faults = _sheet_faults(file, data, wanted)
    if faults:
        raise DataError(faults)
    rows = workbook.get_sheet_by_name(wanted).to_python(skip_empty_area=False)
    while rows and all(as_text(cell) is None for cell in rows[-1]):
        rows.pop()
    if not rows:
        return Sheet([], [])
    cells = list(zip(*rows[1:], strict=True)) or [()] * len(rows[0])
    return Sheet([as_text(cell) or "" for cell in rows[0]], [_column(c) for c in cells])


def _column(cells: tuple[Any, ...]) -> np.ndarray:
    if all(isinstance(c, int | float) and not isinstance(c, bool) or c in (None, "") for c in cells):
        return np.array([np.nan if c in (None, "") else c for c in cells], dtype=float)
    return text_array([as_text(c) for c in cells])


def _sheet_faults(file: str, data: bytes, sheet: str) -> list[Fault]:
    text = _sheet_text(file, data, sheet)
    if text is None:
        return []
    last_row, last_column = _last_cell(text)
    if last_row * last_column > MOST_CELLS:
        message = (
            f"the sheet '{sheet}' claims {last_row:,} rows and {last_column:,} columns; delete the cell far from the data, or "
            "copy the data to a new sheet"
        )
        return [Fault(file, "far cell", message)]
    faults = []
    error = "the cell holds an error of the spreadsheet program, such as #DIV/0!; correct or empty it"
    formula = "the formula has no computed value; open the file and save it, or paste values"
    for pattern, rule, message in ((_ERROR, "error cell", error), (_UNCOMPUTED, "formula", formula)):
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
    """The sheet's own part of the file; None where the parts are not named as usual."""
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
