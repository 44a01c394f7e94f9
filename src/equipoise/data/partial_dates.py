"""Dates without a day or a month, completed by the rule that the protocol declares; each one is flagged.

first: the first day of the month or year; mid: the 15th, or 1 July; last: the last day.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import replace

from equipoise.contract import Table
from equipoise.data.check import row_faults
from equipoise.data.read import RawTable
from equipoise.errors import Fault

PARTIAL = re.compile(r"(\d{4})(?:-(\d{2}))?")
REFUSED = "the date has no day; write YYYY-MM-DD, or declare data.partial_dates (first, mid or last) to complete such dates"
FLAGGED = "the date has no day and was completed by the protocol's rule"


def complete(table: Table, raw: RawTable, rule: str | None) -> tuple[RawTable, list[Fault], list[Fault]]:
    """The table with partial dates completed; faults where no rule is declared; findings, one per row that was completed."""
    columns = dict(raw.columns)
    faults: list[Fault] = []
    findings: list[Fault] = []
    for column in (c.name for c in table.columns if c.kind == "date" and c.name in columns):
        cells = columns[column]
        partial = [i for i, cell in enumerate(cells) if cell is not None and completed(cell, "first") is not None]
        where = [(i + raw.first_row, cells[i]) for i in partial]
        if rule is None:
            faults += row_faults(where, "partial date", REFUSED, raw.file, column)
            continue
        findings += [Fault(f"{raw.file}, row {row}, column {column}", "partial date", FLAGGED) for row, _ in where]
        chosen = set(partial)
        columns[column] = [completed(str(cell), rule) if i in chosen else cell for i, cell in enumerate(cells)]
    return replace(raw, columns=columns), faults, findings


def completed(cell: str, rule: str) -> str | None:
    """YYYY or YYYY-MM as a whole date; None for anything else."""
    found = PARTIAL.fullmatch(cell)
    if found is None or (found[2] and not 1 <= int(found[2]) <= 12):
        return None
    year = int(found[1])
    if found[2] is None:
        return {"first": f"{year}-01-01", "mid": f"{year}-07-01", "last": f"{year}-12-31"}[rule]
    day = {"first": 1, "mid": 15, "last": calendar.monthrange(year, int(found[2]))[1]}[rule]
    return f"{year}-{found[2]}-{day:02d}"


def date_sql(column: str, rule: str) -> str:
    """The same rule in SQL over a column of text, for the script that runs alone."""
    name = f'cast("{column}" as varchar)'
    year = {"first": "-01-01", "mid": "-07-01", "last": "-12-31"}[rule]
    month = f"cast({name} || '-{15 if rule == 'mid' else 1:02d}' as date)"
    if rule == "last":
        month = f"cast({month} + 1 * interval 1 month - 1 * interval 1 day as date)"
    return (
        f"case when length({name}) = 4 then cast({name} || '{year}' as date) when length({name}) = 7 then {month} "
        f"else cast({name} as date) end"
    )
