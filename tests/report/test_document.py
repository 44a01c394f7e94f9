"""One model of a document, and its three small services: numbering, footnotes, CSV."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from equipoise.document.lines import HARD, JOINER, em, pieces, unbroken
from equipoise.document.model import (
    BETWEEN,
    LONG_CELL,
    STEP,
    UPRIGHT,
    Bullets,
    Cell,
    Document,
    Drawing,
    Footnotes,
    Run,
    Section,
    Table,
    TableRow,
    group,
    numbered,
    ref,
    table_csv,
    text,
)


def table(name: str, supplement: bool = False) -> Table:
    head = (
        TableRow((Cell(""), Cell("Before", 2))),
        TableRow((Cell("Variable"), Cell("One (n=3)"), Cell("Two (n=4)"))),
    )
    body = (group("A heading", 3), TableRow((Cell("Change", indent=1), Cell("\u22120.5"), Cell("=SUM(A1)"))))
    return Table(name, name, head, body, supplement=supplement)


def test_tables_are_numbered_by_first_citation_apart_from_supplements_and_references_follow():
    section = Section("s", "S", (text("See ", ref("c")), Bullets(((ref("b"),),)), table("a"), table("b", True), table("c")))
    page = numbered(Document("T", (section,)))
    assert [t.number for t in page.tables()] == ["Table 2", "Table S1", "Table 1"]
    paragraph, bullets = page.sections[0].blocks[:2]
    assert paragraph.runs[1] == Run("Table 1", ref="c")
    assert bullets.items[0][0].text == "Table S1"


def test_csv_is_rectangular_and_safe_for_a_spreadsheet():
    lines = table_csv(table("a")).splitlines()
    assert lines == ["Variable,Before: One (n=3),Before: Two (n=4)", "A heading,,", "  Change,-0.5,'=SUM(A1)"]


def test_the_same_footnote_gets_the_same_letter():
    notes = Footnotes()
    assert [notes.mark(x) for x in ("t test", "log-rank", "t test", "")] == ["a", "b", "a", ""]
    assert notes.listed() == (("a", "t test"), ("b", "log-rank"))


def test_a_reference_to_nothing_is_our_fault():
    with pytest.raises(AssertionError, match="'figure_love'"):
        numbered(Document("T", (Section("s", "S", (text("See ", ref("figure_love")), table("a"))),)))


def test_widths_are_those_of_helvetica():
    import matplotlib

    file = Path(matplotlib.get_data_path()) / "fonts" / "pdfcorefonts" / "Helvetica.afm"
    lines = re.findall(r"^C (\d+) ; WX (\d+) ;", file.read_text(encoding="latin-1"), re.MULTILINE)
    published = {chr(int(code)): int(width) / 1000 for code, width in lines}
    typed = "".join(map(chr, range(0x20, 0x7F))).replace("`", "").replace("'", "")  # these two are curly there
    assert {sign: em(sign) for sign in typed} == {sign: published[sign] for sign in typed}
    assert em("\ud55c\uae00") == 2 and em("e\u0301\u2060") == em("e") and em("n", bold=True) > em("n")


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ("107 (84.9)", ["107 (84.9)"]),
        ("Any grade", ["Any", "grade"]),
        ("Grade 3\u20134", ["Grade 3\u20134"]),
        ("HR 0.61 (0.40\u20130.93)", ["HR 0.61 (0.40\u20130.93)"]),
        ("0.40 to 0.93", ["0.40 to 0.93"]),
        ("\u22120.5 (\u22121.2 to NA), of the months", ["\u22120.5 (\u22121.2 to NA),", "of", "the", "months"]),
        ("start to end", ["start", "to", "end"]),
        ("10.3 (6.8\u2013NA)", ["10.3 (6.8\u2013NA)"]),
        ("123,456,789.1 (123,456,789.0\u2013123,456,789.2)", ["123,456,789.1", "(123,456,789.0\u2013123,456,789.2)"]),
        ("", [""]),
    ],
)
def test_a_line_breaks_between_words_and_not_within_an_estimate(words, parts):
    assert pieces(words) == parts


def needed(*columns):
    return [c / sum(columns) for c in columns]


def test_columns_share_the_width_by_what_stands_in_them():
    made = table("a")
    assert made.width == 3 and not made.landscape
    assert sum(made.shares) == pytest.approx(1)
    widest = em("Change") + STEP, em("One (n=3)", bold=True), em("Two (n=4)", bold=True)  # "Change" is indented once
    assert made.shares == pytest.approx(needed(*(w + BETWEEN for w in widest)))
    long = Table("b", "b", (TableRow((Cell("x"), Cell("y" * 50))),), (TableRow((Cell("words " * 20), Cell("1"))),))
    word = em("y" * 50, True) + BETWEEN
    assert LONG_CELL + BETWEEN + word < UPRIGHT < em("words " * 20)
    assert long.shares == pytest.approx(needed(UPRIGHT - word, word)), "the rest of the line goes to the long cell"
    narrow = Table("c", "c", (TableRow((Cell("words " * 20), *(Cell("9" * 22) for _ in range(3)))),), ())
    wide = em("9" * 22, bold=True) + BETWEEN
    assert narrow.shares == pytest.approx(needed(UPRIGHT - 3 * wide, *[wide] * 3)), "the rest of the line goes to what can break"


def test_a_table_of_wide_columns_turns_its_page():
    row = TableRow(tuple(Cell("1,123.45 (1,123.98\u20131,124.55)") for _ in range(6)))
    wide = Table("w", "w", (row,), (row,))
    assert wide.landscape and not replace(wide, head=(TableRow(row.cells[:3]),), body=()).landscape
    crowded = Table("w", "w", (TableRow(tuple(Cell("words " * 9) for _ in range(4))),), ())
    assert crowded.landscape and not replace(crowded, head=(TableRow(crowded.head[0].cells[:3]),)).landscape


def test_no_count_and_no_limit_of_a_table_on_paper_stands_on_two_lines(reports):
    """On the line of 16 or 24.7 cm, with 0.1 cm at the sides of a cell, of type of 8.5 points."""
    for made in (t for report in reports.values() for t in report.tables()):
        line = (24.7 if made.landscape else 16.0) / 2.54 * 72 / 8.5
        for row in (*made.head, *made.body):
            at = 0
            for cell in row.cells:
                if cell.span == 1:
                    room = line * made.shares[at] - 0.72
                    bold = cell.bold or row in made.head
                    widest = max(em(p, bold) for p in pieces(cell.text)) + 0.6 * em(cell.note)
                    assert widest <= room + 1e-9, (made.name, cell.text, room)
                at += cell.span


def test_a_figure_knows_its_size_on_paper():
    svg = '<?xml version="1.0"?>\n<svg xmlns="x" height="100.5pt" viewBox="0 0 1 1" width="200pt"><rect width="3pt"/></svg>'
    assert Drawing(svg).size == (200.0, 100.5)


def test_notes_begin_alike_and_end_with_one_full_stop():
    notes = Footnotes()
    for said in ("exact test of two rates", "Published as 0.45 (0.24\u20130.83).", "mRECIST alone", "a test"):
        notes.mark(said)
    assert [words for _, words in notes.listed()] == [
        "Exact test of two rates", "Published as 0.45 (0.24\u20130.83)", "mRECIST alone", "a test",
    ]  # fmt: skip


@pytest.mark.parametrize("words", ["fmol/mg", "events/n", "n = 3"])
def test_units_and_counts_stand_on_one_line(words):
    assert " " not in unbroken(words) and (JOINER in unbroken(words) or HARD in unbroken(words))
    assert unbroken("doi:10.1111/j.2517-6161 and/or https://a.org/b/c").count(JOINER) == 1, "an address breaks"
