"""Whom the designs lost, in words."""

from __future__ import annotations

import math

from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.tables.lost import losing_arms, lost_n, lost_reasons

FEW = 5  # patients below whom no sentence is built


def lost(numbers: Numbers, design: str) -> list[str]:
    """How many of each arm, why, and where they differ from those kept."""
    label = numbers.design_label(design)
    said = []
    for arm in losing_arms(numbers, design):
        n, gone = numbers.arm_n("unadjusted", arm), lost_n(numbers, design, arm)
        reasons = [f"{fmt.lower_first(words)}, {fmt.count(k)}" for words, k in lost_reasons(numbers, design, arm).items()]
        why = f" ({'; '.join(reasons)})" if reasons else ""
        who = f"{fmt.plural(n, 'patient')} with {fmt.lower_first(numbers.arm_label(arm))}"
        said.append(f"{label}: of {who}, {fmt.count(gone)} are lost{why}{_apart(numbers, design, arm)}.")
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
    named = fmt.listed([f"{numbers.covariate_words(r.variable)} {fmt.number(abs(r.value), 2)}" for r in above])
    return f"; they differ from those kept in {named} (SMD)"
