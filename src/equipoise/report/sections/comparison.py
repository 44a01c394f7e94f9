"""Where the comparison with the publication stands."""

from __future__ import annotations

from equipoise.document.model import Run, Section, text
from equipoise.report.lookup import Numbers
from equipoise.report.sections.parts import Blocks, section


def comparison_section(numbers: Numbers, links: tuple[tuple[str, str], ...]) -> Section | None:
    return section("comparison", "Comparison with the publication", _blocks(numbers, links))


def _blocks(numbers: Numbers, links: tuple[tuple[str, str], ...]) -> Blocks:
    comparison = numbers.protocol.comparison
    page = dict((label, file) for label, file in links).get("Comparison")
    if comparison is None or page is None:
        return []
    return [
        text(
            "Each published value (",
            comparison.source,
            ") stands beside the one that this run obtained on ",
            Run("the comparison page", href=page),
            ".",
        )
    ]
