"""One model of a document, and its three small services: numbering, footnotes, CSV."""

from dataclasses import replace

import pytest

from equipoise.document.model import (
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


def test_columns_share_the_width_by_what_stands_in_them():
    made = table("a")
    assert made.width == 3 and not made.landscape
    assert sum(made.shares) == pytest.approx(1)
    # the first column holds "Change" indented once (6 + 2), beside "Variable" (8); the others "One (n=3)" and "Two (n=4)" (9)
    assert made.shares == pytest.approx([10 / 32, 11 / 32, 11 / 32]), "each with two more, the room between columns"
    long = Table("b", "b", (TableRow((Cell("x"), Cell("y" * 50))),), (TableRow((Cell("words " * 20), Cell("1"))),))
    assert long.shares == pytest.approx([34 / 86, 52 / 86]), "a long text breaks between words, a long word does not"
    narrow = Table("c", "c", (TableRow((Cell("words " * 20), *(Cell("9" * 25) for _ in range(3)))),), ())
    # longest words take 5 + 2 and three times 25 + 2 of the 100 characters of a line; the 12 left go to what can break
    assert narrow.shares == pytest.approx([19 / 100, 27 / 100, 27 / 100, 27 / 100])


def test_a_table_of_wide_columns_turns_its_page():
    wide = Table("w", "w", (TableRow(tuple(Cell("1.23 (0.98-1.55)".replace(" ", "\u00a0")) for _ in range(6))),), ())
    assert wide.landscape and not replace(wide, head=(TableRow(wide.head[0].cells[:4]),)).landscape


def test_a_figure_knows_its_size_on_paper():
    svg = '<?xml version="1.0"?>\n<svg xmlns="x" height="100.5pt" viewBox="0 0 1 1" width="200pt"><rect width="3pt"/></svg>'
    assert Drawing(svg).size == (200.0, 100.5)
