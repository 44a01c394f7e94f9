"""What a raw table and its columns are: types, units, ranges, keys."""

from __future__ import annotations

from dataclasses import dataclass, replace

BEFORE, LINE_BEFORE, AFTER = "before", "line before", "after"
WHEN = (BEFORE, LINE_BEFORE, AFTER)  # the index date; the line of treatment before the index treatment
KINDS = ("key", "code", "text", "integer", "number", "date", "boolean")
SQL_TYPE = {
    "key": "varchar",
    "code": "varchar",
    "text": "varchar",
    "integer": "bigint",
    "number": "double",
    "date": "date",
    "boolean": "boolean",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a raw table.

    kind: one of KINDS. unit: as printed in the codebook. values: the only codes allowed (kind code). low, high: inclusive
    range (kinds integer and number). required: an empty cell is a fault; otherwise empty means not recorded, and the file
    need not have the column. seen: of a date, whether the patient was seen then, so that it lies in the study's time.
    """

    name: str
    kind: str
    note: str = ""
    unit: str = ""
    values: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    required: bool = True
    seen: bool = True

    @property
    def sql_type(self) -> str:
        return SQL_TYPE[self.kind]


@dataclass(frozen=True, slots=True)
class Table:
    """One raw table: `grain` says what a row is, `key` which columns together may not repeat.

    day: the column of the date by which rows lie before or after the index date; visit: the column of the imaging visit that
    says so (0 = baseline); neither: the table is of no date. when: one of WHEN, where all rows are of one time. old: its dates
    may lie years before those of the study.
    """

    name: str
    grain: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    note: str = ""
    day: str = ""
    visit: str = ""
    when: str = ""
    old: bool = False

    def column(self, name: str) -> Column:
        return next(c for c in self.columns if c.name == name)

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns)

    def empty(self) -> list[tuple[str, str]]:
        """Name and SQL type of each column, source_row last: a table that was not given has these and no row."""
        return [*((c.name, c.sql_type) for c in self.columns), ("source_row", "bigint")]


def with_columns(table: Table, columns: tuple[Column, ...]) -> Table:
    """The table with further columns behind its own."""
    return replace(table, columns=(*table.columns, *columns))


def with_codes(table: Table, column: str, codes: tuple[str, ...]) -> Table:
    """The table with further allowed codes in one column."""
    columns = (replace(c, values=(*c.values, *codes)) if c.name == column else c for c in table.columns)
    return replace(table, columns=tuple(columns))


PATIENT = Column("patient_id", "key", "pseudonym; never a name or hospital number")


def date_column(name: str, note: str = "", required: bool = True, seen: bool = True) -> Column:
    return Column(name, "date", note, required=required, seen=seen)
