"""The flow diagram: who was there, who left for which reason, the arms and the pairs. Drawn from the counts alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from equipoise.records import NO_PARTNER, NOT_CHOSEN, Study
from equipoise.report import format as fmt
from equipoise.report.bound import traced
from equipoise.report.figures.canvas import ARM_COLOURS, INK, RULE, TYPE_SIZE, new_figure, sign, style
from equipoise.report.figures.flow_boxes import (
    GAP,
    LEADING,
    MAIN_X,
    PAD,
    Box,
    branch,
    counted,
    effective,
    listed,
    page,
    size,
    wrap,
)
from equipoise.report.figures.flow_several import arms_below
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.matching import left_out, reason_words
from equipoise.report.words import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@traced
def flow_diagram(study: Study) -> Figure:
    """Main boxes down the left, a side box of reasons between two of them, then the arms and the matched pairs."""
    numbers = Numbers(study)
    boxes, arrows = _layout(numbers)
    height = max(b.bottom for b in boxes) + 0.25
    figure = new_figure(page().width, height)
    with style():
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, page().width)
        axes.set_ylim(height, 0)
        axes.axis("off")
        for points in arrows:
            _arrow(axes, points)
        for box in boxes:
            _box(axes, box)
        sign(figure, study.protocol.study.notice)
    return figure


def _layout(numbers: Numbers) -> tuple[list[Box], list[list[tuple[float, float]]]]:
    boxes, arrows, last = _selection(numbers)
    if numbers.single:
        box = _one_arm_box(numbers, last)
        return [*boxes, box, *_restricted(numbers, box.bottom)], [*arrows, [(last.middle, last.bottom), (box.middle, box.y)]]
    if numbers.several:
        below, more = arms_below(numbers, last)
        boxes += below
        return [*boxes, *_restricted(numbers, max(box.bottom for box in boxes))], arrows + more
    arms = [_arm_box(numbers, "unadjusted", arm, i, last.bottom + GAP + 0.16) for i, arm in enumerate(numbers.arms)]
    arrows += [branch(last, box) for box in arms]
    boxes += arms
    if numbers.primary:
        made = _matching if numbers.match(numbers.primary) is not None else _weighting
        more, lines = made(numbers, arms)
        boxes += more
        arrows += lines
    return [*boxes, *_restricted(numbers, max(box.bottom for box in boxes))], arrows


def _restricted(numbers: Numbers, above: float) -> list[Box]:
    """The analysed patients who are in each restricted population, in a box of their own below; they left nowhere."""
    asked = numbers.protocol.restrict
    parts = {name: part for name, part in numbers.study.designs.restricted.items() if name in asked}
    if not parts:
        return []
    width = page().whole
    lines = [words("flow_diagram.restricted")]
    for name, part in parts.items():
        label = numbers.protocol.restrict[name].label
        lines += listed(f"{label}, {size(part.cohort.n)}", width)
    return [Box(MAIN_X, above + GAP, width, tuple(lines), RULE, centre=False, heading=True)]


def _selection(numbers: Numbers) -> tuple[list[Box], list[list[tuple[float, float]]], Box]:
    cohort = numbers.study.cohort
    start = numbers.protocol.eligibility.start
    n_start = cohort.n_start if cohort.attrition else cohort.n
    steps = [s for s in cohort.attrition if s.excluded]
    x = MAIN_X if steps else (page().width - page().main) / 2
    last = Box(x, 0.12, page().main, counted(start, n_start, page().main))
    boxes, arrows = [last], []
    for step in steps:
        reasons = _reasons(step)
        place = (page().side_x, last.bottom + GAP * 0.55, page().side)
        side = Box(*place, reasons, RULE, centre=False, heading=True) if reasons else None
        top = side.bottom + GAP * 0.55 if side else last.bottom + GAP
        box = Box(MAIN_X, top, page().main, counted(step.label, step.n_left, page().main))
        arrows.append([(last.middle, last.bottom), (last.middle, box.y)])
        if side:
            arrows.append([(last.middle, side.y + side.h / 2), (side.x, side.y + side.h / 2)])
            boxes.append(side)
        boxes.append(box)
        last = box
    return boxes, arrows, last


def _reasons(step) -> tuple[str, ...]:
    """`Excluded, n = 42`, then each reason with its number, zeros too."""
    if not step.excluded:
        return ()
    lines = [words("flow_diagram.excluded", n=size(sum(e.n for e in step.excluded)))]
    for e in step.excluded:
        lines += listed(f"{e.reason}, {size(e.n)}", page().side)
    return tuple(lines)


def _arm_box(numbers: Numbers, design: str, arm: str, i: int, y: float) -> Box:
    width = (page().whole - GAP) / 2
    lines = counted(numbers.arm_label(arm), numbers.arm_n(design, arm), width)
    return Box(MAIN_X + i * (width + GAP), y, width, lines, ARM_COLOURS[i])


def _one_arm_box(numbers: Numbers, above: Box) -> Box:
    arm = numbers.arms[0]
    lines = counted(numbers.arm_label(arm), numbers.arm_n("unadjusted", arm), above.w)
    return Box(above.x, above.bottom + GAP, above.w, lines, ARM_COLOURS[0])


def _matching(numbers: Numbers, arms: list[Box]) -> tuple[list[Box], list[list[tuple[float, float]]]]:
    """Who stayed unmatched beside each arm, and the pairs in a box that both arms reach."""
    pairs = numbers.row("design", "value", design=numbers.primary, variable="pairs")
    if pairs is None:
        return [], []
    low = max(b.bottom for b in arms)
    left_out = [_unmatched(numbers, arm, box, low + GAP) for arm, box in zip(numbers.arms, arms, strict=True)]
    matched = [
        Box(b.x, max(x.bottom for x in left_out) + GAP, b.w, _matched_lines(numbers, arm, b.w), ARM_COLOURS[i])
        for i, (arm, b) in enumerate(zip(numbers.arms, arms, strict=True))
    ]
    said = words(
        "flow_diagram.pairs",
        cohort=numbers.design_label(numbers.primary),
        pairs=words("counts.pair", count=pairs.value),
        patients=fmt.count(2 * pairs.value),
    )
    union = Box(MAIN_X, matched[0].bottom + GAP, page().whole, tuple(wrap(said, page().whole)))
    lines = [[(b.x + page().stem, b.bottom), (b.x + page().stem, m.y)] for b, m in zip(arms, matched, strict=True)]
    lines += [[(b.x + page().stem, x.y + x.h / 2), (x.x, x.y + x.h / 2)] for b, x in zip(arms, left_out, strict=True)]
    lines += [[(m.middle, m.bottom), (m.middle, union.y)] for m in matched]
    return [*left_out, *matched, union], lines


def _weighting(numbers: Numbers, arms: list[Box]) -> tuple[list[Box], list[list[tuple[float, float]]]]:
    """Who has no weight beside each arm, where anybody has none, and the weighted arms with their effective sizes."""
    design, boxes, lines = numbers.primary, [], []
    top = max(b.bottom for b in arms) + GAP
    lost = {arm: left_out(numbers, design, arm) for arm in numbers.arms}
    for arm, above in zip(numbers.arms, arms, strict=True):
        if lost[arm]:
            box = _unmatched(numbers, arm, above, top, words("flow_diagram.without_weight"))
            boxes.append(box)
            lines.append([(above.x + page().stem, box.y + box.h / 2), (box.x, box.y + box.h / 2)])
    top = max([b.bottom + GAP for b in boxes], default=top)
    for i, (arm, above) in enumerate(zip(numbers.arms, arms, strict=True)):
        worth = effective(numbers.effective_n(design, arm))
        counted_both = words("numbers.beside", first=size(numbers.arm_n(design, arm)), last=worth)
        named = wrap(f"{numbers.arm_label(arm)}, {numbers.words(design).adjective}", above.w)
        box = Box(above.x, top, above.w, (*named, *wrap(counted_both, above.w)), ARM_COLOURS[i])
        boxes.append(box)
        lines.append([(above.x + page().stem, above.bottom), (above.x + page().stem, box.y)])
    whole = words(
        "flow_diagram.whole",
        patients=words("counts.patient", count=numbers.total_n(design)),
        n=fmt.number(numbers.effective_n(design), 1),
    )
    said = f"{numbers.design_label(design)}: {whole}"
    union = Box(MAIN_X, top + boxes[-1].h + GAP, page().whole, tuple(wrap(said, page().whole)))
    lines += [[(b.middle, b.bottom), (b.middle, union.y)] for b in boxes[-2:]]
    return [*boxes, union], lines


def _unmatched(numbers: Numbers, arm: str, above: Box, y: float, what: str = "") -> Box:
    """Who of an arm is not in the design: one reason on one line, several with a number each."""
    what = what or words("flow_diagram.unmatched")
    reasons = left_out(numbers, numbers.primary, arm)
    total = size(sum(reasons.values()))
    x, width = above.x + page().beside, above.w - page().beside
    if len(reasons) < 2:
        usual = NO_PARTNER if arm == numbers.protocol.arms.focal else NOT_CHOSEN
        role = reason_words(numbers, numbers.primary, next(iter(reasons), usual), arm)
        return Box(x, y, width, tuple(wrap(f"{what} ({role}), {total}", width)), RULE, centre=False)
    lines = wrap(f"{what}, {total}", width)
    for reason, n in reasons.items():
        said = reason_words(numbers, numbers.primary, reason, arm)
        lines += listed(f"{said}, {size(n)}", width)
    return Box(x, y, width, tuple(lines), RULE, centre=False)


def _matched_lines(numbers: Numbers, arm: str, width: float) -> tuple[str, ...]:
    return (
        *wrap(words("flow_diagram.matched", arm=numbers.arm_label(arm)), width),
        size(numbers.arm_n(numbers.primary, arm)),
    )


def _box(axes: Axes, box: Box) -> None:
    from matplotlib.patches import FancyBboxPatch

    shape = FancyBboxPatch(
        (box.x, box.y),
        box.w,
        box.h,
        boxstyle="round,pad=0,rounding_size=0.04",
        facecolor="white",
        edgecolor=box.colour,
        linewidth=1.1,
    )
    axes.add_patch(shape)
    x, ha = (box.middle, "center") if box.centre else (box.x + PAD, "left")
    for i, line in enumerate(box.lines):
        y = box.y + PAD + LEADING * (i + 0.5)
        leads = line.startswith("n\u00a0=") if box.centre else i == 0 and box.heading
        axes.text(x, y, line, ha=ha, va="center", fontsize=TYPE_SIZE, fontweight="bold" if leads else "normal")


def _arrow(axes: Axes, points: list[tuple[float, float]]) -> None:
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    axes.plot(xs[:-1] + [xs[-1]], ys[:-1] + [ys[-1]], color=INK, linewidth=0.9, solid_joinstyle="miter", zorder=0)
    axes.annotate(
        "",
        xy=points[-1],
        xytext=points[-2],
        arrowprops={
            "arrowstyle": "-|>",
            "color": INK,
            "linewidth": 0.9,
            "shrinkA": 0,
            "shrinkB": 0,
            "mutation_scale": 9,
        },
        zorder=0,
    )
