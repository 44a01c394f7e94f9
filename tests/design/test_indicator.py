"""The missing-indicator score: what its columns are, who stays, and what it equals."""

from __future__ import annotations

import numpy as np
import pytest

from equipoise import stats
from equipoise.report.assemble import report_document
from equipoise.study import run_study
from sheet import Sheet, incomplete


def made(folder, rule="indicator", change=lambda sheet: None):
    sheet = incomplete(Sheet(folder))
    sheet.protocol["missing"] = rule
    change(sheet)
    return run_study(sheet.write())


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return made(tmp_path_factory.mktemp("indicator"))


def test_nobody_lacks_a_score(study):
    for name in ("matched", "overlap"):
        assert not np.isnan(study.design(name).propensity).any()
        assert "missing_covariate" not in study.design(name).left
    assert study.design("overlap").sample.n == study.cohort.n


def test_the_score_is_that_of_columns_made_by_hand(study):
    """Age with zero in place of the missing, its indicator, and of every level one column: any value in its place gives the same
    score."""
    values, lost = study.covariates.values, study.covariates.missing
    columns = [np.where(lost("age"), 0.0, values["age"]), lost("age"), values["vi"] == 1, lost("vi")]
    columns += [values["stage"] == level for level in ("II", "III")] + [lost("stage")]
    fit = stats.logistic(study.cohort.in_arm("a").astype(float), np.column_stack(columns).astype(float))
    assert study.design("overlap").propensity == pytest.approx(fit.fitted, abs=1e-9)
    terms = study.design("overlap").model.matrix.terms
    assert terms == (
        ("age", ""), ("age", "missing"), ("vi", ""), ("vi", "missing"), ("stage", "II"), ("stage", "III"), ("stage", "missing"),
    )  # fmt: skip


def test_overlap_weights_balance_what_is_missing(study):
    """The score has the indicators as columns, so that overlap weights make the arms exactly alike in them."""
    sample, focal = study.design("overlap").sample, study.cohort.in_arm("a")
    for name in ("age", "vi", "stage"):
        lost = study.covariates.missing(name).astype(float)
        shares = [np.average(lost[arm], weights=sample.weight[arm]) for arm in (focal, ~focal)]
        assert shares[0] == pytest.approx(shares[1], abs=1e-9)
        part = {"analysis": "missing_balance", "variable": name}
        found = {d: study.estimates.find("design", "smd", design=d, **part) for d in ("unadjusted", "overlap")}
        p, q = lost[focal].mean(), lost[~focal].mean()
        assert found["unadjusted"].value == pytest.approx((p - q) / np.sqrt((p * (1 - p) + q * (1 - q)) / 2), abs=1e-12)
        assert found["overlap"].value == pytest.approx(0, abs=1e-8) and found["overlap"].events == lost.sum()


def test_those_missing_in_one_arm_alone_have_no_counterpart(tmp_path):
    def missing_in_a(sheet):
        arms = sheet.columns["arm"]
        sheet.columns["age"] = [60 + i % 7 if (v == "" and arms[i] == "B") else v for i, v in enumerate(sheet.columns["age"])]
        sheet.columns["vi"] = [0 if v == "" else v for v in sheet.columns["vi"]]

    study = made(tmp_path, change=missing_in_a)
    (gap,) = study.design("matched").gaps
    assert (gap.variables, gap.level, gap.arm) == (("age",), "missing", "a")
    assert "age, years: missing" in repr(report_document(study, {})).lower() or "age: missing" in repr(report_document(study, {}))


def test_without_missing_values_it_is_the_score_of_complete_cases(tmp_path):
    def complete(sheet):
        sheet.columns = Sheet(tmp_path).columns

    by_indicator, plain = (made(tmp_path / rule, rule, complete) for rule in ("indicator", "complete_cases"))
    assert {k: r.value for k, r in by_indicator.estimates.rows.items()} == pytest.approx(
        {k: r.value for k, r in plain.estimates.rows.items()}, nan_ok=True
    )


def test_methods_say_it_with_its_assumption(study):
    text = repr(report_document(study, {}))
    assert "a level 'missing' of invasion and stage and the median in place of age, with an indicator" in text
    assert "Balance of missingness" in text
    assert "only if a value that was not recorded did not guide the choice of treatment" in text
