"""PostgreSQL as an engine: one connection, one repeatable-read transaction, every relation a temporary table that goes with it.

What is needed of the database: to connect, to read the tables, to make temporary tables. Nothing else is written.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from equipoise.engine.base import Engine, EngineError
from equipoise.engine.dialect import bound, parsed, transpile, written
from equipoise.engine.postgres_dialect import names_of, small
from equipoise.engine.postgres_session import begin, function_texts, kind_of, lost, refused
from equipoise.engine.tables import tables_of
from equipoise.engine.text import quote

STORED = {
    "int2": "BIGINT", "int4": "BIGINT", "int8": "BIGINT", "float4": "DOUBLE", "float8": "DOUBLE", "numeric": "DOUBLE",
    "bool": "BOOLEAN", "date": "DATE", "timestamp": "TIMESTAMP", "timestamptz": "TIMESTAMPTZ", "text": "VARCHAR",
    "varchar": "VARCHAR", "bpchar": "VARCHAR", "name": "VARCHAR",
}  # fmt: skip
MADE = STORED | {"int2": "SMALLINT", "int4": "INTEGER", "numeric": "HUGEINT"}
BYTES = 'text collate "C"'
TAKEN = {"f": "double precision", "i": "bigint", "u": "bigint", "b": "boolean"}
KIND_OF = {
    16: "BOOLEAN", 20: "BIGINT", 21: "SMALLINT", 23: "INTEGER", 700: "DOUBLE", 701: "DOUBLE", 1082: "DATE", 1700: "HUGEINT",
}  # fmt: skip
NUMBERS = ("BIGINT", "SMALLINT", "INTEGER", "HUGEINT", "DOUBLE")
ANALYZED = 500  # rows from which on the planner is told what a relation holds
BYTEWISE = 950  # the collation "C"


class PostgresEngine(Engine):
    """The temporary tables of one transaction. Raises EngineError, whose kind is a sentence, where the database cannot be reached
    or the user may not make temporary tables."""

    connected = True

    def __init__(self, address: str) -> None:
        super().__init__()
        self._connection = begin(address)
        self._names: dict[str, dict[str, str]] = {}  # relation -> column as the server holds it -> as it was given

    def _create(self, name: str, sql: str) -> None:
        fresh = f"{name}_fresh" if name in self._names else name
        text, names = self._said(sql, name)
        count = self._run(f"create temp table {_name(fresh)} on commit drop as {text}", name).rowcount
        there = self._settle(fresh, count)
        if fresh != name:
            self.drop(name)
            self._run(f"alter table {_name(fresh)} rename to {_name(name)}", name)
        self._names[name] = {c: names.get(c, c) for c in there}

    def _settle(self, name: str, count: int) -> list[str]:
        """Text in a collation of the database is given that of bytes; the planner is told what is there. Gives the columns."""
        sql = "select attname, attcollation from pg_attribute where attrelid = to_regclass(%s) and attnum > 0 order by attnum"
        found = self._run(sql, given=(f"pg_temp.{_name(name)}",)).fetchall()
        other = [c for c, collation in found if collation not in (0, BYTEWISE)]
        if other:
            changes = ", ".join(f'alter column {quote(c)} type text collate "C"' for c in other)
            self._run(f"alter table {_name(name)} {changes}", name)
        if count >= ANALYZED:
            self._run(f"analyze {_name(name)}", name)
        return [c for c, _ in found]

    def _view(self, name: str, sql: str) -> None:
        text, names = self._said(sql, name)
        self._run(f"create or replace temp view {_name(name)} as {text}", name)
        self._names[name] = names

    def drop(self, name: str) -> None:
        self._run(f"drop table {_name(name)}", name)
        self._names.pop(name, None)

    def take(self, name: str, columns: Any) -> None:
        if not isinstance(columns, Mapping):
            raise EngineError("files are not read into this engine", name)
        fields = [f"{_name(c)} {TAKEN.get(v.dtype.kind, BYTES)}" for c, v in columns.items()]
        self._run(f"create temp table {_name(name)} ({', '.join(fields)}) on commit drop", name)
        with self._connection.cursor().copy(f"copy {_name(name)} from stdin") as into:
            for row in zip(*(_cells(v) for v in columns.values()), strict=True):
                into.write_row(row)
        self._names[name] = {small(c): c for c in columns if small(c) != c}

    def columns(self, name: str) -> dict[str, str]:
        sql = (
            "select attname, typname from pg_attribute join pg_type on pg_type.oid = atttypid "
            "where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped order by attnum"
        )
        found = self._run(sql, name, (f"pg_temp.{_name(name)}",)).fetchall()
        if not found:
            raise EngineError("there is no such relation", name)
        return {self._names[name].get(c, c): MADE.get(kind, "OTHER") for c, kind in found}

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple]:
        text, names = self._said(sql, given=parameters)
        cursor = self._run(text)
        found = cursor.fetchall()
        columns = [names.get(d.name, d.name) for d in cursor.description]
        self.note(bound(sql, parameters) if parameters else sql, columns, len(found))
        return found

    def fetch(self, sql: str) -> dict[str, np.ndarray]:
        text, names = self._said(sql)
        cursor = self._run(text)
        described = cursor.description or ()
        found = list(zip(*cursor.fetchall(), strict=True)) or [()] * len(described)
        kinds = [_kind_of(d.type_code) for d in described]
        columns = {names.get(d.name, d.name): _array(v, k) for d, v, k in zip(described, found, kinds, strict=True)}
        self.note(sql, list(columns), len(found[0]) if found else 0)
        return columns

    def reads(self, sql: str) -> tuple[str, ...]:
        return tables_of(sql)

    def content_hash(self, name: str) -> str:
        """Rows are hashed one by one and the hashes added up in four parts, which no order changes."""
        cells = ", ".join(_name(c) for c in self.columns(name) if c != "source_row")
        hashed = f"select encode(sha256(convert_to(row({cells})::text, 'UTF8')), 'hex') as h from {_name(name)} offset 0"
        parts = ", ".join(f"sum(('x' || substr(h, {1 + 16 * i}, 15))::bit(60)::bigint)" for i in range(4))
        found = self._run(f"select count(*), {parts} from ({hashed}) as each_row").fetchone()
        return hashlib.sha256(" ".join(map(str, found)).encode()).hexdigest()

    def stored(self, schema: str) -> dict[str, dict[str, str]]:
        sql = (
            "select relname, attname, coalesce(base.typname, type.typname) from pg_class "
            "join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped "
            "join pg_type type on type.oid = atttypid left join pg_type base on base.oid = nullif(type.typbasetype, 0) "
            "where relnamespace = (select oid from pg_namespace where nspname = %s) and relkind in ('r', 'v', 'm', 'f', 'p') "
            'order by relname collate "C", attnum'
        )
        found: dict[str, dict[str, str]] = {}
        for table, column, kind in self._run(sql, given=(schema,)).fetchall():
            found.setdefault(table, {})[column] = STORED.get(kind, "OTHER")
        return found

    def software(self) -> dict[str, str]:
        return {"PostgreSQL": self._connection.execute("show server_version").fetchone()[0].split()[0]}

    def spoken(self, sql: str) -> str:
        return transpile(sql, "postgres", pretty=True)

    def named(self, name: str) -> str:
        return _name(name)

    def preamble(self, statement: str) -> str:
        return "".join(f"{text};\n\n" for text in function_texts(statement))

    def close(self) -> None:
        self._connection.close()

    def _said(self, sql: str, name: str = "", given: Sequence[Any] = ()) -> tuple[str, dict[str, str]]:
        """A statement for the server, and how its columns were named."""
        try:
            sql = bound(sql, given) if given else sql
            text, own = _postgres(sql)
            reads = tables_of(sql)
        except Exception as error:  # of the parsers, whose text may quote a value
            raise EngineError(type(error).__name__, name, str(error)) from None
        names: dict[str, str] = {}
        for relation in reads:
            for column, given_as in self._names.get(relation, {}).items():
                names[column] = given_as if names.get(column, given_as) == given_as else column
        return text, names | own

    def _run(self, sql: str, name: str = "", given: Sequence[Any] | None = None) -> Any:
        """One statement behind a savepoint, so that one that is refused leaves the transaction as it was."""
        try:
            with self._connection.transaction():
                return self._connection.execute(sql, given)
        except lost() as error:
            if self._connection.closed or self._connection.broken:
                raise refused(error) from None
            raise EngineError(kind_of(error), name, str(error)) from None


@functools.lru_cache(4096)
def _postgres(sql: str) -> tuple[str, dict[str, str]]:
    tree = parsed(sql)
    names = names_of(tree)
    return written(tree, "postgres"), names


def _name(name: str) -> str:
    return quote(small(name))


def _cells(values: np.ndarray) -> list[Any]:
    if values.dtype.kind == "f":
        return [None if np.isnan(v) else v for v in values.tolist()]
    return [None if v is None else str(v) for v in values] if values.dtype.kind not in "biu" else values.tolist()


def _kind_of(oid: int) -> str:
    return KIND_OF.get(oid, "OTHER")


def _array(found: Sequence[Any], kind: str) -> np.ndarray:
    if kind in NUMBERS:
        return np.array([np.nan if v is None else v for v in found], dtype=float)
    if kind == "BOOLEAN" and None not in found:
        return np.array(found, dtype=bool)
    out = np.empty(len(found), dtype=object)
    out[:] = found
    return out
