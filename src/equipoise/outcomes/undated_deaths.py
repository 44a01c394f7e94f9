"""Patients of a spreadsheet who are recorded as dead without a day of death: they would be censored as alive.

Read from the condition of a source of deaths, and from a column of vital status that no line of the protocol mentions: one whose
values say dead for those whose death is dated.
"""

from __future__ import annotations

from equipoise.engine import Engine, EngineError, listed, quote
from equipoise.errors import Fault
from equipoise.outcomes.event_values import MOST, SHEET
from equipoise.outcomes.faults import day_rows
from equipoise.protocol.death_words import says_dead
from equipoise.protocol.expressions import columns_of, safe_sql
from equipoise.protocol.measures import Source
from equipoise.protocol.spec import Protocol
from equipoise.records import Sources

AGREEMENT = 0.9  # of the dated deaths whom a column must call dead to be one of vital status
RULE = "dead without a date"


def undated_deaths(protocol: Protocol, sources: Sources) -> list[Fault]:
    """One fault per row; the relations `patients` and `cohort` exist."""
    engine = sources.engine
    deaths = death_sources(protocol)
    if not deaths:
        return []
    there = engine.columns(SHEET)
    deaths = {n: s for n, s in deaths.items() if s.day in there}
    undated = " and ".join(f"{quote(s.day)} is null" for s in deaths.values())
    faults: list[Fault] = []
    if not undated:
        return []
    for name, source in deaths.items():
        if source.where and set(columns_of(source.where)) <= set(there):
            holds = safe_sql(source.where, there, protocol.place("sources", name, "where"))
            faults += _listed(sources, f"({holds}) and {undated}", columns_of(source.where), protocol.file_column(source.day))
    if not any(s.where for s in deaths.values()):
        dated = " or ".join(f"{quote(s.day)} is not null" for s in deaths.values())
        day = next(iter(deaths.values())).day
        for column in _vital_columns(engine, dated, {s.day for s in deaths.values()}):
            faults += _listed(sources, f"{_dead_sql(engine, column)} and {undated}", [column], protocol.file_column(day))
    return list(dict.fromkeys(faults))


def death_sources(protocol: Protocol) -> dict[str, Source]:
    """Sources of events that are deaths, by their name, label, column or condition."""
    events = {s for e in protocol.endpoints.values() for s in e.events}
    named = {n: s for n, s in protocol.sources.items() if n in events and s.day}
    return {
        n: s
        for n, s in named.items()
        if any(says_dead(t.replace("_", " ")) for t in (n, s.label, s.day)) or (s.where and says_dead(s.where))
    }


def _listed(sources: Sources, where: str, columns: list[str], column: str) -> list[Fault]:
    sql = f"select source_row from {SHEET} where {where} and patient_id in (select patient_id from cohort) order by 1"
    try:
        rows = [int(r[0]) for r in sources.engine.rows(sql)]
    except EngineError:  # a condition that does not run is said where the endpoint is made
        return []
    message = (
        f"recorded as dead ({', '.join(columns)}) without a date of death, and would be censored as alive; give the date, "
        "correct the status, or exclude the patient under eligibility"
    )
    return day_rows(sources, column, rows, RULE, message)


def _vital_columns(engine: Engine, dated: str, taken: set[str]) -> list[str]:
    """Columns of few values that call the patients dead whose death is dated."""
    found = []
    for column in (c for c in engine.columns(SHEET) if c not in (*taken, "patient_id", "source_row")):
        cell = quote(column)
        if engine.rows(f"select approx_count_distinct({cell}) from {SHEET}")[0][0] > MOST + 3:
            continue
        dead = _dead_sql(engine, column)
        if dead == "false":
            continue
        n, agree, others = engine.rows(
            f"select count(*) filter ({dated}), count(*) filter (({dated}) and {dead}), "
            f"count(*) filter ({cell} is not null and not {dead}) from {SHEET}"
        )[0]
        if n and others and agree >= AGREEMENT * n:
            found.append(column)
    return found


def _dead_sql(engine: Engine, column: str) -> str:
    """Whether a cell says dead: a word, or 1 under a heading that does."""
    cell = quote(column)
    values = [r[0] for r in engine.rows(f"select distinct {cell} from {SHEET} where {cell} is not null limit {MOST + 1}")]
    if all(isinstance(v, float) for v in values):
        return f"coalesce({cell} = 1, false)" if set(values) == {0.0, 1.0} and says_dead(column.replace("_", " ")) else "false"
    dead = [str(v) for v in values if says_dead(str(v))]
    return f"coalesce(cast({cell} as varchar) in ({listed(dead)}), false)" if dead and len(values) <= MOST else "false"
