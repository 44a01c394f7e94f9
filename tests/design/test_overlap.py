"""Who has a counterpart in the other arm, and who has a score: separation, levels of one arm, missing covariates."""

import json
from pathlib import Path

import numpy as np
import pytest
import sheets

from equipoise import stats
from equipoise.design.overlap import combination, without_counterpart
from equipoise.document.html import render_html
from equipoise.errors import DataError
from equipoise.report.assemble import report_document
from equipoise.study import run_study

R = json.loads((Path(__file__).parent / "reference" / "overlap.json").read_text())


def values(study, arm, analysis="left_out"):
    found = study.estimates.rows.values()
    return {r.variable: int(r.value) for r in found if r.analysis == analysis and r.group == arm and r.design == "matched"}


def page(study):
    """The report's words on one line, without marks of the page."""
    import html
    import re

    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"(?s)<svg.*?</svg>", "", render_html(
        report_document(study, {}))))))  # fmt: skip


# ---- the likelihood


def test_a_tail_of_one_arm_is_no_separation():
    age = np.array([50.0, 55, 60, 65, 70, 58, 63, 68, 90, 95])
    focal = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 1], dtype=bool)
    assert not without_counterpart(age[:, None], focal).any()
    assert not stats.logistic(focal.astype(float), age[:, None]).separated


def test_two_covariates_separate_only_together():
    x, y = np.meshgrid(np.arange(6.0), np.arange(6.0))
    x, y, noise = x.ravel(), y.ravel(), np.tile([0.0, 1, 1], 12)
    focal = x > y
    X = np.column_stack([x, y, noise])[x != y]
    apart = without_counterpart(X, focal[x != y])
    assert apart.all()
    assert combination(X, ["x", "y", "noise"], focal[x != y], int(apart.sum())) == ("x", "y")
    assert not without_counterpart(X[:, :1], focal[x != y]).all() and not without_counterpart(X[:, 2:], focal[x != y]).any()


def test_those_on_the_boundary_keep_their_counterparts():
    x = np.array([1.0, 2, 3, 3, 3, 3, 4, 5])
    focal = np.array([0, 0, 0, 1, 0, 1, 1, 1], dtype=bool)
    assert without_counterpart(x[:, None], focal).tolist() == [True, True, False, False, False, False, True, True]


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_the_unit_of_a_covariate_decides_nothing(scale):
    rng = np.random.default_rng(3)
    X, focal = rng.normal(size=(60, 3)), np.arange(60) % 2 == 0
    assert not without_counterpart(X * scale, focal).any()
    X[focal, 1] += 10
    assert without_counterpart(X * scale, focal).all()


# ---- a study


def test_a_level_of_one_arm_has_no_counterpart(tmp_path):
    study = run_study(sheets.write(tmp_path, sheets.only_in_newer(sheets.patients())))
    facts = study.design("matched").facts
    assert facts["score_sd"] == pytest.approx(R["quasi_sd"], rel=1e-8)
    assert facts["caliper"] == pytest.approx(0.2 * R["quasi_sd"], rel=1e-8)
    coefficients = [
        study.estimates[f"design.matched.propensity.{t}.coef"].value for t in ("intercept", "age", "male", "grade.mid")
    ]
    assert coefficients == pytest.approx(R["quasi_coef"], rel=1e-8)
    absent = study.estimates["design.matched.propensity.grade.high.coef"]
    assert np.isnan(absent.value) and absent.method.startswith("not estimable")
    assert [values(study, a)["no_counterpart"] for a in ("newer", "older")] == R["quasi_left"]
    lost = study.covariates.values["grade"] == "high"
    assert not study.design("matched").include[lost].any() and study.design("unadjusted").include[lost].all()


def test_the_level_without_a_counterpart_is_told(tmp_path, undrawn):
    words = page(run_study(sheets.write(tmp_path, sheets.only_in_newer(sheets.patients()))))
    assert "24 had no counterpart in the other arm (grade: High)" in words
    assert "24 of 53 patients with newer had no counterpart with older (grade: High): no propensity score exists" in words
    assert "Grade: High: no coefficient, because not both arms have such patients." in words


