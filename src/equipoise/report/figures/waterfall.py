"""Waterfall: the deepest change of the target sum of each patient, a bar each, a panel per criterion."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from equipoise.records import Study
from equipoise.report.bound import traced
from equipoise.report.figures.bars import boxes
from equipoise.report.figures.breaking import shortened
from equipoise.report.figures.canvas import ARM_COLOURS, INK, RULE, SOFT, TYPE_SIZE, bare, new_figure, sign, style
from equipoise.report.figures.finish import laid_out, readable
from equipoise.report.figures.thinned import BARS, evenly
from equipoise.report.lookup import Numbers
from equipoise.report.themes import current
from equipoise.report.words import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEGEND, MARKED = 0.66, 0.45  # of the width, right of the name of a criterion; inches of a mark with its air
LETTERS = 20  # of a line along an axis
USUAL, LEAST, PANEL, GAP, FOOT, TOP = 7.4, 7.0, 2.55, 0.62, 0.55, 0.35
HIGHEST = 100.0
PAPER = "white"
BAR = 0.82  # wide, of the room of a patient
CUTS = (20.0, -30.0)


@traced
def waterfall(study: Study) -> Figure | None:
    """None where nobody's targets were measured again. Bars beyond +100 % are cut there and marked."""
    numbers = Numbers(study)
    detail = study.outcomes.response_detail
    if detail is None or study.protocol.response is None:
        return None
    found = {c: detail.course[c]["deepest_change_pct"] for c in study.protocol.response.criteria}
    found = {c: change for c, change in found.items() if not np.isnan(change).all()}
    if not found:
        return None
    height = TOP + FOOT + PANEL * len(found) + GAP * (len(found) - 1)
    figure = new_figure(laid_out(USUAL, LEAST), height)
    with style():
        for i, (criterion, change) in enumerate(found.items()):
            y = height - TOP - PANEL * (i + 1) - GAP * i
            axes = bare(figure.add_axes((0.115, y / height, 0.865, PANEL / height)), keep=("left",))
            _bars(axes, change, study.cohort.arm, numbers.arms)
            axes.set_title(criterion, loc="left", fontsize=TYPE_SIZE + 1, fontweight="bold", pad=8)
            _words(axes, change)
            if i == 0:
                arm_legend(axes, numbers)
        sign(figure, study.protocol.study.notice)
    return figure


def thinned(study: Study) -> bool:
    """Whether a panel has more patients than bars."""
    detail, response = study.outcomes.response_detail, study.protocol.response
    if detail is None or response is None:
        return False
    return any((~np.isnan(detail.course[c]["deepest_change_pct"])).sum() > BARS for c in response.criteria)


def _bars(axes: Axes, change: np.ndarray, arm: np.ndarray, arms: list[str]) -> None:
    known = np.flatnonzero(~np.isnan(change))
    order = evenly(known[np.argsort(-change[known], kind="stable")], BARS)
    x, y = np.arange(len(order)), change[order]
    colours = [ARM_COLOURS[arms.index(a)] for a in arm[order]]
    left, right, low, high = x - BAR / 2, x + BAR / 2, np.zeros_like(y), np.minimum(y, HIGHEST)
    if current().figures.grey:
        for i, one in enumerate(arms):
            mine = arm[order] == one
            boxes(axes, (left[mine], right[mine]), (low[mine], high[mine]), **filled(i))
    else:
        boxes(axes, (left, right), (low, high), facecolors=colours, linewidths=0)
    for hit, height, marker in ((y == 0, 0.0, "_"), (y > HIGHEST, HIGHEST + 3, "^")):
        some = [c for c, h in zip(colours, hit, strict=True) if h]
        axes.scatter(x[hit], np.full(hit.sum(), height), color=some, marker=marker, s=9, zorder=3, clip_on=False)
    for level in CUTS:
        axes.axhline(level, color=RULE, linewidth=0.8, linestyle=(0, (4, 3)), zorder=0)
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.set_xlim(-1, len(order))
    axes.set_ylim(-104, HIGHEST + 6)
    axes.set_yticks([-100, -50, 0, 50, 100], ["\u2212100", "\u221250", "0", "50", "100"])
    axes.set_xticks([])
    axes.set_ylabel(textwrap.fill(words("response_figures.deepest"), LETTERS))


def filled(i: int) -> dict[str, Any]:
    """How bars of an arm are filled: in a color; in grey, where two shades are not told apart, full, empty or hatched."""
    colour = ARM_COLOURS[i]
    if not current().figures.grey:
        return {"facecolor": colour, "edgecolor": colour, "linewidth": 1.0}
    fill = (colour, PAPER, PAPER)[i % 3]
    return {"facecolor": fill, "edgecolor": colour, "linewidth": 0.7, "hatch": ("", "", "/////")[i % 3]}


def _words(axes: Axes, change: np.ndarray) -> None:
    measured, missing = int((~np.isnan(change)).sum()), int(np.isnan(change).sum())
    said = words("response_figures.bars", measured=str(measured), missing=str(missing))
    if measured > BARS:
        said = words("response_figures.some_bars", drawn=str(BARS), measured=f"{measured:,}", missing=f"{missing:,}")
    axes.text(0, -0.04, said, transform=axes.transAxes, ha="left", va="top", fontsize=TYPE_SIZE - 1, color=SOFT)


def arm_legend(axes: Axes, numbers: Numbers) -> None:
    """The arms' colours at the upper right, above the axes."""
    from matplotlib.patches import Patch

    width = axes.get_figure().get_figwidth()
    room = LEGEND * width / len(numbers.arms) - MARKED
    names = [shortened(numbers.short_arm(a), room, readable(TYPE_SIZE - 0.5, width)) for a in numbers.arms]
    marks = [Patch(label=name, **filled(i)) for i, name in enumerate(names)]
    place = {"loc": "lower right", "bbox_to_anchor": (1.0, 1.0), "ncols": len(marks)}
    axes.legend(handles=marks, frameon=False, fontsize=TYPE_SIZE - 0.5, borderaxespad=0.2, handlelength=1.1, **place)
