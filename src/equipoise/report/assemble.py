"""The report as one document: its sections in the order of a paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from equipoise.document.abbreviations import explained
from equipoise.document.citing import cited, in_order, shortened
from equipoise.document.model import Block, Document, Figure, Paragraph, Run, Section, Table, each_block, numbered, ref, with_runs
from equipoise.document.references import ANCHOR as REFERENCES
from equipoise.document.references import listed, marked
from equipoise.document.split import MANUSCRIPT, SUPPLEMENT, TECHNICAL
from equipoise.records import Study
from equipoise.report import format as fmt
from equipoise.report.abbreviations import abbreviations
from equipoise.report.bibliography import bibliography
from equipoise.report.bound import binding, unbound
from equipoise.report.language import written
from equipoise.report.lookup import Numbers
from equipoise.report.sections.baseline import baseline_section
from equipoise.report.sections.bundle import bundle_section
from equipoise.report.sections.checklists import with_checklists
from equipoise.report.sections.comparison import comparison_section
from equipoise.report.sections.conduct import conduct_section
from equipoise.report.sections.exploratory import exploratory_section
from equipoise.report.sections.front import abstract_section, back_matter, highlights_section, own_words, title_page
from equipoise.report.sections.key_results import key_results_section
from equipoise.report.sections.limitations import limitations_section
from equipoise.report.sections.lost import lost_section
from equipoise.report.sections.methods import methods_section
from equipoise.report.sections.missing import missing_section
from equipoise.report.sections.other_scales import other_scales_section
from equipoise.report.sections.pairwise import pairwise_sections
from equipoise.report.sections.patients import patients_section
from equipoise.report.sections.post_index import post_index_sections
from equipoise.report.sections.predictors import predictors_section
from equipoise.report.sections.provenance import provenance_section
from equipoise.report.sections.published import published_section
from equipoise.report.sections.response import response_section
from equipoise.report.sections.restricted import restricted_sections
from equipoise.report.sections.safety import safety_section
from equipoise.report.sections.sensitivity import sensitivity_section
from equipoise.report.sections.subgroups import subgroups_section
from equipoise.report.sections.survival import survival_section
from equipoise.report.words import words

PARTS = {
    **dict.fromkeys(
        ("lost", "other_scales", "exploratory", "conduct", "missing", "sensitivity", "bundle", "restricted", "published"),
        SUPPLEMENT,
    ),
    **dict.fromkeys(("key_results", "comparison", "provenance"), TECHNICAL),
}  # of a section by its anchor, or by what that begins with; every other one stands in the manuscript
POINTER = "supplementary"
FRONT = ("title_page", "abstract", "highlights", "introduction", "methods")  # of the manuscript, in this order
BACK = (POINTER, "discussion", "limitations", "back_matter", REFERENCES)  # behind its results, in this order
MOST = {Table: 8, Figure: 4}  # in the manuscript; those beyond stand in the supplement


def report_document(study: Study, versions: Mapping[str, str], links: tuple[tuple[str, str], ...] = ()) -> Document:
    """Every section that the study has numbers for: what the manuscript holds, then the supplement, then how it was made; tables
    and figures cited and numbered, in the theme that the protocol asks for. links: (label, file) of other pages."""
    with written(study.protocol), binding():
        return _document(Numbers(study), versions, links)


def _document(numbers: Numbers, versions: Mapping[str, str], links: tuple[tuple[str, str], ...]) -> Document:
    sections = [
        title_page(numbers),
        abstract_section(numbers),
        highlights_section(numbers),
        own_words(numbers, "introduction"),
        own_words(numbers, "discussion"),
        limitations_section(numbers),
        back_matter(numbers),
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
        published_section(numbers),
        comparison_section(numbers, links),
        provenance_section(numbers),
    ]
    info = numbers.protocol.study
    lead = tuple(x for x in (_lead(numbers), info.setting and words("sections.setting", setting=info.setting)) if x)
    placed = _in_parts([_placed(s) for s in sections if s is not None])
    first = key_results_section(numbers)
    whole = Document(info.title, (*([_placed(first)] if first is not None else []), *placed), lead, info.notice, links)
    papers = bibliography(numbers.protocol, numbers.study.published)
    told = listed(marked(_pointing(cited(unbound(whole))), papers), papers)
    complete = with_checklists(numbers, numbered(_with_references(told)), SUPPLEMENT)
    complete = each_block(complete, _p_named)
    in_short = {short: fmt.lower_first(label) for short, label in numbers.protocol.arms.in_short.items()}
    known = abbreviations(numbers.protocol) | in_short
    whole = in_order(shortened(numbered(_pointing(complete))))
    return each_block(whole, lambda block: explained(block, known))


def _p_named(block: Block) -> Block:
    """Words about P with the name that the theme gives it."""
    if isinstance(block, Table):
        below = tuple((mark, fmt.p_label(words)) for mark, words in block.footnotes)
        return replace(block, notes=tuple(map(fmt.p_label, block.notes)), footnotes=below)
    return with_runs(block, lambda runs: tuple(replace(r, text=fmt.p_label(r.text)) for r in runs))


def _with_references(document: Document) -> Document:
    """The list of references in its place behind the text of the manuscript."""
    listing = [replace(s, part=MANUSCRIPT) for s in document.sections if s.anchor == REFERENCES]
    others = [s for s in document.sections if s.anchor != REFERENCES]
    at = 1 + max((i for i, s in enumerate(others) if s.part == MANUSCRIPT), default=-1)
    return replace(document, sections=(*others[:at], *listing, *others[at:]))


def _placed(section: Section) -> Section:
    part = PARTS.get(section.anchor.split("_")[0], PARTS.get(section.anchor, MANUSCRIPT))
    under = words("sections.results") if part == MANUSCRIPT and section.anchor not in (*FRONT, *BACK) else ""
    return replace(section, part=part, under=under)


def _in_order(section: Section) -> int:
    """Place of a section of the manuscript; the results, which have the same one, stay in their order."""
    places = {anchor: i for i, anchor in enumerate((*FRONT, "", *BACK))}
    return places.get(section.anchor, len(FRONT))


def _in_parts(sections: list[Section]) -> list[Section]:
    """The manuscript with no more tables and figures than journals take and with a word on what its supplement holds, then the
    supplement, then the rest."""
    main, more, technical = ([s for s in sections if s.part == part] for part in (MANUSCRIPT, SUPPLEMENT, TECHNICAL))
    return [*_limited(sorted(main, key=_in_order)), *more, *technical]


def _limited(sections: list[Section]) -> list[Section]:
    left = dict(MOST)
    made = []
    for section in sections:
        blocks = []
        for block in section.blocks:
            if isinstance(block, Table | Figure) and not block.supplement:
                left[type(block)] -= 1
                block = replace(block, supplement=left[type(block)] < 0)
            blocks.append(block)
        made.append(replace(section, blocks=tuple(blocks)))
    return made


def _pointing(document: Document) -> Document:
    """The manuscript cites what stands in the supplement alone, in a section of its own behind its others."""
    main, more, technical = (
        [s for s in document.sections if s.part == part and s.anchor != POINTER] for part in (MANUSCRIPT, SUPPLEMENT, TECHNICAL)
    )
    runs: list[Run] = []
    for section in more:
        names = [b.name for b in section.blocks if isinstance(b, Table | Figure)]
        if names:
            runs += [*([Run("; ")] if runs else []), Run(f"{fmt.lower_first(section.title)} (")]
            for i, name in enumerate(names):
                runs += [Run(", "), ref(name)] if i else [ref(name)]
            runs.append(Run(")"))
    if not runs:
        return document
    pointer = Section(POINTER, words("sections.supplementary"), (_listing(runs),), MANUSCRIPT, words("sections.results"))
    first = [s for s in technical if s.anchor == "key_results"]
    whole = (*first, *sorted((*main, pointer), key=_in_order), *more, *(s for s in technical if s not in first))
    return replace(document, sections=whole)


def _listing(runs: list[Run]) -> Paragraph:
    """The sentence of what the supplement holds."""
    before, _, behind = words("sections.supplement_holds", analyses="\n").partition("\n")
    return Paragraph((Run(before), *runs, Run(behind)))


def _lead(numbers: Numbers) -> str:
    labels = [numbers.arm_label(a) for a in numbers.arms]
    if numbers.single:
        return words("sections.single_arm", arm=labels[0], population=numbers.protocol.study.population)
    named = fmt.either([labels[0], *map(fmt.lower_first, labels[1:])])
    return words("sections.arms", arms=named, population=numbers.protocol.study.population)
