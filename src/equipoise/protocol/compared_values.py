"""The values of a column that an expression names: which of a status it was written for."""

from __future__ import annotations

from dataclasses import dataclass

import sqlglot
from sqlglot import exp


@dataclass(frozen=True, slots=True)
class Compared:
    """How an expression uses a column. values: literals it is held against for equality. negated: only by `<>` or `not in`.
    ranged: only by <, >, between or arithmetic. folded: through lower() or upper()."""

    values: frozenset[str]
    negated: bool
    ranged: bool
    folded: bool


def compared_values(text: str, column: str) -> Compared:
    """The values that a checked expression names for one of its columns."""
    tree = sqlglot.parse_one(text, read="duckdb")
    equal: set[str] = set()
    positive = negative = folded = False
    for node in tree.find_all(exp.EQ, exp.NEQ, exp.In, exp.Is, exp.Case):
        null_test = isinstance(node, exp.Is) and isinstance(node.expression, exp.Null)
        if null_test or column not in {c.name for c in node.find_all(exp.Column)}:
            continue
        equal |= {_literal_text(x) for x in node.find_all(exp.Literal)}
        unequal = isinstance(node, exp.NEQ) or isinstance(node.parent, exp.Not)
        negative, positive = negative or unequal, positive or not unequal
        folded = folded or node.find(exp.Lower, exp.Upper) is not None
    return Compared(frozenset(equal), negative and not positive, not (negative or positive), folded)


def _literal_text(node: exp.Literal) -> str:
    return f"-{node.name}" if isinstance(node.parent, exp.Neg) else node.name
