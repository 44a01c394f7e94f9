"""The counts of patients behind the rows of a study: which rows tell the same count.

A cell is a count with its name. Rows of one endpoint, design, population and arm that tell the same number of the same patients
tell one cell, whatever the analysis.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from equipoise.records import Masked, Row

TOTAL = "total"
COUNTS = {"n", "events", "missing", "differ", "conflicts", "patients", "rows", "analysed", "deaths_before"}
OWN_KIND = COUNTS - {"n", "events"}
WITHIN = {"n", "events", "percent", "missing"}  # counted among the `n` of their row
SIZES = {("attrition", ""), ("baseline", ""), ("lost", "kept"), ("lost", "lost")}

OF_A_MATCH = (
    "unmatched_focal",
    "unmatched_other",
    "missing_score",
    "no_counterpart",
    "tied_choices",
    "tied_scores",
    "tied_pairs",
    "pairs",
    "pairs_pooled",
)

Name = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """count patients of `among` (nan: no denominator). published: whether a row tells it; else it follows from others that do."""

    name: Name
    count: int
    among: float = math.nan
    published: bool = True

    def small(self, least: int) -> bool:
        """Whether it, or what is left of its denominator, counts from 1 to least - 1 patients."""
        return 0 < self.count < least or 0 < self.among - self.count < least


def count_of(row: Row) -> float:
    return row.value if row.statistic in COUNTS else row.events


def is_size(row: Row) -> bool:
    """Whether a row tells the size of an arm in a design, which is always shown unless it is small itself."""
    return row.statistic == "n" and (row.phase, row.analysis) in SIZES and not row.level and row.variable in ("", "arm")


def name_of(row: Row) -> Name | None:
    """The name of the cell that a row tells; None where it tells none."""
    count = count_of(row)
    if math.isnan(count) or count != round(count) or is_size(row):
        return None
    group = row.group or TOTAL
    beside = row.statistic not in COUNTS and row.statistic != "percent"  # an estimate that tells its events
    if row.endpoint and row.statistic not in OWN_KIND and (beside or not row.variable and not row.level):
        return ("of endpoint", row.endpoint, row.design, row.population, group, f"{row.n:g}", f"{count:g}")
    kind = row.statistic if row.statistic in OWN_KIND else "n"
    phase, analysis = ("baseline", "") if (row.phase, row.analysis) == ("lost", "kept") else (row.phase, row.analysis)
    return (kind, phase, analysis, row.endpoint, row.design, row.population, row.variable, row.level, group)


def cells_of(rows: Iterable[Row]) -> dict[Name, Cell]:
    found: dict[Name, Cell] = {}
    for row in rows:
        name = name_of(row)
        if name is not None and (name not in found or math.isnan(found[name].among)):
            among = row.n if row.statistic in WITHIN else math.nan
            found[name] = Cell(name, round(count_of(row)), among if among >= count_of(row) else math.nan)
    return found


def blank(row: Row, sign: Masked, why: str, whole: bool = False) -> Row:
    """The row without its number, limits and events, and with the reason; whole: without its denominator too."""
    low, high = (math.nan if math.isnan(v) else sign for v in (row.low, row.high))
    events = row.events if math.isnan(row.events) else sign
    n = sign if whole and not math.isnan(row.n) else row.n
    return replace(row, value=sign, low=low, high=high, events=events, n=n, method=f"masked: {why}", named=row.named)
