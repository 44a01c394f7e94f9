"""Where the comparison with the publication stands."""

from __future__ import annotations

from equipoise.document.model import Run, Section
from equipoise.report.lookup import Numbers
from equipoise.report.sections.parts import Blocks, section, worded
from equipoise.report.words import words


def comparison_section(numbers: Numbers, links: tuple[tuple[str, str], ...]) -> Section | None:
    return section("comparison", words("sections.comparison"), _blocks(numbers, links))


def _blocks(numbers: Numbers, links: tuple[tuple[str, str], ...]) -> Blocks:
    comparison = numbers.protocol.comparison
    page = dict((label, file) for label, file in links).get(words("comparison.link"))
    if comparison is None or page is None:
        return []
    return [worded("comparison.pointer", source=comparison.source, page=Run(words("comparison.page"), href=page))]
