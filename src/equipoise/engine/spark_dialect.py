"""What sqlglot leaves of our SQL when it writes Spark's: rewrites of the tree, so that a statement gives the same rows in ANSI
mode as on the embedded engine.

Where the two differ without an error the embedded one is followed: division by zero and logarithms of what is not positive
(infinite, or not a number), a double as text or as a whole number, text as a number or a date, literals with a point (doubles
here, decimals there), the end of a text that a pattern matches, the order of rows where none is asked for.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping

import sqlglot
from sqlglot import exp

Node = exp.Expr
DUCKDB_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT")
WHOLE = ("TINYINT", "SMALLINT", "INT", "BIGINT")
TEXT = (exp.Lower, exp.Upper, exp.Trim, exp.Substring, exp.Left, exp.Concat, exp.DPipe, exp.RegexpReplace, exp.Replace)
COUNTED = (exp.Count, exp.RowNumber, exp.DateDiff, exp.Year, exp.Month, exp.Day, exp.Extract)
# what the embedded engine reads in a text: Spark reads 1d as a number and 2020-05 as a date, and 2020/05/01 as none
NUMBER = r"\\A\\s*[-+]?(([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?|(?i:inf|infinity|nan))\\s*\\z"
DATE = r"\\A\\s*([0-9]+)[-/ ]([0-9]{1,2})[-/ ]([0-9]{1,2})( [0-9]{1,2}:[0-9]{2}.*)?\\s*\\z"
SPACES = " \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
REAL_IS_FINITE = "abs(cast(:x as double)) < double('infinity')"
IN_ZONE = "convert_timezone('UTC', :z, cast(:x as timestamp_ntz))"
FRACTIONS = "abs(:x) < 4503599627370496D"  # below 2^52: a double beyond is whole, and may be none that fits a bigint

QUOTIENT = "case when :b = 0 then :a * double('infinity') else :a / :b end"  # 0 times infinity is not a number
LOGARITHM = "case when :x <= 0 then sqrt(:x) - double('infinity') else {0}(:x) end"  # the root of less than 0 is not a number
REAL_AS_TEXT = r"""case when not contains(:s, 'E') then replace(lower(:s), 'inity', '')
  when abs(:n) >= 0.0001D and abs(:n) < 1e16
    then regexp_replace(cast(cast(:s as decimal(38, 22)) as string), '(\\.[0-9]+?)0+$', '$1')
  else regexp_replace(regexp_replace(replace(lower(:s), '.0e', 'e'), 'e([0-9])', 'e+$1'), 'e([-+])([0-9])$', 'e$10$2') end"""
ANY_AS_TEXT = "case when typeof(:x) in ('double', 'float') then :real else :s end"
REAL_AS_WHOLE = "{cast}(rint(:x) as {kind})"
TEXT_AS_WHOLE = "{cast}(round({cast}(:x as decimal(38, 10))) as {kind})"
ANY_AS_WHOLE = """case when typeof(:x) in ('double', 'float') then :real
  when typeof(:x) = 'string' or typeof(:x) like 'decimal%' then :text else {cast}(:x as {kind}) end"""
TEXT_AS_NUMBER = f"case when :x rlike '{NUMBER}' then try_cast(:x as double) end"
ANY_AS_NUMBER = f"case when typeof(:x) <> 'string' or cast(:x as string) rlike '{NUMBER}' then try_cast(:x as double) end"
TEXT_AS_DATE = f"cast(regexp_replace(:x, '{DATE}', '$1-$2-$3') as date)"
TRY_TEXT_AS_DATE = f"case when :x rlike '{DATE}' then try_cast(regexp_replace(:x, '{DATE}', '$1-$2-$3') as date) end"
ANY_AS_DATE = "case when typeof(:x) = 'string' then :text else {cast}(:x as date) end"
TEXT_OF, NUMBER_OF = "cast(:x as string)", "cast(:x as double)"


def tell_kinds(tree: Node, kinds: Mapping[str, str]) -> None:
    """Writes on each column what it holds, which makes a statement shorter. kinds: columns of the tables that are read, in small
    letters -> type; a name that stands for something else on the way is left open."""
    words = {"VARCHAR": "text", "DOUBLE": "real", "FLOAT": "real", "DATE": "date", "BOOLEAN": "truth"}
    known = {c: words.get(kind, "whole" if kind in DUCKDB_WHOLE else "") for c, kind in kinds.items()}
    for table in tree.find_all(exp.TableAlias):
        known.update({column.name.lower(): "" for column in table.args.get("columns") or []})
    told = dict(known)
    for _ in range(5):  # a name may stand for one that stands for another
        for column in tree.find_all(exp.Column):
            column.meta["kind"] = told.get(column.name.lower(), "")
        found = dict(known)
        for alias in tree.find_all(exp.Alias):
            name, kind = alias.alias.lower(), _kind(alias.this)
            kind = "" if kind == "whole" and not isinstance(alias.this, exp.Column) else kind  # a union may make it real
            found[name] = kind if found.get(name, kind) == kind else ""
        if found == told:
            return
        told = found
    for column in tree.find_all(exp.Column):
        column.meta["kind"] = ""


def rewrite(tree: Node) -> Node:
    """The tree of one statement as Spark understands it, changed in place: from the leaves up, so that what is within what is
    rewritten was rewritten before."""
    for node in reversed(list(tree.walk())):
        made = _made(node)
        if made is not node:
            node.replace(made)
            tree = made if node is tree else tree
    return tree


def _made(node: Node) -> Node:
    for kind, change in CHANGES.items():
        if isinstance(node, kind):
            return change(node)
    return node


def _from(template: str, **parts: Node) -> Node:
    """A template of Spark's SQL with the nodes in the place of its :names, in brackets where it is needed."""
    tree = _template(template).copy()
    for hole in list(tree.find_all(exp.Placeholder)):
        part = parts[hole.name].copy()
        simple = isinstance(part, exp.Column | exp.Literal | exp.Func | exp.Paren | exp.Null) and not isinstance(
            part, exp.Connector
        )
        hole.replace(part if simple else exp.Paren(this=part))
    return tree


