"""The report apart: the manuscript with its tables and figures behind the text, as journals ask for, and the supplement."""

from __future__ import annotations

from dataclasses import replace

from equipoise.document.model import Block, Bullets, Document, Figure, Heading, Paragraph, Run, Section, Table

MANUSCRIPT, SUPPLEMENT = "manuscript", "supplement"


def manuscript(document: Document) -> Document:
    """Text of the manuscript's sections, then its tables, then its figures. A reference to what stands in the supplement is
    text. Raises AssertionError where a table or figure of the manuscript stands in a section of another part."""
    parts = [s for s in document.sections if s.part == MANUSCRIPT]
    strays = [b.name for s in document.sections if s.part != MANUSCRIPT for b in _shown(s, supplement=False)]
    assert not strays, f"of the manuscript, in a section that is not: {', '.join(strays)}"
    text = [replace(s, blocks=tuple(b for b in s.blocks if not isinstance(b, Table | Figure))) for s in parts]
    shown = [b for s in parts for b in _shown(s, supplement=False)]
    behind = [
        Section(f"manuscript_{kind.__name__.lower()}s", f"{kind.__name__}s", tuple(b for b in shown if isinstance(b, kind)))
        for kind in (Table, Figure)
    ]
    kept = [_without_empty_headings(s) for s in text]
    sections = [s for s in (*kept, *behind) if s.blocks]
    return _referring(replace(document, sections=tuple(sections), links=(), foot=""))


def supplement(document: Document) -> Document:
    """The tables and figures of the manuscript's sections that did not find room there, and the supplement's own sections."""
    made = []
    for section in document.sections:
        if section.part == MANUSCRIPT:
            made.append(replace(section, blocks=tuple(_shown(section, supplement=True))))
        elif section.part == SUPPLEMENT:
            made.append(section)
    sections = tuple(s for s in made if s.blocks)
    lead = (f"Supplement to: {document.title}",)
    return _referring(replace(document, title="Supplementary material", sections=sections, lead=lead, links=(), foot=""))


def _shown(section: Section, supplement: bool) -> list[Table | Figure]:
    return [b for b in section.blocks if isinstance(b, Table | Figure) and b.supplement == supplement]


def _without_empty_headings(section: Section) -> Section:
    """A heading under which nothing is left goes."""
    blocks = section.blocks
    kept = [
        b
        for i, b in enumerate(blocks)
        if not isinstance(b, Heading) or (i + 1 < len(blocks) and not isinstance(blocks[i + 1], Heading))
    ]
    return replace(section, blocks=tuple(kept))


def _referring(document: Document) -> Document:
    """References within the document stay; one to another document keeps its words."""
    there = {b.name for b in document.blocks() if isinstance(b, Table | Figure)}

    def runs(given: tuple[Run, ...]) -> tuple[Run, ...]:
        return tuple(replace(r, ref=r.ref if r.ref in there else "", href="") for r in given)

    def block(given: Block) -> Block:
        if isinstance(given, Paragraph):
            return replace(given, runs=runs(given.runs))
        if isinstance(given, Bullets):
            return Bullets(tuple(runs(item) for item in given.items))
        return given

    return replace(document, sections=tuple(replace(s, blocks=tuple(map(block, s.blocks))) for s in document.sections))
