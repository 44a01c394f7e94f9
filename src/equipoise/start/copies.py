"""Columns that say again what another column says, told from their cells alone: no language is needed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from equipoise.start.columns import Seen, as_number

NEARLY = 0.98  # share of rows that agree
FEWEST = 5  # rows on either side of a question
FEW_LEVELS = 8
LEAST_ROWS = 20
DIGITS = 4  # of running numbers without a name

Cells = list[str | None]


@dataclass(frozen=True, slots=True)
class Truth:
    """What the others are compared with: the arm's values, times in order of the rows (nan: none), whether the event happened."""

    arm: Cells
    times: tuple[tuple[str, np.ndarray, np.ndarray], ...]  # name of the event column, time, event (1, 0, nan)


def numbers(cells: Cells) -> np.ndarray:
    found = (as_number(c) if c is not None else None for c in cells)
    return np.array([np.nan if x is None else x for x in found], dtype=float)


def identifier(column: Seen) -> str:
    """Why a whole number, different in nearly every row, is an identifier; '' where it may be measured."""
    if not column.number or not column.whole or column.filled < LEAST_ROWS or len(column.counts) < 0.99 * column.filled:
        return ""
    values = np.sort(np.array([float(v) for v in column.counts]))
    gaps = np.diff(values)
    running = values[-1] - values[0] < 2 * column.filled or bool(np.all(gaps == gaps[0]))
    digits = {len(v.lstrip("-")) for v in column.counts}
    coded = values[0] >= 10**DIGITS or (len(digits) == 1 and digits.pop() >= DIGITS)
    headed = column.says("patient", "filler", "row")
    return "a different whole number in nearly every row: an identifier" if running or coded or headed else ""


def copy_of(cells: Cells, column: Seen, truth: Truth) -> str:
    """Why a column is no covariate as it follows from the arm, the time or the event; '' where it does not."""
    few = len(column.counts) <= FEW_LEVELS
    if (few and _decides(cells, truth.arm)) or _filled_in_one(cells, truth.arm) or (not few and _apart(cells, column, truth.arm)):
        return "it separates the arms in nearly every row: a copy of the arm, or its dose; nobody could be matched on it"
    for name, time, event in truth.times:
        happened = [None if e != e else str(e) for e in event]
        if few and len(column.counts) > 1 and _decides(cells, happened):
            return f"it tells the event '{name}' in nearly every row: the event in other words"
        if _filled_by(cells, event):
            return f"it is filled where the event '{name}' happened and empty elsewhere: known only later"
        if column.number and _multiple(numbers(cells), time):
            return "the time to the event, or another unit of it"
        if few and _cut(cells, time, event):
            return f"it follows from the time and the event '{name}': known only later"
    return ""


def _decides(cells: Cells, truth: Cells) -> bool:
    """Whether each value of the column goes with one value of the truth, in nearly all rows and in those of the rarer one."""
    both = [(a, b) for a, b in zip(cells, truth, strict=True) if a is not None and b is not None]
    rare = Counter(b for _, b in both)
    levels = len({a for a, _ in both})
    if len(both) < LEAST_ROWS or len(rare) < 2 or min(rare.values()) < FEWEST or levels > max(2, len(both) / 10):
        return False
    best: dict[str, int] = {}
    for (a, _), n in Counter(both).items():
        best[a] = max(best.get(a, 0), n)
    wrong = len(both) - sum(best.values())
    return wrong <= (1 - NEARLY) * len(both) and wrong <= 0.1 * min(rare.values())


def _filled_in_one(cells: Cells, arm: Cells) -> bool:
    """Filled in (nearly) everybody of one arm and nobody of another."""
    shares = [np.mean([c is not None for c, a in zip(cells, arm, strict=True) if a == v]) for v in set(arm) - {None}]
    return len(shares) > 1 and len(cells) >= LEAST_ROWS and max(shares) >= 0.9 and min(shares) <= 1 - NEARLY


def _apart(cells: Cells, column: Seen, arm: Cells) -> bool:
    """Numbers of one arm all below those of the other."""
    kinds = sorted(set(arm) - {None})
    if not column.number or len(kinds) != 2:
        return False
    x = numbers(cells)
    low, high = (x[np.array([a == k for a in arm]) & ~np.isnan(x)] for k in kinds)
    if min(len(low), len(high)) < FEWEST:
        return False
    return bool(low.max() < high.min() or high.max() < low.min())


def _filled_by(cells: Cells, event: np.ndarray) -> bool:
    there, known = np.array([c is not None for c in cells]), ~np.isnan(event)
    filled = int((there & known).sum())
    if filled < FEWEST or (known & ~there).sum() < FEWEST or known.sum() < LEAST_ROWS:
        return False
    wrong = int(((event == 1) != there)[known].sum())
    return wrong <= (1 - NEARLY) * known.sum() and wrong <= 0.1 * min(filled, known.sum() - filled)


def _multiple(x: np.ndarray, time: np.ndarray) -> bool:
    """Whether one is the other times a number, up to rounding: days and months."""
    there = ~np.isnan(x) & ~np.isnan(time) & (time > 0)
    x, time = x[there], time[there]
    if len(x) < LEAST_ROWS or len(np.unique(time)) < 6 or len(np.unique(x)) < 6 or not np.any(x):
        return False
    factor = float((x * time).sum() / (time * time).sum())
    slack = 0.55 * _step(x) + 0.55 * abs(factor) * _step(time) + 0.01 * np.abs(factor * time)
    return bool(np.mean(np.abs(x - factor * time) <= slack) >= NEARLY and np.corrcoef(x, time)[0, 1] > 0.99)


def _step(x: np.ndarray) -> float:
    """How finely numbers are written: 1, 0.1, 0.01."""
    return next((s for s in (1.0, 0.1, 0.01) if np.allclose(x / s, np.round(x / s), atol=1e-6)), 0.0)


def _cut(cells: Cells, time: np.ndarray, event: np.ndarray) -> bool:
    """Whether the values are stretches of the time, among those with the event and among those without: alive at a year."""
    levels = [c for c in dict.fromkeys(cells) if c is not None]
    count = Counter(c for c, t, e in zip(cells, time, event, strict=True) if c is not None and t == t and e == e)
    if len(levels) < 2 or min(count.values()) < FEWEST or sum(count.values()) < LEAST_ROWS:
        return False
    apart = False
    for state in (0.0, 1.0):
        rows = [i for i in np.argsort(time, kind="stable") if event[i] == state and cells[i] is not None and time[i] == time[i]]
        runs = [cells[i] for k, i in enumerate(rows) if k == 0 or cells[i] != cells[rows[k - 1]]]
        if len(runs) != len(set(runs)):
            return False
        apart = apart or len(runs) > 1
    return apart
