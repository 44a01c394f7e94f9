"""Love plot: absolute standardized mean differences before and in each design, with the protocol's thresholds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from equipoise.records import Study
from equipoise.report.figures.canvas import INK, PAPER, SOFT, TYPE_SIZE, bare, new_figure, sign, style
from equipoise.report.lookup import Numbers
from equipoise.report.tables.baseline import apart, balanced_variables, before_what, in_score

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BEFORE, AFTER = "#E69F00", "#0072B2"
# The designs beside the primary one: colours of Okabe & Ito, and shapes, so that neither alone must tell them apart.
OTHERS = (("#D55E00", "s"), ("#009E73", "^"), ("#CC79A7", "D"), ("#56B4E9", "v"), (INK, "P"))
EDGE = 1.15  # where a difference without a number is written, as a multiple of the largest
DOT = {"marker": "o", "markersize": 6, "clip_on": False}


def love_plot(study: Study) -> Figure:
    """Variables from the largest difference before the design down; those of the propensity score in bold."""
    numbers = Numbers(study)
    found = _differences(numbers)
    largest = max([v for _, *sizes in found for v in sizes if not math.isnan(v)] + [numbers.protocol.balance_thresholds[1]])
    edge = EDGE * largest
    rows = sorted(found, key=lambda r: edge if math.isnan(r[1]) else r[1])
    foot = _foot(numbers)
    figure = new_figure(7.4, 1.25 + foot + 0.27 * len(rows))
    with style():
        axes = bare(figure.add_axes(_place(len(rows), foot)), keep=("bottom",))
        _lines(axes, numbers.protocol.balance_thresholds, len(rows))
        for y, (_, before, *others) in enumerate(rows):
            if any(math.isnan(v) for v in (before, *others)):
                axes.text(edge, y, "not estimable \u25b6", ha="right", va="center", fontsize=TYPE_SIZE - 1, color=INK)
            marks = [edge if math.isnan(v) else v for v in (before, *others)]
            axes.plot(marks, [y] * len(marks), color="#d1d5db", linewidth=1.2, zorder=1)
            if not math.isnan(before):
                axes.plot(before, y, markerfacecolor=PAPER, markeredgecolor=BEFORE, markeredgewidth=1.6, zorder=3, **DOT)
            for i, after in reversed([*enumerate(others)]):
                if not math.isnan(after):
                    colour, marker = _mark(i)
                    axes.plot(after, y, color=colour, zorder=5 - bool(i), **(DOT | {"marker": marker}))
        _names(axes, numbers, [r[0] for r in rows])
        _legend(figure, numbers)
        sign(figure, study.protocol.study.notice)
    return figure


def _mark(i: int) -> tuple[str, str]:
    """Colour and shape of the i-th design, the primary one first."""
    return (AFTER, "o") if i == 0 else OTHERS[(i - 1) % len(OTHERS)]


def _differences(numbers: Numbers) -> list[tuple]:
    """Variable, then its difference before and in each design."""
    found, designs = [], numbers.design_names
    for name in balanced_variables(numbers):
        sizes = [abs(numbers.value("baseline", "smd", design=d, variable=name)) for d in designs]
        if not any(math.isnan(v) and not apart(numbers, name, d) for v, d in zip(sizes, designs, strict=True)):
            found.append((name, *sizes))
    return found


def _foot(numbers: Numbers) -> float:
    """Inches that the legend needs below the name of the axis; two lines stand beside it."""
    entries = len(numbers.design_names)
    return 0.0 if entries <= 4 else 0.1 + 0.17 * -(-entries // _columns(entries))


def _columns(entries: int) -> int:
    """Of the legend."""
    return 1 if entries == 2 else 2 if entries <= 4 else 3


def _place(n: int, foot: float) -> tuple[float, float, float, float]:
    height = 1.25 + foot + 0.27 * n
    return 0.46, (0.72 + foot) / height, 0.51, (height - foot - 1.17) / height


def _lines(axes: Axes, thresholds: tuple[float, float], n: int) -> None:
    for limit, dash in zip(thresholds, ((4, 2), (1, 2)), strict=True):
        axes.axvline(limit, color=SOFT, linewidth=0.9, linestyle=(0, dash), zorder=0)
        axes.text(limit, n - 0.35, f"{limit:g}", ha="center", va="bottom", fontsize=TYPE_SIZE - 1.5, color=SOFT)
    axes.axvline(0, color=INK, linewidth=0.8)


def _names(axes: Axes, numbers: Numbers, names: list[str]) -> None:
    axes.set_yticks(range(len(names)), [_cut(numbers.covariate_label(n)) for n in names])
    axes.tick_params(axis="y", length=0)
    for label, name in zip(axes.get_yticklabels(), names, strict=True):
        label.set_fontweight("bold" if in_score(numbers, name) else "normal")
        label.set_fontsize(TYPE_SIZE - 0.8)
    axes.set_ylim(-0.6, len(names) - 0.4)
    axes.set_xlim(left=0)
    axes.grid(axis="y", color="#eef0f2", linewidth=0.8, zorder=0)
    axes.set_axisbelow(True)
    axes.set_xlabel("Absolute standardized mean difference", color=INK)


def _cut(label: str, most: int = 46) -> str:
    return label if len(label) <= most else label[: most - 1].rstrip() + "\u2026"


def _legend(figure: Figure, numbers: Numbers) -> None:
    from matplotlib.lines import Line2D

    shape = {"linestyle": "none", "markersize": 6}
    label = f"before {before_what(numbers, numbers.primary)}"
    marks = [
        Line2D([], [], marker="o", markerfacecolor=PAPER, markeredgecolor=BEFORE, markeredgewidth=1.6, label=label, **shape),
    ]
    for i, design in enumerate(numbers.design_names[1:]):
        colour, marker = _mark(i)
        marks.append(Line2D([], [], color=colour, marker=marker, label=f"after {numbers.process(design)}", **shape))
    figure.legend(
        handles=marks,
        loc="lower left",
        bbox_to_anchor=(0.02, 0.0),
        frameon=False,
        fontsize=TYPE_SIZE - 1,
        ncols=_columns(len(marks)),
    )
