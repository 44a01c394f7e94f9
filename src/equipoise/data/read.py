"""Read a csv, xlsx or parquet file into columns of text. Parsing is the libraries' work; nothing is interpreted here."""

from __future__ import annotations

import datetime as dt
import decimal
import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from equipoise.errors import DataError, Fault

SUFFIXES = (".csv", ".xlsx", ".parquet")


@dataclass(frozen=True, slots=True)
class RawTable:
    """A file as text. columns: name -> cells, None for empty. first_row: row number of the first data row as a user sees
    it in the file (2 under a header line)."""

    file: str
    columns: dict[str, list[str | None]]
    sha256: str
    first_row: int = 2

    @property
    def n_rows(self) -> int:
        return len(next(iter(self.columns.values()), []))


def read_table(path: Path, sheet: str | None = None) -> RawTable:
    """One file, cells trimmed, empty cells None, wholly empty rows dropped at the end only. Raises DataError."""
    if not path.is_file():
        raise DataError(Fault(path.name, "file", f"there is no file {path.name} in {path.parent.name or '.'}/"))
    suffix = path.suffix.lower()
    try:
        if suffix == ".csv":
            names, rows = _csv(path)
        elif suffix == ".parquet":
            names, rows = _parquet(path)
        elif suffix == ".xlsx":
            names, rows = _xlsx(path, sheet)
        else:
            raise DataError(Fault(path.name, "file type", f"cannot read '{suffix}'; use {', '.join(SUFFIXES)}"))
    except DataError:
        raise
    except Exception as error:  # the libraries raise many types; their text may quote a row, so only the type is kept
        raise DataError(
            Fault(
                path.name,
                "unreadable",
                f"the file cannot be read as {suffix[1:]} ({type(error).__name__}); open and save it again",
            )
        ) from None
    faults = _header_faults(path.name, names)
    if faults:
        raise DataError(faults)
    while rows and all(cell is None for cell in rows[-1]):
        rows.pop()
    columns = {name: [row[i] for row in rows] for i, name in enumerate(names) if name}
    return RawTable(path.name, columns, hashlib.sha256(path.read_bytes()).hexdigest())


def without_missing(table: RawTable, words: list[str]) -> RawTable:
    """The same table, empty wherever a cell holds one of the words that stand for an empty cell."""
    if not words:
        return table
    empty = set(words)
    columns = {name: [None if cell in empty else cell for cell in cells] for name, cells in table.columns.items()}
    return replace(table, columns=columns)


def _header_faults(file: str, names: list[str]) -> list[Fault]:
    given = [n for n in names if n]
    if not given:
        return [Fault(file, "header", "the first row holds no column names")]
    twice = sorted({n for n in given if given.count(n) > 1})
    return [Fault(f"{file}, row 1", "header", f"the column '{n}' stands twice; rename one") for n in twice]


def _csv(path: Path) -> tuple[list[str], list[list[str | None]]]:
    query = "select * from read_csv(?, all_varchar = true, header = false, null_padding = true, parallel = false)"
    with duckdb.connect(":memory:") as connection:
        rows = connection.execute(query, [str(path)]).fetchall()
    if not rows:
        return [], []
    names = [_text(cell) or "" for cell in rows[0]]
    names[0] = names[0].removeprefix("\ufeff")
    return names, [[_text(cell) for cell in row] for row in rows[1:]]


def _parquet(path: Path) -> tuple[list[str], list[list[str | None]]]:
    with duckdb.connect(":memory:") as connection:
        cursor = connection.execute("select * from read_parquet(?)", [str(path)])
        names = [d[0] for d in cursor.description]
        return names, [[_text(cell) for cell in row] for row in cursor.fetchall()]


def _xlsx(path: Path, sheet: str | None) -> tuple[list[str], list[list[str | None]]]:
    import python_calamine

    workbook = python_calamine.CalamineWorkbook.from_path(str(path))
    if sheet is not None and sheet not in workbook.sheet_names:
        known = ", ".join(workbook.sheet_names)
        raise DataError(Fault(path.name, "sheet", f"there is no sheet '{sheet}'; the file holds {known}"))
    rows = workbook.get_sheet_by_name(sheet or workbook.sheet_names[0]).to_python(skip_empty_area=False)
    if not rows:
        return [], []
    return [_text(cell) or "" for cell in rows[0]], [[_text(cell) for cell in row] for row in rows[1:]]


def _text(cell: Any) -> str | None:
    """A cell as text: whole floats without .0, dates as YYYY-MM-DD, booleans as true and false."""
    if cell is None:
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(sep=" ")
    if isinstance(cell, dt.date):
        return cell.isoformat()
    if isinstance(cell, decimal.Decimal):
        return format(cell.normalize(), "f")
    if isinstance(cell, float):
        return None if cell != cell else (str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell))
    return str(cell).strip() or None


as_text = _text
