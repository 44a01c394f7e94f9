"""What a Word file is made of that its library has no call for: styles, fields, bookmarks, tables of fixed widths."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from equipoise.document.model import KEPT, Cell, Table, TableRow

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.text.paragraph import Paragraph as WordParagraph

TEXT_FONT, TABLE_FONT, EAST_ASIAN = "Times New Roman", "Arial", "Malgun Gothic"
INDENT = 170  # twentieths of a point, of a cell's text per step
TWIPS_PER_CM = 1440 / 2.54
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
SHORT = 22  # lines of a table that is never parted
RULES = {"top": (0, 8), "head": (1, 6), "bottom": (2, 8)}


def clean(words: str) -> str:
    """Without the characters that no XML may hold."""
    return NOT_XML.sub("", words)


def styles_of(word: WordDocument, language: str) -> None:
    """The look of the text: serif for reading, sans for tables, headings in black."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    def font(style: Any, name: str, size: float, bold: bool | None = None, italic: bool | None = None) -> None:
        style.font.name, style.font.size, style.font.bold, style.font.italic = name, Pt(size), bold, italic
        style.font.color.rgb = RGBColor(0, 0, 0)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:eastAsia"), EAST_ASIAN)
        fonts.set(qn("w:cs"), name)

    def own(name: str, size: float, bold: bool = False, italic: bool = False, before: float = 0, after: float = 3) -> None:
        style = word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = word.styles["Normal"]
        font(style, TABLE_FONT, size, bold or None, italic or None)
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
        style.paragraph_format.line_spacing = 1.0

    normal = word.styles["Normal"]
    font(normal, TEXT_FONT, 11)
    normal.paragraph_format.space_after, normal.paragraph_format.line_spacing = Pt(6), 1.25
    normal.element.get_or_add_rPr().append(_element("w:lang", {"w:val": "en-US" if language == "en" else language}))
    font(word.styles["Title"], TEXT_FONT, 18, True)
    for border in word.styles["Title"].element.xpath(".//w:pBdr"):
        border.getparent().remove(border)
    font(word.styles["Subtitle"], TEXT_FONT, 11)
    for spaced in word.styles["Subtitle"].element.xpath("./w:rPr/w:spacing"):
        spaced.getparent().remove(spaced)
    for level, size in ((1, 14), (2, 12), (3, 11), (4, 11)):
        font(word.styles[f"Heading {level}"], TEXT_FONT, size, True, True if level > 2 else None)
    own("Table Caption", 9.5, before=10, after=4)
    word.styles["Table Caption"].paragraph_format.keep_with_next = True
    own("Figure Caption", 9, before=2, after=10)
    own("Table Text", 8.5, after=0)
    own("Table Note", 8, after=2)
    own("Reference", 10, after=3)
    hanging = word.styles["Reference"].paragraph_format
    hanging.left_indent, hanging.first_line_indent = Pt(18), Pt(-18)
    word.styles["Reference"].font.name = TEXT_FONT
    own("Notice", 9, italic=True, after=6)
    font(word.styles["Header"], TABLE_FONT, 8, italic=True)
    font(word.styles["Footer"], TABLE_FONT, 8)


def page_number(paragraph: WordParagraph) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _field(paragraph, "PAGE", "1")


def caption_number(paragraph: WordParagraph, kind: str, number: str, counter: str) -> list[Any]:
    """`Table 3` or `Figure S2`: the number is a field that counts its own kind. The runs, for bookmarks: of the whole, of all but
    the first the number alone."""
    mark = "S" if number.startswith("S") else ""
    leads = [paragraph.add_run(words) for words in (f"{kind}\u00a0", mark)]
    for lead in leads:
        lead.bold = True
    return [*leads, *_field(paragraph, f"SEQ {counter}{'_S' if mark else ''} \\* ARABIC", number.removeprefix("S"), bold=True)]


def reference(paragraph: WordParagraph, mark: str, shown: str) -> None:
    """A field that shows what stands at a bookmark, and leads there."""
    _field(paragraph, f"REF {mark} \\h", shown.replace(" ", "\u00a0"))


def internal_link(paragraph: WordParagraph, mark: str, shown: str) -> None:
    """Text that leads to a bookmark and keeps its words when fields are counted again."""
    link = _under(paragraph._p, "w:hyperlink", {"w:anchor": mark, "w:history": "1"})
    _under(_under(link, "w:r"), "w:t", {"xml:space": "preserve"}).text = shown


def _field(paragraph: WordParagraph, code: str, shown: str, bold: bool = False) -> list[Any]:
    """A field with what it shows until Word counts again."""
    runs = [paragraph.add_run() for _ in range(5)]
    for run in runs if bold else ():
        run.bold = True
    runs[0]._r.append(_element("w:fldChar", {"w:fldCharType": "begin"}))
    instruction = _element("w:instrText", {"xml:space": "preserve"})
    instruction.text = f" {code} "
    runs[1]._r.append(instruction)
    runs[2]._r.append(_element("w:fldChar", {"w:fldCharType": "separate"}))
    runs[3].text = shown
    runs[4]._r.append(_element("w:fldChar", {"w:fldCharType": "end"}))
    return runs


def bookmarked(paragraph: WordParagraph, runs: list[Any], mark: str, number: int) -> None:
    """The runs, which follow each other in the paragraph, as the text of a bookmark."""
    runs[0]._r.addprevious(_element("w:bookmarkStart", {"w:id": str(number), "w:name": mark}))
    runs[-1]._r.addnext(_element("w:bookmarkEnd", {"w:id": str(number)}))


