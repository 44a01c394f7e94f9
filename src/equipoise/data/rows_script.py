"""The statement that reads the same spreadsheet in a DuckDB shell inside the data folder."""

from __future__ import annotations

from collections.abc import Sequence

from equipoise.data.adam import Adam
from equipoise.data.alone import Alone, alone
from equipoise.data.limits import limited
from equipoise.data.read import RawTable
from equipoise.data.sheet_dates import date_cell, day_fields
from equipoise.data.spellings import spelled
from equipoise.engine import comment, listed, quote
from equipoise.engine.text import written_number
from equipoise.protocol.file_form import PLAIN, FileForm
from equipoise.protocol.spec import Protocol
from equipoise.records import AtLimit

ROW_NUMBER = "row_number"  # `patient: row_number` where no column of the file names the patients
RESERVED = ("patient_id", "source_row")


def script(
    protocol: Protocol, raw: RawTable, numeric: set[str], reduced: bool, limits: Sequence[AtLimit], adam: Adam | None = None
) -> str:
    """One SELECT over the file as it is, where DuckDB's readers can say its form, else over a copy of what was read; or over the
    data sets of ADaM. numeric: columns of numbers. reduced: the file holds further rows of patients, which are taken out as
    declared. limits: values that lie at one, counted in a comment."""
    data = protocol.data
    texts = [*(data.dates.columns if data.dates else ()), *data.limits, *data.form.decimal_comma, *data.form.thousands]
    if adam:
        said, source, form, copied = adam.said, adam.script(texts), PLAIN, adam.copied
    else:
        given = file_alone(protocol, raw.file)
        said, source, form, copied = given.said, given.function, PLAIN if given.copy else data.form, bool(given.copy)
    said += "".join(
        comment(f"{at.column}: {at.below} values below a limit of measurement, {at.above} above; used is {at.rule}") + "\n"
        for at in limits
    )
    patient = "row_number() over ()" if data.patient == ROW_NUMBER else quote(str(data.patient))
    every = _every(protocol, raw, numeric, form, copied)
    fields = f"{every}, cast({patient} as varchar) as patient_id, row_number() over () as source_row"
    if reduced:
        source = _one_row(protocol, source, numeric)
    return f"{said}select {fields}{day_fields(data.dates)}\nfrom {source}"


def file_alone(protocol: Protocol, file: str) -> Alone:
    """How the statement reads the one file of rows."""
    data = protocol.data
    texts = (*(data.dates.columns if data.dates else ()), *data.limits, *data.form.decimal_comma, *data.form.thousands)
    return alone(file, data.form, data.missing, typed=True, texts=texts)


def _every(protocol: Protocol, raw: RawTable, numeric: set[str], form: FileForm, copied: bool) -> str:
    """Every column, those with marks in their numbers, words for missing of their own or values at a limit as they are read; of a
    copy, which holds text alone, all numbers too."""
    data = protocol.data
    kept = [name for name in raw.names if name.lower() in RESERVED]
    every = f"* exclude ({', '.join(quote(name) for name in kept)})" if kept else "*"
    replaced = []
    given = set(raw.names) - set(data.dates.days if data.dates else ()) - {ROW_NUMBER if data.patient == ROW_NUMBER else ""}
    numbers = sorted(numeric & given - set(kept)) if copied else ()
    for name in dict.fromkeys((*form.decimal_comma, *form.thousands, *data.missing_in, *data.spellings, *data.limits, *numbers)):
        cell = f"cast({quote(name)} as varchar)"
        if name in data.missing_in:
            cell = f"case when {cell} in ({listed(data.missing_in[name])}) then null else {cell} end"
        if name in (*form.decimal_comma, *form.thousands):
            cell = written_number(f"({cell})", name in form.decimal_comma, name in form.thousands)
        if name in data.spellings:
            cell = spelled(f"trim({cell})", data.spellings[name])
        if name in data.limits:
            cell = limited(f"({cell})", data.limits[name])
        replaced.append(f"{f'try_cast({cell} as double)' if name in numeric else cell} as {quote(name)}")
    return f"{every} replace ({', '.join(replaced)})" if replaced else every


def _one_row(protocol: Protocol, source: str, numeric: set[str]) -> str:
    """The rows that count, by the rule of data: one_row."""
    asked, dates, patient = protocol.data.one_row, protocol.data.dates, quote(str(protocol.data.patient))
    if asked is None:
        return source
    key = f"{quote(asked.by)}" if asked.by else "source_row"
    if asked.by and dates is not None and asked.by in dates.columns:
        key = date_cell(key, dates, asked.by)
    elif asked.by:
        key = f"cast({key} as {'double' if asked.by in numeric else 'varchar'})"
    order = "desc" if asked.keep == "last" else "asc"
    numbered = f"select *, row_number() over () as source_row from {source}"
    nth = f"row_number() over (partition by {patient} order by {key} {order} nulls last, source_row {order})"
    kept = f"select * exclude (source_row) from ({numbered}) as file qualify {nth} = 1 order by source_row"
    return f"({kept}) as file"
