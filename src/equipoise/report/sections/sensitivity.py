"""Sensitivity: the effect by every analysis, alternative definitions of the endpoints, exclusions known late."""

from __future__ import annotations

from equipoise.document.model import Section
from equipoise.report.lookup import Numbers
from equipoise.report.narrative import results as said
from equipoise.report.sections.parts import Blocks, paragraph, section
from equipoise.report.tables.design import effects_table
from equipoise.report.tables.endpoint_variants import endpoint_variants_table
from equipoise.report.tables.late_exclusions import late_exclusions_table
from equipoise.report.tables.several_arms import variants_table
from equipoise.report.words import words


def sensitivity_section(numbers: Numbers) -> Section | None:
    return section("sensitivity", words("sections.sensitivity"), _blocks(numbers))


def _blocks(numbers: Numbers) -> Blocks:
    if numbers.several:
        table = variants_table(numbers)
        return [] if table is None else [paragraph([said.sensitivity(numbers)], table.name), table]
    table, more = effects_table(numbers), [endpoint_variants_table(numbers), late_exclusions_table(numbers)]
    if table is None:
        return more
    return [paragraph([said.sensitivity(numbers)], table.name), table, *more]
