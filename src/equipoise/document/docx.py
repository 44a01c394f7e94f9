"""A document as a Word file: real tables with header rows that repeat, captions as fields, references that follow them.

Same document, same bytes. Every text goes in as text; control characters, which a Word file cannot hold, are left out.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import re
from typing import TYPE_CHECKING, Any

from equipoise.document.archive import packed_alike
from equipoise.document.docx_parts import (
    bookmarked,
    caption_number,
    clean,
    fixed_table,
    internal_link,
    page_number,
    reference,
    repeated_head,
    styles_of,
)
from equipoise.document.lines import unbroken
from equipoise.document.model import Bullets, Document, Figure, Heading, Paragraph, Run, Section, Table
from equipoise.document.references import anchor

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.text.paragraph import Paragraph as WordParagraph

WRITTEN = dt.datetime(2000, 1, 1)  # a file that is the same for the same document says no other time
PAGE, MARGIN = (21.0, 29.7), 2.5  # A4, in cm
TURNED_MARGIN = 1.8  # above and below on a page that lies on its side, for long tables
TEXT_WIDTH, TEXT_HEIGHT = PAGE[0] - 2 * MARGIN, PAGE[1] - 2 * MARGIN
POINTS_PER_CM = 72 / 2.54


def render_docx(document: Document) -> bytes:
    """The whole file. Tables too wide for an upright page (`Table.landscape`) stand on one turned; columns are as wide as
    `Table.shares` says."""
    import docx

    return _Writer(docx.Document()).written(document)


class _Writer:
    """Writes blocks one after the other; knows which way the page lies, and which bookmark has which number."""

    def __init__(self, word: WordDocument):
        self.word = word
        self.marks: dict[str, int] = {}
        self.styles: dict[str, str] = {}
        self.latest: WordParagraph | None = None
        self.landscape = False

    def written(self, document: Document) -> bytes:
        styles_of(self.word, document.language)
        self._page(self.word.sections[0], False)
        self._frame(document)
        self._new(clean(document.title), style="Title")
        for line in document.lead:
            self._new(clean(line), style="Subtitle")
        if document.notice:
            self._new(clean(document.notice), style="Notice")
        for section in document.sections:
            self._section(section)
        if not self._turn(False) and self.latest is not None:
            self.latest.paragraph_format.keep_with_next = True  # the foot never stands on a page alone
        self._new(clean(document.foot), style="Table Note")
        return _stable(self.word)

    def _frame(self, document: Document) -> None:
        """The notice above every page, its number below."""
        properties = self.word.core_properties
        properties.title, properties.language = clean(document.title)[:255], document.language
        properties.author = properties.last_modified_by = "Equipoise"
        properties.comments = clean(document.notice)[:255]
        properties.created = properties.modified = WRITTEN
        section = self.word.sections[0]
        section.header.paragraphs[0].text = clean(document.notice)
        page_number(section.footer.paragraphs[0])

    def _section(self, section: Section) -> None:
        turned = self._turn(any(isinstance(b, Table) and b.landscape for b in section.blocks[:1]))
        if section.title:
            heading = self._new(style="Heading 1")
            heading.paragraph_format.page_break_before = (section.apart and not turned) or None
            self._marked(heading, section.anchor, [heading.add_run(clean(section.title))])
        for block in section.blocks:
            self._turn(isinstance(block, Table) and block.landscape)
            if isinstance(block, Paragraph):
                self._paragraph(block)
            elif isinstance(block, Bullets):
                for item in block.items:
                    self._runs(self._new(style="List Bullet"), item)
            elif isinstance(block, Heading):
                self._new(_prose(block.text), style=f"Heading {min(block.level - 1, 4)}")
            elif isinstance(block, Table):
                self._table(block)
            else:
                self._figure(block)

    def _paragraph(self, block: Paragraph) -> None:
        style = {"note": "Table Note", "warning": "Notice", "reference": "Reference"}.get(block.style)
        paragraph = self._new(style=style)
        self._runs(paragraph, block.runs)
        if block.name:
            self._marked(paragraph, block.name, [paragraph.runs[0]])

    def _new(self, words: str = "", style: str | None = None) -> WordParagraph:
        """A paragraph at the end. Identifiers of styles are looked up once: the library searches all of them each time."""
        paragraph = self.word.add_paragraph(words)
        if style is not None:
            paragraph._p.style = self.styles.get(style) or self._identifier(style)
        self.latest = paragraph
        return paragraph

    def _identifier(self, style: str) -> str:
        self.styles[style] = self.word.styles[style].style_id
        return self.styles[style]

    def _runs(self, paragraph: WordParagraph, runs: tuple[Run, ...]) -> None:
        for run in runs:
            if run.ref:
                reference(paragraph, _mark(_bare(run.ref) if run.bare else run.ref), _prose(run.text))
                continue
            if run.cite:
                internal_link(paragraph, _mark(anchor(run.cite)), _prose(run.text))
                continue
            made = paragraph.add_run(_prose(run.text))
            made.bold, made.italic, made.font.superscript = run.bold or None, run.italic or None, run.sup or None

    def _table(self, table: Table) -> None:
        self._caption(table, "Table Caption")
        width = TEXT_HEIGHT if self.landscape else TEXT_WIDTH
        made = fixed_table(self.word, table, [width * share for share in table.shares])
        repeated_head(made, len(table.head))
        notes = list(table.notes)
        last = len(notes) == 0 and not table.footnotes
        for i, words in enumerate(notes):
            paragraph = self._new(_prose(words), style="Table Note")
            paragraph.paragraph_format.keep_together = True
            paragraph.paragraph_format.keep_with_next = i < len(notes) - 1 or bool(table.footnotes)
        if table.footnotes:
            paragraph = self._new(style="Table Note")
            paragraph.paragraph_format.keep_together = True
            for i, (letter, words) in enumerate(table.footnotes):
                paragraph.add_run(letter).font.superscript = True
                paragraph.add_run(f"\u00a0{_prose(words)}{'.' if i == len(table.footnotes) - 1 else '; '}")
        if last:
            self._new(style="Table Note")

    def _figure(self, figure: Figure) -> None:
        from docx.shared import Cm

        width, height = (points / POINTS_PER_CM for points in figure.drawing.size)
        scale = min(1.0, TEXT_WIDTH / width, (TEXT_HEIGHT - 3.0) / height)
        paragraph = self._new()
        paragraph.paragraph_format.keep_with_next = True
        run = paragraph.add_run()
        run.add_picture(io.BytesIO(figure.drawing.png), width=Cm(width * scale), height=Cm(height * scale))
        properties = run._r.xpath(".//wp:docPr")[0]
        properties.set("descr", clean(figure.alt))
        properties.set("title", clean(figure.title))
        self._caption(figure, "Figure Caption")

    def _caption(self, block: Table | Figure, style: str) -> None:
        """`Table 3. Title`, whose number is a field that counts and to which references point."""
        paragraph = self._new(style=style)
        if block.number:
            kind, number = block.number.rsplit(" ", 1)
            runs = caption_number(paragraph, kind, number, type(block).__name__)
            self._marked(paragraph, block.name, runs)
            self._marked(paragraph, _bare(block.name), runs[1:])
            paragraph.add_run(". ").bold = True
        said = f"{block.title}. {block.caption}".strip() if isinstance(block, Figure) else block.title
        paragraph.add_run(_prose(said))

    def _marked(self, paragraph: WordParagraph, name: str, runs: list[Any]) -> None:
        mark = _mark(name)
        assert mark not in self.marks, f"two parts are named {name}"
        self.marks[mark] = len(self.marks) + 1
        bookmarked(paragraph, runs, mark, self.marks[mark])

    def _turn(self, landscape: bool) -> bool:
        """Whether a new page begins, which lies the other way."""
        from docx.enum.section import WD_SECTION

        turns = landscape != self.landscape
        if turns:
            self._page(self.word.add_section(WD_SECTION.NEW_PAGE), landscape)
            self.landscape = landscape
        return turns

    def _page(self, section: Any, landscape: bool) -> None:
        from docx.enum.section import WD_ORIENT
        from docx.shared import Cm

        width, height = PAGE[::-1] if landscape else PAGE
        section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = Cm(width), Cm(height)
        section.left_margin = section.right_margin = Cm(MARGIN)
        section.top_margin = section.bottom_margin = Cm(TURNED_MARGIN if landscape else MARGIN)


def _prose(words: str) -> str:
    """Words outside of tables, whose ranges do not break; cells are as wide as theirs."""
    return clean(unbroken(words))


def _bare(name: str) -> str:
    """Of the bookmark around the number alone."""
    return f"{name} n"


def _mark(name: str) -> str:
    """A name that Word takes for a bookmark: letters, digits and low lines, a letter first, 40 at most."""
    plain = re.sub(r"\W", "_", name, flags=re.ASCII)
    if plain != name or len(plain) > 38:
        plain = f"{plain[:28]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return plain if plain[:1].isalpha() else f"x_{plain}"


def _stable(word: WordDocument) -> bytes:
    """The file without the time of writing."""
    drafted = io.BytesIO()
    word.save(drafted)
    return packed_alike(drafted.getvalue())
