"""Expressions of the protocol: SQL boolean and arithmetic expressions over known columns, and nothing else.

A protocol may come from a stranger. What is not on the lists below is refused with its place: sub-queries, file or table
functions, window and aggregate functions, more than one statement, comments.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection

import sqlglot
from sqlglot import exp

from equipoise.errors import Fault, ProtocolError

_NODES = (
    exp.Column,
    exp.Identifier,
    exp.Literal,
    exp.Boolean,
    exp.Null,
    exp.Paren,
    exp.Neg,
    exp.Not,
    exp.And,
    exp.Or,
    exp.EQ,
    exp.NEQ,
    exp.GT,
    exp.GTE,
    exp.LT,
    exp.LTE,
    exp.Is,
    exp.In,
    exp.Between,
    exp.Add,
    exp.Sub,
    exp.Mul,
    exp.Div,
    exp.Mod,
    exp.Case,
    exp.If,
    exp.Abs,
    exp.Round,
    exp.Least,
    exp.Greatest,
    exp.Coalesce,
    exp.Lower,
    exp.Upper,
    exp.Ln,
    exp.Log,
    exp.Exp,
    exp.Sqrt,
    exp.Pow,
    exp.DateDiff,
    exp.Var,
    exp.Tuple,
)
FUNCTIONS = "abs, round, least, greatest, coalesce, lower, upper, ln, log10, exp, sqrt, power, date_diff('day', a, b)"


def safe_sql(text: str, columns: Collection[str], place: str) -> str:
    """The expression as checked DuckDB SQL.

    columns: the names it may use. place: file and line for the fault, e.g. `study.yaml:31`. Raises ProtocolError with
    every fault found.
    """
    faults = expression_faults(text, columns, place)
    if faults:
        raise ProtocolError(faults)
    return sqlglot.parse_one(text, read="duckdb").sql(dialect="duckdb")


def expression_faults(text: str, columns: Collection[str], place: str) -> list[Fault]:
    """Everything about the expression that is not allowed; an empty list when it may be run."""
    if any(mark in text for mark in (";", "--", "/*")):
        return [_fault(place, text, "holds ';' or a comment; give one expression")]
    try:
        statements = sqlglot.parse(text, read="duckdb")
    except sqlglot.errors.SqlglotError:
        return [_fault(place, text, "cannot be read as an expression; check quotes and parentheses")]
    if len(statements) != 1 or statements[0] is None:
        return [_fault(place, text, "is not one expression")]
    faults = [_fault(place, text, message) for message in _refusals(statements[0], set(columns))]
    return list(dict.fromkeys(faults))


def columns_of(text: str) -> list[str]:
    """Names of the columns an expression uses, in order of appearance; none where it cannot be read."""
    try:
        tree = sqlglot.parse_one(text, read="duckdb")
    except sqlglot.errors.SqlglotError:
        return []
    return list(dict.fromkeys(c.name for c in tree.find_all(exp.Column)))


def _refusals(tree: exp.Expression, columns: set[str]) -> list[str]:
    messages = []
    for node in tree.walk():
        if isinstance(node, exp.Subquery | exp.Select | exp.Query):
            return ["holds a sub-query, which a protocol may not run"]
        if isinstance(node, exp.Cast):
            if not _is_date_literal(node):
                messages.append("casts a value; only date literals such as date '2021-05-01' are allowed")
        elif isinstance(node, exp.DataType):
            continue
        elif isinstance(node, exp.In) and node.args.get("query") is not None:
            return ["holds a sub-query, which a protocol may not run"]
        elif not isinstance(node, _NODES):
            messages.append(_what(node))
        elif isinstance(node, exp.DateDiff) and not _counts_days(node):
            messages.append("counts something other than days; write date_diff('day', a, b)")
        elif isinstance(node, exp.Column):
            messages += _column_refusals(node, columns)
    return messages


def _what(node: exp.Expression) -> str:
    if isinstance(node, exp.Func):
        name = node.name if isinstance(node, exp.Anonymous) else type(node).sql_name().lower()
        return f"calls {name}(), which is not allowed here; allowed are {FUNCTIONS}"
    return f"uses {type(node).__name__.lower()}, which is not allowed in a protocol"


def _column_refusals(node: exp.Column, columns: set[str]) -> list[str]:
    if node.table:
        return [f"names a table ('{node.sql()}'); write the column alone"]
    if node.name in columns:
        return []
    near = difflib.get_close_matches(node.name, columns, n=1)
    hint = f"; did you mean '{near[0]}'?" if near else f"; known are {', '.join(sorted(columns))}"
    return [f"uses the unknown column '{node.name}'{hint}"]


def _is_date_literal(node: exp.Cast) -> bool:
    return node.to.this == exp.DataType.Type.DATE and isinstance(node.this, exp.Literal)


def _counts_days(node: exp.DateDiff) -> bool:
    unit = node.args.get("unit")
    return unit is None or unit.name.upper() in ("DAY", "DAYS")


def _fault(place: str, text: str, message: str) -> Fault:
    return Fault(place, "expression", f'the expression "{text}" {message}.')
