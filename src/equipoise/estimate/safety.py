"""Adverse events by term: patients with any grade, grade 3 or 4, and grade 5, by arm, on the unadjusted cohort."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from equipoise.estimate.association import Pairing, category_tests
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Outcomes, Row

ALL, TOTAL = "All", "total"
NO_PAIRS = Pairing(np.empty(0, dtype=int), np.empty(0, dtype=int))
GRADES = {"any_grade": (1, 5), "grade_3_4": (3, 4), "grade_5": (5, 5)}


def safety_rows(protocol: Protocol, cohort: Cohort, outcomes: Outcomes) -> Iterator[Row]:
    """Worst grade per patient and term; All = patients with at least one term. Terms in order of their total."""
    worst = dict(outcomes.worst_grade)
    if not worst:
        return
    stacked = np.column_stack(list(worst.values()))
    order = sorted(worst, key=lambda term: (-int((worst[term] > 0).sum()), term))
    for analysis, (low, high) in GRADES.items():
        in_grades = (stacked >= low) & (stacked <= high)
        yield from count_rows(protocol, cohort, analysis, ALL, in_grades.any(axis=1))
        for term in order:
            yield from count_rows(protocol, cohort, analysis, term, (worst[term] >= low) & (worst[term] <= high))


def flag_rows(protocol: Protocol, cohort: Cohort, outcomes: Outcomes) -> Iterator[Row]:
    """Patients with a flag of the outcomes (discontinued for an adverse event, a later line of treatment), by arm."""
    for name, flag in outcomes.flags.items():
        if flag.dtype == bool:
            yield from count_rows(protocol, cohort, "patients_with", name, flag)


def count_rows(
    protocol: Protocol, cohort: Cohort, analysis: str, variable: str, hit: np.ndarray, known: np.ndarray | None = None
) -> Iterator[Row]:
    """Patients with something, in total and by arm, with P. known: who is counted in the denominator, all by default."""
    base = {"phase": "safety", "design": "unadjusted", "analysis": analysis, "variable": variable}
    everyone = np.ones(cohort.n, dtype=bool) if known is None else known
    arms = {a: cohort.in_arm(a) & everyone for a in protocol.arms.groups}
    for group, mask in {TOTAL: everyone, **arms}.items():
        n, k = float(mask.sum()), float((mask & hit).sum())
        yield Row(**base, group=group, statistic="n", value=k, n=n, events=k)
        yield Row(**base, group=group, statistic="percent", value=100.0 * k / n if n else float("nan"), n=n, events=k)
    yield from category_tests(protocol, base, hit.astype(int), list(arms.values()), NO_PAIRS)
