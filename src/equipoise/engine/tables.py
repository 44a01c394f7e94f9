"""The tables that a SELECT reads."""

from __future__ import annotations

import functools

import duckdb


@functools.cache
def tables_of(sql: str) -> tuple[str, ...]:
    """Names of the tables a SELECT reads, by name, CTEs of its own excluded."""
    return tuple(sorted(duckdb.get_table_names(sql)))
