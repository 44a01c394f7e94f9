"""Propensity scores of the two arms as mirrored histograms, the matched or the weighted patients filled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from equipoise.records import Study
from equipoise.report import format as fmt
from equipoise.report.figures.canvas import ARM_COLOURS, INK, TYPE_SIZE, bare, new_figure, sign, style
from equipoise.report.lookup import Numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BINS = np.linspace(0, 1, 21)


def propensity_overlap(study: Study) -> Figure:
    """Focal arm above the line, the other arm below it. Weights are scaled to the number of patients of their arm."""
    numbers = Numbers(study)
    design = study.design(numbers.primary)
    figure = new_figure(7.4, 3.7)
    with style():
        axes = bare(figure.add_axes((0.1, 0.17, 0.87, 0.78)))
        arms = (study.protocol.arms.focal, study.protocol.arms.other)
        highest = 0
        for side, arm in zip((1, -1), arms, strict=True):
            in_arm = study.cohort.in_arm(arm) & ~np.isnan(design.propensity)
            kept = in_arm & design.include
            weight = design.weight[kept] * (kept.sum() / design.weight[kept].sum()) if design.sample.weighted else None
            counts = [np.histogram(design.propensity[in_arm], BINS)[0]]
            counts.append(np.histogram(design.propensity[kept], BINS, weights=weight)[0])
            highest = max(highest, int(np.ceil(max(c.max(initial=0) for c in counts))))
            _bars(axes, counts, side, ARM_COLOURS[numbers.arms.index(arm)])
        _frame(axes, numbers, arms, highest)
        sign(figure, study.protocol.study.notice)
    return figure


def _bars(axes: Axes, counts: list[np.ndarray], side: int, colour: str) -> None:
    width = BINS[1] - BINS[0]
    shape = {"width": width * 0.92, "align": "edge", "linewidth": 0.9, "edgecolor": colour}
    axes.bar(BINS[:-1] + width * 0.04, side * counts[0], color="white", **shape)
    axes.bar(BINS[:-1] + width * 0.04, side * counts[1], color=colour, alpha=0.85, **shape)


def _frame(axes: Axes, numbers: Numbers, arms: tuple[str, str], highest: int) -> None:
    reach = highest * 1.18 + 0.5
    axes.set_ylim(-reach, reach)
    axes.set_xlim(0, 1)
    axes.axhline(0, color=INK, linewidth=0.8)
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 10**5) if highest / s <= 4)
    ticks = list(range(-(highest // step) * step, highest + 1, step))
    axes.set_yticks(ticks, [f"{abs(t):,d}" for t in ticks])
    axes.set_ylabel("Patients")
    axes.set_xlabel(f"Propensity of {fmt.lower_first(numbers.arm_label(arms[0]))}")
    for y, va, arm in ((0.99, "top", arms[0]), (0.01, "bottom", arms[1])):
        words = f"{numbers.arm_label(arm)} (filled: {numbers.words(numbers.primary).adjective})"
        colour = ARM_COLOURS[numbers.arms.index(arm)]
        axes.text(
            0.99,
            y,
            words,
            transform=axes.transAxes,
            ha="right",
            va=va,
            color=colour,
            fontweight="bold",
            fontsize=TYPE_SIZE,
        )