def test_the_first_level_may_be_the_one_without_a_counterpart(tmp_path):
    rows = [
        {**r, "grade": {"high": "low", "low": "high"}.get(r["grade"], r["grade"])}
        for r in sheets.only_in_newer(sheets.patients())
    ]
    study = run_study(sheets.write(tmp_path, rows))
    assert study.design("matched").facts["score_sd"] == pytest.approx(R["quasi_sd"], rel=1e-8)
    assert study.estimates["design.matched.propensity.grade.mid.coef"].method == (
        "not estimable: reference level among these patients"
    )
    assert study.estimates["design.matched.propensity.grade.high.coef"].value == pytest.approx(-R["quasi_coef"][3], rel=1e-8)


def test_a_binary_covariate_of_one_arm_is_such_a_level(tmp_path):
    rows = [{**r, "sex": "F"} if r["drug"] == "older" else r for r in sheets.patients()]
    study = run_study(sheets.write(tmp_path, rows))
    males = sum(r["sex"] == "M" for r in rows)
    assert values(study, "newer")["no_counterpart"] == males
    assert study.estimates["design.matched.no_counterpart.male.1.newer.n"].value == males


def test_a_combination_without_a_counterpart_leaves_too(tmp_path):
    """Male over 60 by the linear rule: on the line both drugs are found, beyond it one."""
    rows = [{**r, "age": 60 if i % 3 else (70 if r["drug"] == "newer" else 50)} for i, r in enumerate(sheets.patients())]
    study = run_study(sheets.write(tmp_path, rows))
    lost = sum(r["age"] != 60 for r in rows)
    assert sum(values(study, a)["no_counterpart"] for a in ("newer", "older")) == lost
    assert study.design("matched").facts["pairs"] > 0


@pytest.mark.parametrize(("column", "named"), [("age", "'age' (Age)"), ("sex", "'male' (Male)"), ("grade", "'grade' (Grade)")])
def test_a_covariate_that_is_the_arm_stops_the_study_and_is_named(tmp_path, column, named):
    first = {"age": 70, "sex": "M", "grade": "high"}[column]
    second = {"age": 50, "sex": "F", "grade": "mid"}[column]
    rows = [{**r, column: first if r["drug"] == "newer" else second} for r in sheets.patients()]
    with pytest.raises(DataError) as refused:
        run_study(sheets.write(tmp_path, rows))
    (fault,) = refused.value.faults
    assert fault.place == "study.yaml:16" and f"the covariate {named} separates the arms completely" in fault.message
    assert "caliper" not in fault.message


def test_two_covariates_that_are_the_arm_together_are_both_named(tmp_path):
    rows = []
    for i, r in enumerate(sheets.patients()):
        male = i % 2 == 0
        rows.append({**r, "sex": "M" if male else "F", "age": 50 + 10 * male + (3 if r["drug"] == "newer" else -3)})
    with pytest.raises(DataError, match=r"'age' \(Age\) and 'male' \(Male\) together separate the arms completely"):
        run_study(sheets.write(tmp_path, rows))


def test_arms_that_hardly_overlap_are_told_by_covariate(tmp_path):
    rows = [{**r, "age": (75 if r["drug"] == "newer" else 45) + i % 5 + i / 100} for i, r in enumerate(sheets.patients())]
    outlier = next(r for r in rows if r["drug"] == "older")
    outlier["age"] = 95
    protocol = sheets.PROTOCOL.replace("caliper: 0.2", "caliper: 0.0000001")
    with pytest.raises(DataError, match=r"no pair lies within the caliper: .* furthest apart in 'age' \(Age\)"):
        run_study(sheets.write(tmp_path, rows, protocol))


def test_a_variant_that_cannot_be_made_says_so_and_the_study_goes_on(tmp_path, undrawn):
    rows = [{**r, "site": "east" if r["drug"] == "newer" else "west"} for r in sheets.patients()]
    protocol = sheets.PROTOCOL.replace(
        "endpoints:", "  site: {label: Site, kind: categorical, from: site, levels: {east: East, west: West}}\nendpoints:"
    ) + "sensitivity: {propensity_variants: {by_site: {label: the site too, covariates: [age, site]}}}\n"  # fmt: skip
    study = run_study(sheets.write(tmp_path, rows, protocol))
    assert [d.name for d in study.designs] == ["unadjusted", "matched"]
    assert "Re-matching with the site too was not possible: the covariate 'site' (Site) separates" in page(study)


