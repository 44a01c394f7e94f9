"""One forest holds every declared subgroup: counts by arm, ratios, the P of interactions and how many were tested."""

import math

import pytest

from equipoise.document.model import Paragraph
from equipoise.report.figures.forest import Line, forest
from equipoise.report.figures.ratio_forests import subgroup_figures, subgroup_forest
from equipoise.report.lookup import Numbers
from equipoise.report.sections.curves import level_curves
from equipoise.report.sections.subgroups import subgroups_section
from equipoise.study import run_study

LEVELS = {
    "age": {"label": "Age", "levels": {"young": "age <= 60", "old": "age > 60"}},
    "stage": {"label": "Stage", "levels": {s: f"stage = '{s}'" for s in ("I", "II", "III")}},
    "oldest": {"label": "Oldest", "levels": {"beyond 100": "age > 100", "below": "age <= 100"}},
}


@pytest.fixture
def study(sheet, undrawn):
    sheet.protocol["subgroups"] = LEVELS
    return run_study(sheet.write())


def words(figure) -> list[str]:
    return [t.get_text() for axes in figure.axes for t in axes.texts]


def test_every_level_has_its_counts_and_its_ratio(study):
    shown = words(subgroup_forest(study, "unadjusted"))
    levels = [level for s in LEVELS.values() for level in s["levels"]]
    assert [w for w in shown if w in ("All patients", *levels)] == ["All patients", *levels]
    rows = study.estimates
    for population in ("all", "age young", "stage III"):
        hr = rows.find(
            "survival", "hr", analysis="cox", design="unadjusted", endpoint="os", population=population, contrast="a vs b"
        )
        assert any(w.startswith(f"{hr.value:.2f}") for w in shown), population
        median = rows.find(
            "survival", "median", analysis="kaplan_meier", design="unadjusted", endpoint="os", group="a", population=population
        )
        assert f"{median.events:.0f}/{median.n:.0f}" in shown


def test_a_level_of_nobody_says_so(study):
    shown = words(subgroup_forest(study, "unadjusted"))
    at = shown.index("beyond 100")
    assert shown[at + 1 : at + 4] == ["0/0", "0/0", "not estimable"]
    assert "not est." in shown  # its interaction


def test_the_ends_of_the_axis_say_whom_they_favour(study):
    shown = words(subgroup_forest(study, "unadjusted"))
    assert "\u2190 Favors\nalfa" in shown and "Favors \u2192\nbeta" in shown


def test_the_number_of_interactions_is_said_in_text_and_caption_and_none_is_announced(study):
    section = subgroups_section(Numbers(study))
    told = "".join(r.text for b in section.blocks if isinstance(b, Paragraph) for r in b.runs)
    caption = next(b.caption for b in section.blocks if type(b).__name__ == "Figure")
    for where in (told, caption):
        assert "2 tests of interaction were made, not adjusted for multiplicity, and none was declared primary" in where
    assert "differ" not in told


def test_limits_beyond_the_axis_end_in_arrows(study):
    numbers = Numbers(study)
    lines = [Line("effect", "wide", (), 1.1, 0.02, 60.0), Line("effect", "inside", (), 1.1, 0.5, 2.0), Line("effect", "none")]
    drawn = forest(numbers, lines, "", (("", "n"),))
    marks = [m.get_marker() for m in drawn.axes[0].lines]
    assert marks.count("<") == 1 and marks.count(">") == 1 and marks.count("s") == 2
    assert "not estimable" in words(drawn)


def test_endpoints_that_one_page_does_not_hold_have_a_figure_each(founding, monkeypatch):
    numbers = Numbers(founding)
    assert subgroup_figures(numbers, "matched") == [["os", "pfs"]]
    monkeypatch.setattr("equipoise.report.figures.ratio_forests.MOST_LINES", 8)
    assert subgroup_figures(numbers, "matched") == [["os"], ["pfs"]]


def test_no_ratio_no_forest(study):
    assert forest(Numbers(study), [Line("head", "x")], "", ()) is None
    assert not math.isnan(Line("effect", "x", (), 1.0).value)


def test_curves_of_many_subgroups_are_drawn_in_the_primary_design_alone(founding, undrawn, monkeypatch):
    numbers = Numbers(founding)
    names = [f.name for f in level_curves(numbers, "prior_cycles") if f is not None]
    assert names == ["figure_km_unadjusted_prior_cycles", "figure_km_matched_prior_cycles"]
    monkeypatch.setattr("equipoise.report.sections.curves.MOST_SUBGROUPS", 0)
    assert [f.name for f in level_curves(numbers, "prior_cycles") if f is not None] == names[1:]
