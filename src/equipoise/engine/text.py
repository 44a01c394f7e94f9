"""The text of SQL: names and values that come from a file or a protocol, quoted. Nothing else may put one into a statement."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from typing import Any

from equipoise.contract import Table

# what is left out around a cell: every blank of Unicode
BLANK = " \t\r\n\v\f\x1c\x1d\x1e\x1f\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
BLANK += "\u2028\u2029\u202f\u205f\u3000"


def quote(name: str) -> str:
    """A name (column, table) as an SQL identifier, whatever it holds. Raises ValueError for a NUL, which no engine takes."""
    return '"' + without_nul(name).replace('"', '""') + '"'


def literal(value: Any) -> str:
    """A Python value as a SQL literal (text, number, boolean, None, date as `date '...'`)."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value) if math.isfinite(value) else f"cast({literal(str(value))} as double)"
    if isinstance(value, dt.date):
        return f"date '{value.isoformat()}'"
    return "'" + without_nul(str(value)).replace("'", "''") + "'"


def named_file(name: str) -> str:
    """The name of a file as a SQL literal that a reader takes for no pattern: a[1].csv is not a1.csv."""
    return literal(re.sub(r"[*?[]", r"[\g<0>]", name))


def listed(given: Iterable[Any]) -> str:
    """Literals parted by commas, for `in (...)` and for lists of options."""
    return ", ".join(literal(value) for value in given)


def comment(text: str) -> str:
    """Text as a comment of one line."""
    return "-- " + " ".join(text.split())


def values(columns: Sequence[str], rows: Sequence[tuple], kinds: Mapping[str, str] | None = None) -> str:
    """A SELECT over literal rows: settings of the protocol as a relation. An empty list gives no rows. kinds: SQL types of
    columns that may be null in every row, which no literal tells."""
    shape = ", ".join(f"c{i}" for i in range(len(columns)))
    cells = {name: f"cast(c{i} as {kinds[name]})" if kinds and name in kinds else f"c{i}" for i, name in enumerate(columns)}
    named = ", ".join(f"{cell} as {name}" for name, cell in cells.items())
    body = rows or [tuple(None for _ in columns)]
    lines = ",\n  ".join("(" + listed(row) + ")" for row in body)
    where = "" if rows else " where false"
    return f"select {named} from (values\n  {lines}\n) as t({shape}){where}"


def applied(sql: str, given: Mapping[str, str]) -> str:
    """The same SELECT over other relations: name in its text -> relation that stands for it. Its text stays as it is."""
    if not given:
        return sql
    stand_ins = ",\n".join(f"{name} as (select * from {relation})" for name, relation in given.items())
    return f"with\n{stand_ins}\n\nselect * from (\n{sql.strip()}\n) as applied"


def empty_table(table: Table) -> str:
    """The columns of a raw table that was not given and source_row, without a row."""
    fields = ", ".join(f"cast(null as {kind}) as {quote(name)}" for name, kind in table.empty())
    return f"select {fields} where 1 = 0"


def text_cell(cell: str) -> str:
    """A cell of text in SQL, without the blanks around it; null where nothing is left."""
    return f"nullif(trim({cell}, {literal(BLANK)}), '')"


def number_as_text(cell: str) -> str:
    """A double in SQL as text: 5 rather than 5.0."""
    whole = f"{cell} = trunc({cell}) and abs({cell}) < 1e15"
    return f"case when {whole} then cast(cast({cell} as bigint) as varchar) else cast({cell} as varchar) end"


def read_sql(package: str, file: str) -> str:
    """The text of a .sql file that lies beside a phase, e.g. read_sql('equipoise.cohort', 'eligibility.sql')."""
    return resources.files(package).joinpath(file).read_text(encoding="utf-8")


def without_nul(text: str) -> str:
    """The text. Raises ValueError where it holds a NUL."""
    if "\0" in text:
        raise ValueError("a name or a text holds a NUL character")
    return text


def as_number(text: str) -> str:
    """Text in SQL as a double: digits with a point, perhaps an exponent; null for anything else (1_000, inf, nan too)."""
    number = f"try_cast({text} as double)"
    return f"case when isfinite({number}) and not contains({text}, '_') then {number} end"


def written_number(text: str, comma: bool, grouped: bool) -> str:
    """Text in SQL with decimal commas (comma) and signs between thousands (grouped: the other mark, a blank or an apostrophe) as
    a plain number; what is not so written stays as it is."""
    mark, other = (",", ".") if comma else (".", ",")
    between = f"[{other} '’\u00a0\u202f]"
    whole = f"[0-9]{{1,3}}(?:{between}[0-9]{{3}})+|[0-9]+" if grouped else "[0-9]+"
    number = rf"(?:[<>≤≥]=?\s*)?[-+]?(?:{whole})?(?:[{mark}][0-9]+)?(?:[eE][-+]?[0-9]+)?"
    plain = f"regexp_replace({text}, {literal(between)}, '', 'g')"
    return f"case when regexp_full_match({text}, {literal(number)}) then replace({plain}, {literal(mark)}, '.') else {text} end"
