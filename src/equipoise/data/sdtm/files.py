"""A domain as a table: SAS transport and native files, csv and the other forms."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from equipoise.data.alone import alone, keep_copy
from equipoise.data.read import RawTable, read_table
from equipoise.engine import Engine
from equipoise.protocol.file_form import TableForm

SAS = (".xpt", ".sas7bdat")
KINDS = (".csv", ".parquet", *SAS, ".xlsx")


def read_domain(path: Path, engine: Engine, form: TableForm) -> RawTable:
    """One domain in an engine, column names in capitals. Raises DataError."""
    raw = read_table(path, form.sheet, engine=engine, name=path.stem.lower(), form=form)
    keep_copy(engine, path, alone(path.name, form), form, form.sheet)
    positions = {name.upper(): column for name, column in raw.positions.items()}
    return replace(raw, positions=positions, kinds={name.upper(): kind for name, kind in raw.kinds.items()})
