"""The study in Spark: each relation is materialised there under a temporary view, and nothing is written but its scratch folder.

A relation that comes of few rows is kept as rows of the driver, which later statements read without a job; any other as a
checkpoint on the executors, cut from the statements that made it. Only what `rows` and `fetch` ask for leaves Spark.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from sqlglot import exp

from equipoise.engine.base import Engine, EngineError, numbered
from equipoise.engine.dialect import bound, parsed, written
from equipoise.engine.spark_dialect import tell_kinds
from equipoise.engine.spark_session import spark_session
from equipoise.engine.text import literal, quote

STORED_FILE = "stored_"
BITS_OF_A_PART = 33  # of monotonically_increasing_id, by which rows of a partition are counted
FEW = 20_000  # rows read in all, for what is made of them to be kept in the driver
# how a statement is run: to compile it costs more than to interpret it where it reads few rows
SMALL = {
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.shuffle.partitions": "1",
}
LARGE = {
    "spark.sql.codegen.wholeStage": "true",
    "spark.sql.codegen.factoryMode": "FALLBACK",
    "spark.sql.shuffle.partitions": "32",
}
KINDS = {
    "string": "VARCHAR",
    "bigint": "BIGINT",
    "int": "INTEGER",
    "smallint": "SMALLINT",
    "tinyint": "TINYINT",
    "double": "DOUBLE",
    "float": "FLOAT",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP WITH TIME ZONE",
    "timestamp_ntz": "TIMESTAMP",
    "void": "INTEGER",  # nothing but null, as the embedded engine calls it
}


STORED = KINDS | {
    **dict.fromkeys(("bigint", "int", "smallint", "tinyint"), "BIGINT"),
    **dict.fromkeys(("double", "float"), "DOUBLE"),
    "timestamp": "TIMESTAMPTZ",
    "void": "OTHER",
}
PATTERN = "*?[]{}\\,"  # what Spark reads as a pattern in the name of a file


class SparkEngine(Engine):
    """Relations as temporary views of a session of Spark. address: see `spark_session`. folder: where a schema that is a folder
    of parquet files lies; any other schema is a database of the catalog, perhaps catalog.database. Raises EngineError, whose kind
    is a sentence, where Spark does not run here or cannot be reached."""

    connected = True

    def __init__(self, address: str = "spark://local", folder: Path | None = None) -> None:
        super().__init__()
        self._session = spark_session(address)
        self._classic = not address.startswith("sc://")
        self._folder = folder
        self._columns: dict[str, dict[str, str]] = {}
        self._rows: dict[str, int | None] = {}  # None: many
        self._small: bool | None = None
        self._files: dict[str, str] = {}  # stored table -> its file below the folder
        self._state: dict[tuple[str, str], object] = {}  # schema and stored table -> what it was when it was first read

    def _create(self, name: str, sql: str) -> None:
        with _sentences(name):
            frame, few = self._said(sql)
            self._keep(name, *self._in_driver(frame) if few and self._classic else (frame.localCheckpoint(eager=True), None))

    def _number(self, name: str, sql: str, columns: Sequence[str], order: str) -> None:
        """Every executor sorts and numbers a range of the rows, to which the rows before it are added: no window, for which one
        of them would hold the whole table."""
        with _sentences(name):
            fields = ", ".join(columns)
            rows = self._said(f"select {fields} from ({sql}) as stored order by {order}")[0]
            parted = rows.selectExpr("*", "spark_partition_id() as part", "monotonically_increasing_id() as nth")
            parted = parted.localCheckpoint(eager=True)
            n, before = 0, ["-1", "0"]  # a map of no entry has no type
            for part, count in sorted(map(tuple, parted.groupBy("part").count().collect())):
                before += [str(part), str(n)]
                n += count
            in_part = f"nth - shiftleft(cast(part as bigint), {BITS_OF_A_PART})"
            number = f"{in_part} + 1 + element_at(map({', '.join(before)}), part)"
            self._keep(name, parted.selectExpr(*columns, f"cast({number} as bigint) as source_row"), None)
        self._made[name] = numbered(sql, columns, order)

    def _view(self, name: str, sql: str) -> None:
        with _sentences(name):
            self._keep(name, self._said(sql)[0], None)

    def drop(self, name: str) -> None:
        with _sentences(name):
            self._session.catalog.dropTempView(name)
        del self._columns[name], self._rows[name]

    def take(self, name: str, columns: Any) -> None:
        import pyarrow

        with _sentences(name):
            table = _table(columns) if isinstance(columns, Mapping) else pyarrow.table(columns)
            self._keep(name, self._session.createDataFrame(table), table.num_rows)

    def columns(self, name: str) -> dict[str, str]:
        return dict(self._columns[name])

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple]:
        sql = bound(sql, parameters) if parameters else sql
        with _sentences():
            frame = self._said(sql)[0]
            found = [tuple(row) for row in frame.collect()]
        self.note(sql, frame.columns, len(found))
        return found

    def fetch(self, sql: str) -> dict[str, np.ndarray]:
        with _sentences():
            table = self._said(sql)[0].toArrow()
        self.note(sql, table.column_names, table.num_rows)
        return {name: _array(table.column(i)) for i, name in enumerate(table.column_names)}

    def reads(self, sql: str) -> tuple[str, ...]:
        return tables_read(sql)

    def stored(self, schema: str) -> dict[str, dict[str, str]]:
        place = (self._folder or Path()) / schema
        with _sentences():
            if self._classic and place.is_dir():
                return {file.name.removesuffix(".parquet"): self._registered(schema, file) for file in _tables_in(place)}
            if not self._session.catalog.databaseExists(schema):
                return {}
            names = [t.name for t in self._session.catalog.listTables(schema) if not t.isTemporary]
            return {name: _stored_kinds(self._session.table(self._quoted(schema, name))) for name in sorted(names)}

    def changed(self) -> list[str]:
        with _sentences():
            return [
                f"{schema}.{table}" for (schema, table), state in self._state.items() if self._state_of(schema, table) != state
            ]

    def _state_of(self, schema: str, table: str) -> object:
        """The files that hold a table, with size and time where they lie beside the protocol; of a table without files the number
        of its rows and a hash of them in no order."""
        if table in self._files:
            place = (self._folder or Path()) / self._files[table]
            files = sorted(p for p in place.rglob("*") if p.is_file()) if place.is_dir() else [place]
            return [(str(p), s.st_size, s.st_mtime_ns) for p in files if p.exists() for s in [p.stat()]]
        self._session.catalog.refreshTable(self._quoted(schema, table))
        frame = self._session.table(self._quoted(schema, table))
        places = [f"c{i}" for i in range(len(frame.columns))]  # in place of names, which may hold anything
        summed = ("count(1) as n", f"sum(cast(xxhash64({', '.join(places)}) as decimal(38, 0))) as h")
        return sorted(frame.inputFiles()) or [tuple(row) for row in frame.toDF(*places).selectExpr(*summed).collect()]

    def stored_name(self, schema: str, table: str) -> str:
        if (schema, table) not in self._state:
            with _sentences(table):
                self._state[schema, table] = self._state_of(schema, table)
        if table in self._files:
            return quote(STORED_FILE + table)
        return ".".join(quote(part) for part in (*schema.split("."), table))

    def software(self) -> dict[str, str]:
        return {"Spark": str(self._session.version)}

    def spoken(self, sql: str) -> str:
        return self._text(sql, pretty=True)

    def preamble(self, statement: str) -> str:
        """The parquet files that a statement reads, as views."""
        views = [name for name in self._files if STORED_FILE + name in statement]
        made = "create temporary view `{0}` using parquet options (path {1});\n"
        return "".join(made.format(STORED_FILE + name, literal(self._files[name])) for name in views)

    def close(self) -> None:
        for name in list(self._columns):
            self.drop(name)
        if not self._classic:
            self._session.stop()

    def _registered(self, schema: str, file: Path) -> dict[str, str]:
        """The columns of a parquet file, or of a folder of them, under a view of its own."""
        frame = self._session.read.parquet(str(file.resolve()))
        table = file.name.removesuffix(".parquet")
        self._keep(STORED_FILE + table, frame, None)
        self._files[table] = f"{schema}/{file.name}"
        return _stored_kinds(frame)

    @staticmethod
    def _quoted(schema: str, table: str) -> str:
        return ".".join(exp.to_identifier(part, quoted=True).sql(dialect="spark") for part in (*schema.split("."), table))

    def _text(self, sql: str, pretty: bool = False) -> str:
        try:
            kinds: dict[str, str] = {}
            for name in tables_read(sql):
                for column, kind in self._columns.get(name, {}).items():
                    known = kinds.setdefault(column.lower(), kind)
                    kinds[column.lower()] = kind if known == kind else ""
            return to_spark(sql, tuple(sorted(kinds.items())), pretty)
        except Exception as error:  # of the parser, whose text may quote a value
            raise EngineError("a statement that Spark has no words for", detail=str(error)) from None

    def _said(self, sql: str) -> tuple[Any, bool]:
        """A statement as a frame, and whether it reads few rows; the session is told how to run it."""
        text = self._text(sql)
        read = [self._rows.get(name) for name in tables_read(sql)]
        few = None not in read and not reads_stored(sql) and sum(n for n in read if n is not None) <= FEW
        if few is not self._small:
            for key, value in (SMALL if few else LARGE).items():
                self._session.conf.set(key, value)
            self._small = few
        return self._session.sql(text), few

    def _in_driver(self, frame: Any) -> tuple[Any, int]:
        """The rows of a frame as rows of the driver; they do not come to this process."""
        from pyspark.sql import DataFrame

        rows = frame._jdf.collectAsList()
        made = self._session._jsparkSession.createDataFrame(rows, frame._jdf.schema())
        return DataFrame(made, self._session), rows.size()

    def _keep(self, name: str, frame: Any, n: int | None) -> None:
        frame.createOrReplaceTempView(name)
        self._rows[name] = n
        self._columns[name] = {column: _kind(kind) for column, kind in frame.dtypes}


@functools.lru_cache(4096)
def to_spark(sql: str, kinds: tuple[tuple[str, str], ...] = (), pretty: bool = False) -> str:
    """One statement of ours in Spark's SQL. kinds: columns that it reads, in small letters, with their types."""
    tree = parsed(sql)
    tell_kinds(tree, dict(kinds))
    return written(tree, "spark", pretty)


