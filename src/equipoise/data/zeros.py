"""Zeros that stand for 'not recorded' in a spreadsheet: respiration 0, pressure 0, albumin 0.

A zero is named where the heading is of something that no living patient has none of, or where it lies far below every other
value of its column: the lowest twentieth of the others is above a quarter of their median (and at least 5 among whole numbers,
so that counts, grades and scores are none), and no more than one cell in twenty is zero.
"""

from __future__ import annotations

import re

from equipoise.engine import Engine, quote
from equipoise.protocol.expressions import columns_of
from equipoise.protocol.spec import Protocol

SHEET = "patients"
# words of headings beside those of the contract's items and analytes: never zero in a living patient
VITAL = (
    "respiration", "respirations", "respiratory", "resp", "breathing", "rr", "pressure", "sbp", "dbp", "bp", "systolic",
    "diastolic", "pulse", "heart", "hr", "temperature", "temp", "bmi", "hematocrit", "haematocrit", "spo2", "saturation", "ph",
)  # fmt: skip
OTHERWISE = (
    "change", "delta", "difference", "loss", "failure", "disease", "drop", "gain", "score", "grade", "ulcer",
    "high", "low",
)  # fmt: skip
MOST_ZERO = 0.5  # share of zeros from which a column is one that holds them
RARE, NEAR, WHOLE = 0.05, 0.25, 5.0


def zero_columns(protocol: Protocol, engine: Engine) -> dict[str, list[tuple]]:
    """Column -> the rows in which it is zero for want of a value. Columns of numbers that covariates and measurements use."""
    types = engine.columns(SHEET)
    used = [
        c for covariate in protocol.covariates.values() if covariate.kind != "categorical" for c in columns_of(covariate.from_)
    ]
    used += [m.column for m in protocol.measurements.values()]
    found = {}
    for column in dict.fromkeys(c for c in used if types.get(c) == "DOUBLE"):
        if _is_missing(engine, column, {*VITAL, *protocol.contract.headings}):
            fields = f"patient_id, '{SHEET}' as source_table, source_row"
            sql = f"select {fields} from {SHEET} where {quote(column)} = 0 order by source_row"
            found[column] = engine.rows(sql)
    return found


def _is_missing(engine: Engine, column: str, never_zero: set[str]) -> bool:
    cell = quote(column)
    n, zeros, least, low, median, whole = engine.rows(
        f"select count({cell}), count(*) filter ({cell} = 0), min({cell}), quantile_cont({cell}, 0.05) filter ({cell} <> 0), "
        f"median({cell}) filter ({cell} <> 0), bool_and({cell} = round({cell})) from {SHEET}"
    )[0]
    if not zeros or least < 0 or median is None or zeros > MOST_ZERO * n:
        return False
    apart = low > NEAR * median and (not whole or low >= WHOLE)
    words = set(re.findall(r"[a-z]+[0-9]?", column.lower()))
    vital = bool(words & never_zero) and not words & set(OTHERWISE)
    return (vital and low > 0 and (not whole or low >= WHOLE or apart)) or (apart and zeros <= RARE * n)
