"""The marginal effect of treatment in sentences: of each arm in a design, before and after it, in the other designs."""

from __future__ import annotations

import math

from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.results import arm, effect, excludes, treatment_row

CHANGED = {
    "match": "The change after matching may reflect both removal of confounding and the smaller, selected sample.",
    "weights": "The change after weighting may reflect both removal of confounding and the loss of precision.",
    "strata": "The change after stratification may reflect both removal of confounding and the loss of precision.",
}


def effects(numbers: Numbers, endpoint: str, design: str) -> str:
    """The marginal effect of each arm against the reference, a sentence each; of several arms with the test of all of them."""
    rows = [treatment_row(numbers, endpoint, design, arm=a) for a in numbers.contrasts]
    words = [effect(numbers, endpoint, row, "marginal") for row in rows]
    return " ".join(s for s in (all_arms(numbers, endpoint, design), *words) if s)


def all_arms(numbers: Numbers, endpoint: str, design: str) -> str:
    """Whether any of several arms differs."""
    if not numbers.several:
        return ""
    p = numbers.row("survival", "p", endpoint=endpoint, design=design, analysis="cox_all_arms")
    if p is None or math.isnan(p.value):
        return ""
    event = fmt.lower_first(numbers.protocol.endpoints[endpoint].event_label)
    shown = (
        "differed between the arms" if p.value < numbers.protocol.conventions.alpha else "did not clearly differ between the arms"
    )
    return f"The hazard of {event} {shown} (all arms, {fmt.p_sentence(p.value)})."


def side_by_side(numbers: Numbers, endpoint: str) -> str:
    """Both hazard ratios where the primary design changed what the interval says: a lost significance proves nothing."""
    if numbers.several:
        return ""
    before, after = (treatment_row(numbers, endpoint, d) for d in ("unadjusted", numbers.primary))
    if before is None or after is None or excludes(before) == excludes(after):
        return ""
    first, second = (fmt.ratio_estimate(r.value, r.low, r.high) for r in (before, after))
    label = fmt.lower_first(numbers.protocol.endpoints[endpoint].label)
    return (
        f"For {label} the hazard ratio was {first} before and {second} after {numbers.process(numbers.primary)}. "
        f"{CHANGED[numbers.words(numbers.primary).kind]}"
    )


def other_designs(numbers: Numbers, endpoint: str) -> str:
    """The hazard ratios of the designs beside the primary one, in one sentence."""
    if numbers.several:
        return _other_designs_of_several(numbers, endpoint)
    found = [(d, treatment_row(numbers, endpoint, d)) for d in numbers.others]
    parts = [
        f"{fmt.ratio_estimate(row.value, row.low, row.high)} in the {fmt.lower_first(numbers.design_label(d))}"
        for d, row in found
        if row is not None and not math.isnan(row.value)
    ]
    if not parts:
        return ""
    event = fmt.lower_first(numbers.protocol.endpoints[endpoint].event_label)
    return f"The marginal hazard ratio of {event} ({numbers.protocol.ci}) was {fmt.listed(parts)}."


def _other_designs_of_several(numbers: Numbers, endpoint: str) -> str:
    parts = []
    for design in numbers.others:
        rows = [treatment_row(numbers, endpoint, design, arm=a) for a in numbers.contrasts]
        ratios = [
            f"{fmt.ratio_estimate(r.value, r.low, r.high)} with {arm(numbers, numbers.compared_in(r))}"
            for r in rows
            if r is not None and not math.isnan(r.value)
        ]
        parts += [f"{fmt.listed(ratios)} in the {fmt.lower_first(numbers.design_label(design))}"] if ratios else []
    if not parts:
        return ""
    event = fmt.lower_first(numbers.protocol.endpoints[endpoint].event_label)
    against = f"against {arm(numbers, numbers.protocol.arms.reference)}"
    return f"The marginal hazard ratio of {event} {against} ({numbers.protocol.ci}) was {'; '.join(parts)}."
