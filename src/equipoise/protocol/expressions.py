"""Expressions of the protocol: SQL boolean and arithmetic expressions over known columns, and nothing else.

A protocol may come from a stranger. What is not on the lists below is refused with its place: sub-queries, file or table
functions, window and aggregate functions, more than one statement, comments.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection

import sqlglot
from sqlglot import exp

from equipoise.errors import Fault, ProtocolError
from equipoise.protocol.nearest import hint

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
_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In)
DEEPEST = 40  # brackets and operators inside each other; a chain of AND or of OR counts once
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")  # texts and names: signs in them are no code
LONGEST = 100_000  # characters
DIGITS = 38  # of a number; engines keep no more
SHOWN = 200  # of a fault
FUNCTIONS = "abs, round, least, greatest, coalesce, lower, upper, ln, log10, exp, sqrt, power, date_diff('day', a, b)"


def safe_sql(text: str, columns: Collection[str], place: str) -> str:
    """The expression as checked DuckDB SQL.

    columns: the names it may use. place: file and line for the fault, e.g. `study.yaml:31`. Raises ProtocolError with
    every fault found.
    """
    faults = expression_faults(text, columns, place)
    if faults:
        raise ProtocolError(faults)
    return defined(_only(text).copy()).sql(dialect="duckdb")


def expression_faults(text: str, columns: Collection[str], place: str) -> list[Fault]:
    """Everything about the expression that is not allowed; an empty list when it may be run."""
    if any(mark in _QUOTED.sub("", text) for mark in (";", "--", "/*")):
        return [_fault(place, text, "holds ';' or a comment; give one expression")]
    try:
        statements = _parsed(text)
    except sqlglot.errors.SqlglotError:
        return [_fault(place, text, "cannot be read as an expression; check quotes and parentheses")]
    except RecursionError:
        return [_fault(place, text, f"is too long or nests more than {DEEPEST} deep; split it up, or make a column of it")]
    if len(statements) != 1 or statements[0] is None:
        return [_fault(place, text, "is not one expression")]
    faults = [_fault(place, text, message) for message in _refusals(statements[0], set(columns))]
    return list(dict.fromkeys(faults))


def unfit_fault(text: str, place: str) -> Fault:
    """The fault of an expression that is allowed and cannot be evaluated on the data; it names no value."""
    return _fault(
        place,
        text,
        "cannot be evaluated on these data: most often text is compared with a number or a date, or a column of numbers holds "
        "a word",
    )


def condition_faults(text: str, columns: Collection[str], place: str, truths: Collection[str] = ()) -> list[Fault]:
    """The same for an expression that must be true or false: a comparison, or several joined by AND, OR and NOT.

    truths: the columns that are true or false themselves, and so may stand alone. A number or a text taken as true or false
    would let patients go without a word.
    """
    faults = expression_faults(text, columns, place)
    if faults:
        return faults
    return [_fault(place, text, f"takes {what} as true or false; {_mend(what)}") for what in _no_condition(_only(text), truths)]


def is_condition(text: str, truths: Collection[str] = ()) -> bool:
    """Whether the expression, which can be read, is true or false by its form."""
    return not _no_condition(_only(text), truths)


def condition_sql(text: str, coded: Collection[str]) -> str:
    """A checked condition as DuckDB SQL, in which a column of 0 and 1 (coded) that stands for true or false says `= 1`."""
    tree = defined(_only(text).copy())
    for column in [c for c in _operands(tree) if isinstance(c, exp.Column) and c.name in coded]:
        said = exp.Paren(this=exp.EQ(this=column.copy(), expression=exp.Literal.number(1)))
        if column is tree:
            return said.sql(dialect="duckdb")
        column.replace(said)
    return tree.sql(dialect="duckdb")


def defined(tree: exp.Expr) -> exp.Expr:
    """The tree, changed: within a comparison, a division by zero, a logarithm of what is not positive and a root of what is
    negative are unknown (null). An engine would hold infinity and not-a-number to be greater than everything."""
    inside = [node for found in tree.find_all(*_COMPARISONS) for node in found.find_all(exp.Div, exp.Ln, exp.Log, exp.Sqrt)]
    for node in reversed(list({id(node): node for node in inside}.values())):
        if isinstance(node, exp.Div):
            node.set("expression", exp.Nullif(this=node.expression, expression=exp.Literal.number(0)))
            continue
        least = exp.GTE if isinstance(node, exp.Sqrt) else exp.GT
        argument = node.expression if isinstance(node, exp.Log) and node.expression is not None else node.this
        holds = least(this=exp.Paren(this=argument.copy()), expression=exp.Literal.number(0))
        node.replace(exp.Case(ifs=[exp.If(this=holds, true=node.copy())]))
    return tree


def _no_condition(tree: exp.Expr, truths: Collection[str]) -> list[str]:
    """What stands in the tree as true or false and is neither, in words."""
    if isinstance(tree.unnest(), exp.Null):
        return ["null"]
    return list(dict.fromkeys(_words(node) for node in _operands(tree) if not _is_truth(node, truths)))


def _operands(tree: exp.Expr) -> list[exp.Expr]:
    """What the condition takes as true or false: itself, or what stands between its AND, OR, NOT, brackets and branches."""
    found, stack = [], [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, exp.Paren | exp.Not):
            stack.append(node.this)
        elif isinstance(node, exp.Connector):
            stack += [node.expression, node.this]
        elif isinstance(node, exp.Coalesce):
            stack += [node.this, *node.expressions]
        elif isinstance(node, exp.Case | exp.If):
            stack += _branches(node)
        else:
            found.append(node)
    return found


def _branches(node: exp.Case | exp.If) -> list[exp.Expr]:
    if isinstance(node, exp.If):
        return [part for part in (node.this, node.args.get("true"), node.args.get("false")) if part is not None]
    ifs = [part for branch in node.args["ifs"] for part in (branch.args["true"], *(() if node.this else (branch.this,)))]
    return [*ifs, *([node.args["default"]] if node.args.get("default") is not None else [])]


def _is_truth(node: exp.Expr, truths: Collection[str]) -> bool:
    if isinstance(node, exp.Column):
        return node.name in truths
    return isinstance(node, exp.Predicate | exp.Boolean | exp.Null)


def _words(node: exp.Expr) -> str:
    if isinstance(node, exp.Column):
        return f"the column '{node.name}'"
    return f"the {'text' if node.is_string else 'number'} {node.name}" if isinstance(node, exp.Literal) else "a value"


def _mend(what: str) -> str:
    example = f"{what.removeprefix('the column ')[1:-1]} = 1" if what.startswith("the column") else "dead = 1"
    return f"a condition is a comparison, such as {example}"


def columns_of(text: str) -> list[str]:
    """Names of the columns an expression uses, in order of appearance; none where it cannot be read."""
    return list(dict.fromkeys(c.name for tree in trees_of(text) for c in tree.find_all(exp.Column)))


def trees_of(text: str) -> list[exp.Expr]:
    """The statements of a text, not to be changed; none where it cannot be read."""
    try:
        return [tree for tree in _parsed(text) if tree is not None]
    except (sqlglot.errors.SqlglotError, RecursionError):
        return []


@functools.lru_cache(maxsize=4096)
def _parsed(text: str) -> tuple[exp.Expr | None, ...]:
    """The statements of a text, not to be changed. Raises SqlglotError, and RecursionError for what is too deep to be walked."""
    if len(text) > LONGEST:
        raise RecursionError
    trees = tuple(sqlglot.parse(text, read="duckdb"))
    if any(_depth(tree) > DEEPEST for tree in trees if tree is not None):
        raise RecursionError
    return trees


def _only(text: str) -> exp.Expr:
    """The one statement of a text that was found to be one expression, not to be changed."""
    (tree,) = _parsed(text)
    assert tree is not None
    return tree


def _depth(tree: exp.Expr) -> int:
    """Levels of the tree; a chain such as `a or b or c` is one, however long."""
    deepest, stack = 0, [(tree, 1)]
    while stack:
        node, level = stack.pop()
        deepest = max(deepest, level)
        for child in node.iter_expressions():
            chained = isinstance(node, exp.Connector) and type(child) is type(node)
            stack.append((child, level if chained else level + 1))
    return deepest


def _refusals(tree: exp.Expr, columns: set[str]) -> list[str]:
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
        elif isinstance(node, exp.Literal) and not node.is_string and len(node.name) > DIGITS:
            messages.append(f"holds a number of more than {DIGITS} digits")
        elif isinstance(node, exp.Column):
            messages += _column_refusals(node, columns)
    return messages


def _what(node: exp.Expr) -> str:
    if isinstance(node, exp.Func):
        name = node.name if isinstance(node, exp.Anonymous) else type(node).sql_name().lower()
        return f"calls {name}(), which is not allowed here; allowed are {FUNCTIONS}"
    return f"uses {type(node).__name__.lower()}, which is not allowed in a protocol"


def _column_refusals(node: exp.Column, columns: set[str]) -> list[str]:
    if node.table:
        return [f"names a table ('{node.sql()}'); write the column alone"]
    if node.name in columns:
        return []
    return [f"uses the unknown column '{node.name}'; {hint(node.name, sorted(columns))}"]


def _is_date_literal(node: exp.Cast) -> bool:
    return node.to.this == exp.DataType.Type.DATE and isinstance(node.this, exp.Literal)


def _counts_days(node: exp.DateDiff) -> bool:
    unit = node.args.get("unit")
    return unit is None or unit.name.upper() in ("DAY", "DAYS")


def _fault(place: str, text: str, message: str) -> Fault:
    shown = text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
    return Fault(place, "expression", f'the expression "{shown}" {message}.')
