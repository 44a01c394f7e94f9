"""The marginal effect of treatment in sentences: of each arm in a design, before and after it, in the other designs."""

from __future__ import annotations

import math

from equipoise.report import format as fmt
from equipoise.report.bound import bound
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.phrases import arm, with_arm
from equipoise.report.narrative.results import effect, excludes, treatment_row
from equipoise.report.words import words


def effects(numbers: Numbers, endpoint: str, design: str) -> str:
    """The marginal effect of each arm against the reference, a sentence each; of several arms with the test of all of them."""
    rows = [treatment_row(numbers, endpoint, design, arm=a) for a in numbers.contrasts]
    said = [effect(numbers, endpoint, row, "marginal") for row in rows]
    return " ".join(s for s in (all_arms(numbers, endpoint, design), *said) if s)


def all_arms(numbers: Numbers, endpoint: str, design: str) -> str:
    """Whether any of several arms differs."""
    if not numbers.several:
        return ""
    p = numbers.row("survival", "p", endpoint=endpoint, design=design, analysis="cox_all_arms")
    if p is None or math.isnan(p.value):
        return ""
    event = fmt.lower_first(numbers.protocol.endpoints[endpoint].event_label)
    key = "effects.arms_differed" if p.value < numbers.protocol.conventions.alpha else "effects.arms_not_shown"
    return words(key, event=event, p=bound(fmt.p_sentence(p.value), p))


def side_by_side(numbers: Numbers, endpoint: str) -> str:
    """Both hazard ratios where the primary design changed what the interval says: a lost significance proves nothing."""
    if numbers.several:
        return ""
    before, after = (treatment_row(numbers, endpoint, d) for d in ("unadjusted", numbers.primary))
    if before is None or after is None or excludes(before) == excludes(after):
        return ""
    first, second = (bound(fmt.ratio_estimate(r.value, r.low, r.high), r) for r in (before, after))
    label = fmt.lower_first(numbers.protocol.endpoints[endpoint].label)
    kind, process = numbers.words(numbers.primary).kind, numbers.process(numbers.primary)
    said = words("effects.before_and_after", label=label, before=first, after=second, process=process)
    return f"{said} {words(f'effects.changed_{kind}')}"


def other_designs(numbers: Numbers, endpoint: str) -> str:
    """The hazard ratios of the designs beside the primary one, in one sentence."""
    if numbers.several:
        return _other_designs_of_several(numbers, endpoint)
    found = [(d, treatment_row(numbers, endpoint, d)) for d in numbers.others]
    parts = [
        words("effects.in_design", ratio=bound(fmt.ratio_estimate(row.value, row.low, row.high), row), cohort=_cohort(numbers, d))
        for d, row in found
        if row is not None and not math.isnan(row.value)
    ]
    if not parts:
        return ""
    event = fmt.lower_first(numbers.protocol.endpoints[endpoint].event_label)
    return words("effects.other_designs", event=event, ci=numbers.protocol.ci, ratios=fmt.listed(parts))


def _cohort(numbers: Numbers, design: str) -> str:
    return fmt.lower_first(numbers.design_label(design))


def _other_designs_of_several(numbers: Numbers, endpoint: str) -> str:
    parts = []
    for design in numbers.others:
        rows = [treatment_row(numbers, endpoint, design, arm=a) for a in numbers.contrasts]
        ratios = [
            with_arm(numbers, bound(fmt.ratio_estimate(r.value, r.low, r.high), r), numbers.compared_in(r))
            for r in rows
            if r is not None and not math.isnan(r.value)
        ]
        parts += [words("effects.in_design", ratio=fmt.listed(ratios), cohort=_cohort(numbers, design))] if ratios else []
    if not parts:
        return ""
    event = fmt.lower_first(numbers.protocol.endpoints[endpoint].event_label)
    said = {"event": event, "ci": numbers.protocol.ci, "other": arm(numbers, numbers.protocol.arms.reference)}
    return words("effects.other_designs_of_several", ratios="; ".join(parts), **said)
