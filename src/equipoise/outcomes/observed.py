"""One end of observation: `observed` (first and last day seen, data cut-off), and the tables of what came after the index date as
they stood on the cut-off, one relation observed_<table> each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from equipoise.contract import Table
from equipoise.engine import Engine, literal, quote, read_sql
from equipoise.outcomes.absent import empty_sql

# table -> the date that says whether a row had happened, and the columns that were known only at another one
HAPPENED: dict[str, tuple[str, dict[str, str]]] = {
    "exposure": ("start", {"stop": "stop", "stop_reason": "stop"}),
    "ae": ("start", {"stop": "stop", "outcome": "stop"}),
    "subsequent_therapy": ("start", {"stop": "stop"}),
    "lab": ("date", {}),
    "visit_imaging": ("date", {}),
}
KNOWN_AT = {"death_date": "death_date", "death_cause": "death_date", "death_source": "death_date"}
KNOWN_AT |= {"progression_date": "progression_date", "last_imaging": "last_imaging"}


def define_observed(engine: Engine, cutoff: dt.date | None, tables: Mapping[str, Table]) -> None:
    """Define `observed` and the relations observed_followup, observed_exposure, observed_ae, observed_subsequent_therapy,
    observed_lab and observed_visit_imaging, each with the columns of its table. cutoff: of the protocol. tables: of the study's
    contract. `cohort` exists."""
    engine.define("setting_cutoff", f"select cast({literal(cutoff)} as date) as data_cutoff", phase="outcomes")
    given = "select patient_id, data_cutoff from followup"
    none = "select cast(null as varchar) as patient_id, cast(null as date) as data_cutoff where 1 = 0"
    engine.define("file_cutoff", given if engine.has("followup") else none, phase="outcomes")
    engine.define("dated_record", _dated_sql(engine, tables), phase="outcomes")
    engine.define("observed", read_sql("equipoise.outcomes", "observed.sql"), phase="outcomes")
    for table, (date, later) in HAPPENED.items():
        sql = _table_sql(engine, table, date, later) if engine.has(table) else empty_sql(table)
        engine.define(f"observed_{table}", sql, phase="outcomes")
    sql = _followup_sql(engine) if engine.has("followup") else empty_sql("followup")
    engine.define("observed_followup", sql, phase="outcomes")


def _dated_sql(engine: Engine, tables: Mapping[str, Table]) -> str:
    """Every dated record of a patient: the first date of each table of the contract that was given, and each of follow-up."""
    parts = []
    for name, table in tables.items():
        dates = [c.name for c in table.columns if c.kind == "date" and c.name != "data_cutoff"]
        for column in dates if name == "followup" else dates[:1]:
            if engine.has(name):
                parts.append(f"select patient_id, {quote(column)} as date from {name} where {quote(column)} is not null")
    return "\nunion all\n".join(parts or ["select patient_id, index_date as date from cohort"])


def _table_sql(engine: Engine, table: str, date: str, later: dict[str, str]) -> str:
    fields = ", ".join(_until(column, later.get(column)) for column in engine.columns(table))
    return (
        f"select {fields}\nfrom {table} as record\njoin observed on observed.patient_id = record.patient_id\n"
        f"where observed.cutoff_date is null or record.{quote(date)} <= observed.cutoff_date\norder by record.source_row"
    )


def _followup_sql(engine: Engine) -> str:
    """A last contact after the cut-off becomes the cut-off: the patient was alive on it."""
    capped = f"{_is_later('last_contact')} then observed.cutoff_date else record.last_contact end as last_contact"
    fields = ", ".join(capped if c == "last_contact" else _until(c, KNOWN_AT.get(c)) for c in engine.columns("followup"))
    return (
        f"select {fields}\nfrom followup as record\njoin observed on observed.patient_id = record.patient_id\n"
        "order by record.source_row"
    )


def _until(column: str, date: str | None) -> str:
    """The column as it is, or null where its date lies after the cut-off."""
    cell = f"record.{quote(column)}"
    return f"{_is_later(date)} then null else {cell} end as {quote(column)}" if date else f"{cell} as {quote(column)}"


def _is_later(date: str) -> str:
    return f"case when record.{quote(date)} > observed.cutoff_date"
