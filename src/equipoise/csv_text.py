"""Csv as every file of ours is written: no cell, and no heading, is one that a spreadsheet would run as a formula.

Excel, LibreOffice and Google Sheets evaluate a cell that begins with = + - or @, also after blanks, a tab or a line break (CSV
injection, OWASP; CWE-1236). Such a text gets a leading apostrophe, which spreadsheets take for "this is text". Numbers, and texts
of nothing but numbers such as `-0.12 (-0.30 to 0.10)`, stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from typing import Any

SIGNS = "=+@\\-\uff1d\uff0b\uff0d\uff20"  # the last four as East Asian keyboards write them
_FORMULA = re.compile(rf"'*\s*[{SIGNS}]|\t|\r")
_NUMBERS = re.compile(r"-(?:[0-9.,;()%\s-]|to|NA|e|inf)*")
_QUOTED = re.compile(r"[,;\"\t\r\n]")  # the semicolon parts cells where the decimal sign is a comma


def csv_text(heading: Iterable[Any], rows: Iterable[Sequence[Any]], plain: Container[str] = ()) -> str:
    """Heading and rows, cells as text or numbers; None is an empty cell. plain: texts that stay as they are."""
    return "".join(",".join(_cell(c, plain) for c in row) + "\n" for row in (tuple(heading), *rows))


def guarded(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBERS.fullmatch(text) else text


def _cell(value: Any, plain: Container[str]) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value)
    text = value if value in plain else guarded(value)
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text
