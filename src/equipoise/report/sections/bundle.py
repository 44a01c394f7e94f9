"""The sensitivity bundle: one paragraph, one forest, one table."""

from __future__ import annotations

from equipoise.document.model import Section
from equipoise.report.figures.bundle_forest import bundle_forest
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.bundle import bundle_words
from equipoise.report.sections.parts import Blocks, figure, paragraph, section
from equipoise.report.tables.bundle import bundle_table, endpoints, lines


def bundle_section(numbers: Numbers) -> Section | None:
    return section("bundle", "Sensitivity bundle", _blocks(numbers))


def _blocks(numbers: Numbers) -> Blocks:
    table = None if numbers.single else bundle_table(numbers)
    if table is None:
        return []
    n = sum(line.hr is not None for endpoint in endpoints(numbers) for line in lines(numbers, endpoint))
    alt = f"Forest plot of {n} hazard ratios of the sensitivity bundle, with the planned ones."
    drawn = figure("figure_bundle", "Hazard ratios of the sensitivity bundle", bundle_forest(numbers), alt, "", True)
    *said, last = bundle_words(numbers) or [[]]
    return [*(paragraph(words) for words in said), paragraph(last, table.name), drawn, table]
