"""The diagram of the design: what is assessed of each patient, and when."""

from equipoise.protocol.load import load_protocol
from equipoise.report.figures.design_diagram import alt, bars, design_diagram
from equipoise.report.lookup import Numbers
from equipoise.report.sections.methods import DIAGRAM, methods_section
from equipoise.study import run_study


def test_windows_and_follow_up_are_those_of_the_protocol(tiny):
    tiny.protocol += "windows: {status: {days: [-10, -1], flagged_from: -20}}\n"
    found = {lane.label: (lane.days, lane.words) for lane in bars(load_protocol(tiny.write()))}
    assert found["Eligibility"] == ((None, 0), "2 exclusion criteria")
    assert found["Clinical status"] == ((-20, -1), "")
    assert found["Overall survival"] == ((0, None), "until death; else last contact")


def test_what_was_known_late_is_told_apart_from_eligibility(tiny):
    old = 'where: "age_index < 18"}'
    late = 'where: "age_index < 18", known: after_index, why: "learned later", landmark_day: 30}'
    tiny.protocol = tiny.protocol.replace(old, late)
    found = {lane.label: (lane.days, lane.words) for lane in bars(load_protocol(tiny.write()))}
    assert found["Eligibility"][1] == "1 exclusion criterion"
    assert found["Late exclusion"] == ((0, 30), "under age")


def test_every_lane_is_drawn_and_told(tiny):
    protocol = load_protocol(tiny.write())
    drawn = [t.get_text() for axes in design_diagram(protocol).axes for t in axes.texts]
    for lane in bars(protocol):
        assert lane.label in " ".join(drawn) and lane.label in alt(protocol)


def test_methods_show_it_for_raw_tables_alone(tiny, spreadsheet):
    def names(study):
        return [getattr(b, "name", "") for b in methods_section(Numbers(study), {}).blocks]

    assert DIAGRAM in names(run_study(tiny.write()))
    assert DIAGRAM not in names(spreadsheet)
