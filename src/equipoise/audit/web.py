"""A page of the report as a reader of it: text, tables and figures of an HTML file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from equipoise.audit.page import Cell, Figure, Page, Paragraph, Table, plain

NUMBERED = re.compile(r"([^\W\d_][^\d.|]{0,40} S?\d+)\. ?")  # `Table S2. `, in any language
APART = {"reminder", "banner"}  # the notice of a page, which each section repeats


def read_html(path: Path) -> Page:
    """The page. A file that is no HTML gives a page without anything."""
    from lxml import etree, html

    parser = html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True)
    content = path.read_bytes()
    if not content.strip():
        return Page(path.name, "html")
    try:
        root = html.document_fromstring(content, parser=parser)
    except etree.ParserError:
        return Page(path.name, "html")
    banner = root.find(".//p[@class='banner']")
    page = Page(path.name, "html", notice="" if banner is None else _text(banner))
    main = root.find(".//main")
    _walk(main if main is not None else root, page, [""])
    return page


def _walk(element: Any, page: Page, section: list[str], anchor: str = "") -> None:
    for child in element:
        tag, kind = child.tag, child.get("class") or ""
        if tag in ("nav", "script", "style", "header", "footer") or APART & set(kind.split()):
            continue
        if tag in ("h1", "h2", "h3", "h4", "h5"):
            section[0] = _text(child)
            page.paragraphs.append(Paragraph(section[0], section[0], anchor))
        elif tag in ("p", "li"):
            page.paragraphs.append(Paragraph(section[0], _text(child), anchor, _links(child)))
        elif tag == "figure":
            _figure(child, page)
        else:
            _walk(child, page, section, child.get("id") or anchor if tag == "section" else anchor)


def _links(element: Any) -> tuple[tuple[str, str], ...]:
    links = [a for a in element.iter("a") if a.get("class") == "number"]
    return tuple((_text(a), unquote((a.get("href") or "").partition("#")[2])) for a in links)


def _figure(element: Any, page: Page) -> None:
    caption = element.find("figcaption")
    said = _text(caption) if caption is not None else ""
    found = NUMBERED.match(said)
    number, title = (found[1], said[found.end() :]) if found else ("", said)
    table = element.find(".//table")
    name = element.get("id") or ""
    if table is not None:
        head = [_row(tr) for tr in table.iterfind("thead/tr")]
        body = [_row(tr) for tr in table.iterfind("tbody/tr")]
        notes = element.find("div[@class='notes']")
        below = _text(notes) if notes is not None else ""
        page.tables.append(Table(number, title, tuple(head), tuple(body), below, name.removeprefix("table_")))
        return
    drawing = element.find(".//{*}svg")
    drawing = drawing if drawing is not None else element.find(".//img")
    words = [] if drawing is None else [drawing.get("aria-label") or drawing.get("alt") or ""]
    drawn = [] if drawing is None else [_text(t) for t in drawing.iter("{*}text", "text")]
    page.figures.append(Figure(number, title, plain(" | ".join([*words, *drawn])), tuple(drawn)))


def _row(row: Any) -> tuple[Cell, ...]:
    cells = []
    for cell in row.iterchildren("th", "td"):
        raised = [_text(s) for s in cell.iter("sup")]
        words = "".join(_outside(cell))
        indent = re.search(r"\bin(\d)\b", cell.get("class") or "")
        links = [a.get("href") or "" for a in cell.iter("a") if a.get("class") == "number"]
        key = links[0].partition("#")[2] if len(links) == 1 else ""
        span = int(cell.get("colspan") or 1)
        cells.append(Cell(plain(words), span, "".join(raised), int(indent[1]) if indent else 0, unquote(key)))
    return tuple(cells)


def _outside(element: Any) -> list[str]:
    """The text of an element without what is raised in it."""
    found = [element.text or ""]
    for child in element:
        if child.tag != "sup":
            found += _outside(child)
        found.append(child.tail or "")
    return found


def _text(element: Any) -> str:
    return plain("".join(element.itertext()))
