"""Of figures with a mark per patient: how many patients can be told apart, and which are drawn where there are more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

BARS, LINES, LANES = 400, 150, 220  # of a panel, of a panel, of a figure
T = TypeVar("T")


def evenly(ordered: Sequence[T] | np.ndarray, most: int) -> np.ndarray:
    """All of an order where they are no more than `most`; else as many, evenly spaced from the first to the last, so that they
    lie as all do."""
    given = np.asarray(ordered)
    if len(given) <= most:
        return given
    return given[np.round(np.linspace(0, len(given) - 1, most)).astype(int)]


def of_all(drawn: int, n: int) -> str:
    """A count behind a name: how many of how many, where some are left out."""
    return f"{n}" if drawn == n else f"{drawn:,} of {n:,}"
