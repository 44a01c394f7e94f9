"""Rows that hold one cell, amid those of patients: headings of the rows below, such as the name of a treatment."""

from __future__ import annotations

from equipoise.data.check import row_faults
from equipoise.data.header_shape import cell_shape
from equipoise.data.read import RawTable
from equipoise.errors import DataError

FEWEST_COLUMNS, MOST = 4, 30  # headings that a table has; more are rows of patients of whom nothing is known


def refuse_sections(raw: RawTable) -> None:
    """Raises DataError with these rows: read as patients they would be left out, and what they say with them. A cell written as
    others of its column are is the number of a patient of whom nothing else is known."""
    if len(raw.names) < FEWEST_COLUMNS:
        return
    cells = ", ".join(f"({raw.cell(name)} is not null)::integer" for name in raw.names)
    filled = f"list_sum([{cells}])"  # a sum of a thousand terms is too deep for the parser
    first = next((name for name in raw.names if raw.kinds[name] == "VARCHAR"), None)
    if first is None:
        return
    alone = raw.rows_where(f"{filled} = 1 and {raw.cell(first)} is not null", raw.text(first))
    if not 0 < len(alone) <= MOST:
        return
    others = {cell_shape(c) for _, c in raw.rows_where(f"{filled} > 1 and {raw.cell(first)} is not null", raw.text(first)) if c}
    headings = [(row, None) for row, cell in alone if cell and cell_shape(cell) not in others]
    if headings:
        message = "the row holds one cell, as a heading of the rows below it does: write what it says of them into a column of "
        message += "its own, in each of their rows, and delete this row"
        raise DataError(row_faults(headings, "heading amid the rows", message, raw.file, first))
