"""Python values as R text."""

from __future__ import annotations

from typing import Any


def literal(value: Any) -> str:
    """Backslashes and quotes escaped, line breaks and other characters by code point, so that the file is ASCII and a text is
    never code; an empty list as character(0)."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, list):
        return f"c({', '.join(literal(v) for v in value)})" if value else "character(0)"
    if isinstance(value, str):
        plain = value.replace("\\", "\\\\").replace("'", "\\'")
        return "'" + "".join(ch if 32 <= ord(ch) < 127 else _code_point(ch) for ch in plain) + "'"
    return repr(value)


def comment(text: str) -> str:
    """A text inside a comment, on one line whatever breaks it holds."""
    return " ".join("".join(ch if ch.isprintable() else " " for ch in text).split())


def _code_point(ch: str) -> str:
    return f"\\u{ord(ch):04x}" if ord(ch) < 0x10000 else f"\\U{ord(ch):08x}"