def test_a_missing_covariate_is_a_reason_of_its_own(tmp_path, undrawn):
    study = run_study(sheets.write(tmp_path, sheets.without_age(sheets.patients())))
    assert study.design("matched").facts["score_sd"] == pytest.approx(R["missing_sd"], rel=1e-8)
    assert [values(study, a)["missing_covariate"] for a in ("newer", "older")] == R["missing_left"]
    matched = study.design("matched")
    for arm, reason in (("newer", "no_partner"), ("older", "not_chosen")):
        here = study.cohort.in_arm(arm)
        counts = values(study, arm)
        assert counts["missing_covariate"] + counts[reason] == int((here & ~matched.include).sum())
    words = page(study)
    assert "18 had a covariate of the propensity score missing and " in words
    assert (
        "complete cases: 18 of 53 patients with newer and 1 of 37 patients with older had a covariate of the score missing"
        in words
    )
    assert "(by covariate: age 19)" in words


def test_a_model_of_complete_cases_stands_beside_the_unadjusted_ratio_of_the_same_patients(tmp_path, undrawn):
    study = run_study(sheets.write(tmp_path, sheets.without_age(sheets.patients())))
    rows = study.estimates.rows
    adjusted = rows["survival.os.unadjusted.cox_multivariable.treatment.hr"]
    same = rows["survival.os.unadjusted.cox_complete_cases.newer-vs-older.hr"]
    assert (adjusted.value, same.value) == pytest.approx((R["adjusted"], R["unadjusted_same"]), rel=1e-8)
    assert adjusted.n == same.n == R["n_same"]
    words = page(study)
    assert "71 of 90 patients, the others had a covariate missing; unadjusted HR of the same 71: 1.42" in words
    assert "71 patients in whom the variable is known" in words


def test_without_a_missing_value_nothing_is_said_of_one(tmp_path, undrawn):
    study = run_study(sheets.write(tmp_path, sheets.patients()))
    assert "survival.os.unadjusted.cox_complete_cases.newer-vs-older.hr" not in study.estimates.rows
    assert "complete cases:" not in page(study) and "counterpart" not in page(study)


def test_few_patients_per_coefficient_are_said(tmp_path, undrawn):
    study = run_study(sheets.write(tmp_path, sheets.patients()))
    smaller = min(int(study.cohort.in_arm(a).sum()) for a in ("newer", "older"))
    assert study.design("matched").facts["events_per_coefficient"] == smaller / 4
    assert "9.3 patients of the smaller arm per coefficient" in page(study)


def test_a_covariate_that_an_arm_does_not_record_leaves_the_unadjusted_comparison(tmp_path, undrawn):
    patients = [{**row, "age": "" if row["drug"] == "newer" else row["age"]} for row in sheets.patients()]
    study = run_study(sheets.write(tmp_path, patients))
    assert [d.name for d in study.designs] == ["unadjusted"]
    words = page(study)
    assert "The planned propensity score-matched comparison was not possible: in the arm " in words
    assert "The planned match was not possible" in words and "is not recorded for any patient" in words
    assert not [key for key in study.estimates.rows if ".matched." in key]


def test_one_patient_of_an_arm_left_has_no_pooled_deviation(tmp_path):
    """A covariate that tells the arms apart but for three patients at the boundary: no warning, no caliper made of nothing."""
    rows = sheets.patients()
    newer, older = ([r for r in rows if r["drug"] == d] for d in ("newer", "older"))
    rows = [{**r, "age": 61 + i % 9} for i, r in enumerate(newer)] + [{**r, "age": 59 - i % 9} for i, r in enumerate(older)]
    rows = [{**r, "age": 60} if r["id"] in {newer[0]["id"], older[0]["id"], older[1]["id"]} else r for r in rows]
    protocol = sheets.PROTOCOL.replace("propensity: [age, male, grade]", "propensity: [age]")
    study = run_study(sheets.write(tmp_path / "whole", rows, protocol))
    facts = study.designs["matched"].facts
    assert facts["pairs"] == 1 and facts["no_counterpart"] == len(rows) - 3
    assert np.isnan(facts["score_sd_pooled"]) and "pairs_pooled" not in facts
    pooled = protocol.replace("caliper: 0.2", "caliper: 0.2, caliper_sd: pooled")
    with pytest.raises(DataError, match="no pair lies within the caliper"):
        run_study(sheets.write(tmp_path / "pooled", rows, pooled))
