"""A finished folder, read back from disk and checked as a reader would check it; nothing of the study is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from equipoise.audit.copies import csv_agrees, figures_agree, sentences_agree, tables_agree
from equipoise.audit.finding import Finding
from equipoise.audit.intervals import intervals
from equipoise.audit.page import Page
from equipoise.audit.paper import pdf_agrees
from equipoise.audit.pointers import pointers, raw_words
from equipoise.audit.results import read_results
from equipoise.audit.risk import numbers_at_risk
from equipoise.audit.shares import shares
from equipoise.audit.sums import sums
from equipoise.audit.traced import traced
from equipoise.audit.web import read_html
from equipoise.audit.word import read_docx
from equipoise.errors import EquipoiseError, Fault

NAME = "audit.csv"
WHOLE = "report"
PARTS = ("manuscript", "supplement")
READERS = {"html": read_html, "docx": read_docx}


def audit_folder(folder: Path) -> list[Finding]:
    """What does not agree in the report, manuscript and supplement of an output folder, in the order of files; each thing once.
    Raises EquipoiseError where it holds no report."""
    pages = [page for page in _pages(folder)]
    if not pages:
        message = "it holds no report.html and no manuscript; name a folder that `equipoise run` wrote"
        raise EquipoiseError(Fault(folder.name or str(folder), "no report", message))
    return list(dict.fromkeys([*_inside(pages, folder), *_between(pages, folder)]))


def _pages(folder: Path) -> Iterator[Page]:
    for name in (WHOLE, *PARTS):
        for kind, read in READERS.items():
            path = folder / f"{name}.{kind}"
            if path.is_file():
                yield read(path)


def _inside(pages: Sequence[Page], folder: Path) -> Iterator[Finding]:
    """What each file says by itself; results.csv is what its numbers come from."""
    results = read_results(folder / "results.csv")
    for page in _once(pages):
        yield from raw_words(page, pages)
        yield from pointers(page, pages)
        yield from sums(page)
        yield from shares(page, results)
        yield from intervals(page)
        yield from numbers_at_risk(page, results)
        if results is not None:
            yield from traced(page, results)


def _once(pages: Sequence[Page]) -> Iterator[Page]:
    """The files without the tables, sentences and figures that stand word for word in an earlier one."""
    seen: set[object] = set()

    def new(of: object) -> bool:
        there = of in seen
        seen.add(of)
        return not there

    for page in pages:
        tables = [t for t in page.tables if new((t.number, t.head, t.body))]
        paragraphs = [p for p in page.paragraphs if new(p.text)]
        yield Page(page.file, page.kind, paragraphs, tables, [f for f in page.figures if new((f.number, f.words))])


def _between(pages: Sequence[Page], folder: Path) -> Iterator[Finding]:
    yield from tables_agree(pages)
    yield from figures_agree(pages)
    by_name = {page.file: page for page in pages}
    for page in pages:
        if page.kind == "html":
            yield from csv_agrees(page, folder)
    for name in PARTS:
        web, word = by_name.get(f"{name}.html"), by_name.get(f"{name}.docx")
        if web is not None and word is not None:
            yield from sentences_agree(web, [word], whole=True)
            yield from sentences_agree(word, [web], whole=True)
        if web is not None:
            yield from pdf_agrees(web, folder / f"{name}.pdf")
    report = by_name.get(f"{WHOLE}.html")
    parts = [p for p in pages if p.file != f"{WHOLE}.html" and p.kind == "html"]
    for part in parts if report is not None else ():
        yield from sentences_agree(part, [report], whole=False)
