"""The sensitivity bundle: the primary comparison looked at in other ways, a row per number. What was asked for and could not be
made has a row that says why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

import numpy as np

from equipoise.estimate.bundle_time import interval_rows, permutation_rows, piecewise_rows
from equipoise.estimate.effects import treatment_rows
from equipoise.estimate.rematched import rematched_rows
from equipoise.estimate.survival import Setting
from equipoise.estimate.unmeasured import confounder_rows, pair_rows, unmeasured_rows
from equipoise.protocol.bundle import BOOTSTRAP
from equipoise.protocol.designs import UNADJUSTED
from equipoise.protocol.spec import Protocol
from equipoise.records import Again, Designs, Outcomes, Rematched, Row, Sample
from equipoise.records.reasons import not_estimable

PHASE = "sensitivity"
AGAIN = {"site": "site_in_score", "centres": "centre_left_out", "calipers": "caliper", "weights": "other_weights"}
Found = tuple[list[Row], str]  # the rows of a member, and why there are none


def bundle_rows(protocol: Protocol, designs: Designs, outcomes: Outcomes) -> Iterator[Row]:
    """Per member whether it could be made, then its rows: of main endpoints but the negative control, in the primary design or,
    where there is none, among all patients as they are."""
    asked = protocol.sensitivity.members
    if not asked or not designs.designs:
        return
    sample = designs[protocol.without_designs(designs.unmade).primary or UNADJUSTED].sample
    endpoints = [e for e in protocol.main_endpoints if e != protocol.sensitivity.negative_control]
    settings = [Setting(protocol, designs.cohort, sample, e, outcomes.endpoints[e]) for e in endpoints]
    for member in asked:
        rows, why = _of(member, protocol, designs, outcomes, settings)
        method = "" if not why else f"not made: {why}"
        yield Row(PHASE, "applies", float(not why), analysis="bundle", variable=member, design=sample.design, method=method)
        yield from (replace(row, phase=PHASE) for row in rows)


def _of(member: str, protocol: Protocol, designs: Designs, outcomes: Outcomes, settings: list[Setting]) -> Found:
    if member in AGAIN:
        return _redesigned(member, protocol, designs, outcomes, settings)
    if member == BOOTSTRAP:
        return _bootstrapped(designs.rematched, settings)
    each: dict[str, Callable[[Setting], Found]] = {
        "time": piecewise_rows,
        "interval": lambda s: interval_rows(s, outcomes.responses),
        "permutation": permutation_rows,
        "unmeasured": lambda s: unmeasured_rows(s, planned(s)),
        "confounder": lambda s: confounder_rows(s, planned(s)),
        "pairs": pair_rows,
    }
    if member in each:
        found = [each[member](s) for s in settings]
        rows = [row for some, _ in found for row in some]
        return rows, "" if rows else "; ".join(dict.fromkeys(why for _, why in found))
    return [], _elsewhere(member, protocol, designs, settings)


def _elsewhere(member: str, protocol: Protocol, designs: Designs, settings: list[Setting]) -> str:
    """Why there is nothing of a member whose rows the study has anyway: other designs, restricted populations, imputation,
    restricted means, the negative control."""
    if member == "designs":
        return "" if len(designs) > 1 else "the study compares the arms as they are alone"
    if member == "restrict":
        return "" if protocol.restrict else "no restricted population was declared"
    if member == "imputation":
        return "" if protocol.missing.impute is not None else "no covariate was imputed"
    if member == "negative_control" and not protocol.sensitivity.negative_control:
        return "no negative control was declared"
    return ""


def planned(s: Setting) -> tuple[Row, Row] | None:
    """hr and p of the treatment in the design, as the study has them; None where it has no hazard ratio."""
    rows = list(islice(treatment_rows(s), 2))
    return (rows[0], rows[1]) if len(rows) == 2 and not np.isnan(rows[0].value) else None


def _bootstrapped(again: Rematched | None, settings: list[Setting]) -> Found:
    """The hazard ratio over resamples in which the match was made again."""
    if again is None or again.why:
        return [], "there is no primary design" if again is None else again.why
    found = [(s, known) for s in settings if (known := planned(s)) is not None]
    rows = [row for s, known in found for row in rematched_rows(s, again, known[0])]
    return rows, "" if rows else "no endpoint has a hazard ratio"


def _redesigned(member: str, protocol: Protocol, designs: Designs, outcomes: Outcomes, settings: list[Setting]) -> Found:
    """The hazard ratio in each design that was made again; one that was not has its reason."""
    again = [a for a in designs.again if a.member == member]
    if not again:
        return [], "there is no primary design"
    if all(one.design is None for one in again):
        return [], "; ".join(dict.fromkeys(one.why for one in again))
    rows = []
    for s in settings:
        for one in again:
            rows += _effect(s, one, AGAIN[member])
    return rows, ""


def _effect(s: Setting, one: Again, analysis: str) -> Iterator[Row]:
    where = {"analysis": analysis, "variable": one.name}
    contrast = s.protocol.arms.contrast
    if one.design is None:
        for statistic in ("hr", "p"):
            yield s.row(statistic, float("nan"), contrast=contrast, method=not_estimable(one.why), **where)
        return
    keep, times = one.keep, s.outcome
    outcome = replace(times, time=times.time[keep], event=times.event[keep], source=times.source[keep])
    sample: Sample = replace(one.design.sample, design=s.sample.design)
    for row in islice(treatment_rows(Setting(s.protocol, one.cohort, sample, s.endpoint, outcome)), 2):
        yield replace(row, **where)
