"""Whom the designs lost, in words."""

from __future__ import annotations

import math

from equipoise.report import format as fmt
from equipoise.report.bound import bound
from equipoise.report.lookup import Numbers
from equipoise.report.tables.lost import losing_arms, lost_n, lost_rows
from equipoise.report.words import words

FEW = 5  # patients below whom no sentence is built


def lost(numbers: Numbers, design: str) -> list[str]:
    """How many of each arm, why, and where they differ from those kept."""
    said = []
    for arm in losing_arms(numbers, design):
        reasons = lost_rows(numbers, design, arm).items()
        why = "; ".join(
            words("flow.reason", reason=fmt.lower_first(reason), n=bound(fmt.count(r.value), r)) for reason, r in reasons
        )
        part = {
            "cohort": fmt.lower_first(numbers.design_label(design)),
            "lost": bound(
                fmt.count(lost_n(numbers, design, arm)), numbers.row("lost", "n", design=design, analysis="lost", group=arm)
            ),
            "n": bound(fmt.count(numbers.arm_n("unadjusted", arm)), numbers.arm_row("unadjusted", arm)),
            "arm": fmt.lower_first(numbers.arm_label(arm)),
        }
        said.append(words("lost.lost_for", reasons=why, **part) if why else words("lost.lost", **part))
        said += [told] if (told := _apart(numbers, design, arm)) else []
    return said


def _apart(numbers: Numbers, design: str, arm: str) -> str:
    """The covariates in which those lost differ most from those kept; of a handful nothing is said."""
    if lost_n(numbers, design, arm) < FEW:
        return ""
    limit = numbers.protocol.balance_thresholds[1]
    rows = numbers.where("lost", design=design, analysis="lost_vs_kept", group=arm, statistic="smd")
    above = sorted((r for r in rows if not math.isnan(r.value) and abs(r.value) > limit), key=lambda r: -abs(r.value))[:3]
    if not above:
        return ""
    named = [
        words("balance.with_size", label=numbers.covariate_words(r.variable), size=bound(fmt.number(abs(r.value), 2), r))
        for r in above
    ]
    return words("lost.differ", variables=fmt.listed(named))
