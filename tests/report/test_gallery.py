"""No text of a figure lies on another or leaves the figure, however awkward the study."""

import warnings
from itertools import combinations
from unittest import mock

import numpy as np
import pytest
from matplotlib.text import Text

from equipoise.document.pdf import render_pages
from equipoise.report.figures.canvas import render
from equipoise.report.figures.overlap import other_overlaps, propensity_overlap
from equipoise.study import run_study
from gallery import STUDIES, drawn, study, terms_document
from sheet import Sheet

EVERYDAY = ("arm names of 88 letters that differ in the last", "an arm of three")
LINE = 0.12  # of the height of a text: air above and below its letters
PIXEL = 1.0


def boxes(figure) -> list[tuple[str, object]]:
    """What is drawn, with the room that it takes."""
    seen, real = [], Text.draw

    def draw(self, renderer, *args, **options):
        if self.get_visible() and self.get_text().strip():
            seen.append(self)
        return real(self, renderer, *args, **options)

    render(figure)
    with mock.patch.object(Text, "draw", draw), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph .* missing")  # of a machine without typefaces for Hangul
        figure.draw_without_rendering()
    return [(text.get_text(), text.get_window_extent()) for text in dict.fromkeys(seen)]


def faults(figure) -> list[str]:
    found = boxes(figure)
    wide, high = figure.bbox.x1, figure.bbox.y1
    out = [f"leaves: {w}" for w, b in found if b.x0 < -PIXEL or b.y0 < -PIXEL or b.x1 > wide + PIXEL or b.y1 > high + PIXEL]
    small = [(words, b.padded(-PIXEL, -PIXEL - LINE * b.height / max(1, words.count("\n") + 1))) for words, b in found]
    return out + [f"overlap: {a} | {b}" for (a, one), (b, other) in combinations(small, 2) if one.overlaps(other)]


@pytest.mark.parametrize("name", [pytest.param(name, marks=[] if name in EVERYDAY else pytest.mark.slow) for name in STUDIES])
def test_no_text_overlaps_another_or_leaves_the_figure(name, tmp_path):
    made = {kind: faults(figure) for kind, figure in drawn(study(name, tmp_path))}
    assert "curves" in made and "flow" in made
    assert not any(made.values()), made


def test_scores_of_thousands_of_patients_in_arms_of_long_names(tmp_path):
    """Each patient counts a thousand times; a name of 88 letters goes over lines."""
    sheet = Sheet(tmp_path)
    STUDIES["arm names of 88 letters that differ in the last"](sheet)
    del sheet.protocol["design"]
    designs = {"matched": {"kind": "match", "caliper": 0.5}, "weighted": {"kind": "weights", "target": "ate"}}
    sheet.protocol |= {"propensity": ["age", "vi"], "designs": designs, "primary": "matched"}
    found, counted = run_study(sheet.write()), np.histogram
    with mock.patch.object(np, "histogram", lambda *given, **more: (1000 * counted(*given, **more)[0], None)):
        figures = [propensity_overlap(found), other_overlaps(found)]
    assert all(any(words == "10,000" for words, _ in boxes(figure)) for figure in figures)
    assert [faults(figure) for figure in figures] == [[], []]


def test_a_table_of_sixty_terms_goes_over_pages_with_its_head_and_its_notes(tmp_path):
    document = terms_document(tmp_path)
    (table,) = document.tables()
    assert len(table.body) > 60 and table.landscape and table.notes
    pages = render_pages(document, 20)
    assert 3 <= len(pages) <= 4 and all(page.startswith(b"\x89PNG") for page in pages)


def test_a_text_on_another_and_one_outside_are_found(tiny_study):
    figure = dict(drawn(tiny_study))["curves"]
    figure.text(0.5, 0.5, "one")
    figure.text(0.5, 0.5, "other")
    figure.text(0.99, 0.5, "outside")
    told = faults(figure)
    assert "overlap: one | other" in told and "leaves: outside" in told
