"""Figures show the numbers of their rows, and say so for those who cannot see them."""

import re

import numpy as np
import pytest
from matplotlib.text import Text

from equipoise.document.html import inline
from equipoise.records import PatientTimeline
from equipoise.records.ticks import time_ticks
from equipoise.report import figures
from equipoise.report.figures.canvas import ARM_COLOURS
from equipoise.report.figures.first_event import first_event_figure
from equipoise.report.figures.flow import flow_diagram
from equipoise.report.figures.forest import Line, _places, forest
from equipoise.report.figures.groups import GROUP_COLOURS, WITHOUT, GroupPanel, StepCurve, draw_groups
from equipoise.report.figures.kaplan_meier import panel, result_lines, time_end
from equipoise.report.figures.post_index import post_index_figure
from equipoise.report.figures.timeline import patient_figure
from equipoise.report.lookup import Numbers
from equipoise.report.narrative import captions


def words(figure) -> list[str]:
    return [t.get_text() for axes in figure.axes for t in axes.texts if t.get_text()]


@pytest.mark.parametrize(
    ("longest", "unit", "ticks"),
    [
        (26.7, "months", [0, 6, 12, 18, 24]),
        (2659, "days", [365 * i for i in range(8)]),
        (5, "months", [0, 1, 2, 3, 4, 5]),
        (7.2, "years", [0, 1, 2, 3, 4, 5, 6, 7]),
        (0.4, "months", [0, 1]),
    ],
)
def test_time_axes_have_even_ticks_up_to_the_last_time(longest, unit, ticks):
    """Somebody is at risk at every tick, and the last mark lies inside the axis."""
    assert time_ticks(longest, unit) == ticks
    assert max(longest, ticks[-1]) <= time_end(longest, ticks) <= max(1.02 * longest, ticks[-1])


def test_a_long_label_of_a_forest_and_of_a_panel_wraps_and_is_whole(tiny_study):
    numbers, label = (
        Numbers(tiny_study),
        "Age of sixty or more at the first dose, as recorded by the treating physician at the center",
    )
    short, long = (Line("effect", x, ("3/8", "4/8"), 0.8, 0.5, 1.3) for x in ("Short", label))
    drawn = forest(numbers, [short, long, short], label, (("Alfamab", "events/n"), ("Betanib", "events/n")))
    shown = [t.get_text() for t in drawn.findobj(Text)]
    wrapped = [s for s in shown if "\n" in s and s.replace("\n", " ") == label]
    assert len(wrapped) == 2, "the line and the head"
    (places, end) = _places(["one", wrapped[0], "one"])
    assert places[1] - places[0] == places[2] - places[1] > 1.2 and end > 3.2
    curve = StepCurve("Yes", np.array([1.0]), np.array([0.5]), 1.0, lambda days: [2 for _ in days])
    panels = [GroupPanel(label, label, "the index date", (curve,), ()) for _ in "AB"]
    shown = [t.get_text() for t in draw_groups(numbers, panels).findobj(Text)]
    assert sum(s.replace("\n", " ") == f"{label}, %" for s in shown) == 2
    assert any("\n" in s and s.replace("\n", " ").endswith(label) and s.startswith("B") for s in shown)


def test_groups_that_are_not_arms_bear_no_arm_colour():
    assert not set(ARM_COLOURS[:2]) & {*GROUP_COLOURS, WITHOUT}


def test_curves_carry_medians_hazard_ratio_p_and_numbers_at_risk(spreadsheet):
    shown = words(figures.kaplan_meier(spreadsheet, "unadjusted"))
    assert "Hormonal therapy: median 2,018 (1,918–NA)" in shown
    assert "HR 0.69 (0.54–0.89)" in shown
    assert "Number at risk" in shown and "246" in shown and "440" in shown
    assert [line for line, _ in result_lines(Numbers(spreadsheet), panel(Numbers(spreadsheet), "rfs", "matched"))][
        2
    ] == "HR 0.67 (0.51–0.87)"


def test_the_flow_diagram_counts_every_reason(tiny_study):
    shown = " ".join(words(flow_diagram(tiny_study))).replace("\u00a0", " ")
    assert "Received gammacid, n = 1" in shown and "Under age, n = 0" in shown
    assert "Patients in the registry" in shown and "n = 16" in shown


