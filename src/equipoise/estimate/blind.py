"""What is known of a study before its outcomes are opened, as rows: the flow, the baseline, the designs, who they lose."""

from __future__ import annotations

from dataclasses import replace

from equipoise.estimate.attrition import attrition_rows, design_rows
from equipoise.estimate.balance import balance_rows
from equipoise.estimate.baseline import baseline_rows
from equipoise.estimate.detectable import detectable_rows
from equipoise.estimate.lost import lost_rows
from equipoise.protocol.spec import Protocol
from equipoise.records import Covariates, Designs, Estimates, Row, covariates_among, population_within


def describe_design(protocol: Protocol, designs: Designs, covariates: Covariates) -> Estimates:
    """The same rows, under the same keys, as `estimate_effects` has of the whole study, and of each comparison of several arms;
    outcomes are not an argument."""
    rows = _described(protocol.over_all_arms, designs, covariates)
    for name in protocol.comparisons:
        part = covariates_among(covariates, covariates.populations[name] == 1)
        found = _described(protocol.within(name), designs.restricted[name], part)
        rows += [replace(row, population=population_within(name, row.population)) for row in found]
    convention = protocol.convention
    return Estimates.from_rows([replace(row, convention=convention) for row in rows], curves={}, warnings=())


def _described(protocol: Protocol, designs: Designs, covariates: Covariates) -> list[Row]:
    rows: list[Row] = [*attrition_rows(protocol, designs.cohort)]
    balance = balance_rows(protocol, designs.cohort, covariates, [d for d in designs if d.name in protocol.compared])
    for design in designs:
        rows += design_rows(protocol, designs.cohort, covariates, design)
        rows += detectable_rows(protocol, designs.cohort, design)
        if design.name in protocol.compared:
            rows += [*baseline_rows(protocol, designs.cohort, covariates, design), *balance[design.name]]
            rows += lost_rows(protocol, designs.cohort, covariates, design)
    return rows
