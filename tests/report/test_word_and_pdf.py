"""The report as Word and PDF: the same cells, captions that count, references that follow, words that stay words."""

import csv
import io
import re
import shutil
import subprocess
import zlib
from dataclasses import replace

import docx
import pytest
from docx.oxml.ns import qn

from equipoise.audit.paper import pdf_agrees
from equipoise.audit.web import read_html
from equipoise.document.docx import render_docx
from equipoise.document.html import render_html
from equipoise.document.model import (
    Bullets,
    Cell,
    Document,
    Drawing,
    Figure,
    Paragraph,
    Run,
    Section,
    Table,
    TableRow,
    numbered,
    ref,
    table_csv,
    text,
)
from equipoise.document.pdf import render_pdf
from equipoise.document.references import listed
from equipoise.document.split import manuscript, supplement
from equipoise.errors import EquipoiseError
from equipoise.report.bibliography import bibliography
from equipoise.report.formats import formats_of
from gallery import study as gallery_study

AWKWARD = "$5 #x _y_ *z* [a] <b> & % \\ @ ~ `q` {u} ^2 \u25a0 \ud55c\uae00 \u202bx\u202c \x0b"


@pytest.fixture(scope="module")
def report(reports):
    return reports["founding"]


@pytest.fixture(scope="module")
def word(report):
    return docx.Document(io.BytesIO(render_docx(report)))


@pytest.fixture
def awkward():
    other = "table_" + "b" * 60
    head = (TableRow((Cell(AWKWARD, align="left"), Cell("n", span=2))),)
    row = TableRow((Cell("row", align="left", indent=1), Cell("1", note="a"), Cell("2")))
    body = (row, TableRow((Cell(AWKWARD, span=3),), "group"))
    tables = (Table("table_a", AWKWARD, head, body, (("a", AWKWARD),), (AWKWARD,)), Table(other, "Other", head, body))
    lines = text(AWKWARD, ref("table_a"), Run(AWKWARD, bold=True)), Bullets(((Run(AWKWARD),),))
    blocks = (*lines, *tables, text(ref(other)))
    return numbered(Document(AWKWARD, (Section("one", AWKWARD, blocks),), (AWKWARD,), AWKWARD))


def rectangular(table):
    """The rows as a csv of the table holds them: indents as spaces, an ASCII minus, cells over several columns padded."""
    for row in table._tbl.findall(qn("w:tr")):
        cells = []
        for cell in row.findall(qn("w:tc")):
            (paragraph,) = cell.findall(qn("w:p"))
            texts = [r for r in paragraph.findall(qn("w:r")) if not r.findall(f"{qn('w:rPr')}/{qn('w:vertAlign')}")]
            indent = paragraph.find(f"{qn('w:pPr')}/{qn('w:ind')}")
            steps = int(indent.get(qn("w:left"))) // 170 if indent is not None else 0
            span = cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")
            words = "".join(t.text or "" for r in texts for t in r.findall(qn("w:t")))
            cells += ["  " * steps + words.replace("\u2212", "-")] + [""] * (
                int(span.get(qn("w:val"))) - 1 if span is not None else 0
            )
        yield cells


@pytest.mark.parametrize("study", ["founding", "spreadsheet", "one_arm"])
def test_every_cell_of_a_word_table_is_that_of_the_csv(reports, word, study):
    made = word if study == "founding" else docx.Document(io.BytesIO(render_docx(tables_alone(reports[study]))))
    equal_cells(made, reports[study].tables())


@pytest.mark.parametrize("name", ["every analysis of two arms", "three arms", "signs of other languages and of mark-up"])
def test_every_cell_of_a_word_table_of_an_awkward_study_is_that_of_the_csv(undrawn_pages, tmp_path, name):
    document = undrawn_pages(gallery_study(name, tmp_path))
    equal_cells(docx.Document(io.BytesIO(render_docx(tables_alone(document)))), document.tables())


