"""The report apart: the manuscript with its tables and figures behind the text, as journals ask for, and the supplement."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby

from equipoise.document.citing import headless
from equipoise.document.model import Block, Document, Figure, Heading, Paragraph, Run, Section, Table, each_block, with_runs
from equipoise.document.phrases import phrases

MANUSCRIPT, SUPPLEMENT, TECHNICAL = "manuscript", "supplement", "technical"
Shown = Table | Figure


def manuscript(document: Document) -> Document:
    """Text of the manuscript's sections, those under one heading together, then its tables, legends and figures in the order of
    their numbers. A reference to what stands in the supplement is text. Raises AssertionError where a table or figure of the
    manuscript stands in a section of another part."""
    parts = [s for s in document.sections if s.part == MANUSCRIPT]
    strays = [b.name for s in document.sections if s.part != MANUSCRIPT for b in _shown([s], supplement=False)]
    assert not strays, f"of the manuscript, in a section that is not: {', '.join(strays)}"
    text = [_told(s) for s in parts]
    sections = [*_gathered(text), *_behind(_shown(parts, supplement=False), MANUSCRIPT)]
    return _referring(replace(document, sections=tuple(s for s in sections if s.blocks), links=(), foot=""))


def supplement(document: Document) -> Document:
    """Text of the supplement's sections, then every table and figure that is no one of the manuscript, in the order of their
    numbers."""
    text = [_told(s) for s in document.sections if s.part == SUPPLEMENT]
    shown = _shown([s for s in document.sections if s.part != TECHNICAL], supplement=True)
    sections = [*text, *_behind(shown, SUPPLEMENT)]
    lead = (phrases().supplement_to.replace("{title}", document.title),)
    made = replace(document, title=phrases().supplement, sections=tuple(s for s in sections if s.blocks), lead=lead)
    return _referring(replace(made, links=(), foot=""))


def _shown(sections: list[Section], supplement: bool) -> list[Shown]:
    found = [b for s in sections for b in s.blocks if isinstance(b, Shown) and b.supplement == supplement]
    return sorted(found, key=lambda b: int(b.number.rsplit(" ", 1)[1].removeprefix("S")) if b.number else 0)


def _told(section: Section) -> Section:
    """The section without its tables and figures."""
    return replace(section, blocks=headless(b for b in section.blocks if not isinstance(b, Shown)))


def _gathered(sections: list[Section]) -> list[Section]:
    """Neighbors that stand under one heading as one section, each with its title as a heading below."""
    made: list[Section] = []
    for under, found in groupby((s for s in sections if s.blocks), key=lambda s: s.under):
        group = list(found)
        if not under:
            made += group
            continue
        blocks: list[Block] = []
        for s in group:
            deeper = (replace(b, level=b.level + 1) if isinstance(b, Heading) else b for b in s.blocks)
            blocks += [Heading(s.title), *deeper]
        made.append(Section(under.lower(), under, tuple(blocks)))
    return made


def _behind(shown: list[Shown], part: str) -> list[Section]:
    """Tables, then what the figures say, then the figures."""
    tables = tuple(b for b in shown if isinstance(b, Table))
    figures = [b for b in shown if isinstance(b, Figure)]
    if part == SUPPLEMENT:
        legends: tuple[Block, ...] = ()
    else:
        legends = tuple(_legend(f) for f in figures)
        figures = [replace(f, caption="") for f in figures]
    own, more = phrases(), part == SUPPLEMENT
    named = [
        ("tables", own.supplementary_tables if more else own.tables, tables),
        ("legends", own.legends, legends),
        ("figures", own.supplementary_figures if more else own.figures, tuple(figures)),
    ]
    return [Section(f"{part}_{name}", title, blocks, part, apart=True) for name, title, blocks in named if blocks]


def _legend(figure: Figure) -> Paragraph:
    said = f" {figure.caption}" if figure.caption else ""
    return Paragraph((Run(f"{figure.number}. {figure.title}.", bold=True), *([Run(said)] if said else [])))


def _referring(document: Document) -> Document:
    """References within the document stay; one to another document keeps its words."""
    there = {b.name for b in document.blocks() if isinstance(b, Shown)}

    def runs(given: tuple[Run, ...]) -> tuple[Run, ...]:
        return tuple(replace(r, ref=r.ref if r.ref in there else "", href="") for r in given)

    return each_block(document, lambda block: with_runs(block, runs))
