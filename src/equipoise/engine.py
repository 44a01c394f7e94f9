"""The embedded SQL engine: named relations, each one SELECT, and a stand-alone script of any of them.

Tables with many rows per patient live here. A relation is defined once, by name, from the text of a .sql file or from
generated text; later relations refer to it by that name. `script(name)` writes the same relation as one statement that
runs alone in a DuckDB shell inside the data folder.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from importlib import resources
from typing import Any

import duckdb
import numpy as np

from equipoise.contract import Table


@dataclass(frozen=True, slots=True)
class Relation:
    """A named SELECT. phase: the folder it belongs to, for numbering the files of `sql/`; base: a file of the data folder."""

    name: str
    sql: str
    phase: str = ""
    base: bool = False


class Engine:
    """One in-memory DuckDB and the relations defined in it, in order."""

    def __init__(self) -> None:
        self._connection = duckdb.connect(":memory:")
        self._connection.execute("set preserve_insertion_order = true")
        self.relations: dict[str, Relation] = {}

    def load(self, table: Table, columns: dict[str, list[Any]], script: str) -> None:
        """load_text and cast_text in one: for data that are known to conform."""
        self.load_text(table, columns)
        self.cast_text(table, script)

    def load_text(self, table: Table, columns: dict[str, list[Any]]) -> None:
        """The relation raw_<table>: the contract's columns as text, plus `source_row` (1 = first data row)."""
        names = table.column_names
        n = len(columns[names[0]])
        frame = _text_frame({name: [_plain_text(v) for v in columns[name]] for name in names})
        frame["source_row"] = range(1, n + 1)
        fields = ", ".join(f'cast("{name}" as varchar) as "{name}"' for name in names)
        self._connection.register("incoming", frame)
        self._connection.execute(f"create or replace table raw_{table.name} as select {fields}, source_row from incoming")
        self._connection.unregister("incoming")

    def cast_text(self, table: Table, script: str) -> None:
        """The typed table of the contract from raw_<table>, which is dropped.

        script: the SELECT that reads the same table from the data folder, used by `script()`.
        """
        fields = ", ".join(f'cast("{c.name}" as {c.sql_type}) as "{c.name}"' for c in table.columns)
        self._connection.execute(
            f"create or replace table {table.name} as select {fields}, source_row from raw_{table.name} order by source_row"
        )
        self._connection.execute(f"drop table raw_{table.name}")
        self.relations[table.name] = Relation(table.name, script, "data", base=True)

    def load_rows(self, name: str, columns: dict[str, list[Any]], script: str) -> None:
        """Create a table from a spreadsheet's columns: float, str or None values; all-number columns become double."""
        import pandas as pd

        frame = pd.DataFrame({k: _typed(v) for k, v in columns.items()})
        self._connection.register("incoming", frame)
        self._connection.execute(f"create or replace table {name} as select * from incoming order by source_row")
        self._connection.unregister("incoming")
        self.relations[name] = Relation(name, script, "data", base=True)

    def define(self, name: str, sql: str, phase: str = "") -> None:
        """Materialise one SELECT under a name. A name may be defined once per engine."""
        self._connection.execute(f"create or replace table {name} as {sql}")
        self.relations[name] = Relation(name, sql.strip(), phase)

    def has(self, name: str) -> bool:
        return name in self.relations

    def columns(self, name: str) -> dict[str, str]:
        """Column name -> DuckDB type of a relation."""
        return {r[0]: r[1] for r in self._connection.execute(f"describe {name}").fetchall()}

    def evaluates(self, expression: str, source: str) -> bool:
        """Whether a checked expression can be evaluated on every row of a relation (or a SELECT in brackets)."""
        try:
            self._connection.execute(f"select max(({expression}) is null) from {source}").fetchall()
        except duckdb.Error:
            return False
        return True

    def rows(self, sql: str, parameters: list[Any] | None = None) -> list[tuple]:
        return self._connection.execute(sql, parameters or []).fetchall()

    def fetch(self, sql: str) -> dict[str, np.ndarray]:
        """Columns of a query as NumPy arrays: float with nan for missing, bool, or object with None."""
        cursor = self._connection.execute(sql)
        names = [d[0] for d in cursor.description]
        rows = cursor.fetchall()
        data = list(zip(*rows, strict=True)) if rows else [()] * len(names)
        return {name: _array(values) for name, values in zip(names, data, strict=True)}

    def script(self, name: str) -> str:
        """The relation as one SQL statement that runs alone in the data folder."""
        needed = self._upstream(name)
        ctes = ",\n\n".join(f"{r.name} as (\n{_indent(r.sql)}\n)" for r in needed)
        reads = ", ".join(r.name for r in needed if r.base) or "nothing"
        return f"-- relation: {name}\n-- reads: {reads}\nwith {ctes}\n\nselect * from {name}\n"

    def _upstream(self, name: str) -> list[Relation]:
        order: list[Relation] = []
        seen: set[str] = set()

        def visit(current: str) -> None:
            if current in seen or current not in self.relations:
                return
            seen.add(current)
            relation = self.relations[current]
            if not relation.base:
                for upstream in tables_of(relation.sql):
                    visit(upstream)
            order.append(relation)

        visit(name)
        return order


