"""The SQL engine: what it does (`base`), the embedded one (`duckdb`), files as its columns (`files`), names and values as SQL
text (`text`), relations made once more of other patients (`scope`). Nowhere else is an engine imported."""

from equipoise.engine.base import Engine, EngineError, Relation
from equipoise.engine.duckdb import DuckDBEngine, evaluate, tables_of
from equipoise.engine.scope import Scope
from equipoise.engine.text import applied, as_number, comment, empty_table, listed, literal, quote, read_sql, values

__all__ = [
    "DuckDBEngine",
    "Engine",
    "EngineError",
    "Relation",
    "Scope",
    "applied",
    "as_number",
    "comment",
    "empty_table",
    "evaluate",
    "listed",
    "literal",
    "quote",
    "read_sql",
    "tables_of",
    "values",
]
