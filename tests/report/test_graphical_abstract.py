"""The graphical abstract: its numbers are those of the rows, its size is that of a page, nothing leaves it."""

import re

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from equipoise.report import format as fmt
from equipoise.report.figures.graphical_abstract import cards, fitted, graphical_abstract
from equipoise.report.lookup import Numbers


def texts(figure):
    return [t for t in figure.findobj(Text) if t.get_text().strip()]


def said(figure):
    return {t.get_text() for t in texts(figure)}


def test_flow_arms_and_three_numbers_are_those_of_the_rows(founding):
    numbers = Numbers(founding)
    found = said(graphical_abstract(founding))
    rows = founding.estimates.rows
    hr = rows["survival.os.matched.cox.sorafenib-vs-lenvatinib.hr"]
    pairs = numbers.value("design", "value", design=numbers.primary, variable="pairs")
    assert {fmt.count(founding.cohort.n_start), fmt.count(founding.cohort.n), fmt.count(pairs), "40", "86"} <= found
    assert fmt.ratio_estimate(hr.value, hr.low, hr.high).startswith(next(c for c in cards(numbers)).lines[0][0])
    response = [rows[f"response.recist_1_1.matched.orr.{arm}.percent"].value for arm in numbers.arms]
    assert {f"{v:.1f}%" for v in response} <= found
    assert [c.name for c in cards(numbers)] == ["Hazard ratio, OS", "Hazard ratio, PFS", "Response, RECIST 1.1"]


def test_other_studies_have_three_numbers_too(spreadsheet, one_arm, tiny_study):
    for study in (spreadsheet, one_arm, tiny_study):
        assert len(cards(Numbers(study))) == 3


@pytest.mark.parametrize("name", ["founding", "spreadsheet", "one_arm"])
def test_no_text_is_below_six_points_or_leaves_the_page(request, name):
    figure = graphical_abstract(request.getfixturevalue(name))
    assert round(25.4 * figure.get_figwidth()) == 174
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    page = figure.bbox
    for text in texts(figure):
        box = text.get_window_extent(canvas.get_renderer())
        assert text.get_fontsize() >= 6, text.get_text()
        assert page.x0 <= box.x0 and box.x1 <= page.x1 and page.y0 <= box.y0 and box.y1 <= page.y1, text.get_text()


def test_words_without_room_are_cut():
    lines = fitted("one two three four five six seven eight nine ten " * 3, 1.5, 9, 2)
    assert len(lines) == 2 and lines[-1].endswith("\u2026")
    assert fitted("A" * 200, 1.0, 9, 1)[0].endswith("\u2026")
    assert fitted("short", 1.0, 9, 1) == ["short"] and fitted("", 1.0, 9, 1) == [""]


def test_it_lies_in_the_folder_as_svg_pdf_and_png(spreadsheet_folder):
    svg = (spreadsheet_folder / "graphical_abstract.svg").read_text(encoding="utf-8")
    assert re.search(r"<svg", svg)
    assert (spreadsheet_folder / "graphical_abstract.png").read_bytes()[:4] == b"\x89PNG"
    assert (spreadsheet_folder / "graphical_abstract.pdf").read_bytes()[:4] == b"%PDF"
    assert "graphical_abstract.png" in (spreadsheet_folder / "README.txt").read_text(encoding="utf-8")
