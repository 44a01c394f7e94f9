"""JSON as columns: a list of objects, an object a line, or an object of lists of one length."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from equipoise.data.cells import as_text
from equipoise.data.check import row_faults
from equipoise.engine.files import text_array
from equipoise.errors import DataError, Fault

SHAPES = "write a list of objects, one for each patient with the same names, or one such object a line"


def read_records(file: str, data: bytes) -> dict[str, np.ndarray]:
    """Columns by name, in the order of their first appearance. Raises DataError."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DataError(Fault(file, "encoding", "the encoding is not UTF-8, in which JSON is written")) from None
    found = _parsed(file, text)
    if isinstance(found, dict) and found and all(isinstance(v, list) for v in found.values()):
        if len({len(v) for v in found.values()}) > 1:
            raise DataError(Fault(file, "row length", "its lists are of different lengths; each needs a value for every patient"))
        return {name: _column(file, name, cells) for name, cells in found.items()}
    rows = [found] if isinstance(found, dict) else found
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise DataError(Fault(file, "shape", f"the file holds no table; {SHAPES}"))
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: _column(file, name, [row.get(name) for row in rows]) for name in names}


def _parsed(file: str, text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=lambda word: None)
    except (ValueError, RecursionError):
        pass
    rows = []
    for i, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                rows.append(json.loads(line, object_pairs_hook=_once, parse_constant=lambda word: None))
            except (ValueError, RecursionError):
                message = f"this is no JSON, or a name stands twice in an object; {SHAPES}"
                raise DataError(Fault(f"{file}, line {i}", "unreadable", message)) from None
    return rows


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


def _column(file: str, name: str, cells: list[Any]) -> np.ndarray:
    nested = [(i, None) for i, cell in enumerate(cells, start=1) if isinstance(cell, dict | list)]
    if nested:
        raise DataError(
            row_faults(nested, "nested", "the cell holds a list or an object; give one value for each name", file, name)
        )
    if all(cell is None or isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) < 2**53 for cell in cells):
        return np.array([np.nan if cell is None else cell for cell in cells], dtype=float)
    return text_array([as_text(cell) for cell in cells])
