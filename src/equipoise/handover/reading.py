"""The data of a hand-over: read, checked, and what is done to each column."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from equipoise.contract import CORE, Contract
from equipoise.data.check import row_faults
from equipoise.data.read import RawTable, read_table
from equipoise.data.rows import ROW_NUMBER
from equipoise.engine import Engine
from equipoise.errors import DataError, Fault
from equipoise.handover.look import holds_patients
from equipoise.handover.sheet import sheet_of, treated_sheet
from equipoise.handover.tables import read_folder, treated
from equipoise.handover.treatment import CODE, PERSON, Chosen, Handed
from equipoise.handover.trial import is_free, read_trial, treated_trial
from equipoise.packs import SHIPPED, shipped
from equipoise.protocol.blinded import sheet_columns
from equipoise.protocol.expressions import columns_of
from equipoise.protocol.file_form import PLAIN, TableForm
from equipoise.protocol.population import OMOP
from equipoise.protocol.spec import Protocol
from equipoise.start.adam import is_adam
from equipoise.start.columns import see
from equipoise.start.given import Given as Guessed
from equipoise.start.patient import guess_patient, repeated_column
from equipoise.start.trial import is_sdtm

TRIALS = ("sdtm", "adam")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user asks for. out, key: folders; None: beside the data. seed: None draws one. sheet, patient: of a spreadsheet
    without a protocol."""

    out: Path | None = None
    protocol: Path | None = None
    seed: int | None = None
    drop: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    key: Path | None = None
    keep_order: bool = False
    sheet: str | None = None
    patient: str | None = None

    @property
    def chosen(self) -> Chosen:
        return Chosen(self.drop, self.keep)


@dataclass(frozen=True, slots=True)
class Given:
    """The files with their treatments, every identifier of a person in them, and the names of files that are not taken. trial:
    they are SDTM domains or ADaM data sets. identifiers: of persons, with those that only their trial knows."""

    files: list[Handed]
    persons: set[str]
    others: list[str]
    trial: bool = False
    identifiers: frozenset[str] = frozenset()


def _fits(source: Path, protocol: Protocol | None) -> None:
    if protocol is None:
        return
    if protocol.data.standard == OMOP:
        message = "tables of the OMOP model are not taken; hand over the tables or the spreadsheet that they came from"
        raise DataError(Fault(protocol.place("data", "standard"), OMOP, message))
    if (protocol.data.rows is None or protocol.data.standard == "adam") != source.is_dir():
        message = "the protocol reads a folder of tables" if protocol.data.rows is None else "the protocol reads one spreadsheet"
        raise DataError(Fault(protocol.place("data"), "data", f"{message}; name that"))


def read(engine: Engine, source: Path, asked: Asked, protocol: Protocol | None) -> Given:
    """Raises DataError with every fault of a cell that is not what it must be, and of columns named that are not there."""
    _fits(source, protocol)
    if not source.is_dir():
        given = _spreadsheet(engine, source, asked, protocol)
    elif protocol.data.standard in TRIALS if protocol is not None else is_sdtm(source) or is_adam(source):
        given = _trial(engine, source, asked, protocol)
    else:
        given = _folder(engine, source, asked, protocol)
    faults = _unknown_columns(asked, given.files) + _telling_names(given)
    if faults:
        raise DataError(faults)
    return given


def _folder(engine: Engine, source: Path, asked: Asked, protocol: Protocol | None) -> Given:
    contract = _contract(protocol)
    missing, partial = ((), None) if protocol is None else (tuple(protocol.data.missing), protocol.data.partial_dates)
    forms = protocol.data.form_of if protocol is not None else lambda name: TableForm().of(name)
    found = read_folder(source, contract, engine, missing, partial, forms)
    patients = {p for f in found.tables for p in f.distinct("patient_id")[0]}
    cut = protocol is not None and protocol.study.data_cutoff is not None
    return Given(treated(found, contract, patients, asked.chosen, cut), patients, found.others)


def _trial(engine: Engine, source: Path, asked: Asked, protocol: Protocol | None) -> Given:
    trial = read_trial(source, engine, protocol)
    names = sorted({name for sheet in trial.sheets.values() for name in sheet.seen})
    wanted = _asked(protocol, names) if protocol is not None and protocol.data.standard == "adam" else set()
    parts = {name for name in names for column in _written(protocol) if column.endswith(f"_{name}")} if wanted else set()
    known = {sheet.file.file for sheet in trial.sheets.values()}
    faults = [
        Fault(protocol.place("data", "domains"), "file", _not_handed(file, source))
        for file in (protocol.data.domains.values() if protocol is not None else ())
        if file not in known
    ]
    if faults:
        raise DataError(faults)
    return Given(
        treated_trial(trial, asked.chosen, wanted | parts), trial.subjects, trial.others, True, frozenset(trial.identifiers)
    )


