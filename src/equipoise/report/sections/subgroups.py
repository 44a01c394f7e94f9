"""Subgroups: one forest over all of them in each leading design, then the tables and curves of each."""

from __future__ import annotations

from equipoise.document.model import Figure, Heading, Section
from equipoise.report import figures
from equipoise.report import format as fmt
from equipoise.report.figures.ratio_forests import subgroup_figures
from equipoise.report.lookup import Numbers
from equipoise.report.narrative import captions
from equipoise.report.narrative import subgroups as said
from equipoise.report.sections.curves import level_curves
from equipoise.report.sections.parts import Blocks, figure, of_cohort, paragraph, section
from equipoise.report.tables.subgroups import subgroup_table, within_arm_table
from equipoise.report.words import words


def subgroups_section(numbers: Numbers) -> Section | None:
    parts = [_subgroup(numbers, name) for name in numbers.protocol.subgroups]
    if not any(parts):
        return None
    forests = _forests(numbers)
    told = paragraph(said.looked(numbers), *[f.name for f in forests])
    return section("subgroups", words("sections.subgroups"), [told, *forests, *(block for part in parts for block in part)])


def _forests(numbers: Numbers) -> list[Figure]:
    """The primary design first; a figure per endpoint where one page would not hold them."""
    made: list[Figure | None] = []
    for design in [] if numbers.single else sorted(numbers.leading, key=lambda d: d != numbers.primary):
        pages = subgroup_figures(numbers, design)
        for endpoints in pages:
            drawn = figures.subgroup_forest(numbers.study, design, endpoints)
            tail = f"_{endpoints[0]}" if len(pages) > 1 else ""
            of = f", {fmt.lower_first(numbers.protocol.endpoints[endpoints[0]].label)}" if tail else ""
            title = words("subgroups.forest.title", endpoint=of, cohort=of_cohort(numbers, design))
            alt, caption = captions.subgroup_forest_alt(numbers, design, endpoints), captions.subgroup_forest(numbers, design)
            made.append(figure(f"figure_forest_subgroups_{design}{tail}", title, drawn, alt, caption, True))
    return [f for f in made if f is not None]


def _subgroup(numbers: Numbers, name: str) -> Blocks:
    table = subgroup_table(numbers, name)
    if table is None:
        return []
    heading = Heading(numbers.protocol.subgroups[name].label)
    told = paragraph(said.subgroups(numbers, name), table.name)
    return [heading, told, table, within_arm_table(numbers, name), *level_curves(numbers, name)]
