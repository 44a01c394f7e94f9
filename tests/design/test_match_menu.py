"""Every kind of matching against MatchIt 4.7.2 and optmatch: the same units where nothing hangs on a tie, else the same distances
or numbers; the same weights; the same totals of optimal and full matching."""

import csv
import gzip
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from equipoise.design.distances import coordinates
from equipoise.design.full_matching import full_match
from equipoise.design.greedy import Bounds, nearest_neighbours, variable_ratios
from equipoise.design.optimal import optimal_pairs
from equipoise.design.strata import coarsened_exact, score_strata

HERE = Path(__file__).parent
MATCHIT = json.loads((HERE / "reference" / "matchit_sets.json").read_text())
TREATMENT = {"cohort": "treat", "lalonde": "treat", "nhefs": "qsmk"}
FACTORS = {"race": ("lalonde",), "education": ("nhefs",), "exercise": ("nhefs",), "active": ("nhefs",)}
COVARIATES = {
    "cohort": [f"x{k}" for k in range(1, 11)],
    "lalonde": ["age", "educ", "race", "married", "nodegree", "re74", "re75"],
    "nhefs": ["sex", "race", "age", "education", "smokeintensity", "smokeyrs", "exercise", "active", "wt71"],
}


def named(kinds):
    chosen = [(name, case["id"]) for name, made in MATCHIT.items() for case in made["cases"] if case["asked"]["method"] in kinds]
    return pytest.mark.parametrize(("name", "case"), chosen, ids=lambda v: v)


def case_of(name, wanted):
    return next(case for case in MATCHIT[name]["cases"] if case["id"] == wanted)


@pytest.fixture(scope="module")
def tables(request):
    """Rows of the three data sets; lalonde and nhefs are third-party data."""

    def read(name):
        if name == "cohort":
            with gzip.open(HERE.parent / "stats" / "data" / "cohort_1000.csv.gz", "rt", newline="") as file:
                return list(csv.DictReader(file))
        folder = request.getfixturevalue("third_party") / "matching"
        with (folder / {"lalonde": "lalonde_matchit.csv", "nhefs": "nhefs.csv"}[name]).open(newline="") as file:
            return [row for row in csv.DictReader(file) if name == "lalonde" or row["wt82"]]

    found = {}
    return lambda name: found.setdefault(name, read(name))


def codes(rows, column):
    return np.unique([row[column] for row in rows], return_inverse=True)[1]


def columns_of(name, rows, wanted):
    """One column per covariate, of a factor one per level; which are a factor's."""
    columns, factor = [], []
    for variable in wanted:
        if name in FACTORS.get(variable, ()):
            levels = sorted({row[variable] for row in rows})
            columns += [[row[variable] == level for row in rows] for level in levels]
            factor += [True] * len(levels)
        else:
            columns.append([float(row[variable]) for row in rows])
            factor.append(False)
    return np.array(columns, dtype=float).T, factor


def arguments(name, asked, rows):
    """Score, focal patients, bounds and coordinates of a case."""
    score = np.array(MATCHIT[name]["scores"][asked["scale"]])
    treated = np.array([row[TREATMENT[name]] == "1" for row in rows])
    narrow = tuple((np.array([float(row[v]) for row in rows]), width) for v, width in asked.get("narrow", {}).items())
    exact, apart = (codes(rows, asked[key]) if key in asked else None for key in ("exact", "apart"))
    bounds = Bounds(asked.get("caliper", np.inf), narrow, exact, apart)
    at = None
    if "distance" in asked:
        X, factor = columns_of(name, rows, asked.get("columns", COVARIATES[name]))
        at = coordinates(X, treated, asked["distance"], factor)
        score = score if "caliper" in asked else None
    return score, treated, bounds, at


def ess(weight, arm):
    return weight[arm].sum() ** 2 / (weight[arm] ** 2).sum()


