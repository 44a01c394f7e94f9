"""Time to event. In a spreadsheet an endpoint is two columns; in raw tables, event and censoring sources by name."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from equipoise.engine import Engine, EngineError, literal, quote, read_sql
from equipoise.errors import Fault, ProtocolError
from equipoise.outcomes.definitions import UNEVALUABLE, definitions
from equipoise.outcomes.event_sources import define_day_sources, define_sources
from equipoise.outcomes.faults import LEAVE, LONGEST_YEARS, day_faults, day_rows, listed_columns
from equipoise.protocol.expressions import safe_sql
from equipoise.protocol.measures import Endpoint
from equipoise.protocol.not_recorded import unrecorded_event_step, unrecorded_step
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Sources, TimeToEvent

DAYS = """-- endpoints from sources with day numbers
select patient_id, endpoint, time_days, event, source, date, source_row from endpoint_day"""


def collect(protocol: Protocol, engine: Engine, cohort: Cohort) -> dict[str, TimeToEvent]:
    """The relation `endpoint_time` as arrays in the order of the cohort."""
    return _collected(protocol.endpoints, engine, cohort)


def collect_variants(protocol: Protocol, engine: Engine, cohort: Cohort) -> dict[str, dict[str, TimeToEvent]]:
    """endpoint -> sensitivity analysis -> times, each definition of the endpoint that the protocol names."""
    found = definitions(protocol)
    out: dict[str, dict[str, TimeToEvent]] = {}
    declared = collect(protocol, engine, cohort)
    for name, variants in protocol.sensitivity.endpoints.items():
        changed = {f"{name}.{v}": found[f"{name}.{v}"] for v in variants if f"{name}.{v}" in found}
        times = _collected(changed, engine, cohort)
        out[name] = {key.removeprefix(f"{name}."): times[key] for key in changed}
        if UNEVALUABLE in variants:
            out[name] |= worst_cases(protocol, protocol.endpoints[name], cohort, declared[name], last_alive(engine, cohort))
    return out


def last_alive(engine: Engine, cohort: Cohort) -> np.ndarray:
    """The last day in the order of the cohort on which a source knows the patient, at least 1."""
    found = dict(
        engine.rows(
            "select patient_id, max(case when day > cutoff_day then cutoff_day else day end) from source_day group by patient_id"
        )
    )
    return np.array([max(1.0, float(found.get(patient) or 1)) for patient in cohort.patient])


def worst_cases(
    protocol: Protocol, endpoint: Endpoint, cohort: Cohort, times: TimeToEvent, alive: np.ndarray
) -> dict[str, TimeToEvent]:
    """The patients who are censored for want of an adequate scan: an event on day 1 in one arm, free of it to the last day
    known alive in the other; then the other way round."""
    unknown = (times.event == 0) & (times.source != endpoint.adequate_scan)
    out = {}
    for arm in protocol.arms.groups:
        worst, best = unknown & cohort.in_arm(arm), unknown & ~cohort.in_arm(arm)
        time = np.where(worst, 1.0, np.where(best, alive, times.time))
        out[f"{UNEVALUABLE}_worst_in_{arm}"] = replace(times, time=time, event=np.where(worst, 1, times.event))
    return out


def _collected(endpoints: dict[str, Endpoint], engine: Engine, cohort: Cohort) -> dict[str, TimeToEvent]:
    out = {}
    for name, endpoint in endpoints.items():
        found = engine.fetch(f"select patient_id, time_days, event, source from endpoint_time where endpoint = {literal(name)}")
        order = cohort.order_of(found["patient_id"])
        source = found["source"][order].astype(object)
        out[name] = TimeToEvent(
            time=found["time_days"][order].astype(float),
            event=found["event"][order].astype(int),
            source=source,
            label=endpoint.label,
            short=endpoint.short,
            competing=_competing(endpoint, engine, cohort, source),
        )
    return out


def _competing(endpoint: Endpoint, engine: Engine, cohort: Cohort, source: np.ndarray) -> np.ndarray | None:
    """Whose time a competing event ended: its source decided, or the column of the event holds a value that competes."""
    if endpoint.competing:
        return np.isin(source.astype(str), endpoint.competing)
    if endpoint.codes is None or not endpoint.codes.competing:
        return None
    sql = safe_sql(endpoint.codes.competing_expression, engine.columns("patients"), "")
    found = {row[0] for row in engine.rows(f"select patient_id from patients where {sql}")}
    return np.array([patient in found for patient in cohort.patient], dtype=bool)


def define_from_sources(protocol: Protocol, engine: Engine) -> None:
    """Define `endpoint_time` and `early_progression` from the protocol's event and censoring sources."""
    define_sources(protocol, engine)
    engine.define("endpoint_time", read_sql("equipoise.outcomes", "endpoints.sql"), phase="outcomes")
    engine.define("early_progression", read_sql("equipoise.outcomes", "early_progression.sql"), phase="outcomes")


