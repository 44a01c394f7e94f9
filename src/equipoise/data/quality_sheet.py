"""Findings in one row per patient: what cannot be right, or is hardly so, within a row and against the other rows.

A rule that the sheet gives nothing to check for (no second endpoint, no day numbers) is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from equipoise.data.zeros import zero_columns
from equipoise.engine import Engine, quote
from equipoise.protocol.expressions import columns_of, safe_sql
from equipoise.protocol.spec import Protocol

Found = tuple[str, str, str, str, list[tuple]]  # rule, severity, title, advice, rows (patient_id, table, source_row)
SHEET = "patients"
IMPOSSIBLE, SUSPECT = "impossible", "suspect"
LONGEST_YEARS = 50
DEATH = ("death", "dead", "died")  # in the name of a source
OLDEST = 110
FENCE = 5  # interquartile ranges beyond a quartile, on the scale of ln(1 + x) where nothing is negative
SLACK_DAYS = 2.0  # times in months are rounded


def sheet_findings(protocol: Protocol, engine: Engine) -> Iterator[Found]:
    """Every rule that applies, with its rows. The relation `patients` exists."""
    yield from _intervals(protocol, engine)
    yield from _progression_after_death(protocol, engine)
    yield from _contact_after_death(protocol, engine)
    yield from _event_without_date(protocol, engine)
    yield from _values(protocol, engine)
    yield from _zeros(protocol, engine)
    yield from _missing(protocol, engine)


def _rows(engine: Engine, where: str) -> list[tuple]:
    return engine.rows(f"select patient_id, '{SHEET}' as source_table, source_row from {SHEET} where {where} order by source_row")


def _day_columns(protocol: Protocol) -> dict[str, str]:
    """Source -> its column of day numbers."""
    return {name: source.day for name, source in protocol.sources.items() if source.day}


def _times(protocol: Protocol) -> dict[str, str]:
    """Endpoint with a column of times -> days in SQL."""
    per = {"days": 1.0, "weeks": 7.0, "months": protocol.conventions.days_per_month, "years": 365.25}
    return {n: f"{quote(e.time.column)} * {per[e.time.unit]!r}" for n, e in protocol.endpoints.items() if e.time is not None}


def _intervals(protocol: Protocol, engine: Engine) -> Iterator[Found]:
    days = [quote(c) for c in _day_columns(protocol).values()]
    if days:
        title, advice = "Date before the start", "correct the start or the date"
        yield "date_before_start", IMPOSSIBLE, title, advice, _rows(engine, " or ".join(f"{d} < 0" for d in days))
    times = list(_times(protocol).values()) + days
    if times:
        limit = LONGEST_YEARS * 365.25
        long = [f"{t} > {limit!r}" for t in times] + [f"{t} = 0" for t in _times(protocol).values()]
        title = f"Time of zero, or above {LONGEST_YEARS} years"
        yield "implausible_interval", SUSPECT, title, "check the dates, or the unit of the time", _rows(engine, " or ".join(long))


def _progression_after_death(protocol: Protocol, engine: Engine) -> Iterator[Found]:
    """Day numbers: a progression after the death. Times: another endpoint's time beyond that of overall survival."""
    wrong = []
    days = _day_columns(protocol)
    for endpoint in protocol.endpoints.values():
        named = [s for s in endpoint.events if s in days]
        deaths = [s for s in named if any(word in s for word in DEATH)]
        wrong += [f"{quote(days[p])} > {quote(days[d])}" for d in deaths for p in named if p not in deaths]
    times = _times(protocol)
    survival = next((times[n] for n in times if n == "os" or protocol.endpoints[n].short == "OS"), None)
    if survival is not None:
        wrong += [f"{t} > {survival} + {SLACK_DAYS!r}" for t in times.values() if t != survival]
    if wrong:
        title = "Progression after death, or after the time of overall survival"
        rows = _rows(engine, " or ".join(dict.fromkeys(wrong)))
        yield "progression_after_death", IMPOSSIBLE, title, "correct one of the two", rows


def _contact_after_death(protocol: Protocol, engine: Engine) -> Iterator[Found]:
    """A day to censor at, such as the last contact, behind the day of a death of the same endpoint."""
    wrong = []
    days = _day_columns(protocol)
    for endpoint in protocol.endpoints.values():
        deaths = [s for s in endpoint.events if s in days and any(word in s for word in DEATH)]
        contacts = [s for s in endpoint.censoring if s in days and days[s] not in [days[d] for d in deaths]]
        for d in deaths:
            dated = f"{_dated_death(protocol, engine, d)} and {quote(days[d])}"
            wrong += [f"({dated} < {quote(days[c])})" for c in contacts]
    if wrong:
        title, advice = "Contact after death", "correct the date of death or of the contact"
        yield "contact_after_death", IMPOSSIBLE, title, advice, _rows(engine, " or ".join(dict.fromkeys(wrong)))