@functools.cache
def _template(text: str) -> Node:
    return sqlglot.parse_one(text, read="spark")


def _kind(node: Node) -> str:
    """text, real, whole, date or truth where the form of an expression tells; else ''."""
    if isinstance(node, exp.Paren):
        return _kind(node.this)
    if isinstance(node, exp.Literal):
        return "text" if node.is_string else "whole" if node.name.isdigit() else "real"
    if isinstance(node, exp.Cast):
        name = node.to.this.name
        names = {"TEXT": "text", "VARCHAR": "text", "DOUBLE": "real", "FLOAT": "real", "DATE": "date", "BOOLEAN": "truth"}
        return "whole" if name in WHOLE else names.get(name, "")
    if isinstance(node, exp.Column):
        return str(node.meta.get("kind", ""))
    if isinstance(node, exp.Coalesce | exp.Nullif | exp.Max | exp.Min):
        return _kind(node.this)
    if isinstance(node, exp.Add | exp.Sub) and node.find(exp.Interval):
        return "date"
    if isinstance(node, TEXT):
        return "text"
    if isinstance(node, COUNTED):
        return "whole"
    return "real" if isinstance(node, exp.Div | exp.Ln | exp.Sqrt) else ""


def _number(node: exp.Literal) -> Node:
    """A number with a point as a double: Spark's decimals end after 38 digits and divide otherwise."""
    if node.is_string or "." not in node.name:
        return node
    return exp.Literal(this=f"{node.name}D", is_string=False)


def _cast(node: exp.Cast) -> Node:
    inner, kind = node.this, _kind(node.this)
    cast, to = "try_cast" if isinstance(node, exp.TryCast) else "cast", node.to.this.name
    if isinstance(inner, exp.Null) or kind == _kind(node):
        return node
    if isinstance(inner, exp.Placeholder):
        return node
    text = _from(TEXT_OF, x=inner)
    if to in ("TEXT", "VARCHAR"):
        number = inner if kind == "real" else _from(NUMBER_OF, x=text)  # a date is cast to no number
        real = _from(REAL_AS_TEXT, s=text, n=number)
        return node if kind not in ("real", "") else real if kind else _from(ANY_AS_TEXT, x=inner, real=real, s=text)
    if to in WHOLE:
        return _as_whole(node, text, kind, {"cast": cast, "kind": to.lower()})
    if to == "DOUBLE" and cast == "try_cast" and kind in ("text", ""):
        return _from(TEXT_AS_NUMBER if kind else ANY_AS_NUMBER, x=inner)
    return _as_date(node, text, kind, cast) if to == "DATE" else node


