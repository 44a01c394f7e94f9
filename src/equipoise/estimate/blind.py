"""What is known of a study before its outcomes are opened, as rows: the flow, the baseline, the designs, who they lose."""

from __future__ import annotations

from dataclasses import replace

from equipoise.estimate.attrition import attrition_rows, design_rows
from equipoise.estimate.balance import balance_rows
from equipoise.estimate.baseline import baseline_rows
from equipoise.estimate.lost import lost_rows
from equipoise.protocol.spec import Protocol
from equipoise.records import Covariates, Designs, Estimates, Row


def describe_design(protocol: Protocol, designs: Designs, covariates: Covariates) -> Estimates:
    """The same rows, under the same keys, as `estimate_effects` has of the whole study; outcomes are not an argument."""
    rows: list[Row] = [*attrition_rows(protocol, designs.cohort)]
    balance = balance_rows(protocol, designs.cohort, covariates, [d for d in designs if d.name in protocol.compared])
    for design in designs:
        rows += design_rows(protocol, designs.cohort, covariates, design)
        if design.name in protocol.compared:
            rows += [*baseline_rows(protocol, designs.cohort, covariates, design), *balance[design.name]]
            rows += lost_rows(protocol, designs.cohort, covariates, design)
    return Estimates.from_rows([replace(row, convention=protocol.convention) for row in rows], curves={}, warnings=())
