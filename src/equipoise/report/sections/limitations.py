"""Limitations, drawn from settings and results."""

from __future__ import annotations

from equipoise.document.model import Section
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.limitations import limitations
from equipoise.report.sections.parts import paragraph, section

ANCHOR = "limitations"


def limitations_section(numbers: Numbers) -> Section | None:
    return section(ANCHOR, "Limitations", [paragraph(said) for said in limitations(numbers)])
