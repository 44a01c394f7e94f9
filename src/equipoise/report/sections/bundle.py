"""The sensitivity bundle: one paragraph, one forest, one table."""

from __future__ import annotations

from equipoise.document.model import Section
from equipoise.report import format as fmt
from equipoise.report.figures.bundle_forest import bundle_forest
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.bundle import bundle_words
from equipoise.report.sections.parts import Blocks, figure, paragraph, section
from equipoise.report.tables.bundle import bundle_table, endpoints, lines
from equipoise.report.words import words


def bundle_section(numbers: Numbers) -> Section | None:
    return section("bundle", words("sections.bundle"), _blocks(numbers))


def _blocks(numbers: Numbers) -> Blocks:
    table = None if numbers.single else bundle_table(numbers)
    if table is None:
        return []
    n = fmt.count(sum(line.hr is not None for endpoint in endpoints(numbers) for line in lines(numbers, endpoint)))
    alt = words("bundle.forest.alt", n=n)
    drawn = figure("figure_bundle", words("bundle.forest.title"), bundle_forest(numbers), alt, "", True)
    *said, last = bundle_words(numbers) or [[]]
    return [*(paragraph(told) for told in said), paragraph(last, table.name), drawn, table]
