"""Specification curve: the hazard ratios of a multiverse in their order, and below what each specification chose.

Simonsohn U, Simmons JP, Nelson LD. Specification curve analysis. Nat Hum Behav 2020;4:1208-1214.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from equipoise.report import format as fmt
from equipoise.report.figures.canvas import ARM_COLOURS, INK, RULE, SOFT, TYPE_SIZE, bare, new_figure, sign, style
from equipoise.report.words import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, LEFT, RIGHT = 8.6, 2.15, 0.15  # inches
CURVE, GAP, LINE, FOOT = 2.7, 0.14, 0.165, 0.62
MANY = 150  # specifications from which dots are drawn as strokes
SMALL, PLAIN, PLANNED = ARM_COLOURS[1], SOFT, ARM_COLOURS[0]
TICKS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10, 20)


@dataclass(frozen=True, slots=True)
class Point:
    """A specification. chosen: the lines of the lower panel that it stands on."""

    hr: float
    low: float
    high: float
    small_p: bool
    planned: bool
    chosen: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A line of the lower panel; group: the choice, where a new one begins."""

    label: str
    group: str = ""


def specification_curve(points: Sequence[Point], choices: Sequence[Choice], said: str, notice: str = "") -> Figure | None:
    """points: in any order. words: of the axis of the hazard ratio. None where there is no hazard ratio."""
    ordered = sorted((p for p in points if not np.isnan(p.hr)), key=lambda p: p.hr)
    if not ordered:
        return None
    lines = [y for y, _ in _places(choices)]
    depth = LINE * (len(choices) + 0.5 * sum(bool(c.group) for c in choices) + 0.5)
    height = CURVE + GAP + depth + FOOT
    figure = new_figure(WIDTH, height)
    with style():
        across = (LEFT / WIDTH, (WIDTH - LEFT - RIGHT) / WIDTH)
        upper = bare(figure.add_axes((across[0], (FOOT + depth + GAP) / height, across[1], (CURVE - 0.3) / height)), ("left",))
        lower = bare(figure.add_axes((across[0], FOOT / height, across[1], depth / height)), ("bottom",))
        _curve(upper, ordered, said)
        _chosen(lower, ordered, choices, lines)
        sign(figure, notice)
    return figure


def _places(choices: Sequence[Choice]) -> list[tuple[float, Choice]]:
    """Lines from the top, half a line apart where a new choice begins."""
    y, found = 0.0, []
    for choice in choices:
        y += 1.5 if choice.group else 1.0
        found.append((y, choice))
    return found


def _curve(axes: Axes, points: list[Point], said: str) -> None:
    n = len(points)
    _frame(axes, n)
    axes.set_yscale("log")
    ends = [v for p in points for v in (p.low, p.high, p.hr) if np.isfinite(v) and v > 0]
    low, high = max(min(*ends, 0.8), TICKS[0]), min(max(*ends, 1.25), TICKS[-1])
    axes.set_ylim(low / 1.05, high * 1.05)
    ticks = [t for t in TICKS if low <= t <= high]
    axes.set_yticks(ticks, [fmt.short(t) for t in ticks])
    axes.minorticks_off()
    axes.set_xticks([])
    axes.axhline(1, color=RULE, linewidth=0.9, zorder=0)
    wide = 0.9 if n <= MANY else 0.5
    for small, colour in ((False, PLAIN), (True, SMALL)):
        at = [(x, p) for x, p in enumerate(points) if p.small_p == small]
        _strokes(axes, [(x, p.low, p.high) for x, p in at], colour, wide, 0.45)
        axes.plot([x for x, _ in at], [p.hr for _, p in at], ".", color=colour, markersize=4 if n <= MANY else 2, mew=0)
    for x, p in enumerate(points):
        if p.planned:
            axes.plot([x, x], [p.low, p.high], color=PLANNED, linewidth=1.6, zorder=4)
            axes.plot([x], [p.hr], "D", color=PLANNED, markersize=5, zorder=5, markeredgecolor="white", markeredgewidth=0.6)
            side = "left" if x < n / 2 else "right"
            axes.annotate(
                words("specification_curve.as_planned"), (x, min(p.high, high)),
                xytext=(4 if side == "left" else -4, 2), textcoords="offset points",
                ha=side, va="bottom", fontsize=TYPE_SIZE - 0.5, color=PLANNED, fontweight="bold", annotation_clip=False,
            )  # fmt: skip
    axes.set_ylabel(said)
    limit = fmt.p_limit(0.05)
    keys = (
        (PLAIN, words("specification_curve.p_least", limit=limit), 0.0),
        (SMALL, words("specification_curve.p_below", limit=limit), 0.24),
        (PLANNED, words("specification_curve.as_planned"), 0.42),
    )
    for colour, label, x in keys:
        axes.text(x, 1.07, f"\u25cf {label}", transform=axes.transAxes, fontsize=TYPE_SIZE - 0.5, color=colour, ha="left")


def _chosen(axes: Axes, points: list[Point], choices: Sequence[Choice], lines: list[float]) -> None:
    n = len(points)
    _frame(axes, n)
    axes.set_ylim(max(lines, default=1) + 1, 0.4)
    axes.set_yticks([])
    for y, choice in zip(lines, choices, strict=True):
        axes.axhline(y, color="#eceef1", linewidth=0.6, zorder=0)
        axes.text(-0.015, y, _cut(choice.label), transform=axes.get_yaxis_transform(), ha="right", va="center", fontsize=7.5)
        if choice.group:
            x = -(LEFT - 0.06) / (WIDTH - LEFT - RIGHT)
            axes.text(
                x, y, choice.group, transform=axes.get_yaxis_transform(), ha="left", va="center", fontsize=7.5, fontweight="bold"
            )
    for planned, colour in ((False, INK), (True, PLANNED)):
        at = [(x, lines[k]) for x, p in enumerate(points) if p.planned == planned for k in p.chosen]
        if n <= MANY or planned:
            size = 3.2 if not planned else 5
            axes.plot([x for x, _ in at], [y for _, y in at], "o", color=colour, markersize=size, mew=0, zorder=3 + planned)
        else:
            _strokes(axes, [(x, y - 0.32, y + 0.32) for x, y in at], colour, min(1.2, 400 / n), 0.8)
    axes.set_xlabel(words("specification_curve.axis", specifications=f"{n:,}"))
    step = 10 if n <= 50 else 50 if n <= 250 else 250 if n <= 1_500 else 1_000
    shown = [0, *(x for x in range(step - 1, n, step) if n - 1 - x > 0.06 * n), n - 1]
    axes.set_xticks(list(dict.fromkeys(shown)), [f"{x + 1:,}" for x in dict.fromkeys(shown)])


def _frame(axes: Axes, n: int) -> None:
    axes.set_xlim(-0.01 * n - 0.5, 1.01 * n - 0.5)


def _strokes(axes: Axes, strokes: list[tuple[float, float, float]], colour: str, width: float, alpha: float) -> None:
    """Upright strokes (x, from, to) as one path."""
    x = np.array([(s[0], s[0], np.nan) for s in strokes]).reshape(-1)
    y = np.array([(s[1], s[2], np.nan) for s in strokes]).reshape(-1)
    axes.plot(x, y, color=colour, linewidth=width, alpha=alpha, zorder=2)


def _cut(label: str, most: int = 24) -> str:
    return label if len(label) <= most else f"{label[: most - 1]}\u2026"
