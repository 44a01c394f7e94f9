"""The graphical abstract: who was studied, the arms, two curves and three numbers, at the width of a page of a journal."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from equipoise.records import Row, Study
from equipoise.report import format as fmt
from equipoise.report.figures.at_risk import ticks_within
from equipoise.report.figures.breaking import fitted
from equipoise.report.figures.canvas import ARM_COLOURS, DASHES, INK, RULE, SOFT, bare, new_figure, sign, style
from equipoise.report.figures.fonts import text_width
from equipoise.report.figures.kaplan_meier import Panel, panel, time_end
from equipoise.report.lookup import Numbers
from equipoise.report.tables.response import criteria
from equipoise.report.words import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAGE_WIDE = 174  # mm on paper in every theme
# Inches
WIDTH, HEIGHT = 6.85, 3.62
EDGE, TOP, FOOT = 0.14, 0.8, 0.3
FLOW, CARDS, GAP = 1.62, 1.5, 0.2
TITLE, TEXT, SMALL, BIG = 10.5, 7.5, 6.5, 15.0  # points
MOST_PANELS, MOST_CARDS, MOST_LINES, MOST_TICKS = 2, 3, 3, 5
BAND = "#f3f5f8"


@dataclass(frozen=True, slots=True)
class Card:
    """A number with its name, or one for each arm. lines: (text, arm); an arm is '' where the number is of all of them."""

    name: str
    lines: tuple[tuple[str, str], ...]
    under: str = ""


def graphical_abstract(study: Study) -> Figure:
    """Every number is that of a row, in the words of the other pages."""
    numbers = Numbers(study)
    figure = new_figure(WIDTH, HEIGHT)
    with style():
        page = figure.add_axes((0, 0, 1, 1))
        page.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0))
        page.axis("off")
        _title(page, numbers)
        _flow(page, numbers)
        _curves(figure, page, numbers)
        _cards(page, numbers)
        sign(figure, study.protocol.study.notice)
    return figure


def _title(page: Axes, numbers: Numbers) -> None:
    info = numbers.protocol.study
    page.fill([0, WIDTH, WIDTH, 0], [0, 0, TOP - 0.14, TOP - 0.14], color=BAND, linewidth=0)
    lines = fitted(info.title, WIDTH - 2 * EDGE, TITLE, 2, bold=True)
    below = fitted(fmt.upper_first(info.population), WIDTH - 2 * EDGE, TEXT, 1)
    y = 0.11 if len(lines) > 1 else 0.2
    for line in lines:
        page.text(EDGE, y, line, fontsize=TITLE, fontweight="bold", va="top")
        y += 0.175
    page.text(EDGE, y + 0.02, below[0], fontsize=TEXT, color=SOFT, va="top")


def _flow(page: Axes, numbers: Numbers) -> None:
    """Those assessed and analyzed, the arms, and what the primary design makes of them."""
    cohort, y = numbers.study.cohort, TOP + 0.02
    start = cohort.n_start if cohort.attrition else cohort.n
    middle = EDGE + FLOW / 2
    if start != cohort.n:
        y = _counted(page, y, fmt.count(start), words("graphical_abstract.assessed"))
        page.text(middle + 0.1, y + 0.1, words("graphical_abstract.left_out", n=fmt.count(start - cohort.n)),
                  fontsize=SMALL, color=SOFT, va="center")  # fmt: skip
        y = _arrow(page, y, 0.2)
    y = _counted(page, y, fmt.count(cohort.n), words("graphical_abstract.analyzed"))
    y = _arrow(page, y, 0.14)
    for i, arm in enumerate(numbers.arms):
        y = _arm(page, y, ARM_COLOURS[i], numbers.arm_label(arm), fmt.count(numbers.arm_n("unadjusted", arm)))
    if numbers.primary:
        y = _arrow(page, y, 0.14)
        _designed(page, y, numbers)


def _counted(page: Axes, y: float, n: str, said: str) -> float:
    page.text(EDGE + FLOW / 2, y + 0.12, n, fontsize=TITLE + 1, fontweight="bold", ha="center", va="center")
    page.text(EDGE + FLOW / 2, y + 0.29, said, fontsize=SMALL + 0.5, color=SOFT, ha="center", va="center")
    return y + 0.38


def _arrow(page: Axes, y: float, length: float) -> float:
    look = {"arrowstyle": "-|>", "color": RULE, "linewidth": 0.9, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 7}
    page.annotate("", (EDGE + FLOW / 2, y + length), (EDGE + FLOW / 2, y + 0.01), arrowprops=look)
    return y + length + 0.04


def _arm(page: Axes, y: float, colour: str, label: str, n: str) -> float:
    high = 0.215
    page.fill([EDGE, EDGE + FLOW, EDGE + FLOW, EDGE], [y, y, y + high, y + high], color=colour, alpha=0.13, linewidth=0)
    page.fill([EDGE, EDGE + 0.045, EDGE + 0.045, EDGE], [y, y, y + high, y + high], color=colour, linewidth=0)
    room = FLOW - 0.25 - text_width(n, TEXT, bold=True)
    page.text(EDGE + 0.1, y + high / 2, fitted(label, room, TEXT, 1)[0], fontsize=TEXT, va="center")
    page.text(EDGE + FLOW - 0.06, y + high / 2, n, fontsize=TEXT, fontweight="bold", ha="right", va="center")
    return y + high + 0.045


def _designed(page: Axes, y: float, numbers: Numbers) -> None:
    pairs = numbers.row("design", "value", design=numbers.primary, variable="pairs")
    if pairs is not None:
        _counted(page, y, fmt.count(pairs.value), words("graphical_abstract.pairs"))
        return
    weighted = numbers.weighted(numbers.primary)
    sizes = numbers.effective_n if weighted else numbers.arm_n
    shown = " + ".join(fmt.number(sizes(numbers.primary, a), 1 if weighted else 0) for a in numbers.arms)
    said = words("graphical_abstract.effective") if weighted else words("graphical_abstract.analyzed")
    _counted(page, y, shown, said)


def _curves(figure: Figure, page: Axes, numbers: Numbers) -> None:
    design = numbers.primary or "unadjusted"
    found = [p for e in numbers.protocol.main_endpoints if (p := panel(numbers, e, design)) is not None][:MOST_PANELS]
    left = EDGE + FLOW + GAP
    each = (WIDTH - EDGE - CARDS - GAP - left) / max(len(found), 1)
    for i, one in enumerate(found):
        x, wide = left + i * each + 0.34, each - 0.46
        place = (x / WIDTH, (FOOT + 0.42) / HEIGHT, wide / WIDTH, (HEIGHT - TOP - FOOT - 0.72) / HEIGHT)
        _panel(numbers, bare(figure.add_axes(place)), one, wide)
    if found and not numbers.single:
        cohort = numbers.design_label(design)
        said = words("graphical_abstract.cohort", cohort=cohort, contrast=numbers.contrast_label)
        line = fitted(said, WIDTH - left - 0.12 - EDGE, SMALL, 1)[0]
        page.text(left + 0.12, HEIGHT - FOOT + 0.06, line, fontsize=SMALL, color=SOFT, va="center")


def _panel(numbers: Numbers, axes: Axes, one: Panel, wide: float) -> None:
    scale, unit = numbers.protocol.days_per_unit, numbers.protocol.time_unit
    longest = max(float(c.fit.time[-1]) for _, c in one.curves) / scale
    ticks = ticks_within(numbers, one.endpoint, longest)
    order = {arm: i for i, arm in enumerate(numbers.arms)}
    for arm, curve in one.curves:
        time = np.append(0.0, curve.fit.time / scale)
        survival = np.append(1.0, curve.fit.survival)
        look = {"color": ARM_COLOURS[order[arm]], "linestyle": DASHES[order[arm] % len(DASHES)], "linewidth": 1.5}
        axes.plot(time, survival, drawstyle="steps-post", **look)
    few = _few(ticks, wide)
    axes.set(xlim=(0, time_end(longest, ticks)), ylim=(0, 1.02))
    axes.set_xticks(few, [fmt.number(t, 0 if t == int(t) else 1) for t in few])
    axes.set_yticks([0, 0.5, 1], ["0", "50", "100"])
    axes.tick_params(labelsize=SMALL, length=2.5)
    axes.set_xlabel(unit.capitalize(), fontsize=SMALL, labelpad=1)
    info = numbers.protocol.endpoints[one.endpoint]
    named = [words("graphical_abstract.curves", endpoint=name) for name in (info.label, info.short)]
    fits = (name for name in named if text_width(name, TEXT, bold=True) <= wide + 0.3)
    title = next(fits, fitted(named[1], wide, TEXT, 1, bold=True)[0])
    axes.set_title(title, loc="left", fontsize=TEXT, fontweight="bold", pad=5, x=-0.22 / wide)


def _few(ticks: list[float], wide: float) -> list[float]:
    """At most five ticks, whose words do not touch. wide: of the axis, inches."""
    room = max(text_width(fmt.number(t, 0 if t == int(t) else 1), SMALL) for t in ticks) + 0.06
    step = max(math.ceil(len(ticks) / MOST_TICKS), math.ceil(room * (len(ticks) - 1) / wide) if len(ticks) > 1 else 1)
    return ticks[::step]


def cards(numbers: Numbers) -> list[Card]:
    """The three numbers: hazard ratios first, then response, medians and survival at a fixed time."""
    endpoints = list(numbers.protocol.main_endpoints)
    found = [] if numbers.single else _ratios(numbers, endpoints)
    more = [*(_response(numbers) if len(numbers.arms) <= MOST_LINES else [])]
    if len(numbers.arms) <= MOST_LINES:
        more += [c for e in endpoints if (c := _median(numbers, e)) is not None]
        more += [c for e in endpoints if (c := _landmark(numbers, e)) is not None]
        more += [c for e in endpoints if (c := _events(numbers, e)) is not None]
    return [*found, *more][:MOST_CARDS]


def _ratios(numbers: Numbers, endpoints: list[str]) -> list[Card]:
    """Of two arms in two endpoints; of several each against the reference in the first endpoint."""
    design, found = numbers.primary or "unadjusted", []
    for endpoint in endpoints[:1] if numbers.several else endpoints[:2]:
        short = numbers.protocol.endpoints[endpoint].short
        for arm, contrast in numbers.contrasts.items():
            row = numbers.row("survival", "hr", analysis="cox", design=design, endpoint=endpoint, contrast=contrast)
            if row is None:
                continue
            key = "graphical_abstract.of_arm" if numbers.several else "graphical_abstract.ratio"
            more = {"arm": numbers.arm_label(arm)} if numbers.several else {}
            found.append(_ratio(numbers, words(key, endpoint=short, **more), row))
    return found


def _ratio(numbers: Numbers, name: str, row: Row) -> Card:
    estimate = fmt.ratio_estimate(row.value, row.low, row.high)
    value, _, limits = estimate.partition(" (")
    return Card(name, ((value, ""),), f"{fmt.before_limits(numbers.protocol.ci)} {limits.removesuffix(')')}" if limits else "")


def _response(numbers: Numbers) -> list[Card]:
    used = criteria(numbers)
    if not used:
        return []
    design = numbers.primary or "unadjusted"
    rows = [numbers.row("response", "percent", analysis="orr", endpoint=used[0], design=design, group=a) for a in numbers.arms]
    name = words("graphical_abstract.response_by", criterion=used[0]) if len(used) > 1 else words("graphical_abstract.response")
    shown = tuple((f"{fmt.percentage(r.value)}%", r.group) for r in rows if r is not None)
    return [Card(name, shown)] if shown else []


def _median(numbers: Numbers, endpoint: str) -> Card | None:
    design, protocol = numbers.primary or "unadjusted", numbers.protocol
    lines = []
    for arm in numbers.arms:
        row = numbers.row("survival", "median", analysis="kaplan_meier", design=design, endpoint=endpoint, group=arm)
        if row is not None:
            lines.append((fmt.time_estimate(row.value, row.low, row.high, protocol.days_per_unit, protocol.time_unit), arm))
    name = words("graphical_abstract.median", endpoint=protocol.endpoints[endpoint].short, unit=protocol.time_unit)
    return Card(name, tuple(lines)) if lines else None


def _events(numbers: Numbers, endpoint: str) -> Card | None:
    """Patients with the event, of those there are."""
    part = {"analysis": "kaplan_meier", "design": numbers.primary or "unadjusted", "endpoint": endpoint}
    rows = [numbers.row("survival", "median", group=a, **part) for a in numbers.arms]
    lines = tuple((f"{fmt.count(r.events)}/{fmt.count(r.n)}", r.group) for r in rows if r is not None)
    name = words("graphical_abstract.events", endpoint=numbers.protocol.endpoints[endpoint].short)
    return Card(name, lines) if lines else None


def _landmark(numbers: Numbers, endpoint: str) -> Card | None:
    """Survival at the last landmark that every arm reaches."""
    design = numbers.primary or "unadjusted"
    part = {"analysis": "kaplan_meier", "design": design, "endpoint": endpoint}
    for time in reversed(numbers.protocol.landmark_days):
        rows = [numbers.row("survival", "survival", level=time, group=a, **part) for a in numbers.arms]
        if all(r is not None and math.isfinite(r.value) for r in rows):
            lines = tuple((fmt.estimate(100 * r.value, 100 * r.low, 100 * r.high, 1), r.group) for r in rows if r)
            short = numbers.protocol.endpoints[endpoint].short
            return Card(words("graphical_abstract.survival", endpoint=short, time=fmt.lasting(time)), lines)
    return None


def _cards(page: Axes, numbers: Numbers) -> None:
    left, room = WIDTH - EDGE - CARDS, CARDS - 0.16
    each = (HEIGHT - TOP - FOOT + 0.04) / MOST_CARDS
    for i, card in enumerate(cards(numbers)):
        y, high = TOP + i * each, each - 0.09
        page.fill([left, left + CARDS, left + CARDS, left], [y, y, y + high, y + high], color=BAND, linewidth=0)
        name = fitted(card.name, room, TEXT - 0.3, 1, bold=True)[0]
        page.text(left + 0.08, y + 0.13, name, fontsize=TEXT - 0.3, fontweight="bold", va="center")
        if not card.lines[0][1]:
            _large(page, left + 0.08, y + 0.4, card.lines[0][0], room, BIG)
            page.text(left + 0.08, y + high - 0.12, card.under, fontsize=SMALL + 0.3, color=SOFT, va="center")
            continue
        step = (high - 0.24) / len(card.lines)
        for k, (line, arm) in enumerate(card.lines):
            _of_arm(page, numbers, (left + 0.08, y + 0.24 + step * (k + 0.48)), line, arm, room)


def _of_arm(page: Axes, numbers: Numbers, at: tuple[float, float], line: str, arm: str, room: float) -> None:
    """The number in the colour of its arm, and the arm's name where there is room for it."""
    size, colour = 11.0, ARM_COLOURS[numbers.arms.index(arm)]
    _large(page, *at, line, room, size, colour)
    taken = text_width(line, size, bold=True) + 0.08
    if room - taken > 0.4:
        label = fitted(numbers.arm_label(arm), room - taken, SMALL + 0.3, 1)[0]
        page.text(at[0] + taken, at[1], label, fontsize=SMALL + 0.3, color=SOFT, va="center")


def _large(page: Axes, x: float, y: float, line: str, room: float, size: float, colour: str = INK) -> None:
    """As large as its room allows."""
    shown = min(size, size * room / max(text_width(line, size, bold=True), 1e-6))
    page.text(x, y, line, fontsize=max(shown, SMALL), fontweight="bold", color=colour, va="center")


__all__ = ["PAGE_WIDE", "Card", "cards", "graphical_abstract"]
