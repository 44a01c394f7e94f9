"""Third line in the founding study: naive and corrected, against R on the analysis-level cohort; no P in small groups."""

import json
import math
from types import SimpleNamespace

import numpy as np
import pytest

from equipoise import stats
from equipoise.estimate.post_index import hazard_ratio
from equipoise.records import Row
from equipoise.study import run_study

ARMS, DESIGNS = ("lenvatinib", "sorafenib"), ("unadjusted", "matched")


@pytest.fixture(scope="module")
def rows(repository):
    return run_study(repository / "src" / "equipoise" / "founding" / "study.yaml").estimates


@pytest.fixture(scope="module")
def witness(repository):
    return json.loads((repository / "tests" / "study" / "reference" / "founding_third_line.json").read_text())["results"]


def key(design, analysis, level, arm, statistic):
    return f"post_index.os.{design}.{analysis}.third_line.{level}.{arm}.{statistic}"


@pytest.mark.parametrize("arm", ARMS)
@pytest.mark.parametrize("design", DESIGNS)
def test_naive_and_corrected_against_r(rows, witness, arm, design):
    r = witness[arm][design]
    naive = rows[key(design, "naive_logrank", "yes_no", arm, "p")]
    assert naive.value == pytest.approx(r["naive_p"], rel=1e-8)
    hr = rows[key(design, "time_dependent_cox", "yes_no", arm, "hr")]
    assert [hr.value, hr.low, hr.high] == pytest.approx([r["hr"], *r["conf"]], rel=1e-8)
    assert hr.n == r["n"]
    assert rows[key(design, "time_dependent_cox", "yes_no", arm, "p")].value == pytest.approx(r["p"], rel=1e-8)
    sizes = [rows[key(design, "landmark_median", f"yes_no_{k}", arm, "median")].n for k in ("no", "yes")]
    assert sizes == r["landmark_n"]
    landmark = rows[key(design, "landmark_logrank", "yes_no", arm, "p")]
    if min(sizes) < 5:
        assert math.isnan(landmark.value) and landmark.method == "no P: a group has fewer than 5 patients"
    else:
        assert landmark.value == pytest.approx(r["landmark_p"], rel=1e-8)


def test_uptake_among_all_and_among_those_who_progressed(rows):
    base = "post_index.os.unadjusted"
    found = [
        (rows[f"{base}.{a}.third_line.{arm}.n"].events, rows[f"{base}.{a}.third_line.{arm}.n"].n)
        for a in ("uptake", "uptake_after_clock")
        for arm in ARMS
    ]
    assert found == [(18, 40), (44, 86), (18, 26), (44, 65)]
    for analysis, (a, b, c, d) in {"uptake": (18, 22, 44, 42), "uptake_after_clock": (18, 8, 44, 21)}.items():
        n = a + b + c + d
        chi2 = n * (a * d - b * c) ** 2 / ((a + b) * (c + d) * (a + c) * (b + d))  # by hand
        p = math.erfc(math.sqrt(chi2 / 2))
        assert rows[f"{base}.{analysis}.third_line.p"].value == pytest.approx(p, rel=1e-9)


def test_no_p_by_type_where_a_type_has_one_patient_but_the_published_one_beside_it(rows):
    assert math.isnan(rows[key("unadjusted", "naive_logrank", "type", "lenvatinib", "p")].value)
    assert math.isnan(rows[key("unadjusted", "time_dependent_cox", "type", "lenvatinib", "p")].value)
    assert rows[key("unadjusted", "naive_logrank_published", "type", "lenvatinib", "p")].value < 0.001
    assert rows[key("unadjusted", "naive_logrank", "type", "sorafenib", "p")].value == pytest.approx(0.953, abs=5e-4)


def test_clones_cover_everybody_whose_clock_started(rows):
    row = rows[key("unadjusted", "clone_censor_weight", "yes_no", "sorafenib", "hr")]
    assert (row.n, row.events) == (65, 50)
    assert row.low < row.value < row.high
    assert "cluster-robust standard error by patient" in row.method


def test_day_numbers_of_a_spreadsheet_give_the_same_rows(rows, repository):
    sheet = run_study(repository / "src" / "equipoise" / "founding" / "rows.yaml").estimates
    mine = [k for k in rows.rows if k.startswith("post_index.")]
    assert mine and mine == [k for k in sheet.rows if k.startswith("post_index.")]
    for k in mine:
        assert rows[k].value == pytest.approx(sheet[k].value, rel=1e-12, nan_ok=True)


def test_a_hazard_ratio_that_is_not_estimable_has_its_two_rows():
    group = SimpleNamespace(
        row=lambda analysis, statistic, value, **more: Row("post_index", statistic, value, analysis=analysis, **more)
    )
    fit = stats.cox([1.0, 2, 3, 4], [1, 1, 0, 0], np.array([[1.0], [1], [0], [0]]))
    hr, p = hazard_ratio(group, "naive_cox", fit, 0, "Cox", "")
    assert (hr.analysis, hr.statistic, p.statistic) == ("naive_cox", "hr", "p")
    assert math.isnan(hr.value) and math.isnan(p.value) and "a group has no event" in hr.method
