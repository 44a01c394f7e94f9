"""The design at a glance: what is asked of each patient before, on and after the index date.

Schneeweiss S, Rassen JA, Brown JS, et al. Ann Intern Med 2019;170:398.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from equipoise.protocol.late_exclusions import late_exclusions
from equipoise.protocol.measures import Endpoint
from equipoise.protocol.spec import Protocol
from equipoise.report import format as fmt
from equipoise.report.figures.canvas import INK, RULE, SOFT, TYPE_SIZE, new_figure, style
from equipoise.report.windows import WINDOWS, used_windows

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, LABELS, TOP, FOOT, LEADING, PAD = 7.2, 2.1, 0.62, 0.34, 0.155, 0.1  # inches
AHEAD = 0.55  # of the width of the bars, for what follows the index date
COLOURS = {"who": "#dbe4f0", "covariates": "#dceee4", "late": "#f6e3cf", "follow_up": "#eceae6"}
IN_LABEL, IN_BAR = 28, 46  # characters of a line


@dataclass(frozen=True, slots=True)
class Bar:
    """A lane: what is assessed, from which day to which (None: until an event), in words, and its kind of COLOURS."""

    label: str
    days: tuple[int | None, int | None]
    words: str
    kind: str

    @property
    def lines(self) -> int:
        """Lines of the label, or of what stands in the bar with its days."""
        return max(len(textwrap.wrap(self.label, IN_LABEL)), 1 + len(_broken(self.words)))


def bars(protocol: Protocol) -> list[Bar]:
    """From the entry of a patient to the end of observation."""
    found = []
    n = sum(len(step.exclude) for step in protocol.eligibility.steps) - len(late_exclusions(protocol))
    if n:
        found.append(Bar("Eligibility", (None, 0), fmt.plural(n, "exclusion criterion", "exclusion criteria"), "who"))
    for name in used_windows(protocol) if protocol.data.tables is not None else ():
        window = getattr(protocol.windows, name)
        found.append(Bar(_sentence(WINDOWS[name]), (window.flagged_from or window.days[0], window.days[1]), "", "covariates"))
    if protocol.data.rows is not None:
        found.append(Bar("Baseline variables", (None, 0), "as recorded in the data", "covariates"))
    for late in late_exclusions(protocol).values():
        found.append(Bar("Late exclusion", (0, int(late.landmark_day)), fmt.lower_first(late.reason), "late"))
    return [*found, *(Bar(e.label, (0, None), _until(protocol, e), "follow_up") for e in protocol.main_endpoints.values())]


def _until(protocol: Protocol, endpoint: Endpoint) -> str:
    """What ends the observation for an endpoint."""
    if endpoint.time is not None:
        return "until the event or censoring that the data define"
    labels = [fmt.lower_first(_source(protocol, name)) for name in endpoint.events]
    last = [_source(protocol, name) for name in endpoint.censoring if name != "day_one"]
    censored = f"; else {fmt.lower_first(last[-1])}" if last else ""
    return f"until {fmt.listed(labels, 'or')}{censored}"


def _source(protocol: Protocol, name: str) -> str:
    known = protocol.sources.get(name)
    return known.label if known is not None and known.label else name.replace("_", " ")


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def alt(protocol: Protocol) -> str:
    """The figure in words."""
    said = "; ".join(f"{lane.label}, {', '.join(w for w in (_days(lane), lane.words) if w)}" for lane in bars(protocol))
    return f"Diagram of the design around the index date. {said}."


def design_diagram(protocol: Protocol) -> Figure:
    """A lane per assessment, day 0 as a line through all of them; days before it to scale."""
    lanes = bars(protocol)
    heights = [LEADING * lane.lines + 2 * PAD for lane in lanes]
    height = TOP + FOOT + sum(heights)
    earliest = min([first for lane in lanes if (first := lane.days[0]) is not None and first < 0], default=-1)
    figure = new_figure(WIDTH, height)
    with style():
        axes = figure.add_axes((LABELS / WIDTH, FOOT / height, 1 - (LABELS + 0.1) / WIDTH, sum(heights) / height))
        axes.set_axis_off()
        axes.set_ylim(sum(heights), 0)
        axes.set_xlim(0, 1)
        top = 0.0
        for lane, size in zip(lanes, heights, strict=True):
            _draw(axes, lane, top, size, earliest)
            top += size
        _day_zero(axes, protocol, sum(heights))
    return figure


def _x(day: int | None, earliest: int, default: float) -> float:
    """Place of a day: before the index date to scale, after it where the follow-up is drawn."""
    zero = 1 - AHEAD
    if day is None:
        return default
    return zero + min(day, 0) / -earliest * (zero - 0.02) if day <= 0 else zero + 0.16


def _draw(axes: Axes, lane: Bar, top: float, size: float, earliest: int) -> None:
    from matplotlib.patches import FancyArrow, Rectangle

    first, last = lane.days
    left = _x(first, earliest, 0.0)
    right = _x(last, earliest, 1.0) if lane.kind != "follow_up" else 1.0
    bar_top, bar = top + PAD / 2, size - PAD
    for line, words in enumerate(textwrap.wrap(lane.label, IN_LABEL)):
        axes.text(-0.015, top + PAD + LEADING * (line + 0.5), words, ha="right", va="center", fontsize=TYPE_SIZE - 0.5)
    if lane.kind == "follow_up":
        axes.add_patch(
            FancyArrow(left, bar_top + bar / 2, right - left, 0, width=bar, head_width=bar, head_length=0.03,
                       length_includes_head=True, facecolor=COLOURS[lane.kind], edgecolor=RULE, linewidth=0.6)
        )  # fmt: skip
    else:
        axes.add_patch(
            Rectangle((left, bar_top), max(right - left, 0.012), bar, facecolor=COLOURS[lane.kind], edgecolor=RULE, linewidth=0.6)
        )
    said = [_days(lane), *_broken(lane.words)]
    for line, words in enumerate(s for s in said if s):
        y = top + PAD + LEADING * (line + 0.5)
        outside = right - left < 0.3
        x = right + 0.012 if outside else left + 0.012
        axes.text(x, y, words, ha="left", va="center", fontsize=TYPE_SIZE - 1.5, color=INK if line else SOFT, zorder=3)


def _broken(words: str) -> list[str]:
    return textwrap.wrap(words, IN_BAR)


def _days(lane: Bar) -> str:
    first, last = lane.days
    if lane.kind == "follow_up":
        return "from day 0"
    if first is None:
        return "up to day 0"
    return f"days {fmt.number(first)} to {fmt.number(last or 0)}"


def _day_zero(axes: Axes, protocol: Protocol, bottom: float) -> None:
    zero = 1 - AHEAD
    axes.plot([zero, zero], [0, bottom], color=INK, linewidth=1.0, clip_on=False, zorder=2)
    label = protocol.index.label if protocol.index is not None and protocol.data.rows is None else "start of observation"
    lines = textwrap.wrap(f"Index date: {fmt.lower_first(label)}", 44)
    for line, words in enumerate(reversed(lines)):
        axes.text(zero, -0.08 - LEADING * (line + 1), words, ha="center", va="bottom", fontsize=TYPE_SIZE, fontweight="bold")
    axes.text(zero, -0.07, "day 0", ha="center", va="bottom", fontsize=TYPE_SIZE - 1.5, color=SOFT)
    axes.text(zero - 0.02, bottom + 0.12, "before", ha="right", va="center", fontsize=TYPE_SIZE - 1.5, color=SOFT)
    axes.text(zero + 0.02, bottom + 0.12, "after", ha="left", va="center", fontsize=TYPE_SIZE - 1.5, color=SOFT)
