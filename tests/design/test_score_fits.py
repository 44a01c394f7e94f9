"""Scores that maximum likelihood does not have: who keeps one, who is counted, what is refused; and columns of terms by hand."""

import numpy as np
import pytest

from equipoise.cohort.build import build_cohort
from equipoise.data.sources import read_sources
from equipoise.derive.covariates import derive_covariates
from equipoise.design.propensity import Propensity, fit_propensity
from equipoise.errors import DataError
from equipoise.protocol.load import load_protocol
from equipoise.protocol.score import Score


def fitted(sheet, names: list[str], **score) -> Propensity:
    protocol = load_protocol(sheet.write())
    sources = read_sources(protocol)
    cohort = build_cohort(protocol, sources)
    covariates = derive_covariates(protocol, sources, cohort)
    return fit_propensity(protocol, cohort, covariates, names, "study.yaml", Score(**score))


def decided(sheet) -> None:
    """Age decides the arm in part, so that a LASSO keeps something; stage I is found in arm A alone."""
    ages, stages = sheet.columns["age"], sheet.columns["stage"]
    sheet.columns["arm"] = [
        "A" if s == "I" or age + 7 * (i % 4) > 72 else "B" for i, (age, s) in enumerate(zip(ages, stages, strict=True))
    ]


@pytest.mark.parametrize("fit", ["firth", "ridge", "lasso"])
def test_a_level_of_one_arm_leaves_or_keeps_a_score_as_asked(sheet, fit):
    decided(sheet)
    first = np.array([s == "I" for s in sheet.columns["stage"]])
    left = fitted(sheet, ["age", "vi", "stage"], fit=fit)
    assert np.isnan(left.propensity).tolist() == first.tolist()
    assert [(g.variables, g.level, g.n) for g in left.gaps] == [(("stage",), "I", int(first.sum()))] and left.one_sided == ()
    kept = fitted(sheet, ["age", "vi", "stage"], fit=fit, one_sided="keep")
    assert np.isfinite(kept.propensity).all() and kept.gaps == ()
    assert [(g.variables, g.level, g.n) for g in kept.one_sided] == [(("stage",), "I", int(first.sum()))]
    assert not kept.told_apart[first].any(), "they are counted as a level"


def test_who_is_told_apart_by_a_combination_is_counted_under_a_penalty(sheet):
    """Stage III with invasion is treated with A alone: by likelihood those patients have no score."""
    parts = list(zip(sheet.columns["arm"], sheet.columns["stage"], sheet.columns["vi"], strict=True))
    sheet.columns["arm"] = ["A" if s == "III" and vi else a for a, s, vi in parts]
    apart = np.array([s == "III" and vi == 1 for _, s, vi in parts])
    plain = fitted(sheet, ["vi", "stage"], terms=["vi:stage"])
    assert np.isnan(plain.propensity).tolist() == apart.tolist()
    assert {(g.variables, g.level) for g in plain.gaps} == {(("vi", "stage"), "")}
    firth = fitted(sheet, ["vi", "stage"], fit="firth", terms=["vi:stage"])
    assert firth.told_apart.tolist() == apart.tolist() and np.isfinite(firth.propensity).all()
    cell = sum(apart) + 0.5  # saturated: Firth adds half a patient to each side of a cell
    assert firth.propensity[apart] == pytest.approx(cell / (cell + 0.5), rel=1e-6)


@pytest.mark.parametrize("fit", ["ml", "firth", "ridge", "lasso"])
def test_a_covariate_that_tells_the_arms_apart_is_refused_whatever_the_fit(sheet, fit):
    sheet.columns["vi"] = [int(a == "A") for a in sheet.columns["arm"]]
    with pytest.raises(DataError, match="separates the arms completely"):
        fitted(sheet, ["age", "vi"], fit=fit, one_sided="leave" if fit == "ml" else "keep")


def test_a_lasso_that_keeps_nothing_is_refused(sheet):
    with pytest.raises(DataError, match="leaves no covariate in the score"):
        fitted(sheet, ["age", "vi", "stage"], fit="lasso", penalty="1se")


def test_neither_the_order_of_rows_nor_the_focal_arm_decides_the_folds(sheet):
    decided(sheet)
    one = fitted(sheet, ["age", "vi"], fit="lasso", folds=4)
    sheet.columns = {name: values[::-1] for name, values in sheet.columns.items()}
    other = fitted(sheet, ["age", "vi"], fit="lasso", folds=4)
    assert other.propensity == pytest.approx(one.propensity, rel=1e-9)
    sheet.protocol["arms"] |= {"focal": "b"}
    assert fitted(sheet, ["age", "vi"], fit="lasso", folds=4).propensity == pytest.approx(1 - other.propensity, rel=1e-7)


def test_columns_of_terms_by_hand(sheet):
    found = fitted(sheet, ["age", "vi", "stage"], terms=["age^2", "age:stage", "stage:vi"])
    named = dict(zip(found.matrix.terms, found.matrix.X.T, strict=True))
    age, vi = np.array(sheet.columns["age"], dtype=float), np.array(sheet.columns["vi"], dtype=float)
    second = np.array([s == "II" for s in sheet.columns["stage"]], dtype=float)
    assert np.array_equal(named["age^2", ""], age**2)
    assert np.array_equal(named["age:stage", "II"], age * second)
    assert np.array_equal(named["stage:vi", "II"], second * vi)
    assert len(named) == 4 + 1 + 2 + 2


def test_a_term_that_others_determine_has_no_coefficient(sheet):
    sheet.columns["age"] = [50 + 10 * (i % 2) for i in range(len(sheet.columns["id"]))]
    found = fitted(sheet, ["age", "vi"], terms=["age^2"])
    assert found.absent == (("age^2", "", "determined by the terms before it"),) and ("age^2", "") not in found.matrix.terms
    with pytest.raises(DataError, match="too few distinct values for ns\\(age, 4\\)"):
        fitted(sheet, ["age", "vi"], terms=["ns(age, 4)"])
