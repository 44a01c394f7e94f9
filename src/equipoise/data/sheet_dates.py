"""Day numbers from the dates of a spreadsheet: `data: {dates: {from: ..., days: {...}}}` counts them from the index date."""

from __future__ import annotations

from equipoise.data.check import row_faults
from equipoise.data.read import RawTable
from equipoise.engine import listed, quote
from equipoise.errors import Fault
from equipoise.protocol.population import SheetDates
from equipoise.protocol.spec import Protocol

_WRITTEN = r"^(\d{1,4})[-./](\d{1,2})[-./](\d{1,4})(?:[ T].*)?$"
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
        Fault(place, "missing column", f"{raw.file} has no column '{c}'; it has {', '.join(raw.names)}")
        for c in _columns(dates)
        if c not in raw.names
    ]
    faults += [Fault(place, "name taken", f"{raw.file} has a column '{n}' already") for n in dates.days if n in raw.names]
    if faults:
        return raw, faults
    read = {column: date_cell(raw.text(column), dates.order) for column in _columns(dates)}
    message = f"this is not a date written YYYY-MM-DD or in the order {dates.order} (data.dates.order: ymd, dmy or mdy)"
    for column, date in read.items():
        wrong = raw.rows_where(f"{raw.cell(column)} is not null and {date} is null", raw.text(column))
        faults += row_faults(wrong, "date", message, raw.file, column)
    if faults:
        return raw, faults
    days = {name: f"cast(date_diff('day', {read[dates.from_]}, {read[column]}) as double)" for name, column in dates.days.items()}
    return raw.with_columns(days), []


def date_cell(text: str, order: str) -> str:
    """A cell of text in SQL as a date: the year first, or the order that is declared; a time of day behind it is left out."""
    parts = f"regexp_extract(trim({text}), '{_WRITTEN}', ['a', 'b', 'c'])"
    first, second, third = (f"({parts}).{name}" for name in "abc")
    day, month = (second, first) if order == "mdy" else (first, second)
    year_first = f"try_cast({first} || '-' || {second} || '-' || {third} as date)"
    year_last = f"try_cast({third} || '-' || {month} || '-' || {day} as date)"
    other = "null" if order == "ymd" else f"case when length({third}) = 4 then {year_last} end"
    return f"(case when length({first}) = 4 then {year_first} else {other} end)"


def day_fields(dates: SheetDates | None) -> str:
    """The same columns in SQL, for the statement that runs alone on the file."""
    if dates is None:
        return ""
    formats = listed((*_YEAR_FIRST, *FORMATS[dates.order]))
    read = {c: f"cast(try_strptime(left(cast({quote(c)} as varchar), 10), [{formats}]) as date)" for c in _columns(dates)}
    fields = [f"cast({read[c]} - {read[dates.from_]} as double) as {name}" for name, c in dates.days.items()]
    return "".join(f",\n  {f}" for f in fields)


def _columns(dates: SheetDates) -> list[str]:
    return list(dict.fromkeys((dates.from_, *dates.days.values())))
