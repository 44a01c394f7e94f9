"""Forest plots of the treatment's hazard ratio: in all patients and in the subgroups, and in every design."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from equipoise.records import Study
from equipoise.report import format as fmt
from equipoise.report.figures.canvas import INK, RULE, SOFT, TYPE_SIZE, bare, new_figure, sign, style
from equipoise.report.lookup import Numbers
from equipoise.report.tables.design import short_label
from equipoise.report.tables.subgroups import interaction_row, strata

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LINE = 0.25
WIDTH = 8.6
LEFT = -1.22
TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20)


@dataclass(frozen=True, slots=True)
class Line:
    """kind: head, effect or blank. value, low and high: a hazard ratio with its limits."""

    kind: str
    label: str = ""
    events: str = ""
    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    p: str = ""


def subgroup_forest(study: Study, name: str) -> Figure | None:
    """In the leading designs; None where no subgroup has a hazard ratio."""
    numbers = Numbers(study)
    return forest(numbers, _lines(numbers, name), numbers.protocol.subgroups[name].label, "events/n by arm")


def design_forest(study: Study) -> Figure | None:
    """The marginal hazard ratio in every design, the primary one first; None where there are fewer than three designs."""
    numbers = Numbers(study)
    if len(numbers.design_names) < 3:
        return None
    order = [numbers.primary, "unadjusted", *numbers.others]
    lines: list[Line] = []
    for endpoint, info in numbers.protocol.main_endpoints.items():
        effects = [_effect(numbers, endpoint, d, "all", _design_words(numbers, d), in_design=True) for d in order]
        known = [e for e in effects if e is not None]
        lines += [*([Line("blank")] if lines and known else []), *([Line("head", info.label), *known] if known else [])]
    return forest(numbers, lines, "", "n or effective n by arm")


def _design_words(numbers: Numbers, design: str) -> str:
    primary = ", primary" if design == numbers.primary else ""
    return f"{short_label(numbers, design)}{primary}"


def forest(numbers: Numbers, lines: list[Line], title: str, counted: str) -> Figure | None:
    """Lines from the top, each a hazard ratio with its limits. title, counted: heads of the columns left of the axis. None where
    no line holds a hazard ratio."""
    if not any(line.kind == "effect" for line in lines):
        return None
    height = 1.42 + LINE * len(lines)
    figure = new_figure(WIDTH, height)
    with style():
        place = (0.425, 0.72 / height, 0.34, LINE * len(lines) / height)
        axes = bare(figure.add_axes(place), keep=("bottom",))
        axes.set_ylim(len(lines) - 0.5, -0.5)
        _scale(axes, numbers, lines)
        for y, line in enumerate(lines):
            _draw(axes, y, line)
        _columns(axes, title, numbers.protocol.ci, counted)
        sign(figure, numbers.protocol.study.notice)
    return figure


def _lines(numbers: Numbers, name: str) -> list[Line]:
    lines: list[Line] = []
    for endpoint, info in numbers.protocol.main_endpoints.items():
        for design in numbers.leading:
            effects = [_effect(numbers, endpoint, design, "all", "All patients")]
            effects += [_effect(numbers, endpoint, design, s.population, s.level) for s in strata(numbers, name)]
            known = [e for e in effects if e is not None]
            if len(known) > 1:
                p = interaction_row(numbers, name, design, endpoint)
                words = f"P, interaction {fmt.p_value(p.value)}" if p is not None and not math.isnan(p.value) else ""
                title = f"{info.label}, {fmt.lower_first(numbers.design_label(design))}"
                lines += [Line("blank")] * bool(lines) + [Line("head", title, p=words), *known]
    return lines


def _effect(numbers: Numbers, endpoint: str, design: str, population: str, label: str, in_design: bool = False) -> Line | None:
    part = {"endpoint": endpoint, "design": design, "population": population}
    hr = numbers.row("survival", "hr", analysis="cox", contrast=numbers.contrast, **part)
    if hr is None:
        return None
    medians = [numbers.row("survival", "median", analysis="kaplan_meier", group=a, **part) for a in numbers.arms]
    events = ["" if m is None else f"{fmt.count(m.events)}/{fmt.count(m.n)}" for m in medians]
    if in_design:
        sizes = numbers.effective_n if numbers.weighted(design) else numbers.arm_n
        events = [fmt.number(sizes(design, a), 0) for a in numbers.arms]
    return Line("effect", label, "   ".join(events), hr.value, hr.low, hr.high)


def _scale(axes: Axes, numbers: Numbers, lines: list[Line]) -> None:
    """A log axis wide enough for every limit, inside 0.1 to 20."""
    ends = [v for line in lines for v in (line.low, line.high, line.value) if not math.isnan(v) and v > 0] or [1.0]
    low = max([t for t in TICKS if t <= min(ends)], default=TICKS[0])
    high = min([t for t in TICKS if t >= max(ends)], default=TICKS[-1])
    low, high = min(low, 0.5), max(high, 2)
    axes.set_xscale("log")
    axes.set_xlim(low * 0.93, high * 1.07)
    ticks = [t for t in TICKS if low <= t <= high]
    axes.set_xticks(ticks, [f"{t:g}" for t in ticks])
    axes.minorticks_off()
    axes.set_yticks([])
    axes.axvline(1, color=RULE, linewidth=0.9, zorder=0)
    axes.set_xlabel(f"Hazard ratio, {numbers.contrast_label} (log scale)")


def _draw(axes: Axes, y: int, line: Line) -> None:
    row = axes.get_yaxis_transform()
    if line.kind == "head":
        axes.text(LEFT, y, line.label, transform=row, ha="left", va="center", fontweight="bold", fontsize=TYPE_SIZE)
        axes.text(1.06, y, line.p, transform=row, ha="left", va="center", fontsize=TYPE_SIZE - 0.5, color=SOFT)
    if line.kind != "effect":
        return
    axes.text(LEFT + 0.04, y, _cut(line.label), transform=row, ha="left", va="center", fontsize=TYPE_SIZE - 0.5)
    axes.text(-0.06, y, line.events, transform=row, ha="right", va="center", fontsize=TYPE_SIZE - 0.5)
    axes.text(
        1.06,
        y,
        fmt.ratio_estimate(line.value, line.low, line.high),
        transform=row,
        ha="left",
        va="center",
        fontsize=TYPE_SIZE - 0.5,
    )
    if not math.isnan(line.value):
        axes.plot([line.low, line.high], [y, y], color=INK, linewidth=1.2, solid_capstyle="butt")
        axes.plot(line.value, y, "s", color=INK, markersize=5)


def _cut(label: str, most: int = 44) -> str:
    return label if len(label) <= most else label[: most - 1].rstrip() + "\u2026"


def _columns(axes: Axes, label: str, ci: str, counted: str) -> None:
    row = axes.get_yaxis_transform()
    style_ = {"transform": row, "va": "bottom", "fontsize": TYPE_SIZE - 0.5, "color": SOFT}
    axes.text(LEFT, -1.65, _cut(label, 80), ha="left", **style_)
    axes.text(-0.06, -0.75, counted, ha="right", **style_)
    axes.text(1.06, -0.75, f"HR ({ci})", ha="left", **style_)
