"""Files as columns: DuckDB as a parser of csv and parquet, on a connection of its own that sees only the bytes it is given.

A parsed file is a stream of columns c0, c1, ... (names come apart), which an engine takes without a Python object per cell.
csv cells are text, trimmed, null where empty. Columns of parquet are text, double or bigint; dates are text YYYY-MM-DD.
"""

from __future__ import annotations

import functools
import os
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from equipoise.engine.base import EngineError
from equipoise.engine.duckdb import sentences
from equipoise.engine.text import BLANK, literal, quote

WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
REAL = ("FLOAT", "DOUBLE", "DECIMAL")
ZONED = ("TIMESTAMPTZ", "TIMESTAMPTZ_NS")
MOMENT = "moment"  # before one of a time zone, whose day depends on where one is; so it is no date
LONGEST_LINE = 64 << 20
SMALL = 1 << 20  # bytes; a stream begins three times, which costs more than the objects of so few cells
# Every sign that is trimmed, and some others: a cell without one at its ends, as nearly all are, is told ten times as fast.
MAY_BE_BLANK = r"[\x00-\x20\x7f-\x{a0}\pZ]"


class ColumnStream:
    """Columns on their way from a parser to an engine, read once."""

    def __init__(self, relation: duckdb.DuckDBPyRelation):
        self._relation = relation

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._relation.__arrow_c_stream__(requested_schema)


@contextmanager
def csv_columns(data: bytes, delimiter: str, n_columns: int) -> Iterator[ColumnStream | dict[str, np.ndarray]]:
    """The records of a csv without its header, each of n_columns cells; those of a small file as arrays. data: UTF-8 with line
    feeds, quotes doubled within quotes. Raises EngineError."""
    names = ", ".join(f"'c{i}': 'varchar'" for i in range(n_columns))
    cells = ", ".join(f"{_cell(f'c{i}')} as c{i}" for i in range(n_columns))
    options = f"auto_detect = false, header = false, delim = {literal(delimiter)}, quote = '\"', escape = '\"'"
    options += f", new_line = '\\n', all_varchar = true, max_line_size = {LONGEST_LINE}, strict_mode = true"
    with _parser(data) as (connection, path), sentences():
        sql = f"select {cells} from read_csv({literal(path)}, {options}, columns = {{{names}}})"
        yield ColumnStream(connection.sql(sql)) if len(data) > SMALL else _arrays(connection.execute(sql).fetchnumpy())


@contextmanager
def parquet_columns(data: bytes) -> Iterator[tuple[list[str], ColumnStream]]:
    """The names of a parquet file's columns and their cells. Raises EngineError."""
    with _parser(data) as (connection, path), sentences():
        read = f"read_parquet({literal(path)})"
        described = connection.execute(f"describe select * from {read}").fetchall()
        cells = ", ".join(f"{parquet_cell(quote(d[0]), d[1])} as c{i}" for i, d in enumerate(described))
        yield [d[0] for d in described], ColumnStream(connection.sql(f"select {cells} from {read}"))


def write_parquet(path: Path, columns: Mapping[str, np.ndarray]) -> None:
    """Columns as a parquet file: numbers as double with null for nan, all else as text. The same columns give the same bytes."""
    given = {f"c{i}": v if v.dtype.kind == "f" else v.astype(object) for i, v in enumerate(columns.values())}
    number, text = "case when isnan({0}) then null else {0} end", "cast({0} as varchar)"
    fields = [
        f"{(number if v.dtype.kind == 'f' else text).format(f'c{i}')} as {quote(name)}"
        for i, (name, v) in enumerate(columns.items())
    ]
    with duckdb.connect(":memory:") as connection, sentences():
        connection.execute("set threads = 1")
        connection.register("given", given)
        connection.execute(
            f"copy (select {', '.join(fields)} from given) to {literal(str(path))} (format parquet, compression zstd)"
        )
        connection.unregister("given")


