"""Every table and figure is cited in the text: the one place that adds the citations which the sentences lack, and shortens rows
of them.

`cited` before the document is numbered (numbers follow the first citations), `shortened` after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from equipoise.document.model import Block, Document, Figure, Heading, Paragraph, Run, Section, Table, each_block, ref, runs_of
from equipoise.document.model import with_runs as changed
from equipoise.document.phrases import phrases

BETWEEN = (", ", " and ", "; ")  # what stands between references of one row
LEAST = 3  # numbers that follow each other and are printed as a range
NUMBER = re.compile(r"(.+) (S?)(\d+)")
SILENT = ("warning", "note", "reference", "authors")  # styles of paragraphs that end with no citation


def cited(document: Document) -> Document:
    """Each section cites its own tables and figures: one that no sentence of the document cites is cited at the end of the
    paragraph before it, or of the next one where none comes before."""
    known = {run.ref for block in document.blocks() for run in runs_of(block) if run.ref}
    return replace(document, sections=tuple(_citing(section, known) for section in document.sections))


def _citing(section: Section, known: set[str]) -> Section:
    blocks = list(section.blocks)
    waiting: dict[int, list[str]] = {}
    for i, block in enumerate(blocks):
        if isinstance(block, Table | Figure) and block.name not in known:
            waiting.setdefault(_speaker(blocks, i), []).append(block.name)
    if -1 in waiting:
        names = waiting.pop(-1)
        before, _, behind = phrases().see.partition("{cited}")
        blocks.append(Paragraph((Run(before), *_row(names), Run(behind))))
    for i, names in waiting.items():
        block = blocks[i]
        assert isinstance(block, Paragraph)
        blocks[i] = replace(block, runs=with_citations(block.runs, names))
    return replace(section, blocks=tuple(blocks))


def _speaker(blocks: list[Block], i: int) -> int:
    """Place of the paragraph that cites the block at i; -1 where the section has none."""
    order = [*range(i - 1, -1, -1), *range(i + 1, len(blocks))]
    return next((j for j in order if _speaks(blocks[j])), -1)


def _speaks(block: Block) -> bool:
    return isinstance(block, Paragraph) and block.style not in SILENT


def with_citations(runs: tuple[Run, ...], names: Iterable[str]) -> tuple[Run, ...]:
    """The runs of a paragraph with references in parentheses before its last full stop, behind those that stand there already."""
    *first, last = runs
    if last.text == ")." and len(first) > 1 and first[-1].ref:
        return (*first, Run(", "), *_row(list(names)), last)
    end = replace(last, text=last.text.rstrip().removesuffix("."))
    return (*first, end, Run(" ("), *_row(list(names)), Run(")."))


def _row(names: list[str]) -> Iterable[Run]:
    for i, name in enumerate(names):
        if i:
            yield Run(", ")
        yield ref(name)


def shortened(document: Document) -> Document:
    """`Table S8, Table S9, Figure S3` as `Tables S8 and S9, Figure S3`; three and more that follow each other as a range. Links
    lead from each number that is printed."""
    return each_block(document, lambda block: changed(block, _shortened))


def _shortened(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    made: list[Run] = []
    row: list[Run] = []
    between: Run | None = None
    for run in runs:
        if run.ref and not run.bare and NUMBER.fullmatch(run.text):
            row.append(run)
            between = None
        elif row and between is None and run.text in BETWEEN and not (run.ref or run.cite):
            between = run
        else:
            made += [*_told(row), *([between] if between is not None else []), run]
            row, between = [], None
    return (*made, *_told(row), *([between] if between is not None else []))


def _told(row: list[Run]) -> Iterable[Run]:
    """A row of references, by kind, those of the manuscript first, in the order of their numbers."""
    if len(row) < 2:
        yield from row
        return
    own = phrases()
    several = {own.table: own.tables, own.figure: own.figures}
    kinds: dict[tuple[str, str], dict[int, Run]] = {}
    for run in row:
        kind, mark, number = NUMBER.fullmatch(run.text).groups()  # type: ignore[union-attr]
        kinds.setdefault((kind, mark), {})[int(number)] = run
    for i, ((kind, mark), found) in enumerate(sorted(kinds.items(), key=lambda item: item[0][1])):
        if i:
            yield Run(", ")
        if len(found) == 1:
            yield next(iter(found.values()))
            continue
        yield Run(f"{several[kind]}\u00a0")
        groups = _groups(sorted(found))
        for j, group in enumerate(groups):
            if j:
                yield Run(f" {own.listed} " if j == len(groups) - 1 else ", ")
            for k, number in enumerate((group[0], group[-1]) if len(group) > 1 else group):
                if k:
                    yield Run("\u2013")
                yield replace(found[number], text=f"{mark}{number}", bare=True)


def _groups(numbers: list[int]) -> list[list[int]]:
    """Runs of three or more that follow each other stay together, others stand alone."""
    runs: list[list[int]] = []
    for n in numbers:
        if runs and n == runs[-1][-1] + 1:
            runs[-1].append(n)
        else:
            runs.append([n])
    return [part for run in runs for part in ([run] if len(run) >= LEAST else [[n] for n in run])]


def in_order(document: Document) -> Document:
    """Under each heading, the tables and the figures of a numbered document in the order of their numbers, in the places that
    they had: who reads on finds Figure 2 before Figure 3."""
    return replace(document, sections=tuple(replace(s, blocks=_by_number(s.blocks)) for s in document.sections))


def _by_number(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    made = list(blocks)
    places: dict[tuple[int, type, str], list[int]] = {}
    heading = 0
    for i, block in enumerate(blocks):
        heading += isinstance(block, Heading)
        if isinstance(block, Table | Figure) and (found := NUMBER.fullmatch(block.number)):
            places.setdefault((heading, type(block), found.group(2)), []).append(i)
    for same in places.values():
        found = sorted((blocks[i] for i in same), key=_last_number)
        for i, block in zip(same, found, strict=True):
            made[i] = block
    return tuple(made)


def _last_number(block: Block) -> int:
    assert isinstance(block, Table | Figure)
    return int(block.number.rpartition(" ")[2].lstrip("S"))


def headless(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Without the headings under which nothing is left."""
    kept = list(blocks)
    while True:
        empty = [
            i
            for i, b in enumerate(kept)
            if isinstance(b, Heading)
            and (i + 1 == len(kept) or (isinstance(after := kept[i + 1], Heading) and after.level <= b.level))
        ]
        if not empty:
            return tuple(kept)
        kept = [b for i, b in enumerate(kept) if i not in empty]
