"""Values at a limit of measurement (<0.5, >5000) as numbers, by the rule that `data: limits` declares for their column."""

from __future__ import annotations

from equipoise.data.check import row_faults
from equipoise.data.read import RawTable
from equipoise.engine import as_number, literal
from equipoise.errors import Fault
from equipoise.protocol.spec import Protocol
from equipoise.records import AtLimit

_MARKED = r"[<>≤≥]=?\s*[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?"
SIGNS = {"≤": "<=", "≥": ">=", "≤=": "<=", "≥=": ">="}
DIVISOR = {"at_limit": 1.0, "half": 2.0, "root_two": 2.0**0.5}


def with_limits(protocol: Protocol, raw: RawTable) -> tuple[RawTable, tuple[AtLimit, ...], list[Fault]]:
    """The sheet with such cells as numbers; how many there were in each column, below and above; columns that are not there."""
    asked = protocol.data.limits
    place = protocol.place("data", "limits")
    faults = [
        Fault(place, "missing column", f"{raw.file} has no column '{c}'; it has {', '.join(raw.names)}")
        for c in asked
        if c not in raw.names
    ]
    texts = [name for name in asked if name in raw.names and raw.kinds[name] == "VARCHAR"]
    if faults or not texts:
        return raw, (), faults
    counts = [
        f"count(*) filter ({marked(raw.text(c))} and {raw.text(c)} {which})"
        for c in texts
        for which in (_starts("<≤"), _starts(">≥"))
    ]
    found = raw.engine.rows(f"select {', '.join(counts)} from {raw.relation}")[0]
    patient = str(protocol.data.patient)
    signs = {c: _signs(raw, c, patient) if patient in raw.names else {} for c in texts}
    told = [AtLimit(c, asked[c], *found[2 * i : 2 * i + 2], signs[c]) for i, c in enumerate(texts)]
    made = raw.with_columns({c: limited(raw.text(c), asked[c]) for c in texts})
    return made, tuple(t for t in told if t.below or t.above), []


def _signs(raw: RawTable, column: str, patient: str) -> dict[str, str]:
    """Patient -> comparator of the cell; ≤ is <=."""
    text = raw.text(column)
    sign = f"regexp_extract({text}, {literal('^[<>≤≥]=?')})"
    sql = f"select {raw.text(patient)}, {sign} from {raw.relation} where {marked(text)} order by source_row"
    return {p: SIGNS.get(s, s) for p, s in raw.engine.rows(sql)}


def _starts(signs: str) -> str:
    return f"[1] in ({literal(signs[0])}, {literal(signs[1])})"


def marked(text: str) -> str:
    """Whether a cell in SQL is a number behind a comparator."""
    return f"regexp_full_match({text}, {literal(_MARKED)})"


def limited(text: str, rule: str) -> str:
    """A cell of text in SQL with the number that stands for it, as text; other cells as they are."""
    number = as_number(f"ltrim({text}, {literal('<>≤≥= ')})")
    below = f"{number} / {DIVISOR[rule]!r}" if DIVISOR[rule] != 1 else number
    value = f"case when {text}{_starts('<≤')} then {below} else {number} end"
    return f"case when {marked(text)} then cast({value} as varchar) else {text} end"


def undeclared(raw: RawTable, column: str) -> list[Fault]:
    """Faults of a column of numbers that holds values at a limit and no rule for them."""
    text = raw.text(column)
    rows = raw.rows_where(f"{raw.cell(column)} is not null and {marked(text)}", text)
    message = "the value lies beyond a limit of measurement; say what is used for it, under data: limits: {COLUMN: at_limit} (or "
    return row_faults(rows, "limit", f"{message}half, root_two)".replace("COLUMN", column), raw.file, column)
