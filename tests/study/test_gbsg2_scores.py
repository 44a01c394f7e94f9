"""Splines, products, Firth's likelihood, LASSO and ridge as propensity scores of real patients, against R: glm with splines::ns,
glm of augmented data, glmnet 4.1-6; and the matched and weighted hazard ratios that rest on them, against survival 3.5-3."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from equipoise.cohort.build import build_cohort
from equipoise.data.sources import read_sources
from equipoise.derive.covariates import derive_covariates
from equipoise.design.make import make_designs
from equipoise.design.score_fit import dealt, fold_keys
from equipoise.design.tie_rank import tie_rank
from equipoise.protocol.load import load_protocol
from equipoise.study import run_study

HERE = Path(__file__).parent / "reference"
R = json.loads((HERE / "gbsg2_scores.json").read_text())
# How far glmnet stops from the minimum; the others stop at the last digits.
EXACT, STOPS = 1e-8, 1e-7
PRECISION = {"ml": EXACT, "firth": EXACT, "lasso": STOPS, "ridge": STOPS}
DESIGN = {"ml": "att", "firth": "firth", "lasso": "lasso", "ridge": "ridge"}


@pytest.fixture(scope="module")
def path(repository):
    return repository / "examples" / "gbsg2" / "scores.yaml"


@pytest.fixture(scope="module")
def designs(path):
    protocol = load_protocol(path)
    sources = read_sources(protocol)
    cohort = build_cohort(protocol, sources)
    return make_designs(protocol, cohort, derive_covariates(protocol, sources, cohort))


@pytest.mark.parametrize("name", DESIGN)
def test_scores_agree_with_r(designs, name):
    """Probabilities at the precision of the fit, of every 23rd patient in the order of the file."""
    order = np.argsort([int(p) for p in designs.cohort.patient])[::23]
    assert designs[DESIGN[name]].propensity[order] == pytest.approx(R[f"{name}.score"], rel=PRECISION[name])


def test_coefficients_of_splines_powers_and_products_agree_with_r(designs):
    model = designs["matched"].model
    place = {term: k + 1 for k, term in enumerate(model.matrix.terms)}
    named = [("ns(age, 3)", "1"), ("ns(age, 3)", "2"), ("ns(age, 3)", "3"), ("ns(nodes, 3)", "3"), ("size^2", "")]
    at = [0, *(place[term] for term in (*named, ("menopause", "Post"), ("grade", "III")))]
    assert model.fit.coef[at] == pytest.approx(R["ml.coef"], rel=1e-8)
    assert model.fit.se[[place[t] for t in (named[0], named[3], named[4])]] == pytest.approx(R["ml.se"], rel=1e-8)
    assert ("age", "") not in place and ("menopause:grade", "Post:II") in place and ("age:menopause", "Post") in place


def test_the_pairs_are_those_of_a_search_written_in_r(designs):
    matched = designs["matched"]
    assert matched.facts["pairs"] == R["matched.pairs"][0]
    assert matched.facts["caliper"] == pytest.approx(R["caliper"][0], rel=1e-9)
    assert sorted(int(p) for p in designs.cohort.patient[matched.include]) == R["matched.who"]


def test_firth_s_coefficients_agree_with_r(designs):
    terms = designs["firth"].model.matrix.terms
    order = ["ns(age, 3)", "menopause", "size", "grade", "nodes", "pgr", "er"]
    assert list(dict.fromkeys(v for v, _ in terms)) == order, "the columns of the script"
    assert designs["firth"].model.fit.coef == pytest.approx(R["firth.coef"], rel=1e-8)


@pytest.mark.parametrize("name", ["lasso", "ridge"])
def test_the_penalty_and_what_it_leaves_agree_with_glmnet(designs, name):
    """The folds that R was given are those that are dealt here; each holds its part of either arm."""
    cohort, model = designs.cohort, designs[name].model
    focal = cohort.in_arm("hormone")
    fold = dealt(model.score, focal, fold_keys(tie_rank(cohort, "identifier"), model.score.seed))
    with (HERE / "gbsg2_folds.csv").open(encoding="utf-8") as file:
        given = {row["patient_id"]: int(row[name]) for row in csv.DictReader(file)}
    assert fold.tolist() == [given[p] for p in cohort.patient]
    counts = np.bincount(fold[focal])
    assert len(counts) == model.score.folds and np.ptp(counts) <= 1
    assert model.fit.strength == pytest.approx(R[f"{name}.penalty"][0], rel=1e-10)
    theirs = np.array(R[f"{name}.coef"])
    if name == "lasso":
        theirs = theirs[_lasso_order(model)]
        assert (model.fit.coef != 0).tolist() == (theirs != 0).tolist()
    assert model.fit.coef == pytest.approx(theirs, rel=1e-6, abs=1e-12)


def _lasso_order(model):
    """Places of our columns among those of the script."""
    script = [("ns(age, 3)", "1"), ("ns(age, 3)", "2"), ("ns(age, 3)", "3"), ("menopause", "Post"), ("size", ""), ("grade", "II")]
    script += [("grade", "III"), *(("ns(nodes, 3)", str(k)) for k in (1, 2, 3)), ("pgr", ""), ("er", ""), ("size^2", "")]
    script += [("pgr^2", ""), ("er^2", ""), ("pgr:er", ""), ("menopause:grade", "Post:II"), ("menopause:grade", "Post:III")]
    return [0, *(1 + script.index(term) for term in model.matrix.terms)]


@pytest.mark.slow
def test_hazard_ratios_on_these_scores_agree_with_r(path):
    estimates = run_study(path).estimates
    for design in ("matched", "att", "firth", "lasso", "ridge"):
        row = estimates[f"survival.rfs.{design}.cox.hormone-vs-none.hr"]
        precision = 1e-8 if design in ("matched", "att", "firth") else 1e-7
        assert (row.value, row.low, row.high) == pytest.approx(tuple(R[f"{design}.hr"]), rel=precision), design
