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
from equipoise.report.sections.parts import Blocks, figure, paragraph, section, worded
from equipoise.report.tables.concepts import concepts_table
from equipoise.report.tables.estimand import estimand_table
from equipoise.report.tables.target_trial import target_trial_table
from equipoise.report.words import words

DIAGRAM = "figure_design_diagram"


def methods_section(numbers: Numbers, versions: Mapping[str, str]) -> Section | None:
    return section("methods", words("sections.methods"), _blocks(numbers, versions))


def _blocks(numbers: Numbers, versions: Mapping[str, str]) -> Blocks:
    power = power_blocks(numbers)
    blocks: Blocks = [
        *methods(numbers),
        *([Heading(words("methods.heading.power")), *power] if power else []),
        paragraph(locked(numbers)),
        paragraph([small_cells(numbers)]),
        _software(versions) if versions else None,
    ]
    return [*blocks, *_diagram(numbers), *_concepts(numbers), *_estimand(numbers), *_target_trial(numbers)]


def _diagram(numbers: Numbers) -> Blocks:
    """Of raw tables, whose records have days before the index date; a spreadsheet's values have none."""
    if numbers.protocol.data.tables is None and numbers.protocol.omop is None:
        return []
    drawn = figure(
        DIAGRAM,
        words("methods.diagram.title"),
        design_diagram(numbers.protocol),
        alt(numbers.protocol),
        words("methods.diagram.caption"),
        supplement=True,
    )
    return [worded("methods.diagram.pointer", figure=ref(DIAGRAM)), drawn]


def _concepts(numbers: Numbers) -> Blocks:
    table = concepts_table(numbers)
    return [] if table is None else [worded("omop.outcomes.sets", table=ref(table.name)), table]


def _estimand(numbers: Numbers) -> Blocks:
    table = estimand_table(numbers)
    if table is None:
        return []
    told = worded("methods.pointer.estimand", table=ref(table.name))
    return [Heading(words("methods.heading.estimand")), told, table]


def _target_trial(numbers: Numbers) -> Blocks:
    table = target_trial_table(numbers)
    if table is None:
        return []
    told = worded("methods.pointer.target_trial", table=ref(table.name))
    return [Heading(words("methods.heading.target_trial")), told, table]


def _software(versions: Mapping[str, str]) -> Paragraph:
    return text(words("methods.software.listed", software=fmt.listed([f"{name} {v}" for name, v in versions.items()])))
