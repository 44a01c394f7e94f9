"""The treatment effect over imputations: estimated within each copy of the data and its own designs, then pooled.

Rubin DB. Multiple Imputation for Nonresponse in Surveys. New York: Wiley, 1987. The within approach (a score, a match and weights
of each copy): de Vries BBLP, Groenwold RHH. Stat Methods Med Res 2017;26:2055-2070.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from equipoise.estimate.imputed_effects import Copy, copy_rows, hazard_rows, horizons
from equipoise.estimate.pooled import pooled_rows
from equipoise.estimate.survival import TOTAL
from equipoise.protocol.designs import UNADJUSTED
from equipoise.protocol.spec import Protocol
from equipoise.records import (
    Cohort,
    Covariates,
    Design,
    Designs,
    Imputed,
    Outcomes,
    Row,
    covariates_among,
    outcomes_among,
    population_within,
)
from equipoise.records.reasons import not_estimable

ANY = "any"  # in place of a covariate: at least one of them
OVER = "mean over imputations; low and high: the smallest and the largest"


def imputation_rows(
    protocol: Protocol, cohort: Cohort, covariates: Covariates, imputed: Imputed, outcomes: Outcomes
) -> Iterator[Row]:
    """What was imputed; then of each design its size and balance over the copies, and its effects pooled; of variants of the
    primary one, and in restricted populations, the size and the hazard ratios. The patients of a restricted population are those
    of whom the recorded values say so, the same in every copy."""
    yield from _drawn(protocol, cohort, covariates, imputed)
    drawn, designs = imputed.drawn, imputed.designs
    yield from _designs(protocol, designs, drawn.copies, outcomes, drawn.names)
    variants = [f"variant_{name}" for name in protocol.sensitivity.propensity_variants if protocol.designs]
    yield from _hazards(protocol, designs, drawn.copies, outcomes, variants)
    for name in protocol.restrict:
        inside = [found.restricted[name] for found in designs]
        if not inside[0].designs:
            continue
        keep = covariates.populations[name] == 1
        copies = [covariates_among(copy, keep) for copy in drawn.copies]
        part = outcomes_among(outcomes, inside[0].cohort, keep)
        for row in _hazards(protocol.within(name), inside, copies, part, list(protocol.designs)):
            yield replace(row, population=population_within(name, row.population))


def _designs(
    protocol: Protocol, designs: Sequence[Designs], copies: Sequence[Covariates], outcomes: Outcomes, names: Sequence[str]
) -> Iterator[Row]:
    """Of the patients as they are and of each declared design. names: of the imputed covariates."""
    cohort = designs[0].cohort
    for name in (UNADJUSTED, *protocol.designs):
        made = _made(designs, copies, name)
        rows = copy_rows(protocol, cohort, made, outcomes, names)
        if name != UNADJUSTED and made:
            yield from _sizes(protocol, name, [c.design for c in made])
            yield from _balance(name, [c.design for c in made])
            yield from horizons(protocol, cohort, made, outcomes)
        yield from pooled_rows(rows, protocol.level, len(designs))
        if name != UNADJUSTED:
            yield from _each(name, made, rows)


def _hazards(
    protocol: Protocol, designs: Sequence[Designs], copies: Sequence[Covariates], outcomes: Outcomes, names: Sequence[str]
) -> Iterator[Row]:
    """Size and hazard ratios of these designs."""
    for name in names:
        made = _made(designs, copies, name)
        if made:
            yield from _sizes(protocol, name, [c.design for c in made])
            yield from pooled_rows(hazard_rows(protocol, designs[0].cohort, made, outcomes), protocol.level, len(designs))


def _made(designs: Sequence[Designs], copies: Sequence[Covariates], name: str) -> list[Copy]:
    """The copies in which a design could be made."""
    return [Copy(k, copies[k], found[name]) for k, found in enumerate(designs) if any(d.name == name for d in found)]


def _drawn(protocol: Protocol, cohort: Cohort, covariates: Covariates, imputed: Imputed) -> Iterator[Row]:
    """Patients without each covariate, and without any of them; how well the chains mixed."""
    missing = {name: covariates.missing(name) for name in imputed.drawn.names}
    missing[ANY] = np.any(list(missing.values()), axis=0)
    base = {"phase": "design", "analysis": "imputed_values"}
    for name, who in missing.items():
        for group in (TOTAL, *protocol.arms.groups):
            mine = np.ones(cohort.n, dtype=bool) if group == TOTAL else cohort.in_arm(group)
            yield Row(**base, statistic="n", value=float((who & mine).sum()), variable=name, group=group, n=float(mine.sum()))
    for name, ratio in imputed.drawn.settled.items():
        if np.isfinite(ratio):
            method = "potential scale reduction of the means, second half of the passes"
            yield Row(**base, statistic="scale_reduction", value=ratio, variable=name, method=method)


def _sizes(protocol: Protocol, design: str, made: list[Design]) -> Iterator[Row]:
    """Pairs, or effective sample sizes in total and by arm; copies in which the design was made."""
    base = {"phase": "design", "analysis": "imputed", "design": design, "statistic": "value"}
    yield Row(**base, value=float(len(made)), variable="copies", method="imputed data sets in which the design could be made")
    if made[0].paired:
        yield Row(**base, **_over([float(d.facts["pairs"]) for d in made]), variable="pairs", method=OVER)
        return
    for group in (TOTAL, *protocol.arms.groups):
        sizes = [float(d.facts["effective_n"][group]) for d in made]
        yield Row(**base, **_over(sizes), variable="effective_n", group=group, method=f"Kish; {OVER}")


def _over(values: list[float]) -> Mapping[str, float]:
    return {"value": float(np.mean(values)), "low": min(values), "high": max(values)}


def _balance(design: str, made: list[Design]) -> Iterator[Row]:
    """The absolute standardized mean difference of each variable over the copies."""
    for position, first in enumerate(made[0].balance):
        if first.level:
            continue
        sizes = [abs(d.balance[position].smd) for d in made]
        base = {
            "phase": "design",
            "analysis": "imputed_balance",
            "design": design,
            "statistic": "smd",
            "variable": first.variable,
        }
        if not np.isfinite(sizes).all():
            yield Row(**base, value=float("nan"), method=not_estimable("not in every imputed data set", f"absolute; {OVER}"))
            continue
        yield Row(**base, **_over(sizes), method=f"absolute; {OVER}")


def _each(design: str, copies: list[Copy], rows: list[list[Row]]) -> Iterator[Row]:
    """Of each copy its pairs or effective size, its largest |SMD|, and the hazard ratio of every main endpoint."""
    base = {"phase": "design", "analysis": "each_imputation", "design": design, "statistic": "value"}
    for copy, own in zip(copies, rows, strict=True):
        made, level = copy.design, str(copy.number + 1)
        size = float(made.facts["pairs"]) if made.paired else float(made.facts["effective_n"][TOTAL])
        yield Row(**base, value=size, variable="pairs" if made.paired else "effective_n", level=level)
        sizes = [np.inf if b.apart else abs(b.smd) for b in made.balance if not b.level]
        known = [v for v in sizes if not np.isnan(v)]
        if known and np.isfinite(max(known)):
            yield Row(**base, value=max(known), variable="max_abs_smd", level=level, method="over all variables")
        for row in own:
            if row.analysis == "cox" and row.statistic == "hr" and not np.isnan(row.value):
                yield replace(row, analysis="cox_each_imputation", level=level)
