"""Predictors: univariable and multivariable Cox models."""

from __future__ import annotations

from equipoise.document.model import Section, bold, text
from equipoise.report.lookup import Numbers
from equipoise.report.narrative import results as said
from equipoise.report.narrative.predictors import predictors
from equipoise.report.sections.parts import Blocks, section
from equipoise.report.tables.predictors import predictor_tables
from equipoise.report.words import words


def predictors_section(numbers: Numbers) -> Section | None:
    return section("predictors", words("sections.predictors"), _blocks(numbers))


def _blocks(numbers: Numbers) -> Blocks:
    tables = predictor_tables(numbers)
    blocks: Blocks = []
    for endpoint, info in numbers.protocol.main_endpoints.items():
        rows = numbers.where(
            phase="survival", analysis="cox_multivariable", endpoint=endpoint, variable="treatment", statistic="hr"
        )
        sentences = [
            predictors(numbers, endpoint),
            *(said.effect(numbers, endpoint, r, "conditional") for r in rows),
            said.proportionality(numbers, endpoint, "unadjusted", "cox_multivariable_ph_test", "all"),
        ]
        if any(sentences):
            blocks.append(text(bold(f"{info.label}. "), " ".join(s for s in sentences if s)))
    return [*blocks, *tables] if tables else []
