"""The foot of the flow diagram of more than two arms: the arms side by side, what weights made of them, the comparisons below."""

from __future__ import annotations

from equipoise.report import format as fmt
from equipoise.report.figures.canvas import ARM_COLOURS, RULE
from equipoise.report.figures.flow_boxes import GAP, MAIN_X, Box, branch, counted, effective, listed, page, size, wrap
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.matching import left_out, reason_words
from equipoise.report.words import words

Lines = list[list[tuple[float, float]]]
SIDE_BY_SIDE, NARROWEST = 4, 1.4  # arms, and inches of each, beyond which they stand in a list


def arms_below(numbers: Numbers, last: Box) -> tuple[list[Box], Lines]:
    """Boxes and arrows below the analysed patients."""
    design = numbers.primary
    arms = len(numbers.arms)
    if arms > SIDE_BY_SIDE or page().whole / arms < NARROWEST:
        listed = _list(numbers, last)
        boxes, lines = [listed], [[(listed.middle, last.bottom), (listed.middle, listed.y)]]
    else:
        boxes, lines = _row(numbers, last)
    foot = boxes[-arms:]
    if design:
        union = _union(numbers, max(b.bottom for b in boxes) + GAP)
        lines += [[(b.middle, b.bottom), (b.middle, union.y)] for b in foot]
        boxes.append(union)
    pairs = _comparisons(numbers, max(b.bottom for b in boxes) + GAP)
    return [*boxes, *pairs], lines


def _row(numbers: Numbers, last: Box) -> tuple[list[Box], Lines]:
    k, design = len(numbers.arms), numbers.primary
    width = (page().whole - GAP * (k - 1) / 2) / k
    top = last.bottom + GAP + 0.16
    texts = [counted(numbers.arm_label(arm), numbers.arm_n("unadjusted", arm), width) for arm in numbers.arms]
    boxes = [Box(MAIN_X + i * (width + GAP / 2), top, width, _level(texts, i), ARM_COLOURS[i]) for i in range(k)]
    lines = [branch(last, box) for box in boxes]
    if not design:
        return boxes, lines
    top = boxes[0].bottom + GAP
    texts = [_weighted(numbers, design, arm, width) for arm in numbers.arms]
    below = [Box(b.x, top, width, _level(texts, i), ARM_COLOURS[i]) for i, b in enumerate(boxes)]
    lines += [[(a.middle, a.bottom), (b.middle, b.y)] for a, b in zip(boxes, below, strict=True)]
    return [*boxes, *below], lines


def _level(texts: list[tuple[str, ...]], i: int) -> tuple[str, ...]:
    """The lines of a box, with blank ones so that the boxes of a row are of one height."""
    most = max(map(len, texts))
    *first, last = texts[i]
    return (*first, *[""] * (most - len(texts[i])), last)


def _weighted(numbers: Numbers, design: str, arm: str, width: float) -> tuple[str, ...]:
    """`weighted`, who has no weight and why, how many have one and what they are worth."""
    lost = []
    for reason, n in left_out(numbers, design, arm).items():
        said = words("flow_diagram.lost", reason=reason_words(numbers, design, reason, arm), n=fmt.count(n))
        lost += wrap(said, width)
    n = size(numbers.arm_n(design, arm))
    return (*lost, f"{fmt.upper_first(numbers.words(design).adjective)}, {n}", effective(numbers.effective_n(design, arm)))


def _list(numbers: Numbers, last: Box) -> Box:
    """Many arms: one line each."""
    width, design = page().whole, numbers.primary
    lines = [words("flow_diagram.arms", count=len(numbers.arms))]
    for arm in numbers.arms:
        said = f"{numbers.arm_label(arm)}, {size(numbers.arm_n('unadjusted', arm))}"
        if design:
            kept = f"{numbers.words(design).adjective} {fmt.count(numbers.arm_n(design, arm))}"
            said += f"; {kept}, {effective(numbers.effective_n(design, arm))}"
        lines += listed(said, width)
    return Box(MAIN_X, last.bottom + GAP, width, tuple(lines), RULE, centre=False)


def _union(numbers: Numbers, top: float) -> Box:
    design = numbers.primary
    whole = words(
        "flow_diagram.whole",
        patients=words("counts.patient", count=numbers.total_n(design)),
        n=fmt.number(numbers.effective_n(design), 1),
    )
    width = page().whole
    return Box(MAIN_X, top, width, tuple(wrap(f"{numbers.design_label(design)}: {whole}", width)))


def _comparisons(numbers: Numbers, top: float) -> list[Box]:
    """What a primary design of two arms at a time made of each comparison."""
    planned = numbers.study.protocol
    name, width = planned.primary, page().whole
    made = {p: part for p, part in numbers.comparisons.items() if part.primary == name} if name else {}
    if not made or name == numbers.primary:
        return []
    reference = fmt.lower_first(numbers.arm_label(numbers.protocol.arms.reference))
    lines = [words("flow_diagram.compared", reference=reference)]
    for part in made.values():
        arm = part.arm_label(part.protocol.arms.compared)
        pairs = part.row("design", "value", design=name, variable="pairs")
        kept = ("patient", part.total_n(name)) if pairs is None else ("pair", pairs.value)
        said = f"{arm}: {fmt.lower_first(part.design_label(name))}, {words(f'counts.{kept[0]}', count=kept[1])}"
        lines += listed(said, width)
    return [Box(MAIN_X, top, width, tuple(lines), RULE, centre=False, heading=True)]
