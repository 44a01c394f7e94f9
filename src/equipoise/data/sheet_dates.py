"""Day numbers from the dates of a spreadsheet: `data: {dates: {from: ..., days: {...}}}` counts them from the index date."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

from equipoise.data.check import row_faults
from equipoise.data.read import RawTable
from equipoise.errors import Fault
from equipoise.protocol.population import SheetDates
from equipoise.protocol.spec import Protocol

_WRITTEN = re.compile(r"(\d{1,4})[-./](\d{1,2})[-./](\d{1,4})(?:[ T].*)?$")
FORMATS = {
    "ymd": (),
    "dmy": ("%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y"),
    "mdy": ("%m/%d/%Y", "%m-%d-%Y", "%m.%d.%Y"),
}
_YEAR_FIRST = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d")


def with_days(protocol: Protocol, raw: RawTable) -> tuple[RawTable, list[Fault]]:
    """The sheet with a column of whole days per name of `data.dates.days`, empty where its date or the index date is; and every
    cell that is no date."""
    dates = protocol.data.dates
    if dates is None:
        return raw, []
    place = protocol.place("data", "dates")
    faults = [
        Fault(place, "missing column", f"{raw.file} has no column '{c}'; it has {', '.join(raw.columns)}")
        for c in dict.fromkeys((dates.from_, *dates.days.values()))
        if c not in raw.columns
    ]
    faults += [Fault(place, "name taken", f"{raw.file} has a column '{n}' already") for n in dates.days if n in raw.columns]
    if faults:
        return raw, faults
    read = {}
    for column in dict.fromkeys((dates.from_, *dates.days.values())):
        read[column], found = _dates(raw, column, dates)
        faults += found
    days = {name: _days(read[dates.from_], read[column]) for name, column in dates.days.items()}
    return replace(raw, columns={**raw.columns, **days}), faults


def _days(starts: list[dt.date | None], ends: list[dt.date | None]) -> list[str | None]:
    return [None if a is None or b is None else str((b - a).days) for a, b in zip(starts, ends, strict=True)]


def _dates(raw: RawTable, column: str, dates: SheetDates) -> tuple[list[dt.date | None], list[Fault]]:
    found: list[dt.date | None] = []
    wrong: list[tuple] = []
    for i, cell in enumerate(raw.columns[column]):
        found.append(None if cell is None else parse_date(cell, dates.order))
        if cell is not None and found[-1] is None:
            wrong.append((i + raw.first_row, cell))
    message = f"this is not a date written YYYY-MM-DD or in the order {dates.order} (data.dates.order: ymd, dmy or mdy)"
    return found, row_faults(wrong, "date", message, raw.file, column)


def parse_date(cell: str, order: str) -> dt.date | None:
    """A date with the year first, or in the order that is declared; a time of day behind it is left out. None: not a date."""
    match = _WRITTEN.match(cell.strip())
    if match is None:
        return None
    parts = [int(p) for p in match.groups()]
    if len(match.group(1)) == 4:
        year, month, day = parts
    elif order == "ymd" or len(match.group(3)) != 4:
        return None
    else:
        day, month = parts[:2] if order == "dmy" else parts[1::-1]
        year = parts[2]
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def day_fields(dates: SheetDates | None) -> str:
    """The same columns in SQL, for the statement that runs alone on the file."""
    if dates is None:
        return ""
    formats = ", ".join(f"'{f}'" for f in (*_YEAR_FIRST, *FORMATS[dates.order]))
    read = {c: f"cast(try_strptime(left(cast({_quoted(c)} as varchar), 10), [{formats}]) as date)" for c in _columns(dates)}
    fields = [f"cast({read[c]} - {read[dates.from_]} as double) as {name}" for name, c in dates.days.items()]
    return "".join(f",\n  {f}" for f in fields)


def _columns(dates: SheetDates) -> list[str]:
    return list(dict.fromkeys((dates.from_, *dates.days.values())))


def _quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'
