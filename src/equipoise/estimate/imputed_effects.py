"""What is estimated in one imputed data set, by the functions that estimate it in the complete cases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from equipoise.estimate.adjusted import adjusted_rows
from equipoise.estimate.binary import binary_rows
from equipoise.estimate.competing import competing_rows
from equipoise.estimate.effects import multivariable_rows, treatment_rows, univariable_rows
from equipoise.estimate.horizon import Horizon, horizon_of
from equipoise.estimate.other_scales import (
    comparable,
    doubly_robust_rows,
    effect_row,
    restricted_mean_rows,
    survival_difference_rows,
)
from equipoise.estimate.survival import Setting
from equipoise.protocol.designs import UNADJUSTED
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Covariates, Design, Outcomes, Row

SMALLEST = "the smallest over the imputed data sets"


@dataclass(frozen=True, slots=True)
class Copy:
    """One imputed data set with a design made in it. number: of the copy, from 0."""

    number: int
    covariates: Covariates
    design: Design


def copy_rows(
    protocol: Protocol, cohort: Cohort, copies: Sequence[Copy], outcomes: Outcomes, imputed: Sequence[str]
) -> list[list[Row]]:
    """The rows of each copy of one design: of a declared one the effects on the main and the binary endpoints, of the patients as
    they are what rests on an imputed covariate. imputed: names of the covariates that were."""
    found: list[list[Row]] = [[] for _ in copies]
    for settings in _settings(protocol, cohort, copies, outcomes):
        horizon = common_horizon(settings)
        for rows, s, copy in zip(found, settings, copies, strict=True):
            rows += _of_endpoint(s, copy, horizon, imputed)
    for rows, copy in zip(found, copies, strict=True):
        if copy.design.name != UNADJUSTED:
            made = binary_rows(protocol, cohort, copy.design.sample, outcomes)
            rows += [row for row in made if row.statistic != "n"]
    return found


def hazard_rows(protocol: Protocol, cohort: Cohort, copies: Sequence[Copy], outcomes: Outcomes) -> list[list[Row]]:
    """The hazard ratios of the main endpoints alone."""
    found: list[list[Row]] = [[] for _ in copies]
    for settings in _settings(protocol, cohort, copies, outcomes):
        for rows, s in zip(found, settings, strict=True):
            rows += _hazard_ratios(s)
    return found


def _settings(protocol: Protocol, cohort: Cohort, copies: Sequence[Copy], outcomes: Outcomes) -> Iterator[list[Setting]]:
    """Of each main endpoint, the setting in each copy."""
    for endpoint in protocol.main_endpoints if copies else ():
        yield [Setting(protocol, cohort, c.design.sample, endpoint, outcomes.endpoints[endpoint]) for c in copies]


def _of_endpoint(s: Setting, copy: Copy, horizon: Horizon, imputed: Sequence[str]) -> Iterator[Row]:
    if copy.design.name == UNADJUSTED:
        if rests_on(s.protocol.scored, imputed):
            yield from _adjusted(s, copy)
        yield from _predictors(s, copy.covariates, imputed)
        return
    yield from _hazard_ratios(s)
    yield from restricted_mean_rows(s, horizon)
    yield from survival_difference_rows(s)
    yield from doubly_robust_rows(s, copy.design)
    yield from (row for row in competing_rows(s) if row.analysis == "fine_gray")
    yield from _adjusted(s, copy)


def _hazard_ratios(s: Setting) -> Iterator[Row]:
    """Marginal and, of pairs, stratified by pair, each with its P; what follows these is not computed."""
    wanted = ["cox", "cox_pair_stratified"] if s.sample.paired else ["cox"]
    yield from islice((row for row in treatment_rows(s) if row.analysis in wanted), 2 * len(wanted))


def _adjusted(s: Setting, copy: Copy) -> Iterator[Row]:
    """Adjusted for the score; what stays unbalanced differs between the copies, and estimates adjusted for it do not pool."""
    for row in adjusted_rows(s, copy.design, copy.covariates):
        if row.analysis != "cox_adjusted":
            return
        yield row


def _predictors(s: Setting, covariates: Covariates, imputed: Sequence[str]) -> Iterator[Row]:
    """The Wald estimates; the limits of penalised ones are no normal ones and do not pool, and contrasts of sparse levels differ
    between the copies."""
    cox = s.protocol.cox
    alone = univariable_rows(s, covariates, [n for n in cox.univariable if n in imputed])
    yield from (row for row in alone if row.analysis == "cox_univariable")
    names = cox.multivariable.get(s.endpoint, [])
    if rests_on(names, imputed):
        yield from (row for row in multivariable_rows(s, covariates, names) if row.analysis == "cox_multivariable")


def rests_on(names: Sequence[str], imputed: Sequence[str]) -> bool:
    return any(name in imputed for name in names)


def common_horizon(settings: Sequence[Setting]) -> Horizon:
    """Of restricted means over copies of one design: the smallest of their horizons, which every copy reaches where each reaches
    its own."""
    found = [horizon_of(s) for s in settings]
    days = min(h.days for h in found)
    rule = found[0].rule
    if any(h.days != days for h in found):
        rule = f"{next(h.rule for h in found if h.days == days)}, {SMALLEST}"
    return Horizon(days, rule, all(h.reached for h in found))


def horizons(protocol: Protocol, cohort: Cohort, copies: Sequence[Copy], outcomes: Outcomes) -> Iterator[Row]:
    """The day up to which the pooled means of each main endpoint are restricted."""
    for settings in _settings(protocol, cohort, copies, outcomes):
        if all(comparable(s) for s in settings):
            horizon = common_horizon(settings)
            yield effect_row(settings[0], "horizon", horizon.days, analysis="rmst_imputed", method=horizon.rule)