def equal_cells(made, tables):
    assert len(made.tables) == len(tables) > 5
    for word_table, table in zip(made.tables, tables, strict=True):
        written = list(csv.reader(io.StringIO(table_csv(table))))[1:]
        read = list(rectangular(word_table))[len(table.head) :]
        assert read == [[cell.removeprefix("'") for cell in row] for row in written], table.name


def tables_alone(report):
    sections = [Section(s.anchor, s.title, tuple(b for b in s.blocks if isinstance(b, Table))) for s in report.sections]
    return Document(report.title, tuple(s for s in sections if s.blocks))


def test_header_rows_repeat_and_wide_tables_lie_on_their_side(report, word):
    for made, table in zip(word.tables, report.tables(), strict=True):
        assert len(made._tbl.findall(f"{qn('w:tr')}/{qn('w:trPr')}/{qn('w:tblHeader')}")) == len(table.head)
    widths = {s.page_width > s.page_height for s in word.sections}
    assert widths == {True, False}
    assert any(t.landscape for t in report.tables())


def test_notes_stay_with_the_last_rows_of_their_table(word, report):
    noted = [t for t in report.tables() if t.notes or t.footnotes]
    kept = {id(p._p): p for p in word.paragraphs if p.style.name == "Table Note" and p.text}
    assert kept and all(p.paragraph_format.keep_together for p in list(kept.values())[:-1]), "all but the foot of the file"
    for made, table in zip(word.tables, report.tables(), strict=True):
        kept_rows = [r.find(f".//{qn('w:keepNext')}") is not None for r in made._tbl.findall(qn("w:tr"))]
        assert kept_rows[-1] == (table in noted), table.name
        assert table not in noted or all(kept_rows[-2:]), table.name
        assert all(kept_rows[: len(table.head)]), table.name
    plain = render_pdf(Document("T", (Section("s", "S", (replace(noted[0], body=noted[0].body[:3]),)),)))
    tags = b"".join(_streams(plain))
    (foot,) = re.findall(rb"/S\s*/TFoot.*?/K\s*\[(.*?)\]", tags + plain, re.S)
    assert len(foot.split(b" R")) - 1 == 3, "two rows and the notes"


def test_captions_count_and_references_find_them(report, word):
    xml = word.element.xml
    marks = set(re.findall(r'<w:bookmarkStart [^>]*w:name="([^"]+)"', xml))
    asked = set(re.findall(r"> REF (\S+) \\h <", xml))
    assert asked and asked <= marks and all(len(m) <= 40 for m in marks)
    shown = [p.text for p in word.paragraphs if p.style.name in ("Table Caption", "Figure Caption")]
    blocks = [b for b in report.blocks() if isinstance(b, Table | Figure)]
    for words, block in zip(shown, blocks, strict=True):
        assert words.replace("\u00a0", " ").startswith(f"{block.number}. {block.title}")
    assert len(re.findall(r"> SEQ (Table|Figure)(_S)? ", xml)) == len(blocks)


def test_every_drawing_is_described(report, word):
    found = [e.get("descr") for e in word.element.iter(qn("wp:docPr"))]
    assert found == [f.alt for f in report.figures()] and all(found)


def test_same_bytes(report):
    small = Document(report.title, report.sections[:3], report.lead, report.notice)
    small = Document(small.title, tuple(Section(s.anchor, s.title, tuple(map(unreferred, s.blocks))) for s in small.sections))
    assert render_docx(small) == render_docx(small)
    assert render_pdf(small) == render_pdf(small)


def unreferred(block):
    return Paragraph(tuple(Run(r.text) for r in block.runs)) if isinstance(block, Paragraph) else block


def test_words_are_never_markup(awkward):
    word = docx.Document(io.BytesIO(render_docx(awkward)))
    kept = AWKWARD.replace("\x0b", "")
    assert word.paragraphs[0].text == kept
    assert [c.text for c in word.tables[0].rows[0].cells][0] == kept
    assert render_pdf(awkward).startswith(b"%PDF-1.7")


