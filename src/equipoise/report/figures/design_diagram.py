"""The design at a glance: what is asked of each patient before, on and after the index date.

Schneeweiss S, Rassen JA, Brown JS, et al. Ann Intern Med 2019;170:398.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from equipoise.protocol.late_exclusions import late_exclusions
from equipoise.protocol.measures import Endpoint
from equipoise.protocol.spec import Protocol
from equipoise.report import format as fmt
from equipoise.report.figures.breaking import broken
from equipoise.report.figures.canvas import INK, RULE, SOFT, TYPE_SIZE, new_figure, style
from equipoise.report.figures.finish import laid_out, readable
from equipoise.report.made import spoken
from equipoise.report.narrative.omop import omop_lanes, omop_start, omop_until
from equipoise.report.windows import used_windows, window_words
from equipoise.report.words import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

USUAL, LEAST, LABELS, TOP, FOOT, LEADING, PAD = 7.2, 7.1, 2.1, 0.62, 0.34, 0.155, 0.1  # inches
AHEAD = 0.55  # of the width of the bars, for what follows the index date
COLOURS = {"who": "#dbe4f0", "covariates": "#dceee4", "late": "#f6e3cf", "follow_up": "#eceae6"}
NARROWEST = 0.012  # of the width, the bar of one day
LABEL, SMALL, BESIDE = TYPE_SIZE - 0.5, TYPE_SIZE - 1.5, 0.08  # points; inches


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
        return max(len(_label(self.label)), 1 + len(_broken(self.words)))


def bars(protocol: Protocol) -> list[Bar]:
    """From the entry of a patient to the end of observation."""
    found = []
    n = sum(len(step.exclude) for step in protocol.eligibility.steps) - len(late_exclusions(protocol))
    if n:
        found.append(Bar(words("design_diagram.eligibility"), (None, 0), words("counts.exclusion_criterion", count=n), "who"))
    for name in used_windows(protocol) if protocol.data.tables is not None else ():
        window = getattr(protocol.windows, name)
        found.append(
            Bar(_sentence(window_words(name)), (window.flagged_from or window.days[0], window.days[1]), "", "covariates")
        )
    if protocol.omop is not None:
        found += [Bar(*lane) for lane in omop_lanes(protocol)]
    elif protocol.data.rows is not None:
        found.append(Bar(words("design_diagram.baseline"), (None, 0), words("design_diagram.as_recorded"), "covariates"))
    for late in late_exclusions(protocol).values():
        found.append(
            Bar(words("design_diagram.late_exclusion"), (0, int(late.landmark_day)), fmt.lower_first(late.reason), "late")
        )
    for endpoint in protocol.main_endpoints.values():
        found.append(Bar(endpoint.label, (omop_start(protocol, endpoint), None), _until(protocol, endpoint), "follow_up"))
    return found


def _until(protocol: Protocol, endpoint: Endpoint) -> str:
    """What ends the observation for an endpoint."""
    if (recorded := omop_until(protocol, endpoint)) is not None:
        return recorded
    if endpoint.time is not None:
        return words("design_diagram.until_data")
    labels = [fmt.lower_first(_source(protocol, name)) for name in endpoint.events]
    last = [_source(protocol, name) for name in endpoint.censoring if name != "day_one"]
    if not last:
        return words("design_diagram.until", events=fmt.either(labels))
    return words("design_diagram.until_or_else", events=fmt.either(labels), censored=fmt.lower_first(last[-1]))


def _source(protocol: Protocol, name: str) -> str:
    known = protocol.sources.get(name)
    return known.label if known is not None and known.label else spoken(name.replace("_", " "))


def _sentence(said: str) -> str:
    return said[:1].upper() + said[1:]


def alt(protocol: Protocol) -> str:
    """The figure in words."""
    said = "; ".join(f"{lane.label}, {', '.join(w for w in (_days(lane), lane.words) if w)}" for lane in bars(protocol))
    return words("design_diagram.alt", lanes=said)


def design_diagram(protocol: Protocol) -> Figure:
    """A lane per assessment, day 0 as a line through all of them; days before it to scale."""
    lanes = bars(protocol)
    heights = [LEADING * lane.lines + 2 * PAD for lane in lanes]
    height = TOP + FOOT + sum(heights)
    earliest = min([first for lane in lanes if (first := lane.days[0]) is not None and first < 0], default=-1)
    figure = new_figure(_width(), height)
    with style():
        axes = figure.add_axes((LABELS / _width(), FOOT / height, 1 - (LABELS + 0.1) / _width(), sum(heights) / height))
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
    left = _x(first if lane.kind != "follow_up" else 0, earliest, 0.0)
    right = max(_x(last, earliest, 1.0), left + NARROWEST) if lane.kind != "follow_up" else 1.0
    bar_top, bar = top + PAD / 2, size - PAD
    for line, told in enumerate(_label(lane.label)):
        axes.text(-0.015, top + PAD + LEADING * (line + 0.5), told, ha="right", va="center", fontsize=LABEL)
    if lane.kind == "follow_up":
        axes.add_patch(
            FancyArrow(left, bar_top + bar / 2, right - left, 0, width=bar, head_width=bar, head_length=0.03,
                       length_includes_head=True, facecolor=COLOURS[lane.kind], edgecolor=RULE, linewidth=0.6)
        )  # fmt: skip
    else:
        axes.add_patch(Rectangle((left, bar_top), right - left, bar, facecolor=COLOURS[lane.kind], edgecolor=RULE, linewidth=0.6))
    said = [_days(lane), *_broken(lane.words)]
    for line, told in enumerate(s for s in said if s):
        y = top + PAD + LEADING * (line + 0.5)
        outside = right - left < 0.3
        x = right + 0.012 if outside else left + 0.012
        axes.text(x, y, told, ha="left", va="center", fontsize=SMALL, color=INK if line else SOFT, zorder=3)


def _broken(said: str) -> list[str]:
    return broken(said, AHEAD * (_width() - LABELS - 0.1) - BESIDE, readable(SMALL, _width())) if said else []


def _label(said: str) -> list[str]:
    return broken(said, LABELS - 2 * BESIDE, readable(LABEL, _width()))


def _width() -> float:
    return laid_out(USUAL, LEAST)


def _days(lane: Bar) -> str:
    first, last = lane.days
    if lane.kind == "follow_up":
        return words("design_diagram.from", day=fmt.number(first or 0))
    if first is None:
        return words("design_diagram.to_zero")
    if first == last:
        return words("design_diagram.on", day=fmt.number(first))
    return words("design_diagram.days", first=fmt.number(first), last=fmt.number(last or 0))


def _day_zero(axes: Axes, protocol: Protocol, bottom: float) -> None:
    zero = 1 - AHEAD
    axes.plot([zero, zero], [0, bottom], color=INK, linewidth=1.0, clip_on=False, zorder=2)
    label = words("design_diagram.start") if protocol.time_zero is None else protocol.time_zero
    wide = _width() - LABELS - 0.1
    room = 2 * min(zero * wide + LABELS, (1 - zero) * wide)
    lines = broken(
        words("design_diagram.index_date", label=fmt.lower_first(label)), room, readable(TYPE_SIZE, _width()), bold=True
    )
    for line, said in enumerate(reversed(lines)):
        axes.text(zero, -0.08 - LEADING * (line + 1), said, ha="center", va="bottom", fontsize=TYPE_SIZE, fontweight="bold")
    axes.text(zero, -0.07, words("design_diagram.zero"), ha="center", va="bottom", fontsize=SMALL, color=SOFT)
    axes.text(zero - 0.02, bottom + 0.12, words("design_diagram.before"), ha="right", va="center", fontsize=SMALL, color=SOFT)
    axes.text(zero + 0.02, bottom + 0.12, words("design_diagram.after"), ha="left", va="center", fontsize=SMALL, color=SOFT)
