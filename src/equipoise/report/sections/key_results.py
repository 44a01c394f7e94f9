"""The key results at the top."""

from __future__ import annotations

from equipoise.document.model import Section
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.abstract import key_results
from equipoise.report.sections.parts import section
from equipoise.report.words import words


def key_results_section(numbers: Numbers) -> Section | None:
    return section("key_results", words("sections.key_results"), [*key_results(numbers)])
