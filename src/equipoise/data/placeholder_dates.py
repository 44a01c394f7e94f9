"""Dates that stand for 'none': 9999-12-31, 2099, 1900-01-01, or one far date of several patients. Taken at their word they kill
the living.

No clock is read: a date is far by the other dates of the file. A far date of one patient that is not the first or last day of a
year may be true, and is a finding. Dates that may be old (diagnosis, earlier treatment) are held against the impossible years
alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from equipoise.data.check import are_met, row_faults
from equipoise.data.sheet_dates import date_cell
from equipoise.engine import Engine, literal, quote
from equipoise.engine.text import number_as_text
from equipoise.errors import Fault
from equipoise.protocol.spec import Protocol
from equipoise.records import Sources

RULE = "placeholder date"
EARLIEST_YEAR, LATEST_YEAR = 1905, 2090
SINGLE_GAP = dt.timedelta(days=3 * 365)  # after every other date, some dates
REPEATED_GAP = dt.timedelta(days=2 * 365)  # after every other date, one date at least OFTEN times
EARLY_GAP = dt.timedelta(days=5 * 365)  # before every other date, one date at least twice
NINES, LEAST_YEARS = (999, 9999, 99999, 999999, 9999999), 25
OFTEN, FEW, ENOUGH = 3, 3, 5
ENDS_OF_YEARS = ((1, 1), (12, 31))
REMEDY = "if it stands for 'none', list it as it is written under data: missing: (such a cell is empty); else correct it"


@dataclass(frozen=True, slots=True)
class _Dated:
    """A column of dates. sql: the date. contact: it dates what was seen in the study's time."""

    table: str
    column: str
    sql: str
    contact: bool


@dataclass(frozen=True, slots=True)
class _Look:
    """Where dates of a column stand for none, and what is said of them. may_be_true: it stops nothing."""

    column: str
    sql: str
    where: str
    said: str
    may_be_true: bool = False


def placeholder_faults(protocol: Protocol, sources: Sources) -> tuple[list[Fault], list[Fault]]:
    """Every such cell, by file, row and column; and far dates that may be true, which stop nothing."""
    engine = sources.engine
    dated = [d for d in _columns(protocol, engine) if d.table in sources.tables]
    if not dated:
        return (_number_faults(protocol, sources) if protocol.data.rows is not None else []), []
    first, last, alone = _limits(engine, dated)
    faults: list[Fault] = []
    findings: list[Fault] = []
    for name in dict.fromkeys(d.table for d in dated):
        table = sources.tables[name]
        mine = [d for d in dated if d.table == name]
        # an expression that reads a date is pages long: it stands here once, and every question asks for what it gave
        dates = f"(select source_row, {', '.join(f'{d.sql} as {quote(d.column)}' for d in mine)} from {name}) as dates"
        asked = [look for d in mine for look in _looks(replace(d, sql=quote(d.column)), first, last, alone)]
        for look, met in zip(asked, are_met(engine, dates, [look.where for look in asked]), strict=True):
            if met:
                rows = engine.rows(f"select source_row, cast({look.sql} as varchar) from {dates} where {look.where} order by 1")
                found = row_faults([(table.row(r[0]), r[1]) for r in rows], RULE, look.said, table.file, look.column)
                (findings if look.may_be_true else faults).extend(found)
    return faults, findings


def _looks(d: _Dated, first: dt.date | None, last: dt.date | None, alone: list[dt.date]) -> Iterator[_Look]:
    never = f"(year({d.sql}) < {EARLIEST_YEAR} or year({d.sql}) >= {LATEST_YEAR})"
    late = f"not {never} and {d.sql} > {literal(last)}" if last and d.contact else "false"
    early = f"not {never} and {d.sql} < {literal(first)}" if first and d.contact else "false"
    single = f"{d.sql} in ({_listed(alone)})" if alone else "false"
    looks, far = "this looks like a placeholder", "the date is years after every other date of the file"
    yield _Look(d.column, d.sql, never, f"{looks}: no patient was seen in this year; {REMEDY}")
    yield _Look(d.column, d.sql, f"{late} and not {single}", f"{looks}: {far}; {REMEDY}")
    yield _Look(d.column, d.sql, early, f"{looks}: the date is years before every other date of the file; {REMEDY}")
    said = f"{far}, in one patient alone, and is taken as it stands; look at it"
    yield _Look(d.column, d.sql, f"{late} and {single}", said, may_be_true=True)


def _listed(dates: Iterable[dt.date]) -> str:
    return ", ".join(literal(d) for d in dates)


