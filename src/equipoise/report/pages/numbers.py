"""Where a number of the report comes from: its row of the results, its method, and the SQL behind what it was made of."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from typing import Any

from equipoise.document.model import (
    Block,
    Cell,
    Document,
    Figure,
    Paragraph,
    Run,
    Section,
    Table,
    TableRow,
    bold,
    each_block,
    runs_of,
    with_runs,
)
from equipoise.records import Row, Study
from equipoise.records.units import unit
from equipoise.records.vocabulary import PHASES
from equipoise.report import format as fmt
from equipoise.report.sections.parts import worded
from equipoise.report.tables.cells import head, stub
from equipoise.report.words import words

FILE = "numbers.html"
PATIENTS = "patients.csv"
INTERVAL = re.compile(r"\u2212?[0-9][0-9.,\u00b7]*(?:\u2013|-| to )\u2212?[0-9][0-9.,\u00b7]*[0-9]")
P_SIGN = "P"
PERCENT = r"[0-9]+(?:[.\u00b7][0-9]+)?\s?%"
COUNT = "[0-9][0-9,]*"
SHARES = (
    rf"\b(?P<n1>{COUNT}) of (?P<d1>{COUNT})(?: \w+)? \({PERCENT}\)",
    rf"{PERCENT} \((?P<n2>{COUNT})/(?P<d2>{COUNT})\)",
    rf"{PERCENT}, (?P<n3>{COUNT})/(?P<d3>{COUNT})",
)
NUMBERS = re.compile(rf"{'|'.join(SHARES)}|{INTERVAL.pattern}|\b[Pp]\s?(?P<sign>[=<>])\s?(?P<p>[0-9]*[.\u00b7][0-9]+)")
SIGNIFICANT = 6  # digits shown; results.csv has all of them
COLUMNS = ("key", "value", "unit", "limits", "n", "events", "method")
ENDPOINTS = ("endpoint_time", "early_progression", "covariate")
RELATIONS = {
    "attrition": ("eligibility", "cohort"),
    "design": ("cohort", "baseline", "covariate"),
    "baseline": ("cohort", "baseline", "covariate"),
    "lost": ("cohort", "baseline", "covariate"),
    "response": ("visit_response", "best_response", "response_course"),
    "survival": ENDPOINTS,
    "effect": ENDPOINTS,
    "sensitivity": ENDPOINTS,
    "time_zero": ENDPOINTS,
    "post_index": (*ENDPOINTS, "course"),
    "safety": ("safety_event", "worst_grade", "safety_course", "lab_toxicity"),
    "conduct": ("conduct", "scan_reader", "observed"),
    "exposure": ("exposure_course",),
    "quality": ("cohort", "baseline"),
}  # phase -> the derived tables that its numbers are made from, of which a study has some


def keys_of(documents: Iterable[Document]) -> set[str]:
    """The keys of all numbers that the tables, sentences and figures of these documents print."""
    documents = list(documents)
    cells = (c for d in documents for t in d.tables() for row in (*t.head, *t.body) for c in row.cells)
    of_sentences = {run.key for d in documents for b in d.blocks() for run in runs_of(b) if run.key}
    of_notes = {run.key for d in documents for t in d.tables() for _, runs in t.linked for run in runs if run.key}
    of_figures = {key for d in documents for figure in d.figures() for key in figure.keys}
    return {key for cell in cells for key in cell.keys} | of_sentences | of_notes | of_figures


def linked(document: Document, rows: Mapping[str, Row]) -> Document:
    """The document with its sentences leading to the same page: an interval that the tables print for one result alone, such as
    `0.709-2.478`, is a link to it, so is a share such as `20 of 40 (50.0%)` that is one percentage alone, and a P behind an
    interval that they print for one test of the same endpoint and design. Others stay text: the table that the sentence cites
    leads on. rows: of the study."""
    printed = _of_tables(document)
    known = {share: keys for share, keys in _shares(rows.values()).items() if keys <= printed}
    for table in document.tables():
        for cell in (c for row in table.body for c in row.cells if c.keys):
            tests = [P_SIGN + cell.text] if cell.keys[0].endswith(".p") else []
            for found in (*tests, *INTERVAL.findall(cell.text)):
                known.setdefault(found, set()).add(cell.keys[0])
    return each_block(document, lambda block: _notes_linked(with_runs(block, lambda runs: tuple(_linked(runs, known)))))


def _notes_linked(block: Block) -> Block:
    """The block; of a table with its notes leading on, where they hold numbers of rows."""
    if not isinstance(block, Table) or not block.linked:
        return block
    lead = tuple((note, tuple(replace(r, href=f"{FILE}#{r.key}") if r.key else r for r in runs)) for note, runs in block.linked)
    return replace(block, linked=lead)


def _of_tables(document: Document) -> set[str]:
    return {key for t in document.tables() for row in (*t.head, *t.body) for c in row.cells for key in c.keys}


def _shares(rows: Iterable[Row]) -> dict[str, set[str]]:
    """`20/40` -> the keys of the percentages that have so many of so many."""
    found: dict[str, set[str]] = {}
    for row in rows:
        if row.statistic == "percent" and not math.isnan(row.events) and not math.isnan(row.n):
            found.setdefault(f"{row.events:.0f}/{row.n:.0f}", set()).add(row.key)
    return found


def _linked(runs: Iterable[Run], known: Mapping[str, set[str]]) -> Iterator[Run]:
    """The runs, parted where they hold an interval or a P that leads to one row."""
    about = ""
    for run in runs:
        if run.key:
            about = run.key if INTERVAL.search(run.text) else about
            yield replace(run, href=f"{FILE}#{run.key}")
            continue
        if run.ref or run.cite or run.href:
            yield run
            continue
        at = 0
        for found in NUMBERS.finditer(run.text):
            key = _key(found, known, about)
            about = about if found["p"] or _share(found) else key
            if key:
                if found.start() > at:
                    yield replace(run, text=run.text[at : found.start()])
                yield replace(run, text=found.group(), href=f"{FILE}#{key}")
                at = found.end()
        if at < len(run.text) or not run.text:
            yield replace(run, text=run.text[at:])


def _key(found: re.Match[str], known: Mapping[str, set[str]], about: str) -> str:
    """'' where it leads to no row, or to several. about: the row of the interval before it."""
    if _share(found):
        keys = known.get(_share(found), set())
    elif not found["p"]:
        keys = known.get(found.group(), set())
    else:
        keys = {key for key in known.get(P_SIGN + found["sign"].strip("=") + found["p"], ()) if _scope(key) == _scope(about)}
    return min(keys) if len(keys) == 1 else ""


def _share(found: re.Match[str]) -> str:
    """`20/40`; '' of what is no share."""
    pairs = ((found[f"n{i}"], found[f"d{i}"]) for i in (1, 2, 3))
    return next((f"{n}/{of}".replace(",", "") for n, of in pairs if n), "")


def _scope(key: str) -> list[str]:
    """Phase, endpoint and design, where a row has them."""
    return key.split(".")[:3]


def numbers_document(
    study: Study, keys: set[str], files: Mapping[str, str], patients: bool, figures: Iterable[Figure] = ()
) -> Document:
    """A row for each of these keys, by phase and analysis. files: derived table -> its file. patients: whether patient rows are
    written beside it."""
    info = study.protocol.study
    found = [row for key, row in study.estimates.rows.items() if key in keys]
    sections = []
    for phase in PHASES:
        rows = sorted((r for r in found if r.phase == phase), key=lambda r: r.analysis)
        if rows:
            title = PHASES[phase].words
            sections.append(Section(f"phase_{phase}", title, tuple(_phase(study, phase, rows, files, patients))))
    behind = tuple(_behind(figure, study) for figure in figures if figure.keys)
    if behind:
        sections.append(Section("figures", words("numbers_page.figures"), behind))
    lead = (words("numbers_page.lead"),)
    links = ((words("pages.report"), "report.html"),)
    return Document(words("numbers_page.title", study=fmt.lower_first(info.title)), tuple(sections), lead, info.notice, links)


def _behind(figure: Figure, study: Study) -> Paragraph:
    """A figure and the rows that it shows."""
    known = [key for key in figure.keys if key in study.estimates.rows]
    runs = [bold(f"{figure.number}. "), Run(f"{figure.title}: ")]
    for i, key in enumerate(known):
        runs += [Run(", ")] * bool(i) + [Run(key, href=f"#{key}")]
    return Paragraph((*runs, Run(".")), name=figure.name)


def _phase(study: Study, phase: str, rows: list[Row], files: Mapping[str, str], patients: bool) -> Iterator[Block]:
    yield _input(phase, files)
    if patients:
        columns = ", ".join(_columns(study, rows))
        yield worded("numbers_page.rows", file=Run(PATIENTS, href=PATIENTS), columns=columns)
    for analysis, found in groupby(rows, key=lambda r: r.analysis):
        said = PHASES[phase].analysis(analysis)
        title = fmt.upper_first(said.words) if said is not None else analysis
        yield _table(study, f"table_{phase}_{analysis}", title, list(found))


def _input(phase: str, files: Mapping[str, str]) -> Paragraph:
    """What was read, and where the methods are described."""
    runs = [Run(f"{words('numbers_page.method')} "), Run(words("sections.methods"), href="report.html#methods"), Run(".")]
    known = [name for name in RELATIONS.get(phase, ()) if name in files]
    for i, name in enumerate(known):
        runs += [Run(", " if i else f" {words('numbers_page.sql')} "), Run(name, href=files[name])]
    return Paragraph((*runs, Run("."))) if known else Paragraph(tuple(runs))


def _columns(study: Study, rows: list[Row]) -> list[str]:
    """The columns of patients.csv that these numbers are made of, as far as they have one."""
    endpoints = dict.fromkeys(r.endpoint for r in rows if r.endpoint in study.outcomes.endpoints)
    named = dict.fromkeys(r.variable for r in rows if r.variable in study.covariates.values)
    return ["arm", *(f"{name}_{part}" for name in endpoints for part in ("days", "event", "source")), *named]


def _table(study: Study, name: str, title: str, rows: list[Row]) -> Table:
    line = TableRow(
        tuple(
            head(words(f"numbers_page.column.{x}"), align="left" if x in (COLUMNS[0], COLUMNS[-1]) else "center") for x in COLUMNS
        )
    )
    return Table(name, title, (line,), tuple(_row(study, row) for row in rows))


def _row(study: Study, row: Row) -> TableRow:
    limits = ", ".join(filter(None, map(_digits, (row.low, row.high))))
    method = row.method or words("numbers_page.described")
    cells = [_digits(row.value), unit(row, study.protocol), limits, _digits(row.n), _digits(row.events)]
    return TableRow((stub(row.key), *map(Cell, cells), Cell(method, align="left")), name=row.key)


def _digits(value: Any) -> str:
    return "" if math.isnan(value) else f"{value:.{SIGNIFICANT}g}"
