"""Every number of the study, a row each. The order of this file is the order of the report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from equipoise.estimate.adjusted import adjusted_rows
from equipoise.estimate.at_risk import at_risk_rows, later_at_risk_rows, published_at_risk_rows
from equipoise.estimate.attrition import attrition_rows, design_rows
from equipoise.estimate.balance import balance_rows
from equipoise.estimate.baseline import baseline_rows
from equipoise.estimate.binary import binary_rows
from equipoise.estimate.bundle import bundle_rows
from equipoise.estimate.competing import competing_rows, incidence_curves
from equipoise.estimate.conduct import conduct_remarks, conduct_rows, exposure_rows
from equipoise.estimate.detectable import detectable_rows
from equipoise.estimate.effects import multivariable_rows, treatment_rows, univariable_rows
from equipoise.estimate.endpoint_variants import endpoint_variant_rows
from equipoise.estimate.imputed import imputation_rows
from equipoise.estimate.late_exclusions import late_exclusion_rows
from equipoise.estimate.lost import lost_rows
from equipoise.estimate.missing_balance import missing_balance_rows
from equipoise.estimate.other_scales import doubly_robust_rows, restricted_mean_rows, survival_difference_rows
from equipoise.estimate.published import published_rows, reconstructed
from equipoise.estimate.quality import quality_rows
from equipoise.estimate.remarks import remarks, restriction_remarks, weighted_remarks
from equipoise.estimate.response import response_rows
from equipoise.estimate.response_detail import recorded_rows, response_detail_rows
from equipoise.estimate.safety import flag_rows, safety_rows
from equipoise.estimate.safety_detail import holm_rows, safety_detail_rows
from equipoise.estimate.standardised import standardised
from equipoise.estimate.subgroups import subgroup_rows
from equipoise.estimate.survival import Setting, curve_rows, curves, follow_up_rows, logrank_rows, source_rows
from equipoise.estimate.time_zero import post_index_rows
from equipoise.protocol.designs import UNADJUSTED
from equipoise.protocol.roles import role_remarks
from equipoise.protocol.spec import Protocol
from equipoise.records import (
    Cohort,
    Covariates,
    Curve,
    Design,
    Designs,
    Estimates,
    Imputed,
    Outcomes,
    Quality,
    ReadPublished,
    Row,
    covariates_among,
    curve_key,
    outcomes_among,
    population_within,
)


def estimate_effects(
    protocol: Protocol,
    designs: Designs,
    covariates: Covariates,
    outcomes: Outcomes,
    quality: Quality | None = None,
    imputed: Imputed | None = None,
    published: ReadPublished | None = None,
) -> Estimates:
    """The long table of results and the curves behind it. quality: as find_quality gives it; without it nothing is said of it.
    imputed: copies of the data without missing covariates and their designs, where the study asks for them.
    published: what other studies published, where it stands beside this one."""
    rows, found = _rows(protocol.over_all_arms, designs, covariates, outcomes)
    warnings = [*remarks(protocol, rows), *role_remarks(protocol), *weighted_remarks(protocol, designs, outcomes)]
    if quality is not None:
        rows += quality_rows(protocol, designs, covariates, outcomes, quality)
    if imputed is not None:
        rows += imputation_rows(protocol, designs.cohort, covariates, imputed, outcomes)
        warnings += imputed.drawn.remarks
    warnings += conduct_remarks(protocol, rows)
    if published is not None:
        rows += published_rows(protocol, published, rows)
        more, drawn = reconstructed(protocol, published)
        rows, found = rows + more, found | drawn
        rows += published_at_risk_rows(protocol, [c.asked.label for c in published.curves], drawn, rows)
    more, drawn, said = _populations(protocol, designs, covariates, outcomes)
    rows, found, warnings = rows + more, found | drawn, warnings + said
    warnings += restriction_remarks(protocol, designs)
    convention = protocol.convention
    named = [replace(r, convention=convention) for r in rows]
    return Estimates.from_rows(named, curves=found, warnings=tuple(warnings))


def _populations(
    protocol: Protocol, designs: Designs, covariates: Covariates, outcomes: Outcomes
) -> tuple[list[Row], dict[str, Curve], list[str]]:
    """Everything that is estimated in the restricted populations and in the comparisons of several arms, each a study of its own,
    with remarks."""
    rows: list[Row] = []
    found: dict[str, Curve] = {}
    warnings: list[str] = []
    for name, restricted in designs.restricted.items():
        keep, own = covariates.populations[name] == 1, protocol.within(name)
        part = covariates_among(covariates, keep), outcomes_among(outcomes, restricted.cohort, keep)
        here, drawn = _rows(own.over_all_arms, restricted, *part)
        where = "comparison" if name in protocol.comparisons else "population"
        warnings += [f"In the {where} {protocol.populations[name]}: {w}" for w in remarks(own, here)]
        more, curve, said = _populations(own, restricted, *part)
        warnings += said
        rows += [replace(row, population=population_within(name, row.population)) for row in here + more]
        for key, c in (drawn | curve).items():
            found[curve_key(name, key)] = replace(c, population=population_within(name, c.population))
    return rows, found, warnings


def _rows(protocol: Protocol, designs: Designs, covariates: Covariates, outcomes: Outcomes) -> tuple[list[Row], dict[str, Curve]]:
    """Everything that is estimated in one population."""
    cohort = designs.cohort
    rows: list[Row] = [*attrition_rows(protocol, cohort)]
    found: dict[str, Curve] = {}
    if not designs.designs:
        return rows, found
    balance = balance_rows(protocol, cohort, covariates, [d for d in designs if d.name in protocol.compared])
    for design in designs:
        rows += design_rows(protocol, cohort, covariates, design)
        rows += detectable_rows(protocol, cohort, design)
        if design.name not in protocol.compared:
            rows += _variant_effects(protocol, cohort, design, outcomes)
            continue
        rows += [*baseline_rows(protocol, cohort, covariates, design), *balance[design.name]]
        rows += missing_balance_rows(protocol, cohort, covariates, design)
        rows += lost_rows(protocol, cohort, covariates, design)
        rows += response_rows(protocol, cohort, design.sample, outcomes)
        rows += response_detail_rows(protocol, cohort, design.sample, outcomes)
        for setting in settings(protocol, cohort, design, outcomes):
            more, curve = _survival(setting, covariates, design.tie_orders)
            rows += more
            found.update(curve)
            rows += _other_effects(setting, design, covariates)
            if setting.endpoint in protocol.main_endpoints:
                found.update(incidence_curves(setting))
                more, curve = standardised(setting, covariates)
                rows += more
                found.update(curve)
        rows += binary_rows(protocol, cohort, design.sample, outcomes)
        if not protocol.arms.several:  # of several arms in each comparison
            rows += endpoint_variant_rows(protocol, cohort, design.sample, outcomes)
            rows += late_exclusion_rows(protocol, cohort, design.sample, outcomes)
        more, curve = post_index_rows(protocol, cohort, covariates, design.sample, outcomes)
        rows += more
        found.update(curve)
    rows += at_risk_rows(protocol, found)
    rows += bundle_rows(protocol, designs, outcomes)
    rows += recorded_rows(protocol, outcomes)
    rows += safety_rows(protocol, cohort, outcomes)
    more, curve = safety_detail_rows(protocol, cohort, outcomes)
    rows += more
    found.update(curve)
    rows += later_at_risk_rows(protocol, found)
    rows += list(holm_rows(rows))
    rows += flag_rows(protocol, cohort, outcomes)
    rows += [*conduct_rows(protocol, cohort, outcomes), *exposure_rows(protocol, cohort, outcomes)]
    return rows, found


def settings(protocol: Protocol, cohort: Cohort, design: Design, outcomes: Outcomes) -> Iterator[Setting]:
    """Each endpoint among all patients of a design."""
    for name, outcome in outcomes.endpoints.items():
        yield Setting(protocol, cohort, design.sample, name, outcome)


def _survival(s: Setting, covariates: Covariates, tie_orders: tuple[np.ndarray, ...]) -> tuple[list[Row], dict[str, Curve]]:
    """Curves, follow-up and the treatment effect; of main endpoints also predictors and subgroups."""
    found = curves(s)
    rows = [*curve_rows(s, found), *logrank_rows(s), *follow_up_rows(s), *source_rows(s), *treatment_rows(s, tie_orders)]
    if s.endpoint not in s.protocol.main_endpoints:
        return rows, found
    if s.sample.design == UNADJUSTED:
        rows += univariable_rows(s, covariates, s.protocol.cox.univariable)
        names = s.protocol.cox.multivariable.get(s.endpoint, [])
        if names:
            rows += multivariable_rows(s, covariates, names)
    for name, subgroup in s.protocol.subgroups.items() if not s.protocol.arms.several else ():
        more, curve = subgroup_rows(s, name, subgroup, covariates)
        rows += more
        found.update(curve)
    return rows, found


def _other_effects(s: Setting, design: Design, covariates: Covariates) -> Iterator[Row]:
    """The effect on main endpoints as differences, and adjusted within the design."""
    if s.endpoint in s.protocol.main_endpoints:
        yield from restricted_mean_rows(s)
        yield from survival_difference_rows(s)
        yield from doubly_robust_rows(s, design)
        yield from competing_rows(s)
        yield from adjusted_rows(s, design, covariates)


def _variant_effects(protocol: Protocol, cohort: Cohort, design: Design, outcomes: Outcomes) -> Iterator[Row]:
    for s in settings(protocol, cohort, design, outcomes):
        if s.endpoint in protocol.main_endpoints:
            yield from treatment_rows(s)
