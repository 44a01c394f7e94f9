"""Every table and figure is cited in the text, and first citations come in the order of the numbers."""

import re

import pytest

from equipoise.document.citing import cited, headless, shortened, with_citations
from equipoise.document.model import (
    Document,
    Drawing,
    Figure,
    Heading,
    Run,
    Section,
    Table,
    TableRow,
    numbered,
    ref,
    runs_of,
    text,
)
from equipoise.document.split import manuscript, supplement

SVG = '<?xml version="1.0"?>\n<svg width="10pt" height="10pt"></svg>'
ROW = re.compile(r"(Table|Figure)s?[\u00a0 ]((?:S?\d+(?:\u2013S?\d+)?(?:, | and )?)+)")


def table(name: str, supplement: bool = True) -> Table:
    return Table(name, name, (TableRow(()),), (), supplement=supplement)


def figure(name: str) -> Figure:
    return Figure(name, name, Drawing(SVG), "a drawing", supplement=True)


def told(document: Document) -> str:
    """What a reader of the text sees: paragraphs and bullets, without captions and legends."""
    read = [s for s in document.sections if not s.anchor.endswith(("_legends", "_tables", "_figures"))]
    return "\n".join("".join(r.text for r in runs_of(b)) for s in read for b in s.blocks)


def citations(words: str, kind: str, mark: str) -> list[int]:
    """Numbers in order of first citation, ranges and lists read out."""
    found: list[int] = []
    for each, numbers in ROW.findall(words):
        for part in re.split(", | and ", numbers):
            ends = part.split("\u2013")
            if each == kind and part and ends[0].startswith("S") == bool(mark):
                first, last = (int(e.removeprefix("S")) for e in (ends[0], ends[-1]))
                found += range(first, last + 1)
    return list(dict.fromkeys(found))


def test_all_are_cited_in_order_in_the_manuscript_and_its_supplement(documents):
    for whole in documents:
        main = manuscript(whole)
        for kind in (Table, Figure):
            n = sum(isinstance(b, kind) for b in main.blocks())
            assert citations(told(main), kind.__name__, "") == list(range(1, n + 1)), whole.title
            n = sum(isinstance(b, kind) for b in supplement(whole).blocks())
            assert citations(told(main), kind.__name__, "S") == list(range(1, n + 1)), whole.title


def test_the_manuscript_has_room_for_eight_tables_and_four_figures(documents):
    for whole in documents:
        assert 1 <= len(manuscript(whole).tables()) <= 8 and 1 <= len(manuscript(whole).figures()) <= 4


def test_what_no_sentence_cites_is_cited_by_the_paragraph_before_it():
    blocks = (text("One (", ref("t1"), ")."), table("t1"), text("Two."), table("t2"), table("t3"), figure("f1"), table("t4"))
    page = shortened(numbered(cited(Document("T", (Section("s", "S", blocks),)))))
    assert [line for line in told(page).split("\n") if line] == ["One (Table S1).", "Two (Tables\u00a0S2\u2013S4, Figure S1)."]
    links = [r.ref for b in page.blocks() for r in runs_of(b) if r.ref]
    assert links == ["t1", "t2", "t4", "f1"]


def test_a_section_of_tables_alone_says_where_they_are():
    page = numbered(cited(Document("T", (Section("s", "S", (Heading("H"), table("t1"))),))))
    assert "".join(r.text for r in runs_of(page.sections[0].blocks[-1])) == "See Table S1."


def test_citations_join_those_that_stand_at_the_end():
    runs = with_citations((Run("As shown ("), ref("a"), Run(").")), ["b", "c"])
    assert [r.text for r in runs] == ["As shown (", "a", ", ", "b", ", ", "c", ")."]


@pytest.mark.parametrize(
    "cited_in, printed",
    [
        ("abc", "Tables\u00a01\u20133"),
        ("ab", "Tables\u00a01 and 2"),
        ("ba", "Tables\u00a01 and 2"),
        ("abd", "Tables\u00a01, 2 and 4"),
        ("abcde", "Tables\u00a01\u20135"),
        ("a", "Table 1"),
    ],
)
def test_neighbors_are_shortened(cited_in, printed):
    row = [Run("See ")]
    for i, name in enumerate(cited_in):
        row += [Run(", "), ref(name)] if i else [ref(name)]
    first = text(*[part for name in "abcdef" for part in (ref(name), ": ")])
    tables = [table(name, False) for name in "abcdef"]
    page = shortened(numbered(Document("T", (Section("s", "S", (first, text(*row, "."), *tables)),))))
    assert "".join(r.text for r in runs_of(page.sections[0].blocks[1])) == f"See {printed}."


def test_a_heading_under_which_nothing_is_left_goes():
    kept = headless((Heading("A"), Heading("B", 4), Heading("C"), text("x"), Heading("D", 4)))
    assert kept == (Heading("C"), text("x"))
