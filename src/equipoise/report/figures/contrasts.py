"""Several arms: the hazard ratio of each arm against the reference in every design, of all arms together and two at a time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.bound import traced
from equipoise.report.figures.forest import Line, forest
from equipoise.report.lookup import Numbers
from equipoise.report.tables.design import short_label
from equipoise.report.words import words

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@traced
def contrast_forest(numbers: Numbers) -> Figure | None:
    """A block per endpoint and arm."""
    lines: list[Line] = []
    for endpoint, info in numbers.protocol.main_endpoints.items():
        for arm in numbers.contrasts:
            found = _of_arm(numbers, endpoint, arm)
            head = f"{info.short}, {fmt.lower_first(numbers.arm_label(arm))}"
            lines += [*([Line("blank")] if lines and found else []), *([Line("head", head), *found] if found else [])]
    parts = [numbers, *numbers.comparisons.values()]
    counted = words("figures.effective_n") if any(part.weighted(d) for part in parts for d in part.design_names) else "n"
    reference = numbers.arm_label(numbers.protocol.arms.reference)
    return forest(
        numbers, lines, words("figures.design"), ((words("figures.contrasts.arm_named"), counted), (reference, counted))
    )


def contrast_forest_alt(numbers: Numbers) -> str:
    """The same in words."""
    said = []
    for endpoint, info in numbers.protocol.main_endpoints.items():
        for arm in numbers.contrasts:
            found = [
                f"{line.label} {fmt.ratio_estimate(line.value, line.low, line.high)}" for line in _of_arm(numbers, endpoint, arm)
            ]
            said += [f"{info.short}, {numbers.arm_label(arm)}: {', '.join(found)}."] if found else []
    return " ".join([words("figures.contrasts.alt"), *said])


def _of_arm(numbers: Numbers, endpoint: str, arm: str) -> list[Line]:
    lines = [_line(numbers, endpoint, design, arm, words("figures.contrasts.all_arms")) for design in numbers.design_names]
    for part in numbers.comparisons.values():
        if part.protocol.arms.compared == arm:
            lines += [_line(part, endpoint, design, arm, words("figures.contrasts.two_arms")) for design in part.design_names]
    return [line for line in lines if line is not None]


def _line(numbers: Numbers, endpoint: str, design: str, arm: str, of: str) -> Line | None:
    contrast = numbers.contrasts[arm]
    row: Row | None = numbers.row("survival", "hr", endpoint=endpoint, design=design, analysis="cox", contrast=contrast)
    if row is None or math.isnan(row.value):
        return None
    sizes = numbers.effective_n if numbers.weighted(design) else numbers.arm_n
    counted = tuple(fmt.number(sizes(design, a), 0) for a in (arm, numbers.protocol.arms.reference))
    label = f"{short_label(numbers, design)}, {of}"
    return Line("effect", label, counted, row.value, row.low, row.high, events=row.events)
