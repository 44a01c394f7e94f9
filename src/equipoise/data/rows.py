"""One spreadsheet, one row per patient: the columns as they are, checked only for what the protocol uses."""

from __future__ import annotations

from pathlib import Path

from equipoise.data import units
from equipoise.data.check import row_faults
from equipoise.data.measured import heading_findings, measurement_faults
from equipoise.data.read import RawTable, read_table, without_missing
from equipoise.data.sheet_dates import day_fields, with_days
from equipoise.engine import Engine, literal
from equipoise.errors import DataError, Fault
from equipoise.protocol.expressions import columns_of, expression_faults
from equipoise.protocol.measured import ITEMS
from equipoise.protocol.packs import own_analytes
from equipoise.protocol.spec import Protocol
from equipoise.records import Sources, SourceTable

TABLE = "patients"
ROW_NUMBER = "row_number"  # `patient: row_number` where no column of the file names the patients


def read_rows(protocol: Protocol) -> Sources:
    """The relation `patients`: every column of the sheet, plus patient_id and source_row. Raises DataError with all faults."""
    path = Path(protocol.folder) / str(protocol.data.rows)
    raw = without_missing(read_table(path, protocol.data.sheet), protocol.data.missing)
    if protocol.data.patient == ROW_NUMBER and ROW_NUMBER not in raw.columns:
        raw.columns[ROW_NUMBER] = [str(i) for i in range(1, raw.n_rows + 1)]
    raw, faults = with_days(protocol, raw)
    if not faults:
        faults = _column_faults(protocol, raw) + measurement_faults(protocol, raw)
    if faults:
        raise DataError(faults)
    faults = _patient_faults(protocol, raw) + _number_faults(protocol, raw)
    if faults:
        raise DataError(faults)
    engine = Engine()
    columns = {name: _typed(cells) for name, cells in raw.columns.items()}
    columns["patient_id"] = list(raw.columns[str(protocol.data.patient)])
    columns["source_row"] = list(range(1, raw.n_rows + 1))
    engine.load_rows(TABLE, columns, _script(protocol, raw))
    tables = {TABLE: SourceTable(TABLE, raw.file, raw.n_rows, raw.sha256)}
    if protocol.measurements:
        units.define(engine, own_analytes(protocol.rule_packs))
    return Sources(engine, tables, tuple(heading_findings(protocol, raw)))


def _derived(protocol: Protocol) -> set[str]:
    """Columns that the measured ones and the packs give."""
    return {*ITEMS, *(name for pack in protocol.rule_packs for name in pack.column_names(sheet=True))}


def _column_faults(protocol: Protocol, raw: RawTable) -> list[Fault]:
    known = set(raw.columns) | (_derived(protocol) if protocol.measurements else set())
    faults: list[Fault] = []

    def need(name: str, *where: str) -> None:
        if name not in known:
            faults.append(
                Fault(
                    protocol.place(*where),
                    "missing column",
                    f"{raw.file} has no column '{name}'; it has {', '.join(raw.columns)}",
                )
            )

    need(str(protocol.data.patient), "data", "patient")
    if protocol.arms.column is not None:
        need(protocol.arms.column, "arms", "column")
    for name, covariate in protocol.covariates.items():
        faults += expression_faults(covariate.from_, known, protocol.place("covariates", name, "from"))
    for i, step in enumerate(protocol.eligibility.steps):
        for j, exclude in enumerate(step.exclude):
            faults += expression_faults(exclude.where, known, protocol.place("eligibility", "steps", i, "exclude", j, "where"))
    for name, endpoint in protocol.endpoints.items():
        if endpoint.time is not None and endpoint.event is not None:
            need(endpoint.time.column, "endpoints", name, "time")
            faults += expression_faults(endpoint.event, known, protocol.place("endpoints", name, "event"))
    for name, source in protocol.sources.items():
        need(source.day, "sources", name, "day")
        if source.where:
            faults += expression_faults(source.where, known, protocol.place("sources", name, "where"))
    return faults


def _patient_faults(protocol: Protocol, raw: RawTable) -> list[Fault]:
    column = str(protocol.data.patient)
    cells = raw.columns[column]
    empty = [(i + raw.first_row, None) for i, v in enumerate(cells) if v is None]
    seen: set[str] = set()
    twice = []
    for i, v in enumerate(cells):
        if v is not None and v in seen:
            twice.append((i + raw.first_row, v))
        seen.add(v or "")
    faults = row_faults(empty, "empty cell", "the patient identifier is missing", raw.file, column)
    return faults + row_faults(
        twice, "duplicate patient", "this patient stands in an earlier row; keep one row per patient", raw.file, column
    )


def _number_faults(protocol: Protocol, raw: RawTable) -> list[Fault]:
    faults: list[Fault] = []
    for column, may_be_empty in _number_columns(protocol, raw):
        cells = raw.columns[column]
        wrong = [(i + raw.first_row, v) for i, v in enumerate(cells) if v is not None and _number(v) is None]
        faults += row_faults(
            wrong, "type", "this is not a number; write digits with a point, or leave the cell empty", raw.file, column
        )
        if not may_be_empty:
            empty = [(i + raw.first_row, None) for i, v in enumerate(cells) if v is None]
            faults += row_faults(empty, "empty cell", "the time of the endpoint is missing", raw.file, column)
            negative = [(i + raw.first_row, v) for i, v in enumerate(cells) if (_number(v) or 0.0) < 0]
            faults += row_faults(negative, "range", "a time cannot be negative", raw.file, column)
    return faults


def _number_columns(protocol: Protocol, raw: RawTable) -> list[tuple[str, bool]]:
    times = [e.time.column for e in protocol.endpoints.values() if e.time is not None]
    found = [(name, False) for name in dict.fromkeys(times)]
    found += [(source.day, True) for source in protocol.sources.values()]
    for covariate in protocol.covariates.values():
        if covariate.kind == "continuous" and columns_of(covariate.from_) == [covariate.from_]:
            found.append((covariate.from_, True))
    return [(name, empty) for name, empty in dict.fromkeys(found) if name in raw.columns]


def _typed(cells: list[str | None]) -> list:
    numbers = [None if v is None else _number(v) for v in cells]
    whole = all((v is None) == (n is None) for v, n in zip(cells, numbers, strict=True))
    return numbers if whole and any(n is not None for n in numbers) else list(cells)


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if value == value and abs(value) != float("inf") else None


def _script(protocol: Protocol, raw: RawTable) -> str:
    file = f"{Path(raw.file).stem}.csv"
    note = "" if raw.file == file else f"-- save the sheet of {raw.file} as {file} first\n"
    patient = "row_number() over ()" if protocol.data.patient == ROW_NUMBER else f'"{protocol.data.patient}"'
    fields = f"*, cast({patient} as varchar) as patient_id, row_number() over () as source_row{day_fields(protocol.data.dates)}"
    empty = ", ".join(literal(word) for word in ("", *protocol.data.missing))
    options = f", nullstr = [{empty}]" if protocol.data.missing else ""
    return f"{note}select {fields}\nfrom read_csv('{file}'{options})"
