"""SAS files: transport (xpt) and native (sas7bdat), through the optional extra."""

from __future__ import annotations

import hashlib
from pathlib import Path

from equipoise.data.read import RawTable, as_text, read_table
from equipoise.errors import DataError, Fault

SAS = (".xpt", ".sas7bdat")
KINDS = (".csv", ".parquet", *SAS, ".xlsx")


def read_domain(path: Path) -> RawTable:
    """One domain as text, column names in capitals. Raises DataError."""
    raw = _read_sas(path) if path.suffix.lower() in SAS else read_table(path)
    return RawTable(raw.file, {name.upper(): cells for name, cells in raw.columns.items()}, raw.sha256, raw.first_row)


def _read_sas(path: Path) -> RawTable:
    if not path.is_file():
        raise DataError(Fault(path.name, "file", f"there is no file {path.name} in {path.parent.name or '.'}/"))
    try:
        import pyreadstat
    except ImportError:
        message = "reading SAS files needs one more library: pip install 'equipoise[sas]', or save the file as csv or parquet"
        raise DataError(Fault(path.name, "missing extra", message)) from None
    try:
        read = pyreadstat.read_xport if path.suffix.lower() == ".xpt" else pyreadstat.read_sas7bdat
        frame, _ = read(str(path))
    except Exception as error:  # the library's text may quote a row, so only the type is kept
        message = f"the file cannot be read as {path.suffix[1:]} ({type(error).__name__}); export it again"
        raise DataError(Fault(path.name, "unreadable", message)) from None
    columns = {str(name): [None if cell != cell else as_text(cell) for cell in frame[name].tolist()] for name in frame.columns}
    return RawTable(path.name, columns, hashlib.sha256(path.read_bytes()).hexdigest(), first_row=1)
