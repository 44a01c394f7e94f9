"""Weights and balance on lalonde beside WeightIt 1.3.1, at 1e-7, for its glm stops at epsilon 1e-8. The data are read where
EQUIPOISE_DATA names their folder."""

import csv
import json
from pathlib import Path

import pytest

from equipoise.study import run_study

WEIGHTIT = json.loads((Path(__file__).parent / "reference" / "weightit_lalonde.json").read_text())
NUMBERS = ("age", "educ", "married", "nodegree", "re74", "re75")
CASES = {
    "glm_ATE": {"target": "ate"},
    "glm_ATT": {"target": "att"},
    "glm_ATC": {"target": "atc"},
    "glm_ATO": {"target": "overlap"},
    "glm_ATM": {"target": "matching"},
    "glm_ATE_stabilized": {"target": "ate", "stabilised": True},
}


@pytest.fixture(scope="module")
def study(third_party, tmp_path_factory):
    """Every case as a design; the outcome is made up, for no design looks at it."""
    from sheet import Sheet

    with (third_party / "matching" / "lalonde_matchit.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    sheet = Sheet(tmp_path_factory.mktemp("lalonde"))
    sheet.columns = {"id": [f"P{i:03d}" for i in range(len(rows))], "arm": ["A" if r["treat"] == "1" else "B" for r in rows]}
    sheet.columns |= {name: [r[name] for r in rows] for name in (*NUMBERS, "race")}
    sheet.columns |= {"days": [1 + i % 97 for i in range(len(rows))], "dead": [1] * len(rows)}
    races = {"black": "Black", "hispan": "Hispanic", "white": "White"}
    covariates = {name: {"label": name, "kind": "continuous", "from": name} for name in NUMBERS}
    covariates |= {n: {"label": n, "kind": "binary", "from": f"{n} = 1"} for n in ("married", "nodegree")}
    covariates["race"] = {"label": "race", "kind": "categorical", "from": "race", "levels": races}
    del sheet.protocol["design"]
    sheet.protocol |= {"covariates": covariates, "cox": {}, "propensity": [*NUMBERS, "race"], "primary": "glm_ate"}
    sheet.protocol["designs"] = {
        case.lower(): {"kind": "weights", "label": case, "smd_denominator": "pooled", **keys} for case, keys in CASES.items()
    }
    return run_study(sheet.write())


@pytest.mark.parametrize("case", CASES)
def test_the_weights_are_those_of_weightit(study, case):
    sample, theirs = study.design(case.lower()).sample, WEIGHTIT[case]
    for arm, name in (("a", "treated"), ("b", "control")):
        part = sample.among(study.cohort.in_arm(arm))
        ours = (part.effective_n, part.weights.sum(), part.weights.max(), part.weights.min())
        assert ours == pytest.approx([theirs[fact][name] for fact in ("ess", "sum", "max", "min")], rel=1e-7)


@pytest.mark.parametrize("case", CASES)
def test_the_differences_left_are_those_of_r(study, case):
    rows = {b.variable: b.smd for b in study.design(case.lower()).balance if not b.level}
    for name, theirs in WEIGHTIT[case]["smd"].items():
        assert rows[name] == pytest.approx(theirs, rel=1e-6, abs=1e-8)