def test_a_pdf_is_tagged_and_says_its_language_and_title(report):
    made = render_pdf(Document("A title", (Section("a", "A", (text("words"), report.tables()[0])),)))
    plain = made + b"".join(_streams(made))
    assert b"/MarkInfo" in plain and b"/Marked true" in plain and b"/StructTreeRoot" in plain
    assert b"pdfuaid" in plain and b"/Lang" in plain
    for tag in (b"/Table", b"/TH", b"/TD", b"/H1", b"/P"):
        assert re.search(rb"/S\s*" + tag + rb"\b", plain), tag


def _streams(made):
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", made, re.S):
        try:
            yield zlib.decompress(found.group(1))
        except zlib.error:
            continue


def test_a_pdf_of_awkward_words_is_read_back(awkward, tmp_path):
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler) is not on this machine")
    (tmp_path / "a.html").write_text(render_html(awkward), encoding="utf-8")
    (tmp_path / "a.pdf").write_bytes(render_pdf(awkward))
    assert list(pdf_agrees(read_html(tmp_path / "a.html"), tmp_path / "a.pdf")) == []


@pytest.mark.parametrize("asked", ["doc", "html,,word", "", " , "])
def test_another_format_is_refused(asked):
    with pytest.raises(EquipoiseError, match="a report is written as html, docx, pdf"):
        formats_of(asked)


def test_formats_have_one_order():
    assert formats_of("PDF, html") == ("html", "pdf")
    assert formats_of("tiff,html,png") == ("html", "png", "tiff")


def test_manuscript_and_supplement_hold_each_table_and_figure_once(report):
    first, second = manuscript(report), supplement(report)
    shown = [b.name for d in (first, second) for b in d.blocks() if isinstance(b, Table | Figure)]
    technical = {b.name for s in report.sections if s.part == "technical" for b in s.blocks if isinstance(b, Table | Figure)}
    whole = [b.name for b in report.blocks() if isinstance(b, Table | Figure)]
    assert len(shown) == len(set(shown)) and set(shown) == set(whole) - technical
    assert 3 <= len(first.tables()) <= 8 and 2 <= len(first.figures()) <= 4
    assert [s.anchor for s in first.sections][-3:] == ["manuscript_tables", "manuscript_legends", "manuscript_figures"]
    for document, mark in ((first, ""), (second, "S")):
        for kind, shown in (("Table", document.tables()), ("Figure", document.figures())):
            assert [b.number for b in shown] == [f"{kind} {mark}{i}" for i in range(1, len(shown) + 1)]


def test_a_reference_across_the_two_keeps_its_words(report, founding):
    first = manuscript(report)
    there = {b.name for b in first.blocks() if isinstance(b, Table | Figure)}
    runs = [r for b in first.blocks() if isinstance(b, Paragraph) for r in b.runs]
    assert {r.ref for r in runs if r.ref} <= there
    assert any(r.text.startswith("Table S") and not r.ref for r in runs)
    assert render_docx(listed(first, bibliography(founding.protocol, founding.published)))[:2] == b"PK"
    assert render_pdf(listed(supplement(report), bibliography(founding.protocol, founding.published))).startswith(b"%PDF")


def test_a_main_table_in_a_section_of_the_supplement_is_found(report):
    strange = Document("d", (Section("s", "S", (report.tables()[1],)), Section("t", "T", (table_1(report),), "supplement")))
    with pytest.raises(AssertionError, match="table_baseline"):
        manuscript(strange)


def table_1(report):
    return next(t for t in report.tables() if t.name == "table_baseline")


