"""What the design read, as hashes: of each column with the patients it belongs to, in no order; no value can be read from them.

Of a table with dates the rows after the index date are left out, unless an exclusion asks it as a whole: follow-up that goes on
after the lock changes no design.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

from equipoise.contract import Table
from equipoise.engine import Engine, quote
from equipoise.protocol.blinded import asked_tables, reads_table, sheet_columns, table_columns, without_outcomes
from equipoise.protocol.spec import Protocol

SHEET = "patients"
LAST = ("eligibility", "cohort", "covariate", "population", "value")  # what a design is made from


def fingerprint(protocol: Protocol, engine: Engine) -> dict[str, Any]:
    """table -> {rows: n, whole: hash, columns: {column: hash}} of what the design read. The cohort and the covariates are
    derived. The same from a request whose outcomes are closed and from the whole one."""
    closed = without_outcomes(protocol)
    if protocol.data.rows is not None:
        columns = sheet_columns(closed, [c for c in engine.columns(SHEET) if c not in ("patient_id", "source_row")])
        return {SHEET: _hashes(engine, SHEET, ["patient_id", *columns], "true")}
    read = _relations(engine)
    found = {}
    for name, table in protocol.contract.tables.items():
        if not engine.has(name) or not engine.relations[name].base or not reads_table(closed, name):
            continue
        columns = _columns(closed, table, [sql for sql in read if name in engine.reads(sql)])
        if columns:
            found[name] = _hashes(engine, name, ["patient_id", *columns], _rows_read(closed, table))
    return found


def fingerprint_text(data: dict[str, Any] | Any) -> str:
    """One hash for all of it, as it is printed."""
    lines = [f"{table} {given['rows']} {given['whole']}" for table, given in sorted(data.items())]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _relations(engine: Engine) -> list[str]:
    """The SQL of every relation that a design rests on, files excluded."""
    seen: dict[str, str] = {}

    def visit(name: str) -> None:
        if name in seen or not engine.has(name) or engine.relations[name].base:
            return
        seen[name] = engine.relations[name].sql
        for upstream in engine.reads(seen[name]):
            visit(upstream)

    for name in LAST:
        visit(name)
    return list(seen.values())


def _columns(protocol: Protocol, table: Table, read: list[str]) -> list[str]:
    """The columns of a table, but the patient, that the relations name."""
    kept = table_columns(protocol, table.name)
    known = [c for c in (table.column_names if kept is None else kept) if c != "patient_id"]
    if kept is not None or any(re.search(rf"\b{table.name}\.\*|\*\s+from\s+{table.name}\b", sql) for sql in read):
        return known if read else []
    words = {word for sql in read for word in re.findall(r"\w+", sql)}
    return [c for c in known if c in words]


def _rows_read(protocol: Protocol, table: Table) -> str:
    """Which rows a design can have read, as a condition over `t`."""
    if not table.day or (table.name in asked_tables(protocol) and not _only_before(protocol, table.name)):
        return "true"
    day = f"t.{quote(table.day)}"
    return f"exists (select 1 from index_row i where i.patient_id = t.patient_id and {day} <= i.index_date)"


def _only_before(protocol: Protocol, table: str) -> bool:
    """Whether every exclusion that asks a table looks at the time up to the index date alone, and it is not the index table."""
    asking = [e for step in protocol.eligibility.steps for e in step.exclude if e.table == table]
    index = protocol.index.table if protocol.index is not None else ""
    return table != index and all(e.known == "index" for e in asking)


def _hashes(engine: Engine, table: str, columns: list[str], where: str) -> dict[str, Any]:
    columns = list(dict.fromkeys(columns))
    cells = {c: f"coalesce(cast(t.{quote(c)} as varchar), chr(30))" for c in columns}
    hashed = {c: f"sha256({cells['patient_id']} || chr(31) || {cell})" for c, cell in cells.items()}
    whole = "sha256(" + " || chr(31) || ".join(cells.values()) + ")"
    fields = [f"sha256(coalesce(string_agg(h{i}, '' order by h{i}), ''))" for i in range(len(columns) + 1)]
    inner = ", ".join(f"{sql} as h{i}" for i, sql in enumerate([whole, *hashed.values()]))
    found = engine.rows(f"select count(*), {', '.join(fields)} from (select {inner} from {table} t where {where}) as rows_read")[
        0
    ]
    return {"rows": int(found[0]), "whole": found[1], "columns": dict(zip(columns, found[2:], strict=True))}
