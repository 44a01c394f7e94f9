"""A folder of raw tables of the contract: read, checked cell by cell, and what is done to each column."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path

from equipoise.contract import Column, Contract, Table
from equipoise.data import check
from equipoise.data.partial_dates import complete
from equipoise.data.read import SUFFIXES, RawTable, read_table
from equipoise.engine import Engine, listed, quote
from equipoise.errors import DataError, Fault
from equipoise.handover.look import is_empty, telling_cells
from equipoise.handover.treatment import AGE, CAPPED, CODE, CUTOFF, KEEP, LEAVE, RECORD, SHIFT, Chosen, Handed, Treatment
from equipoise.protocol.file_form import TableForm

PATIENT, FOLLOWUP, DATA_CUTOFF = "patient_id", "followup", "data_cutoff"
PLACES_AND_READERS = ("site", "reader")
UNKNOWN = "the contract has no such column, and no study reads it"


@dataclass(frozen=True, slots=True)
class Read:
    """The tables of a folder, untreated; files that are none of them."""

    tables: list[Handed]
    first_rows: dict[str, int]
    others: list[str]


def read_folder(
    folder: Path,
    contract: Contract,
    engine: Engine,
    missing: Collection[str],
    partial: str | None,
    forms: Callable[[str], TableForm],
) -> Read:
    """Every table of the contract that is there. forms: how the file of each is written. partial: how dates without a day are
    completed. Raises DataError with every fault of every cell, for a cell that is not what the contract says might be
    anything."""
    handed: list[Handed] = []
    first: dict[str, int] = {}
    faults: list[Fault] = []
    for name, table in contract.tables.items():
        files = [folder / f"{name}{s}" for s in SUFFIXES if (folder / f"{name}{s}").is_file()]
        if len(files) > 1:
            both = " and ".join(f.name for f in files)
            faults.append(Fault(folder.name, "file", f"the table {name} is there twice: {both}; keep one"))
        for path in files[:1]:
            try:
                form = forms(name)
                raw = read_table(path, form.sheet, tuple(missing), engine, name, form)
            except DataError as error:
                faults += error.faults
                continue
            faults += check.header_faults(table, raw.file, raw.names) or _cell_faults(engine, table, raw, partial)
            first[name] = raw.first_row
            handed.append(_as_it_was(table, raw, engine))
    if faults:
        raise DataError(faults)
    if not handed:
        message = "the folder holds no table of `equipoise codebook`; of a spreadsheet name the file; SDTM needs DM and EX, "
        message += "ADaM ADTTE"
        raise DataError(Fault(folder.name or ".", "folder", message))
    known = {h.file for h in handed}
    return Read(handed, first, sorted(p.name for p in folder.iterdir() if p.name not in known and not p.name.startswith(".")))


def _cell_faults(engine: Engine, table: Table, raw: RawTable, partial: str | None) -> list[Fault]:
    given = {n: raw.text(n) for n in table.column_names if n in raw.names}
    fields = [f"{given.get(n, 'cast(null as varchar)')} as {quote(n)}" for n in table.column_names]
    engine.create(f"raw_{table.name}", f"select {', '.join(fields)}, source_row from {raw.relation} order by source_row")
    faults, _ = complete(engine, table, raw, partial)
    return faults or check.cell_faults(engine, table, raw.file, raw.first_row)


def _as_it_was(table: Table, raw: RawTable, engine: Engine) -> Handed:
    """Columns of the file in its order; one that the contract does not know has no cells here."""
    cells = {c: quote(c) if c in table.column_names else "null" for c in raw.names}
    numbers = frozenset(c for c in raw.names if raw.kinds[c] != "VARCHAR" and c in table.column_names)
    parquet = Path(raw.file).suffix.lower() == ".parquet"
    return Handed(table.name, raw.file, engine, f"raw_{table.name}", quote(PATIENT), cells, numbers, parquet=parquet)


def treated(read: Read, contract: Contract, patients: Collection[str], chosen: Chosen, cut: bool) -> list[Handed]:
    """What is done to each column of each table. cut: the protocol has a cut-off. Raises DataError where a column without which
    no study reads the table would give a patient away."""
    faults: list[Fault] = []
    handed = []
    for file in read.tables:
        table = contract.tables[file.name]
        done = []
        for name in file.cells:
            if name in table.column_names:
                one = _treatment(file, table.column(name), patients, chosen, cut)
                faults += _needed_faults(file, table.column(name), one, patients, read.first_rows[file.name])
            else:
                one = Treatment(name, LEAVE, UNKNOWN)
            done.append(one)
        handed.append(replace(file, treatments=tuple(done)))
    if faults:
        raise DataError(faults)
    return handed


def _treatment(file: Handed, column: Column, patients: Collection[str], chosen: Chosen, cut: bool) -> Treatment:
    name = column.name
    if name == PATIENT:
        return Treatment(name, CODE)
    if chosen.drops(file.name, name):
        return Treatment(name, LEAVE, "named with --drop")
    if column.kind == "key":
        return Treatment(name, RECORD, "an identifier of its own may hold that of the patient")
    if column.kind == "date":
        return _date(file.name, name, chosen, cut)
    if column.unit == "years" and "age" in name.split("_"):
        return Treatment(name, AGE)
    if column.kind != "text":
        return Treatment(name, KEEP, f"{column.kind} of the contract, each cell checked")
    if chosen.keeps(file.name, name):
        return Treatment(name, KEEP, "named with --keep")
    why = telling_cells(*file.distinct(name), patients)
    kept = "names a hospital or a reader; --drop leaves it out" if name in PLACES_AND_READERS else "short words that repeat"
    return Treatment(name, LEAVE, why) if why else Treatment(name, KEEP, kept)


def _date(table: str, name: str, chosen: Chosen, cut: bool) -> Treatment:
    if table == FOLLOWUP and name == DATA_CUTOFF and not chosen.keeps(FOLLOWUP, DATA_CUTOFF):
        return Treatment(name, CUTOFF, "one day for all patients, shifted, would tell every shift")
    if table == FOLLOWUP and name == DATA_CUTOFF:
        return Treatment(name, SHIFT, "named with --keep: whoever knows the cut-off can undo every shift")
    return Treatment(name, CAPPED if table == FOLLOWUP and cut else SHIFT)


def _needed_faults(file: Handed, column: Column, done: Treatment, patients: Collection[str], first_row: int) -> list[Fault]:
    """Of a column without which no study reads the table: the rows that keep it from being handed over."""
    if done.what != LEAVE or not column.required:
        return []
    place = f"{file.file}, column {column.name}"
    if done.why.startswith("named"):
        return [Fault(place, "needed column", "no study reads the table without this column; leave it out of --drop")]
    telling = [c for c in file.distinct(column.name)[0] if not is_empty(c) and telling_cells([c], 1, patients)]
    cell = file.cells[column.name]
    found = f"select source_row, null from {file.relation} where {cell} in ({listed(telling)}) order by source_row"
    rows = [(row + first_row - 1, None) for row, _ in file.engine.rows(found)] if telling else []
    message = (
        f"{done.why}, and no study reads the table without this column; correct the cells, or hand the column over as it is with "
        f"--keep {file.name}.{column.name}"
    )
    return check.row_faults(rows, "tells a patient", message, file.file, column.name) or [
        Fault(place, "tells a patient", message)
    ]