def fixed_table(word: WordDocument, table: Table, widths: list[float]) -> Any:
    """The table with its cells, spans, indents and rules. widths: of the columns, in cm. Returns the element."""
    twips = [round(w * TWIPS_PER_CM) for w in widths]
    made = _element("w:tbl")
    properties = _under(made, "w:tblPr")
    _under(properties, "w:tblW", {"w:w": str(sum(twips)), "w:type": "dxa"})
    _under(properties, "w:tblLayout", {"w:type": "fixed"})
    margins = _under(properties, "w:tblCellMar")
    for side in ("left", "right"):
        _under(margins, f"w:{side}", {"w:w": "60", "w:type": "dxa"})
    _under(properties, "w:tblCaption", {"w:val": clean(table.title)})
    grid = _under(made, "w:tblGrid")
    for width in twips:
        _under(grid, "w:gridCol", {"w:w": str(width)})
    rows = [(row, True) for row in table.head] + [(row, False) for row in table.body]
    kept = _kept(table)
    for i, (row, head) in enumerate(rows):
        edges = {"top": 8 if i == 0 else 0, "bottom": 8 if i == len(rows) - 1 else 6 if i == len(table.head) - 1 else 0}
        _row(made, row, twips, head, edges, keep=i in kept)
    word.element.body.insert_element_before(made, "w:sectPr")
    return made


def _kept(table: Table) -> set[int]:
    """Rows that stay on the page of the next one, or of the notes: all of a short table, else its head with the first rows and
    the last ones with the notes; and every heading inside it."""
    rows = [*table.head, *table.body]
    last = len(rows) - 1
    if table.tall <= SHORT:
        found = set(range(last))
    else:
        groups = {i for i, row in enumerate(rows) if row.kind == "group"}
        found = {*range(min(len(table.head) + KEPT - 1, last)), *groups} - {last}
    return found | (set(range(max(last - KEPT + 1, 0), last + 1)) if table.notes or table.footnotes else set())


def repeated_head(table: Any, rows: int) -> None:
    """The first rows stand again on every page that the table reaches."""
    from docx.oxml.ns import qn

    for row in table.findall(qn("w:tr"))[:rows]:
        row.find(qn("w:trPr")).append(_element("w:tblHeader"))


def _row(table: Any, row: TableRow, twips: list[int], head: bool, edges: dict[str, int], keep: bool = False) -> None:
    made = _under(table, "w:tr")
    _under(_under(made, "w:trPr"), "w:cantSplit")
    at = 0
    for cell in row.cells:
        _cell(made, cell, sum(twips[at : at + cell.span]), head or row.kind == "group", edges, head and cell.span > 1)
        at += cell.span
    if at < len(twips):
        _cell(made, Cell(span=len(twips) - at), sum(twips[at:]), False, edges, False)
    if keep:
        for shape in made.iter(_name("w:pPr")):
            shape.insert(1, _element("w:keepNext"))


def _cell(row: Any, cell: Cell, width: int, bold: bool, edges: dict[str, int], spanner: bool) -> None:
    made = _under(row, "w:tc")
    properties = _under(made, "w:tcPr")
    _under(properties, "w:tcW", {"w:w": str(width), "w:type": "dxa"})
    if cell.span > 1:
        _under(properties, "w:gridSpan", {"w:val": str(cell.span)})
    borders = {side: size or (4 if spanner and cell.text and side == "bottom" else 0) for side, size in edges.items()}
    if any(borders.values()):
        around = _under(properties, "w:tcBorders")
        for side, size in borders.items():
            if size:
                _under(around, f"w:{side}", {"w:val": "single", "w:sz": str(size), "w:color": "000000"})
    _under(properties, "w:vAlign", {"w:val": "bottom" if bold else "top"})
    paragraph = _under(made, "w:p")
    shape = _under(paragraph, "w:pPr")
    _under(shape, "w:pStyle", {"w:val": "TableText"})
    if cell.indent:
        _under(shape, "w:ind", {"w:left": str(INDENT * cell.indent)})
    _under(shape, "w:jc", {"w:val": {"left": "left", "right": "right"}.get(cell.align, "center")})
    _written(paragraph, cell.text, bold or cell.bold)
    if cell.note:
        _written(paragraph, cell.note, False, raised=True)


def _written(paragraph: Any, words: str, bold: bool, raised: bool = False) -> None:
    run = _under(paragraph, "w:r")
    if bold or raised:
        properties = _under(run, "w:rPr")
        if bold:
            _under(properties, "w:b")
        if raised:
            _under(properties, "w:vertAlign", {"w:val": "superscript"})
    _under(run, "w:t", {"xml:space": "preserve"}).text = clean(words)


def _name(tag: str) -> str:
    from docx.oxml.ns import qn

    return str(qn(tag))


def _element(name: str, attributes: dict[str, str] | None = None) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    made = OxmlElement(name)
    for key, value in (attributes or {}).items():
        made.set(qn(key) if not key.startswith("xml:") else f"{{http://www.w3.org/XML/1998/namespace}}{key[4:]}", value)
    return made


def _under(parent: Any, name: str, attributes: dict[str, str] | None = None) -> Any:
    made = _element(name, attributes)
    parent.append(made)
    return made
