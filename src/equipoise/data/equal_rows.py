"""Rows of a spreadsheet that are equal in every column but the identifier, where the columns make chance unlikely.

Expected by chance are, of all pairs of n rows, n(n-1)/2 times the product over the columns of the sum of squared shares of their
values (columns taken as independent). Columns that go together make more: the pairs that agree in all columns but one, times the
chance of that one, count as well. Both are sums over groups of equal cells, so that no pair is looked at.
"""

from __future__ import annotations

import math

from equipoise.engine import Engine, quote

SHEET = "patients"
LEAST = 0.05  # pairs expected by chance from which equal rows say nothing
SHARE = 0.05  # or this share of the equal pairs that were found
MOST_LEFT_OUT = 5_000_000  # cells above which the second estimate is left out


def equal_rows(engine: Engine) -> list[tuple]:
    """(patient, table, row) of every row that stands before, none where chance would give as many."""
    names = [quote(c) for c in engine.columns(SHEET) if c not in ("patient_id", "source_row")]
    n = engine.rows(f"select count(*) from {SHEET}")[0][0]
    compared = [c for c, different in zip(names, _different(engine, names), strict=True) if different < n]
    if not compared or n < 2:
        return []
    key = ", ".join(compared)
    found = engine.rows(
        f"select patient_id, '{SHEET}' as source_table, source_row from (select patient_id, source_row, row_number() over "
        f"(partition by {key} order by source_row) as nth from {SHEET}) where nth > 1 order by 3"
    )
    return [] if found and _by_chance(engine, compared, n) else found


def _different(engine: Engine, names: list[str]) -> list[int]:
    """Different values of each column; as many as rows in one that names the patients."""
    # one column after the other: side by side each takes memory of its own, which costs most of the time with few rows
    each = (f"select {i} as nth, count(distinct {c}) as n from {SHEET}" for i, c in enumerate(names))
    return [n for _, n in sorted(engine.rows(" union all ".join(each)))] if names else []


def _by_chance(engine: Engine, columns: list[str], n: int) -> bool:
    equal = _pairs(engine, ", ".join(columns))
    limit = max(LEAST, SHARE * equal)
    pairs = n * (n - 1) / 2
    chances = [_pairs(engine, c) / pairs for c in columns]
    if pairs * math.prod(chances) >= limit:
        return True
    if n * len(columns) > MOST_LEFT_OUT:
        return False
    for i, chance in enumerate(chances):
        others = [c for k, c in enumerate(columns) if k != i]
        if others and chance < 1:
            near = _pairs(engine, ", ".join(others)) - equal  # agree but for this column
            if near * chance / (1 - chance) >= limit:
                return True
    return False


def _pairs(engine: Engine, key: str) -> float:
    """Pairs of rows that agree in these columns; empty cells agree with each other."""
    sql = f"select sum(k * (k - 1) / 2.0) from (select cast(count(*) as double) as k from {SHEET} group by {key}) as g"
    return float(engine.rows(sql)[0][0] or 0.0)
