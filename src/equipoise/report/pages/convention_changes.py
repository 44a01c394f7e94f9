"""What another tradition would print: the cells of a study that change under other conventions, and P that cross alpha."""

from __future__ import annotations

import math
from dataclasses import dataclass

from equipoise.protocol.spec import Protocol
from equipoise.records import Row, Study
from equipoise.report import format as fmt
from equipoise.report.words import words

P_STATISTICS = ("p", "p_pearson", "p_fisher", "p_unpaired")
_RATIOS = ("hr", "odds_ratio")
_COUNTS = ("n", "events", "missing", "selected")


@dataclass(frozen=True, slots=True)
class Change:
    """One cell. printed: profile -> as printed there, 'absent' where the number does not exist. crosses: a P that is
    below alpha in one profile and not in another."""

    key: str
    printed: dict[str, str]
    crosses: bool


def convention_changes(studies: dict[str, Study]) -> list[Change]:
    """studies: name of the conventions -> the same study under them. Only cells that print differently, in report order."""
    keys = list(dict.fromkeys(k for s in studies.values() for k in s.estimates.rows))
    found = []
    for key in keys:
        rows = {name: s.estimates.get(key) for name, s in studies.items()}
        printed = {name: printed_cell(studies[name].protocol, row) for name, row in rows.items()}
        if len(set(printed.values())) > 1:
            found.append(Change(key, printed, _crosses(studies, rows)))
    return found


def _crosses(studies: dict[str, Study], rows: dict[str, Row | None]) -> bool:
    sides = {
        row.value < studies[name].protocol.conventions.alpha
        for name, row in rows.items()
        if row is not None and row.statistic in P_STATISTICS and not math.isnan(row.value)
    }
    return len(sides) > 1


def printed_cell(protocol: Protocol, row: Row | None) -> str:
    """A row as a table of the report prints it."""
    if row is None:
        return "absent"
    if row.statistic in P_STATISTICS:
        return fmt.p_value(row.value)
    if row.statistic in _RATIOS:
        return fmt.ratio_estimate(row.value, row.low, row.high)
    if row.statistic == "percent" and not math.isnan(row.events):
        return fmt.percent(row.events, row.n, protocol.conventions.percent_rounding)
    if row.statistic in _COUNTS:
        return fmt.count(row.value)
    if row.phase == "survival" and row.statistic in ("median", "q1", "q3"):
        unit, days = protocol.time_unit, protocol.days_per_unit
        if row.analysis == "observed_time":
            return fmt.time_value(row.value, days, unit)
        return fmt.time_estimate(row.value, row.low, row.high, days, unit)
    if row.statistic == "survival":
        return fmt.percentage_estimate(100 * row.value, 100 * row.low, 100 * row.high)
    return fmt.number(row.value, 2)


def changes_text(changes: list[Change], total: int) -> str:
    """A plain table for the terminal: key, then the cell under each convention; * marks a P that crosses alpha."""
    if not changes:
        return words("conventions.nothing_changed", total=str(total))
    names = list(changes[0].printed)
    rows = [["", words("conventions.cell"), *names]] + [["*" if c.crosses else "", c.key, *c.printed.values()] for c in changes]
    widths = [max(len(r[i]) for r in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(r, widths, strict=True)).rstrip() for r in rows]
    crossing = sum(c.crosses for c in changes)
    verdict = words("conventions.crossing", count=crossing) if crossing else words("conventions.none_crosses")
    changed = words("conventions.changed", cells=str(len(changes)), total=str(total), verdict=verdict)
    return "\n".join([*lines, "", changed])
