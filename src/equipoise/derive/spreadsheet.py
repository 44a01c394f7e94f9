"""The liver rules on one row per patient: the columns that `measurements` declares stand in for the records of raw tables."""

from __future__ import annotations

from equipoise.engine import Engine, literal, read_sql
from equipoise.protocol.measured import AGE, DERIVED, LABORATORY
from equipoise.protocol.measures import Measurement
from equipoise.protocol.spec import Protocol

STEPS = {"baseline_item": "items.sql", "child_pugh": "liver.sql", "bclc_stage": "bclc.sql", "liver_scores": "scores.sql"}
SHEET = "patients"


def define_measured_baseline(protocol: Protocol, engine: Engine) -> None:
    """Define `baseline`: the spreadsheet's columns and, behind them, every derived column that the sheet does not have itself.
    `unit_factor`, `patients` and `cohort` exist."""
    declared = protocol.measurements
    rows = [_record(name, m) for name, m in declared.items() if name != AGE]
    engine.define("baseline_record", "\nunion all\n".join(rows or [_no_record()]), phase="derive")
    age = f'try_cast("{declared[AGE].column}" as double)' if AGE in declared else "cast(null as double)"
    engine.define("patient", f"select patient_id, {age} as age_index from {SHEET}", phase="derive")
    for name, file in STEPS.items():
        engine.define(name, read_sql("equipoise.derive", file), phase="derive")
    engine.define("baseline", _baseline(engine), phase="derive")


def _record(name: str, measurement: Measurement) -> str:
    """Rows (patient_id, item, value, text_value) of one column, empty cells left out. A limit such as '<0.2' keeps its sign."""
    cell = f'cast("{measurement.column}" as varchar)'
    if name in LABORATORY:
        unit = literal(measurement.unit.strip().lower())
        sign = f"case when left(trim({cell}), 1) in ('<', '>') then left(trim({cell}), 1) else '=' end"
        return (
            f"select patient_id, {literal(LABORATORY[name])} as item,\n"
            f"  try_cast(trim({cell}, '<> ') as double) * multiply_by / divide_by as value, {sign} as text_value\n"
            f"from {SHEET} join unit_factor on unit_factor.analyte = {literal(name)} and unit_factor.unit = {unit}\n"
            f'where "{measurement.column}" is not null'
        )
    text = _recoded(cell, measurement)
    return (
        f"select patient_id, {literal(name)} as item, try_cast({text} as double) as value, {text} as text_value\n"
        f'from {SHEET} where "{measurement.column}" is not null'
    )


def _recoded(cell: str, measurement: Measurement) -> str:
    """Words of the sheet as the words of the contract; without a list they stay. 1 and 1.0 are the same word."""
    if not measurement.values:
        return cell
    plain = f"case when right({cell}, 2) = '.0' then left({cell}, length({cell}) - 2) else {cell} end"
    cases = " ".join(f"when {literal(theirs)} then {literal(ours)}" for theirs, ours in measurement.values.items())
    return f"case {plain} {cases} end"


def _no_record() -> str:
    fields = "cast(null as varchar) as item, cast(null as double) as value, cast(null as varchar) as text_value"
    return f"select patient_id, {fields} from {SHEET} where 1 = 0"


def _baseline(engine: Engine) -> str:
    own = {c.lower() for c in engine.columns(SHEET)}
    fields = [f"{table}.{name}" for table, names in DERIVED.items() for name in names if name not in own]
    joins = "\n".join(f"join {table} on {table}.patient_id = cohort.patient_id" for table in DERIVED)
    return f"select {SHEET}.*, {', '.join(fields)}\nfrom {SHEET}\njoin cohort on cohort.patient_id = {SHEET}.patient_id\n{joins}"
