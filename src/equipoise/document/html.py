"""A document as one self-contained HTML file: inline style and figures, no script, fit for a phone and for paper."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable
from dataclasses import replace
from importlib import resources

from equipoise.document.lines import unbroken
from equipoise.document.model import Bullets, Cell, Document, Figure, Heading, Paragraph, Run, Table, TableRow
from equipoise.document.phrases import phrases

SCREEN_SCALE = 1.45  # pixels per point: type of 9 points reads like the page's own
KINDS = {Paragraph: "paragraph", Bullets: "bullets", Heading: "heading", Table: "table", Figure: "figure"}


def render_html(document: Document, lookup: str = "") -> str:
    """The whole page; every text is escaped by the template, the figures are ours. lookup: the file beside it in which the row of
    each number stands, under its key; without it no number is a link."""
    page = _template("page.html.j2")
    return page.render(page=document, own=phrases(), lookup=lookup, style=_style(document.notice)) + "\n"


def render_block(block: Table | Figure) -> str:
    """A table or figure to stand in another page, such as a notebook: its style holds for itself alone."""
    block = replace(block, name=f"{block.name}-{next(_SHOWN)}")  # a notebook may show the same one twice
    made = _template("notebook.html.j2").render(block=block, lookup="", style=_markup(_file("notebook.css")))
    return made.strip() + "\n"


_SHOWN = itertools.count(1)


@functools.cache
def _template(name: str):
    """The template behind the macros that write blocks."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    environment.filters["kind"] = lambda block: KINDS[type(block)]
    environment.filters["drawing"] = drawing
    environment.filters |= {"runs": _runs, "note": _note, "head_cells": _head_cells, "body_cells": _body_cells}
    return environment.from_string(_file("blocks.html.j2") + _file(name))


def _file(name: str) -> str:
    return resources.files("equipoise.document").joinpath("templates", name).read_text(encoding="utf-8")


def _style(notice: str):
    return _markup(_file("style.css").replace("NOTICE_ON_PAPER", css_string(notice)))


def _markup(ours: str):
    from markupsafe import Markup

    return Markup(ours)


def css_string(words: str) -> str:
    """A CSS string that cannot end early, whatever the words hold."""
    safe = "".join(c if c.isalnum() and c.isascii() or c in " .,:;-()" else f"\\{ord(c):06x}" for c in words)
    return f'"{safe}"'


# Runs and cells are thousands on a page: as macros of the template each would cost ten times as much.


def _runs(runs: Iterable[Run], lookup: str):
    return _markup("".join(_run(run, lookup) for run in runs))


def _note(note: str, table: Table, lookup: str):
    return _runs(dict(table.linked).get(note, (Run(note),)) if lookup else (Run(note),), lookup)


def _run(run: Run, lookup: str) -> str:
    if run.ref or run.href or run.cite:
        kind = ' class="number"' if lookup and run.href.startswith(lookup) else ""
        place = f"#{run.ref}" if run.ref else f"#reference_{run.cite}" if run.cite else run.href
        return f'<a{kind} href="{_escaped(place)}">{_escaped(unbroken(run.text))}</a>'
    if run.bold:
        return f"<strong>{_escaped(run.text)}</strong>"
    if run.italic:
        return f"<em>{_escaped(run.text)}</em>"
    return f"<sup>{_escaped(run.text)}</sup>" if run.sup else _escaped(unbroken(run.text))


def _head_cells(row: TableRow, lookup: str):
    return _markup("".join(_cell(c, "th", "colgroup" if c.span > 1 else "col", lookup) for c in row.cells))


def _body_cells(row: TableRow, lookup: str):
    stub = "colgroup" if row.kind == "group" else "row"
    cells = (_cell(c, "td" if i else "th", "" if i else stub, lookup) for i, c in enumerate(row.cells))
    return _markup("".join(cells))


def _cell(cell: Cell, tag: str, scope: str, lookup: str) -> str:
    said = _escaped(cell.text)
    spanner = cell.span > 1 and cell.text and tag == "th" and scope == "colgroup"
    indent, bold = f"in{cell.indent}" if cell.indent else "", "strong" if cell.bold else ""
    kinds = " ".join(filter(None, (cell.align, indent, bold, cell.tone, "spanner" if spanner else "")))
    span, side = f' colspan="{cell.span}"' if cell.span > 1 else "", f' scope="{scope}"' if scope else ""
    if lookup and cell.keys and cell.text:
        said = f'<a class="number" href="{_escaped(f"{lookup}#{cell.keys[0]}")}">{said}</a>'
    note = f"<sup>{_escaped(cell.note)}</sup>" if cell.note else ""
    return f'<{tag}{span}{side} class="{_escaped(kinds)}">{said}{note}</{tag}>'


@functools.lru_cache(1 << 14)
def _escaped(words: str) -> str:
    from markupsafe import escape

    return str(escape(words))


def drawing(figure: Figure):
    """The svg, as wide as its type is legible, with the alternative text as its label."""
    from markupsafe import Markup, escape

    svg = inline(figure.drawing.svg, figure.name)
    end = svg.index(">")
    width = round(figure.drawing.size[0] * SCREEN_SCALE)
    more = f' style="max-width: {width}px" role="img" aria-label="{escape(figure.alt)}"'
    return Markup(f"{svg[:end]}{more}{svg[end:]}")


@functools.lru_cache(maxsize=128)  # a figure stands in the report and again in the manuscript or its supplement
def inline(svg: str, name: str) -> str:
    """An svg to stand inside a page: no XML head, ids of its own, width left to the page."""
    body = svg[svg.index("<svg") :]
    body = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', body)
    body = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", body)
    body = re.sub(r'href="#([^"]+)"', rf'href="#{name}-\1"', body)
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.S)
    return re.sub(r"\n\s*", "\n", body).strip()
