"""One self-contained page: nothing is fetched, nothing runs, every text is escaped, every id is unique."""

import re
from html.parser import HTMLParser

from equipoise.document.html import css_string, render_html
from equipoise.document.lines import unbroken
from equipoise.document.model import Document, Section, text

VOID = {"meta", "br", "link", "img", "hr", "use", "path", "rect", "circle", "line"}


class Reader(HTMLParser):
    """Collects ids and links, and checks that tags close in order."""

    def __init__(self):
        super().__init__()
        self.ids, self.links, self.open, self.tags = [], [], [], set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        for key, value in attrs:
            if key == "id":
                self.ids.append(value)
            if key in ("href", "src", "xlink:href"):
                self.links.append(value)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    return reader


def test_the_page_stands_alone(spreadsheet_folder):
    page = (spreadsheet_folder / "report.html").read_text(encoding="utf-8")
    reader = read(page)
    assert "script" not in reader.tags and "link" not in reader.tags and "img" not in reader.tags
    assert len(reader.ids) == len(set(reader.ids))
    outside = {x for x in reader.links if not x.startswith(("#", "https://doi.org/"))}
    assert {x.partition("#")[0] for x in outside} <= {"quality.html", "comparison.html", "numbers.html"}, "only pages beside it"
    assert {x[1:] for x in reader.links if x.startswith("#")} <= set(reader.ids)
    assert not re.search(r"url\((?!#)", page)


def test_text_cannot_become_markup():
    evil = "</style><script>alert(1)</script>"
    page = render_html(Document(evil, (Section("s", evil, (text(evil),)),), (evil,), evil))
    assert "<script" not in page and page.count("</style>") == 1


def test_the_notice_stands_in_every_section_and_on_paper():
    page = render_html(Document("T", (Section("a", "A", (text("x"),)), Section("b", "B", (text("y"),))), notice="Invented."))
    assert page.count('class="reminder">Invented.') == 2
    assert '@bottom-left { content: "Invented."' in page
    assert "banner" in page


def test_no_notice_no_banner():
    page = render_html(Document("T", (Section("a", "A", (text("x"),)),)))
    assert 'class="banner"' not in page and 'class="reminder"' not in page


def test_css_strings_cannot_end_early():
    assert css_string('a"b\n') == '"a\\000022b\\00000a"'


def test_ranges_do_not_break():
    assert unbroken("CI 6.8–NA, 3–4") == "CI\u00a06.8–\u2060NA, 3–\u20604"
    for whole, pieces in (
        ("HR, 0.72; 95% CI 0.5–1.0", ["HR,", "0.72;", "95%\u00a0CI\u00a00.5–\u20601.0"]),
        ("from 4.6 to 8.1 (−0.5 to −0.1)", ["from", "4.6\u00a0to\u00a08.1", "(−0.5\u00a0to\u00a0−0.1)"]),
        ("grade 3-4, pages 35-44.", ["grade", "3-\u20604,", "pages", "35-\u206044."]),
        ("40%–60% and ·04–·81", ["40%–\u206060%", "and", "·04–\u2060·81"]),
    ):
        assert unbroken(whole).split(" ") == pieces
    for other in ("on 2024-05-01", "doi:10.1002/sim.4780030105-7", "B-12 to C", "a 2-year rate", "from A to 7"):
        assert unbroken(other) == other
