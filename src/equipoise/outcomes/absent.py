"""Tables of the contract that were not given."""

from __future__ import annotations

from equipoise.contract import TABLES
from equipoise.engine import Engine, quote


def define_absent(engine: Engine, *names: str) -> None:
    """Define tables of the contract that were not given as empty, so that the SQL runs."""
    for name in names:
        if not engine.has(name):
            engine.define(name, empty_sql(name), phase="outcomes")


def empty_sql(table: str) -> str:
    """The columns of a table of the contract and source_row, without a row."""
    fields = [f"cast(null as {c.sql_type}) as {quote(c.name)}" for c in TABLES[table].columns]
    return f"select {', '.join(fields)}, cast(null as bigint) as source_row where 1 = 0"
