"""The rule packs on one row per patient: the columns that `measurements` declares stand in for the records of raw tables."""

from __future__ import annotations

from collections.abc import Iterator

from equipoise.derive.baseline import define_assumed, define_items
from equipoise.derive.packs import core_relation, define_packs, item_of
from equipoise.engine import Engine, literal, quote
from equipoise.protocol.baseline_columns import AGE
from equipoise.protocol.measures import Measurement
from equipoise.protocol.spec import Protocol

SHEET = "patients"


def define_measured_baseline(protocol: Protocol, engine: Engine) -> None:
    """Define `baseline`: the spreadsheet's columns and, behind them, the measured values in canonical units and every column of
    the packs that the sheet does not have itself. `unit_factor`, `patients` and `cohort` exist."""
    declared = protocol.measurements
    rows = list(_records(protocol))
    engine.define("baseline_record", "\nunion all\n".join(rows or [_no_record()]), phase="derive")
    age = f"try_cast({quote(declared[AGE].column)} as double)" if AGE in declared else "cast(null as double)"
    engine.define("patient", f"select patient_id, {age} as age_index from {SHEET}", phase="derive")
    define_assumed(engine, protocol.rule_packs, protocol.not_recorded_is_none)
    define_items(engine, protocol.contract)
    engine.define(core_relation(protocol.rule_packs), _core(engine), phase="derive")
    define_packs(engine, protocol.contract, protocol.rule_packs, sheet=True)


def _records(protocol: Protocol) -> Iterator[str]:
    """One SELECT per measured column and item that reads it: the contract's item, and the inputs of the packs."""
    contract = protocol.contract
    for name, measurement in protocol.measurements.items():
        laboratory = name in contract.analytes
        items = [contract.analytes[name].column] if laboratory else [name] if name in contract.findings else []
        for pack in protocol.rule_packs:
            items += [item_of(pack, i) for i, given in pack.inputs.items() if name in (given.analyte, given.item)]
        for item in filter(None, items):
            yield _laboratory(name, item, measurement) if laboratory else _finding(item, measurement)


def _laboratory(analyte: str, item: str, measurement: Measurement) -> str:
    """Rows (patient_id, item, value, text_value, lln, uln), empty cells left out. A limit such as '<0.2' keeps its sign."""
    cell = f"cast({quote(measurement.column)} as varchar)"
    unit = literal(measurement.unit.strip().lower())
    sign = f"case when left(trim({cell}), 1) in ('<', '>') then left(trim({cell}), 1) else '=' end"
    value = f"try_cast(trim({cell}, '<> ') as double)"
    converted = {"value": value, "lln": _limit(measurement.lln), "uln": _limit(measurement.uln)}
    fields = [f"{sql} * multiply_by / divide_by as {name}" for name, sql in converted.items()]
    return (
        f"select patient_id, {literal(item)} as item, {fields[0]},\n  {sign} as text_value, {fields[1]}, {fields[2]}\n"
        f"from {SHEET} join unit_factor on unit_factor.analyte = {literal(analyte)} and unit_factor.unit = {unit}\n"
        f"where {quote(measurement.column)} is not null"
    )


def _limit(given: str | None) -> str:
    """A limit of normal: a number as it is, a column by its name, else null."""
    if given is None:
        return "cast(null as double)"
    try:
        return f"cast({float(given)!r} as double)"
    except ValueError:
        return f"try_cast({quote(given)} as double)"


def _finding(item: str, measurement: Measurement) -> str:
    text = _recoded(f"cast({quote(measurement.column)} as varchar)", measurement)
    return (
        f"select patient_id, {literal(item)} as item, try_cast({text} as double) as value, {text} as text_value,\n"
        f"  cast(null as double) as lln, cast(null as double) as uln\nfrom {SHEET} where {quote(measurement.column)} is not null"
    )


def _recoded(cell: str, measurement: Measurement) -> str:
    """Words of the sheet as the words of the contract; without a list they stay. 1 and 1.0 are the same word."""
    if not measurement.values:
        return cell
    plain = f"case when right({cell}, 2) = '.0' then left({cell}, length({cell}) - 2) else {cell} end"
    cases = " ".join(f"when {literal(theirs)} then {literal(ours)}" for theirs, ours in measurement.values.items())
    return f"case {plain} {cases} end"


def _no_record() -> str:
    empty = {"item": "varchar", "value": "double", "text_value": "varchar", "lln": "double", "uln": "double"}
    fields = ", ".join(f"cast(null as {kind}) as {name}" for name, kind in empty.items())
    return f"select patient_id, {fields} from {SHEET} where 1 = 0"


def _core(engine: Engine) -> str:
    """The sheet and the measured items that it does not have under the same name."""
    own = {c.lower() for c in engine.columns(SHEET)}
    fields = "".join(f", item.{c}" for c in engine.columns("baseline_item") if c.lower() not in own)
    joined = f"join cohort on cohort.patient_id = {SHEET}.patient_id\njoin baseline_item as item"
    return f"select {SHEET}.*{fields}\nfrom {SHEET}\n{joined} on item.patient_id = cohort.patient_id"
