"""Columns of a spreadsheet that decide an event, read in full: every value is counted, and none counts without being named.

A value is named where `event:` or `where:` lists it (`is`, `competing`, `censored`) or where the expression holds it. Of two
values the other one is meant. A source that leaves kinds of an event out (`where: "kind <> 'x'"`) names what it leaves out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from equipoise.engine import Engine, EngineError, quote
from equipoise.errors import Fault
from equipoise.outcomes.event_sources import used_sources
from equipoise.protocol.compared_values import compared_values
from equipoise.protocol.event_codes import EventCodes, plain_value
from equipoise.protocol.expressions import columns_of, safe_sql
from equipoise.protocol.spec import Protocol
from equipoise.records import EventColumn, EventValue

SHEET = "patients"
MOST = 12  # different values of a status; a column with more is none
LONGEST = 40  # characters of a category's name; longer text may hold anything
UNKNOWN, PART = "unknown", "in part"


@dataclass(frozen=True, slots=True)
class _Decision:
    """A condition of the protocol that makes an event. kept: it selects from dated events, so that leaving kinds out by name is
    naming them."""

    owner: str
    place: str
    key: str
    sql: str
    codes: EventCodes | None
    kept: bool


def examine_events(protocol: Protocol, engine: Engine) -> tuple[tuple[EventColumn, ...], list[Fault]]:
    """Every such column with its values, and a fault for each that holds values which nobody named. `cohort` exists."""
    columns: list[EventColumn] = []
    faults: list[Fault] = []
    for decision in _decisions(protocol, engine):
        for name in columns_of(decision.sql):
            try:
                found = _values(engine, decision, name)
            except EngineError:  # text compared with a number: said where the endpoint is made
                continue
            shown = found if len(found) <= MOST else []
            different = sum(v.text != "" for v in found)
            columns.append(EventColumn(decision.owner, name, different, tuple(shown)))
            faults += _faults(decision, name, found, _is_number(engine, name))
    return tuple(columns), faults


def _decisions(protocol: Protocol, engine: Engine) -> Iterator[_Decision]:
    there = engine.columns(SHEET)
    for name, endpoint in protocol.endpoints.items():
        place = protocol.place("endpoints", name, "event")
        if endpoint.event is not None and set(columns_of(endpoint.event)) <= set(there):
            yield _Decision(endpoint.label, place, "event", safe_sql(endpoint.event, there, place), endpoint.codes, False)
    for name, binary in protocol.binary_endpoints.items():
        place = protocol.place("endpoints", name, "event")
        if binary.event is not None and set(columns_of(binary.event)) <= set(there):
            yield _Decision(binary.label, place, "event", safe_sql(binary.event, there, place), binary.codes, False)
    events = {s for e in protocol.endpoints.values() for s in (*e.events, *e.competing)}
    for name in used_sources(protocol):
        source, place = protocol.sources[name], protocol.place("sources", name, "where")
        if name in events and source.where and set(columns_of(source.where)) <= set(there):
            yield _Decision(source.label or name, place, "where", safe_sql(source.where, there, place), source.codes, True)


def _values(engine: Engine, decision: _Decision, column: str) -> list[EventValue]:
    """Values of the analysed patients, most frequent first, empty cells last."""
    cell = quote(column)
    rows = engine.rows(
        f"select value, count(*), count(*) filter (happened), count(*) filter (not happened) from (select {cell} as value, "
        f"({decision.sql}) as happened from {SHEET} where patient_id in (select patient_id from cohort)) as v "
        "group by value order by value is null, 2 desc, 1"
    )
    number = _is_number(engine, column)
    return [EventValue(_text(v), n, _counted(decision, _text(v), number, yes, no)) for v, n, yes, no in rows]


def _counted(decision: _Decision, value: str, number: bool, yes: int, no: int) -> str:
    if decision.codes is not None and value and (said := decision.codes.counted(value, number)) in ("competing", "censored"):
        return said
    if yes and not no:
        return "event"
    if no and not yes:
        return "censored"
    return PART if yes else UNKNOWN


def _faults(decision: _Decision, column: str, found: list[EventValue], number: bool) -> list[Fault]:
    known = [v for v in found if v.text]
    if decision.codes is not None:
        strange = [v for v in known if not decision.codes.counted(v.text, number)]
    else:
        strange = _unnamed(decision, column, known, number) or _variants(known)
    if not strange:
        return []
    several = f"the column '{column}', which decides '{decision.owner}', holds {len(known)} different values: {_listed(known)}"
    what = "these are not named" if len(strange) > 1 else "this one is not named"
    again = "; some differ by capitals or blanks only" if _variants(known) else ""
    message = (
        f"{several}. Of them {what}: {_names(strange)}{again}. Name each value once, {decision.key}: {{column: {column}, "
        "is: [...], competing: [...], censored: [...]}, and exclude patients whose status is unknown under eligibility"
    )
    return [Fault(decision.place, "event values", message)]


def _unnamed(decision: _Decision, column: str, known: list[EventValue], number: bool) -> list[EventValue]:
    """More than two values of which more than one stands nowhere in the expression."""
    use = compared_values(decision.sql, column)
    if not 2 < len(known) <= MOST or (decision.kept and use.negated):
        return []
    if use.ranged and not (number and len(known) <= MOST // 2 and all(len(v.text.lstrip("-")) == 1 for v in known)):
        return []
    named = {plain_value(v) if number else v for v in use.values}
    named |= {v.casefold() for v in named} if use.folded else set()
    unnamed = [v for v in known if v.text not in named and not (use.folded and v.text.casefold() in named)]
    kinds = {v.text.casefold() if use.folded else v.text for v in unnamed}
    return unnamed if len(kinds) > 1 else []


def _variants(known: list[EventValue]) -> list[EventValue]:
    """Values that differ by capitals or blanks only and yet are counted differently."""
    kinds: dict[str, set[str]] = {}
    for v in known:
        kinds.setdefault(_folded(v.text), set()).add(v.counted)
    return [v for v in known if len(kinds[_folded(v.text)]) > 1] if len(known) <= MOST else []


def _folded(text: str) -> str:
    return "".join(text.casefold().split())


def _listed(values: list[EventValue]) -> str:
    listed = [f"{_shown(v.text)} ({v.n}{', event' if v.counted == 'event' else ''})" for v in values[:MOST]]
    return ", ".join(listed) + (f" and {len(values) - MOST} more" if len(values) > MOST else "")


def _names(values: list[EventValue]) -> str:
    listed = ", ".join(_shown(v.text) for v in values[:MOST])
    return listed + (f" and {len(values) - MOST} more" if len(values) > MOST else "")


def _shown(text: str) -> str:
    return text if len(text) <= LONGEST else "a longer text"


def _text(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.15g}" if isinstance(value, float) else str(value).lower() if isinstance(value, bool) else str(value)


def _is_number(engine: Engine, column: str) -> bool:
    return engine.columns(SHEET)[column] not in ("VARCHAR", "BOOLEAN")


def event_line(found: EventColumn, least: int = 0) -> str:
    """A column with its values in a line for the screen. least: none is counted where one has fewer rows."""
    if not found.values:
        return f"{found.owner}: column {found.column}, {found.different} different values"
    told = not any(0 < v.n < least for v in found.values)  # else the others and the whole would tell it
    kinds: dict[str, list[str]] = {}
    for v in found.values:
        n = f" ({v.n})" if told else ""
        kinds.setdefault(v.counted, []).append(f"{_shown(v.text) if v.text else 'empty'}{n}")
    order = [k for k in ("event", "competing", "censored", PART, UNKNOWN) if k in kinds]
    return f"{found.owner}: column {found.column}: " + "; ".join(f"{k} {', '.join(kinds[k])}" for k in order)