def _not_handed(file: str, source: Path) -> str:
    if (source / file).is_file() and is_free(Path(file).stem):
        return f"{file} holds free answers and is never handed over, and the protocol reads it; make a protocol without it first"
    return f"there is no {file} with subjects in {source.name}/"


def _spreadsheet(engine: Engine, source: Path, asked: Asked, protocol: Protocol | None) -> Given:
    missing, tab = ((), asked.sheet) if protocol is None else (tuple(protocol.data.missing), protocol.data.sheet)
    data = protocol.data if protocol is not None else None
    form, missing_in = (data.form, data.missing_in) if data is not None else (PLAIN, None)
    raw = read_table(source, tab, missing, engine, form=form, missing_in=missing_in)
    if raw.n_rows == 0:
        raise DataError(Fault(raw.file, "empty file", "the file holds column names and no rows"))
    named = _patient(raw, asked, protocol)
    patients = {c for c in raw.cells(named) if c is not None} if named else set()
    dates = protocol.data.dates if protocol is not None else None
    file = treated_sheet(sheet_of(raw, named), patients, asked.chosen, _asked(protocol, raw.names), dates)
    persons = patients or {str(i + 1) for i in range(raw.n_rows)}
    return Given([file], persons | {c for t in file.of(PERSON) for c in file.distinct(t.column)[0]}, [])


def _patient(raw: RawTable, asked: Asked, protocol: Protocol | None) -> str | None:
    """The column that names the patients; None where each row is one."""
    named = protocol.data.patient if protocol is not None else asked.patient
    if named is None:
        seen = {n: see(n, raw.cells(n)) for n in raw.names}
        repeated = repeated_column(seen, Guessed())
        named = repeated.name if repeated is not None else guess_patient(seen, Guessed())[0]
    if named is None or (named == ROW_NUMBER and ROW_NUMBER not in raw.names):
        return None
    if named not in raw.names:
        raise DataError(Fault(raw.file, "missing column", f"there is no column '{named}'; it has {', '.join(raw.names)}"))
    empty = raw.rows_where(f"{raw.cell(named)} is null")
    if empty:
        raise DataError(row_faults(empty, "empty cell", "the patient identifier is missing", raw.file, named))
    return named


def _contract(protocol: Protocol | None) -> Contract:
    """With every pack that ships: a table that this study does not read may be one of the next."""
    contract = protocol.contract if protocol is not None else CORE
    there = [pack.name for pack in protocol.rule_packs] if protocol is not None else []
    for name in SHIPPED:
        contract = contract if name in there else shipped(name).extend(contract)
    return contract


def _asked(protocol: Protocol | None, names: list[str]) -> set[str]:
    """Columns of the sheet that the protocol needs."""
    if protocol is None:
        return set()
    small = {column.lower() for column in _written(protocol)}
    return {*sheet_columns(protocol, names), *(n for n in names if n.lower() in small)}


def _written(protocol: Protocol) -> set[str]:
    """Columns that the outcomes name."""
    texts = [e.event for e in (*protocol.endpoints.values(), *protocol.binary_endpoints.values()) if e.event]
    texts += [s.where for s in protocol.sources.values() if s.where]
    asked = {c for text in texts for c in columns_of(text)} | {s.day for s in protocol.sources.values()}
    asked |= {e.time.column for e in protocol.endpoints.values() if e.time is not None}
    return {column for column in asked if column}


def _telling_names(given: Given) -> list[Fault]:
    """A file keeps its name."""
    n = sum(holds_patients([f.name], given.identifiers or given.persons) for f in given.files)
    message = f"the names of {n} files hold the identifier of a patient, and a file keeps its name; rename them"
    return [Fault("files", "tells a patient", message)] if n else []


def _unknown_columns(asked: Asked, files: Sequence[Handed]) -> list[Fault]:
    known = {c for f in files for column in f.cells for c in (column, f"{f.name}.{column}")}
    patient = {c for f in files for t in f.of(CODE) for c in (t.column, f"{f.name}.{t.column}")}
    faults = [
        Fault(option, "needed column", f"'{name}' names the patients and is replaced by a new identifier; it cannot be left out")
        for option, name in (("--drop", n) for n in asked.drop if n in patient)
    ]
    for option, names in (("--drop", asked.drop), ("--keep", asked.keep)):
        for name in names:
            near = difflib.get_close_matches(name, sorted(known), n=1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            faults += [] if name in known else [Fault(option, "missing column", f"no file has a column '{name}'{hint}")]
    both = sorted(set(asked.drop) & set(asked.keep))
    return faults + [Fault("--keep", "both", f"'{name}' is named with --drop too; leave out one") for name in both]
