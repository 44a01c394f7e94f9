"""What may be done to a column, and what was done to those of a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from equipoise.engine import Engine

CODE, PERSON, RECORD, SHIFT, SERIAL, CUTOFF, CAPPED, AGE, BIRTH, KEEP, LEAVE = (
    "code", "person", "record", "shift", "serial", "cutoff", "capped", "age", "birth", "keep", "leave",
)  # fmt: skip
OLDEST = 89
COMPACT = "ymd without signs"
MONTH_END = "ISO 8601, of a month alone its last day"
DAYS, SECONDS = "days", "seconds"  # that a number counts
SAID = {
    CODE: "new identifier, the same for a patient in every table",
    PERSON: "new identifier: the column names patients too",
    RECORD: "numbered anew within the patient, the same in every table",
    SHIFT: "date, shifted by the patient's own number of days; written YYYY-MM-DD, a time of day is left out",
    SERIAL: "day count, shifted by the patient's own number of days",
    CUTOFF: "the patient's last recorded date up to the cut-off, shifted",
    CAPPED: "shifted; what lies after the cut-off is cut there, as the study does",
    AGE: f"ages above {OLDEST} are {OLDEST + 1}",
    BIRTH: f"year of birth; earlier ones than {OLDEST + 1} years before the last date of the file are that year",
    KEEP: "as it was",
    LEAVE: "left out",
}
DATED = (SHIFT, SERIAL, CUTOFF, CAPPED)


@dataclass(frozen=True, slots=True)
class Treatment:
    """One column. what: one of the words above. why: the reason, printed. order: how a date is written (ymd, dmy, mdy, or without
    signs, or as `data: dates` of a protocol declares it). century: of years of two figures. earliest: of a year of birth, what an
    earlier one becomes."""

    column: str
    what: str
    why: str = ""
    order: str = "ymd"
    earliest: int = 0
    century: int | None = None


@dataclass(frozen=True, slots=True)
class Handed:
    """One file as a relation of an engine, in the order of source_row. name: in the handed-over folder, without suffix. patient:
    who the row is about, in SQL. cells: column -> its text in SQL. numbers: columns that the file stores as numbers. parquet: the
    kind in which it came and goes; else csv."""

    name: str
    file: str
    engine: Engine
    relation: str
    patient: str
    cells: Mapping[str, str]
    numbers: frozenset[str] = frozenset()
    treatments: tuple[Treatment, ...] = ()
    parquet: bool = False

    def of(self, *whats: str) -> list[Treatment]:
        return [t for t in self.treatments if t.what in whats]

    @property
    def written(self) -> list[Treatment]:
        return [t for t in self.treatments if t.what != LEAVE]

    def distinct(self, column: str) -> tuple[list[str], int]:
        """The distinct cells of a column, and how many rows have one."""
        text = self.cells[column]
        sql = f"select {text} as cell, count(*) from {self.relation} where {text} is not null group by 1 order by 1"
        found = self.engine.rows(sql)
        return [c for c, _ in found], sum(n for _, n in found)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Columns named by the user, as COLUMN or TABLE.COLUMN."""

    drop: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()

    def drops(self, table: str, column: str) -> bool:
        return _named(self.drop, table, column)

    def keeps(self, table: str, column: str) -> bool:
        return _named(self.keep, table, column)


def _named(given: tuple[str, ...], table: str, column: str) -> bool:
    return column in given or f"{table}.{column}" in given
