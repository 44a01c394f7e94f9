"""The propensity score by hand: one binary covariate has the shares of its two levels, whatever else is said of it."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sheets

from equipoise.cohort.build import build_cohort
from equipoise.data.sources import read_sources
from equipoise.derive.covariates import derive_covariates
from equipoise.design.propensity import Propensity, fit_propensity, score_sd
from equipoise.errors import DataError
from equipoise.protocol.load import load_protocol


def table(newer: str, older: str) -> sheets.Table:
    """Patients of each arm, a letter each: M or F, m or f of unknown age; ages 51, 52 ... in the order of the letters."""
    rows = []
    for drug, letters in (("newer", newer), ("older", older)):
        for k, letter in enumerate(letters):
            age = 51 + k if letter.isupper() else ""
            rows.append({"id": f"{drug[0]}{k:02d}", "drug": drug, "age": age, "sex": letter.upper(), "grade": "low"})
            rows[-1] |= {"days": 100 + 7 * k, "dead": k % 2}
    return rows


def fitted(folder, rows: sheets.Table, names: list[str]) -> Propensity:
    protocol = load_protocol(sheets.write(folder, rows))
    sources = read_sources(protocol)
    cohort = build_cohort(protocol, sources)
    covariates = derive_covariates(protocol, sources, cohort)
    return fit_propensity(protocol, cohort, covariates, names, "study.yaml")


def test_one_binary_covariate_has_the_shares_of_its_levels(tmp_path):
    """Of 12 men 8 have the newer drug, of 8 women 2: e = 2/3 and 1/4, log odds ln 2 and ln (1/3)."""
    found = fitted(tmp_path, table("M" * 8 + "F" * 2, "M" * 4 + "F" * 6), ["male"])
    male = np.array([True] * 8 + [False] * 2 + [True] * 4 + [False] * 6)
    assert found.propensity == pytest.approx(np.where(male, 2 / 3, 1 / 4), rel=1e-9)
    assert found.logit == pytest.approx(np.where(male, math.log(2), math.log(1 / 3)), rel=1e-9)
    assert found.fit.coef == pytest.approx([math.log(1 / 3), math.log(6)], rel=1e-9)
    assert found.events_per_coefficient == 10, "ten patients of the smaller arm, one coefficient"
    assert not found.missing.any() and found.gaps == () and found.absent == ()


def test_who_lacks_a_covariate_has_no_score_and_moves_nobody_elses(tmp_path):
    known = fitted(tmp_path / "known", table("MMFFM", "MFFMF"), ["age", "male"])
    more = fitted(tmp_path / "more", table("MMFFMmf", "MFFMFm"), ["age", "male"])
    absent = np.array([False] * 5 + [True] * 2 + [False] * 5 + [True])
    assert more.missing.tolist() == absent.tolist()
    assert np.isnan(more.propensity[absent]).all() and np.isnan(more.logit[absent]).all()
    assert more.logit[~absent] == pytest.approx(known.logit, rel=1e-9)
    assert more.fit.n == 10


def test_the_unit_and_the_coding_of_a_covariate_decide_nothing(tmp_path):
    rows = sheets.patients()
    turned = [{**r, "age": 1000 * r["age"], "sex": "F" if r["sex"] == "M" else "M"} for r in rows]
    one = fitted(tmp_path / "one", rows, ["age", "male", "grade"])
    other = fitted(tmp_path / "other", turned, ["grade", "male", "age"])
    assert other.logit == pytest.approx(one.logit, rel=1e-8, abs=1e-10)


def test_a_column_without_variation_has_no_coefficient(tmp_path):
    found = fitted(tmp_path, table("MMFF", "MFFF"), ["male", "grade"])
    assert {(v, level) for v, level, _ in found.absent} == {("grade", "mid"), ("grade", "high")}
    assert found.fit.coef.size == 2


def test_a_covariate_that_tells_the_arms_apart_is_refused_by_name(tmp_path):
    with pytest.raises(DataError, match="'male' \\(Male\\) separates the arms completely"):
        fitted(tmp_path, table("MMMM", "FFFF"), ["age", "male"])


def test_the_two_standard_deviations_of_a_score_by_hand():
    """Focal 1, 3 (variance 2), other 4, 6, 8 (variance 4), one without a score: together about 4.4, squares 29.2."""
    score = np.array([1.0, 3.0, 4.0, 6.0, 8.0, np.nan])
    focal = np.array([True, True, False, False, False, True])
    assert score_sd(score, focal, "whole_sample") == pytest.approx(math.sqrt(29.2 / 4))
    assert score_sd(score, focal, "pooled") == pytest.approx(math.sqrt((2 + 4) / 2))


@pytest.mark.parametrize(("n_focal", "known"), [(1, False), (2, True)])
def test_pooled_needs_two_scores_in_each_arm(n_focal, known):
    score, focal = np.arange(5.0), np.arange(5) < n_focal
    assert np.isnan(score_sd(score, focal, "pooled")) == (not known)
    assert score_sd(score, focal, "whole_sample") == pytest.approx(math.sqrt(2.5))