def _as_whole(node: exp.Cast, text: Node, kind: str, words: dict[str, str]) -> Node:
    """A double goes to the nearest even number; half a number in text away from zero."""
    of_text = _from(TEXT_AS_WHOLE.format(**words), x=node.this if kind == "text" else text)
    of_real = _from(REAL_AS_WHOLE.format(**words), x=node.this if kind == "real" else _from(NUMBER_OF, x=text))
    of_any = _from(ANY_AS_WHOLE.format(**words), x=node.this, text=of_text, real=of_real)
    return {"text": of_text, "real": of_real, "": of_any}.get(kind, node)


def _as_date(node: exp.Cast, text: Node, kind: str, cast: str) -> Node:
    """A literal date stays as it is; of other text the day is read alone."""
    if isinstance(node.this, exp.Literal) or kind not in ("text", ""):
        return node
    day = _from(TRY_TEXT_AS_DATE if cast == "try_cast" else TEXT_AS_DATE, x=node.this if kind else text)
    return day if kind else _from(ANY_AS_DATE.format(cast=cast), x=node.this, text=day)


def _trimmed(node: exp.Trim) -> Node:
    """Without what Unicode calls a space, where Spark's own takes the plain one alone."""
    if node.expression is None:
        node.set("expression", exp.Literal.string(SPACES))
    return node


def _days(node: exp.Sub) -> Node:
    """Days between two dates, where Spark gives an interval."""
    both = _kind(node.this) == _kind(node.expression) == "date"
    return _from("datediff(:x, :y)", x=node.this, y=node.expression) if both else node


def _quotient(node: exp.Div) -> Node:
    below = node.expression
    if isinstance(below, exp.Literal) and below.name.rstrip("D").strip("0.") != "":
        return node
    return exp.Paren(this=_from(QUOTIENT, a=node.this, b=below))


def _rounded(node: exp.Round) -> Node:
    digits = node.args.get("decimals")
    if digits is None or digits.name == "0":
        return _from("round(cast(:x as double), 0)", x=node.this)
    number = digits.this if isinstance(digits, exp.Neg) else digits
    if not isinstance(number, exp.Literal):
        raise ValueError("the digits of a rounded number are no literal")
    tens = exp.Literal(this=f"1{'0' * int(number.name)}D", is_string=False)
    made = "round(:x / :tens, 0) * :tens" if number is not digits else "round(:x * :tens, 0) / :tens"
    return exp.Paren(this=_from(made, x=_from(NUMBER_OF, x=node.this), tens=tens))


def _logarithm(node: exp.Log) -> Node:
    """To base 10, by the function of that name: a quotient of natural logarithms differs in its last digit."""
    if node.expression is not None and node.this.name != "10":
        raise ValueError("a logarithm to another base than 10 and e")
    made = _from(LOGARITHM.format("tens"), x=node.expression or node.this)
    for call in made.find_all(exp.Anonymous):
        call.set("this", "log10")
    return made


def _whole_match(node: Node, x: Node, pattern: Node) -> Node:
    if not (isinstance(pattern, exp.Literal) and pattern.is_string):
        raise ValueError("a pattern that is no literal")
    return _from(":x rlike :p", x=x, p=exp.Literal.string(rf"\A(?:{pattern.name})\z"))


def _named_group(node: exp.Dot) -> Node:
    """The named group of a pattern: a field of a struct there, a number here."""
    found = node.this.unnest()
    if not isinstance(found, exp.RegexpExtract) or not isinstance(found.args.get("group"), exp.Array):
        return node
    names = [name.name for name in found.args["group"].expressions]
    group = exp.Literal.number(names.index(node.expression.name) + 1)
    return _from("regexp_extract(:x, :p, :g)", x=found.this, p=found.expression, g=group)


