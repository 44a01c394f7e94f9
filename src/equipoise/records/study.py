"""A study that has run."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from equipoise.protocol.spec import Protocol
from equipoise.records.among import covariates_among, outcomes_among
from equipoise.records.cohort import Cohort, Covariates, Sources
from equipoise.records.design import Design, Designs
from equipoise.records.estimates import Estimates
from equipoise.records.imputation import Imputed
from equipoise.records.lock import LockState
from equipoise.records.outcomes import Outcomes
from equipoise.records.published import ReadPublished
from equipoise.records.quality import Quality


@dataclass(frozen=True, slots=True)
class Study:
    """Everything that the report needs. imputed: where missing covariates were asked to be, and some are missing."""

    protocol: Protocol
    sources: Sources
    cohort: Cohort
    covariates: Covariates
    outcomes: Outcomes
    designs: Designs
    estimates: Estimates
    quality: Quality = Quality()
    lock: LockState = LockState()
    imputed: Imputed | None = None
    published: ReadPublished = ReadPublished()

    def among(self, restriction: str) -> Study:
        """The study of a restricted population: its patients, what is known of them, its designs and estimates. One that could
        not be analysed has no designs, and no estimates but its flow."""
        keep = self.covariates.populations[restriction] == 1
        designs = self.designs.restricted[restriction]
        return Study(
            protocol=self.protocol.within(restriction),
            sources=self.sources,
            cohort=designs.cohort,
            covariates=covariates_among(self.covariates, keep),
            outcomes=outcomes_among(self.outcomes, designs.cohort, keep),
            designs=designs,
            estimates=self.estimates.among(restriction),
        )

    def design(self, name: str) -> Design:
        return self.designs[name]

    def _repr_html_(self) -> str:
        """For a notebook: who was compared, by which designs, and how many numbers there are. No patient."""
        arms = self.protocol.arms
        counted = {a: self.estimates.find("attrition", "n", variable="arm", group=a) for a in arms.groups}
        compared = "; ".join(f"{arms.label(a)} ({row.value:g})" for a, row in counted.items() if row is not None)
        designs = "; ".join(d.label for d in self.designs)
        lines = {"Arms (patients)": compared, "Designs": designs, "Numbers": str(len(self.estimates.rows))}
        rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(words)}</td></tr>" for name, words in lines.items())
        return f"<p><strong>{escape(self.protocol.study.title)}</strong></p><table><tbody>{rows}</tbody></table>"
