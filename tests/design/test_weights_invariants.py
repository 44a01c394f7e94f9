"""Weights by every method told in another order, under other names, and seen from the other arm: the same numbers."""

import numpy as np
import pytest

from equipoise.cohort.build import build_cohort
from equipoise.data.sources import read_sources
from equipoise.derive.covariates import derive_covariates
from equipoise.design.make import make_designs
from equipoise.protocol.load import load_protocol
from equipoise.study import run_study

SCORE = ["age", "vi", "stage"]
DESIGNS = {
    "entropy": {"kind": "weights", "target": "att", "method": "entropy"},
    "even": {"kind": "weights", "target": "ate", "method": "entropy", "trim": {"score": [0.2, 0.7]}},
    "score": {"kind": "weights", "target": "att", "method": "cbps", "truncate": 0.9},
    "cut": {"kind": "weights", "target": "atc", "truncate": 0.9, "trim": {"score": [0.2, 0.7]}},
    "classes": {"kind": "strata", "classes": 5},
    "all_classes": {"kind": "strata", "classes": 3, "target": "ate"},
}
OTHER = {"att": "atc", "atc": "att", "ate": "ate"}


def written(sheet, designs=DESIGNS):
    sheet.protocol.pop("design", None)
    sheet.protocol |= {"designs": designs, "primary": "cut", "propensity": SCORE, "landmarks": [50], "cox": {}}
    return sheet.write()


def made(sheet, designs=DESIGNS):
    """The designs alone."""
    protocol = load_protocol(written(sheet, designs))
    sources = read_sources(protocol)
    cohort = build_cohort(protocol, sources)
    return make_designs(protocol, cohort, derive_covariates(protocol, sources, cohort))


def same(first, second, leaving=()):
    """Every row of the designs but those that name what was changed."""
    seen = 0
    for key, row in first.estimates.rows.items():
        if row.design in DESIGNS and row.variable not in leaving:
            other = second.estimates[key]
            ours, theirs = ([r.value, r.low, r.high] for r in (row, other))
            assert np.allclose(ours, theirs, rtol=1e-7, atol=1e-9, equal_nan=True), key
            seen += 1
    assert seen > 500


def test_the_order_of_the_rows_decides_nothing(sheet):
    first = run_study(written(sheet))
    sheet.columns = {name: values[::-1] for name, values in sheet.columns.items()}
    same(first, run_study(written(sheet)))


def test_units_of_a_covariate_decide_no_weight(sheet):
    first = made(sheet)
    sheet.columns["age"] = [1000 * v - 7 for v in sheet.columns["age"]]
    second = made(sheet)
    for name in DESIGNS:
        assert second[name].weight == pytest.approx(first[name].weight, rel=1e-7)


def test_names_of_patients_decide_no_weight(sheet):
    """Classes that nobody has to be moved for hang on the score alone."""
    first = made(sheet)
    n = len(sheet.columns["id"])
    sheet.columns["id"] = [f"Q{(37 * i) % n:03d}" for i in range(n)]
    second = made(sheet)
    key = {str(p): i for i, p in enumerate(second.cohort.patient)}
    turn = [key[f"Q{(37 * i) % n:03d}"] for i in range(n)]
    row = {str(p): i for i, p in enumerate(first.cohort.patient)}
    here = [row[f"P{i + 1:03d}"] for i in range(n)]
    for name in DESIGNS:
        assert first[name].facts.get("moved", 0) == 0
        assert second[name].weight[turn] == pytest.approx(first[name].weight[here], rel=1e-9)


def test_the_treated_of_one_arm_are_the_untreated_of_the_other(sheet):
    """Targets and limits turned with the arm that the score is of. Nobody stands on the limit of a class here: a score there
    belongs to the class above, which is then the one below."""
    first = made(sheet)
    sheet.protocol["arms"]["focal"] = "b"
    turned = {name: spec | {"target": OTHER[spec.get("target", "att")]} for name, spec in DESIGNS.items()}
    for spec in turned.values():
        if "trim" in spec:
            low, high = spec["trim"]["score"]
            spec["trim"] = {"score": [round(1 - high, 12), round(1 - low, 12)]}
    second = made(sheet, turned)
    for name in DESIGNS:
        assert second[name].weight == pytest.approx(first[name].weight, rel=1e-7)


def test_the_scale_of_the_limit_follows_the_weights(sheet):
    """Stabilised weights are a multiple within an arm: of att, where one arm is looked at, truncation commutes with it."""
    asked = {"kind": "weights", "target": "att", "truncate": 0.9}
    study = made(sheet, DESIGNS | {"plain": asked, "stable": asked | {"stabilised": True, "label": "Stable"}})
    focal = study.cohort.in_arm("a")
    share = np.where(focal, focal.mean(), 1 - focal.mean())
    assert study["stable"].weight == pytest.approx(study["plain"].weight * share, rel=1e-12)
    assert study["stable"].facts["truncated"] == study["plain"].facts["truncated"]
