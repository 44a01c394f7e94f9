"""Which values of an event column are the event: an expression for two values, every value by name for more."""

from __future__ import annotations

import json

from equipoise.protocol.death_words import says_dead
from equipoise.start.columns import Seen

UNKNOWN_CODES = ("8", "9", "88", "99", "888", "999")
MOST, DIFFERENT = 8, 3  # values of an event column; those that differ by more than capitals


def is_status(column: Seen) -> bool:
    """Few values, as an event column has; those that differ by capitals are one, and codes for unknown beside numbers none."""
    different = {v.casefold() for v in column.counts}
    if column.number and column.whole:
        different -= set(UNKNOWN_CODES) if len(different) > DIFFERENT else set()
    return 2 <= len(different) <= DIFFERENT and len(column.counts) <= MOST


def largest_code(column: Seen) -> str:
    """The last value that is no code for unknown."""
    known = [v for v in column.values if v not in UNKNOWN_CODES]
    return known[-1] if len(known) > 1 else column.values[-1]


def condition(column: Seen, happened: str, equals) -> tuple[str, str]:
    """What to write behind `event:` or `where:`, and what to confirm. equals: a column and a value -> SQL."""
    values = column.values
    if len(values) <= 2:
        return json.dumps(equals(column, happened, column.number), ensure_ascii=False), ""
    event = [v for v in values if v.casefold() == happened.casefold() or (says_dead(happened) and says_dead(v))]
    rest = [v for v in values if v not in event]
    between = [v for v in rest if column.number and v != rest[0] and v not in UNKNOWN_CODES and float(v) < float(happened)]
    censored = [v for v in rest if v not in between]
    counts = ", ".join(f"{v} ({column.counts[v]})" for v in values)
    lists = {"is": event, "competing": between, "censored": censored}
    named = ", ".join(f"{key}: [{_listed(found)}]" for key, found in lists.items() if found)
    return f"{{column: {json.dumps(column.name, ensure_ascii=False)}, {named}}}", f"; CONFIRM each of its values: {counts}"


def _listed(values: list[str]) -> str:
    return ", ".join(json.dumps(v, ensure_ascii=False) for v in values)
