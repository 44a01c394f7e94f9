"""Python text as SAS text: always between single quotes, where the macro signs & and % mean nothing."""

from __future__ import annotations

from equipoise.reproduce import r_text


def literal(text: str) -> str:
    """On one line, its quotes doubled."""
    return "'" + r_text.comment(text).replace("'", "''") + "'"


def comment(text: str) -> str:
    """A text inside `/* */`, which it can neither end nor begin."""
    return r_text.comment(text).replace("*/", "* /").replace("/*", "/ *")
