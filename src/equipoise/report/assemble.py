"""The report as one document: its sections in the order of a paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from equipoise.document.model import Document, Section, numbered
from equipoise.records import Study
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.sections.baseline import baseline_section
from equipoise.report.sections.bundle import bundle_section
from equipoise.report.sections.checklists import with_checklists
from equipoise.report.sections.comparison import comparison_section
from equipoise.report.sections.conduct import conduct_section
from equipoise.report.sections.exploratory import exploratory_section
from equipoise.report.sections.key_results import key_results_section
from equipoise.report.sections.lost import lost_section
from equipoise.report.sections.methods import methods_section
from equipoise.report.sections.missing import missing_section
from equipoise.report.sections.other_scales import other_scales_section
from equipoise.report.sections.pairwise import pairwise_sections
from equipoise.report.sections.patients import patients_section
from equipoise.report.sections.post_index import post_index_sections
from equipoise.report.sections.predictors import predictors_section
from equipoise.report.sections.provenance import provenance_section
from equipoise.report.sections.response import response_section
from equipoise.report.sections.restricted import restricted_sections
from equipoise.report.sections.safety import safety_section
from equipoise.report.sections.sensitivity import sensitivity_section
from equipoise.report.sections.subgroups import subgroups_section
from equipoise.report.sections.survival import survival_section

MANUSCRIPT, SUPPLEMENT, TECHNICAL = "manuscript", "supplement", "technical"
PARTS = {
    **dict.fromkeys(
        ("lost", "other_scales", "exploratory", "conduct", "missing", "sensitivity", "bundle", "restricted"), SUPPLEMENT
    ),
    **dict.fromkeys(("comparison", "provenance"), TECHNICAL),
}  # of a section by its anchor, or by what that begins with; every other one stands in the manuscript


def report_document(study: Study, versions: Mapping[str, str], links: tuple[tuple[str, str], ...] = ()) -> Document:
    """Every section that the study has numbers for, tables and figures numbered. links: (label, file) of other pages."""
    numbers = Numbers(study)
    sections = [
        key_results_section(numbers),
        methods_section(numbers, versions),
        patients_section(numbers),
        baseline_section(numbers),
        lost_section(numbers),
        response_section(numbers),
        survival_section(numbers),
        other_scales_section(numbers),
        predictors_section(numbers),
        subgroups_section(numbers),
        *post_index_sections(numbers),
        safety_section(numbers),
        exploratory_section(numbers),
        conduct_section(numbers),
        missing_section(numbers),
        sensitivity_section(numbers),
        bundle_section(numbers),
        *pairwise_sections(numbers),
        *restricted_sections(numbers),
        comparison_section(numbers, links),
        provenance_section(numbers),
    ]
    info = study.protocol.study
    lead = tuple(x for x in (_lead(numbers), info.setting and f"Setting: {info.setting}.") if x)
    document = numbered(Document(info.title, tuple(_placed(s) for s in sections if s is not None), lead, info.notice, links))
    return with_checklists(numbers, document, SUPPLEMENT)


def _placed(section: Section) -> Section:
    return replace(section, part=PARTS.get(section.anchor.split("_")[0], PARTS.get(section.anchor, MANUSCRIPT)))


def _lead(numbers: Numbers) -> str:
    labels = [numbers.arm_label(a) for a in numbers.arms]
    if numbers.single:
        return f"{labels[0]} in {numbers.protocol.study.population}: a single arm."
    named = fmt.listed([labels[0], *map(fmt.lower_first, labels[1:])], "or")
    return f"{named} in {numbers.protocol.study.population}."
