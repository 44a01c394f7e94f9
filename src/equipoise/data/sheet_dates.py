"""Day numbers from the dates of a spreadsheet: `data: {dates: {from: ..., days: {...}}}` counts them from the index date."""

from __future__ import annotations

from equipoise.data.check import row_faults
from equipoise.data.date_forms import date_sql, forms_seen
from equipoise.data.read import RawTable
from equipoise.engine import quote
from equipoise.errors import Fault
from equipoise.protocol.population import SheetDates
from equipoise.protocol.spec import Protocol


def with_days(protocol: Protocol, raw: RawTable) -> tuple[RawTable, list[Fault]]:
    """The sheet with a column of whole days per name of `data.dates.days`, empty where its date or the index date is; and every
    cell that is no date."""
    dates = protocol.data.dates
    if dates is None:
        return raw, []
    place = protocol.place("data", "dates")
    faults = [
        Fault(place, "missing column", f"{raw.file} has no column '{c}'; it has {', '.join(raw.names)}")
        for c in dates.columns
        if c not in raw.names
    ]
    faults += [Fault(place, "name taken", f"{raw.file} has a column '{n}' already") for n in dates.days if n in raw.names]
    if faults:
        return raw, faults
    read = {column: date_cell(raw.text(column), dates, column) for column in dates.columns}
    faults = _date_faults(raw, dates, read)
    if faults:
        return raw, faults
    days = {name: f"cast(date_diff('day', {read[dates.from_]}, {read[column]}) as double)" for name, column in dates.days.items()}
    return raw.with_columns(days), []


def _date_faults(raw: RawTable, dates: SheetDates, read: dict[str, str]) -> list[Fault]:
    """Cells that are no date as declared: columns of which every such cell looks the same in one sentence, others by row."""
    faults: list[Fault] = []
    alike: dict[str, list[str]] = {}
    for column, date in read.items():
        wrong = raw.rows_where(f"{raw.cell(column)} is not null and {date} is null", raw.text(column))
        seen = forms_seen(cell for _, cell in wrong if cell) if len(wrong) > 1 else ""
        if seen:
            alike.setdefault(seen, []).append(column)
        else:
            order = dates.order_of(column)
            written = (
                f"written YYYY-MM-DD or in the order {order}" if order in ("ymd", "dmy", "mdy") else f"as {order} counts days"
            )
            message = f"this is not a date {written} (data.dates.order says how dates are written)"
            faults += row_faults(wrong, "date", message, raw.file, column)
    for seen, columns in alike.items():
        names = f"column {columns[0]}" if len(columns) == 1 else f"columns {', '.join(columns)}"
        faults.append(Fault(f"{raw.file}, {names}", "date", f"the cells hold {seen} (data.dates.order, or orders for a column)"))
    return faults


def date_cell(text: str, dates: SheetDates, column: str) -> str:
    """A cell of text of this column in SQL as a date."""
    return date_sql(text, dates.order_of(column), dates.century_from)


def day_fields(dates: SheetDates | None) -> str:
    """The same columns in SQL, for the statement that runs alone on the file."""
    if dates is None:
        return ""
    read = {c: date_cell(quote(c), dates, c) for c in dates.columns}
    fields = [f"cast(date_diff('day', {read[dates.from_]}, {read[c]}) as double) as {name}" for name, c in dates.days.items()]
    return "".join(f",\n  {f}" for f in fields)
