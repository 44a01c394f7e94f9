"""Upright bars as one mark of a drawing: an artist per bar costs more than the rest of a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def bars(axes: Axes, left: np.ndarray, heights: np.ndarray, width: float, **look: Any) -> None:
    """Bars from 0 up or down, at their left ends; those of height 0 have no outline. look: of a PolyCollection. Limits of the
    axes are the caller's."""
    from matplotlib.collections import PolyCollection

    x, y = (np.asarray(v, dtype=float)[np.asarray(heights) != 0] for v in (left, heights))
    zero = np.zeros_like(x)
    corners = np.stack([np.column_stack(side) for side in ((x, zero), (x, y), (x + width, y), (x + width, zero))], axis=1)
    axes.add_collection(PolyCollection(corners, **{"zorder": 1, **look}), autolim=False)
