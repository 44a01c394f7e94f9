"""The embedded engine: one DuckDB in memory, shut off from files and network, one statement a call."""

from __future__ import annotations

import functools
import hashlib
import itertools
import os
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from equipoise.engine.base import KINDS, Engine, EngineError, Relation, hashed_parts
from equipoise.engine.dialect import bound
from equipoise.engine.scratch import spilling
from equipoise.engine.tables import statements_of, tables_of
from equipoise.engine.text import literal, quote

# what a study's connection may not do, whatever a statement says; the lock comes last
CLOSED = (
    "set preserve_insertion_order = true",
    "set enable_progress_bar = false",  # what a program prints is its own
    "set autoinstall_known_extensions = false",
    "set autoload_known_extensions = false",
    "set python_enable_replacements = false",
    "set enable_external_access = false",
    "set lock_configuration = true",
)
WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT")
NUMBERS = (*WHOLE, "FLOAT", "DOUBLE", "DECIMAL")
UNITS = {"DATE": "D", "TIMESTAMP": "us", "TIMESTAMP_S": "us", "TIMESTAMP_MS": "us", "TIMESTAMP_NS": "us"}
INTERRUPTED = "Query interrupted"
STORE = "store"  # the database behind, where there is one
MAIN = "memory.main"
AT_A_TIME = 100_000  # most patients whose relations are made together, where only those that are kept must fit the memory
TOGETHER = 25_000  # patients whose relations are made together in any case; of more than these four groups and more are made


