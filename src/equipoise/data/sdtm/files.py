"""A domain as a table: SAS transport and native files, csv and the other forms."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from equipoise.data.read import RawTable, read_table
from equipoise.engine import Engine

SAS = (".xpt", ".sas7bdat")
KINDS = (".csv", ".parquet", *SAS, ".xlsx")


def read_domain(path: Path, engine: Engine) -> RawTable:
    """One domain in an engine, column names in capitals. Raises DataError."""
    raw = read_table(path, engine=engine, name=path.stem.lower())
    positions = {name.upper(): column for name, column in raw.positions.items()}
    return replace(raw, positions=positions, kinds={name.upper(): kind for name, kind in raw.kinds.items()})
