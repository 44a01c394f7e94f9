"""Where the tables of an OMOP study lie: what each has, and a part of it brought into the engine under a name of ours."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from equipoise.data.omop.tables import ID, TABLES, Column, cell, empty, no_whole_number
from equipoise.engine import Engine, quote
from equipoise.engine.scan import SOURCE
from equipoise.errors import Fault
from equipoise.records import SourceTable


@dataclass(frozen=True, slots=True)
class Within:
    """Rows of which a column of ours is among the values of a relation's column."""

    column: str
    relation: str
    value: str

    @property
    def sql(self) -> str:
        return f"(select {self.value} from {self.relation})"


class Cdm(ABC):
    """The tables of the model behind a study. engine: where parts of them go, as cdm_<table>."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.least = 0  # smaller counts are not told
        self.read: dict[str, SourceTable] = {}
        self._counted: dict[str, int] = {}
        self._hashes: dict[str, dict[str, str]] = {}  # table -> relation -> hash of what was read
        self._looked: dict[str, set[str]] = {}  # columns beside those of TABLES whose cells were looked at

    @abstractmethod
    def columns(self, table: str) -> Mapping[str, tuple[str, str]] | None:
        """Column in small letters -> as it is written, what it holds; None where there is no such table."""

    @abstractmethod
    def rows(self, table: str, sql: str) -> list[tuple]:
        """A statement over SOURCE, which stands for the table. Raises EngineError."""

    @abstractmethod
    def put(self, name: str, table: str, fields: Mapping[str, str], within: tuple[Within, ...]) -> None:
        """Columns of a table (name -> SQL over it) as the relation `name`, of the rows that are within. Raises EngineError."""

    @abstractmethod
    def place(self, table: str) -> str:
        """The file or table, for faults."""

    @abstractmethod
    def hash(self, table: str, name: str) -> str:
        """sha256 of what was read: of a file its bytes, of a stored table the rows of the relation `name`."""

    def has(self, table: str) -> bool:
        return self.columns(table) is not None

    def fields(self, table: str, more: Mapping[str, Column] | None = None) -> dict[str, str]:
        """Name here -> SQL over the table, typed; null for a column that is not there. more: columns beside those of TABLES."""
        there = self.columns(table) or {}
        return {name: self._field(column, there) for name, column in {**TABLES[table], **(more or {})}.items()}

    def _field(self, column: Column, there: Mapping[str, tuple[str, str]]) -> str:
        if column.name not in there:
            return empty(column.kind)
        written, kind = there[column.name]
        return cell(quote(written), kind, column.kind)

    def take(self, table: str, *within: Within, name: str = "", more: Mapping[str, Column] | None = None) -> list[Fault]:
        """Define `name`, or cdm_<table>: its columns here, typed, of the rows that are within. more: columns beside those of
        TABLES. Faults: columns that are not there, cells that are empty or hold something else, counted over the whole table the
        first time it is read."""
        there = self.columns(table)
        if there is None:
            return [self.missing(table)]
        looked = self._looked.setdefault(table, set())
        asked = [c for c in (more or {}).values() if c.name not in looked]
        faults = self._column_faults(table, there, asked)
        if not faults and table not in self._counted:
            asked = [*TABLES[table].values(), *asked]
        if not faults and asked:
            faults = self._cell_faults(table, there, asked)
        if not faults:
            looked |= {c.name for c in asked}
            name = name or f"cdm_{table}"
            self.put(name, table, self.fields(table, more), within)
            hashes = self._hashes.setdefault(table, {})
            hashes[name] = self.hash(table, name)
            self.read[table] = SourceTable(table, self.place(table), self._counted[table], _one_hash(hashes.values()))
        return faults

    def absent(self, table: str, name: str = "") -> None:
        """Define `name`, or cdm_<table>, without a row."""
        fields = ", ".join(f"{empty(column.kind)} as {name}" for name, column in TABLES[table].items())
        self.engine.define(name or f"cdm_{table}", f"select {fields} where 1 = 0", phase="data")

    @abstractmethod
    def missing(self, table: str) -> Fault: ...

    def _column_faults(self, table: str, there: Mapping[str, tuple[str, str]], more: Sequence[Column]) -> list[Fault]:
        lacking = [c.name for c in TABLES[table].values() if c.needed and c.name not in there]
        lacking += [c.name for c in more if c.name not in there]
        message = "the common data model (5.3, 5.4) has this column, and the table has not: {}"
        return [Fault(self.place(table), "missing column", message.format(name)) for name in lacking]

    def _cell_faults(self, table: str, there: Mapping[str, tuple[str, str]], columns: Sequence[Column]) -> list[Fault]:
        """Counts of empty cells where one is needed, and of cells that are no number or date, in one look at the table."""
        asked = [c for c in columns if c.name in there]
        raw = {c.name: quote(there[c.name][0]) for c in asked}
        typed = {c.name: cell(raw[c.name], there[c.name][1], c.kind) for c in asked}
        counts = ["count(*)"]
        for c in asked:
            given = f"{raw[c.name]} is not null" + (f" and not isnan({raw[c.name]})" if there[c.name][1] == "DOUBLE" else "")
            counts += [f"sum(case when not ({given}) then 1 else 0 end)"]
            odd = f"({typed[c.name]}) is null"
            odd += f" or {no_whole_number(raw[c.name], there[c.name][1])}" if c.kind == ID else ""
            counts += [f"sum(case when ({given}) and ({odd}) then 1 else 0 end)"]
        found = [int(n or 0) for n in self.rows(table, f"select {', '.join(counts)} from {SOURCE}")[0]]
        self._counted[table] = found[0]
        faults = []
        for c, empty_cells, strange in zip(asked, found[1::2], found[2::2], strict=True):
            here = f"{self.place(table)}, column {c.name}"
            if strange:
                what = f"{counted(strange, 'cell', self.least)} of the column cannot be read as {KINDS[c.kind]}"
                message = f"{what}; correct them, or leave them empty"
                faults.append(Fault(here, "type", message))
            if c.needed and empty_cells:
                what = f"{counted(empty_cells, 'cell', self.least)} of the column {_are(empty_cells)} empty"
                message = f"{what}, and the model needs it; {MEND}"
                faults.append(Fault(here, "empty cell", message))
        return faults


def _one_hash(hashes: Iterable[str]) -> str:
    """Of everything that was read of a table, whatever the order."""
    several = sorted(set(hashes))
    return several[0] if len(several) == 1 else hashlib.sha256("\n".join(several).encode()).hexdigest()


KINDS = {"id": "a whole number", "date": "a date (YYYY-MM-DD)", "number": "a number", "text": "a text"}
MEND = "complete the rows, or leave them out of the table"


def counted(n: int, what: str, least: int) -> str:
    """`3 cells`; `fewer than 5 cells` where so few are not told."""
    if n < least:
        return f"fewer than {least} {what}s"
    return f"1 {what}" if n == 1 else f"{n:,} {what}s"


def _are(n: int) -> str:
    return "is" if n == 1 else "are"
