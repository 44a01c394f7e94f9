"""Methods, with the estimand and the software."""

from __future__ import annotations

from collections.abc import Mapping

from equipoise.document.model import Heading, Paragraph, Section, ref, text
from equipoise.report import format as fmt
from equipoise.report.figures.design_diagram import alt, design_diagram
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.lock import locked
from equipoise.report.narrative.methods import methods
from equipoise.report.narrative.power import power_blocks
from equipoise.report.narrative.small_cells import small_cells
from equipoise.report.sections.parts import Blocks, figure, paragraph, section
from equipoise.report.tables.estimand import estimand_table
from equipoise.report.tables.target_trial import target_trial_table
from equipoise.report.words import words

DIAGRAM = "figure_design_diagram"
CAPTION = "Windows before the index date are drawn to scale; follow-up is not."


def methods_section(numbers: Numbers, versions: Mapping[str, str]) -> Section | None:
    return section("methods", "Methods", _blocks(numbers, versions))


def _blocks(numbers: Numbers, versions: Mapping[str, str]) -> Blocks:
    power = power_blocks(numbers)
    blocks: Blocks = [
        *methods(numbers),
        *([Heading("Power"), *power] if power else []),
        paragraph(locked(numbers)),
        paragraph([small_cells(numbers)]),
        _software(versions) if versions else None,
    ]
    return [*blocks, *_diagram(numbers), *_estimand(numbers), *_target_trial(numbers)]


def _diagram(numbers: Numbers) -> Blocks:
    """Of raw tables, whose records have days before the index date; a spreadsheet's values have none."""
    if numbers.protocol.data.tables is None:
        return []
    drawn = figure(
        DIAGRAM, "Design of the study", design_diagram(numbers.protocol), alt(numbers.protocol), CAPTION, supplement=True
    )
    return [text(ref(DIAGRAM), " shows what was assessed of each patient before and after the index date."), drawn]


def _estimand(numbers: Numbers) -> Blocks:
    table = estimand_table(numbers)
    if table is None:
        return []
    told = text(ref(table.name), " gives the estimand as stated in the protocol and as implemented.")
    return [Heading("Estimand"), told, table]


def _target_trial(numbers: Numbers) -> Blocks:
    table = target_trial_table(numbers)
    if table is None:
        return []
    told = text("The study emulates a target trial; ", ref(table.name), " gives its specification and the emulation.")
    return [Heading("Target trial"), told, table]


def _software(versions: Mapping[str, str]) -> Paragraph:
    return text(words("methods.software.listed", software=fmt.listed([f"{name} {v}" for name, v in versions.items()])))
