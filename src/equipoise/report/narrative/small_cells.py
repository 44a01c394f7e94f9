"""What is said of small cells: once that they are shown, or how they are masked."""

from __future__ import annotations

from equipoise.records import Masked
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.words import words


def small_cells(numbers: Numbers) -> str:
    least = numbers.study.protocol.minimum_cell
    if least is None:
        return words("small_cells.shown")
    rows = numbers.study.estimates.rows.values()
    masked = sum(isinstance(r.value, Masked) for r in rows)
    counted = {"masked": fmt.count(masked), "results": fmt.count(len(rows))}
    return words("small_cells.masked", most=str(least - 1), least=str(least), **counted)