@pytest.mark.parametrize(("rows", "parted"), [(8, False), (30, True)])
def test_a_short_table_stands_on_one_page_and_a_head_never_with_one_row(tmp_path, rows, parted):
    """Of a table that begins lower and lower on the page, as a reader of the PDF finds it."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler) is not on this machine")
    head = (TableRow((Cell("HEAD", align="left"), Cell("of it"))),)
    body = [TableRow((Cell(f"ROW{i}", align="left"), Cell("1"))) for i in range(rows)]
    groups = [TableRow((Cell(f"GROUP{i}", span=2, align="left"),), "group") for i in range(2)]
    table = Table("table_a", "A", head, (*body[:3], groups[0], *body[3:6], groups[1], *body[6:]))
    first = []
    for lines in range(28, 46):
        blocks = (*(text(f"line {i}") for i in range(lines)), table)
        file = tmp_path / "a.pdf"
        file.write_bytes(render_pdf(numbered(Document("T", (Section("a", "", blocks),)))))
        read = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, text=True, check=True).stdout
        first.append(next(page.count("ROW") for page in read.split("\f") if "HEAD" in page))
        assert not re.search(r"GROUP\d\s+\d*\s*\f", read), "a heading inside a table stands with what it is over"
    assert (min(first) == rows) != parted
    assert min(first) >= 2


@pytest.mark.parametrize(("rows", "parted"), [(8, False), (30, True)])
def test_of_a_word_table_a_short_one_stands_on_one_page_and_a_head_never_with_one_row(tmp_path, rows, parted):
    """Of tables that begin lower and lower on their page, as LibreOffice lays the file out."""
    if shutil.which("soffice") is None or shutil.which("pdftotext") is None:
        pytest.skip("soffice (LibreOffice) and pdftotext (poppler) are not both on this machine")
    sections = []
    for lines in range(8, 34):
        head = (TableRow((Cell(f"HEAD{lines}", align="left"), Cell("of it"))),)
        group = TableRow((Cell(f"GROUP{lines}", span=2, align="left"),), "group")
        body = [TableRow((Cell(f"ROW{lines}.{i}", align="left"), Cell("1"))) for i in range(rows)]
        table = Table(f"table_{lines}", "A", head, (*body[:4], group, *body[4:]))
        blocks = (*(text(f"line {i}") for i in range(lines)), table)
        sections.append(Section(f"s{lines}", f"Part {lines}", blocks, apart=True))
    (tmp_path / "a.docx").write_bytes(render_docx(numbered(Document("T", tuple(sections)))))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    made = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", tmp_path, tmp_path / "a.docx"]
    subprocess.run(made, check=True, capture_output=True, timeout=300)
    read = subprocess.run(["pdftotext", "-layout", tmp_path / "a.pdf", "-"], capture_output=True, text=True, check=True).stdout
    pages = [(page, re.findall(r"^\s*(HEAD\d+|GROUP\d+|ROW[\d.]+)", page, re.M)) for page in read.split("\f")]
    first = []
    for lines in range(8, 34):
        page = next(words for _, words in pages if f"HEAD{lines}" in words)
        first.append(sum(word.startswith(f"ROW{lines}.") for word in page))
        assert not page[-1].startswith("GROUP"), "a heading inside a table stands with what it is over"
    assert (min(first) == rows) != parted
    assert min(first) >= 2


def test_a_figure_and_its_caption_stand_on_one_page(tmp_path):
    """Of a figure that begins lower and lower on the page, as a reader of the PDF finds it."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler) is not on this machine")
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="300pt" height="150pt"><text x="5" y="20">DRAWN</text></svg>'
    figure = Figure("figure_a", "CAPTION", Drawing(svg), "A picture.")
    apart = []
    for lines in range(24, 46):
        blocks = (*(text(f"line {i}") for i in range(lines)), figure)
        file = tmp_path / "a.pdf"
        file.write_bytes(render_pdf(numbered(Document("T", (Section("a", "", blocks),)))))
        pages = subprocess.run(["pdftotext", file, "-"], capture_output=True, text=True, check=True).stdout.split("\f")
        assert any("DRAWN" in page for page in pages) and any("CAPTION" in page for page in pages)
        apart += [lines] if not any("DRAWN" in page and "CAPTION" in page for page in pages) else []
    assert apart == []
