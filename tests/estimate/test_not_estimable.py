"""Models that lose something: what is left is printed, what is lost says why, on every page."""

import math

import numpy as np
import pytest

from equipoise.records.reasons import not_estimable, reason
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.results import predictors
from equipoise.report.tables.predictors import predictor_tables
from equipoise.stats import cox
from equipoise.study import run_study
from sheet import Sheet


def study_of(tmp_path, change, **cox_block):
    sheet = Sheet(tmp_path)
    change(sheet.columns)
    sheet.protocol["cox"] |= cox_block
    return run_study(sheet.write())


def nobody_of_stage_one_dies(columns):
    columns["dead"] = [0 if stage == "I" else dead for stage, dead in zip(columns["stage"], columns["dead"], strict=True)]


MODEL = {"multivariable": {"os": ["age", "stage", "treatment"]}, "univariable": ["stage"]}


@pytest.fixture(scope="module")
def without_events(tmp_path_factory):
    return study_of(tmp_path_factory.mktemp("levels"), nobody_of_stage_one_dies, **MODEL)


def value(study, analysis, statistic="hr", **where):
    return Numbers(study).row("survival", statistic, design="unadjusted", endpoint="os", analysis=analysis, **where)


def left_out(study):
    """The multivariable model by hand, without the patients of the level that has no event: the limit of the likelihood."""
    sheet = {k: study.covariates.values[k] for k in ("age", "stage")}
    outcome = study.outcomes.endpoints["os"]
    kept = sheet["stage"] != "I"
    treated = study.cohort.in_arm(study.protocol.arms.compared)
    X = np.column_stack((sheet["age"], sheet["stage"] == "III", treated)).astype(float)
    return cox(outcome.time[kept], outcome.event[kept], X[kept], ties=study.protocol.cox.ties)


def test_what_is_left_is_the_limit(without_events):
    fit = left_out(without_events)
    for k, where in enumerate([{"variable": "age"}, {"variable": "stage", "level": "III"}, {"variable": "treatment"}]):
        analysis = "cox_multivariable_contrast" if k == 1 else "cox_multivariable"
        more = {"contrast": "III vs II"} if k == 1 else {}
        row = value(without_events, analysis, **where, **more)
        assert row.value == pytest.approx(fit.hr[k], rel=1e-9)
        assert (row.low, row.high) == pytest.approx((fit.low[k], fit.high[k]), rel=1e-9)
        assert value(without_events, analysis, "p", **where, **more).value == pytest.approx(fit.p[k], rel=1e-8)


def test_what_is_lost_names_the_level_and_the_count(without_events):
    n = int((without_events.covariates.values["stage"] == "I").sum())
    for level in ("II", "III"):
        row = value(without_events, "cox_multivariable", variable="stage", level=level)
        assert math.isnan(row.value) and reason(row.method) == f"no event among the {n} patients with Stage I"
    said = [w for w in without_events.estimates.warnings if "not estimable" in w]
    expected = (
        f"The multivariable hazard ratio of Stage: II v I for OS is not estimable: no event among the {n} patients with Stage I."
    )
    assert expected in said


def test_the_table_prints_both_and_the_contrast(without_events):
    table = predictor_tables(Numbers(without_events))[0]
    stubs = [row.cells[0].text for row in table.body]
    assert stubs.count("penalised (Firth)") == 2 and "III (vs II)" in stubs
    lost = next(row for row in table.body if row.cells[0].text == "II (vs I)")
    assert lost.cells[1].text == "not estimable" and lost.cells[2].text == "–" and lost.cells[1].note
    assert any(words.startswith("Not estimable: no event among the") for _, words in table.footnotes)


def test_the_penalised_row_stands_beside_and_its_p_agrees_with_its_limits(without_events):
    for level in ("II", "III"):
        row = value(without_events, "cox_multivariable_firth", variable="stage", level=level)
        p = value(without_events, "cox_multivariable_firth", "p", variable="stage", level=level)
        assert p.method == "penalised likelihood-ratio test"
        assert (p.value < 0.05) == (not row.low < 1 < row.high)
    assert value(without_events, "cox_multivariable_firth", variable="treatment") is None


def test_no_sentence_rests_on_a_sparse_group(tmp_path):
    def three_patients_die_at_once(columns):
        columns["vi"] = [1 if i < 3 else 0 for i in range(len(columns["id"]))]
        columns["days"][:3], columns["dead"][:3] = [1, 1, 1], [1, 1, 1]

    study = study_of(tmp_path, three_patients_die_at_once)
    row = value(study, "cox_multivariable_firth", variable="vi", level="")
    assert row.low > 1 and "only 3 patients with Invasion" in row.method
    assert "Invasion" not in predictors(Numbers(study), "os")


def test_an_arm_without_events_is_named(tmp_path):
    def nobody_of_arm_a_dies(columns):
        columns["dead"] = [0 if arm == "A" else dead for arm, dead in zip(columns["arm"], columns["dead"], strict=True)]

    study = study_of(tmp_path, nobody_of_arm_a_dies)
    row = value(study, "cox", contrast="a vs b")
    assert math.isnan(row.value) and reason(row.method).endswith("patients of Alfa")
    assert value(study, "ph_test", "p", variable="treatment") is None
    assert any(
        w.startswith("The hazard ratio of Alfa v Beta for OS is not estimable: no event") for w in study.estimates.warnings
    )


@pytest.mark.parametrize("spread", [1.0, 1e-6, 1e6])
def test_a_nearly_monotone_marker_is_never_a_finding(tmp_path, spread):
    def only_low_markers_die(columns):
        n = len(columns["id"])
        columns["age"] = [spread * (0.5 + 0.01 * [0, 2, 1][i] if i < 3 else 3 + i) for i in range(n)]
        columns["days"] = [10 * (i + 1) if i < 3 else 500 for i in range(n)]
        columns["dead"] = [int(i < 3) for i in range(n)]

    study = study_of(tmp_path, only_low_markers_die, univariable=["age"])
    row = value(study, "cox_univariable", variable="age", level="")
    p = value(study, "cox_univariable", "p", variable="age", level="")
    assert math.isnan(row.value) and math.isnan(p.value) and "separate the events" in reason(row.method)


def test_reasons_are_read_back():
    why = "no event among the 3 patients with Stage (AJCC) I"
    assert reason(not_estimable(why, "Cox regression; univariable")) == why
    assert reason(not_estimable(why)) == why
    assert reason("Wald test") == ""
