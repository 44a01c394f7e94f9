"""Check text columns against the contract: every fault with file, row, column and rule, none with a patient's value.

At most LISTED rows are named per rule and column; the rest are counted.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from equipoise.contract import Column, Table
from equipoise.engine import Engine, as_number, listed, quote
from equipoise.errors import Fault
from equipoise.packs import further_codes, pack_of

LISTED = 5
IDENTIFYING = ("name", "mrn", "ssn", "phone", "address", "email", "birth_date", "hospital_number", "passport")
_NEEDED = {
    "integer": "a whole number",
    "number": "a number",
    "date": "a date written YYYY-MM-DD",
    "boolean": "true or false",
}


def header_faults(table: Table, file: str, given: list[str]) -> list[Fault]:
    """Columns that the contract has and the file lacks, each with the nearest column of the file."""
    faults = []
    for column in table.columns:
        if column.name in given or not column.required:
            continue
        near = difflib.get_close_matches(column.name, given, n=1)
        hint = f"; is '{near[0]}' meant?" if near else ""
        faults.append(Fault(f"{file}, row 1", "missing column", f"the column '{column.name}' is missing{hint}"))
    return faults


def header_findings(table: Table, file: str, given: list[str]) -> list[Fault]:
    """Columns of the file that the contract does not know. They are never loaded."""
    findings = []
    for name in given:
        if name in table.column_names:
            continue
        if any(word in name.lower() for word in IDENTIFYING):
            message = f"the column '{name}' looks like it identifies patients; it was not read. Remove it from the file"
            findings.append(Fault(f"{file}, row 1", "identifying column", message))
        else:
            pack = pack_of(name)
            of = f"is of the pack '{pack}', which the protocol does not name," if pack else "is not in the contract"
            findings.append(Fault(f"{file}, row 1", "unknown column", f"the column '{name}' {of} and was not read"))
    return findings


def cell_faults(engine: Engine, table: Table, file: str, first_row: int, given: Collection[str] | None = None) -> list[Fault]:
    """Faults of single cells and of the key. Reads the relation raw_<table>: once, and again for what is wrong in it. given: the
    columns that the file has; all, where nothing is said."""
    kinds = engine.columns(f"raw_{table.name}")
    looked_at = [c for c in table.columns if given is None or c.name in given]
    rules = [rule for column in looked_at for rule in _rules(table, column, kinds[column.name] != "VARCHAR")]
    faults: list[Fault] = []
    for rule, met in zip(rules, are_met(engine, f"raw_{table.name}", [r.where for r in rules]), strict=True):
        faults += _rows(engine, table, rule, file, first_row) if met else []
    if table.key:
        faults += _key_faults(engine, table, file, first_row)
    return faults


def are_met(engine: Engine, relation: str, conditions: Sequence[str]) -> list[bool]:
    """Which of these conditions in SQL hold in any row, in one look at the relation."""
    if not conditions:
        return []
    counts = ", ".join(f"count(*) filter (where {c}) as n{i}" for i, c in enumerate(conditions))
    return [n > 0 for n in engine.rows(f"select {counts} from {relation}")[0]]


@dataclass(frozen=True, slots=True)
class _Rule:
    """What is wrong in a column, where, and the sentence that says so."""

    column: str
    where: str
    name: str
    message: str


def _rules(table: Table, column: Column, typed: bool) -> Iterator[_Rule]:
    """typed: the cells are numbers or dates already."""
    cell = quote(column.name)
    if column.required:
        message = f"the cell is empty; {column.name} must be given in every row"
        yield _Rule(column.name, f"{cell} is null", "empty cell", message)
    if column.kind in _NEEDED and not (typed and column.kind in ("number", "date")):
        wrong = f"{cell} is not null and {_read(cell, column, typed)} is null"
        yield _Rule(column.name, wrong, "type", f"this is not {_NEEDED[column.kind]}")
    if column.values:
        wrong = f"{cell} is not null and {cell} not in ({listed(column.values)})"
        known = f"{', '.join(column.values)}{further_codes(table.name, column.name, column.values)}"
        yield _Rule(column.name, wrong, "unknown code", f"unknown code; allowed are {known}")
    if column.low is not None or column.high is not None:
        yield _range(column, typed)


def _read(cell: str, column: Column, typed: bool) -> str:
    """A cell of text as its column's type, null where it is none: an engine's own cast takes 1_000, inf and 2.7 as an integer."""
    number = cell if typed else as_number(cell)
    if column.kind == "number":
        return number
    if column.kind == "integer":
        return f"case when {number} = trunc({number}) then try_cast({number} as {column.sql_type}) end"
    return f"try_cast({cell} as {column.sql_type})"


def _range(column: Column, typed: bool) -> _Rule:
    number = quote(column.name) if typed else as_number(quote(column.name))
    low = "false" if column.low is None else f"{number} < {column.low}"
    high = "false" if column.high is None else f"{number} > {column.high}"
    unit = f" {column.unit}" if column.unit else ""
    bounds = " and ".join(
        f"{word} {bound:g}{unit}" for word, bound in (("at least", column.low), ("at most", column.high)) if bound is not None
    )
    return _Rule(column.name, f"({low}) or ({high})", "range", f"out of range; {column.name} is {bounds}")


def _rows(engine: Engine, table: Table, rule: _Rule, file: str, first_row: int) -> list[Fault]:
    cell = "null" if engine.connected else quote(rule.column)  # what a database holds stays there
    found = engine.rows(f"select source_row, {cell} from raw_{table.name} where {rule.where} order by source_row")
    return row_faults([(r[0] + first_row - 1, r[1]) for r in found], rule.name, rule.message, file, rule.column)


def row_faults(found: list[tuple], rule: str, message: str, file: str, column: str = "") -> list[Fault]:
    """Faults for (file row, value) pairs: the first LISTED named, the rest counted in one more. column: empty where the row as a
    whole is wrong."""
    where = f", column {column}" if column else ""
    faults = [
        Fault(f"{file}, row {row}{where}", rule, message, "" if value is None else str(value)) for row, value in found[:LISTED]
    ]
    if len(found) > LISTED:
        faults.append(Fault(f"{file}{where}", rule, f"{message} ({more_rows(len(found) - LISTED)})"))
    return faults


def _key_faults(engine: Engine, table: Table, file: str, first_row: int) -> list[Fault]:
    key = ", ".join(quote(k) for k in table.key)
    found = engine.rows(
        f"select source_row from (select source_row, row_number() over (partition by {key} order by source_row) as nth, "
        f"{' and '.join(f'{quote(k)} is not null' for k in table.key)} as whole from raw_{table.name}) "
        "where nth > 1 and whole order by source_row"
    )
    what = "duplicate patient" if table.key == ("patient_id",) else "duplicate key"
    message = f"the same {' and '.join(table.key)} stands in an earlier row; keep one"
    return row_faults([(r[0] + first_row - 1, None) for r in found], what, message, file, " + ".join(table.key))


def orphan_faults(engine: Engine, table: Table, file: str, first_row: int) -> list[Fault]:
    """Rows of a patient whom the patient table does not hold."""
    if table.name == "patient" or not engine.has("patient"):
        return []
    found = engine.rows(
        f"select source_row from {table.name} t where not exists "
        "(select 1 from patient p where p.patient_id = t.patient_id) order by source_row"
    )
    message = "this patient is not in the patient table; add the patient there or remove the row"
    return row_faults([(r[0] + first_row - 1, None) for r in found], "unknown patient", message, file, "patient_id")


def more_rows(n: int) -> str:
    return "1 more row" if n == 1 else f"{n} more rows"
