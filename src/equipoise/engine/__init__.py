"""The SQL engine: what it does (`base`), which one runs (`connect`), the embedded one (`duckdb`), files as its columns (`files`),
our SQL for other engines (`dialect`), names and values as SQL text (`text`), relations made again of other patients (`scope`).
Nowhere else is an engine imported."""

from equipoise.engine.base import Engine, EngineError, Relation
from equipoise.engine.connect import duckdb_file, open_engine
from equipoise.engine.duckdb import DuckDBEngine, evaluate
from equipoise.engine.scope import Scope
from equipoise.engine.tables import tables_of
from equipoise.engine.text import applied, as_number, comment, empty_table, listed, literal, named_file, quote, read_sql, values

__all__ = [
    "DuckDBEngine",
    "Engine",
    "EngineError",
    "Relation",
    "Scope",
    "applied",
    "as_number",
    "comment",
    "duckdb_file",
    "empty_table",
    "evaluate",
    "listed",
    "literal",
    "named_file",
    "open_engine",
    "quote",
    "read_sql",
    "tables_of",
    "values",
]
