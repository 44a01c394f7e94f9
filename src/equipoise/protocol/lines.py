"""Lines of treatment in words."""

from __future__ import annotations

_TENS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth")


def ordinal(n: int) -> str:
    """2 -> second, 13 -> 13th."""
    return _TENS[n - 1] if 1 <= n <= len(_TENS) else f"{n}th"


def line_name(n: int) -> str:
    """The name of a line in keys of results: 3 -> third_line."""
    return f"{ordinal(n)}_line"
