"""What the Methods say of a study, and that they say nothing of what was not done."""

import dataclasses

import pytest
from methods_text import lacking_age, methods_text

from equipoise.records import Estimates, Masked, Study


def without(study: Study, *analyses: str) -> Study:
    """The study as if these had not been estimated."""
    rows = [r for r in study.estimates.rows.values() if r.analysis not in analyses]
    return dataclasses.replace(study, estimates=Estimates.from_rows(rows, curves=study.estimates.curves))


def asking(study: Study, **tests: object) -> Study:
    """The study as if its protocol had asked for these tests."""
    protocol = study.protocol
    return dataclasses.replace(study, protocol=protocol.model_copy(update={"tests": protocol.tests.model_copy(update=tests)}))


def test_the_design_is_named(founding, spreadsheet, one_arm):
    assert methods_text(founding).startswith(
        "This retrospective cohort study compared sorafenib with lenvatinib as second-line treatment in patients with advanced "
        "hepatocellular carcinoma"
    )
    assert methods_text(spreadsheet).startswith(
        "This retrospective cohort study compared hormonal therapy with no hormonal therapy"
    )
    assert methods_text(one_arm).startswith("This retrospective cohort study of a single arm described lenvatinib")


@pytest.mark.parametrize(
    ("analysis", "words"),
    [
        ("interaction", "its interaction with the subgroup tested by a Wald test"),
        ("cox_firth", "Firth's penalized likelihood"),
        ("landmark_cox", "In the landmark analysis, patients still followed 42 days after progression"),
        ("time_dependent_cox", "with third-line treatment as a time-dependent covariate"),
        ("clone_censor_weight", "A clone-censor-weight analysis compared third-line treatment within 42 days of progression"),
        ("fda2007", "censoring at the last adequate scan before new therapy or two missed scans"),
        ("rmst", "Restricted mean survival times were compared"),
        ("rate_per_100_months", "events per 100 patient-months"),
        ("cumulative_incidence", "compared by Gray's test"),
    ],
)
def test_what_was_done_is_named_and_what_was_not_is_not(founding, analysis, words):
    alike = {
        "cox_firth": ("cox_univariable_firth", "cox_multivariable_firth"),
        "landmark_cox": ("landmark_median", "landmark_logrank", "landmark_curve"),
        "rate_per_100_months": ("exposure",),
    }
    assert words in methods_text(founding)
    assert words not in methods_text(without(founding, analysis, *alike.get(analysis, ())))


def test_multiplicity_is_told(founding, spreadsheet):
    words = methods_text(founding)
    assert "adjusted by Holm's method" in words and "Except for adverse event terms, no P value was adjusted" in words
    assert "No P value was adjusted for multiplicity." in methods_text(spreadsheet) and "Holm" not in methods_text(spreadsheet)


def test_models_are_called_conditional_only_where_there_are_some(spreadsheet):
    conditional = ("cox_multivariable", "cox_adjusted", "cox_pair_stratified")
    assert "those of multivariable, covariate-adjusted and pair-stratified models conditional" in methods_text(spreadsheet)
    words = methods_text(without(spreadsheet, *conditional))
    assert "conditional" not in words and "multivariable" not in words.lower()
    assert "Hazard ratios of the unadjusted and matched cohorts were marginal." in words


def test_paired_tests_and_their_corrections_are_told_only_where_they_were_made(spreadsheet):
    assert "McNemar's test, the Mann-Whitney test and the signed-rank test" in methods_text(spreadsheet)
    words = methods_text(asking(spreadsheet, paired_after_matching=False))
    assert "McNemar" not in words and "signed-rank" not in words
    assert "In matched cohorts the same tests were used, without regard to pairs." in words


def test_missing_values_are_counted(spreadsheet):
    assert "No covariate had missing values." in methods_text(spreadsheet)
    words = methods_text(lacking_age(spreadsheet, 3.0))
    assert "Values were missing for age (3 patients). They were not imputed" in words and "complete cases" in words
    assert "Values were missing for age (<5 patients)." in methods_text(lacking_age(spreadsheet, Masked("<5", True)))