def early_progression(protocol: Protocol, engine: Engine, cohort: Cohort) -> dict[str, np.ndarray]:
    """Per endpoint that has the rule, who had progression that was left to the line before."""
    early = set(engine.rows("select endpoint, patient_id from early_progression"))
    ruled = {row[0] for row in engine.rows("select endpoint from setting_endpoint where first_day > 0")}
    return {
        f"early_progression_{name}": np.array([(name, patient) in early for patient in cohort.patient], dtype=bool)
        for name in protocol.main_endpoints
        if name in ruled
    }


def define_from_rows(protocol: Protocol, sources: Sources) -> list[Fault]:
    """Define `endpoint_time` from the columns of the spreadsheet; faults: a missing or negative time, an unknown event."""
    engine = sources.engine
    columns = set(engine.columns("patients"))
    parts: list[str] = []
    faults: list[Fault] = []
    for name, endpoint in protocol.endpoints.items():
        if endpoint.events:
            continue
        place = protocol.place("endpoints", name)
        try:
            sql = _endpoint_of_rows(protocol, name, endpoint, columns, place)
            engine.rows(f"select sum(time_days), sum(event) from ({sql}) as t")
            parts.append(sql)
        except ProtocolError as error:
            faults.extend(error.faults)
        except EngineError:
            message = f"column '{endpoint.time.column}' or the event \"{endpoint.event}\" cannot be read as time and event."
            faults.append(Fault(place, "expression", message))
    if faults:
        raise ProtocolError(faults)
    if any(endpoint.events for endpoint in protocol.endpoints.values()):
        define_day_sources(protocol, engine)
        engine.define("endpoint_day", read_sql("equipoise.outcomes", "endpoints.sql"), phase="outcomes")
        parts.append(DAYS)
    engine.define("endpoint_time", "\nunion all\n".join(parts), phase="outcomes")
    return _row_faults(protocol, sources) + day_faults(protocol, sources)


def _endpoint_of_rows(protocol: Protocol, name: str, endpoint: Endpoint, columns: set[str], place: str) -> str:
    column = endpoint.time.column
    if column not in columns:
        message = f"the spreadsheet has no column '{column}'. It has: {', '.join(sorted(columns - {'source_row'}))}."
        raise ProtocolError(Fault(protocol.place("endpoints", name, "time", "column"), "unknown column", message))
    event = safe_sql(endpoint.event, columns, protocol.place("endpoints", name, "event"))
    factor = days_per(endpoint.time.unit, protocol)
    return f"""select
  patients.patient_id, {literal(name)} as endpoint, {quote(column)} * {factor!r} as time_days,
  case when {event} then 1 when not ({event}) then 0 end as event,
  {literal(column)} as source, cast(null as date) as date, patients.source_row
from patients
join cohort on cohort.patient_id = patients.patient_id"""


def days_per(unit: str, protocol: Protocol) -> float:
    """Days in one unit of time; a month is as long as the study's conventions say."""
    return {"days": 1.0, "weeks": 7.0, "months": protocol.conventions.days_per_month, "years": 365.25}[unit]


def _row_faults(protocol: Protocol, sources: Sources) -> list[Fault]:
    """Analysed patients whose time or event is not known, each with the step of eligibility that would leave them out."""
    faults: list[Fault] = []
    for name, endpoint in protocol.endpoints.items():
        if endpoint.events:
            continue
        column, label = endpoint.time.column, endpoint.label
        known = f"from endpoint_time where endpoint = {literal(name)} and"

        def rows(condition: str, known: str = known) -> list[int]:
            return [int(r[0]) for r in sources.engine.rows(f"select source_row {known} {condition} order by 1")]

        message = f"the time of '{label}' is not recorded; give it, or {LEAVE} {unrecorded_step(protocol, endpoint)}"
        faults += day_rows(sources, column, rows("time_days is null"), "missing time", message)
        faults += day_rows(sources, column, rows("time_days < 0"), "negative time", f"the time of '{label}' is negative")
        message = f"the time of '{label}' is above {LONGEST_YEARS} years in {endpoint.time.unit}; correct it, or its unit"
        faults += day_rows(sources, column, rows(f"time_days > {LONGEST_YEARS * 365.25}"), "impossible time", message)
        message = (
            f"whether '{label}' happened is unknown, because \"{endpoint.event}\" is neither true nor false; give it, or "
            f"{LEAVE} {unrecorded_event_step(endpoint)}"
        )
        faults += day_rows(sources, listed_columns(endpoint.event), rows("event is null"), "missing event", message)
    return faults
