"""The tables of the model in a schema of a database: what is read of them stays there, in the engine that runs there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from equipoise.data.omop.cdm import Cdm, Within
from equipoise.data.omop.tables import TABLES
from equipoise.data.stored import missing_table, stored_tables
from equipoise.engine import Engine, EngineError
from equipoise.engine.scan import over
from equipoise.errors import DataError, Fault
from equipoise.protocol.spec import Protocol

T = TypeVar("T")


class StoredCdm(Cdm):
    """there: table in small letters -> as the database calls it, its columns and what they hold."""

    def __init__(self, protocol: Protocol, engine: Engine) -> None:
        super().__init__(engine)
        self._protocol, self._schema = protocol, str(protocol.data.schema_)
        stored = stored_tables(protocol, engine)
        self._there = {name.lower(): (name, columns) for name, columns in stored.items() if name.lower() in TABLES}
        self._all = list(stored)

    def columns(self, table: str) -> Mapping[str, tuple[str, str]] | None:
        if table not in self._there:
            return None
        return {name.lower(): (name, kind) for name, kind in self._there[table][1].items()}

    def rows(self, table: str, sql: str) -> list[tuple]:
        return self._read(table, lambda: self.engine.rows(over(self._name(table), sql)))

    def put(self, name: str, table: str, fields: Mapping[str, str], within: tuple[Within, ...]) -> None:
        cells = ",\n  ".join(f"{sql} as {column}" for column, sql in fields.items())
        where = "\n  and ".join(f"{fields[w.column]} in {w.sql}" for w in within)
        sql = f"select\n  {cells}\nfrom {self._name(table)}{f'{chr(10)}where {where}' if where else ''}"
        self._read(table, lambda: self.engine.define_base(name, sql, sql))

    def place(self, table: str) -> str:
        return f"{self._schema}.{self._there[table][0]}"

    def hash(self, table: str, name: str) -> str:
        return self._read(table, lambda: self.engine.content_hash(name))

    def missing(self, table: str) -> Fault:
        return missing_table(self._protocol, table, self._all)

    def _name(self, table: str) -> str:
        return self.engine.stored_name(self._schema, self._there[table][0])

    def _read(self, table: str, doing: Callable[[], T]) -> T:
        try:
            return doing()
        except EngineError as error:
            message = f"the table cannot be read ({error.kind})"
            raise DataError(Fault(self.place(table), "unreadable", message)) from None
