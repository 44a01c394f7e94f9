"""Abbreviations: each written out where a text uses it first, listed behind the text, and explained below tables and figures.

The abstract and the body are texts of their own, as is the supplement. Headings are neither read nor changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from equipoise.document.model import Block, Document, Figure, Paragraph, Run, Section, Table, bold, runs_of, with_runs
from equipoise.document.phrases import phrases

ANCHOR = "abbreviations"
UNREAD = ("title_page", "highlights", "references", "key_results", ANCHOR)
OWN = ("abstract",)  # sections that are texts of their own


def expanded(document: Document, words: Mapping[str, str]) -> Document:
    """Each abbreviation of words behind what it stands for where it is used first, in brackets within parentheses. One that the
    text explains itself stays as it is."""
    known: dict[str, set[str]] = {}
    sections = []
    for section in document.sections:
        if section.anchor in UNREAD or section.part == "technical":
            sections.append(section)
            continue
        done = known.setdefault(section.anchor if section.anchor in OWN else section.part, set())
        sections.append(replace(section, blocks=tuple(_expanded_block(b, words, done) for b in section.blocks)))
    return replace(document, sections=tuple(sections))


def _expanded_block(block: Block, words: Mapping[str, str], done: set[str]) -> Block:
    if isinstance(block, Paragraph) and block.style in ("authors", "reference"):
        return block
    return with_runs(block, lambda runs: _expanded_runs(runs, words, done))


def _expanded_runs(runs: tuple[Run, ...], words: Mapping[str, str], done: set[str]) -> tuple[Run, ...]:
    made, before = [], ""
    for run in runs:
        told = run.text if run.ref or run.cite or run.href else _expanded(run.text, before, words, done)
        made.append(replace(run, text=told))
        before += told
    return tuple(made)


def _expanded(said: str, before: str, words: Mapping[str, str], done: set[str]) -> str:
    out, at = "", 0
    for found in _token(words).finditer(said):
        short = found.group(1)
        if short in done:
            continue
        done.add(short)
        so_far = before + out + said[at : found.start()]
        long = words[short]
        if _explained(so_far, long):
            continue
        inside = so_far.count("(") > so_far.count(")")
        left, right = "[]" if inside else "()"
        plural = found.group(2)
        first = long[:1].upper() + long[1:] if _begins(so_far) else long
        ahead = _fitting_article(said[at : found.start()], long)
        out += f"{ahead}{_plural(first) if plural else first} {left}{short}{plural}{right}"
        at = found.end()
    return out + said[at:]


def _fitting_article(ahead: str, long: str) -> str:
    """`an SMD` is `a standardized mean difference`: the article goes by the first letter of what is written out."""
    return re.sub(r"\b([Aa])n?(\s)$", r"\1n\2" if long[:1].lower() in "aeio" else r"\1\2", ahead)


def _explained(so_far: str, long: str) -> bool:
    """Whether what it stands for comes before it in parentheses, or the text puts it in parentheses behind some words."""
    opened = re.search(r"([^()\[\]]*)[(\[]$", so_far)
    if opened is None:
        return False
    plain = re.sub(r"\W+", " ", opened.group(1)).strip().lower()
    return plain.endswith(re.sub(r"\W+", " ", long).strip().lower()) or plain.endswith(_plural(long).lower())


def _plural(long: str) -> str:
    return f"{long[:-1]}ies" if long.endswith("y") else f"{long}s"


def _begins(so_far: str) -> bool:
    """Whether a sentence begins."""
    return not so_far.strip() or so_far.rstrip().endswith((".", ":", "?"))


def _token(words: Mapping[str, str]) -> re.Pattern[str]:
    longest = sorted(words, key=len, reverse=True)
    return re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, longest)) or '(?!)'})(s?)(?![\w])")


def used(said: Iterable[str], words: Mapping[str, str]) -> list[str]:
    """The abbreviations of words that stand in the texts, by alphabet."""
    token = _token(words)
    return sorted({m.group(1) for text in said for m in token.finditer(text)}, key=str.lower)


def in_words(names: Iterable[str], words: Mapping[str, str]) -> str:
    """`CI, confidence interval; HR, hazard ratio.`"""
    said = "; ".join(f"{name}, {words[name]}" for name in names)
    return f"{said}." if said else ""


def listed(document: Document, words: Mapping[str, str], before: str) -> Document:
    """The list of what the texts use, as a section before the one of that name, or before what stands behind the text."""
    told = ("".join(r.text for r in runs_of(b)) for s in document.sections if s.anchor not in UNREAD for b in s.blocks)
    names = used(told, words)
    if not names:
        return document
    entries = tuple(replaced for name in names for replaced in (bold(name), Run(f", {words[name]}; ")))
    runs = (*entries[:-1], Run(f", {words[names[-1]]}."))
    sections = list(document.sections)
    ends = (i for i, s in enumerate(sections) if s.anchor == before or s.anchor.endswith(("_tables", "_legends", "_figures")))
    at = next(ends, len(sections))
    sections.insert(
        at, Section(ANCHOR, phrases().abbreviations, (Paragraph(runs),), sections[at - 1].part if at else "manuscript")
    )
    return replace(document, sections=tuple(sections))


def explained(block: Block, words: Mapping[str, str]) -> Block:
    """A table or figure with what its abbreviations stand for below it; those that its notes explain already are left out."""
    if isinstance(block, Table):
        below = [*block.notes, *(note for _, note in block.footnotes)]
        cells = (c.text for row in (*block.head, *block.body) for c in row.cells)
        said = _missing([block.title, *cells, *below], " ".join(below), words)
        return replace(block, notes=(*block.notes, said)) if said else block
    if isinstance(block, Figure):
        said = _missing([block.title, block.caption, *block.drawing.words], block.caption, words)
        return replace(block, caption=f"{block.caption} {said}".strip()) if said else block
    return block


def _missing(said: list[str], below: str, words: Mapping[str, str]) -> str:
    known = re.compile(r"(?:^|[\s;.(])([\w-]+), [A-Za-z]")
    already = set(known.findall(below))
    return in_words((name for name in used(said, words) if name not in already), words)
