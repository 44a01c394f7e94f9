"""SQL as the parser of the embedded engine reads it: its statements, and the tables that a SELECT reads.

A program that runs many studies says the same texts to each, and to parse one takes a third of the time that it runs over few
rows. So what a text was parsed to is kept, by the whole text, of which alone it is made; any connection may parse and execute it.
"""

from __future__ import annotations

from typing import TypeVar

import duckdb

Parsed = TypeVar("Parsed", bound=tuple)
KEPT = 1 << 11  # texts; those with values of a protocol come and go
_STATEMENTS: dict[str, tuple[duckdb.Statement, ...]] = {}
_TABLES: dict[str, tuple[str, ...]] = {}


def statements_of(sql: str, connection: duckdb.DuckDBPyConnection) -> tuple[duckdb.Statement, ...]:
    """The statements of a text. Raises duckdb.Error."""
    found = _STATEMENTS.get(sql)
    return found if found is not None else _keep(_STATEMENTS, sql, tuple(connection.extract_statements(sql)))


def tables_of(sql: str, connection: duckdb.DuckDBPyConnection | None = None) -> tuple[str, ...]:
    """Names of the tables a SELECT reads, by name, CTEs of its own excluded. Raises duckdb.Error. connection: one that is there
    already; else the one of this process, which takes some milliseconds to begin."""
    found = _TABLES.get(sql)
    return found if found is not None else _keep(_TABLES, sql, tuple(sorted((connection or duckdb).get_table_names(sql))))


def _keep(kept: dict[str, Parsed], sql: str, parsed: Parsed) -> Parsed:
    if len(kept) >= KEPT:
        kept.clear()
    kept[sql] = parsed
    return parsed
