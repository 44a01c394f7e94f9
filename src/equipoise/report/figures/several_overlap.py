"""Propensity scores of several arms: a panel per treatment, a step histogram per arm."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from equipoise.records import Study
from equipoise.report import format as fmt
from equipoise.report.bound import traced
from equipoise.report.figures.breaking import shortened
from equipoise.report.figures.canvas import ARM_COLOURS, TYPE_SIZE, bare, new_figure, sign, style
from equipoise.report.figures.finish import laid_out, readable
from equipoise.report.figures.overlap import NAMED, along
from equipoise.report.lookup import Numbers
from equipoise.report.words import words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BINS = np.linspace(0, 1, 21)
ACROSS, PANEL_WIDTH, NARROWEST, PANEL_HEIGHT = 2, 4.1, 3.5, 2.35  # inches


@traced
def several_overlap(study: Study) -> Figure | None:
    """Where every arm has patients with any score of a treatment, it can be compared in them. None without a score."""
    numbers = Numbers(study)
    if not numbers.primary or study.design(numbers.primary).model is None:
        return None
    probability = study.design(numbers.primary).model.probability
    lines = math.ceil(len(numbers.arms) / ACROSS)
    foot = 0.3 + 0.2 * math.ceil(len(numbers.arms) / ACROSS)
    width, height = laid_out(ACROSS * PANEL_WIDTH, ACROSS * NARROWEST), lines * PANEL_HEIGHT + foot
    panel, small = width / ACROSS, readable(TYPE_SIZE, width)
    figure = new_figure(width, height)
    with style():
        for j, arm in enumerate(numbers.arms):
            x, y = j % ACROSS, lines - 1 - j // ACROSS
            place = (x * panel + 0.62, y * PANEL_HEIGHT + foot + 0.45, panel - 0.85, PANEL_HEIGHT - 0.65)
            axes = bare(figure.add_axes((place[0] / width, place[1] / height, place[2] / width, place[3] / height)))
            for i, other in enumerate(numbers.arms):
                known = probability[study.cohort.in_arm(other), j]
                known = known[~np.isnan(known)]
                share = np.histogram(known, BINS)[0] / max(len(known), 1)
                axes.stairs(100 * share, BINS, color=ARM_COLOURS[i], linewidth=1.5)
            axes.set_xlim(0, 1)
            axes.set_ylim(bottom=0)
            axes.set_xlabel(
                along(words("overlap_figure.propensity", arm=NAMED), fmt.lower_first(numbers.short_arm(arm)), place[2], small)
            )
            axes.set_ylabel(words("overlap_figure.percent_of_arm"))
        for i, arm in enumerate(numbers.arms):
            x, y = (0.62 + (i % ACROSS) * panel) / width, (foot - 0.15 - 0.2 * (i // ACROSS)) / height
            said = f"\u2014 {shortened(numbers.short_arm(arm), panel - 1, small, bold=True)}"
            figure.text(x, y, said, color=ARM_COLOURS[i], fontweight="bold", fontsize=TYPE_SIZE, va="center")
        sign(figure, study.protocol.study.notice)
    return figure
