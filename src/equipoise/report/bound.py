"""Numbers of sentences bound to their rows of the results, and rows behind a figure.

While a report is put together (`binding`), `bound` puts signs around words that tell the numbers of a row; `unbound` makes runs
of them that know the key of that row, and takes the signs out of whatever cannot hold a run. Elsewhere words stay as they are.
`traced` notes which rows a figure asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import wraps
from typing import Any

from equipoise.document.model import Block, Cell, Document, Figure, Run, Table, TableRow, each_block, with_runs
from equipoise.records import Masked, Row

OPEN, KEY, CLOSE = "\ue000", "\ue001", "\ue002"  # of a private area of Unicode: no text of a study means anything by them
BOUND = re.compile(f"{OPEN}([^{KEY}]*){KEY}([^{CLOSE}]*){CLOSE}")
_BINDING: ContextVar[bool] = ContextVar("binding", default=False)
_ASKED: ContextVar[set[str] | None] = ContextVar("asked", default=None)


@contextmanager
def binding() -> Iterator[None]:
    before = _BINDING.set(True)
    try:
        yield
    finally:
        _BINDING.reset(before)


def bound(said: str, row: Row | None) -> str:
    """Words that tell a number of this row; of a row that holds a masked one they lead nowhere."""
    if not _BINDING.get() or row is None or not said or is_masked(row):
        return said
    return f"{OPEN}{row.key}{KEY}{plain(said)}{CLOSE}"


def is_masked(row: Row) -> bool:
    return any(isinstance(v, Masked) for v in (row.value, row.low, row.high, row.n, row.events))


def plain(said: str) -> str:
    """The words without the signs."""
    return BOUND.sub(r"\2", said) if OPEN in said else said


def unbound(document: Document) -> Document:
    """The document with runs in the place of the signs."""
    made = each_block(document, _unbound)
    sections = tuple(replace(s, title=plain(s.title)) for s in made.sections)
    return replace(made, sections=sections, lead=tuple(map(plain, made.lead)))


def _unbound(block: Block) -> Block:
    if isinstance(block, Table):
        return replace(
            block,
            title=plain(block.title),
            head=_rows(block.head),
            body=_rows(block.body),
            notes=tuple(map(plain, block.notes)),
            linked=tuple((plain(note), tuple(_parted(Run(note)))) for note in block.notes if OPEN in note),
            footnotes=tuple((mark, plain(said)) for mark, said in block.footnotes),
        )
    if isinstance(block, Figure):
        return replace(block, title=plain(block.title), alt=plain(block.alt), caption=plain(block.caption))
    return with_runs(block, lambda runs: tuple(r for run in runs for r in _parted(run)))


def _rows(rows: Iterable[TableRow]) -> tuple[TableRow, ...]:
    return tuple(
        replace(row, cells=tuple(map(_cell, row.cells))) if any(OPEN in c.text for c in row.cells) else row for row in rows
    )


def _cell(cell: Cell) -> Cell:
    found = BOUND.search(cell.text)
    return cell if found is None else replace(cell, text=plain(cell.text), keys=cell.keys or (found.group(1),))


def _parted(run: Run) -> Iterator[Run]:
    at = 0
    for found in BOUND.finditer(run.text):
        if found.start() > at:
            yield replace(run, text=run.text[at : found.start()])
        yield replace(run, text=found.group(2), key=found.group(1))
        at = found.end()
    if at < len(run.text) or not run.text:
        yield replace(run, text=run.text[at:])


def asked_for(keys: Iterable[str]) -> None:
    """These rows were asked for."""
    noted = _ASKED.get()
    if noted is not None:
        noted.update(keys)


def traced(draw: Callable[..., Any]) -> Callable[..., Any]:
    """A function that draws a figure: what it gives knows the keys of the rows that it asked for."""

    @wraps(draw)
    def drawn(*given: Any, **named: Any) -> Any:
        noted: set[str] = set()
        before = _ASKED.set(noted)
        try:
            made = draw(*given, **named)
        finally:
            _ASKED.reset(before)
        if made is not None:
            made.rows_behind = tuple(sorted(noted))
        return made

    return drawn
