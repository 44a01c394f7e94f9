"""Several rows of one patient: what repeats, and one of them by the rule that `data: one_row` declares."""

from __future__ import annotations

from equipoise.data.check import row_faults
from equipoise.data.date_forms import date_form
from equipoise.data.read import RawTable
from equipoise.data.sheet_dates import date_cell
from equipoise.engine import literal, quote
from equipoise.errors import Fault
from equipoise.protocol.spec import Protocol
from equipoise.records import Reduced

LISTED = 8


def reduced(protocol: Protocol, raw: RawTable) -> tuple[RawTable, Reduced | None, list[Fault]]:
    """The sheet with the first or last row of each patient; how many rows were left out, of how many patients."""
    asked, patient = protocol.data.one_row, str(protocol.data.patient)
    if asked is None or patient not in raw.names:
        return raw, None, []
    if asked.by is not None and asked.by not in raw.names:
        message = f"{raw.file} has no column '{asked.by}'; it has {', '.join(raw.names)}"
        return raw, None, [Fault(protocol.place("data", "one_row"), "missing column", message)]
    key = "source_row" if asked.by is None else _key(protocol, raw, asked.by)
    order = "desc" if asked.keep == "last" else "asc"
    cell = raw.cell(patient)
    ranked = f"""select source_row, {key} as key, {cell} as patient, count(*) over (partition by {cell}) as rows,
        row_number() over (partition by {cell} order by {key} {order} nulls last, source_row {order}) as nth,
        count(*) over (partition by {cell}, {key}) as equal from {raw.relation}"""
    first = f"select source_row from ({ranked}) where patient is not null and rows > 1 and nth = 1"
    found = raw.rows_where(f"source_row in ({first} and (key is null or equal > 1))")
    if found:
        message = f"which row of this patient is the {asked.keep} cannot be told: {asked.by} is empty or stands there twice"
        return raw, None, row_faults(found, "one row", f"{message}; correct it, or leave 'by' out", raw.file, str(asked.by))
    left = raw.engine.rows(f"select count(*), count(distinct patient) from ({ranked}) where nth > 1 and patient is not null")[0]
    kept = f"source_row in (select source_row from ({ranked}) where nth = 1 or patient is null)"
    return raw.only(raw.names, kept), Reduced(asked.keep, asked.by or "", *left), []


def _key(protocol: Protocol, raw: RawTable, column: str) -> str:
    """What rows are ordered by: dates as they are declared or written with the year in front, numbers, else text."""
    dates = protocol.data.dates
    if dates is not None and column in dates.columns:
        return date_cell(raw.text(column), dates, column)
    cell, number = raw.cell(column), raw.number(column)
    given, numbers = raw.engine.rows(f"select count({cell}), count({number}) from {raw.relation}")[0]
    return number if given == numbers else raw.text(column)


def order_faults(protocol: Protocol, raw: RawTable) -> list[Fault]:
    """`by` names a column whose text does not sort as its dates do."""
    asked, dates = protocol.data.one_row, protocol.data.dates
    if asked is None or asked.by is None or asked.by not in raw.names or (dates is not None and asked.by in dates.columns):
        return []
    if raw.kinds[asked.by] != "VARCHAR":
        return []
    form = date_form(raw.cells(asked.by))
    if form is None or (form.order == "ymd" and not form.two_digit):
        return []
    message = f"'{asked.by}' holds dates that do not begin with the year; name it under data: dates: days, with its order"
    return [Fault(protocol.place("data", "one_row"), "one row", message)]


def repeated(raw: RawTable, patient: str) -> list[Fault]:
    """One sentence on a patient column that repeats: how often, and in which columns the rows of a patient differ."""
    cell = raw.cell(patient)
    others = [name for name in raw.names if name != patient]
    texts = [f"coalesce({raw.text(name)}, {literal('')})" for name in others]
    differ = "".join(f", count(distinct {text}) > 1 as d{i}" for i, text in enumerate(texts))
    each = f"select count(*) as n{differ} from {raw.relation} where {cell} is not null group by {cell}"
    some = "".join(f", coalesce(bool_or(d{i}), false)" for i in range(len(others)))
    found = raw.engine.rows(f"select count(*), sum(n), count(*) filter (n > 1), max(n){some} from ({each}) as {quote('each')}")[0]
    patients, rows, several, most = found[:4]
    if not several:
        return []
    names = [name for name, differs in zip(others, found[4:], strict=True) if differs]
    listed = ", ".join(names[:LISTED]) + (f" and {len(names) - LISTED} more" if len(names) > LISTED else "")
    said = f"its rows differ in {listed}" if names else "they are equal in every column"
    message = f"{patients} patients stand in {rows} rows: {several} of them have several, up to {most}, and {said}. Keep one row "
    message += "per patient, or declare which one counts: data: one_row: {keep: first, by: COLUMN}"
    if {"PARAMCD", "AVAL", "CNSR"} <= {name.upper() for name in raw.names}:
        message += "; the parameters of ADaM are read side by side with data: {standard: adam, path: FOLDER}"
    return [Fault(f"{raw.file}, column {patient}", "repeated patient", message)]
