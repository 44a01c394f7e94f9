"""Several arms: what was compared two arms at a time, then each comparison printed by the sections of a study of two arms."""

from __future__ import annotations

from collections.abc import Iterator

from equipoise.document.model import Section, text
from equipoise.report import format as fmt
from equipoise.report.figures.contrasts import contrast_forest, contrast_forest_alt
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.designs import designs, designs_title
from equipoise.report.sections.baseline import baseline_section
from equipoise.report.sections.exploratory import exploratory_section
from equipoise.report.sections.lost import lost_section
from equipoise.report.sections.other_scales import other_scales_section
from equipoise.report.sections.part_of_study import part_section
from equipoise.report.sections.parts import figure, paragraph, section
from equipoise.report.sections.patients import patients_section
from equipoise.report.sections.power import power_section
from equipoise.report.sections.response import response_section
from equipoise.report.sections.safety import safety_section
from equipoise.report.sections.sensitivity import sensitivity_section
from equipoise.report.sections.subgroups import subgroups_section
from equipoise.report.sections.survival import survival_section
from equipoise.report.tables.several_arms import comparisons_table
from equipoise.report.words import words


def pairwise_sections(numbers: Numbers) -> list[Section | None]:
    """Nothing where there are no more than two arms."""
    if not numbers.several:
        return []
    table, drawn = comparisons_table(numbers), contrast_forest(numbers)
    reference = fmt.lower_first(numbers.arm_label(numbers.protocol.arms.reference))
    said = [
        words("pairwise.compared", reference=reference),
        words("pairwise.unadjusted"),
    ]
    title = words("pairwise.forest.title", reference=reference)
    forest = figure("figure_contrasts", title, drawn, contrast_forest_alt(numbers), words("pairwise.forest.caption"))
    first = section("comparisons", words("sections.comparisons"), [paragraph(said, table.name), table, forest])
    made = numbers.comparisons.items()
    return [
        first,
        *(
            part_section(name, words("sections.comparison_of", contrast=p.contrast_label), p.contrast_label, _sections(p))
            for name, p in made
        ),
    ]


def _sections(numbers: Numbers) -> Iterator[Section | None]:
    yield _designs(numbers)
    yield patients_section(numbers)
    yield baseline_section(numbers)
    yield lost_section(numbers)
    yield power_section(numbers)
    yield response_section(numbers)
    yield survival_section(numbers)
    yield other_scales_section(numbers)
    yield subgroups_section(numbers)
    yield safety_section(numbers)
    yield exploratory_section(numbers)
    yield sensitivity_section(numbers)


def _designs(numbers: Numbers) -> Section | None:
    said = " ".join(s for s in designs(numbers) if s)
    return section("designs", designs_title(numbers), [text(said)]) if numbers.primary and said else None
