"""Tables as csv, workbook and LaTeX: the same cells in each, as text, and never a formula or a command."""

import csv
import io
import re
import shutil
import subprocess
import zipfile

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText

from equipoise.document.latex import book_latex, escaped, table_latex
from equipoise.document.model import Cell, Table, TableRow, table_csv
from equipoise.document.xlsx import tables_xlsx

FORMULAS = ("=1+1", "+1", "-cmd", "@SUM(A1)", "=HYPERLINK(\"x\")", "#N/A", "1-2", "0.050", "TRUE", "'quoted")  # fmt: skip
AWKWARD = "\\ { } $5 & #x 50% _a_ ^2 ~ < > | `q` \"r\" 's' [t] *u* -- ,, ?` !` \u2212 \u2265 \u00d7 a\u00a0b \u202bx\u202c \x0b"


def table(name, cells, **more):
    head = TableRow((Cell("Stub", align="left"), Cell("Over two", span=2)))
    under = TableRow((Cell(), Cell("One"), Cell("Two")))
    rows = [TableRow((Cell(c, align="left", indent=1), Cell(c, note="a"), Cell(c, align="right"))) for c in cells]
    group = TableRow((Cell("A group & more", span=3, align="left", bold=True),), "group")
    return Table(name, f"Title {name} & 50%", (head, under), (group, *rows), (("a", "Test_1"),), ("A note.",), **more)


@pytest.fixture(scope="module")
def formulas():
    return table("table_formulas", FORMULAS)


@pytest.fixture(scope="module")
def awkward():
    return table("table_awkward", (AWKWARD, "[x]", "*", "--"))


def plain(value):
    """The words of a cell without a raised footnote letter."""
    if isinstance(value, CellRichText):
        return "".join(str(b) for b in value if getattr(b, "font", None) is None or b.font.vertAlign != "superscript")
    return value or ""


def read(content, rich=True):
    return openpyxl.load_workbook(io.BytesIO(content), rich_text=rich)


def test_cells_are_text_and_never_a_formula(formulas):
    sheet = read(tables_xlsx([formulas]))["formulas"]
    for at, words in enumerate(FORMULAS, 5):
        cells = [sheet.cell(at, column) for column in (1, 2, 3)]
        assert [plain(c.value) for c in cells] == [words] * 3
        assert {c.data_type for c in (cells[0], cells[2])} == {"s"} and all(c.quotePrefix for c in cells)
    with zipfile.ZipFile(io.BytesIO(tables_xlsx([formulas]))) as parts:
        assert all(b"<f>" not in parts.read(name) for name in parts.namelist())


def test_a_workbook_holds_every_cell_of_every_csv(reports):
    """Of the founding study, the spreadsheet and a single arm."""
    for document in reports.values():
        tables = document.tables()
        book = read(tables_xlsx(tables))
        assert len(book.sheetnames) == len(tables) + 1 and len(tables) > 10
        for made, shown in zip(book.worksheets[1:], tables, strict=True):
            rows = list(csv.reader(io.StringIO(table_csv(shown))))[1:]
            first = 2 + len(shown.head)
            for at, row in enumerate(rows, first):
                cells = [plain(made.cell(at, column).value).replace("\u2212", "-") for column in range(1, shown.width + 1)]
                assert cells == [c.strip(" ").removeprefix("'") for c in row], shown.name
            assert made["A1"].value == f"{shown.number}. {shown.title}" and made["A1"].font.bold


def test_heads_stay_in_sight_and_are_printed_again(formulas):
    sheet = read(tables_xlsx([formulas]))["formulas"]
    assert sheet.freeze_panes == "B4" and sheet.print_title_rows == "$2:$3"
    assert sheet.cell(2, 1).font.bold and not sheet.cell(5, 1).font.bold and sheet.cell(4, 1).font.bold
    assert "A4:C4" in {str(r) for r in sheet.merged_cells.ranges}
    assert sheet.column_dimensions["A"].width >= len(max(FORMULAS, key=len))
    below = [sheet.cell(at, 1).value for at in range(5 + len(FORMULAS), sheet.max_row + 1)]
    assert below == [None, "A note.", "a Test_1"]


def test_a_row_is_as_high_as_its_longest_cell():
    words = "a label that is much too long for the widest column of any sheet, and goes on for three lines of it at least"
    sheet = read(tables_xlsx([table("table_long", ("short", words))]))["long"]
    assert [sheet.row_dimensions[at].height for at in (5, 6)] == [15, 45]
    assert sheet.column_dimensions["A"].width == 48


