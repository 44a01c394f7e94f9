"""The treatment effect in each specification of a multiverse, and how the specifications lie."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import numpy as np

from equipoise.estimate.effects import treatment_rows
from equipoise.estimate.survival import Setting
from equipoise.protocol.multiverse import AXES
from equipoise.protocol.spec import Protocol
from equipoise.protocol.specifications import Specification
from equipoise.records import Cohort, Design, TimeToEvent
from equipoise.records.multiverse import Effect, Spread

BELOW = 0.05


def effect_of(protocol: Protocol, cohort: Cohort, design: Design, endpoint: str, outcome: TimeToEvent) -> Effect:
    """The marginal hazard ratio of a design: the first rows that the study itself has of it. outcome: of these patients."""
    scored = [b for b in design.balance if b.in_propensity]
    whole = [b for b in design.balance if not b.level and (b.apart or not np.isnan(b.smd))]
    worst = max(whole, key=lambda b: np.inf if b.apart else abs(b.smd), default=None)
    effective = design.facts.get("effective_n")
    setting = Setting(protocol, cohort, design.sample, endpoint, outcome)
    facts = {
        "n": setting.n,
        "pairs": float(design.facts.get("pairs", np.nan)),
        "effective_n": float(effective["total"]) if effective else setting.n,
        "events": setting.n_events,
        "smd_score": _largest([np.inf if b.apart else abs(b.smd) for b in scored]),
        "smd": np.nan if worst is None else np.inf if worst.apart else abs(worst.smd),
        "variable": "" if worst is None else worst.variable,
    }
    rows = list(islice(treatment_rows(setting), 2))  # its hr and p; what follows is not computed
    if len(rows) < 2:
        return Effect(**facts, why="nobody has the event, or one arm is empty")
    hr, p = rows
    if np.isnan(hr.value):
        return Effect(**facts, why=hr.method)
    return Effect(**facts, hr=hr.value, low=hr.low, high=hr.high, p=p.value, method=hr.method)


def _largest(values: list[float]) -> float:
    known = [v for v in values if not np.isnan(v)]
    return max(known) if known else np.nan


def spread_of(specifications: Sequence[Specification], effects: Sequence[Effect], threshold: float) -> Spread:
    """How the hazard ratios lie; quartiles of type 7. threshold: of |SMD|."""
    hr = np.array([e.hr for e in effects])
    known = ~np.isnan(hr)
    made, found = hr[known], np.array([e.p for e in effects])[known]
    least, q1, median, q3, largest = np.quantile(made, [0, 0.25, 0.5, 0.75, 1]) if len(made) else [np.nan] * 5
    planned = [e.hr for s, e in zip(specifications, effects, strict=True) if s.planned and not np.isnan(e.hr)]
    rank = int((made < planned[0]).sum()) + 1 if planned else 0
    lies = (float(least), float(q1), float(median), float(q3), float(largest))
    balanced = sum(e.smd <= threshold for e in effects if not np.isnan(e.hr))
    counts = (int((found < BELOW).sum()), int((made > 1).sum()), balanced)
    return Spread(len(made), len(hr) - len(made), *lies, *counts, rank)


def spreads(
    specifications: Sequence[Specification], effects: Sequence[Effect], threshold: float
) -> tuple[dict[str, Spread], dict[tuple[str, str, str], Spread]]:
    """By endpoint, and by endpoint, choice and value of every choice that has more than one."""
    both = list(zip(specifications, effects, strict=True))
    whole: dict[str, Spread] = {}
    parts: dict[tuple[str, str, str], Spread] = {}
    for endpoint in dict.fromkeys(s.endpoint for s in specifications):
        here = [(s, e) for s, e in both if s.endpoint == endpoint]
        whole[endpoint] = spread_of([s for s, _ in here], [e for _, e in here], threshold)
        for axis in AXES[1:]:
            values = dict.fromkeys(s.choices[axis] for s, _ in here if s.choices[axis])
            for value in values if len(values) > 1 or axis == "target" else ():
                chosen = [(s, e) for s, e in here if s.choices[axis] == value]
                parts[endpoint, axis, value] = spread_of([s for s, _ in chosen], [e for _, e in chosen], threshold)
    return whole, parts