def agrees_on_weights(match, case, treated):
    assert [(match.weight[treated] > 0).sum(), (match.weight[~treated] > 0).sum()] == case["used"]
    assert [match.weight[treated].sum(), match.weight[~treated].sum()] == pytest.approx(case["used"], rel=1e-12)
    assert [ess(match.weight, treated), ess(match.weight, ~treated)] == pytest.approx(case["ess"], rel=1e-10)


def digest(texts):
    return hashlib.sha256(";".join(texts).encode()).hexdigest()[:16]


@named({"nearest"})
def test_nearest_neighbours_are_those_of_matchit(tables, name, case):
    rows, case = tables(name), case_of(name, case)
    asked = case["asked"]
    score, treated, bounds, at = arguments(name, asked, rows)
    focal = ~treated if asked["target"] == "other" else treated
    ratio = variable_ratios(score, focal, *asked["variable"]) if "variable" in asked else asked["ratio"]
    match = nearest_neighbours(score, focal, bounds, asked["order"], ratio, float(asked["reuse"]), at, matchit=True)
    assert match.n_links == case["pairs"]
    if case["expect"] == "units":
        pairs = sorted(zip(match.focal_of.tolist(), match.partner_of.tolist(), strict=True))
        assert digest(f"{i}-{j}" for i, j in pairs) == case["digest"]
        agrees_on_weights(match, case, treated)
    if case["expect"] != "counts":
        assert match.total_distance == pytest.approx(case["total"], rel=1e-10)


@named({"optimal"})
def test_optimal_pairs_have_the_least_total(tables, name, case):
    rows, case = tables(name), case_of(name, case)
    score, treated, bounds, at = arguments(name, case["asked"], rows)
    match = optimal_pairs(score, treated, bounds, case["asked"]["ratio"], at)
    total = case["total"]
    if total is None:
        i, j = np.array(case["pair_list"]).T
        total = np.sqrt(((at[i] - at[j]) ** 2).sum(axis=1)).sum()
    assert match.total_distance == pytest.approx(total, rel=1e-12)
    agrees_on_weights(match, case, treated)


@named({"full"})
def test_full_matching_has_the_least_total(tables, name, case):
    rows, case = tables(name), case_of(name, case)
    score, treated, bounds, _ = arguments(name, case["asked"], rows)
    most = case["asked"].get("most")
    match = full_match(score, treated, bounds, case["asked"]["target"], most, most)
    assert match.total_distance == pytest.approx(case["total"], rel=1e-12)
    assert [match.n_focal, match.n_other] == case["used"]
    assert [match.weight[treated].sum(), match.weight[~treated].sum()] == pytest.approx(case["used"], rel=1e-12)


@named({"subclass", "cem", "exact"})
def test_strata_are_those_of_matchit(tables, name, case):
    rows, case = tables(name), case_of(name, case)
    asked = case["asked"]
    score, treated, _, _ = arguments(name, asked, rows)
    if asked["method"] == "subclass":
        match = score_strata(score, treated, asked["classes"], asked["target"], asked["fill"])
    else:
        chosen = asked.get("columns", COVARIATES[name])
        numbers = {v for v in chosen if name not in FACTORS.get(v, ())}
        columns = {v: np.array([float(row[v]) if v in numbers else row[v] for row in rows]) for v in chosen}
        match = coarsened_exact(columns, treated, asked.get("bins", {}), asked["target"])
    first, number = {}, match.set_id.tolist()
    labels = ["0" if k == 0 else str(first.setdefault(k, len(first) + 1)) for k in number]
    assert digest(labels) == case["digest"]
    agrees_on_weights(match, case, treated)
    own = []
    for k in range(1, match.set_id.max() + 1):
        one, two = (match.weight[(match.set_id == k) & arm] for arm in (treated, ~treated))
        own.append([len(one), len(two), one[0], two[0]])
    assert np.array(sorted(own)) == pytest.approx(np.array(case.get("classes", sorted(own))), rel=1e-10)