def _dated_death(protocol: Protocol, engine: Engine, name: str) -> str:
    where = protocol.sources[name].where
    return f"({safe_sql(where, engine.columns(SHEET), protocol.place('sources', name, 'where'))})" if where else "true"


def _event_without_date(protocol: Protocol, engine: Engine) -> Iterator[Found]:
    """A source counts rows for which its condition holds; without a day number such a row is silently no event."""
    wrong = []
    for name, source in protocol.sources.items():
        if source.day and source.where:
            holds = safe_sql(source.where, engine.columns(SHEET), protocol.place("sources", name, "where"))
            wrong.append(f"(({holds}) and {quote(source.day)} is null)")
    if wrong:
        title, advice = "Event recorded without a date", "give the date, or correct the status"
        yield "event_without_date", IMPOSSIBLE, title, advice, _rows(engine, " or ".join(wrong))


def _values(protocol: Protocol, engine: Engine) -> Iterator[Found]:
    """Values far outside the others of their column, one finding per column; an age below 0 or above 110."""
    types = engine.columns(SHEET)
    shown = [c.from_.strip('"') for c in protocol.covariates.values() if c.kind == "continuous"]
    columns = [c for c in dict.fromkeys(shown) if types.get(c) == "DOUBLE"]
    any_found = False
    for column in columns:
        rows = _outlying(engine, column)
        if rows:
            any_found = True
            name = re.sub(r"[^0-9a-z]+", "_", column.lower()).strip("_")
            title = f"Value of '{column}' far outside the others, or impossible"
            yield f"implausible_value_{name}", SUSPECT, title, "look for a wrong unit or a slipped decimal point", rows
    if columns and not any_found:
        title = "Value far outside the others of its column, or impossible"
        yield "implausible_value", SUSPECT, title, "look for a wrong unit or a slipped decimal point", []


def _zeros(protocol: Protocol, engine: Engine) -> Iterator[Found]:
    """A finding per column; nothing where there is none."""
    for column, rows in zero_columns(protocol, engine).items():
        name = re.sub(r"[^0-9a-z]+", "_", column.lower()).strip("_")
        title = f"Zero in '{column}', where no value is near zero"
        advice = "if it stands for 'not recorded', leave the cell empty"
        yield f"zero_{name}", SUSPECT, title, advice, rows


def _outlying(engine: Engine, column: str) -> list[tuple]:
    cell = quote(column)
    lowest = engine.rows(f"select min({cell}) from {SHEET}")[0][0]
    scaled = f"ln(1 + {cell})" if lowest is not None and lowest >= 0 else cell
    fences = f"(select quantile_cont({scaled}, 0.25) as q1, quantile_cont({scaled}, 0.75) as q3 from {SHEET})"
    where = f"q3 > q1 and ({scaled} < q1 - {FENCE} * (q3 - q1) or {scaled} > q3 + {FENCE} * (q3 - q1))"
    if re.search(r"(^|[^a-z])age([^a-z]|$)", column.lower()):
        where = f"{where} or {cell} < 0 or {cell} > {OLDEST}"
    return engine.rows(
        f"select patient_id, '{SHEET}' as source_table, source_row from {SHEET} cross join {fences} as fence "
        f"where {where} order by source_row"
    )


def _missing(protocol: Protocol, engine: Engine) -> Iterator[Found]:
    """Patients whom an empty cell keeps out of the match, or of the models where there is no match."""
    there = engine.columns(SHEET)
    models = [*protocol.cox.univariable, *(c for names in protocol.cox.multivariable.values() for c in names)]
    used = protocol.scored or [name for name in dict.fromkeys(models) if name in protocol.covariates]
    empty = []
    for name in used:
        expression = protocol.covariates[name].from_
        if set(columns_of(expression)) <= set(there):
            empty.append(f"({safe_sql(expression, there, protocol.place('covariates', name, 'from'))}) is null")
    if empty:
        title = "Empty cell in a covariate that is matched or adjusted for"
        yield "missing_covariate", SUSPECT, title, "fill the cell; see what is missing by arm", _rows(engine, " or ".join(empty))