@functools.lru_cache(4096)
def tables_read(sql: str) -> tuple[str, ...]:
    """Names of the relations that a statement reads, CTEs of its own and stored tables of a schema excluded."""
    tree = parsed(sql)
    own = {cte.alias_or_name for cte in tree.find_all(exp.CTE)}
    return tuple(sorted({table.name for table in tree.find_all(exp.Table) if table.name and not table.db} - own))


@functools.lru_cache(4096)
def reads_stored(sql: str) -> bool:
    """Whether a statement reads a table of the catalog, of which nobody knows how large it is."""
    return any(table.db for table in parsed(sql).find_all(exp.Table))


def _tables_in(folder: Path) -> list[Path]:
    """Files of parquet, and folders of them, each a table. Raises EngineError for names that Spark reads as patterns."""
    found = [f for f in sorted(folder.iterdir()) if f.suffix == ".parquet" or (f.is_dir() and any(f.rglob("*.parquet")))]
    if any(c in PATTERN for file in found for c in str(file.resolve())):
        raise EngineError(
            f"the path of a table holds one of {PATTERN}, which Spark reads as a pattern; rename the folder or the file"
        )
    return found


def _stored_kinds(frame: Any) -> dict[str, str]:
    return {c: "DOUBLE" if kind.startswith("decimal") else STORED.get(kind, "OTHER") for c, kind in frame.dtypes}


