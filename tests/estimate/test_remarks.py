"""Remarks that ask for caution: a variance clustered on few pairs."""

import pytest

from equipoise.estimate.remarks import remarks
from equipoise.protocol.load import load_protocol
from equipoise.records import Row
from equipoise.records.reasons import not_estimable


@pytest.mark.parametrize(("pairs", "said"), [(12, True), (19, True), (20, False), (36, False)])
def test_few_pairs_are_remarked_on(tiny, pairs, said):
    rows = [Row("design", "value", float(pairs), design="matched", variable="pairs")]
    found = list(remarks(load_protocol(tiny.write()), rows))
    assert bool(found) == said
    assert all(f"clustered on {pairs} pairs" in sentence for sentence in found)


def hazard_ratio(analysis, value, **more):
    return Row("survival", "hr", value, analysis=analysis, design="matched", endpoint="os", variable="treatment", **more)


def test_the_pair_bootstrap_is_told_and_no_other_range(tiny):
    rows = [hazard_ratio("cox_pair_bootstrap", 1.23, low=0.8, high=1.9), hazard_ratio("tie_orders", 3.0, low=2.0, high=4.0)]
    (said,) = remarks(load_protocol(tiny.write()), rows)
    assert said.startswith("The pair bootstrap gives the hazard ratio for OS, 1.23,") and "0.80 to 1.90" in said


@pytest.mark.parametrize(
    ("analysis", "kind"),
    [
        ("cox", "hazard"), ("cox_pair_stratified", "pair-stratified hazard"), ("cox_class_stratified", "class-stratified hazard"),
        ("cox_univariable", "univariable hazard"), ("cox_multivariable", "multivariable hazard"),
    ],
)  # fmt: skip
def test_what_is_not_estimable_names_its_model(tiny, analysis, kind):
    rows = [hazard_ratio(analysis, float("nan"), method=not_estimable("no event", "Cox"))]
    (said,) = remarks(load_protocol(tiny.write()), rows)
    assert said.startswith(f"The {kind} ratio of ") and "is not estimable: no event." in said


def test_a_subgroup_is_named_by_its_label(tiny):
    rows = [hazard_ratio("cox", float("nan"), method=not_estimable("no event", "Cox"), population="age_group <60")]
    (said,) = remarks(load_protocol(tiny.write()), rows)
    assert "(Age group: <60, matched)" in said and "age_group" not in said