def _arrays(found: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Columns of text with None for missing."""
    missing = np.array(None, dtype=object)
    return {name: np.where(np.ma.getmaskarray(column), missing, np.ma.getdata(column)) for name, column in found.items()}


def _cell(text: str) -> str:
    """As `text_cell`."""
    looked_for = literal(f"^{MAY_BE_BLANK}|{MAY_BE_BLANK}$")
    return f"nullif(case when regexp_matches({text}, {looked_for}) then trim({text}, {literal(BLANK)}) else {text} end, '')"


def parquet_cell(cell: str, kind: str) -> str:
    """A column of parquet in SQL as text, double or bigint. kind: its type as DuckDB calls it. A moment of a time zone is a day
    where it is midnight in UTC, else text that is no date."""
    plain = kind.partition("(")[0]
    if kind.endswith("]") or plain in ("STRUCT", "MAP", "UNION"):
        return f"cast({cell} as varchar)"
    if plain in WHOLE:
        return f"cast({cell} as bigint)"
    if plain in REAL:
        double = f"cast({cell} as double)"
        return f"case when isfinite({double}) then {double} end"
    if plain in ZONED or (plain.startswith("TIMESTAMP") and "TIME ZONE" in kind):
        kept = f"(cast({cell} as timestamptz) at time zone 'UTC')"
        day = f"cast({kept} as date)"
        return f"case when {kept} = {day} then cast({day} as varchar) else '{MOMENT} ' || cast({kept} as varchar) end"
    if plain.startswith("TIMESTAMP"):
        moment = f"cast({cell} as timestamp)"
        day = f"cast({moment} as date)"
        return f"case when {moment} = {day} then cast({day} as varchar) else cast({moment} as varchar) end"
    return _cell(f"cast({cell} as varchar)")


@contextmanager
def _parser(data: bytes) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    """A connection that may read the given bytes and nothing else, and the path under which they lie."""
    kept = _kept(os.getpid(), threading.get_ident()) if in_memory() else None
    if kept is not None and kept.free:
        try:
            with kept.holding(data):
                yield kept.connection, kept.path
        except (duckdb.Error, EngineError):  # a damaged file may have left the connection unusable
            _kept.cache_clear()
            raise
        return
    with sealed(data) as path, duckdb.connect(":memory:") as connection:
        _confine(connection, path)
        yield connection, path


def _confine(connection: duckdb.DuckDBPyConnection, path: str) -> None:
    """The connection reads this path and nothing else, and remembers nothing of what it read there."""
    connection.execute(f"set allowed_paths = [{literal(path)}]")
    first = ("enable_external_file_cache = false", "preserve_insertion_order = true", "enable_progress_bar = false")
    for setting in (*first, "enable_external_access = false"):
        connection.execute(f"set {setting}")
    connection.execute("set lock_configuration = true")


class _Kept:
    """A parser that is begun once, as that costs more than to parse a small file: a connection that may read one file in
    memory, which holds the bytes of one file at a time and none between."""

    def __init__(self) -> None:
        self._descriptor = os.memfd_create("equipoise")
        self.path = f"/proc/self/fd/{self._descriptor}"
        self.connection = duckdb.connect(":memory:")
        self.free = True
        _confine(self.connection, self.path)

    def __del__(self) -> None:
        os.close(self._descriptor)

    @contextmanager
    def holding(self, data: bytes) -> Iterator[None]:
        self.free = False
        try:
            with open(self._descriptor, "wb", closefd=False) as file:
                file.seek(0)
                file.write(data)
            yield
        finally:
            os.ftruncate(self._descriptor, 0)
            self.free = True


@functools.lru_cache(8)
def _kept(process: int, thread: int) -> _Kept:
    """None is shared by processes or threads."""
    return _Kept()


def in_memory() -> bool:
    """Whether the system can hold a file in memory under a path of this process."""
    return hasattr(os, "memfd_create") and os.path.isdir("/proc/self/fd")


@contextmanager
def sealed(data: bytes) -> Iterator[str]:
    """The bytes under a path that only this process knows: in memory where the system can, else in a private folder."""
    if in_memory():
        descriptor = os.memfd_create("equipoise")
        try:
            with open(descriptor, "wb", closefd=False) as file:
                file.write(data)
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)
        return
    with tempfile.TemporaryDirectory(prefix="equipoise-") as folder:
        path = Path(folder) / "bytes"
        path.write_bytes(data)
        yield str(path)


def text_array(cells: Sequence[Any]) -> np.ndarray:
    """Text cells with None for empty, as an engine takes them."""
    out = np.empty(len(cells), dtype=object)
    out[:] = cells
    return out
