"""What an engine does: named relations, each one SELECT, and a stand-alone script of any of them.

Tables with many rows per patient live here. A relation is defined once, by name, from the text of a .sql file or from
generated text; later relations refer to it by that name. `script(name)` writes the same relation as one statement that
runs alone in the data folder.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from equipoise.contract import Table
from equipoise.engine.leaving import Record
from equipoise.engine.text import literal, number_as_text, quote, text_cell

# what a column of a stored table holds, whatever its database calls it
KINDS = ("VARCHAR", "BIGINT", "DOUBLE", "BOOLEAN", "DATE", "TIMESTAMP", "TIMESTAMPTZ", "OTHER")


class EngineError(Exception):
    """A statement that the engine refused. kind: the engine's own name of the error. detail: its text, which may quote a cell
    of the data, so that it is never printed."""

    def __init__(self, kind: str, relation: str = "", detail: str = ""):
        self.kind, self.relation, self.detail = kind, relation, detail
        super().__init__(f"{kind}{f' in the relation {relation}' if relation else ''}")


@dataclass(frozen=True, slots=True)
class Relation:
    """A named SELECT. phase: the folder it belongs to, for numbering the files of `sql/`; base: a file of the data folder."""

    name: str
    sql: str
    phase: str = ""
    base: bool = False


class Engine(ABC):
    """The relations of one study, in order. `relations` holds those that a reader may see; what is put with `create` alone is
    scaffolding. Names of relations are ours and plain; names of columns may be anybody's and are quoted."""

    connected = False  # whether the data are those of a database, so that its own tables begin every script

    def __init__(self) -> None:
        self.relations: MutableMapping[str, Relation] = {}
        self._made: dict[str, str] = {}
        self.record = Record()  # of what leaves a database behind
        self.copies: dict[str, Callable[[], Mapping[str, np.ndarray]]] = {}  # files that scripts read beside the data -> columns

    def create(self, name: str, sql: str) -> None:
        """Materialise one SELECT under a name, in the order of its rows. Raises EngineError."""
        self._create(name, sql)
        self._made[name] = sql

    @abstractmethod
    def _create(self, name: str, sql: str) -> None:
        """The same, in this engine."""

    def view(self, name: str, sql: str) -> None:
        """A SELECT under a name without a copy of its rows: a table of the database behind as it stands, say `select * from` its
        `stored_name`. Raises EngineError."""
        self._view(name, sql)
        self._made[name] = sql

    @abstractmethod
    def _view(self, name: str, sql: str) -> None:
        """The same, in this engine."""

    @abstractmethod
    def drop(self, name: str) -> None: ...

    @abstractmethod
    def take(self, name: str, columns: Any) -> None:
        """Put columns under a name as they are, in their order: a mapping of arrays, or a file as `engine.files` parsed it."""

    @abstractmethod
    def columns(self, name: str) -> dict[str, str]:
        """Column name -> SQL type of a relation."""

    @abstractmethod
    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple]: ...

    @abstractmethod
    def fetch(self, sql: str) -> dict[str, np.ndarray]:
        """Columns of a query as NumPy arrays: numbers as float with nan for missing, bool where none is missing, dates and all
        else as object with None."""

    def software(self) -> dict[str, str]:
        """Program -> version of what the relations are made by, beside the libraries of every run."""
        return {}

    def note(self, sql: str, columns: Sequence[str], rows: int) -> None:
        """Tell of rows that left a database; `rows` and `fetch` of an engine that is connected end with it."""
        if self.connected:
            self.record.note(sql, columns, rows)

    @abstractmethod
    def reads(self, sql: str) -> tuple[str, ...]:
        """Names of the relations that a SELECT reads, by name, CTEs of its own excluded."""

    @abstractmethod
    def close(self) -> None: ...

    def stored(self, schema: str) -> dict[str, dict[str, str]]:
        """Tables and views of a schema of the database behind: name -> column -> type, in the words of KINDS, in the order of
        the columns. Empty where there is no such schema. Raises EngineError."""
        return {}

    def content_hash(self, name: str) -> str:
        """A hash of the rows of a relation of columns c0, c1, ..., whatever their order; each engine has its own."""
        written = [hashed_parts(c, kind) for c, kind in self.columns(name).items() if c != "source_row"]
        cells = [f"{length} || coalesce({text}, '')" for length, text in written]
        rows = f"select sha256({' || '.join(cells)}) as h from {name}"
        parts = f"select sha256(string_agg(h, '' order by h)) as h from ({rows}) as each_row group by substr(h, 1, 3)"
        return str(self.rows(f"select sha256(coalesce(string_agg(h, '' order by h), '')) from ({parts}) as each_part")[0][0])

    def changed(self) -> list[str]:
        """Tables of the database behind that are not what they were when the study first read them; none where it reads one state
        of it. Raises EngineError."""
        return []

    def stored_name(self, schema: str, table: str) -> str:
        """A stored table in SQL."""
        return f"{quote(schema)}.{quote(table)}"

    def bring(
        self,
        name: str,
        schema: str,
        table: str,
        columns: Sequence[str] | None = None,
        zone: str | None = None,
        dates: bool = False,
    ) -> list[str]:
        """The rows of a stored table under a name: cells as columns c0, c1, ... (text without the blanks around it and null
        where empty, double, bigint; days as text YYYY-MM-DD) and source_row. Gives the names of the columns.

        A table has no order: rows are numbered by its column source_row where it has one, else by all columns in turn, text by
        its bytes, nulls last. columns: those that may be read; all, where none is given. zone: whose days those of moments with a
        time zone are; such a moment is text that is no day without it. dates: dates stay dates, but those without an end."""
        there = self.stored(schema)[table]
        given = "source_row" if columns is None and "source_row" in there else ""
        kept = [c for c in there if (columns is None or c in columns) and c != given]
        cells = ", ".join(f"{stored_cell(quote(c), there[c], zone, dates)} as c{i}" for i, c in enumerate(kept))
        order = "source_row" if given else ", ".join(f"c{i} nulls last" for i in range(len(kept)))
        inner = f"select {cells}{', source_row' if given else ''} from {self.stored_name(schema, table)}"
        self._number(name, inner, [f"c{i}" for i in range(len(kept))], order)
        return kept

    def _number(self, name: str, sql: str, columns: Sequence[str], order: str) -> None:
        """Materialise these columns of a SELECT and source_row, which numbers the rows from 1 in an order."""
        self.create(name, numbered(sql, columns, order))

    def define(self, name: str, sql: str, phase: str = "") -> None:
        """Materialise one SELECT under a name that a reader may see."""
        self.create(name, sql)
        self.relations[name] = Relation(name, sql.strip(), phase)

    def define_by_patient(self, steps: Mapping[str, str], kept: Collection[str], phase: str = "") -> None:
        """Define relations one after the other (name -> SELECT) whose rows of a patient rest on rows of this patient, and on
        relations without a column patient_id. kept: those that are read afterwards; of many patients the rows of the others may
        be gone, and those of the kept ones may lie by groups of patients first."""
        for name, sql in steps.items():
            self.define(name, sql, phase)

    def define_base(self, name: str, sql: str, script: str) -> None:
        """Materialise a table of the data folder. script: the SELECT that reads the same table there, used by `script()`."""
        self.create(name, sql)
        self.relations[name] = Relation(name, sql.strip() if self.connected else script, "data", base=True)

    def load(self, table: Table, columns: Mapping[str, Sequence[Any]], script: str) -> None:
        """A table of the contract from cells that are known to conform. source_row: 1 = first data row."""
        self.take("incoming", {f"c{i}": _texts(columns[name]) for i, name in enumerate(table.column_names)})
        fields = ", ".join(f"c{i} as {quote(name)}" for i, name in enumerate(table.column_names))
        self.create(f"raw_{table.name}", f"select {fields}, row_number() over () as source_row from incoming")
        self.drop("incoming")
        self.cast_text(table, script)

    def cast_text(self, table: Table, script: str) -> None:
        """The typed table of the contract from raw_<table>, which is dropped."""
        fields = ", ".join(f"cast({quote(c.name)} as {c.sql_type}) as {quote(c.name)}" for c in table.columns)
        self.define_base(table.name, f"select {fields}, source_row from raw_{table.name} order by source_row", script)
        self.drop(f"raw_{table.name}")

    def load_rows(self, name: str, columns: Mapping[str, Sequence[Any]], script: str) -> None:
        """A table from a spreadsheet's columns: float, str or None values; all-number columns become double."""
        self.take("incoming", {f"c{i}": _typed(cells) for i, cells in enumerate(columns.values())})
        fields = ", ".join(f"c{i} as {quote(column)}" for i, column in enumerate(columns))
        self.define_base(name, f"select {fields} from incoming order by source_row", script)
        self.drop("incoming")

    def evaluates(self, expression: str, source: str) -> bool:
        """Whether a checked expression can be evaluated on every row of a relation (or a SELECT in brackets)."""
        try:
            self.rows(f"select sum(case when ({expression}) is null then 1 else 0 end) from {source}")
        except EngineError:
            return False
        return True

    def has(self, name: str) -> bool:
        return name in self.relations

    def script(self, name: str) -> str:
        """The relation as one SQL statement that runs alone in the data folder."""
        needed = self._upstream(name)
        ctes = ",\n\n".join(f"{self.named(r.name)} as (\n{_indent(self.spoken(r.sql))}\n)" for r in needed)
        reads = ", ".join(r.name for r in needed if r.base) or "nothing"
        statement = f"with {ctes}\n\nselect * from {self.named(name)}\n"
        return f"-- relation: {name}\n-- reads: {reads}\n{self.preamble(statement)}{statement}"

    def spoken(self, sql: str) -> str:
        """A SELECT of ours in the dialect of this engine, to be read."""
        return sql

    def named(self, name: str) -> str:
        """A relation in a script."""
        return name

    def preamble(self, statement: str) -> str:
        """What a statement of a script needs before it."""
        return ""

    def _upstream(self, name: str) -> list[Relation]:
        order: list[Relation] = []
        seen: set[str] = set()

        def visit(current: str) -> None:
            if current in seen or (current not in self.relations and not (self.connected and current in self._made)):
                return
            seen.add(current)
            relation = self.relations.get(current) or Relation(current, self._made[current].strip())
            if self.connected or not relation.base:
                for upstream in self.reads(relation.sql):
                    visit(upstream)
            order.append(relation)

        visit(name)
        return order


