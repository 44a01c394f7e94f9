"""Weights from the propensity score: their formulas, who leaves, what is said of them, and when there are none."""

from collections import Counter

import numpy as np
import pytest

from equipoise.errors import EquipoiseError
from equipoise.study import run_study

TARGETS = ("ate", "att", "atc", "overlap", "matching")
SCORE = ["age", "vi"]


def weighted(sheet, **more):
    """The design `w` of the sheet; more: keys of it."""
    sheet.protocol.pop("design", None)
    sheet.protocol["designs"] = {"w": {"kind": "weights", "target": "ate", "propensity": SCORE, **more}}
    return run_study(sheet.write())


@pytest.mark.parametrize("target", TARGETS)
def test_the_weights_are_those_of_the_definition(sheet, target):
    """Written out patient by patient from the score."""
    study = weighted(sheet, target=target)
    design = study.design("w")
    for arm, e, w in zip(study.cohort.arm, design.propensity, design.weight, strict=True):
        own, rest = (e, 1 - e) if arm == "a" else (1 - e, e)
        expected = {
            "ate": 1 / own,
            "att": 1 if arm == "a" else e / (1 - e),
            "atc": 1 if arm == "b" else (1 - e) / e,
            "overlap": rest,
            "matching": min(own, rest) / own,
        }[target]
        assert w == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("target", TARGETS)
def test_stabilised_weights_change_no_estimate(sheet, target):
    """Within an arm they are a multiple: curves, Table 1 and effective sizes stay, and the sum of the weights of ate is n."""
    plain, stabilised = weighted(sheet, target=target), weighted(sheet, target=target, stabilised=True)
    for key, row in plain.estimates.rows.items():
        if row.design == "w" and not row.analysis.startswith("cox") and not (row.phase == "baseline" and row.statistic == "n"):
            other = stabilised.estimates[key]
            assert np.allclose([other.value, other.low, other.high], [row.value, row.low, row.high], rtol=1e-9, equal_nan=True), (
                key
            )
    share = stabilised.design("w").weight / plain.design("w").weight
    assert np.allclose(share, np.where(plain.cohort.in_arm("a"), *(plain.cohort.in_arm(a).mean() for a in "ab")))


def test_overlap_weights_balance_the_covariates_of_the_score_exactly(sheet):
    rows = [b for b in weighted(sheet, target="overlap").design("w").balance if b.in_propensity]
    assert rows and all(b.smd == 0.0 for b in rows)


def test_who_has_no_score_leaves_as_from_a_match(sheet):
    sheet.columns["age"][3] = sheet.columns["age"][7] = ""
    sheet.columns["site"] = ["E" if a == "A" and i < 9 else "D" for i, a in enumerate(sheet.columns["arm"])]
    sheet.protocol["covariates"]["site"] = {
        "label": "Site", "kind": "categorical", "from": "site", "levels": {"D": "D", "E": "E"},
    }  # fmt: skip
    study = weighted(sheet, propensity=["age", "vi", "site"])
    design = study.design("w")
    alone = sheet.columns["site"].count("E") - sum(sheet.columns["site"][i] == "E" for i in (3, 7))
    assert Counter(design.left.tolist()) == {"": 60 - 2 - alone, "missing_covariate": 2, "no_counterpart": alone}
    assert design.sample.n == 60 - 2 - alone and (design.weight[~design.include] == 0).all()
    assert study.estimates["design.w.left_out.no_counterpart.a.n"].value == alone
    assert "design.w.left_out.no_partner.a.n" not in study.estimates.rows
    assert study.estimates["baseline.w.total.n"].value == design.sample.n


def test_arms_that_do_not_overlap_have_no_weights(sheet):
    sheet.columns["vi"] = [int(a == "A") for a in sheet.columns["arm"]]
    with pytest.raises(EquipoiseError, match="separates the arms completely"):
        weighted(sheet)


def test_a_design_beside_the_primary_one_that_cannot_be_made_is_told_and_the_others_stand(sheet):
    sheet.columns["apart"] = [int(a == "A") for a in sheet.columns["arm"]]
    sheet.protocol["covariates"]["apart"] = {"label": "Apart", "kind": "binary", "from": "apart = 1"}
    sheet.protocol.pop("design")
    sheet.protocol |= {"primary": "good", "propensity": SCORE}
    sheet.protocol["designs"] = {
        "good": {"kind": "weights", "target": "overlap"},
        "bad": {"kind": "weights", "target": "att", "propensity": ["age", "apart"]},
    }
    study = run_study(sheet.write())
    assert [d.name for d in study.designs] == ["unadjusted", "good"] and "separates the arms" in study.designs.unmade["bad"]


def test_a_large_weight_and_a_small_effective_size_are_said(sheet):
    """Patients of B are young but for one of 79, whom the arm A looks like: that patient stands for nearly all of A."""
    n = 240
    sheet.columns = {
        "id": [f"P{i:03d}" for i in range(n)],
        "arm": ["A" if i < 120 else "B" for i in range(n)],
        "age": [70 + i % 10 for i in range(120)] + [40 + i % 25 for i in range(119)] + [79],
        "vi": [i % 2 for i in range(n)],
        "stage": ["I"] * n,
        "days": [1 + (i * 37) % 500 for i in range(n)],
        "dead": [1] * n,
    }
    sheet.protocol["cox"] = {}
    design = weighted(sheet, target="att", propensity=["age"]).design("w")
    assert design.sample.among(np.arange(n) >= 120).effective_n < 2
    assert any("effective sample size of 1." in said and "arm Beta" in said for said in design.remarks)
    assert any("times the mean of the arm" in said for said in design.remarks)


def test_variants_of_a_weighted_primary_design_are_weighted_again(sheet):
    sheet.protocol["sensitivity"] = {"propensity_variants": {"few": {"label": "Age alone", "covariates": ["age"]}}}
    study = weighted(sheet, target="overlap")
    variant = study.design("variant_few")
    assert variant.sample.weighted and variant.model.covariates == ("age",)
    assert "weighted" in study.estimates["survival.os.variant_few.cox.a-vs-b.hr"].method


def test_the_treated_of_one_arm_are_the_untreated_of_the_other(sheet):
    """att of the focal arm a is atc where b is focal: the same patients, the same weights, the same hazard ratio."""
    first = weighted(sheet, target="att")
    sheet.protocol["arms"]["focal"] = "b"
    second = weighted(sheet, target="atc")
    assert np.allclose(first.design("w").weight, second.design("w").weight, rtol=1e-9)
    ours, theirs = (s.estimates["survival.os.w.cox.a-vs-b.hr"] for s in (first, second))
    assert (ours.value, ours.low, ours.high) == pytest.approx((theirs.value, theirs.low, theirs.high), rel=1e-9)


def test_the_order_of_the_rows_decides_nothing(sheet):
    first = weighted(sheet, target="overlap")
    sheet.columns = {name: values[::-1] for name, values in sheet.columns.items()}
    second = weighted(sheet, target="overlap")
    assert list(first.estimates.rows) == list(second.estimates.rows)
    for key, row in first.estimates.rows.items():
        other = second.estimates[key]
        assert np.allclose([other.value, other.low, other.high], [row.value, row.low, row.high], rtol=1e-9, equal_nan=True), key


def test_what_weighted_designs_lack_is_said_once(sheet):
    said = weighted(sheet, target="att").estimates.warnings
    assert sum("no log-rank test" in w and "Weighted (ATT)" in w for w in said) == 1
