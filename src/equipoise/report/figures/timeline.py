"""One patient on one time axis: target sum with the response at each scan, doses and later therapy, adverse events, labs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from equipoise.records import PatientTimeline
from equipoise.report.figures.canvas import ARM_COLOURS, INK, RULE, SOFT, TYPE_SIZE, bare, new_figure, style
from equipoise.report.words import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, LEFT, RIGHT = 9.0, 1.75, 1.15
SUMS, LANE, LAB, GAP, FLAG, FOOT = 1.75, 0.2, 0.27, 0.34, 0.14, 0.5
CHARACTER = 0.085  # inches, at most
TERMS, ANALYTES = 14, 10
GRADES = ("#fde7c8", "#fbc57f", "#f08a3c", "#c8431b", "#5c0a0a")
Rows = list[dict[str, Any]]


def patient_figure(one: PatientTimeline) -> Figure:
    """Panels that the patient has rows for, from top to bottom, over the same days."""
    terms = list(dict.fromkeys(e["ctcae_term"] for e in one.adverse_events))[:TERMS]
    labs = _analytes(one)
    lanes = len(one.doses[:1]) + len(one.therapies[:1])
    sizes = [SUMS if one.scans else 0, LANE * 1.6 * lanes, LANE * len(terms), LAB * len(labs)]
    flags = _flags(one)
    top = FLAG * (1 + max((lane for lane, _, _ in flags), default=0)) + 0.05
    height = top + FOOT + sum(s + GAP for s in sizes if s)
    figure = new_figure(WIDTH, height)
    first, last = _span(one)
    with style():
        y = height - top
        shown: list[Axes] = []
        for size, draw in zip(sizes, (_sums, _doses, _events, _labs), strict=True):
            if not size:
                continue
            y -= size
            axes = bare(figure.add_axes((LEFT / WIDTH, y / height, 1 - (LEFT + RIGHT) / WIDTH, size / height)), keep=("bottom",))
            axes.set_xlim(first, last)
            axes.axvline(0, color=RULE, linewidth=0.8, zorder=0)
            draw(axes, one, terms, labs)
            axes.tick_params(labelbottom=False)
            shown.append(axes)
            y -= GAP
        for axes in shown:
            for e in one.endpoints:
                axes.axvline(e["day"], color=INK, linewidth=0.9, linestyle="-" if e["event"] else (0, (2, 2)), zorder=0)
        for lane, day, said in flags if shown else []:
            shown[0].annotate(said, (day, 1), xycoords=("data", "axes fraction"), xytext=(0, 4 + 72 * FLAG * lane),
                              textcoords="offset points", ha="center", fontsize=TYPE_SIZE - 1.5)  # fmt: skip
        if shown:
            shown[-1].tick_params(labelbottom=True)
            shown[-1].set_xlabel(words("timeline.axis"))
    return figure


def _span(one: PatientTimeline) -> tuple[float, float]:
    days = [0, *(r["day"] for part in (one.scans, one.doses, one.labs, one.adverse_events, one.endpoints) for r in part)]
    return min(min(days), -7) - 3, max(max(days), 30) * 1.03


def _analytes(one: PatientTimeline) -> list[str]:
    """Those with most values, then by name."""
    names = sorted({r["analyte"] for r in one.labs})
    return sorted(names, key=lambda a: (-sum(r["analyte"] == a for r in one.labs), a))[:ANALYTES]


def _sums(axes: Axes, one: PatientTimeline, terms: list[str], labs: list[str]) -> None:
    criteria = list(dict.fromkeys(r["criterion"] for r in one.scans))
    highest = max([r["target_sum_mm"] or 0 for r in one.scans] + list(one.baseline_mm.values()) + [10])
    for k, criterion in enumerate(criteria):
        mine = [r for r in one.scans if r["criterion"] == criterion]
        points = [(r["day"], r["target_sum_mm"]) for r in mine if r["target_sum_mm"] is not None]
        start = one.baseline_mm.get(criterion)
        if start is not None:
            points = [(0, start), *points]
        colour = ARM_COLOURS[k % len(ARM_COLOURS)]
        axes.plot([p[0] for p in points], [p[1] for p in points], color=colour, marker="o", markersize=3, linewidth=1.2)
        place = highest * (1.16 + 0.17 * (len(criteria) - 1 - k))
        axes.text(axes.get_xlim()[0], place, f"{criterion} ", ha="right", va="center", fontsize=TYPE_SIZE - 1, color=colour)
        for r in mine:
            axes.text(r["day"], place, r["overall"], ha="center", va="center", fontsize=TYPE_SIZE - 1.5, color=colour,
                      fontweight="bold" if r["overall"] == "PD" else "normal")  # fmt: skip
    axes.set_ylim(0, highest * (1.12 + 0.17 * len(criteria)))
    axes.set_yticks([0, round(highest / 2), round(highest)])
    axes.text(
        axes.get_xlim()[0], highest * 0.75, f"{words('timeline.target_sum')} ", ha="right", va="center", fontsize=TYPE_SIZE - 1
    )
    axes.spines["left"].set_visible(True)


def _doses(axes: Axes, one: PatientTimeline, terms: list[str], labs: list[str]) -> None:
    end = axes.get_xlim()[1]
    dosed = [(r, f"{r['dose_mg_day']:g}") for r in one.doses if r["dose_mg_day"] is not None]
    lanes: list[tuple[str, list]] = [(words("timeline.dose"), dosed)] if one.doses else []
    if one.therapies:
        lanes.append((words("timeline.later_therapy"), [(r, r["regimen"]) for r in one.therapies]))
    for y, (_, bars) in enumerate(lanes):
        for k, (r, said) in enumerate(bars):
            stop = end if r["stop_day"] is None else r["stop_day"]
            look = {"color": ARM_COLOURS[2 - y], "alpha": 0.75 - 0.25 * (k % 2)}
            axes.barh(y, max(stop - r["day"], 1), left=r["day"], height=0.62, **look)
            axes.text(r["day"], y, f" {said}", ha="left", va="center", fontsize=TYPE_SIZE - 1.5, clip_on=True)
    axes.set_yticks(range(len(lanes)), [name for name, _ in lanes], fontsize=TYPE_SIZE - 0.5)
    axes.set_ylim(len(lanes) - 0.4, -0.6)


def _events(axes: Axes, one: PatientTimeline, terms: list[str], labs: list[str]) -> None:
    for r in one.adverse_events:
        if r["ctcae_term"] in terms:
            y, stop = terms.index(r["ctcae_term"]), r["day"] if r["stop_day"] is None else r["stop_day"]
            axes.barh(y, max(stop - r["day"], 4), left=r["day"], height=0.74, color=GRADES[r["grade"] - 1], linewidth=0)
            axes.text(r["day"] + 1, y, str(r["grade"]), ha="left", va="center", fontsize=TYPE_SIZE - 2,
                      color="white" if r["grade"] > 3 else INK)  # fmt: skip
    axes.set_yticks(range(len(terms)), [t if len(t) < 27 else t[:25] + "\u2026" for t in terms], fontsize=TYPE_SIZE - 1.5)
    axes.set_ylim(len(terms) - 0.4, -0.6)


def _labs(axes: Axes, one: PatientTimeline, terms: list[str], labs: list[str]) -> None:
    """A lane per analyte between its smallest and largest value, which stand at the right; units as recorded."""
    for y, analyte in enumerate(labs):
        mine = [r for r in one.labs if r["analyte"] == analyte and r["value"] is not None]
        for unit in dict.fromkeys(r["unit"] for r in mine):
            same = [r for r in mine if r["unit"] == unit]
            low, high = min(r["value"] for r in same), max(r["value"] for r in same)
            wide = (high - low) or 1
            heights = [y + 0.32 - 0.64 * (r["value"] - low) / wide for r in same]
            axes.plot([r["day"] for r in same], heights, color=SOFT, linewidth=0.9, marker="o", markersize=2.2)
        said = f" {low:g}\u2013{high:g} {unit or ''}" if mine else ""
        axes.text(axes.get_xlim()[1], y, said, ha="left", va="center", fontsize=TYPE_SIZE - 1.5, color=SOFT, clip_on=False)
    axes.set_yticks(range(len(labs)), labs, fontsize=TYPE_SIZE - 1.5)
    axes.set_ylim(len(labs) - 0.4, -0.6)


def _flags(one: PatientTimeline) -> list[tuple[int, float, str]]:
    """(lane, day, words) over the lines of the endpoints: those of one day share a flag, flags that would touch take more
    lanes."""
    said: dict[tuple[float, bool], list[str]] = {}
    for e in sorted(one.endpoints, key=lambda e: e["day"]):
        said.setdefault((e["day"], bool(e["event"])), []).append(e["short"])
    first, last = _span(one)
    day_width = (WIDTH - LEFT - RIGHT) / (last - first)
    ends: list[float] = []
    flags = []
    for (day, event), names in said.items():
        text = words("timeline.event" if event else "timeline.censored", endpoints=", ".join(names))
        half = CHARACTER * (len(text) + 2) / 2
        at = day * day_width
        lane = next((k for k, end in enumerate(ends) if end <= at - half), len(ends))
        ends[lane : lane + 1] = [at + half]
        flags.append((lane, day, text))
    return flags
