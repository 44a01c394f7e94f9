"""References: marks behind the phrases that they stand for, numbers in order of citation, the list in Vancouver style, BibTeX.

`marked` once, on the whole document; `listed` on each document that is written, whose numbers are its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from equipoise.document.model import (
    Block,
    Bullets,
    Cell,
    Document,
    Paragraph,
    Run,
    Section,
    Table,
    each_block,
    runs_of,
    with_runs,
)
from equipoise.document.phrases import phrases

ANCHOR = "references"
SUFFIXES = (" Jr", " Sr", " II", " III", " IV", " 2nd", " 3rd")  # behind the initials, as PubMed writes them
ET_AL = "et al"
MOST_AUTHORS = 6  # beyond whom the first three stand for all
UNMARKED = ("title_page", "abstract", "highlights", "key_results", "back_matter", ANCHOR)


@dataclass(frozen=True, slots=True)
class Reference:
    """authors: `Austin PC`, or a body that is no person in braces, `{Food and Drug Administration}`; a last `et al` says that
    there are more. at: phrases of the text
    behind which it is cited; one in parentheses gives way to the number. journal: '' of a book or a document, which has a
    publisher. printed: the whole entry, where its parts are not known."""

    key: str
    authors: tuple[str, ...]
    title: str
    year: int
    journal: str = ""
    volume: str = ""
    pages: str = ""
    doi: str = ""
    publisher: str = ""
    at: tuple[str, ...] = ()
    printed: str = ""

    @property
    def vancouver(self) -> str:
        if self.printed:
            return f"{self.printed.rstrip('.')}."
        shown = self.authors if len(self.authors) <= MOST_AUTHORS else (*self.authors[:3], ET_AL)
        names = ", ".join(a.strip("{}") for a in shown)
        if not self.journal:
            return f"{names}. {self.title}. {self.publisher}; {self.year}."
        place = f"{self.year}{f';{self.volume}' if self.volume else ''}{f':{self.pages}' if self.pages else ''}"
        return f"{names}. {self.title}. {self.journal} {place}."

    @property
    def bibtex(self) -> str:
        if self.printed:
            return _entry_of("misc", self.key, {"note": _plain_tex(self.printed), "doi": _verbatim(self.doi)})
        known = {
            "author": " and ".join(map(_bibtex_author, self.authors)),
            "title": f"{{{_plain_tex(self.title)}}}",
            "journal": _plain_tex(self.journal),
            "publisher": _plain_tex(self.publisher),
            "year": str(self.year),
            "volume": _plain_tex(self.volume),
            "pages": _plain_tex(self.pages).replace("-", "--"),
            "doi": _verbatim(self.doi),
        }
        return _entry_of("article" if self.journal else "book", self.key, known)


def _entry_of(kind: str, key: str, known: Mapping[str, str]) -> str:
    fields = ",\n".join(f"  {name} = {{{value}}}" for name, value in known.items() if value)
    return f"@{kind}{{{re.sub(r'[^A-Za-z0-9_.:-]', '_', key)},\n{fields}\n}}\n"


def _plain_tex(words: str) -> str:
    """Words of a file on one line, in which no sign is a command."""
    plain = " ".join(words.translate(str.maketrans("{}\\~^", "()/  ")).split())
    return re.sub(r"([%&_#$])", r"\\\1", plain)


def _verbatim(doi: str) -> str:
    """A DOI as it stands: readers take no sign of it for a command, but braces must pair."""
    return "".join(doi.split()).translate(str.maketrans({"{": "%7B", "}": "%7D", "\\": "%5C"}))


def _bibtex_author(author: str) -> str:
    """`Austin PC` -> `Austin, P. C.`; `Brown RS Jr` -> `Brown, Jr, R. S.`; a body in braces; `et al` -> `others`."""
    if author == ET_AL:
        return "others"
    if author.startswith("{") or " and " in author or "," in author:
        return f"{{{_plain_tex(author.strip('{}'))}}}"
    names, suffix = (author.rpartition(" ")[::2]) if author.endswith(SUFFIXES) else (author, "")
    family, _, initials = _plain_tex(names).rpartition(" ")
    given = " ".join(f"{letter}." for letter in initials if letter.isalpha())
    return ", ".join(part for part in (family, suffix, given) if part) if family else initials


def marked(document: Document, references: Mapping[str, Reference]) -> Document:
    """A mark behind the first phrase of each reference in the manuscript, and again in the first of the supplement; of phrases
    that begin at one place the longest."""
    seen: dict[str, set[str]] = {}
    sections = []
    for section in document.sections:
        if section.anchor in UNMARKED or section.part == "technical":
            sections.append(section)
            continue
        done = seen.setdefault(section.part, set())
        sections.append(replace(section, blocks=tuple(_marked_block(b, references, done) for b in section.blocks)))
    return replace(document, sections=tuple(sections))


def _marked_block(block: Block, references: Mapping[str, Reference], done: set[str]) -> Block:
    if isinstance(block, Paragraph) and block.style in ("authors", "reference"):
        return block
    return with_runs(block, lambda runs: tuple(r for run in runs for r in _marked_run(run, references, done)))


def _marked_run(run: Run, references: Mapping[str, Reference], done: set[str]) -> Iterable[Run]:
    if run.ref or run.cite or run.href:
        yield run
        return
    places: dict[int, tuple[int, list[str]]] = {}  # end of a phrase -> where the text before the mark ends, keys
    for key, reference in references.items():
        if key in done:
            continue
        found = [m for phrase in reference.at for m in _matches(phrase, run.text)]
        if found:
            first = min(found, key=lambda m: (m.start(), -m.end()))
            cut = first.start() if first.group().startswith("(") else first.end()
            places.setdefault(first.end(), (cut, []))[1].append(key)
            done.add(key)
    at = 0
    for end, (cut, keys) in sorted(places.items()):
        yield replace(run, text=f"{run.text[at : max(cut, at)].rstrip()}\u00a0[")
        for i, key in enumerate(keys):
            if i:
                yield Run(",")
            yield Run(key, cite=key)
        yield Run("]")
        at = end
    if at < len(run.text):
        yield replace(run, text=run.text[at:])


def _matches(phrase: str, words: str) -> Iterable[re.Match[str]]:
    if phrase.isascii() and words.isascii() and phrase.lower() not in words.lower():
        return ()  # as nearly always; most texts are looked through for every reference
    before, after = (r"(?<!\w)" if phrase[0].isalnum() else ""), (r"(?![\w-])" if phrase[-1].isalnum() else "")
    return re.finditer(before + re.escape(phrase) + after, words, re.I)


def cited_keys(document: Document) -> list[str]:
    """Keys in order of first citation."""
    return list(dict.fromkeys(key for block in document.blocks() for key in _cites(block) if key))


def _cites(block: Block) -> Iterable[str]:
    if isinstance(block, Table):
        return [cell.cite for row in block.body for cell in row.cells]
    return [run.cite for run in runs_of(block)]


def _numbered_cells(table: Table, number: Mapping[str, str]) -> Table:
    def shown(cell: Cell) -> Cell:
        return replace(cell, text=f"[{number[cell.cite]}]") if cell.cite else cell

    return replace(table, body=tuple(replace(row, cells=tuple(map(shown, row.cells))) for row in table.body))


def listed(document: Document, references: Mapping[str, Reference]) -> Document:
    """Citations numbered in order, and the list of them: in the place of an earlier one, else before what stands behind the
    text."""
    keys = cited_keys(document)
    if not keys:
        return document
    number = {key: str(i) for i, key in enumerate(keys, 1)}

    def runs(given: tuple[Run, ...]) -> tuple[Run, ...]:
        return tuple(replace(r, text=number[r.cite]) if r.cite else r for r in given)

    def shown(block: Block) -> Block:
        return _numbered_cells(block, number) if isinstance(block, Table) else _in_order(with_runs(block, runs))

    made = each_block(document, shown)
    entries = tuple(_entry(references[key], number[key]) for key in keys)
    sections = list(made.sections)
    at = next((i for i, s in enumerate(sections) if s.anchor == ANCHOR), None)
    if at is None:
        behind = (i for i, s in enumerate(sections) if s.anchor.endswith(("_tables", "_legends", "_figures")))
        at = next(behind, len(sections))
        sections.insert(at, Section(ANCHOR, phrases().references, (), sections[at - 1].part))
    sections[at] = replace(sections[at], blocks=entries)
    return replace(made, sections=tuple(sections))


def _in_order(block: Block) -> Block:
    """Numbers of one bracket ascend."""

    def runs(given: tuple[Run, ...]) -> tuple[Run, ...]:
        made = list(given)
        i = 0
        while i < len(made):
            j = i
            while made[i].cite and j + 2 < len(made) and made[j + 1].text == "," and made[j + 2].cite:
                j += 2
            made[i : j + 1 : 2] = sorted(made[i : j + 1 : 2], key=lambda r: int(r.text)) if j > i else made[i : j + 1 : 2]
            i = j + 1
        return tuple(made)

    return with_runs(block, runs) if isinstance(block, Paragraph | Bullets) else block


def _entry(reference: Reference, number: str) -> Paragraph:
    runs = [Run(f"{number}.\u00a0{reference.vancouver}")]
    if reference.doi:
        runs += [Run(" "), Run(f"doi:{reference.doi}", href=f"https://doi.org/{reference.doi}")]
    return Paragraph(tuple(runs), "reference", anchor(reference.key))


def anchor(key: str) -> str:
    return f"reference_{key}"


def bibtex(references: Iterable[Reference]) -> str:
    return "\n".join(reference.bibtex for reference in references)
