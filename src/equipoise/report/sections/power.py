"""What the designs can detect, if outcomes are as the protocol assumes."""

from __future__ import annotations

from equipoise.document.model import Section
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.power import power_blocks
from equipoise.report.sections.parts import section
from equipoise.report.words import words


def power_section(numbers: Numbers) -> Section | None:
    """Nothing where the protocol assumes nothing."""
    return section("power", words("sections.power"), power_blocks(numbers))