def read_sql(package: str, file: str) -> str:
    """The text of a .sql file that lies beside a phase, e.g. read_sql('equipoise.cohort', 'eligibility.sql')."""
    return resources.files(package).joinpath(file).read_text(encoding="utf-8")


@functools.cache
def tables_of(sql: str) -> tuple[str, ...]:
    """Names of the tables a SELECT reads, by name, CTEs of its own excluded."""
    return tuple(sorted(duckdb.get_table_names(sql)))


def values(columns: list[str], rows: list[tuple]) -> str:
    """A SELECT over literal rows: settings of the protocol as a relation. An empty list gives no rows."""
    shape = ", ".join(f"c{i}" for i in range(len(columns)))
    named = ", ".join(f"c{i} as {name}" for i, name in enumerate(columns))
    body = rows or [tuple(None for _ in columns)]
    lines = ",\n  ".join("(" + ", ".join(literal(v) for v in row) + ")" for row in body)
    where = "" if rows else " where false"
    return f"select {named} from (values\n  {lines}\n) as t({shape}){where}"


def literal(value: Any) -> str:
    """A Python value as a SQL literal (text, number, boolean, None, date as `date '...'`)."""
    import datetime as dt

    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, dt.date):
        return f"date '{value.isoformat()}'"
    return "'" + str(value).replace("'", "''") + "'"


def _indent(text: str) -> str:
    return "\n".join("  " + line if line.strip() else line for line in text.strip().splitlines())


def _plain_text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _text_frame(columns: dict[str, list[Any]]):
    import pandas as pd

    return pd.DataFrame({k: pd.Series(v, dtype=object) for k, v in columns.items()})


def _typed(values_: list[Any]):
    import pandas as pd

    if all(v is None or isinstance(v, int | float) for v in values_):
        return pd.Series([np.nan if v is None else float(v) for v in values_], dtype=float)
    return pd.Series([None if v is None else v for v in values_], dtype=object)


def _array(values_: tuple) -> np.ndarray:
    present = [v for v in values_ if v is not None]
    if present and all(isinstance(v, bool) for v in present) and len(present) == len(values_):
        return np.array(values_, dtype=bool)
    if present and all(isinstance(v, int | float) and not isinstance(v, bool) for v in present):
        return np.array([np.nan if v is None else float(v) for v in values_], dtype=float)
    out = np.empty(len(values_), dtype=object)
    out[:] = values_
    return out


def evaluate(expression: str, columns: dict[str, np.ndarray]) -> np.ndarray | None:
    """A checked boolean expression over arrays of one length, as a bool array; unknown (null) is False. None where the values
    do not fit the expression, such as text that is compared with a number."""
    import pandas as pd

    frame = pd.DataFrame({k: pd.Series(v) for k, v in columns.items()})
    for name in frame.columns:
        if frame[name].dtype == float:
            continue
        frame[name] = frame[name].astype(object)
    frame["_row"] = range(len(frame))
    with duckdb.connect(":memory:") as connection:
        numeric = ", ".join(f'case when isnan("{c}") then null else "{c}" end as "{c}"' for c in frame if frame[c].dtype == float)
        kept = ", ".join(f'"{c}"' for c in frame if frame[c].dtype != float)
        connection.register("incoming", frame)
        inner = f"select {', '.join(x for x in (numeric, kept) if x)} from incoming"
        try:
            found = connection.execute(f"select coalesce({expression}, false) from ({inner}) order by _row").fetchall()
        except duckdb.Error:
            return None
    return np.array([bool(r[0]) for r in found], dtype=bool)