def numbered(sql: str, columns: Sequence[str], order: str) -> str:
    """A SELECT with these columns of another one and source_row, which numbers its rows from 1 in an order."""
    numbers = f"row_number() over (order by {order}) as source_row"
    return f"select {', '.join(columns)}, {numbers} from ({sql}) as stored order by source_row"


def hashed_parts(cell: str, kind: str) -> tuple[str, str]:
    """The length of a cell as text, - where it is null, and the text, null where it is: one after the other no two rows are
    written alike."""
    text = cell if kind == "VARCHAR" else number_as_text(cell) if kind == "DOUBLE" else f"cast({cell} as varchar)"
    return f"coalesce(length({text}) || ':', '-')", text


def stored_cell(cell: str, kind: str, zone: str | None = None, dates: bool = False) -> str:
    """A cell of a stored table in SQL as a file's cell would be: text, double or bigint. A moment is its day where all that is
    left of it is midnight."""
    if kind == "BIGINT":
        return f"cast({cell} as bigint)"
    if kind == "DOUBLE":
        double = f"cast({cell} as double)"
        return f"case when isfinite({double}) then {double} end"
    if kind == "TIMESTAMP" or (kind == "TIMESTAMPTZ" and zone is not None):
        moment = f"cast({cell} as timestamp)" if zone is None or kind == "TIMESTAMP" else f"({cell} at time zone {literal(zone)})"
        day = f"cast({moment} as date)"
        return f"case when {moment} = {day} then cast({day} as varchar) else cast({moment} as varchar) end"
    if kind == "DATE" and dates:
        return f"case when isfinite({cell}) then {cell} end"
    return text_cell(f"cast({cell} as varchar)")


def _indent(text: str) -> str:
    return "\n".join("  " + line if line.strip() else line for line in text.strip().splitlines())


def _texts(cells: Sequence[Any]) -> np.ndarray:
    out = np.empty(len(cells), dtype=object)
    out[:] = [None if v is None else ("true" if v else "false") if isinstance(v, bool) else str(v) for v in cells]
    return out


def _typed(cells: Sequence[Any]) -> np.ndarray:
    if all(v is None or isinstance(v, int | float) for v in cells):
        return np.array([np.nan if v is None else v for v in cells], dtype=float)
    return _texts(cells)