def test_a_raised_letter_stays_apart_from_the_number(formulas):
    cell = read(tables_xlsx([formulas]))["formulas"].cell(12, 2).value
    assert plain(cell) == "0.050" and cell[-1].font.vertAlign == "superscript" and str(cell[-1]) == "a"


def test_names_of_sheets_are_told_apart():
    long = "table_" + "a" * 40
    tables = [table(long + "b", ["1"]), table(long + "c", ["1"]), table("table_A[1]", ["1"]), table("table_contents", ["1"])]
    names = read(tables_xlsx(tables)).sheetnames
    assert len({n.lower() for n in names}) == 5 and all(len(n) <= 31 for n in names)
    assert names[3:] == ["A_1_", "contents_2"]


def test_the_list_of_tables_leads_to_each(formulas, awkward):
    listing = read(tables_xlsx([formulas, awkward]))["Contents"]
    assert [c.value for c in listing["C"]] == ["Sheet", "formulas", "awkward"]
    assert [c.hyperlink.location or c.hyperlink.target for c in listing["C"][1:]] == ["#'formulas'!A1", "#'awkward'!A1"]


def test_a_workbook_says_no_time(formulas):
    made = tables_xlsx([formulas])
    assert made == tables_xlsx([formulas])
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        assert {entry.date_time for entry in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert set(re.findall(rb"\d{4}-\d\d-\d\dT[^<]+", parts.read("docProps/core.xml"))) == {b"2000-01-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        ("50% & $5", r"50\% \& \$5"),
        ("a_b#c", r"a\_b\#c"),
        ("x^2~y", r"x\textasciicircum{}2\textasciitilde{}y"),
        ("\\input{x}", r"\textbackslash{}input\{x\}"),
        ("P <0.001", r"P \textless{}0.001"),
        ("1.2 (0.8\u20131.9)", "1.2 (0.8--1.9)"),
        ("\u22120.3", "$-$0.3"),
        ("1,344", "1,344"),
        ("a--b", "a-{}-b"),
        ("[5]*", "{[}5{]}{*}"),
        ("\u202ba\u202c", "a"),
        ("\ud55c", "\ud55c"),
    ],
)
def test_signs_are_printed_and_no_command(words, printed):
    assert escaped(words) == printed


def columns(line):
    """How many columns a line of a table fills."""
    assert line.endswith(r" \\")
    cells = re.split(r"(?<!\\)&", line.removesuffix(r"\\"))
    return sum(int(m.group(1)) if (m := re.match(r"\s*\\multicolumn\{(\d+)\}", c)) else 1 for c in cells)


def lines_of(made):
    inside = made[made.index("\\toprule") : made.index("\\end{longtable}")].splitlines()
    return [line for line in inside if line.endswith(r"\\")]


def test_each_line_of_a_latex_table_fills_its_columns(reports, awkward):
    for shown in [*(t for document in reports.values() for t in document.tables()), awkward]:
        made = table_latex(shown)
        assert {columns(line) for line in lines_of(made)} == {shown.width}, shown.name
        assert len(lines_of(made)) == 2 * len(shown.head) + len(shown.body)
        bare = re.sub(r"\\[{}\\]", "", made)
        assert bare.count("{") == bare.count("}")
        assert ("landscape" in made) == shown.landscape


def test_a_latex_table_has_rules_caption_notes_and_label(awkward):
    made = table_latex(awkward)
    for part in (r"\toprule", r"\midrule", r"\bottomrule", r"\cmidrule(lr){2-3}", r"\caption{Title table\_awkward \& 50\%}"):
        assert part in made
    assert r"\label{tab:awkward}" in made and r"\textsuperscript{a}~Test\_1.\par" in made and r"\noindent A note.\par" in made


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_latex_takes_every_table(reports, awkward, tmp_path):
    tables = [*reports["founding"].tables(), awkward]
    for shown in tables:
        (tmp_path / f"{shown.name}.tex").write_text(table_latex(shown), encoding="utf-8")
    (tmp_path / "all.tex").write_text(book_latex("A & B", [t.name for t in tables]), encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-draftmode", "-interaction=nonstopmode", "-halt-on-error", "all.tex"], cwd=tmp_path, capture_output=True
    )
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-1500:]
