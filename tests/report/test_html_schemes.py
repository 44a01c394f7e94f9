"""The page on a phone, on paper and in the dark: every color of text can be read on its ground, wide tables are turned."""

import re

import pytest

from equipoise.document.html import render_html
from equipoise.document.model import Cell, Document, Heading, Section, Table, TableRow, text

GROUNDS = {"ink": "paper", "soft": "paper", "link": "paper", "good": "paper", "bad": "paper", "warn-ink": "paper"}
ALSO = [("ink", "faint"), ("ink", "hover"), ("ink", "warn-bg")]


def table(name, columns):
    head = TableRow(tuple(Cell("A heading of some length") for _ in range(columns)))
    return Table(name, name, (head,), (TableRow(tuple(Cell("1.234 (0.567-8.901)") for _ in range(columns))),))


@pytest.fixture(scope="module")
def page():
    blocks = (text("x"), Heading("Under"), Heading("Deeper", 4), table("table_narrow", 2), table("table_broad", 14))
    return render_html(Document("T", (Section("a", "A", blocks),)))


def schemes(page):
    """Colors by name, in the light and in the dark."""
    light, dark = re.findall(r":root \{(.*?)\}", page, re.S)
    read = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+)", block)) for block in (light, dark)]
    return {"light": read[0], "dark": {**read[0], **read[1]}, "dark alone": read[1]}


def luminance(color):
    """Relative luminance of WCAG 2.2."""
    digits = color[1:] if len(color) == 7 else "".join(c * 2 for c in color[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def test_luminance_of_known_colors():
    assert luminance("#fff") == pytest.approx(1) and luminance("#000000") == 0
    assert (luminance("#fff") + 0.05) / (luminance("#767676") + 0.05) == pytest.approx(4.54, abs=0.005)  # of WCAG's own examples


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(page, scheme):
    colors = schemes(page)[scheme]
    for ink, ground in [*GROUNDS.items(), *ALSO]:
        high, low = sorted((luminance(colors[ink]), luminance(colors[ground])), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 4.5, (ink, ground)


def test_the_dark_names_every_color_again(page):
    found = schemes(page)
    assert set(found["dark alone"]) == set(found["light"])


def test_only_the_screen_is_dark(page):
    assert "@media screen and (prefers-color-scheme: dark)" in page and page.count("prefers-color-scheme") == 1


def test_colors_outside_the_schemes_are_of_paper_alone(page):
    style = page[page.index("<style>") : page.index("</style>")]
    plain = re.sub(r":root \{.*?\}", "", style, flags=re.S)
    assert set(re.findall(r"#[0-9a-f]{3,6}\b", plain[: plain.index("@media print")])) == {"#fff"}  # the card of a figure


def test_a_wide_table_is_turned_on_paper(page):
    assert '<figure class="table turned" id="table_broad">' in page and '<figure class="table" id="table_narrow">' in page
    assert " .turned { page: turned; }" in page and "@page turned { size: A4 landscape;" in page


def test_headings_keep_their_level(page):
    assert "<h3>Under</h3>" in page and "<h4>Deeper</h4>" in page


def test_a_way_back_to_the_contents(page):
    assert '<nav class="toc" id="contents"' in page and 'class="up" href="#contents"' in page
