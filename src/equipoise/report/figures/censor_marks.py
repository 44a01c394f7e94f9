"""Marks of censored patients on a curve: one at each of their times, and of very many one for those that lie close together."""

from __future__ import annotations

import numpy as np

MOST = 100  # times of one curve that are all marked
CELLS = 80  # parts of the axis of time with at most one mark each, where there are more


def merged(censored: np.ndarray) -> bool:
    """Whether one mark stands for several times. censored: numbers of patients at the times of a curve."""
    return int((censored > 0).sum()) > MOST


def marked_times(time: np.ndarray, censored: np.ndarray, end: float) -> np.ndarray:
    """Which times have a mark (bool). end: of the axis, in the unit of `time`.

    Of more than MOST times those are kept that are the last one within their part of the axis, so that every mark lies on the
    curve at a time at which somebody was censored, the last of all among them.
    """
    found = censored > 0
    if not merged(censored):
        return found
    at = np.flatnonzero(found)
    cell = np.minimum((time[at] / end * CELLS).astype(int), CELLS - 1)
    last = np.append(cell[1:] != cell[:-1], True)
    kept = np.zeros(len(time), bool)
    kept[at[last]] = True
    return kept
