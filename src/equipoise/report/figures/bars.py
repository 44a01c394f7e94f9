"""Bars as one mark of a drawing: an artist per bar costs more than the rest of a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def bars(axes: Axes, left: np.ndarray, heights: np.ndarray, width: float, **look: Any) -> None:
    """Bars from 0 up or down, at their left ends; those of height 0 have no outline. look: of a PolyCollection. Limits of the
    axes are the caller's."""
    x, y = (np.asarray(v, dtype=float)[np.asarray(heights) != 0] for v in (left, heights))
    boxes(axes, (x, x + width), (np.zeros_like(x), y), **look)


def boxes(axes: Axes, x: tuple[np.ndarray, np.ndarray], y: tuple[np.ndarray, np.ndarray], **look: Any) -> None:
    """Boxes from x to x and from y to y. look, limits: as for `bars`."""
    from matplotlib.collections import PolyCollection

    (left, right), (low, high) = x, y
    corners = np.stack([np.column_stack(side) for side in ((left, low), (left, high), (right, high), (right, low))], axis=1)
    axes.add_collection(PolyCollection(corners, **{"zorder": 1, **look}), autolim=False)
