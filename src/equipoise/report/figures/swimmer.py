"""Swimmer: a lane per patient from the index date to the end of observation, with treatment, response, progression, death."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from equipoise.records import Study
from equipoise.records.ticks import time_ticks
from equipoise.report import format as fmt
from equipoise.report.bound import traced
from equipoise.report.figures.bars import boxes
from equipoise.report.figures.canvas import ARM_COLOURS, INK, NOTICE, PAPER, TYPE_SIZE, bare, new_figure, sign, style
from equipoise.report.figures.finish import laid_out
from equipoise.report.figures.kaplan_meier import time_end
from equipoise.report.figures.spider import TITLE, named
from equipoise.report.figures.thinned import LANES, evenly, of_all
from equipoise.report.lookup import Numbers
from equipoise.report.words import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

USUAL, LEAST, FOOT, TOP, TALLEST = 7.4, 7.0, 1.0, 0.4, 8.3
LANE = 0.16


@traced
def swimmer(study: Study) -> Figure | None:
    """All patients, or the responders alone where there are more than LANES; of more responders some of each arm."""
    numbers = Numbers(study)
    response, detail = study.protocol.response, study.outcomes.response_detail
    if response is None or detail is None:
        return None
    course = detail.course[response.criteria[0]]
    shown = _shown(course)
    if not shown.any():
        return None
    counts = {a: int((shown & study.cohort.in_arm(a)).sum()) for a in numbers.arms}
    share = min(1.0, LANES / sum(counts.values()))
    lanes = {a: evenly(_order(course, shown & study.cohort.in_arm(a)), max(1, int(share * n))) for a, n in counts.items()}
    most = max(len(x) for x in lanes.values())
    body = min(TALLEST, LANE * most + 0.3)
    figure = new_figure(laid_out(USUAL, LEAST), body + FOOT + TOP)
    longest = float(np.nanmax(course["last_day"][shown])) / study.protocol.days_per_unit
    ticks = time_ticks(longest, study.protocol.time_unit)
    with style():
        for j, (arm, order) in enumerate(lanes.items()):
            wide = 0.94 if numbers.single else 0.45
            place = (0.04 + 0.49 * j, FOOT / (body + FOOT + TOP), wide, body / (body + FOOT + TOP))
            axes = bare(figure.add_axes(place), keep=("bottom",))
            _draw(axes, course, order, ARM_COLOURS[j], study.protocol.days_per_unit)
            axes.set_ylim(most - 0.3, -0.7)
            axes.set_xlim(0, time_end(longest, ticks))
            axes.set_xticks(ticks, [fmt.number(t, 0 if t == int(t) else 1) for t in ticks])
            axes.set_yticks([])
            axes.set_xlabel(words("figures.time", unit=study.protocol.time_unit))
            title = named("", numbers.short_arm(arm), of_all(len(order), counts[arm]), axes)
            axes.set_title(title, loc="left", fontsize=TITLE, fontweight="bold", color=ARM_COLOURS[j], pad=5)
        _legend(figure)
        sign(figure, study.protocol.study.notice)
    return figure


def thinned(study: Study) -> str:
    """Which patients have a lane: '' all, `responders`, or `some` of those."""
    response, detail = study.protocol.response, study.outcomes.response_detail
    if response is None or detail is None:
        return ""
    course = detail.course[response.criteria[0]]
    if (~np.isnan(course["last_day"])).sum() <= LANES:
        return ""
    return "some" if _shown(course).sum() > LANES else "responders"


def _shown(course: dict[str, np.ndarray]) -> np.ndarray:
    shown = ~np.isnan(course["last_day"])
    return shown & ~np.isnan(course["response_day"]) if shown.sum() > LANES else shown


def _order(course: dict[str, np.ndarray], mask: np.ndarray) -> np.ndarray:
    """Longest observation first."""
    index = np.flatnonzero(mask)
    return index[np.argsort(-course["last_day"][index], kind="stable")]


def _draw(axes: Axes, course: dict[str, np.ndarray], order: np.ndarray, colour: str, days: float) -> None:
    y = np.arange(len(order))
    part = {name: course[name][order] / days for name in ("last_day", "last_dose_day", "response_day", "pd_day", "death_day")}
    begun, lane = np.zeros(len(order)), (y - 0.31, y + 0.31)
    boxes(axes, (begun, part["last_day"]), lane, facecolors=colour, alpha=0.22, linewidths=0)
    dosed = np.minimum(np.nan_to_num(part["last_dose_day"]), part["last_day"])
    boxes(axes, (begun, np.maximum(dosed, 0)), lane, facecolors=colour, alpha=0.8, linewidths=0)
    edge = {"linestyle": "none", "clip_on": False, "zorder": 4}
    hollow = {"markerfacecolor": PAPER, "markeredgecolor": INK, "markeredgewidth": 0.8}
    axes.plot(part["response_day"], y, marker="^", markersize=4.6, **hollow, **edge)
    axes.plot(part["pd_day"], y, marker="|", markersize=5, markeredgecolor=INK, markeredgewidth=1.4, **edge)
    axes.plot(part["death_day"], y, marker="o", markersize=3, color=INK, markeredgewidth=0, **edge)
    alive = np.isnan(part["death_day"])
    axes.plot(part["last_day"][alive], y[alive], marker=">", markersize=3.4, color=colour, markeredgewidth=0, **edge)


def _legend(figure: Figure) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    plain = {"linestyle": "none", "color": INK}
    marks = [
        Patch(color=INK, alpha=0.75, label=words("response_figures.on_treatment")),
        Patch(color=INK, alpha=0.22, label=words("response_figures.observed")),
        Line2D([], [], marker="^", markerfacecolor=PAPER, markersize=5, label=words("response_figures.response"), **plain),
        Line2D([], [], marker="|", markersize=6, markeredgewidth=1.4, label=words("response_figures.progression"), **plain),
        Line2D([], [], marker="o", markersize=3.5, label=words("response_figures.death"), **plain),
        Line2D([], [], marker=">", markersize=4, label=words("response_figures.alive"), **plain),
    ]
    foot = NOTICE / figure.get_figheight()
    figure.legend(handles=marks, loc="lower left", bbox_to_anchor=(0.03, foot), ncols=6, frameon=False, fontsize=TYPE_SIZE - 1,
                  handletextpad=0.4, columnspacing=1.1)  # fmt: skip
