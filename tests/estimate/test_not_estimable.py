"""Models that lose something: what is left is printed, what is lost says why, on every page."""

import math

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import chi2

from equipoise.records.reasons import not_estimable, reason
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.predictors import predictors
from equipoise.report.narrative.results import effect
from equipoise.report.tables.predictors import predictor_tables
from equipoise.report.tables.survival import survival_table
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
        assert math.isnan(row.value) and reason(row.method) == f"no event among the {n} patients with stage I"
    said = [w for w in without_events.estimates.warnings if "not estimable" in w]
    expected = (
        f"The multivariable hazard ratio of Stage: II vs I for OS is not estimable: no event among the {n} patients with stage I."
    )
    assert expected in said


def test_the_table_prints_both_and_the_contrast(without_events):
    table = predictor_tables(Numbers(without_events))[0]
    stubs = [row.cells[0].text for row in table.body]
    assert stubs.count("penalized (Firth)") == 2 and "III (vs II)" in stubs
    lost = next(row for row in table.body if row.cells[0].text == "II (vs I)")
    assert lost.cells[1].text == "not estimable" and lost.cells[2].text == "–" and lost.cells[1].note
    assert any(words.startswith("Not estimable: no event among the") for _, words in table.footnotes)


def test_the_penalised_row_stands_beside_and_its_p_agrees_with_its_limits(without_events):
    for level in ("II", "III"):
        row = value(without_events, "cox_multivariable_firth", variable="stage", level=level)
        p = value(without_events, "cox_multivariable_firth", "p", variable="stage", level=level)
        assert p.method == "penalized likelihood-ratio test"
        assert (p.value < 0.05) == (not row.low < 1 < row.high)
    assert value(without_events, "cox_multivariable_firth", variable="treatment") is None


def test_no_sentence_rests_on_a_sparse_group(tmp_path):
    def three_patients_die_at_once(columns):
        columns["vi"] = [1 if i < 3 else 0 for i in range(len(columns["id"]))]
        columns["days"][:3], columns["dead"][:3] = [1, 1, 1], [1, 1, 1]

    study = study_of(tmp_path, three_patients_die_at_once)
    row = value(study, "cox_multivariable_firth", variable="vi", level="")
    assert row.low > 1 and "only 3 patients with invasion" in row.method
    assert "Invasion" not in predictors(Numbers(study), "os")


def test_an_arm_without_events_is_named(tmp_path):
    def nobody_of_arm_a_dies(columns):
        columns["dead"] = [0 if arm == "A" else dead for arm, dead in zip(columns["arm"], columns["dead"], strict=True)]

    study = study_of(tmp_path, nobody_of_arm_a_dies)
    row = value(study, "cox", contrast="a vs b")
    assert math.isnan(row.value) and reason(row.method).endswith("patients with alfa")
    assert value(study, "ph_test", "p", variable="treatment") is None
    assert any(
        w.startswith("The hazard ratio of Alfa vs Beta for OS is not estimable: no event") for w in study.estimates.warnings
    )


def penalised_by_hand(study):
    """Two arms, no tied events: log partial likelihood plus half the logarithm of its information, on a line of log HR."""
    outcome = study.outcomes.endpoints["os"]
    treated = study.cohort.in_arm(study.protocol.arms.compared)

    def value(b):
        loglik = information = 0.0
        for i in np.flatnonzero(outcome.event):
            at_risk = outcome.time >= outcome.time[i]
            a, rest = np.exp(b) * (at_risk & treated).sum(), (at_risk & ~treated).sum()
            loglik += b * treated[i] - np.log(a + rest)
            information += a * rest / (a + rest) ** 2
        return loglik + np.log(information) / 2

    best = minimize_scalar(lambda b: -value(b), bounds=(-8, 8), method="bounded", options={"xatol": 1e-9})
    limits = [brentq(lambda b: value(b) + best.fun + 1.959964**2 / 2, best.x, best.x + side * 12) for side in (-1, 1)]
    return np.exp([best.x, *limits]), chi2.sf(2 * (-best.fun - value(0.0)), 1)


@pytest.mark.parametrize("kind", ["three patients", "no event"])
def test_a_sparse_arm_has_a_penalised_estimate_beside_the_other(tmp_path, kind):
    def sparse(columns):
        n = len(columns["id"])
        columns["days"] = [(37 * i) % 61 + 1 for i in range(n)]  # no ties
        if kind == "three patients":
            columns["arm"] = ["A" if i % 20 == 3 else "B" for i in range(n)]
            columns["dead"] = [1 if arm == "A" else dead for arm, dead in zip(columns["arm"], columns["dead"], strict=True)]
        else:
            columns["dead"] = [0 if arm == "A" else dead for arm, dead in zip(columns["arm"], columns["dead"], strict=True)]

    study = study_of(tmp_path, sparse)
    numbers = Numbers(study)
    plain, row, p = (
        value(study, "cox", contrast="a vs b"),
        *(value(study, "cox_firth", k, contrast="a vs b") for k in ("hr", "p")),
    )
    assert math.isnan(plain.value) == (kind == "no event")
    expected, expected_p = penalised_by_hand(study)
    assert (row.value, row.low, row.high) == pytest.approx(expected, rel=1e-5)
    assert p.value == pytest.approx(expected_p, rel=1e-5)
    table = survival_table(numbers)
    (shown,) = [line for line in table.body if line.cells[0].text == "penalized (Firth)"]
    assert shown.cells[-3].note and any("patients with alfa" in words for _, words in table.footnotes)
    assert any(w.startswith("Alfa vs Beta has a sparse group") for w in study.estimates.warnings)
    said = effect(numbers, "os", plain, "marginal")
    assert "marginal HR" not in said and "lower" not in said and "higher" not in said


def test_arms_that_are_not_sparse_have_no_penalised_row(without_events):
    assert value(without_events, "cox", contrast="a vs b").value > 0
    assert value(without_events, "cox_firth", contrast="a vs b") is None


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
