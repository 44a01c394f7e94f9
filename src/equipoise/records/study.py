"""A study that has run."""

from __future__ import annotations

from dataclasses import dataclass

from equipoise.protocol.spec import Protocol
from equipoise.records.cohort import Cohort, Covariates, Sources
from equipoise.records.design import Design, Designs
from equipoise.records.estimates import Estimates
from equipoise.records.outcomes import Outcomes
from equipoise.records.quality import Quality


@dataclass(frozen=True, slots=True)
class Study:
    """Everything that the report needs."""

    protocol: Protocol
    sources: Sources
    cohort: Cohort
    covariates: Covariates
    outcomes: Outcomes
    designs: Designs
    estimates: Estimates
    quality: Quality = Quality()

    def design(self, name: str) -> Design:
        return self.designs[name]