def _replaced(node: exp.RegexpReplace) -> Node:
    modifiers = node.args.get("modifiers")
    if modifiers is None or "g" not in modifiers.name:
        raise ValueError("regexp_replace of the first match alone")
    return node


def _ordered(node: exp.Window) -> Node:
    """Rows are numbered, and looked back and ahead at, as they lie where no order is asked for."""
    if isinstance(node.this, exp.RowNumber | exp.Lag | exp.Lead) and not (node.args.get("order") or node.args.get("alias")):
        lying = sqlglot.parse_one("row_number() over (order by monotonically_increasing_id())", read="spark")
        node.set("order", lying.args["order"])
    return node


def _joined(node: exp.Concat) -> Node:
    """Numbers as text, and nothing for what is missing."""
    cells = [_cast(exp.cast(part.copy(), "TEXT")) if _kind(part) != "text" else part.copy() for part in node.expressions]
    return exp.Anonymous(this="concat", expressions=[_from("coalesce(:x, '')", x=cell) for cell in cells])


def _star(node: exp.Star) -> Node:
    """`* replace (e as c)`: every other column, then e as c."""
    changed, select = node.args.get("replace"), node.find_ancestor(exp.Select)
    if changed and select:
        node.set("replace", None)
        node.set("except_", [exp.to_identifier(alias.alias, quoted=True) for alias in changed])
        select.set("expressions", [*select.expressions, *(alias.copy() for alias in changed)])
    return node


def _anonymous(node: exp.Anonymous) -> Node:
    template = CALLS.get(node.name.lower())
    if template == CALLS["isfinite"]:  # Spark's dates all are
        known = {"real": REAL_IS_FINITE, "whole": REAL_IS_FINITE, "date": "isnotnull(:x)"}
        template = known.get(_kind(node.expressions[0]), template)
    if template is None:
        return node
    return _from(template, **dict(zip("xyz", node.expressions, strict=False)))


CALLS = {
    "isfinite": "case when typeof(:x) in ('date', 'timestamp_ntz', 'timestamp') then isnotnull(:x) "
    "else abs(cast(cast(:x as string) as double)) < double('infinity') end",
    "isnan": "case when :x is not null then isnan(:x) end",
    "list_position": "nullif(array_position(:x, :y), 0)",
}
CHANGES: dict[type | tuple[type, ...], Callable] = {
    exp.Literal: _number,
    exp.Cast: _cast,
    exp.Div: _quotient,
    exp.Sub: _days,
    exp.Trim: _trimmed,
    exp.Round: _rounded,
    exp.Ln: lambda node: _from(LOGARITHM.format("ln"), x=node.this),
    exp.Log: _logarithm,
    exp.Trunc: lambda node: _from(f"case when {FRACTIONS} then cast(cast(:x as bigint) as double) else :x end", x=node.this),
    exp.Floor: lambda node: _from(f"case when {FRACTIONS} then cast(floor(:x) as double) else :x end", x=node.this),
    exp.Ceil: lambda node: _from(f"case when {FRACTIONS} then cast(ceil(:x) as double) else :x end", x=node.this),
    exp.RegexpFullMatch: lambda node: _whole_match(node, node.this, node.expression),
    exp.RegexpReplace: _replaced,
    exp.Dot: _named_group,
    exp.AtTimeZone: lambda node: _from(
        "convert_timezone('UTC', :z, cast(:x as timestamp_ntz))", x=node.this, z=node.args["zone"]
    ),
    exp.DateDiff: lambda node: _from("datediff(:x, :y)", x=node.this, y=node.expression),
    exp.PercentileCont: lambda node: _from("percentile(:x, :q)", x=node.this, q=node.expression),
    exp.Window: _ordered,
    exp.Concat: _joined,
    exp.Star: _star,
    exp.IsNan: lambda node: _from(CALLS["isnan"], x=node.this),
    exp.Anonymous: _anonymous,
}
