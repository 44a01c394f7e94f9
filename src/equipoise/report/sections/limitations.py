"""Limitations, drawn from settings and results."""

from __future__ import annotations

from equipoise.document.model import Section
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.limitations import limitations
from equipoise.report.sections.parts import paragraph, section
from equipoise.report.words import words

ANCHOR = "limitations"


def limitations_section(numbers: Numbers) -> Section | None:
    return section(ANCHOR, words("sections.limitations"), [paragraph(said) for said in limitations(numbers)])
