"""How the study was conducted: scans, follow-up, treatment given."""

from __future__ import annotations

from equipoise.document.model import Section
from equipoise.report.lookup import Numbers
from equipoise.report.narrative import conduct as said
from equipoise.report.sections.parts import Blocks, paragraph, section
from equipoise.report.tables.conduct import conduct_table, exposure_table
from equipoise.report.words import words


def conduct_section(numbers: Numbers) -> Section | None:
    scans, doses = conduct_table(numbers), exposure_table(numbers)
    blocks: Blocks = [
        paragraph(said.scans(numbers), scans.name) if scans is not None else None,
        scans,
        paragraph(said.exposure(numbers), doses.name) if doses is not None else None,
        doses,
    ]
    return section("conduct", words("sections.conduct"), blocks)
