"""Whether two engines tell the same study: every number of the results, and every relation as a set of rows."""

from __future__ import annotations

import datetime as dt
from typing import Any

from equipoise.engine import Engine, quote
from equipoise.records import Study

NUMBERED = ("source_row",)  # a table of a database has rows in an order of its own


def results_that_differ(one: Study, other: Study) -> list[str]:
    """Keys of the results that are not the same to the last digit, or stand in one alone."""
    a, b = one.estimates.rows, other.estimates.rows
    return sorted(k for k in {*a, *b} if repr(a.get(k)) != repr(b.get(k)))


def relations_that_differ(one: Engine, other: Engine) -> list[str]:
    """Relations with other columns or other rows, numbers of rows apart."""
    names = dict.fromkeys([*one.relations, *other.relations])
    return [n for n in names if not (one.has(n) and other.has(n)) or _rows(one, n) != _rows(other, n)]


def _rows(engine: Engine, name: str) -> tuple[list[str], list[str]]:
    columns = [c for c in engine.columns(name) if c not in NUMBERED]
    found = engine.rows(f"select {', '.join(map(quote, columns))} from {name}") if columns else []
    return columns, sorted(repr([_plain(cell) for cell in row]) for row in found)


def _plain(cell: Any) -> Any:
    """A cell whatever its engine's type: numbers to twelve digits, as sums are not added in one order."""
    if cell is None or isinstance(cell, bool | str):
        return cell
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return f"{float(cell):.12g}"
