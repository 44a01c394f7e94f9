"""Dates without a day or a month, completed by the rule that the protocol declares; each one is flagged.

first: the first day of the month or year; mid: the 15th, or 1 July; last: the last day.
"""

from __future__ import annotations

from equipoise.contract import Table
from equipoise.data.check import are_met, row_faults
from equipoise.data.read import RawTable
from equipoise.engine import Engine, literal, quote
from equipoise.errors import Fault

PARTIAL = r"\d{4}(-(0[1-9]|1[0-2]))?"
REFUSED = "the date has no day; write YYYY-MM-DD, or declare data.partial_dates (first, mid or last) to complete such dates"
FLAGGED = "the date has no day and was completed by the protocol's rule"


def complete(engine: Engine, table: Table, raw: RawTable, rule: str | None) -> tuple[list[Fault], list[Fault]]:
    """Partial dates of raw_<table> completed there; faults where no rule is declared; findings, one per completed row."""
    faults: list[Fault] = []
    findings: list[Fault] = []
    changed: dict[str, str] = {}
    kinds = engine.columns(f"raw_{table.name}")
    dates = [c.name for c in table.columns if c.kind == "date" and c.name in raw.names and kinds[c.name] == "VARCHAR"]
    conditions = [f"regexp_full_match({quote(c)}, '{PARTIAL}')" for c in dates]
    there = are_met(engine, f"raw_{table.name}", conditions)
    for column, partial in ((c, w) for c, w, met in zip(dates, conditions, there, strict=True) if met):
        cell = quote(column)
        found = engine.rows(f"select source_row, {cell} from raw_{table.name} where {partial} order by source_row")
        where = [(row + raw.first_row - 1, value) for row, value in found]
        if rule is None:
            faults += row_faults(where, "partial date", REFUSED, raw.file, column)
            continue
        findings += [Fault(f"{raw.file}, row {row}, column {column}", "partial date", FLAGGED) for row, _ in where]
        if where:
            changed[column] = f"case when {partial} then cast({date_sql(column, rule)} as varchar) else {cell} end as {cell}"
    if changed:
        fields = ", ".join(changed.get(c, quote(c)) for c in engine.columns(f"raw_{table.name}"))
        engine.create(f"raw_{table.name}", f"select {fields} from raw_{table.name} order by source_row")
    return faults, findings


def date_sql(column: str, rule: str) -> str:
    """The rule in SQL over a column of text."""
    name = f"cast({quote(column)} as varchar)"
    year = {"first": "-01-01", "mid": "-07-01", "last": "-12-31"}[rule]
    month = f"cast({name} || '-{15 if rule == 'mid' else 1:02d}' as date)"
    if rule == "last":
        month = f"cast({month} + 1 * interval 1 month - 1 * interval 1 day as date)"
    return (
        f"case when length({name}) = 4 then cast({name} || {literal(year)} as date) when length({name}) = 7 then {month} "
        f"else cast({name} as date) end"
    )
