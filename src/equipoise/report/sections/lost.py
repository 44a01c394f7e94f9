"""Whom the designs lost, and what was known of the designs before outcomes."""

from __future__ import annotations

from equipoise.document.model import Section
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.balance import distributions
from equipoise.report.narrative.lost import lost
from equipoise.report.sections.parts import Blocks, paragraph, section
from equipoise.report.tables.balance import balance_tables
from equipoise.report.tables.diagnostics import diagnostics_table
from equipoise.report.tables.lost import losing_designs, lost_table
from equipoise.report.words import words


def lost_section(numbers: Numbers) -> Section | None:
    spread = paragraph(distributions(numbers), *(["table_balance"] if balance_tables(numbers) else []))
    blocks: Blocks = [spread, diagnostics_table(numbers)]
    for design in losing_designs(numbers):
        table = lost_table(numbers, design)
        blocks += [paragraph(lost(numbers, design), table.name), table]
    return section("lost", words("sections.lost"), blocks)
