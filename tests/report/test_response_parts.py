"""Response in depth as a reader sees it: rows against a witness, tables, figures, one patient's page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from equipoise.cli import app
from equipoise.document.model import Figure, Table, table_csv
from equipoise.report.figures.spider import spider
from equipoise.report.figures.swimmer import swimmer
from equipoise.report.figures.waterfall import waterfall
from equipoise.report.lookup import Numbers
from equipoise.report.sections.response import response_parts
from equipoise.report.tables.response_detail import agreement_tables, course_table, recorded_table
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
    assert "The 106 patients, before adjustment, whom both assessed" in said and "with quadratic weights" in said


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


def test_a_bar_per_measured_patient(founding):
    panels = waterfall(founding).axes
    measured = [int((~np.isnan(c["deepest_change_pct"])).sum()) for c in founding.outcomes.response_detail.course.values()]
    assert [len(a.containers[0]) for a in panels] == measured == [106, 106]


def test_a_lane_per_patient(founding):
    lanes = [len(a.containers[0]) for a in swimmer(founding).axes]
    assert lanes == [int(founding.cohort.in_arm(a).sum()) for a in founding.protocol.arms.groups]


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
    assert "not among the analysed patients" in done.stderr and "X99" not in done.stderr