class DuckDBEngine(Engine):
    """One in-memory DuckDB and the relations defined in it; what does not fit goes to a scratch folder of the process. file: a
    database of DuckDB, which is read and never written. few: the rows are too few to be shared among threads, which cost more
    than they save where a statement takes a millisecond, or to be written anywhere; the answers are the same."""

    def __init__(self, file: Path | None = None, few: bool = False) -> None:
        super().__init__()
        self._connection = duckdb.connect(":memory:", config={"threads": 1} if few else {})
        self._file, self.connected = file, file is not None
        self._columns: dict[str, dict[str, str]] = {}  # of a relation, until it is made again
        if file is not None:
            self._attach(file)
        for setting in (*(() if few else spilling()), *CLOSED):
            self._connection.execute(setting)

    def _attach(self, file: Path) -> None:
        if not file.is_file():
            raise EngineError(f"there is no file {file.name} in {file.parent.name or '.'}/")
        try:
            self._connection.execute(f"attach {literal(str(file))} as {STORE} (read_only)")
        except duckdb.Error:
            message = f"{file.name} cannot be opened as a database of DuckDB; is it one, and is no other program writing it?"
            raise EngineError(message) from None

    def _create(self, name: str, sql: str) -> None:
        self._run(f"create or replace table {quote(name)} as {sql}", relation=name)

    def _view(self, name: str, sql: str) -> None:
        self._run(f"create or replace view {quote(name)} as {sql}", relation=name)

    def drop(self, name: str) -> None:
        self._run(f"drop table {quote(name)}", relation=name)

    def define_by_patient(self, steps: Mapping[str, str], kept: Collection[str], phase: str = "") -> None:
        """Of many patients: of some at a time, so that the relations between are held of few."""
        parts = self._parts()
        if len(parts) == 1:
            super().define_by_patient(steps, kept, phase)
            return
        read = dict.fromkeys(r for sql in steps.values() for r in self.reads(sql) if r not in steps)
        of_patients = [r for r in read if "patient_id" in self.columns(r)]
        for some in parts:  # what is temporary is read before what is not, by the same name
            try:
                for name in of_patients:
                    self._run(f"create temp view {quote(name)} as select * from {MAIN}.{quote(name)} where {some}", relation=name)
                for name, sql in steps.items():
                    self._run(f"create temp table {quote(name)} as {sql}", relation=name)
                for name in kept:
                    first = f"create or replace table {MAIN}.{quote(name)} as"
                    into = first if some == parts[0] else f"insert into {MAIN}.{quote(name)}"
                    self._run(f"{into} select * from temp.{quote(name)}", relation=name)
            finally:
                for name in steps:
                    self._run(f"drop table if exists temp.{quote(name)}")
                for name in of_patients:
                    self._run(f"drop view if exists temp.{quote(name)}")
        for name, sql in steps.items():
            self._made[name] = sql
            self.relations[name] = Relation(name, sql.strip(), phase)

    def _parts(self) -> list[str]:
        """Conditions on patient_id, of which exactly one holds for each patient, and each for at most AT_A_TIME of the cohort.

        Each group reads the tables whole where they lie in another order, so that there are no more groups than memory asks for.
        """
        n = self._run("select count(*) from cohort").fetchall()[0][0]
        size = min(AT_A_TIME, max(TOGETHER, -(-n // 4)))
        if n <= size:
            return ["true"]
        numbered = "select patient_id, row_number() over (order by patient_id) as nth from cohort"
        ends = f"select patient_id from ({numbered}) where nth % {size} = 0 and nth < {n} order by nth"
        last = [literal(patient) for (patient,) in self._run(ends).fetchall()]
        between = [f"patient_id > {low} and patient_id <= {high}" for low, high in itertools.pairwise(last)]
        return [f"patient_id <= {last[0]}", *between, f"patient_id > {last[-1]}"]

    def take(self, name: str, columns: Any) -> None:
        with self.given(columns) as taken:
            self.create(name, taken)

    @contextmanager
    def given(self, columns: Any) -> Iterator[str]:
        """A SELECT of columns, as `take` is given them, without a copy of their rows: for what is asked within the block."""
        self._connection.register("columns_given", columns if not isinstance(columns, Mapping) else _arrays(columns))
        try:
            yield _taken(columns)
        finally:
            self._connection.unregister("columns_given")

    def columns(self, name: str) -> dict[str, str]:
        if name not in self._columns:
            self._columns[name] = {r[0]: r[1] for r in self._run(f"describe {quote(name)}").fetchall()}
        return dict(self._columns[name])

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple]:
        cursor = self._run(sql, parameters)
        with sentences():
            found = cursor.fetchall()
        if self.connected and cursor.description:
            self.note(bound(sql, parameters) if parameters else sql, [d[0] for d in cursor.description], len(found))
        return found

    def fetch(self, sql: str) -> dict[str, np.ndarray]:
        cursor = self._run(sql)
        kinds = [str(d[1]).partition("(")[0] for d in cursor.description]
        with sentences():
            found = cursor.fetchnumpy()
        self.note(sql, list(found), len(next(iter(found.values()), ())))
        return {name: _array(found[name], kind) for name, kind in zip(found, kinds, strict=True)}

    def reads(self, sql: str) -> tuple[str, ...]:
        return tables_of(sql, self._connection)

    def stored(self, schema: str) -> dict[str, dict[str, str]]:
        where = "where database_name = ? and schema_name = ? order by table_name, column_index"
        sql = f"select table_name, column_name, data_type from duckdb_columns() {where}"
        found: dict[str, dict[str, str]] = {}
        for table, column, kind in self.rows(sql, [STORE, schema]):
            found.setdefault(table, {})[column] = stored_kind(kind)
        return found

    def content_hash(self, name: str) -> str:
        """sha256 of each row, added up in four parts, which no order changes and which no rows are sorted for."""
        cells = [part for c, kind in self.columns(name).items() if c != "source_row" for part in hashed_parts(c, kind)]
        parts = ", ".join(f"sum(cast('0x' || substr(h, {1 + 16 * i}, 15) as bigint))" for i in range(4))
        found = self.rows(
            f"select count(*), {parts} from (select sha256(concat({', '.join(cells)})) as h from {name}) as each_row"
        )[0]
        return hashlib.sha256(" ".join(str(n) for n in found).encode()).hexdigest()

    def preamble(self, statement: str) -> str:
        return "" if self._file is None else f"attach {literal(self._file.name)} as {STORE} (read_only);\n\n"

    def stored_name(self, schema: str, table: str) -> str:
        return f"{STORE}.{quote(schema)}.{quote(table)}"

    def close(self) -> None:
        self._connection.close()

    def _run(self, sql: str, parameters: Sequence[Any] = (), relation: str = "") -> duckdb.DuckDBPyConnection:
        self._columns.pop(relation, None)
        with sentences(relation):
            statements = statements_of(sql, self._connection)
            if len(statements) != 1:
                raise EngineError("more than one statement", relation)
            return self._connection.execute(statements[0], list(parameters) or None)


@contextmanager
def sentences(relation: str = "") -> Iterator[None]:
    """What DuckDB raises as what we raise: EngineError, and KeyboardInterrupt for a signal."""
    try:
        yield
    except duckdb.Error as error:
        raise EngineError(type(error).__name__, relation, str(error)) from None
    except RuntimeError as error:
        if str(error) != INTERRUPTED:
            raise
        raise KeyboardInterrupt from None  # a signal came while a statement ran, and its own exception is lost there


def evaluate(expression: str, columns: Mapping[str, np.ndarray]) -> np.ndarray | None:
    """A checked boolean expression over arrays of one length, as a bool array; unknown (null) is False. None where the values
    do not fit the expression, such as text that is compared with a number."""
    n = len(next(iter(columns.values()), ()))
    engine = _evaluator(os.getpid(), threading.get_ident())
    try:
        with engine.given({**columns, "_row": np.arange(n)}) as taken:
            found = engine.rows(f"select coalesce({expression}, false) from ({taken}) as given order by _row")
    except EngineError:
        return None
    return np.array([bool(r[0]) for r in found], dtype=bool)


@functools.lru_cache(8)
def _evaluator(process: int, thread: int) -> DuckDBEngine:
    """An engine for expressions alone, empty between them; none is shared by processes or threads. To begin one costs more than
    to evaluate."""
    return DuckDBEngine(few=True)


def _arrays(columns: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Names that no other name can clash with; text as objects."""
    return {f"c{i}": v if v.dtype.kind in "biuf" else v.astype(object) for i, v in enumerate(columns.values())}


def _taken(columns: Any) -> str:
    """The columns under their own names; nan is how an array of numbers says missing."""
    if not isinstance(columns, Mapping):
        return "select * from columns_given"
    fields = []
    for i, (name, array) in enumerate(columns.items()):
        cell = f"case when isnan(c{i}) then null else c{i} end" if array.dtype.kind == "f" else f"c{i}"
        cell = f"cast(c{i} as varchar)" if array.dtype.kind not in "biufM" else cell
        fields.append(f"{cell} as {quote(name)}")
    return f"select {', '.join(fields)} from columns_given"


def stored_kind(kind: str) -> str:
    """A type of DuckDB in the words of KINDS."""
    plain = kind.partition("(")[0]
    if plain in WHOLE and "HUGE" not in plain:
        return "BIGINT"
    if plain in NUMBERS:
        return "DOUBLE"
    if plain.startswith("TIMESTAMP"):
        return "TIMESTAMPTZ" if "TIME ZONE" in plain else "TIMESTAMP"
    return plain if plain in KINDS else "OTHER"


def _array(found: np.ndarray, kind: str) -> np.ndarray:
    missing = np.ma.getmaskarray(found) if isinstance(found, np.ma.MaskedArray) else None
    data = np.asarray(np.ma.getdata(found))
    if kind in NUMBERS:
        out = data.astype(float)
        if missing is not None:
            out[missing] = np.nan
        return out
    if kind == "BOOLEAN" and (missing is None or not missing.any()):
        return data.astype(bool)
    out = (data.astype(f"datetime64[{UNITS[kind]}]") if kind in UNITS else data).astype(object)
    if missing is not None:
        out[missing] = None
    return out
