"""No text of a figure lies on another or leaves the figure, however awkward the study."""

from unittest import mock

import numpy as np
import pytest
from wide import recorded_studies

from equipoise.document.pdf import render_pages
from equipoise.report.figures.canvas import render
from equipoise.report.figures.overlap import other_overlaps, propensity_overlap
from equipoise.study import run_study
from gallery import NAMES, STUDIES, drawn, study, terms_document
from layout import Laid, boxes, faults, laid_out
from sheet import Sheet

EVERYDAY = ("arm names of 88 letters that differ in the last", "an arm of three")
LOOKS = (
    {"theme": "plain"},
    {"theme": "jama", "width": 174},
    {"theme": "nejm", "width": 120, "color": "greyscale"},
    {"theme": "lancet", "width": 85},
)
WITH_MOST = ("every analysis of two arms", "three arms with weights", "nine levels")
SIX_POINTS = 5.999
WIDTHS = {85, 120, 174}
COLUMN_WIDE = ("flow", "love", "overlap")  # at any width; the others where they have room (docs/output.md)
PAGE_WIDE = ("forest", "designs", "contrasts", "bundle", "waterfall", "spider", "swimmer", "design_diagram", "chains", "imputed")
KINDS = {
    "flow", "love", "overlap", "overlap_others", "km", "km_unadjusted", "km_others_os", "incidence_cause", "standardised",
    "designs", "forest_subgroups_unadjusted", "bundle", "chains", "imputed", "published", "published_medians", "published_os",
    "contrasts", "design_diagram", "waterfall", "spider", "swimmer", "first_event", "graphical_abstract",
}  # fmt: skip


def wrong(found: dict[str, Laid], looks: dict[str, object]) -> list[str]:
    """With the figures of a report in a theme: texts that lie where they should not, small type, wider paper than is needed."""
    told = [f"{name}: {fault}" for name, one in found.items() for fault in one.faults]
    width = looks.get("width")
    if width is None:
        return told
    for name, one in found.items():
        most = width if name in COLUMN_WIDE else max(width, 120) if name.startswith(PAGE_WIDE) else max(WIDTHS)
        told += [f"{name}: {one.smallest:.2f} points"] if one.smallest < SIX_POINTS else []
        told += [f"{name}: {one.width:.1f} mm"] if round(one.width, 1) not in WIDTHS or one.width > most + 0.1 else []
    return told


def awkward(name: str):
    return pytest.param(name, marks=[] if name in EVERYDAY else pytest.mark.slow)


@pytest.mark.parametrize("name", [awkward(name) for name in NAMES])
def test_no_text_overlaps_another_or_leaves_the_figure(name, tmp_path):
    made = study(name, tmp_path)
    assert [told for looks in LOOKS for told in wrong(laid_out(made, looks), looks)] == []


@pytest.mark.slow
def test_every_kind_of_figure_is_looked_at(repository, tmp_path):
    """Those of the studies whose words are recorded, which with the awkward ones draw each kind that a report has."""

    def folder(name: str):
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
        return tmp_path / name

    kinds = {kind for name in WITH_MOST for kind in laid_out(study(name, folder(name)), LOOKS[0])}
    told = []
    for name, made in recorded_studies(repository, folder).items():
        for looks in LOOKS:
            found = laid_out(made, looks)
            kinds |= set(found)
            told += [f"{name}: {said}" for said in wrong(found, looks)]
    assert told == []
    assert KINDS - kinds == set()


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
    for figure in figures:
        render(figure)
    assert all(any(text.get_text() == "10,000" for text, _ in boxes(figure)) for figure in figures)
    assert [faults(figure) for figure in figures] == [[], []]


def test_a_table_of_sixty_terms_goes_over_pages_with_its_head_and_its_notes(tmp_path):
    document = terms_document(tmp_path)
    (table,) = document.tables()
    assert len(table.body) > 60 and table.landscape and table.notes
    pages = render_pages(document, 20)
    assert 3 <= len(pages) <= 4 and all(page.startswith(b"\x89PNG") for page in pages)


def test_a_text_on_another_and_one_outside_are_found(tiny_study):
    figure = dict(drawn(tiny_study))["curves"]
    render(figure)
    figure.text(0.5, 0.5, "one")
    figure.text(0.5, 0.5, "other")
    figure.text(0.99, 0.5, "outside")
    told = faults(figure)
    assert "overlap: one | other" in told and "leaves: outside" in told
