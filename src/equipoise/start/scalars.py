"""Names and values as they stand in a protocol: columns always quoted, texts in double quotes."""

from __future__ import annotations

import json

from equipoise.start.columns import Seen


def column_sql(name: str) -> str:
    """A column in an expression; always quoted, for Alter, Set and Order are words of SQL."""
    return '"' + name.replace('"', '""') + '"'


def equals(column: Seen | str, value: str, number: bool) -> str:
    name = column if isinstance(column, str) else column.name
    return f"{column_sql(name)} = {value if number else literal(value)}"


def among(column: str, values: tuple[str, ...], number: bool) -> str:
    listed = ", ".join(v if number else literal(v) for v in values)
    return f"{column_sql(column)} in ({listed})"


def literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def text(value: str) -> str:
    """A YAML scalar in double quotes."""
    return json.dumps(value, ensure_ascii=False)


def comment(text: str) -> str:
    """A text behind #, on one line."""
    return " ".join(text.split())
