"""Values at a limit of measurement: what `init` writes under `data` of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from equipoise.start.columns import as_number, see
from equipoise.start.scalars import text
from equipoise.start.times import named_time

AT_LIMIT = re.compile(r"[<>≤≥]=?\s*(\d*\.?\d+(?:[eE][-+]?\d+)?)")
MOST = 0.5  # share of the cells that may lie at a limit; beyond it the column is made of classes
FEW = 2  # different numbers that a measurement has at least, and one more
Columns = dict[str, list[str | None]]


@dataclass(frozen=True, slots=True)
class OwnRules:
    """limits: column -> cells at a limit."""

    limits: dict[str, int] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """Under `data` of the protocol."""
        found = []
        if self.limits:
            listed = ", ".join(f"{text(name)}: at_limit" for name in self.limits)
            n = sum(self.limits.values())
            which = "1 value such as <0.5 is used" if n == 1 else f"{n} values such as <0.5 are used"
            found.append(f"  limits: {{{listed}}}    # CONFIRM: {which} at the limit; or half, root_two")
        return found


def own_rules(columns: Columns) -> tuple[OwnRules, Columns]:
    """The rules that the cells ask for, and the columns as a run reads them by these rules."""
    limits = {name: n for name, cells in columns.items() if (n := _at_limit(name, cells))}
    return OwnRules(limits), {n: [_number(c) for c in cells] if n in limits else cells for n, cells in columns.items()}


def _at_limit(name: str, cells: list[str | None]) -> int:
    """Cells at a limit in a column of numbers that is no time; 0 where another word stands in it."""
    filled = [c for c in cells if c is not None]
    marked = sum(AT_LIMIT.fullmatch(c) is not None for c in filled)
    if not marked or marked > MOST * len(filled):
        return 0
    numbers = [x for x in map(as_number, filled) if x is not None]
    if len(numbers) + marked < len(filled) or len(set(numbers)) <= FEW:
        return 0
    return 0 if named_time(see(name, cells)) else marked


def _number(cell: str | None) -> str | None:
    found = AT_LIMIT.fullmatch(cell) if cell is not None else None
    return found[1] if found else cell
