"""Which engine runs: the embedded one for files, and that of a database for its address."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from equipoise.engine.base import Engine, EngineError
from equipoise.engine.duckdb import DuckDBEngine
from equipoise.engine.postgres import PostgresEngine
from equipoise.engine.spark import SparkEngine

FEW = 2 << 20  # bytes of all files together
PACKED = 8  # times smaller than as text, as parquet, workbooks and archives are
TEXT = (".csv", ".tsv", ".txt", ".json", ".ndjson")


def open_engine(address: str | None = None, folder: Path | None = None, files: Iterable[Path] | None = None) -> Engine:
    """An engine without relations. address: of a database (postgresql://..., duckdb:///file, spark://...); None, an embedded
    engine with nothing in it. folder: where the file of a duckdb address and the
    folder of parquet files of a Spark one lie. files: all that the embedded engine will be given, where that is known; of a
    small study it takes one thread. Raises EngineError, whose kind is a sentence."""
    if address is None:
        return DuckDBEngine(few=files is not None and hold_few(files))
    scheme = urlsplit(address).scheme.lower()
    if scheme == "duckdb":
        return DuckDBEngine(duckdb_file(address, folder or Path()))
    if scheme in ("postgresql", "postgres"):
        return PostgresEngine(address)
    if scheme in ("spark", "sc"):
        return SparkEngine(address, folder)
    raise EngineError(f"there is no engine for {scheme}")


def hold_few(files: Iterable[Path]) -> bool:
    """Whether files are too small for several threads and for a look of their own at each question."""
    return sum(map(_as_text, files)) <= FEW


def _as_text(file: Path) -> int:
    """About how many bytes a file holds, written as text; none, where there is no such file."""
    try:
        size = file.stat().st_size
    except OSError:
        return 0
    return size if file.suffix.lower() in TEXT else PACKED * size


def duckdb_file(address: str, folder: Path = Path()) -> Path:
    """The file that an address of the embedded engine names: duckdb:///data.duckdb beside the protocol, duckdb:////data.duckdb
    from the root."""
    parts = urlsplit(address)
    return folder / unquote(parts.netloc + parts.path.removeprefix("/"))