def test_each_figure_has_a_text_alternative_with_its_numbers(spreadsheet):
    numbers = Numbers(spreadsheet)
    assert "2,018 days" in captions.curves_alt(numbers, ["unadjusted"])
    assert re.search(r"Age, years 0\.59 before, 0\.03 after matching", captions.love_alt(numbers))
    assert "243 pairs" in captions.flow_alt(numbers)


def test_a_drawing_is_the_same_twice(tiny_study):
    first, second = (figures.render(flow_diagram(tiny_study)) for _ in range(2))
    assert first == second and first.svg.startswith("<?xml")
    assert first.png == second.png and first.pdf == second.pdf


def test_inline_drawings_do_not_share_ids():
    svg = '<?xml version="1.0"?><svg width="1pt"><g id="a"/><use xlink:href="#a" clip-path="url(#a)"/></svg>'
    assert inline(svg, "f") == '<svg width="1pt"><g id="f-a"/><use xlink:href="#f-a" clip-path="url(#f-a)"/></svg>'


def test_names_of_endpoints_over_a_timeline_neither_touch_nor_leave_the_page():
    days = (("OS", 133), ("PFS", 42), ("TTP", 42), ("TTF", 30), ("TTNT", 36), ("DFS", 38))
    endpoints = tuple({"short": short, "day": day, "event": short != "TTP"} for short, day in days)
    labs = tuple({"day": day, "analyte": "albumin", "value": 3.0 + day / 100, "unit": "g/dL"} for day in (0, 30))
    figure = patient_figure(PatientTimeline("P1", "lenvatinib", labs=labs, endpoints=endpoints))
    figure.canvas.draw()
    flags = [t for axes in figure.axes for t in axes.texts if "event" in t.get_text() or "censored" in t.get_text()]
    assert {t.get_text() for t in flags} == {"OS event", "PFS event", "TTP censored", "TTF event", "TTNT event", "DFS event"}
    boxes = [t.get_window_extent() for t in flags]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[i + 1 :])
    assert all(b.y1 <= figure.bbox.y1 and b.x1 <= figure.bbox.x1 for b in boxes)


@pytest.mark.parametrize("by", ["yes_no", "type"])
@pytest.mark.parametrize("analysis", ["naive", "landmark"])
def test_patients_at_risk_of_groups_known_later_are_rows_that_the_figure_leads_to(one_arm, by, analysis):
    """Counted again from the days of the data: of a group those who came to have it, observed for as long or longer."""
    figure = post_index_figure(one_arm, "third_line", by, analysis)
    known = {r.key: r for r in one_arm.estimates.rows.values() if r.analysis == f"{analysis}_curve" and r.contrast.startswith(by)}
    assert known and {r.statistic for r in known.values()} == {"at_risk"}
    drawn = [text.get_text() for axes in figure.axes for text in axes.texts]
    ticks = [text.get_text() for text in figure.axes[0].get_xticklabels()]
    for contrast in dict.fromkeys(r.contrast for r in known.values()):
        found = {r.level.split(" ")[0]: f"{r.value:.0f}" for r in known.values() if r.contrast == contrast}
        counts = [found[tick] for tick in ticks]
        assert any(drawn[i : i + len(counts)] == counts for i in range(len(drawn))), contrast
    assert {r.key for r in known.values() if r.level.split(" ")[0] in ticks} <= set(figure.rows_behind)
    if (by, analysis) == ("yes_no", "naive"):
        days, has = one_arm.outcomes.endpoints["os"].time, ~np.isnan(one_arm.outcomes.onsets["third_line"].day)
        for r in known.values():
            group = has if r.contrast == "yes_no=yes" else ~has
            month = one_arm.protocol.days_per_unit
            assert r.value == (days[group & one_arm.design("unadjusted").include] >= float(r.level.split(" ")[0]) * month).sum()


def test_patients_at_risk_of_a_first_adverse_event_are_rows_that_the_figure_leads_to(one_arm):
    figure = first_event_figure(one_arm)
    known = [r for r in one_arm.estimates.rows.values() if (r.phase, r.statistic) == ("safety", "at_risk")]
    first = one_arm.outcomes.safety.first
    assert {r.variable for r in known} == {"any_grade", "grade_3_5"} and {r.key for r in known} & set(figure.rows_behind)
    for r in known:
        days = first[r.variable].time
        assert r.value == (days[~np.isnan(days)] >= float(r.level.split(" ")[0]) * one_arm.protocol.days_per_unit).sum()
