"""The designs of a study: which are made, in which order, of whom; and pairs by hand, where one covariate makes the score.

With one covariate the logit is a straight line in it, so that distances in the caliper's unit (the SD of the logit) are distances
of the covariate in its own SD: pairs can be found with a pencil.
"""

from __future__ import annotations

import inspect

import numpy as np
import pytest
import sheets

from equipoise.cohort.build import build_cohort
from equipoise.data.sources import read_sources
from equipoise.derive.covariates import derive_covariates
from equipoise.design.make import make_designs
from equipoise.errors import DataError
from equipoise.protocol.load import load_protocol
from equipoise.records import NO_PARTNER, NOT_CHOSEN, Designs

ONE = "design: {propensity: [age], caliper: 0.2}"
SHORTHAND = "design: {propensity: [age, male, grade], caliper: 0.2}"


def made(folder, rows: sheets.Table, design: str = SHORTHAND) -> Designs:
    protocol = load_protocol(sheets.write(folder, rows, sheets.PROTOCOL.replace(SHORTHAND, design)))
    sources = read_sources(protocol)
    cohort = build_cohort(protocol, sources)
    return make_designs(protocol, cohort, derive_covariates(protocol, sources, cohort))


def aged(newer: dict[str, int], older: dict[str, int]) -> sheets.Table:
    """Identifier -> age of the patients of each arm."""
    both = [("newer", *item) for item in newer.items()] + [("older", *item) for item in older.items()]
    return [
        {"id": name, "drug": drug, "age": age, "sex": "M", "grade": "low", "days": 100 + age, "dead": age % 2}
        for drug, name, age in both
    ]


def pairs(designs: Designs) -> set[tuple[str, str]]:
    """Newer and older patient of each pair."""
    (design,) = [d for d in designs.designs if d.name == "matched"]
    names, focal, pair = designs.cohort.patient, designs.cohort.in_arm("newer"), design.sample.pair
    return {(str(names[(pair == k) & focal][0]), str(names[(pair == k) & ~focal][0])) for k in range(1, pair.max() + 1)}


def test_outcomes_are_not_an_argument():
    assert list(inspect.signature(make_designs).parameters) == ["protocol", "cohort", "covariates"]


def test_the_unadjusted_comparison_is_everybody_with_weight_one(tmp_path):
    unadjusted, matched = made(tmp_path, sheets.patients()).designs
    assert (unadjusted.name, matched.name) == ("unadjusted", "matched")
    assert unadjusted.sample.include.all() and (unadjusted.sample.weight == 1).all()
    assert unadjusted.sample.cluster is None and not unadjusted.sample.paired and unadjusted.sample.weights is None
    assert {b.variable for b in unadjusted.balance} == {b.variable for b in matched.balance} == {"age", "male", "grade"}


def test_everybody_is_in_a_pair_or_has_a_reason(tmp_path):
    designs = made(tmp_path, sheets.patients())
    matched, focal = designs.designs[1], designs.cohort.in_arm("newer")
    sample, pair = matched.sample, matched.sample.pair
    for k in range(1, pair.max() + 1):
        assert (pair == k).sum() == 2 and (focal & (pair == k)).sum() == 1
    assert sample.include.tolist() == (pair > 0).tolist() and sample.cluster.tolist() == pair.tolist()
    assert (matched.left == "").tolist() == sample.include.tolist()
    assert set(matched.left[focal & ~sample.include]) <= {NO_PARTNER} and set(matched.left[~focal & ~sample.include]) == {
        NOT_CHOSEN
    }
    facts = matched.facts
    assert facts["pairs"] == pair.max()
    assert facts["pairs"] + facts["unmatched_focal"] == focal.sum()
    assert facts["pairs"] + facts["unmatched_other"] == (~focal).sum()


NEAR = {"n1": 60, "n2": 50}


