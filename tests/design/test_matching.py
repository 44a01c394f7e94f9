"""Greedy matching: against MatchIt 4.7.2 on lalonde, against a plain search, and the invariants of any match."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise import stats
from equipoise.design.greedy import Bounds, nearest_neighbours
from equipoise.design.propensity import score_sd

GOLDEN = json.loads((Path(__file__).parent / "reference" / "matchit_lalonde.json").read_text())


def plain_search(score, focal, caliper, order):
    """The rule in its plainest form: quadratic, a loop over all free controls."""
    turns = [i for i in range(len(score)) if focal[i]]
    if order != "data":
        turns.sort(key=lambda i: (-score[i] if order == "largest" else score[i], i))
    free, pairs = [j for j in range(len(score)) if not focal[j]], {}
    for i in turns:
        near = sorted((round(abs(score[j] - score[i]), 10), j) for j in free)
        if near and near[0][0] <= caliper:
            pairs[i] = near[0][1]
            free.remove(near[0][1])
    return pairs


def pairs_of(match, focal):
    found = {}
    for number in range(1, match.n_focal + 1):
        members = np.flatnonzero(match.set_id == number)
        a, b = sorted(members, key=lambda k: not focal[k])
        found[int(a)] = int(b)
    return found


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-20, 20), st.booleans()), min_size=1, max_size=60),
    st.sampled_from([0.0, 0.1, 0.35, 1.0, np.inf]),
    st.sampled_from(["largest", "smallest", "data"]),
)
def test_it_is_the_plain_search_with_ties(rows, caliper, order):
    score = np.array([s / 10 for s, _ in rows])
    focal = np.array([f for _, f in rows])
    match = nearest_neighbours(score, focal, Bounds(caliper), order)
    assert pairs_of(match, focal) == plain_search(score, focal, caliper, order)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.01, 2))
def test_every_pair_is_one_of_each_inside_the_caliper(seed, caliper):
    rng = np.random.default_rng(seed)
    score, focal = rng.normal(size=80), rng.random(80) < 0.3
    match = nearest_neighbours(score, focal, Bounds(caliper))
    for number in range(1, match.n_focal + 1):
        members = match.set_id == number
        assert members.sum() == 2 and focal[members].sum() == 1
        assert np.ptp(np.round(score[members], 10)) <= caliper + 1e-9


def test_a_missing_score_is_refused():
    with pytest.raises(ValueError, match="missing"):
        nearest_neighbours(np.array([0.1, np.nan]), np.array([True, False]))


@pytest.fixture(scope="module")
def lalonde(third_party):
    with (third_party / "matching" / "lalonde_matchit.csv").open() as f:
        rows = list(csv.DictReader(f))
    X = np.array(
        [
            [float(r["age"]), float(r["educ"]), r["race"] == "black", r["race"] == "hispan",
             float(r["married"]), float(r["nodegree"]), float(r["re74"]), float(r["re75"])]
            for r in rows
        ],
        dtype=float,
    )  # fmt: skip
    focal = np.array([r["treat"] == "1" for r in rows])
    return stats.logistic(focal.astype(float), X), focal


@pytest.mark.parametrize(
    ("name", "scale", "sd", "width", "order"),
    [
        ("none", "probability", None, None, "largest"),
        ("ps2", "probability", "whole_sample", 0.2, "largest"),
        ("lin2", "logit", "whole_sample", 0.2, "largest"),
        ("lin2austin", "logit", "pooled", 0.2, "largest"),
        ("lin25austin", "logit", "pooled", 0.25, "largest"),
        ("lin2small", "logit", "whole_sample", 0.2, "smallest"),
        ("lin2data", "logit", "whole_sample", 0.2, "data"),
    ],
)
def test_the_same_units_as_matchit(lalonde, name, scale, sd, width, order):
    fit, focal = lalonde
    score = fit.linear_predictor if scale == "logit" else fit.fitted
    caliper = np.inf if width is None else width * score_sd(score, focal, sd)
    match = nearest_neighbours(score, focal, Bounds(caliper), order)
    assert match.n_focal == GOLDEN[name]["pairs"]
    assert np.flatnonzero(match.set_id > 0).tolist() == GOLDEN[name]["ids"]


def test_the_two_standard_deviations_of_the_caliper(lalonde):
    fit, focal = lalonde
    assert score_sd(fit.linear_predictor, focal, "whole_sample") == pytest.approx(1.8045119706, rel=1e-8)
    assert score_sd(fit.linear_predictor, focal, "pooled") == pytest.approx(1.3464713914, rel=1e-8)
