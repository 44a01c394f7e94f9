"""The unit of a column of times, where two columns of dates decide it: nearly all times are the days between, in one unit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from equipoise.data.adam import DAYS_IN, LEAST_DAYS, NEARLY
from equipoise.data.date_forms import CENTURY_FROM, DateForm, date_form, date_sql
from equipoise.data.read import RawTable
from equipoise.errors import Fault
from equipoise.protocol.spec import Protocol

LEAST_ROWS, FIRST_ROWS, MOST_COLUMNS, LOOKED_AT = 10, 20_000, 8, 500
WIDTH = 1 + len(DAYS_IN)
MONTH_SLACK = 0.02  # months of 30, 30.4375 or 31 days


@dataclass(frozen=True, slots=True)
class DatedUnit:
    """start, end: the columns of dates between which the times are counted, in the unit days, weeks, months or years. last: no
    other date of the sheet lies behind the end."""

    unit: str
    start: str
    end: str
    last: bool


def dated_units(raw: RawTable, times: Iterable[str]) -> dict[str, DatedUnit]:
    """Time -> its unit, of those that no other unit fits and at least ten of the first rows decide."""
    times = list(dict.fromkeys(times))
    forms = {n: form for n in raw.names if n not in times and (form := _form(raw, n)) is not None}
    names = list(forms)[:MOST_COLUMNS]
    if len(names) < 2 or not times:
        return {}
    dates = [date_sql(raw.text(n), forms[n].order, CENTURY_FROM if forms[n].two_digit else None) for n in names]
    fields = [f"{sql} as d{i}" for i, sql in enumerate(dates)] + [f"{raw.number(t)} as t{k}" for k, t in enumerate(times)]
    read = f"select {', '.join(fields)} from {raw.relation} where source_row <= {FIRST_ROWS}"
    latest = f"greatest({', '.join(f'd{i}' for i in range(len(names)))})"  # of those that are given
    ends = [f"avg(cast(d{i} >= {latest} as int))" for i in range(len(names))]
    pairs = [(i, j) for i in range(len(names)) for j in range(len(names)) if i != j]
    whole = ", ".join(f"coalesce(bool_and(t{k} = floor(t{k})), false) as w{k}" for k in range(len(times)))
    shares = [part for k in range(len(times)) for i, j in pairs for part in _shares(i, j, k)]
    asked = (
        f"with read as materialized ({read}) select {', '.join((*ends, *shares))} from read cross join (select {whole} from read)"
    )
    row = raw.engine.rows(asked)[0]
    last, row = [share is not None and share >= NEARLY for share in row[: len(names)]], row[len(names) :]
    found = {}
    for k, time in enumerate(times):
        fits = []
        for n, (i, j) in enumerate(pairs):
            rows, *counts = row[(k * len(pairs) + n) * WIDTH : (k * len(pairs) + n + 1) * WIDTH]
            units = [u for u, share in zip(DAYS_IN, counts, strict=True) if rows >= LEAST_ROWS and share >= NEARLY]
            fits += [DatedUnit(u, names[i], names[j], last[j]) for u in units]
        if len({f.unit for f in fits}) == 1:
            found[time] = max(fits, key=lambda f: f.last)
    return found


def _form(raw: RawTable, name: str) -> DateForm | None:
    """How a column of text writes its dates; None where it is none, or where day and month cannot be told apart."""
    if raw.kinds[name] != "VARCHAR":
        return None
    some = f"select distinct {raw.text(name)} as cell from {raw.relation} where {raw.cell(name)} is not null"
    cells = [r[0] for r in raw.engine.rows(f"select cell from ({some}) order by cell limit {LOOKED_AT}")]
    form = date_form(cells)
    return form if form is not None and form.decided else None


def _shares(start: int, end: int, time: int) -> list[str]:
    """How many rows are long enough to tell, and the share of them that each unit fits, the first day counted or not."""
    days = f"date_diff('day', d{start}, d{end})"
    enough = f"filter (where {days} > {LEAST_DAYS} and t{time} is not null)"
    parts = [f"count(*) {enough}"]
    for per in DAYS_IN.values():
        rounded = f"{per} * case when w{time} then 0.51 else 0.051 end + {MONTH_SLACK} * {days}"
        slack = rounded if per > 7 else repr(0.51 * per * (per > 1))
        parts.append(f"avg(cast(abs(t{time} * {per} - {days} - 0.5) <= 0.5 + {slack} as int)) {enough}")
    return parts


def unit_findings(protocol: Protocol, raw: RawTable) -> list[Fault]:
    """Endpoints whose declared unit is another than that which the dates of the sheet say."""
    if raw.engine.connected:
        return []
    asked = {n: e.time for n, e in protocol.endpoints.items() if e.time is not None and e.time.column in raw.names}
    counted = protocol.data.dates.days if protocol.data.dates is not None else {}  # days by what they are made of
    known = dated_units(raw, [t.column for t in asked.values() if t.column not in counted])
    found = []
    for name, time in asked.items():
        told = known.get(time.column)
        if told is not None and told.unit != time.unit:
            message = (
                f"the protocol says {time.unit}, and between '{told.start}' and '{told.end}' lie as many {told.unit}: write "
            )
            place = protocol.place("endpoints", name, "time")
            found.append(Fault(place, "unit", f"{message}unit: {told.unit}, or correct the dates"))
    return found
