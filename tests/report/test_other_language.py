"""Another language is a folder of texts: a study told in one that the test makes has no English sentence of the report left.

What a sentence may still quote is made before the report: labels of the protocol, the words of a design and of a method, and why
something is not estimable. The list of references and the names behind abbreviations are data of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from loud import write_loud

from equipoise.document.model import Block, Bullets, Document, Figure, Heading, Paragraph, Table, runs_of
from equipoise.document.split import MANUSCRIPT
from equipoise.records import Study
from equipoise.report import words as room
from equipoise.report.abbreviations import abbreviations
from equipoise.report.lookup import Numbers
from equipoise.report.tables.design import estimand

SENTENCE = re.compile(r"[^\W\d_]*[a-z]{2,}[^\W\d_]*(?:[ ,]+[^\W\d_]*[a-z]{2,}[^\W\d_]*){2,}")  # three words with small letters
ELSEWHERE = ("references", "abbreviations")


@pytest.fixture
def loud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_loud(tmp_path / "loud")
    monkeypatch.setattr(room, "ROOM", tmp_path)
    monkeypatch.setattr(room, "LANGUAGE", "loud")


def quoted(study: Study) -> list[str]:
    """What other phases worded, the longest first."""
    numbers = Numbers(study)
    found = [row.method for row in study.estimates.rows.values()] + list(abbreviations(study.protocol).values())
    for design in study.designs:
        made = design.words
        found += [
            design.label,
            *(getattr(made, name) for name in made.__dataclass_fields__ if isinstance(getattr(made, name), str)),
        ]
        found += [numbers.process(design.name), estimand(numbers, design.name).removesuffix(".")]
    found += strings(study.protocol.describe())
    return sorted({part for text in found for part in (text, *re.split("[;,] ", text)) if part}, key=len, reverse=True)


def strings(given: object) -> Iterator[str]:
    if isinstance(given, str):
        yield given
    elif isinstance(given, dict | list | tuple):
        for item in given.values() if isinstance(given, dict) else given:
            yield from strings(item)


def printed(document: Document) -> Iterator[str]:
    for section in document.sections:
        if section.part == MANUSCRIPT and section.anchor not in ELSEWHERE:
            yield section.title
            for block in section.blocks:
                yield from of_block(block)


def of_block(block: Block) -> Iterator[str]:
    if isinstance(block, Table):
        yield from (block.title, *block.notes, *(words for _, words in block.footnotes))
        yield from (cell.text for row in (*block.head, *block.body) for cell in row.cells)
    elif isinstance(block, Figure):
        yield from (block.title, block.caption, block.alt)
    elif isinstance(block, Paragraph | Heading | Bullets):
        yield "".join(run.text for run in runs_of(block))


@pytest.mark.parametrize("name", ["tiny_study", "spreadsheet"])
def test_a_report_in_another_language_has_no_english_sentence_of_its_own(name, request, undrawn_pages, loud):
    study = request.getfixturevalue(name)
    known = quoted(study)
    left, seen = set(), 0
    for text in printed(undrawn_pages(study)):
        seen += len(re.findall(r"\b[A-Z]{3,}\b", text))
        for said in known:
            text = re.sub(rf"(?<!\w){re.escape(said)}(?!\w)", "\u2026", text, flags=re.I)
        left |= set(SENTENCE.findall(text))
    assert seen > 1000
    assert sorted(left) == []
