"""Who was selected: the flow of patients."""

from __future__ import annotations

from equipoise.document.model import Section
from equipoise.report import figures
from equipoise.report.lookup import Numbers
from equipoise.report.narrative import captions
from equipoise.report.narrative.flow import designs, selection
from equipoise.report.sections.parts import Blocks, figure, paragraph, section
from equipoise.report.tables.design import attrition_table
from equipoise.report.words import words


def patients_section(numbers: Numbers) -> Section | None:
    table = attrition_table(numbers)
    flow = figures.flow_diagram(numbers.study)
    blocks: Blocks = [
        paragraph([selection(numbers), *designs(numbers)], "figure_flow"),
        figure("figure_flow", words("flow.figure_title"), flow, captions.flow_alt(numbers)),
        table,
    ]
    return section("patients", words("sections.patients"), blocks)