@contextmanager
def _sentences(relation: str = "") -> Iterator[None]:
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except PySparkException as error:
        raise EngineError(error.getCondition() or type(error).__name__, relation, str(error)) from None
    except (Py4JError, OSError) as error:
        raise EngineError("the connection to Spark is lost", relation, str(error)) from None


def _kind(kind: str) -> str:
    return KINDS.get(kind, kind.upper())


def _table(columns: Mapping[str, np.ndarray]) -> Any:
    """Arrays as an Arrow table; nan is how an array of numbers says missing."""
    import pyarrow

    return pyarrow.table({name: _cells(array) for name, array in columns.items()})


def _cells(array: np.ndarray) -> Any:
    import pyarrow

    if array.dtype.kind == "f":
        return pyarrow.array(array.astype(float), from_pandas=True)
    if array.dtype.kind in "biuM":
        return pyarrow.array(array)
    return pyarrow.array([None if v is None else str(v) for v in array.tolist()], type=pyarrow.string())


def _array(column: Any) -> np.ndarray:
    import pyarrow

    kind = column.type
    if pyarrow.types.is_decimal(kind) or pyarrow.types.is_integer(kind) or pyarrow.types.is_floating(kind):
        return np.asarray(column.cast(pyarrow.float64()).to_numpy(zero_copy_only=False), dtype=float)
    if pyarrow.types.is_boolean(kind) and not column.null_count:
        return np.asarray(column.to_numpy(zero_copy_only=False), dtype=bool)
    out = np.empty(len(column), dtype=object)
    out[:] = column.to_pylist()
    return out
