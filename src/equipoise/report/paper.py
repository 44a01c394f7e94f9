"""The finished documents of a report: the page, the manuscript and its supplement, each with what it alone shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from equipoise.document import abbreviations, split
from equipoise.document.citing import headless
from equipoise.document.model import Block, Bullets, Document, Paragraph, Section, bold, runs_of, text
from equipoise.document.references import Reference, bibtex, cited_keys, listed
from equipoise.report import digits
from equipoise.report.words import words

UNCOUNTED = ("title_page", "abstract", "highlights", "back_matter", "references", "abbreviations")


def page(report: Document) -> Document:
    """The report as one page: without what the authors have yet to write."""
    kept = [replace(s, blocks=headless(b for b in s.blocks if not _left_to_authors(b))) for s in report.sections]
    return replace(report, sections=tuple(s for s in kept if s.blocks))


def manuscript(report: Document, references: Mapping[str, Reference], known: Mapping[str, str]) -> Document:
    """The manuscript, its references numbered by its own text and its abbreviations written out; its title page counts its
    words, tables and figures. known: abbreviation -> what it stands for."""
    made = _written_out(listed(split.manuscript(report), references), known)
    return replace(made, sections=tuple(_counted(s, made) if s.anchor == "title_page" else s for s in made.sections))


def supplement(report: Document, references: Mapping[str, Reference], known: Mapping[str, str]) -> Document:
    return _written_out(listed(split.supplement(report), references), known)


def _written_out(document: Document, known: Mapping[str, str]) -> Document:
    return abbreviations.listed(abbreviations.expanded(document, known), known, before="references")


def references_bib(report: Document, references: Mapping[str, Reference]) -> str:
    """All that the report cites, for a reference manager."""
    return bibtex(references[key] for key in cited_keys(report))


def _left_to_authors(block: Block) -> bool:
    return isinstance(block, Paragraph) and block.style == "authors"


def _counted(section: Section, document: Document) -> Section:
    told = [s for s in document.sections if s.part == split.MANUSCRIPT and not s.anchor.startswith(split.MANUSCRIPT)]
    body = sum(_words(s) for s in told if s.anchor not in UNCOUNTED)
    brief = sum(_words(s) for s in told if s.anchor == "abstract")
    found = (brief, body, len(document.tables()), len(document.figures()), len(cited_keys(document)))
    parts = dict(zip(("abstract", "text", "tables", "figures", "references"), map(digits.count, found), strict=True))
    label = words("front.labelled", label=words("front.heading.counted"))
    return replace(section, blocks=(*section.blocks, text(bold(f"{label} "), words("front.counted", **parts))))


def _words(section: Section) -> int:
    said = (b for b in section.blocks if isinstance(b, Paragraph | Bullets) and not _left_to_authors(b))
    return sum(len("".join(r.text for r in runs_of(b)).split()) for b in said)
