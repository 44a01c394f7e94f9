"""Subgroups in sentences: the effect in each level with the P of the interaction, and how often was looked; none is announced."""

from __future__ import annotations

import math

from equipoise.report import format as fmt
from equipoise.report.bound import bound
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.results import sparse_arm
from equipoise.report.words import words


def subgroups(numbers: Numbers, name: str) -> list[str]:
    """Of one variable the hazard ratio in each level and the P of the interaction, in the design that the study is decided by."""
    if numbers.single:
        return [words("subgroups.described", label=_label(numbers, name))]
    said: list[str] = []
    for endpoint in numbers.protocol.main_endpoints:
        said += [told] if (told := _effects(numbers, name, endpoint, not said)) else []
    small = [level for level in numbers.protocol.subgroups[name].levels if _too_small(numbers, name, level)]
    return [*said, *([words("subgroups.too_small", levels=fmt.listed(small), count=len(small))] if small else [])]


def _label(numbers: Numbers, name: str) -> str:
    return fmt.lower_first(numbers.protocol.subgroups[name].label)


def _effects(numbers: Numbers, name: str, endpoint: str, first: bool) -> str:
    """first: of the variable; the sentences behind it need not name it again."""
    ratios, p = _ratios(numbers, name, endpoint), _interaction(numbers, name, endpoint)
    event = fmt.lower_first(numbers.protocol.endpoints[endpoint].event_label)
    part = {"label": _label(numbers, name), "event": event, "cohort": fmt.lower_first(numbers.design_label(_main(numbers)))}
    if not ratios:
        return words("subgroups.interaction", p=p, **part) if p else ""
    told = words("subgroups.tested_ratios", ratios=fmt.listed(ratios), p=p) if p else fmt.listed(ratios)
    if not first:
        return words("subgroups.more_effects", event=event, ratios=told)
    return words("subgroups.effects", contrast=numbers.contrast_label, ci=numbers.protocol.ci, ratios=told, **part)


def _main(numbers: Numbers) -> str:
    return numbers.primary or "unadjusted"


def _ratios(numbers: Numbers, name: str, endpoint: str) -> list[str]:
    """`1.036 (0.432-2.484) in the <=3 subgroup`; nothing of several arms, nor of a level too small for a sentence."""
    if numbers.several:
        return []
    part = {"endpoint": endpoint, "design": _main(numbers), "analysis": "cox", "contrast": numbers.contrast}
    rows = {x: numbers.row("survival", "hr", population=f"{name} {x}", **part) for x in numbers.protocol.subgroups[name].levels}
    return [
        words("subgroups.in_level", ratio=bound(fmt.ratio_estimate(row.value, row.low, row.high), row), level=level)
        for level, row in rows.items()
        if row is not None and not math.isnan(row.value) and not sparse_arm(numbers, row)
    ]


def _too_small(numbers: Numbers, name: str, level: str) -> bool:
    """Whether a level has an arm so small that nothing is said of it for some endpoint."""
    part = {"design": _main(numbers), "analysis": "cox", "population": f"{name} {level}", "contrast": numbers.contrast}
    rows = [] if numbers.several else [numbers.row("survival", "hr", endpoint=e, **part) for e in numbers.protocol.main_endpoints]
    return any(row is not None and bool(sparse_arm(numbers, row)) for row in rows)


def _interaction(numbers: Numbers, name: str, endpoint: str) -> str:
    """Its P; nothing where a level is too small for a sentence."""
    if any(_too_small(numbers, name, level) for level in numbers.protocol.subgroups[name].levels):
        return ""
    part = {"analysis": "interaction", "variable": name, "endpoint": endpoint, "design": _main(numbers)}
    row = numbers.row("survival", "p", **part)
    return "" if row is None or math.isnan(row.value) else bound(fmt.p_sentence(row.value), row)


def looked(numbers: Numbers) -> list[str]:
    """What was looked at, and how often; nothing of a single arm, whose levels are described."""
    if numbers.single:
        return []
    labels = fmt.listed([fmt.lower_first(s.label) for s in numbers.protocol.subgroups.values()])
    return [words("subgroups.looked", labels=labels), words("subgroups.exploratory", tested=interactions_tested(numbers))]


def interactions_tested(numbers: Numbers) -> str:
    """`8 tests of interaction in all, not adjusted for multiplicity`."""
    tested = numbers.where("survival", statistic="p", analysis="interaction")
    return words("subgroups.tested", count=sum(not math.isnan(row.value) for row in tested))