def _number_faults(protocol: Protocol, sources: Sources) -> list[Fault]:
    """Nines in a column of times or day numbers, far beyond every other number of the column."""
    per = {"days": 1.0, "weeks": 7.0, "months": protocol.conventions.days_per_month, "years": 365.25}
    columns = {e.time.column: per[e.time.unit] for e in protocol.endpoints.values() if e.time is not None}
    columns = {**dict.fromkeys((s.day for s in protocol.sources.values() if s.day), 1.0), **columns}
    faults: list[Fault] = []
    for column, days in columns.items():
        cell = f"try_cast({quote(column)} as double)"  # a column without a single number is of text
        nines = f"{cell} in ({', '.join(str(n) for n in NINES if n * days > LEAST_YEARS * 365.25)})"
        far = f"{nines} and {cell} > 2 * (select max({cell}) from patients where not ({nines}))"
        rows = sources.engine.rows(f"select source_row, cast({quote(column)} as varchar) from patients where {far} order by 1")
        found = [(sources.tables["patients"].row(r[0]), r[1]) for r in rows]
        message = f"this number is far beyond every other one of its column; {REMEDY}"
        faults += row_faults(found, RULE, message, sources.tables["patients"].file, column)
    return faults


def _columns(protocol: Protocol, engine: Engine) -> Iterator[_Dated]:
    if protocol.data.rows is not None:
        dates = protocol.data.dates
        kinds = engine.columns("patients")
        for column in dates.columns if dates else ():
            text = number_as_text(quote(column)) if kinds[column] == "DOUBLE" else f"cast({quote(column)} as varchar)"
            yield _Dated("patients", column, date_cell(text, dates, column), True)
        return
    for name, table in protocol.contract.tables.items():
        for column in (c for c in table.columns if c.kind == "date" and engine.has(name)):
            yield _Dated(name, column.name, quote(column.name), column.seen and not table.old)


def _limits(engine: Engine, dated: list[_Dated]) -> tuple[dt.date | None, dt.date | None, list[dt.date]]:
    """First and last date that the others bear out; None where too few dates are there to tell. Then the later dates of one
    patient each that may be true."""
    parts = [f"select {d.sql} as date, patient_id from {d.table}" for d in dated if d.contact]
    if not parts:
        return None, None, []
    seen = f"year(date) >= {EARLIEST_YEAR} and year(date) < {LATEST_YEAR}"
    pooled = f"select date, patient_id from ({' union all '.join(parts)}) as dated where {seen}"
    ends = _ends(engine, pooled)
    last = _last(ends)
    if last is None:
        return _first(ends), None, []
    found = engine.rows(
        f"select date from ({pooled}) as pooled where date > {literal(last)} "
        "group by date having count(distinct patient_id) = 1 order by date"
    )
    return _first(ends), last, [date for (date,) in found if (date.month, date.day) not in ENDS_OF_YEARS]


@dataclass(frozen=True, slots=True)
class _End:
    """A date that is the first, the second or the last, or stands behind a gap of years. place: its number from 0; before: the
    date before it; n: how often it stands there; many: how many dates there are."""

    place: int
    date: dt.date
    before: dt.date | None
    n: int
    many: int

    @property
    def gap(self) -> dt.timedelta:
        return dt.timedelta(0) if self.before is None else self.date - self.before


def _ends(engine: Engine, pooled: str) -> list[_End]:
    """No other date leaves the engine."""
    days = f"select date, count(*) as n from ({pooled}) as pooled group by date"
    order = "over (order by date)"
    placed = f"select row_number() {order} - 1 as place, date, lag(date) {order} as before, n, count(*) over () as many"
    far = f"date_diff('day', before, date) > {REPEATED_GAP.days}"
    rows = engine.rows(
        f"select distinct place, date, before, n, many from ({placed} from ({days}) as days) as placed "
        f"where place < 2 or place = many - 1 or {far} order by place"
    )
    return [_End(int(place), date, before, int(n), int(many)) for place, date, before, n, many in rows]


def _last(ends: list[_End]) -> dt.date | None:
    """Cuts off, from the end, a few dates behind a gap of years, or one date that stands there often."""
    if not ends or ends[-1].many <= ENOUGH:
        return None
    end, last = ends[-1].many, ends[-1].date
    for one in reversed(ends):
        above = end - one.place
        if one.place < ENOUGH or above > FEW:
            break
        often = above == 1 and one.n >= OFTEN
        if one.before is not None and (one.gap > SINGLE_GAP or (one.gap > REPEATED_GAP and often)):
            end, last = one.place, one.before
    return last if end > ENOUGH else None


def _first(ends: list[_End]) -> dt.date | None:
    """The second date where the first one stands years before it, twice or more."""
    if not ends or ends[-1].many <= ENOUGH:
        return None
    first, second = ends[:2]
    return second.date if second.gap > EARLY_GAP and first.n > 1 else first.date
