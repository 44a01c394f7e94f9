"""SAS files: transport (xpt) and native (sas7bdat), through the optional extra."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from equipoise.data.cells import as_text
from equipoise.data.read import RawTable, read_bytes, read_table, table_of
from equipoise.engine import Engine
from equipoise.engine.files import sealed, text_array
from equipoise.errors import DataError, Fault

SAS = (".xpt", ".sas7bdat")
KINDS = (".csv", ".parquet", *SAS, ".xlsx")


def read_domain(path: Path, engine: Engine) -> RawTable:
    """One domain in an engine, column names in capitals. Raises DataError."""
    if path.suffix.lower() in SAS:
        return _read_sas(path, engine)
    raw = read_table(path, engine=engine, name=path.stem.lower())
    positions = {name.upper(): column for name, column in raw.positions.items()}
    return replace(raw, positions=positions, kinds={name.upper(): kind for name, kind in raw.kinds.items()})


def _read_sas(path: Path, engine: Engine) -> RawTable:
    data = read_bytes(path)
    try:
        import pyreadstat
    except ImportError:
        message = "reading SAS files needs one more library: pip install 'equipoise[sas]', or save the file as csv or parquet"
        raise DataError(Fault(path.name, "missing extra", message)) from None
    try:
        read = pyreadstat.read_xport if path.suffix.lower() == ".xpt" else pyreadstat.read_sas7bdat
        with sealed(data) as bytes_as_read:
            frame, _ = read(bytes_as_read)
    except Exception as error:  # the library's text may quote a row, so only the type is kept
        message = f"the file cannot be read as {path.suffix[1:]} ({type(error).__name__}); export it again"
        raise DataError(Fault(path.name, "unreadable", message)) from None
    columns = {
        f"c{i}": text_array([None if cell != cell else as_text(cell) for cell in frame[name].tolist()])
        for i, name in enumerate(frame.columns)
    }
    relation = f"raw_file_{path.stem.lower()}"
    engine.take(relation, columns)
    names = [str(name).upper() for name in frame.columns]
    return table_of(path.name, engine, relation, names, hashlib.sha256(data).hexdigest(), first_row=1)
