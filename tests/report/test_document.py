"""One model of a document, and its three small services: numbering, footnotes, CSV."""

from equipoise.report.document import (
    Bullets,
    Cell,
    Document,
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


def test_tables_are_numbered_apart_from_supplements_and_references_follow():
    section = Section("s", "S", (text("See ", ref("c")), Bullets(((ref("b"),),)), table("a"), table("b", True), table("c")))
    page = numbered(Document("T", (section,)))
    assert [t.number for t in page.tables()] == ["Table 1", "Table S1", "Table 2"]
    paragraph, bullets = page.sections[0].blocks[:2]
    assert paragraph.runs[1] == Run("Table 2", href="#c", ref="c")
    assert bullets.items[0][0].text == "Table S1"


def test_csv_is_rectangular_and_safe_for_a_spreadsheet():
    lines = table_csv(table("a")).splitlines()
    assert lines == ["Variable,Before: One (n=3),Before: Two (n=4)", "A heading,,", "  Change,-0.5,'=SUM(A1)"]


def test_the_same_footnote_gets_the_same_letter():
    notes = Footnotes()
    assert [notes.mark(x) for x in ("t test", "log-rank", "t test", "")] == ["a", "b", "a", ""]
    assert notes.listed() == (("a", "t test"), ("b", "log-rank"))
