"""Dates that make an endpoint impossible: what was before the index date, and who can be neither event nor censored."""

from __future__ import annotations

from equipoise.contract import TABLES
from equipoise.engine import Engine, literal
from equipoise.errors import Fault
from equipoise.outcomes.event_sources import is_single, used_sources
from equipoise.protocol.expressions import columns_of
from equipoise.protocol.not_recorded import unrecorded_step
from equipoise.protocol.spec import Protocol
from equipoise.records import Sources, SourceTable

LISTED = 5
LONGEST_YEARS = 150  # no follow-up is so long: a count in a smaller unit, which would cost all memory
LEAVE = "leave such patients out, counted, by a step of eligibility:"


def listed_columns(expression: str) -> str:
    return " or ".join(columns_of(expression))


def endpoint_faults(protocol: Protocol, sources: Sources) -> list[Fault]:
    """Every fault of every endpoint, each once: file, row, column and rule, without values."""
    faults = _before_index(protocol, sources) + _without_end(protocol, sources)
    return list(dict.fromkeys(faults))


def _before_index(protocol: Protocol, sources: Sources) -> list[Fault]:
    """Events and last contacts before the index date, in tables with one row per patient."""
    faults = []
    for name in used_sources(protocol):
        source = protocol.sources[name]
        if not is_single(source):
            continue
        found = sources.engine.rows(
            "select record.source_row from source_record as record join cohort on cohort.patient_id = record.patient_id "
            f"where record.source = {literal(name)} and record.date < cohort.index_date order by 1"
        )
        message = f"the date of '{name}' is before the index date; the time would be negative"
        faults += _listed(_table(sources, source.table), source.date, [r[0] for r in found], "before index", message)
    return faults


def _without_end(protocol: Protocol, sources: Sources) -> list[Fault]:
    """Analysed patients for whom an endpoint has neither an event nor a censoring date."""
    engine = sources.engine
    faults = []
    for name, endpoint in protocol.endpoints.items():
        missing = (
            "select cohort.patient_id from cohort where not exists (select 1 from endpoint_time as t "
            f"where t.patient_id = cohort.patient_id and t.endpoint = {literal(name)})"
        )
        n = engine.rows(f"select count(*) from ({missing}) as m")[0][0]
        if not n:
            continue
        source = protocol.sources[next(s for s in reversed(endpoint.censoring) if s in protocol.sources)]
        table = _table(sources, source.table)
        step = unrecorded_step(protocol, endpoint)
        message = f"'{endpoint.label}' has no event and no date to censor at; give {source.date}, or {LEAVE} {step}"
        rows = _rows_of(engine, source.table, missing)
        faults += _listed(table, source.date, rows, "missing end", message)
        if n > len(rows):
            who = "1 analyzed patient" if n - len(rows) == 1 else f"{n - len(rows)} analyzed patients"
            faults.append(Fault(table.file, "missing row", f"no row for {who}: {message}"))
    return faults


def day_faults(protocol: Protocol, sources: Sources) -> list[Fault]:
    """Faults of a spreadsheet's day numbers: before the index date, or nothing to censor at."""
    engine = sources.engine
    faults: list[Fault] = []
    early: set[int] = set()
    for name in used_sources(protocol):
        rows = engine.rows(f"select source_row from source_day where source = {literal(name)} and day < 0 order by 1")
        found = [int(r[0]) for r in rows]
        early |= set(found)
        message = f"the day of '{name}' is before the index date; the time would be negative"
        faults += day_rows(sources, protocol.file_column(protocol.sources[name].day), found, "before index", message)
        far = f"select source_row from source_day where source = {literal(name)} and day > {LONGEST_YEARS * 365.25} order by 1"
        message = f"the day of '{name}' is above {LONGEST_YEARS} years; correct it, or bring days, not a smaller unit"
        found = [int(r[0]) for r in engine.rows(far)]
        faults += day_rows(sources, protocol.file_column(protocol.sources[name].day), found, "impossible time", message)
    for name, endpoint in protocol.endpoints.items():
        rows = engine.rows(
            "select patients.source_row from patients join cohort on cohort.patient_id = patients.patient_id where not exists "
            f"(select 1 from endpoint_time as t where t.patient_id = cohort.patient_id and t.endpoint = {literal(name)}) "
            "order by 1"
        )
        found = [int(r[0]) for r in rows if int(r[0]) not in early]
        columns = " or ".join(protocol.file_column(protocol.sources[s].day) for s in endpoint.censoring if s in protocol.sources)
        step = unrecorded_step(protocol, endpoint)
        message = f"'{endpoint.label}' has no event and no day to censor at; give {columns}, or {LEAVE} {step}"
        faults += day_rows(sources, columns, found, "missing end", message)
    return list(dict.fromkeys(faults))


def day_rows(sources: Sources, column: str, rows: list[int], rule: str, message: str) -> list[Fault]:
    """Faults in rows (1 = first data row) of a spreadsheet: the first named, the others counted."""
    return _listed(_table(sources, "patients"), column, rows, rule, message)


def _rows_of(engine: Engine, table: str, patients: str) -> list[int]:
    """The rows of these patients in a table with one row per patient."""
    if table not in TABLES or TABLES[table].key != ("patient_id",):
        return []
    return [r[0] for r in engine.rows(f"select source_row from {table} where patient_id in ({patients}) order by 1")]


def _table(sources: Sources, name: str) -> SourceTable:
    return sources.tables.get(name, SourceTable(name, name, 0, ""))


def _listed(table: SourceTable, column: str, rows: list[int], rule: str, message: str) -> list[Fault]:
    faults = [Fault(f"{table.file}, row {table.row(row)}, column {column}", rule, message) for row in rows[:LISTED]]
    if len(rows) > LISTED:
        faults.append(
            Fault(
                f"{table.file}, column {column}",
                rule,
                f"{message} ({len(rows) - LISTED} more row{'s' if len(rows) > LISTED + 1 else ''})",
            )
        )
    return faults
