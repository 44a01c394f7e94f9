"""A cell of a spreadsheet or a SAS file as text."""

from __future__ import annotations

import datetime as dt
import decimal
from typing import Any


def as_text(cell: Any) -> str | None:
    """A cell as text: whole floats without .0, dates as YYYY-MM-DD, booleans as true and false; None for empty."""
    if cell is None:
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(sep=" ")
    if isinstance(cell, dt.date):
        return cell.isoformat()
    if isinstance(cell, decimal.Decimal):
        return format(cell.normalize(), "f")
    if isinstance(cell, float):
        return None if cell != cell else (str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell))
    return str(cell).strip() or None
