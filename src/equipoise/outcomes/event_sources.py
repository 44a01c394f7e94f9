"""Event and censoring sources of the protocol as relations: their dated rows, their order, the data cut-off."""

from __future__ import annotations

from equipoise.contract import TABLES
from equipoise.engine import Engine, comment, literal, quote, read_sql, values
from equipoise.errors import Fault, ProtocolError
from equipoise.outcomes.definitions import DAY_ONE, UNEVALUABLE, censoring_sources, definitions, event_sources
from equipoise.protocol.expressions import safe_sql, unfit_fault
from equipoise.protocol.measures import Endpoint, Source
from equipoise.protocol.spec import Protocol

_DAY_ONE_SQL = f"""-- {DAY_ONE}: the day after the index date
select '{DAY_ONE}' as source, patient_id, cast(index_date + 1 * interval 1 day as date) as date,
  cast(null as bigint) as source_row
from cohort"""
ROWS = "patients"
SETTING = ["endpoint", "role", "source", "rank", "pick", "first_day", "single", "least_days"]
LIMIT = ["endpoint", "limited", "adequate_scan", "new_therapy", "longest_gap"]


def define_sources(protocol: Protocol, engine: Engine) -> None:
    """Define `source_record(source, patient_id, date, source_row)`, `setting_endpoint` and `source_day`.

    Raises ProtocolError when a source names a table or column that the data lack.
    """
    parts = [_DAY_ONE_SQL]
    faults: list[Fault] = []
    for name in used_sources(protocol):
        try:
            parts.append(_record_sql(protocol, engine, name, protocol.sources[name]))
        except ProtocolError as error:
            faults.extend(error.faults)
    if faults:
        raise ProtocolError(faults)
    engine.define("source_record", "\nunion all\n".join(parts), phase="outcomes")
    engine.define("setting_endpoint", values(SETTING, endpoint_rows(protocol)), phase="outcomes")
    engine.define("setting_limit", values(LIMIT, limit_rows(protocol)), phase="outcomes")
    engine.define("source_day", read_sql("equipoise.outcomes", "source_day.sql"), phase="outcomes")


def define_day_sources(protocol: Protocol, engine: Engine) -> None:
    """Define `source_day` and `setting_endpoint` from a spreadsheet's columns of day numbers; there is no data cut-off."""
    parts = [_day_sql(protocol, engine, name, protocol.sources[name]) for name in used_sources(protocol)]
    engine.define("source_day", "\nunion all\n".join(parts), phase="outcomes")
    engine.define("setting_endpoint", values(SETTING, endpoint_rows(protocol)), phase="outcomes")
    engine.define("setting_limit", values(LIMIT, limit_rows(protocol)), phase="outcomes")


def _day_sql(protocol: Protocol, engine: Engine, name: str, source: Source) -> str:
    column = quote(source.day)
    where = f"{column} is not null"
    if source.where:
        where += f" and ({_condition(protocol, engine, name, source)})"
    return f"""{comment(name)}
select {literal(name)} as source, patients.patient_id, patients.source_row, cast(null as date) as date,
  cast(null as date) as data_cutoff, {column} as day, cast(null as double) as cutoff_day
from patients
join cohort on cohort.patient_id = patients.patient_id
where {where}"""


def _condition(protocol: Protocol, engine: Engine, name: str, source: Source) -> str:
    """The `where` of a source as SQL. Raises ProtocolError when it is not allowed or does not fit the table."""
    place = protocol.place("sources", name, "where")
    sql = safe_sql(str(source.where), engine.columns(source.table), place)
    if not engine.evaluates(sql, source.table):
        raise ProtocolError(unfit_fault(str(source.where), place))
    return sql


def _record_sql(protocol: Protocol, engine: Engine, name: str, source: Source) -> str:
    place = protocol.place("sources", name, "table")
    if not engine.has(source.table):
        raise ProtocolError(Fault(place, "missing table", f"source '{name}' needs the table {source.table}, which was not given"))
    columns = engine.columns(source.table)
    if source.date not in columns:
        message = f"the table {source.table} has no column '{source.date}'"
        raise ProtocolError(Fault(protocol.place("sources", name, "date"), "unknown column", message))
    where = f"{quote(source.date)} is not null"
    if source.where:
        where += f" and ({_condition(protocol, engine, name, source)})"
    return (
        f"{comment(name)}\nselect {literal(name)} as source, patient_id, cast({quote(source.date)} as date) as date, source_row\n"
        f"from {source.table}\nwhere {where}"
    )


def endpoint_rows(protocol: Protocol) -> list[tuple]:
    """endpoint, role (event, competing, censoring), source, rank, pick, first day that counts,
    whether the table has one row per patient, least time."""
    rows: list[tuple] = []
    for name, endpoint in definitions(protocol).items():
        for rank, source in enumerate(event_sources(endpoint)):
            rows.append(_endpoint_row(protocol, name, "event", source, rank, _first_day(protocol, endpoint, source)))
        for rank, source in enumerate(endpoint.competing, start=len(endpoint.events)):
            rows.append(_endpoint_row(protocol, name, "competing", source, rank, 0))
        for rank, source in enumerate(censoring_sources(endpoint)):
            rows.append(_endpoint_row(protocol, name, "censoring", source, rank, 0))
    return rows


def limit_rows(protocol: Protocol) -> list[tuple]:
    """endpoint, whether it is censored before new therapy and missed scans, the sources of both, days that miss two scans."""
    gap = protocol.assessment.longest_gap if protocol.assessment else 0
    return [
        (name, e.profile == "fda2007", e.adequate_scan, e.new_therapy, gap)
        for name, e in definitions(protocol).items()
        if e.events
    ]


def _endpoint_row(protocol: Protocol, endpoint: str, role: str, name: str, rank: int, first_day: int) -> tuple:
    if name == DAY_ONE:
        return (endpoint, role, name, rank, "first", first_day, False, 1)
    source = protocol.sources[name]
    return (endpoint, role, name, rank, source.pick, first_day, is_single(source), 1 if source.date else 0)


def _first_day(protocol: Protocol, endpoint: Endpoint, source: str) -> int:
    return protocol.progression_from_day(endpoint) if source in endpoint.progression else 0


def used_sources(protocol: Protocol) -> list[str]:
    """Names of the declared sources that an endpoint or one of its definitions uses, each once."""
    named: list[str] = []
    for endpoint in definitions(protocol).values():
        named += [*event_sources(endpoint), *endpoint.competing, *censoring_sources(endpoint)]
        named += [endpoint.new_therapy] if endpoint.profile == "fda2007" else []
    if any(UNEVALUABLE in variants for variants in protocol.sensitivity.endpoints.values()):
        named += protocol.sources  # the last day known alive may stand in any of them
    return list(dict.fromkeys(name for name in named if name in protocol.sources))


def is_single(source: Source) -> bool:
    """Whether the source's table has one row per patient, so that an early date is a fault, not an earlier record."""
    table = TABLES.get(source.table)
    return table is not None and table.key == ("patient_id",)
