"""A document as a tagged PDF (PDF/UA-1), set by typst. Texts reach it as data and are never read as markup.

Same document and same typefaces, same bytes.
"""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from importlib import resources
from pathlib import Path
from typing import Any

from equipoise.document.lines import unbroken
from equipoise.document.model import KEPT, Block, Bullets, Document, Figure, Heading, Paragraph, Run, Section, Table
from equipoise.document.references import anchor

WRITTEN = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)  # a file that is the same for the same document says no other time
TEMPLATE = "page.typ"
MOST_NOTES = 4000  # characters of the notes of a table that surely go on a page


def render_pdf(document: Document) -> bytes:
    """The whole file. Tables too wide for an upright page (`Table.landscape`) stand on one turned; their header rows repeat."""
    made = _compiled(document, pdf_standards=["ua-1"], timestamp=WRITTEN)
    assert isinstance(made, bytes)
    return made


def render_pages(document: Document, dpi: int) -> list[bytes]:
    """Its pages as they are printed, as png."""
    made = _compiled(document, format="png", ppi=float(dpi))
    return [made] if isinstance(made, bytes) else list(made)


def _compiled(document: Document, **how: Any) -> Any:
    """How: the format and what it needs."""
    import typst

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for i, figure in enumerate(document.figures()):
            (folder / _drawing(i)).write_text(figure.drawing.svg, encoding="utf-8")
        (folder / "data.json").write_text(json.dumps(_document(document), ensure_ascii=False), encoding="utf-8")
        (folder / TEMPLATE).write_text(_template(), encoding="utf-8")
        return typst.compile(str(folder / TEMPLATE), root=str(folder), font_paths=[_typefaces()], **how)


def _template() -> str:
    return resources.files("equipoise.document").joinpath("templates", TEMPLATE).read_text(encoding="utf-8")


def _typefaces() -> str:
    """Those in which the figures were drawn."""
    import matplotlib

    return str(Path(matplotlib.get_data_path()) / "fonts" / "ttf")


def _drawing(i: int) -> str:
    return f"figure_{i}.svg"


def _document(document: Document) -> dict[str, Any]:
    files = {figure.name: _drawing(i) for i, figure in enumerate(document.figures())}
    return {
        "title": document.title,
        "language": document.language,
        "lead": list(document.lead),
        "notice": document.notice,
        "foot": document.foot,
        "sections": [_section(section, files) for section in document.sections],
    }


def _section(section: Section, files: dict[str, str]) -> dict[str, Any]:
    blocks = [_block(b, files) for b in section.blocks]
    return {"anchor": section.anchor, "title": section.title, "apart": section.apart, "blocks": blocks}


def _block(block: Block, files: dict[str, str]) -> dict[str, Any]:
    if isinstance(block, Paragraph):
        return {"kind": "paragraph", "style": block.style, "name": block.name, "runs": _runs(block.runs)}
    if isinstance(block, Bullets):
        return {"kind": "bullets", "items": [_runs(item) for item in block.items]}
    if isinstance(block, Heading):
        return {"kind": "heading", "text": unbroken(block.text), "level": block.level - 1}
    if isinstance(block, Figure):
        return _figure(block, files[block.name])
    return _table(block)


def _runs(runs: tuple[Run, ...]) -> list[dict[str, Any]]:
    return [
        {
            "text": unbroken(r.text),
            "bold": r.bold,
            "italic": r.italic,
            "sup": r.sup,
            "ref": anchor(r.cite) if r.cite else r.ref,
            "href": r.href if "://" in r.href else "",
        }
        for r in runs
    ]


def _figure(figure: Figure, file: str) -> dict[str, Any]:
    return {
        "kind": "figure",
        "name": figure.name,
        "number": figure.number,
        "title": unbroken(figure.title),
        "caption": unbroken(figure.caption),
        "alt": figure.alt,
        "file": file,
        "width": figure.drawing.size[0],
        "height": figure.drawing.size[1],
    }


def _kept(table: Table) -> int:
    """The last rows that stay on the page of the notes; 0 where there are none, or more than go on a page."""
    room = sum(map(len, table.notes)) + sum(len(letter) + len(words) for letter, words in table.footnotes)
    return min(KEPT, len(table.body) - 1) if 0 < room < MOST_NOTES else 0


def _table(table: Table) -> dict[str, Any]:
    def row(cells: Any, kind: str) -> dict[str, Any]:
        made = [
            {"text": unbroken(c.text), "span": c.span, "indent": c.indent, "align": c.align, "bold": c.bold, "note": c.note}
            for c in cells
        ]
        short = table.width - sum(c.span for c in cells)
        if short:
            made.append({"text": "", "span": short, "indent": 0, "align": "left", "bold": False, "note": ""})
        return {"kind": kind, "cells": made}

    return {
        "kind": "table",
        "name": table.name,
        "number": table.number,
        "title": unbroken(table.title),
        "landscape": table.landscape,
        "shares": list(table.shares),
        "kept": _kept(table),
        "head": [row(r.cells, "head") for r in table.head],
        "body": [row(r.cells, r.kind) for r in table.body],
        "notes": [unbroken(words) for words in table.notes],
        "footnotes": [[letter, unbroken(words)] for letter, words in table.footnotes],
    }
