"""What is said of small cells: once that they are shown, or how they are masked."""

from __future__ import annotations

from equipoise.records import Masked
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers


def small_cells(numbers: Numbers) -> str:
    least = numbers.study.protocol.minimum_cell
    if least is None:
        return "Small cells are shown: no minimum cell size was set."
    rows = numbers.study.estimates.rows.values()
    masked = sum(isinstance(r.value, Masked) for r in rows)
    return (
        f"Counts from 1 to {least - 1} are masked (<{least}); percentages, estimates, limits and P values from which they would "
        "follow, and further counts without which they could be computed, are masked too (masked). Zero is shown. In all "
        f"{fmt.count(masked)} of {fmt.count(len(rows))} results are masked. Curves change after every {least} events only and "
        f"end where fewer than {least} patients are at risk; censoring is not marked. Figures of single patients (waterfall, "
        "spider and swimmer plots) and histograms of patients are left out. The sizes of the arms in each design are shown, and "
        "with them what follows from these."
    )
