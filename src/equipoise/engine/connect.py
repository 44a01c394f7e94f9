"""Which engine runs: the embedded one for files, and that of a database for its address."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from equipoise.engine.base import Engine, EngineError
from equipoise.engine.duckdb import DuckDBEngine
from equipoise.engine.postgres import PostgresEngine
from equipoise.engine.spark import SparkEngine


def open_engine(address: str | None = None, folder: Path | None = None) -> Engine:
    """An engine without relations. address: of a database (postgresql://..., duckdb:///file, spark://...); None, an embedded
    engine with nothing in it. folder: where the file of a duckdb address and the
    folder of parquet files of a Spark one lie. Raises EngineError, whose kind is a sentence."""
    if address is None:
        return DuckDBEngine()
    scheme = urlsplit(address).scheme.lower()
    if scheme == "duckdb":
        return DuckDBEngine(duckdb_file(address, folder or Path()))
    if scheme in ("postgresql", "postgres"):
        return PostgresEngine(address)
    if scheme in ("spark", "sc"):
        return SparkEngine(address, folder)
    raise EngineError(f"there is no engine for {scheme}")


def duckdb_file(address: str, folder: Path = Path()) -> Path:
    """The file that an address of the embedded engine names: duckdb:///data.duckdb beside the protocol, duckdb:////data.duckdb
    from the root."""
    parts = urlsplit(address)
    return folder / unquote(parts.netloc + parts.path.removeprefix("/"))
