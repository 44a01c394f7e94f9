"""Response in depth as a reader sees it: rows against a witness, tables, figures, one patient's page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from equipoise.cli import app
from equipoise.document.model import Figure, Table, table_csv
from equipoise.protocol.report_settings import ReportSettings
from equipoise.report.figures import render
from equipoise.report.figures.spider import spider
from equipoise.report.figures.swimmer import swimmer
from equipoise.report.figures.thinned import evenly
from equipoise.report.figures.waterfall import waterfall
from equipoise.report.lookup import Numbers
from equipoise.report.sections.response import response_parts
from equipoise.report.tables.response_detail import agreement_tables, course_table, recorded_table
from equipoise.report.themes import asked, themed
from equipoise.study import run_study


def test_duration_of_response_is_that_of_r(founding):
    """The twelve mRECIST responders. R 4.2.2, survival 3.5-3:

    time <- c(237,46,32,184,0,65,401,64,48,375,536,68); event <- c(1,1,1,1,0,1,0,1,1,0,0,0)
    f <- survfit(Surv(time, event) ~ 1, conf.type = "log"); print(f); summary(f, times = c(180, 360))
    """
    course = founding.outcomes.response_detail.course["mRECIST"]
    responders = ~np.isnan(course["response_day"])
    assert sorted(course["duration_days"][responders]) == [0, 32, 46, 48, 64, 65, 68, 184, 237, 375, 401, 536]
    rows = founding.estimates.rows
    base = "response.mrecist.unadjusted.duration_of_response"
    median = rows[f"{base}.total.median"]
    assert (median.value, median.low, median.n, median.events) == (184, 64, 12, 7)
    assert np.isnan(median.high)
    for label, value, low, high in (
        ("6_months", 0.545454545455, 0.318033633665, 0.935500619002),
        ("12_months", 0.327272727273, 0.133562791510, 0.801925722022),
    ):
        row = rows[f"{base}.{label}.total.survival"]
        assert (row.value, row.low, row.high) == pytest.approx((value, low, high), rel=1e-10)


def test_agreement_of_the_criteria_is_that_of_r(founding):
    """R: t <- matrix(c(8,0,0, 4,36,0, 0,1,57), 3, byrow = TRUE); p <- t/106; po <- sum(diag(p));
    pe <- sum(rowSums(p) * colSums(p)); (po - pe)/(1 - pe)"""
    rows = founding.estimates.rows
    assert rows["response.unadjusted.agreement.recist_1_1-vs-mrecist.kappa"].value == pytest.approx(
        0.91658797607806108, rel=1e-12
    )
    assert rows["response.unadjusted.agreement.recist_1_1-vs-mrecist.differ"].value == 5
    text = table_csv(agreement_tables(Numbers(founding))[0])
    assert "Stable disease,4,36,0" in text
    said = " ".join(agreement_tables(Numbers(founding))[0].notes)
    assert "Based on the 106 patients of the unadjusted cohort assessed by both" in said and "with quadratic weights" in said


def test_confirmed_and_unconfirmed_stand_side_by_side(founding):
    text = table_csv(course_table(Numbers(founding)))
    assert '"Objective response, unconfirmed, % (95% CI)",7.5 (1.6\u201320.4),5.8 (1.9\u201313.0)' in text
    assert '"Objective response, confirmed, % (95% CI)",0.0 (0.0\u20138.8),3.5 (0.7\u20139.9)' in text


def test_the_unconfirmed_rates_are_those_of_the_response_table(founding):
    rows = founding.estimates.rows
    for criterion in ("recist_1_1", "mrecist"):
        for arm in founding.protocol.arms.groups:
            first = rows[f"response.{criterion}.unadjusted.orr.{arm}.percent"]
            again = rows[f"response.{criterion}.unadjusted.orr_unconfirmed.{arm}.percent"]
            assert (first.value, first.low, first.high) == (again.value, again.low, again.high)


def test_a_study_without_scans_has_none_of_it(spreadsheet):
    numbers = Numbers(spreadsheet)
    assert course_table(numbers) is None and recorded_table(numbers) is None and agreement_tables(numbers) == []
    assert [draw(spreadsheet) for draw in (waterfall, spider, swimmer)] == [None, None, None]
    assert not any(response_parts(numbers))


def boxes(axes):
    """How many bars or lanes are drawn."""
    return len(axes.collections[0].get_paths())


def test_a_bar_per_measured_patient(founding):
    panels = waterfall(founding).axes
    measured = [int((~np.isnan(c["deepest_change_pct"])).sum()) for c in founding.outcomes.response_detail.course.values()]
    assert [boxes(a) for a in panels] == measured == [106, 106]


def test_a_lane_per_patient(founding):
    lanes = [boxes(a) for a in swimmer(founding).axes]
    assert lanes == [int(founding.cohort.in_arm(a).sum()) for a in founding.protocol.arms.groups]


@pytest.fixture
def few(monkeypatch):
    """Room for 40 bars, 12 lines of a panel and 20 lanes."""
    figures, section = "equipoise.report.figures", "equipoise.report.sections.response"
    for place, name, most in (("waterfall", "BARS", 40), ("spider", "LINES", 12), ("swimmer", "LANES", 20)):
        monkeypatch.setattr(f"{figures}.{place}.{name}", most)
        monkeypatch.setattr(f"{section}.{name}", most)


def test_too_many_patients_are_thinned_and_it_is_said(founding, few):
    """106 measured patients; lanes: of 126 patients the twelve responders."""
    course = founding.outcomes.response_detail.course["RECIST 1.1"]
    change = np.sort(course["deepest_change_pct"][~np.isnan(course["deepest_change_pct"])])[::-1]
    drawn = waterfall(founding).axes[0].collections[0].get_paths()
    bars = [round(max(path.vertices[:, 1], key=abs), 9) for path in drawn]
    assert bars == [round(min(c, 100.0), 9) for c in change[np.round(np.linspace(0, 105, 40)).astype(int)]]
    assert any(t.get_text().startswith("40 of 106 patients, evenly") for t in waterfall(founding).axes[0].texts)
    titles = [a.get_title(loc="left") for a in spider(founding).axes]
    assert len(titles) == 4 and all("(12 of " in title for title in titles)
    responders = ~np.isnan(founding.outcomes.response_detail.course[founding.protocol.response.criteria[0]]["response_day"])
    assert sum(boxes(a) for a in swimmer(founding).axes) == responders.sum() <= 20
    said = {p.name: p.caption for p in response_parts(Numbers(founding)) if isinstance(p, Figure)}
    assert "Where more than 40 patients were measured, 40 bars stand for them" in said["figure_waterfall"]
    assert "Of an arm with more than 12 patients 12 are drawn" in said["figure_spider"]
    assert said["figure_swimmer"].endswith("more than 20 patients, the responders alone are drawn.")


def test_too_many_responders_are_thinned_too(founding, few, monkeypatch):
    for place in ("equipoise.report.figures.swimmer", "equipoise.report.sections.response"):
        monkeypatch.setattr(f"{place}.LANES", 5)
    lanes = [a.get_title(loc="left") for a in swimmer(founding).axes]
    assert sum(boxes(a) for a in swimmer(founding).axes) <= 5 and all(" of " in title for title in lanes)
    said = {p.name: p.caption for p in response_parts(Numbers(founding)) if isinstance(p, Figure)}
    assert "responders alone are drawn, and of those as many as fit" in said["figure_swimmer"]


def test_evenly_spaced_from_the_first_to_the_last():
    assert evenly(list(range(10)), 4).tolist() == [0, 3, 6, 9] and evenly(["a", "b"], 4).tolist() == ["a", "b"]
    assert len(set(evenly(range(401), 400).tolist())) == 400


def test_parts_of_a_tiny_study(tiny_study):
    parts = [p for p in response_parts(Numbers(tiny_study)) if p is not None]
    assert {p.name for p in parts if isinstance(p, Figure)} == {"figure_waterfall", "figure_spider", "figure_swimmer"}
    assert [p.name for p in parts if isinstance(p, Table)] == ["table_response_course"]
    assert all(p.supplement for p in parts)


def test_recorded_responses_are_counted_not_listed(tiny):
    """Every first scan recorded as SD: by the lesions some are PR (40 to 24 mm) or PD (40 to 55 mm)."""
    visits = [v for v in tiny.tables["visit_imaging"] if v["visit"] == 1 and v["patient_id"] != "T16"]
    tiny.tables["recorded_response"] = [
        {"patient_id": v["patient_id"], "visit": 1, "criterion": "RECIST 1.1", "response": "SD"} for v in visits
    ]
    study = run_study(tiny.write())
    computed, recorded = study.outcomes.response_detail.compared["RECIST 1.1"]
    row = study.estimates.rows["response.recist_1_1.recorded.computed-vs-recorded.differ"]
    assert (row.value, row.n) == (float((computed != recorded).sum()), float(len(visits)))
    assert 0 < row.value < row.n
    text = table_csv(recorded_table(Numbers(study)))
    assert "RECIST 1.1" in text and not any(v["patient_id"] in text for v in visits)

    counted = CliRunner().invoke(app, ["response-differences", str(tiny.path)])
    listed = CliRunner().invoke(app, ["response-differences", str(tiny.path), "--show-values"])
    assert counted.exit_code == listed.exit_code == 0
    assert counted.stdout.startswith(f"{int(row.value)} of {len(visits)} recorded responses differ")
    assert not any(v["patient_id"] in counted.stdout for v in visits)
    lines = listed.stdout.splitlines()[1:]
    assert len(lines) == row.value and all("recorded SD; P" in line for line in lines)


def test_one_patient_on_the_users_own_screen(tiny, tmp_path: Path):
    path = tiny.write()
    done = CliRunner().invoke(app, ["patient", str(path), "T02"])
    assert done.exit_code == 0, done.output
    page = path.parent / "patients" / "patient-T02.html"
    text = page.read_text(encoding="utf-8")
    assert "SD: target sum 40 to 38 mm" in text and "Overall survival" in text
    assert not (path.parent / "out").exists()
    again = CliRunner().invoke(app, ["patient", str(path), "T02", "--out", str(tmp_path / "elsewhere")])
    assert again.exit_code == 0 and (tmp_path / "elsewhere" / "patient-T02.html").read_text(encoding="utf-8") == text


def test_an_unknown_patient_is_a_sentence_without_the_identifier(tiny):
    path = tiny.write()
    done = CliRunner().invoke(app, ["patient", str(path), "X99"])
    assert done.exit_code == 2
    assert "not among the analyzed patients" in done.stderr and "X99" not in done.stderr


def test_bars_of_arms_in_grey_differ_in_their_filling(founding):
    """Two shades are not told apart on bars that thin."""
    with themed(asked(ReportSettings(color="greyscale"))):
        figure = waterfall(founding)
        render(figure)
    ours, others = figure.axes[0].collections[:2]
    assert len(ours.get_paths()) + len(others.get_paths()) == 106
    dark, paper = ours.get_facecolor()[0], others.get_facecolor()[0]
    assert max(dark[:3]) < 0.2 and min(paper[:3]) > 0.99 and max(others.get_edgecolor()[0][:3]) < 0.6
    marks = figure.axes[0].get_legend().get_patches()
    assert [tuple(m.get_facecolor()) for m in marks] == [tuple(dark), tuple(paper)]
