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
    said = words("small_cells.masked", most=str(least - 1), least=str(least), **counted)
    cohorts = [fmt.lower_first(numbers.design_label(d)) for d in numbers.design_names[1:] if _few_left_out(numbers, d, least)]
    return f"{said} {words('small_cells.left_out', least=str(least), cohorts=fmt.listed(cohorts))}" if cohorts else said


def _few_left_out(numbers: Numbers, design: str, least: int) -> bool:
    """Whether the sizes of the arms, which are shown, tell of so few patients that a design did not retain."""
    return any(0 < numbers.arm_n("unadjusted", arm) - numbers.arm_n(design, arm) < least for arm in numbers.arms)
