"""Which cells are masked: the small ones, and as few others as keep anybody from computing these.

A reader knows every cell that is shown, every sum, and that a small cell lies between 1 and the minimum less 1. What he can find
out of a masked one is the range that these leave it (two linear programmes). While fewer than three values of a small cell are
possible, the next smallest shown cell of a sum that it hangs together with is masked too; ties by the order of the results. Zeros
are masked last. Where nothing is left to mask, `masked` stands for a small cell in place of `<5`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from equipoise.disclosure.cells import Cell, Name
from equipoise.disclosure.sums import Sum

VALUES = 3  # that must remain possible of a small cell
ROUNDING = 1e-6
UNBOUNDED = 3  # of scipy.optimize.linprog


class System:
    """The cells and sums of a study, and which cells are masked."""

    def __init__(self, cells: Mapping[Name, Cell], found: list[Sum], least: int):
        self.cells, self.sums, self.least = cells, found, least
        self.place = {name: i for i, name in enumerate(cells)}
        self.of: dict[Name, list[int]] = defaultdict(list)
        for i, one in enumerate(found):
            for name in _members(one):
                self.of[name].append(i)
        self.small = [name for name, cell in cells.items() if cell.small(least)]
        self.masked = {name for name, cell in cells.items() if cell.small(least) or not cell.published}
        self.vague: set[Name] = set()

    def suppress(self) -> None:
        """Mask until no small cell can be narrowed, or nothing is left to mask."""
        waiting = list(self.small)
        while waiting:
            name = waiting.pop(0)
            while not self.hidden(name):
                more = self._next(name)
                if more is not None:
                    self.masked.add(more)
                elif not self._be_vague(name):
                    break

    def _be_vague(self, name: Name) -> bool:
        """Where nothing is left to mask, small cells are no longer said to be small; whether one was."""
        near = [name, *(m for i in self._reachable(name) for m in _members(self.sums[i]) if m in self.masked)]
        for member in near:
            if member not in self.vague and self.says_small(member):
                self.vague.add(member)
                return True
        return False

    def says_small(self, name: Name) -> bool:
        """Whether `<5` stands for the cell: small, told by a row, and not kept vague."""
        cell = self.cells[name]
        return cell.published and 0 < cell.count < self.least and name not in self.vague

    def hidden(self, name: Name) -> bool:
        """Whether enough values of a masked cell remain possible."""
        low, high = self.range(name)
        return high - low + 1 >= min(VALUES, self.least - 1)

    def range(self, name: Name) -> tuple[float, float]:
        """What the shown cells leave possible, by whole numbers inside the limits of the linear relaxation."""
        from scipy.optimize import linprog

        equations = self._reachable(name)
        names = sorted({m for i in equations for m in _members(self.sums[i]) if m in self.masked} | {name}, key=self.place.get)
        column = {n: j for j, n in enumerate(names)}
        bounds = [self.bounds(n) for n in names]
        if not equations:
            return bounds[column[name]]
        left, right = np.zeros((len(equations), len(names))), np.zeros(len(equations))
        for row, i in enumerate(equations):
            for member, sign in _signed(self.sums[i]):
                if member in column:
                    left[row, column[member]] += sign
                else:
                    right[row] -= sign * (self.cells[member].count if isinstance(member, tuple) else member)
        ends = []
        for sign in (1.0, -1.0):
            aim = np.zeros(len(names))
            aim[column[name]] = sign
            solved = linprog(aim, A_eq=left, b_eq=right, bounds=bounds)
            if solved.status == UNBOUNDED:
                ends.append(-sign * np.inf)
                continue
            if solved.status != 0:
                raise AssertionError(f"the sums of the results contradict each other at {name}: {solved.message}")
            ends.append(sign * solved.fun)
        return float(np.ceil(ends[0] - ROUNDING)), float(np.floor(ends[1] + ROUNDING))

    def bounds(self, name: Name) -> tuple[float, float]:
        """What is known of a masked cell by itself."""
        cell = self.cells[name]
        if self.says_small(name):
            return 1.0, float(self.least - 1)
        return 0.0, cell.among if cell.among == cell.among else np.inf

    def _reachable(self, name: Name) -> list[int]:
        """The sums that a masked cell hangs together with through other masked cells."""
        seen, waiting = set(self.of[name]), list(self.of[name])
        while waiting:
            for member in _members(self.sums[waiting.pop()]):
                if member in self.masked:
                    new = [i for i in self.of[member] if i not in seen]
                    seen.update(new)
                    waiting += new
        return sorted(seen)

    def _next(self, name: Name) -> Name | None:
        """The next cell to mask: of a sum that has no other masked one, of this cell or of what hangs together with it; else of
        any of these sums."""
        own, near = self.of[name], self._reachable(name)
        alone = [i for i in near if sum(m in self.masked for m in _members(self.sums[i])) == 1]
        for equations in ([i for i in own if i in alone], alone, own, near):
            shown = {m for i in equations for m in _members(self.sums[i]) if m not in self.masked}
            if shown:
                return min(shown, key=lambda m: (self.cells[m].count == 0, self.cells[m].count, self.place[m]))
        return None


def _members(one: Sum) -> list[Name]:
    return [*one.parts, *([one.whole] if isinstance(one.whole, tuple) else [])]


def _signed(one: Sum) -> list[tuple[Name | float, float]]:
    return [*((p, 1.0) for p in one.parts), (one.shown, 1.0), (one.whole, -1.0)]
