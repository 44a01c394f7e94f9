"""Forests of the treatment's hazard ratio: in all patients and in every subgroup of one design, and in every design."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from equipoise.records import Row, Study
from equipoise.report import format as fmt
from equipoise.report.bound import traced
from equipoise.report.figures.forest import Line, forest
from equipoise.report.lookup import Numbers
from equipoise.report.tables.design import short_label
from equipoise.report.tables.subgroups import interaction_row, strata
from equipoise.report.words import words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SOFT_HYPHEN = "\u00ad"  # where a head may be broken
MOST_LINES = 40  # of one figure with several endpoints


@traced
def subgroup_forest(study: Study, design: str, endpoints: list[str] | None = None) -> Figure | None:
    """All patients on top, then every declared subgroup level by level with the P of its interaction; endpoints one under the
    other, by default the main ones. None where no subgroup has a hazard ratio."""
    numbers = Numbers(study)
    found = [_endpoint(numbers, e, design) for e in endpoints or numbers.protocol.main_endpoints]
    lines: list[Line] = []
    for part in found:
        lines += [*([Line("blank")] if lines and part else []), *part]
    return forest(
        numbers,
        lines,
        words("figures.subgroup"),
        _heads(numbers, words("figures.events_n")),
        fmt.p_label(words("figures.interaction").replace(SOFT_HYPHEN, "-\n")),
    )


def subgroup_figures(numbers: Numbers, design: str) -> list[list[str]]:
    """The endpoints of each figure: together where they fit on a page, else one each."""
    names = [e for e in numbers.protocol.main_endpoints if _endpoint(numbers, e, design)]
    together = sum(len(_endpoint(numbers, e, design)) + 1 for e in names)
    return [names] if together <= MOST_LINES or len(names) < 2 else [[e] for e in names]


@traced
def design_forest(study: Study) -> Figure | None:
    """The marginal hazard ratio in every design, the primary one first; None where there are fewer than three designs."""
    numbers = Numbers(study)
    if len(numbers.design_names) < 3 or numbers.several:
        return None
    lines: list[Line] = []
    for endpoint, info in numbers.protocol.main_endpoints.items():
        found = [_design(numbers, endpoint, d) for d in (numbers.primary, "unadjusted", *numbers.others)]
        known = [line for line in found if line is not None]
        lines += [*([Line("blank")] if lines and known else []), *([Line("head", info.label), *known] if known else [])]
    counted = words("figures.effective_n") if any(map(numbers.weighted, numbers.design_names)) else "n"
    return forest(numbers, lines, words("figures.design"), _heads(numbers, counted))


def _heads(numbers: Numbers, counted: str) -> tuple[tuple[str, str], ...]:
    return tuple((numbers.short_arm(a), counted) for a in numbers.arms)


def _endpoint(numbers: Numbers, endpoint: str, design: str) -> list[Line]:
    """Nothing where the endpoint has no hazard ratio in all patients, or in no subgroup."""
    whole = _hazard_ratio(numbers, endpoint, design, "all")
    if whole is None:
        return []
    lines = [Line("head", numbers.protocol.endpoints[endpoint].label)]
    lines.append(_line(words("columns.all_patients"), whole, _events(numbers, endpoint, design, "all"), strong=True))
    for name, subgroup in numbers.protocol.subgroups.items():
        ratios = {s.level: _hazard_ratio(numbers, endpoint, design, s.population) for s in strata(numbers, name)}
        if any(ratios.values()):
            lines.append(Line("group", subgroup.label, p=_interaction(numbers, name, design, endpoint)))
            lines += [
                _line(level, ratio, _events(numbers, endpoint, design, f"{name} {level}")) for level, ratio in ratios.items()
            ]
    return lines if len(lines) > 2 else []


def _interaction(numbers: Numbers, name: str, design: str, endpoint: str) -> str:
    row = interaction_row(numbers, name, design, endpoint)
    return "" if row is None else words("figures.not_estimated") if math.isnan(row.value) else fmt.p_value(row.value)


def _hazard_ratio(numbers: Numbers, endpoint: str, design: str, population: str) -> Row | None:
    part = {"endpoint": endpoint, "design": design, "population": population}
    return numbers.row("survival", "hr", analysis="cox", contrast=numbers.contrast, **part)


def _events(numbers: Numbers, endpoint: str, design: str, population: str) -> tuple[str, ...]:
    """By arm; an arm without a patient has 0/0."""
    part = {"analysis": "kaplan_meier", "endpoint": endpoint, "design": design, "population": population}
    medians = [numbers.row("survival", "median", group=a, **part) for a in numbers.arms]
    return tuple("0/0" if m is None else f"{fmt.count(m.events)}/{fmt.count(m.n)}" for m in medians)


def _line(label: str, ratio: Row | None, counts: tuple[str, ...], strong: bool = False) -> Line:
    """Without a ratio where nothing can be compared, which the line then says."""
    if ratio is None:
        return Line("effect", label, counts)
    return Line("effect", label, counts, ratio.value, ratio.low, ratio.high, events=ratio.events, strong=strong)


def _design(numbers: Numbers, endpoint: str, design: str) -> Line | None:
    ratio = _hazard_ratio(numbers, endpoint, design, "all")
    if ratio is None:
        return None
    sizes = numbers.effective_n if numbers.weighted(design) else numbers.arm_n
    counts = tuple(fmt.number(sizes(design, a), 0) for a in numbers.arms)
    primary = design == numbers.primary
    label = short_label(numbers, design)
    if primary:
        label = words("figures.primary", label=label)
    return Line("effect", label, counts, ratio.value, ratio.low, ratio.high, events=ratio.events, strong=primary)
