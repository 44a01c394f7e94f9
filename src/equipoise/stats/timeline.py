"""Distinct times and each row's place among them, with times tied that differ by rounding only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from .arrays import Array, BoolArray, IntArray
from .radix_order import rising_order
from .validation import refuse_late

N = TypeVar("N", Array, IntArray)

_TOLERANCE = float(np.sqrt(np.finfo(float).eps))
_LARGEST_WHOLE = 50_000_000.0


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """Distinct times in rising order, and where each row's time stands among them.

    Attributes
    ----------
    values : float ndarray, shape (k,)
        May hold times that no row has: whole days are laid on the grid of all days.
    code : intp ndarray, shape (n,)
        ``values[code]`` is each row's time.
    entry : intp ndarray, shape (n,), or None
        Place of the last value at or before each row's entry, -1 where there is none.
    apart : bool
        No part of the rows has times that would be tied for a difference by rounding only.
    """

    values: Array
    code: IntArray
    entry: IntArray | None
    apart: bool

    def nearest(self, time: float) -> float:
        """The distinct time that `time` differs from by rounding only, else `time` itself."""
        near = float(self.values[np.argmin(np.abs(self.values - time))])
        slack = _TOLERANCE * max(1.0, float(np.mean(np.abs(self.values))))
        return near if abs(near - time) <= slack else time


def part_of(line: Timeline, time: Array, entry: Array | None, rows: IntArray | slice) -> Timeline:
    """The timeline of some of the rows that were laid out, as if these were all."""
    if not line.apart:
        return lay_out(time[rows], None if entry is None else entry[rows])
    return Timeline(line.values, line.code[rows], None if line.entry is None else line.entry[rows], True)


def lay_out(time: Array, entry: Array | None = None) -> Timeline:
    """Place times (and entries) on one timeline.

    Times closer than sqrt(machine epsilon), absolutely or relative to the mean distinct time, are one
    time (``aeqSurv`` of R survival: the first of a run of close times stands for all of it).

    Raises
    ------
    ArrayError
        For an entry that is one time with its row's own.
    """
    if _is_whole(time) and (entry is None or _is_whole(entry)):
        return _days(time, entry)
    return _sorted(time, entry)


def _is_whole(time: Array) -> bool:
    # Counting on the grid of days beats sorting while the grid is not much longer than the data.
    high = time.max()
    if high > 16 * time.size + 1024 or high > _LARGEST_WHOLE or time.min() < 0:
        return False
    return bool((time == np.floor(time)).all())


def _days(time: Array, entry: Array | None) -> Timeline:
    code = time.astype(np.intp)
    values = np.arange(code.max() + 1, dtype=np.float64)
    return Timeline(values, code, None if entry is None else entry.astype(np.intp), True)


def _sorted(time: Array, entry: Array | None) -> Timeline:
    pooled = time if entry is None else np.concatenate((time, entry))
    order = rising_order(pooled)
    rising = pooled.take(order)
    first = np.empty(rising.size, dtype=bool)
    first[0] = True
    np.not_equal(rising[1:], rising[:-1], out=first[1:])
    values = rising[first]
    gap = values[1:] - values[:-1]
    least = float(gap.min(initial=np.inf))
    if least <= _TOLERANCE * max(1.0, float(np.mean(np.abs(values)))):
        kept = np.concatenate(([True], _later(values, gap)))
        first[first], values = kept, values[kept]
    apart = least > _TOLERANCE * max(1.0, float(np.abs(values[[0, -1]]).max()))
    code = np.empty(rising.size, dtype=np.intp)
    code[order] = first.cumsum() - 1
    if entry is None:
        return Timeline(values, code, None, apart)
    if not apart:
        refuse_late(code[time.size :] >= code[: time.size])
    return Timeline(values, code[: time.size], code[time.size :], apart)


def _later(values: Array, gap: Array) -> BoolArray:
    """Which distinct values, but for the first, are further from the one before than rounding."""
    return ~((gap <= _TOLERANCE) | (gap / np.mean(np.abs(values)) <= _TOLERANCE))


def tail_sums(values: N) -> N:
    """Sums from each place to the end, along the last axis."""
    return values[..., ::-1].cumsum(axis=-1)[..., ::-1]
