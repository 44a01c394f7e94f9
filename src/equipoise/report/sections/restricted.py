"""Restricted populations: each printed by the sections of the study, as a study of its own within this one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from equipoise.document.model import Block, Bullets, Figure, Heading, Paragraph, Run, Section, Table
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.sections.baseline import baseline_section
from equipoise.report.sections.conduct import conduct_section
from equipoise.report.sections.exploratory import exploratory_section
from equipoise.report.sections.lost import lost_section
from equipoise.report.sections.missing import missing_section
from equipoise.report.sections.other_scales import other_scales_section
from equipoise.report.sections.parts import paragraph, section
from equipoise.report.sections.patients import patients_section
from equipoise.report.sections.post_index import post_index_sections
from equipoise.report.sections.predictors import predictors_section
from equipoise.report.sections.response import response_section
from equipoise.report.sections.safety import safety_section
from equipoise.report.sections.sensitivity import sensitivity_section
from equipoise.report.sections.subgroups import subgroups_section
from equipoise.report.sections.survival import survival_section
from equipoise.report.tables.restricted import restricted_table


def restricted_sections(numbers: Numbers) -> list[Section | None]:
    """What they are, then one section each; nothing where the protocol restricts nothing."""
    study = numbers.study
    parts = {name: Numbers(study.among(name)) for name in study.designs.restricted}
    if not parts:
        return []
    table = restricted_table(numbers, parts)
    labels = fmt.listed([fmt.lower_first(study.protocol.restrict[name].label) for name in parts])
    again = f"The analysis was made again in {fmt.plural(len(parts), 'restricted population')}: {labels}."
    looks = "These are further looks at the same patients; no P value is adjusted for their number."
    first = section("restricted", "Restricted populations", [paragraph([again, looks], table.name), table])
    made = {name: part for name, part in parts.items() if part.study.designs.designs}
    return [first, *(_population(name, study.protocol.restrict[name].label, part) for name, part in made.items())]


def _population(name: str, label: str, numbers: Numbers) -> Section | None:
    blocks: list[Block | None] = []
    for part in _sections(numbers):
        if part is not None:
            blocks += [Heading(part.title), *(_within(block, name, label) for block in part.blocks)]
    return section(f"restricted_{name}", f"Restricted population: {fmt.lower_first(label)}", blocks)


def _sections(numbers: Numbers) -> Iterator[Section | None]:
    yield patients_section(numbers)
    yield baseline_section(numbers)
    yield lost_section(numbers)
    yield response_section(numbers)
    yield survival_section(numbers)
    yield other_scales_section(numbers)
    yield predictors_section(numbers)
    yield subgroups_section(numbers)
    yield from post_index_sections(numbers)
    yield safety_section(numbers)
    yield exploratory_section(numbers)
    yield conduct_section(numbers)
    yield missing_section(numbers)
    yield sensitivity_section(numbers)


def _within(block: Block, name: str, label: str) -> Block:
    """A block of the section of a population: named, titled and referred to apart from that of the whole study."""
    if isinstance(block, Table | Figure):
        return replace(block, name=_own(block.name, name), title=f"{block.title}: {fmt.lower_first(label)}", supplement=True)
    if isinstance(block, Paragraph):
        return replace(block, runs=_referring(block.runs, name))
    if isinstance(block, Bullets):
        return Bullets(tuple(_referring(item, name) for item in block.items))
    if isinstance(block, Heading):
        return replace(block, level=block.level + 1)
    return block


def _referring(runs: tuple[Run, ...], name: str) -> tuple[Run, ...]:
    return tuple(replace(run, text=_own(run.text, name), ref=_own(run.ref, name)) if run.ref else run for run in runs)


def _own(anchor: str, name: str) -> str:
    return f"{anchor}__{name}"
