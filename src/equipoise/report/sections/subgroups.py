"""Subgroups: a section each."""

from __future__ import annotations

from equipoise.document.model import Figure, Section
from equipoise.report import figures
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.narrative import captions
from equipoise.report.narrative import results as said
from equipoise.report.sections.curves import curves, level_curves
from equipoise.report.sections.parts import Blocks, figure, paragraph, section
from equipoise.report.tables.subgroups import subgroup_table, within_arm_table


def subgroup_sections(numbers: Numbers) -> list[Section | None]:
    return [
        section(f"subgroup_{name}", f"Subgroups: {fmt.lower_first(subgroup.label)}", _blocks(numbers, name))
        for name, subgroup in numbers.protocol.subgroups.items()
    ]


def _blocks(numbers: Numbers, name: str) -> Blocks:
    table = subgroup_table(numbers, name)
    if table is None:
        return []
    forest = figures.subgroup_forest(numbers.study, name)
    subgroup = numbers.protocol.subgroups[name]
    drawn: list[Figure | None] = [level_curves(numbers, name)] if numbers.single else []
    for level in [] if numbers.single else subgroup.levels:
        drawn += curves(numbers, f"{name} {level}", f", {fmt.lower_first(subgroup.label)} {level}")
    title = f"Hazard ratios by {fmt.lower_first(subgroup.label)}"
    return [
        paragraph(said.subgroups(numbers, name), table.name),
        figure(f"figure_forest_{name}", title, forest, captions.forest_alt(numbers, name), "", True),
        table,
        within_arm_table(numbers, name),
        *drawn,
    ]
