"""The statement that reads the same spreadsheet in a DuckDB shell inside the data folder."""

from __future__ import annotations

from pathlib import Path

from equipoise.data.adam import Adam
from equipoise.data.limits import limited
from equipoise.data.read import RawTable, stem_of
from equipoise.data.sheet_dates import day_fields
from equipoise.engine import comment, listed, literal, quote
from equipoise.protocol.spec import Protocol

ROW_NUMBER = "row_number"  # `patient: row_number` where no column of the file names the patients
RESERVED = ("patient_id", "source_row")


def script(protocol: Protocol, raw: RawTable, numeric: set[str], reduced: bool, adam: Adam | None = None) -> str:
    """One SELECT over the file as plain csv, or over those of ADaM. numeric: columns of numbers. reduced: the file holds further
    rows of patients, which are taken out before."""
    data = protocol.data
    file = f"{stem_of(Path(raw.file))}.csv"
    to_save = adam.to_save if adam else [raw.file] if raw.file != file or data.form.declared else []
    notes = []
    if to_save:
        saved = " and ".join(f"the table of {f} as {stem_of(Path(f))}.csv" for f in to_save)
        notes.append(f"save {saved} first: UTF-8, column names in row 1, decimal points")
    if reduced:
        notes.append("keep one row per patient in it, as the protocol says under data: one_row")
    patient = "row_number() over ()" if data.patient == ROW_NUMBER else quote(str(data.patient))
    fields = f"{_every(protocol, raw, numeric)}, cast({patient} as varchar) as patient_id, row_number() over () as source_row"
    said = "".join(f"{comment(note)}\n" for note in notes)
    return f"{said}select {fields}{day_fields(data.dates)}\nfrom {_file(protocol, file, adam)}"


def _every(protocol: Protocol, raw: RawTable, numeric: set[str]) -> str:
    """Every column, those with words for missing of their own or values at a limit as they are read."""
    data = protocol.data
    kept = [name for name in raw.names if name.lower() in RESERVED]
    every = f"* exclude ({', '.join(quote(name) for name in kept)})" if kept else "*"
    replaced = []
    for name in dict.fromkeys((*data.missing_in, *data.limits)):
        cell = f"cast({quote(name)} as varchar)"
        if name in data.missing_in:
            cell = f"case when {cell} in ({listed(data.missing_in[name])}) then null else {cell} end"
        if name in data.limits:
            cell = limited(f"({cell})", data.limits[name])
        replaced.append(f"{f'try_cast({cell} as double)' if name in numeric else cell} as {quote(name)}")
    return f"{every} replace ({', '.join(replaced)})" if replaced else every


def _file(protocol: Protocol, file: str, adam: Adam | None) -> str:
    data = protocol.data
    options = f", nullstr = [{listed(('', *data.missing))}]" if data.missing else ""
    texts = dict.fromkeys((*(data.dates.columns if data.dates else ()), *data.limits))
    kinds = ", ".join(f"{literal(c)}: {literal('VARCHAR')}" for c in texts)
    typed = f", types = {{{kinds}}}" if kinds else ""
    return adam.script(options, typed) if adam else f"read_csv({literal(file)}{options}{typed})"
