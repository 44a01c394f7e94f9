"""Balance of every design beyond means: distances, overlap, squares and interactions, through the whole chain."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from equipoise.study import run_study

COBALT = json.loads((Path(__file__).parent / "reference" / "cobalt_lalonde.json").read_text())
NUMBERS = ("age", "educ", "re74", "re75")
INDICATORS = ("married", "nodegree")
MATCH = {"kind": "match", "ties": "matchit"}
DESIGNS = {
    "matched": MATCH,
    "matched_pooled": {**MATCH, "label": "By pooled SD", "smd_denominator": "pooled"},
    "replace3": {**MATCH, "ratio": 3, "replace": True},
    "ate": {"kind": "weights", "target": "ate"},
    "att": {"kind": "weights", "target": "att"},
    "ato": {"kind": "weights", "target": "overlap"},
}
# glm of R stops at 1e-8, which moves what is weighted by its score
LOOSE = {"ate", "att", "ato"}
COLUMNS = {"Diff": "smd", "V.Ratio": "variance_ratio", "KS": "ks", "OVL": "overlap"}


@pytest.fixture(scope="module")
def lalonde(third_party, tmp_path_factory):
    """The outcome is made up, for no balance looks at it."""
    from sheet import Sheet

    with (third_party / "matching" / "lalonde_matchit.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    sheet = Sheet(tmp_path_factory.mktemp("lalonde"))
    sheet.columns = {"id": [r["id"] for r in rows], "arm": ["A" if r["treat"] == "1" else "B" for r in rows]}
    sheet.columns |= {name: [r[name] for r in rows] for name in (*NUMBERS, *INDICATORS, "race")}
    sheet.columns |= {"days": [1 + i % 97 for i in range(len(rows))], "dead": [1] * len(rows)}
    covariates = {name: {"label": name, "kind": "continuous", "from": name} for name in NUMBERS}
    covariates |= {n: {"label": n, "kind": "binary", "from": f"{n} = 1"} for n in INDICATORS}
    races = {"black": "Black", "hispan": "Hispanic", "white": "White"}
    covariates["race"] = {"label": "race", "kind": "categorical", "from": "race", "levels": races}
    del sheet.protocol["design"]
    sheet.protocol |= {"covariates": covariates, "cox": {}, "designs": DESIGNS, "primary": "matched"}
    sheet.protocol["propensity"] = ["age", "educ", "race", "married", "nodegree", "re74", "re75"]
    sheet.protocol["balance"] = {"squares_and_interactions": True}
    return run_study(sheet.write()).estimates


@pytest.mark.parametrize("case", [c for c in COBALT["cases"] if not c.endswith("_int")])
def test_every_measure_is_that_of_cobalt(lalonde, case):
    design, said = case.split("_")[0].lower(), COBALT["cases"][case]
    for column, statistic in COLUMNS.items():
        for term, theirs in zip(said["term"], said[f"{column}.Adj"], strict=True):
            name, _, level = term.partition("_")
            row = lalonde.find("baseline", statistic, design=design, variable=name, level=level)
            if theirs is None:
                assert row is None
                continue
            ours = 1 - row.value if statistic == "overlap" else row.value
            # overlap: cobalt sums 1001 points of a density of 512, on other points than ours by a rounding
            tolerance = {"rel": 5e-8, "abs": 5e-8} if design in LOOSE else {"rel": 1e-8, "abs": 1e-11}
            assert ours == pytest.approx(theirs, **tolerance), (term, statistic)


def test_interactions_are_those_of_cobalt(lalonde):
    """Which has 0/1 variables by both of their levels; ours enter once, for the other level says the same."""
    said, seen = COBALT["cases"]["matched_pooled_std_int"], 0
    for term, theirs in zip(said["term"], said["Diff.Adj"], strict=True):
        if "*" not in term or "married_0" in term or "nodegree_0" in term:
            continue
        sides = [side.split("_") for side in term.split(" * ")]
        one, other = sorted(sides, key=lambda s: s[0])
        level = " * ".join(s[1] for s in (one, other) if s[0] == "race")
        part = {"analysis": "squares_and_interactions", "design": "matched_pooled", "variable": f"{one[0]} * {other[0]}"}
        row = lalonde.find("baseline", "smd", level=level, **part)
        assert row.value == pytest.approx(theirs, rel=1e-8, abs=1e-11), term
        seen += 1
    assert seen == 33
