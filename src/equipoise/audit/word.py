"""A Word file as a reader of it: its body's paragraphs, tables and figures in their order."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from equipoise.audit.page import Cell, Figure, Page, Paragraph, Table, plain
from equipoise.audit.web import NUMBERED

HEADINGS = re.compile(r"Title|Heading\d")
NOTES = "TableNote"


def read_docx(path: Path) -> Page:
    """The file's body; headers and footers hold the notice alone."""
    import docx
    from docx.oxml.ns import qn

    page = Page(path.name, "docx")
    caption, section, alt, below = "", "", "", -1
    for element in docx.Document(str(path)).element.body:
        if element.tag == qn("w:tbl"):
            page.tables.append(_table(element, caption, qn))
            caption, below = "", len(page.tables) - 1
            continue
        if element.tag != qn("w:p"):
            continue
        style, words = _style(element, qn), plain(_words(element, qn))
        for drawn in element.iter(qn("wp:docPr")):
            alt = drawn.get("descr") or ""
        if style == "TableCaption":
            caption = words
        elif style == "FigureCaption":
            page.figures.append(_figure(words, alt))
            alt = ""
        elif style == NOTES and below >= 0:
            page.tables[below] = _with_note(page.tables[below], words)
        else:
            below = -1
            section = words if HEADINGS.match(style) else section
            if words:
                page.paragraphs.append(Paragraph(section, words))
    return page


def _figure(caption: str, alt: str) -> Figure:
    found = NUMBERED.match(caption)
    return Figure(found[1] if found else "", caption[found.end() :] if found else caption, plain(alt))


def _table(element: Any, caption: str, qn: Any) -> Table:
    head, body = [], []
    for row in element.findall(qn("w:tr")):
        properties = row.find(qn("w:trPr"))
        first = properties is not None and properties.find(qn("w:tblHeader")) is not None
        (head if first else body).append(tuple(_cell(c, qn) for c in row.findall(qn("w:tc"))))
    found = NUMBERED.match(caption)
    number, title = (found[1], caption[found.end() :]) if found else ("", caption)
    return Table(number, title, tuple(head), tuple(body))


def _with_note(table: Table, words: str) -> Table:
    return Table(table.number, table.title, table.head, table.body, plain(f"{table.below} {words}"), table.name)


def _cell(cell: Any, qn: Any) -> Cell:
    span = cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")
    shift = cell.find(f".//{qn('w:ind')}")
    indent = 1 if shift is not None and int(shift.get(qn("w:left")) or 0) > 0 else 0
    text, raised = [], []
    for run in cell.iter(qn("w:r")):
        lifted = run.find(f"{qn('w:rPr')}/{qn('w:vertAlign')}")
        (raised if lifted is not None and lifted.get(qn("w:val")) == "superscript" else text).append(_words(run, qn))
    return Cell(plain("".join(text)), int(span.get(qn("w:val"))) if span is not None else 1, plain("".join(raised)), indent)


def _style(paragraph: Any, qn: Any) -> str:
    named = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
    return str(named.get(qn("w:val"))) if named is not None else ""


def _words(element: Any, qn: Any) -> str:
    signs = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:noBreakHyphen"): "-"}
    return "".join(t.text or "" if t.tag == qn("w:t") else signs[t.tag] for t in element.iter(qn("w:t"), *signs))
