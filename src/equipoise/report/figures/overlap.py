"""Propensity scores of the two arms as mirrored histograms, the matched or the weighted patients filled."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from equipoise.records import Study
from equipoise.report import format as fmt
from equipoise.report.bound import traced
from equipoise.report.figures.bars import bars
from equipoise.report.figures.breaking import cut, filled, shortened
from equipoise.report.figures.canvas import ARM_COLOURS, INK, RULE, SOFT, TYPE_SIZE, bare, new_figure, sign, style
from equipoise.report.figures.finish import laid_out, readable
from equipoise.report.figures.fonts import text_width
from equipoise.report.lookup import Numbers
from equipoise.report.words import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BINS = np.linspace(0, 1, 21)


ACROSS, PANEL_WIDTH, PANEL_HEIGHT = 2, 3.9, 2.9
USUAL, LEAST = 7.4, 4.9  # inches of the figure of one design, and what its axes need
LEAST_NAME, MORE = 0.6, 0.17  # inches; of the highest bar, room for each further line of a label
NAMED = "\0"  # where a name will stand
TWO_PANELS = 7.0  # inches that two panels in a row need
LABEL = 0.33  # inches of the label of an upright axis, its ticks and the air between
EQUIPOISE = (0.3, 0.7)  # of the preference score (Walker 2013)
PREFERENCES = (0.1, 0.3, 0.5, 0.7, 0.9)


@traced
def propensity_overlap(study: Study) -> Figure:
    """Focal arm above the line, the other arm below it; on the upper axis the preference score. Weights are scaled to the number
    of patients of their arm."""
    numbers = Numbers(study)
    figure = new_figure(laid_out(USUAL, LEAST), 4.0)
    with style():
        axes = bare(figure.add_axes((0.1, 0.16, 0.87, 0.68)))
        _panel(axes, study, numbers, numbers.primary)
        sign(figure, study.protocol.study.notice)
    return figure


@traced
def other_overlaps(study: Study) -> Figure | None:
    """The same of the other designs that have a score, a panel each; None without one."""
    numbers = Numbers(study)
    names = [name for name in numbers.others if len(study.design(name).propensity)]
    if not names:
        return None
    lines = math.ceil(len(names) / ACROSS)
    height = PANEL_HEIGHT * lines + 0.2
    figure = new_figure(laid_out(ACROSS * PANEL_WIDTH, TWO_PANELS), height)
    with style(above_axes=True):
        for k, name in enumerate(names):
            left, below = (k % ACROSS) / ACROSS, height - PANEL_HEIGHT * (k // ACROSS + 1)
            place = (left + 0.075, (below + 0.45) / height, 0.4, (PANEL_HEIGHT - 1.3) / height)
            axes = bare(figure.add_axes(place))
            _panel(axes, study, numbers, name, small=True)
        sign(figure, study.protocol.study.notice)
    return figure


def _panel(axes: Axes, study: Study, numbers: Numbers, name: str, small: bool = False) -> None:
    design, arms = study.design(name), (study.protocol.arms.focal, study.protocol.arms.other)
    highest = 0
    for side, arm in zip((1, -1), arms, strict=True):
        in_arm = study.cohort.in_arm(arm) & ~np.isnan(design.propensity)
        kept = in_arm & design.include
        weight = design.weight[kept] * (kept.sum() / design.weight[kept].sum()) if design.sample.weighted else None
        counts = [np.histogram(design.propensity[in_arm], BINS)[0]]
        counts.append(np.histogram(design.propensity[kept], BINS, weights=weight)[0])
        highest = max(highest, int(np.ceil(max(c.max(initial=0) for c in counts))))
        _bars(axes, counts, side, ARM_COLOURS[numbers.arms.index(arm)])
    known = ~np.isnan(design.propensity)
    _preference(axes, float(study.cohort.in_arm(arms[0])[known].mean()), small)
    _frame(axes, numbers, arms, highest, name, small)


def _preference(axes: Axes, share: float, small: bool) -> None:
    """The preference score on an upper axis: the propensity score with the sizes of the arms taken out. share: of the focal arm
    among the patients with a score."""
    odds = share / (1 - share)
    low, high, *at = (f * odds / (1 - f + f * odds) for f in (*EQUIPOISE, *PREFERENCES))
    axes.axvspan(low, high, color=RULE, alpha=0.16, linewidth=0, zorder=0)
    top = bare(axes.twiny(), ())
    top.set_xlim(0, 1)
    top.set_xticks(at, [fmt.short(f) for f in PREFERENCES], color=SOFT)
    top.tick_params(color=SOFT)
    top.set_xlabel(
        _axis_label(small),
        color=SOFT,
        fontsize=TYPE_SIZE - 1,
    )


def _axis_label(small: bool) -> str:
    if small:
        return words("overlap_figure.preference")
    return words("overlap_figure.preference_equipoise", low=fmt.short(0.3), high=fmt.short(0.7))


def _bars(axes: Axes, counts: list[np.ndarray], side: int, colour: str) -> None:
    width = BINS[1] - BINS[0]
    left, outline = BINS[:-1] + width * 0.04, {"linewidth": 0.9, "edgecolor": colour}
    bars(axes, left, side * counts[0], width * 0.92, facecolor="white", **outline)
    bars(axes, left, side * counts[1], width * 0.92, facecolor=colour, alpha=0.85, **outline)


def _frame(axes: Axes, numbers: Numbers, arms: tuple[str, str], highest: int, name: str, small: bool) -> None:
    width = axes.get_figure().get_figwidth()
    room, type_size = axes.get_position().width * width, readable(TYPE_SIZE, width)
    said = [_said(numbers, name, arm, small, room, type_size) for arm in arms]
    reach = highest * (1.18 + MORE * max(label.count("\n") for label in said)) + 0.5
    axes.set_ylim(-reach, reach)
    axes.set_xlim(0, 1)
    axes.axhline(0, color=INK, linewidth=0.8)
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 10**5) if highest / s <= 4)
    ticks = list(range(-(highest // step) * step, highest + 1, step))
    axes.set_yticks(ticks, [f"{abs(t):,d}" for t in ticks])
    axes.set_ylabel(words("overlap_figure.patients"))
    _make_room(axes, f"{abs(ticks[0]):,d}")
    focal = fmt.lower_first(numbers.short_arm(arms[0]))
    axes.set_xlabel(along(words("overlap_figure.propensity", arm=NAMED), focal, room, type_size))
    if small:
        title = cut(numbers.design_label(name), room, type_size, bold=True)
        axes.set_title(title, fontsize=TYPE_SIZE, fontweight="bold", loc="left", pad=8)
    for y, va, arm, label in ((0.99, "top", arms[0], said[0]), (0.01, "bottom", arms[1], said[1])):
        colour = ARM_COLOURS[numbers.arms.index(arm)]
        size = TYPE_SIZE - 1 if small else TYPE_SIZE
        where = {"transform": axes.transAxes, "ha": "right", "va": va}
        axes.text(0.99, y, label, color=colour, fontweight="bold", fontsize=size, **where)


def _said(numbers: Numbers, name: str, arm: str, small: bool, room: float, points: float) -> str:
    """What stands in the half of an arm."""
    label = numbers.short_arm(arm)
    if small:
        return shortened(label, room, points, bold=True)
    return filled(words("overlap_figure.filled", arm=label, adjective=numbers.words(name).adjective), room, points, bold=True)


def along(said: str, name: str, room: float, points: float) -> str:
    """Words along an axis, of which the name alone is cut where they are longer than it. said: with a mark in its place."""
    spare = room - text_width(said.replace(NAMED, ""), points)
    return said.replace(NAMED, shortened(name, max(spare, LEAST_NAME), points))


def _make_room(axes: Axes, widest: str) -> None:
    """Room for the numbers of patients and their label left of the axes, where the margin is too narrow for them."""
    figure, place = axes.get_figure(), axes.get_position()
    margin = place.x0 % (1 / ACROSS) * figure.get_figwidth()
    lacking = (LABEL + text_width(widest, TYPE_SIZE) - margin) / figure.get_figwidth()
    if lacking > 0:
        axes.set_position((place.x0 + lacking, place.y0, place.width - lacking, place.height))
