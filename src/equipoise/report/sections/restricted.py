"""Restricted populations: each printed by the sections of the study, as a study of its own within this one."""

from __future__ import annotations

from collections.abc import Iterator

from equipoise.document.model import Section
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.sections.baseline import baseline_section
from equipoise.report.sections.conduct import conduct_section
from equipoise.report.sections.exploratory import exploratory_section
from equipoise.report.sections.lost import lost_section
from equipoise.report.sections.missing import missing_section
from equipoise.report.sections.other_scales import other_scales_section
from equipoise.report.sections.pairwise import pairwise_sections
from equipoise.report.sections.part_of_study import part_section
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
from equipoise.report.words import words


def restricted_sections(numbers: Numbers) -> list[Section | None]:
    """What they are, then one section each; nothing where the protocol restricts nothing."""
    study = numbers.study
    parts = {name: Numbers(study.among(name)) for name in study.protocol.restrict}
    if not parts:
        return []
    table = restricted_table(numbers, parts)
    labels = fmt.listed([fmt.lower_first(study.protocol.restrict[name].label) for name in parts])
    again = words("restricted.again", populations=words("counts.restricted_population", count=len(parts)), labels=labels)
    looks = words("restricted.further_looks")
    first = section("restricted", words("sections.restricted"), [paragraph([again, looks], table.name), table])
    made = {name: part for name, part in parts.items() if part.study.designs.designs}
    return [first, *(_population(name, study.protocol.restrict[name].label, part) for name, part in made.items())]


def _population(name: str, label: str, numbers: Numbers) -> Section | None:
    return part_section(
        name, words("sections.restricted_to", label=fmt.lower_first(label)), label, _sections(numbers), "restricted"
    )


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
    yield from pairwise_sections(numbers)
