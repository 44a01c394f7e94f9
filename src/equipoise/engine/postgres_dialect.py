"""What sqlglot leaves of our SQL to be said otherwise in PostgreSQL: rewrites of the tree of a statement.

Numbers with a point are doubles. Text is ordered by its bytes. Names are small, as DuckDB tells none apart by its case, and no
longer than PostgreSQL keeps them; those of stored tables stay as they are. Functions that differ are those of
postgres_functions.sql.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable
from string import ascii_uppercase

import sqlglot
from sqlglot import exp

from equipoise.engine.text import as_number

LONGEST = 63  # bytes of a name
WHOLE = ("TINYINT", "SMALLINT", "INT", "BIGINT", "INT128", "UTINYINT", "USMALLINT", "UINT", "UBIGINT")
TEXT = ("VARCHAR", "TEXT", "CHAR")
REAL = ("DOUBLE", "FLOAT", "DECIMAL")
TRIED = {**dict.fromkeys(WHOLE, "eq_try_bigint"), **dict.fromkeys(REAL, "eq_try_double"), "DATE": "eq_try_date"}
CAST = {**dict.fromkeys(WHOLE, "eq_bigint"), **dict.fromkeys(REAL, "eq_double"), **dict.fromkeys(TEXT, "eq_text")}
# what is left out around a text where nothing else is named: the spaces of Unicode, but no tab and no line's end
SPACES = " \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
PREDICATES = (exp.Is, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.And, exp.Or, exp.Not, exp.In, exp.Between, exp.Like)


def rewrite(tree: exp.Expr) -> exp.Expr:
    """The tree for PostgreSQL. It is changed in place."""
    kept = _of_stored(tree)
    for case in list(tree.find_all(exp.Case)):
        text = _number_text(case)
        if text is not None:
            case.replace(_call("eq_number", text))
    for node in reversed(list(tree.walk())):  # what is inside first
        said = _said(node)
        if said is not node:
            node.replace(said)
    for name in tree.find_all(exp.Identifier):
        if id(name) not in kept:
            name.set("this", small(name.name))
            name.set("quoted", True)
    _name_subqueries(tree)
    return tree


def small(name: str) -> str:
    """A name as PostgreSQL holds it; one that is too long is cut and ends with eight digits of the sha256 of the whole."""
    lower = "".join(c.lower() if c in ascii_uppercase else c for c in name)
    if len(lower.encode()) <= LONGEST:
        return lower
    cut = lower.encode()[: LONGEST - 9].decode(errors="ignore")
    return f"{cut}_{hashlib.sha256(lower.encode()).hexdigest()[:8]}"


def names_of(tree: exp.Expr) -> dict[str, str]:
    """Names of columns as PostgreSQL holds them -> as a statement gives them."""
    found = [alias.args["alias"] for alias in tree.find_all(exp.Alias) if isinstance(alias.args["alias"], exp.Identifier)]
    found += [column for alias in tree.find_all(exp.TableAlias) for column in alias.args.get("columns") or ()]
    return {small(name.name): name.name for name in found}


def _of_stored(tree: exp.Expr) -> set[int]:
    """The names of stored tables and of their columns: those of a SELECT that reads a table of a schema."""
    kept: set[int] = set()
    for table in tree.find_all(exp.Table):
        if not table.args.get("db"):
            continue
        kept |= {id(name) for name in (table.this, table.args["db"]) if isinstance(name, exp.Identifier)}
        select = table.find_ancestor(exp.Select)
        if select is not None:
            kept |= {id(column.this) for column in select.find_all(exp.Column) if isinstance(column.this, exp.Identifier)}
    return kept


def _number_text(case: exp.Case) -> exp.Expr | None:
    """The text that a number is read from as `as_number` writes it; one call reads it faster than its three parts."""
    first = case.args["ifs"][0].args["true"]
    if not isinstance(first, exp.TryCast):
        return None
    meant = _meant_number().copy()
    for mark in list(meant.find_all(exp.Column)):
        mark.replace(first.this.copy())
    return first.this if meant == case else None


@functools.cache
def _meant_number() -> exp.Expr:
    return sqlglot.parse_one(as_number("given"), read="duckdb")


def _said(node: exp.Expr) -> exp.Expr:
    """One node as PostgreSQL says it; the node itself where it says the same."""
    rule = RULES.get(type(node))
    return rule(node) if rule is not None else node


def _call(name: str, *given: exp.Expr | None) -> exp.Expr:
    called = exp.Anonymous(this=name, expressions=[g for g in given if g is not None])
    return exp.Dot(this=exp.Var(this="pg_temp"), expression=called)


def _double(value: exp.Expr) -> exp.Expr:
    return exp.Cast(this=value, to=exp.DataType.build("double"))


def _bytewise(value: exp.Expr) -> exp.Expr:
    return exp.Collate(this=value, expression=exp.Var(this='"C"'))


def _literal(node: exp.Literal) -> exp.Expr:
    if not node.is_string:
        inside = isinstance(node.parent, exp.Cast | exp.DataTypeParam | exp.Interval | exp.Limit)
        real = not node.this.isdigit()
        return _double(node.copy()) if real and not inside else node
    place = node.parent
    stands = isinstance(place, exp.Alias | exp.Tuple | exp.If | exp.Case | exp.Select | exp.Coalesce)
    listed = isinstance(place, exp.Tuple) and not isinstance(place.parent, exp.Values)
    return exp.Paren(this=_bytewise(node.copy())) if stands and not listed else node


def _cast(node: exp.Cast) -> exp.Expr:
    kind = node.to.this.name if isinstance(node.to.this, exp.DType) else ""
    name = CAST.get(kind)
    if name is None or _constant(node.this):
        return node
    said = _call(name, node.this)
    if kind in WHOLE and kind != "BIGINT":  # a date is moved by such a number only
        return exp.Cast(this=said, to=exp.DataType.build("int"))
    return exp.Paren(this=_bytewise(said)) if kind in TEXT else said


def _constant(value: exp.Expr) -> bool:
    """Whether a cast is of a plain number or null, which PostgreSQL casts as we mean it."""
    return isinstance(value, exp.Null) or (isinstance(value, exp.Literal) and not value.is_string)


def _try_cast(node: exp.TryCast) -> exp.Expr:
    name = TRIED.get(node.to.this.name)
    return _call(name, node.this) if name else node


def _date_diff(node: exp.DateDiff) -> exp.Expr:
    if node.text("unit").upper() != "DAY":
        return node
    later, earlier = (exp.Cast(this=side, to=exp.DataType.build("date")) for side in (node.this, node.expression))
    return exp.Paren(this=exp.Sub(this=later, expression=earlier))


def _whole(node: exp.Expr) -> exp.Expr:
    """Parts of a date, which PostgreSQL gives as numeric."""
    part = exp.Extract(this=exp.Var(this=type(node).__name__.upper()), expression=node.this)
    return exp.Cast(this=part, to=exp.DataType.build("bigint"))


def _extract(node: exp.Extract) -> exp.Expr:
    return node if isinstance(node.parent, exp.Cast) else exp.Cast(this=node.copy(), to=exp.DataType.build("bigint"))


def _round(node: exp.Round) -> exp.Expr:
    return _call("eq_round", node.this, node.args.get("decimals"))


def _trim(node: exp.Trim) -> exp.Expr:
    name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(str(node.args.get("position") or "").upper(), "btrim")
    letters = node.expression or exp.Literal.string(SPACES)
    return exp.Anonymous(this=name, expressions=[node.this, letters])


def _pattern(given: exp.Expr) -> exp.Expr:
    """Letters by their number, which the two write differently."""
    if not (isinstance(given, exp.Literal) and given.is_string):
        return given
    parts = re.split(r"\\x\{([0-9a-fA-F]{1,4})\}", given.this)
    return exp.Literal.string("".join(rf"\u{part:0>4}" if i % 2 else part for i, part in enumerate(parts)))


def _with_pattern(node: exp.Expr) -> exp.Expr:
    node.set("expression", _pattern(node.expression))
    return node


def _group(node: exp.RegexpExtract) -> exp.Expr:
    """A part of what matches; empty text where nothing does."""
    group = node.args.get("group") or exp.Literal.number(0)
    whole = group.name == "0"
    pattern = _pattern(node.expression)
    if whole and isinstance(pattern, exp.Literal):
        pattern = exp.Literal.string(f"({pattern.this})")
    found = exp.Anonymous(this="regexp_match", expressions=[node.this, pattern])
    part = exp.Bracket(this=exp.Paren(this=found), expressions=[exp.Literal.number(1) if whole else group.copy()], offset=1)
    nothing = exp.Anonymous(this="left", expressions=[node.this.copy(), exp.Literal.number(0)])
    return exp.Coalesce(this=part, expressions=[nothing])


def _full_match(node: exp.RegexpFullMatch) -> exp.Expr:
    pattern = _pattern(node.expression)
    if isinstance(pattern, exp.Literal):
        whole: exp.Expr = exp.Literal.string(f"^(?:{pattern.this})$")
    else:
        parts = exp.DPipe(this=exp.Literal.string("^(?:"), expression=pattern)
        whole = exp.Paren(this=exp.DPipe(this=parts, expression=exp.Literal.string(")$")))
    return exp.Paren(this=exp.RegexpLike(this=node.this, expression=whole))


def _ordered_share(node: exp.Expr) -> exp.Expr:
    share = node.expression if isinstance(node, exp.PercentileCont) else exp.Literal.number("0.5")
    order = exp.Order(expressions=[exp.Ordered(this=_double(node.this), nulls_first=False)])
    return exp.WithinGroup(this=exp.PercentileCont(this=share.copy()), expression=order)


def _extreme(node: exp.Max | exp.Min) -> exp.Expr:
    """PostgreSQL has no largest truth value."""
    inner = node.this.unnest()
    if isinstance(inner, PREDICATES):
        return (exp.LogicalOr if isinstance(node, exp.Max) else exp.LogicalAnd)(this=node.this)
    return node


def _arg_max(node: exp.ArgMax | exp.ArgMin) -> exp.Expr:
    desc = isinstance(node, exp.ArgMax)
    order = exp.Order(this=node.this, expressions=[exp.Ordered(this=node.expression, desc=desc, nulls_first=False)])
    listed = exp.Filter(
        this=exp.ArrayAgg(this=order),
        expression=exp.Where(this=exp.Not(this=exp.Is(this=node.expression.copy(), expression=exp.Null()))),
    )
    return exp.Bracket(this=exp.Paren(this=listed), expressions=[exp.Literal.number(1)], offset=1)


def _anonymous(node: exp.Anonymous) -> exp.Expr:
    if node.name.lower() == "isfinite":
        return _call("eq_finite", *node.expressions)
    return node


def _log(node: exp.Log) -> exp.Expr:
    base = node.this if node.expression else exp.Literal.number(10)
    if base.name == "10":
        return _call("eq_log10", node.expression or node.this)
    return node


def _name_subqueries(tree: exp.Expr) -> None:
    """A SELECT in FROM has a name, before PostgreSQL 16."""
    for n, subquery in enumerate(tree.find_all(exp.Subquery)):
        if isinstance(subquery.parent, exp.From | exp.Join) and not subquery.alias:
            subquery.set("alias", exp.TableAlias(this=exp.to_identifier(f"eq_part_{n}")))


RULES: dict[type, Callable] = {
    exp.Literal: _literal,
    exp.Cast: _cast,
    exp.TryCast: _try_cast,
    exp.DateDiff: _date_diff,
    exp.Year: _whole,
    exp.Month: _whole,
    exp.Day: _whole,
    exp.Extract: _extract,
    exp.Round: _round,
    exp.Trim: _trim,
    exp.RegexpFullMatch: _full_match,
    exp.RegexpLike: _with_pattern,
    exp.RegexpReplace: _with_pattern,
    exp.RegexpExtract: _group,
    exp.PercentileCont: _ordered_share,
    exp.Median: _ordered_share,
    exp.Max: _extreme,
    exp.Min: _extreme,
    exp.ArgMax: _arg_max,
    exp.ArgMin: _arg_max,
    exp.Anonymous: _anonymous,
    exp.Log: _log,
    exp.Div: lambda node: _call("eq_divided", node.this, node.expression),
    exp.Ln: lambda node: _call("eq_ln", node.this),
    exp.Sqrt: lambda node: _call("eq_sqrt", node.this),
    exp.Avg: lambda node: exp.Avg(this=_double(node.this)) if not isinstance(node.this, exp.Cast) else node,
    exp.IsNan: lambda node: exp.Paren(this=exp.EQ(this=node.this, expression=_call("eq_double", exp.Literal.string("NaN")))),
    exp.Contains: lambda node: exp.Paren(
        this=exp.GT(this=exp.Anonymous(this="strpos", expressions=[node.this, node.expression]), expression=exp.Literal.number(0))
    ),
    exp.Lower: lambda node: _call("eq_lower", node.this),
    exp.Upper: lambda node: _call("eq_upper", node.this),
    exp.SHA2: lambda node: _call("eq_sha256", node.this),
}