@pytest.mark.parametrize(
    ("case", "older", "expected"),
    [
        ("the nearest", {"o1": 60, "o2": 48, "o3": 51, "o4": 40}, {("n1", "o1"), ("n2", "o3")}),
        ("two at equal distance: the first identifier", {"o1": 60, "o2": 49, "o3": 51, "o4": 40}, {("n1", "o1"), ("n2", "o2")}),
        ("the same with the other below", {"o1": 60, "o3": 49, "o2": 51, "o4": 40}, {("n1", "o1"), ("n2", "o2")}),
        ("two of the same age", {"o1": 60, "o3": 51, "o2": 51, "o4": 40}, {("n1", "o1"), ("n2", "o2")}),
    ],
)
def test_pairs_by_hand(tmp_path, case, older, expected):
    assert pairs(made(tmp_path, aged(NEAR, older), "design: {propensity: [age], caliper: null}")) == expected, case


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("largest", {("n1", "o1"), ("n2", "o2"), ("n3", "o3")}),  # the score rises with age: 58 has its turn before 55
        ("smallest", {("n1", "o2"), ("n2", "o1"), ("n3", "o3")}),
        ("data", {("n1", "o1"), ("n2", "o2"), ("n3", "o3")}),
    ],
)
def test_whose_turn_comes_first(tmp_path, order, expected):
    newer, older = {"n1": 58, "n2": 55, "n3": 70}, {"o1": 57, "o2": 52, "o3": 68, "o4": 40, "o5": 41}
    asked = f"design: {{propensity: [age], caliper: null, order: {order}}}"
    assert pairs(made(tmp_path, aged(newer, older), asked)) == expected


@pytest.mark.parametrize(("caliper", "n"), [(0.249, 0), (0.251, 1)])
def test_the_width_of_a_caliper(tmp_path, caliper, n):
    """Ages 50, 70 against 55, 30, 90, 62: about 59.5, squares 2061.5, SD 20.3; the nearest, 50 and 55, 5/20.3 = 0.2463 SD apart.
    70 and 62 are 0.394 SD apart: no pair at any of these widths."""
    newer, older = {"n1": 50, "n2": 70}, {"o1": 55, "o2": 30, "o3": 90, "o4": 62}
    apart = 5 / np.std([50, 70, 55, 30, 90, 62], ddof=1)
    asked = f"design: {{propensity: [age], caliper: {caliper * apart / 0.25}}}"
    if n:
        assert pairs(made(tmp_path, aged(newer, older), asked)) == {("n1", "o1")}
    else:
        with pytest.raises(DataError, match="no pair lies within the caliper"):
            made(tmp_path, aged(newer, older), asked)


NAMED = """designs:
  close: {kind: match, label: Close, propensity: [age, male], caliper: 0.1}
  att: {kind: weights, target: att, propensity: [age, male]}
  known: {kind: match, label: Known, propensity: [age, mark]}
primary: PRIMARY"""
MARK = '  mark: {label: Mark, kind: binary, from: "mark = 1"}\nendpoints:'


def marked(folder, primary: str) -> Designs:
    """A covariate that is the arm: of the three designs `known` cannot be made."""
    rows = [{**r, "mark": int(r["drug"] == "newer")} for r in sheets.patients()]
    text = sheets.PROTOCOL.replace(SHORTHAND, NAMED.replace("PRIMARY", primary)).replace("endpoints:", MARK)
    protocol = load_protocol(sheets.write(folder, rows, text))
    sources = read_sources(protocol)
    cohort = build_cohort(protocol, sources)
    return make_designs(protocol, cohort, derive_covariates(protocol, sources, cohort))


def test_a_design_that_cannot_be_made_is_told_and_the_rest_stands(tmp_path):
    designs = marked(tmp_path, "close")
    assert [d.name for d in designs.designs] == ["unadjusted", "close", "att"]
    assert list(designs.unmade) == ["known"] and "'mark' (Mark) separates the arms completely" in designs.unmade["known"]


def test_the_primary_design_must_be_made(tmp_path):
    with pytest.raises(DataError, match="'mark' \\(Mark\\) separates the arms completely"):
        marked(tmp_path, "known")
