"""The statement that reads the same spreadsheet in a DuckDB shell inside the data folder."""

from __future__ import annotations

from pathlib import Path

from equipoise.data.adam import Adam
from equipoise.data.limits import limited
from equipoise.data.read import TEXT, RawTable, kind_of, stem_of
from equipoise.data.sheet_dates import date_cell, day_fields
from equipoise.engine import comment, listed, literal, quote
from equipoise.engine.text import written_number
from equipoise.protocol.file_form import PLAIN, FileForm
from equipoise.protocol.population import Data
from equipoise.protocol.spec import Protocol

ROW_NUMBER = "row_number"  # `patient: row_number` where no column of the file names the patients
RESERVED = ("patient_id", "source_row")


def script(protocol: Protocol, raw: RawTable, numeric: set[str], reduced: bool, adam: Adam | None = None) -> str:
    """One SELECT over the file as it is, where DuckDB's readers can say its form, else as plain csv; or over those of ADaM.
    numeric: columns of numbers. reduced: the file holds further rows of patients, which are taken out as declared."""
    data = protocol.data
    direct = None if adam else _said(raw.file, data)
    to_save = adam.to_save if adam else [raw.file] if direct is None else []
    said = ""
    if to_save:
        saved = " and ".join(f"the table of {f} as {stem_of(Path(f))}.csv" for f in to_save)
        said = f"{comment(f'save {saved} first: UTF-8, column names in row 1, decimal points')}\n"
    form = data.form if direct is not None else PLAIN
    patient = "row_number() over ()" if data.patient == ROW_NUMBER else quote(str(data.patient))
    every = _every(protocol, raw, numeric, form)
    fields = f"{every}, cast({patient} as varchar) as patient_id, row_number() over () as source_row"
    file, form_said = direct or (f"{stem_of(Path(raw.file))}.csv", "")
    source = _file(protocol, file, form_said, form, adam)
    if reduced:
        source = _one_row(protocol, source, numeric)
    return f"{said}select {fields}{day_fields(data.dates)}\nfrom {source}"


def _said(file: str, data: Data) -> tuple[str, str] | None:
    """The file, and the options of read_csv that say its form; None where it has another kind or form than they can say."""
    kind, form = kind_of(Path(file)), data.form
    if (
        kind.removesuffix(".gz") not in TEXT
        or form.encoding not in ("utf-8", "utf-16")
        or form.header_rows > 1
        or form.rows_below
    ):
        return None
    options = "" if not form.declared and kind == ".csv" else ", header = true"
    if form.sign:
        options += f", delim = {literal(form.sign)}"
    if form.encoding != "utf-8":
        options += f", encoding = {literal(form.encoding)}"
    if form.header_row:
        options += f", skip = {form.header_row - 1}"
    if form.comment:
        options += f", comment = {literal(form.comment)}"
    return None if len(form.comment) > 1 else (file, options)


def _every(protocol: Protocol, raw: RawTable, numeric: set[str], form: FileForm) -> str:
    """Every column, those with marks in their numbers, words for missing of their own or values at a limit as they are read."""
    data = protocol.data
    kept = [name for name in raw.names if name.lower() in RESERVED]
    every = f"* exclude ({', '.join(quote(name) for name in kept)})" if kept else "*"
    replaced = []
    for name in dict.fromkeys((*form.decimal_comma, *form.thousands, *data.missing_in, *data.limits)):
        cell = f"cast({quote(name)} as varchar)"
        if name in data.missing_in:
            cell = f"case when {cell} in ({listed(data.missing_in[name])}) then null else {cell} end"
        if name in (*form.decimal_comma, *form.thousands):
            cell = written_number(f"({cell})", name in form.decimal_comma, name in form.thousands)
        if name in data.limits:
            cell = limited(f"({cell})", data.limits[name])
        replaced.append(f"{f'try_cast({cell} as double)' if name in numeric else cell} as {quote(name)}")
    return f"{every} replace ({', '.join(replaced)})" if replaced else every


def _file(protocol: Protocol, file: str, form_said: str, form: FileForm, adam: Adam | None) -> str:
    data = protocol.data
    options = f"{form_said}, nullstr = [{listed(('', *data.missing))}]" if data.missing else form_said
    texts = dict.fromkeys((*(data.dates.columns if data.dates else ()), *data.limits, *form.decimal_comma, *form.thousands))
    kinds = ", ".join(f"{literal(c)}: {literal('VARCHAR')}" for c in texts)
    typed = f", types = {{{kinds}}}" if kinds else ""
    return adam.script(options, typed) if adam else f"read_csv({literal(file)}{options}{typed})"


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
