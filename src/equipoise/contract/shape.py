"""What a raw table and its columns are: types, units, ranges, keys."""

from __future__ import annotations

from dataclasses import dataclass, replace

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
    range (kinds integer and number). required: an empty cell is a fault; otherwise empty means not recorded.
    """

    name: str
    kind: str
    note: str = ""
    unit: str = ""
    values: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    required: bool = True

    @property
    def sql_type(self) -> str:
        return SQL_TYPE[self.kind]


@dataclass(frozen=True, slots=True)
class Table:
    """One raw table: `grain` says what a row is, `key` which columns together may not repeat."""

    name: str
    grain: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    note: str = ""

    def column(self, name: str) -> Column:
        return next(c for c in self.columns if c.name == name)

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns)


def with_codes(table: Table, column: str, codes: tuple[str, ...]) -> Table:
    """The table with further allowed codes in one column."""
    columns = (replace(c, values=(*c.values, *codes)) if c.name == column else c for c in table.columns)
    return replace(table, columns=tuple(columns))


PATIENT = Column("patient_id", "key", "pseudonym; never a name or hospital number")


def date_column(name: str, note: str = "", required: bool = True) -> Column:
    return Column(name, "date", note, required=required)
