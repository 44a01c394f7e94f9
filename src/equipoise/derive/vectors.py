"""The test vectors of the packs, run through the same SQL as a study's patients: one drawn patient each, no data read."""

from __future__ import annotations

import math

from equipoise.contract import CORE, Contract, Table
from equipoise.derive.baseline import define_absent, define_assumed, define_from_records
from equipoise.derive.packs import item_of
from equipoise.derive.prior_line import define_prior_dose
from equipoise.engine import Engine, literal, open_engine, quote
from equipoise.errors import Fault
from equipoise.packs import Pack
from equipoise.protocol.baseline_columns import descriptors

INDEX_DATE = "2022-03-01"  # of a vector that gives none
DECIMALS = 1e-9
DESCRIBING = ("patient", "index_treatment")


def vector_faults(packs: tuple[Pack, ...]) -> list[Fault]:
    """Every vector that a pack of the list does not give, with what it gave instead. The packs before it build on each other."""
    return [fault for i in range(len(packs)) for fault in _pack_faults(packs[: i + 1])]


def _pack_faults(packs: tuple[Pack, ...]) -> list[Fault]:
    pack = packs[-1]
    place = pack.place or f"pack {pack.name}"
    contract = _contract(packs)
    strange = sorted({n for v in pack.vectors for n in v.given if n not in _givable(packs, contract)})
    if strange:
        message = (
            f"a vector cannot give {', '.join(strange)}; it gives inputs of the packs, findings, laboratory values, or columns"
        )
        return [Fault(place, "vector", f"{message} of patient and index_treatment")]
    if not pack.vectors:
        return []
    engine = _engine(packs, contract)
    names = list(dict.fromkeys(n for v in pack.vectors for n in v.gives))
    rows = engine.rows(f"select patient_id, {', '.join(names)} from baseline")
    found = {int(row[0]): dict(zip(names, row[1:], strict=True)) for row in rows}
    faults = []
    for i, vector in enumerate(pack.vectors):
        for name, expected in vector.gives.items():
            if not _agrees(found[i][name], expected):
                got, wanted = _shown(found[i][name]), "null" if expected is None else expected
                message = f"vector {i + 1} ({vector.source}): {name} is {got}, not {wanted}"
                faults.append(Fault(place, "vector", message))
    return faults


def _contract(packs: tuple[Pack, ...]) -> Contract:
    contract = CORE
    for pack in packs:
        contract = pack.extend(contract)
    return contract


def _givable(packs: tuple[Pack, ...], contract: Contract) -> set[str]:
    inputs = {c for p in packs for name, given in p.inputs.items() for c in given.columns(name)}
    return inputs | {"index_date", *_core_items(contract), *(c for t in DESCRIBING for c in descriptors(contract, t))}


def _core_items(contract: Contract) -> set[str]:
    return {*contract.findings, *(analyte.column for analyte in contract.laboratory.values())}


def _engine(packs: tuple[Pack, ...], contract: Contract) -> Engine:
    """An engine with the baseline of one patient per vector of the last pack."""
    pack, engine = packs[-1], open_engine(files=())
    given = {str(i): dict(v.given) for i, v in enumerate(pack.vectors)}
    for row in given.values():
        row.setdefault("index_date", INDEX_DATE)
    cohort = [
        f"select {literal(i)} as patient_id, 'a' as arm, date {literal(row['index_date'])} as index_date"
        for i, row in given.items()
    ]
    engine.define("cohort", "\nunion all\n".join(cohort))
    for table in DESCRIBING:
        engine.define(table, _table_sql(contract.tables[table], given))
    define_absent(engine, contract, packs)
    engine.define("baseline_record", _records_sql(packs, contract, given))
    engine.define("unit_factor", _factors_sql(packs))
    define_assumed(engine, packs, ())
    define_prior_dose(engine, tuple(p.name for p in packs), None)
    define_from_records(engine, contract, packs)
    return engine


def _table_sql(table: Table, given: dict[str, dict[str, str | None]]) -> str:
    rows = []
    for i, row in given.items():
        cells = {c.name: row.get(c.name) for c in table.columns} | {"patient_id": i}
        fields = [f"cast({literal(cells[c.name])} as {c.sql_type}) as {quote(c.name)}" for c in table.columns]
        rows.append(f"select {', '.join(fields)}, {i} as source_row")
    return "\nunion all\n".join(rows)


def _records_sql(packs: tuple[Pack, ...], contract: Contract, given: dict[str, dict[str, str | None]]) -> str:
    """Rows of `baseline_record` as the windows would have picked them; '<20' keeps its sign."""
    inputs = {c: (item_of(p, name), g) for p in packs for name, g in p.inputs.items() for c in g.columns(name)}
    core = _core_items(contract)
    rows: dict[tuple[str, str], dict[str, str]] = {}
    words = {*contract.findings, *(item for item, g in inputs.values() if g.analyte is None)}
    for i, row in given.items():
        for column, cell in row.items():
            if cell is not None and (column in core or column in inputs):
                item = inputs[column][0] if column in inputs else column
                part = next((p for p in ("lln", "uln", "comparator") if column in inputs and column.endswith(f"_{p}")), "value")
                rows.setdefault((i, item), {})[part] = cell
    if not rows:
        rows = {("none", "none"): {}}
    return "\nunion all\n".join(_record(i, item, parts, item in words) for (i, item), parts in rows.items())


def _record(patient: str, item: str, parts: dict[str, str], is_text: bool) -> str:
    """is_text: the record of a finding, whose text is its value; that of an analyte is its sign."""
    cell = parts.get("value", "")
    sign = cell[0] if cell[:1] in ("<", ">") else parts.get("comparator", "=")
    fields = {
        "value": f"try_cast({literal(cell.lstrip('<> '))} as double)", "text_value": literal(cell if is_text else sign),
        "lln": f"cast({literal(parts.get('lln'))} as double)", "uln": f"cast({literal(parts.get('uln'))} as double)",
    }  # fmt: skip
    listed = ", ".join(f"{sql} as {name}" for name, sql in fields.items())
    return f"select {literal(patient)} as patient_id, {literal(item)} as item, {listed}, false as flagged"


def _number(cell: str) -> bool:
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False


def _factors_sql(packs: tuple[Pack, ...]) -> str:
    """Each input is given in the pack's own unit: factors of one."""
    keys = dict.fromkeys(
        (str(g.analyte), g.unit.strip().lower()) for p in packs for g in p.inputs.values() if g.analyte is not None
    )
    rows = [f"select {literal(a)} as analyte, {literal(u)} as unit, 1.0 as multiply_by, 1.0 as divide_by" for a, u in keys]
    return "\nunion all\n".join(rows or ["select '' as analyte, '' as unit, 1.0 as multiply_by, 1.0 as divide_by"])


def _agrees(found: object, expected: str | None) -> bool:
    """A number agrees when it rounds to the decimals that are written; text and true or false as they stand."""
    if found is None or expected is None:
        return found is None and expected is None
    if isinstance(found, bool) or not isinstance(found, int | float):
        return _shown(found) == expected
    if not _number(expected):
        return False
    decimals = len(expected.partition(".")[2])
    return abs(float(found) - float(expected)) <= 0.5 * 10.0**-decimals + DECIMALS


def _shown(found: object) -> str:
    if found is None:
        return "null"
    return str(found).lower() if isinstance(found, bool) else str(found)
