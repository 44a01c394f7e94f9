"""What leaves a database: every statement whose rows were taken out of it, by relation and columns, with the number of rows.

A row of a patient is any that is not a count, a largest value, a list of distinct words or a setting of the protocol; a list of
patients is one whatever else it is.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from equipoise.engine.dialect import parsed
from equipoise.engine.tables import tables_of

OF_A_PATIENT = ("patient_id", "patient", "person_id", "source_row")
SETTINGS = ("setting_", "arm_value")


@dataclass(frozen=True, slots=True)
class Leaving:
    """relation: what was read, several parted by commas. rows: how many, of all statements that took the same."""

    relation: str
    columns: tuple[str, ...]
    rows: int


class Record:
    """The statements of one engine. counts: how many of them gave counts, words and settings alone."""

    def __init__(self) -> None:
        self._rows: dict[str, Leaving] = {}
        self._counts: set[str] = set()

    def note(self, sql: str, columns: Sequence[str], rows: int) -> None:
        """One statement and what it gave. The same one twice is one: the same rows."""
        if of_patients(sql):
            self._rows[sql] = Leaving(", ".join(tables_of(sql)), tuple(columns), rows)
        else:
            self._counts.add(sql)

    @property
    def counts(self) -> int:
        return len(self._counts)

    @property
    def leaving(self) -> tuple[Leaving, ...]:
        """Rows of patients by relation and columns, in the order in which they were first taken; none where there was no row."""
        found: dict[tuple[str, tuple[str, ...]], int] = {}
        for taken in self._rows.values():
            key = taken.relation, taken.columns
            found[key] = found.get(key, 0) + taken.rows
        return tuple(Leaving(*key, rows) for key, rows in found.items() if rows)


@functools.lru_cache(4096)
def of_patients(sql: str) -> bool:
    """Whether the rows of a statement may be those of patients."""
    read = tables_of(sql)
    if not read or all(name.startswith(SETTINGS) for name in read):
        return False
    return any(_shows(select) for select in _outermost(parsed(sql)))


def _outermost(tree: exp.Expr) -> Iterable[exp.Select]:
    """The SELECT itself, or those that a UNION puts together."""
    if isinstance(tree, exp.SetOperation):
        yield from _outermost(tree.left)
        yield from _outermost(tree.right)
    elif isinstance(tree, exp.Subquery):
        yield from _outermost(tree.this)
    elif isinstance(tree, exp.Select):
        yield tree


def _shows(select: exp.Select) -> bool:
    given = [e.alias_or_name.lower() for e in select.expressions]
    if any(name in OF_A_PATIENT for name in given):
        return True
    if select.args.get("group") or select.args.get("distinct"):
        return False
    return not all(_summed(e) for e in select.expressions)


def _summed(value: exp.Expr) -> bool:
    """Whether a value is one of the whole relation: an aggregate that is no window, or a constant."""
    inner = value.unalias()
    if isinstance(inner, exp.Window) or inner.find(exp.Star) is inner:
        return False
    if inner.find(exp.AggFunc) and not inner.find(exp.Window):
        return True
    return inner.find(exp.Column) is None and not isinstance(inner, exp.Star)
