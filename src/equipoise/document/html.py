"""A document as one self-contained HTML file: inline style and figures, no script, fit for a phone and for paper."""

from __future__ import annotations

import functools
import itertools
import re
from dataclasses import replace
from importlib import resources

from equipoise.document.lines import unbroken
from equipoise.document.model import Bullets, Document, Figure, Heading, Paragraph, Table
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
    environment.filters["unbroken"] = unbroken
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
