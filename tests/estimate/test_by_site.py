"""Sites: Cox models stratified by them and pairs made within them, against R (reference/by_site.R)."""

import json
from pathlib import Path

import numpy as np
import pytest

from equipoise.errors import EquipoiseError
from equipoise.study import check_study, run_study
from sheet import Sheet, asked

R = json.loads((Path(__file__).parent / "reference" / "by_site.json").read_text(encoding="utf-8"))
HERE = {"endpoint": "os", "statistic": "hr"}


def by_site(folder, **changes):
    sheet = Sheet(folder, {k: list(v) for k, v in R["data"].items()}, asked())
    del sheet.protocol["covariates"]["stage"]
    sheet.protocol["cox"] = {"strata": ["site"], "univariable": ["age"], "multivariable": {"os": ["age", "vi", "treatment"]}}
    sheet.protocol["designs"] = {"matched": {"kind": "match", "propensity": ["age", "vi"], "exact": ["site"]}}
    del sheet.protocol["design"]
    sheet.protocol.update(changes)
    return sheet


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return run_study(by_site(tmp_path_factory.mktemp("site")).write())


def agrees(row, expected, k=0):
    assert (row.value, row.low, row.high) == pytest.approx([expected[p][k] for p in ("hr", "low", "high")], rel=1e-8)


def found(study, **parts):
    return study.estimates.find("survival", **HERE, **parts)


def test_the_treatment_and_several_covariates_are_stratified(study):
    row = found(study, analysis="cox", design="unadjusted", contrast="a vs b")
    agrees(row, R["treatment"])
    assert "stratified by site" in row.method
    p = study.estimates.find("survival", "p", endpoint="os", analysis="cox", design="unadjusted", contrast="a vs b")
    assert p.value == pytest.approx(R["treatment"]["p"][0], rel=1e-7)
    for k, name in enumerate(("age", "vi", "treatment")):
        row = found(study, analysis="cox_multivariable", design="unadjusted", variable=name)
        agrees(row, R["multivariable"], k)
        assert "multivariable, conditional, stratified by site" in row.method


def test_one_covariate_alone_is_not(study):
    row = found(study, analysis="cox_univariable", design="unadjusted", variable="age")
    assert "stratified" not in row.method
    assert row.value != pytest.approx(R["age"]["hr"][0], rel=1e-6)


def test_strata_of_several_names(tmp_path):
    sheet = by_site(tmp_path, design="none")
    del sheet.protocol["designs"]
    sheet.protocol["cox"]["strata"] = ["site", "vi"]
    agrees(found(run_study(sheet.write()), analysis="cox", design="unadjusted", contrast="a vs b"), R["two_strata"])


def test_pairs_agree_in_the_site_and_are_those_of_r(study):
    design = study.designs["matched"]
    assert design.facts["caliper"] == pytest.approx(R["caliper"][0], rel=1e-8)
    patient, arm = study.cohort.patient, study.cohort.arm
    pairs = set()
    for number in range(1, int(design.facts["pairs"]) + 1):
        both = np.flatnonzero(design.pair == number)
        pairs.add(tuple(patient[i] for i in sorted(both, key=lambda i: arm[i])))
        assert len(set(np.array(R["data"]["site"])[both])) == 1
    assert pairs == set(zip(R["pairs"]["a"], R["pairs"]["b"], strict=True))
    agrees(found(study, analysis="cox", design="matched", contrast="a vs b"), R["matched"])


def test_whose_site_the_other_arm_lacks_leaves_under_that_reason(study):
    design = study.designs["matched"]
    west = np.array(R["data"]["site"]) == "West"
    assert set(design.left[west]) == {"no_counterpart"} and not (design.left[~west] == "no_counterpart").any()
    assert [(g.variables, g.level, g.arm, g.n) for g in design.gaps] == [(("site",), "West", "a", 2)]
    assert not np.isnan(design.propensity[west]).any()  # one score, of everybody
    row = study.estimates.find(
        "design", "n", analysis="no_counterpart", design="matched", variable="site", level="West", group="a"
    )
    assert row.value == 2
    assert study.estimates.find("design", "value", design="matched", variable="no_counterpart").value == 2


def test_the_match_is_the_one_of_each_site_by_itself(study):
    """By brute force: within a site, the pairs are those of greedy matching among its patients alone."""
    design, site = study.designs["matched"], np.array(R["data"]["site"])
    focal = study.cohort.in_arm("a")
    partner = {}
    for place in ("North", "South", "East"):
        free = set(np.flatnonzero(~focal & (site == place)))
        for i in sorted(np.flatnonzero(focal & (site == place)), key=lambda i: -design.logit[i]):
            near = min(free, key=lambda j: abs(design.logit[j] - design.logit[i]), default=None)
            if near is not None and abs(design.logit[near] - design.logit[i]) <= design.facts["caliper"]:
                partner[i] = near
                free.remove(near)
    assert {frozenset(np.flatnonzero(design.pair == k)) for k in range(1, int(design.facts["pairs"]) + 1)} == {
        frozenset(p) for p in partner.items()
    }


def test_an_unknown_site_has_no_partner_and_no_stratum(tmp_path):
    sheet = by_site(tmp_path)
    sheet.columns["site"][0] = sheet.columns["site"][1] = ""
    study = run_study(sheet.write())
    assert list(study.designs["matched"].left[:2]) == ["missing_covariate"] * 2
    row = found(study, analysis="cox", design="unadjusted", contrast="a vs b")
    assert "stratified by site (2 without it left out)" in row.method and row.n == len(R["data"]["id"]) - 2


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (
            {"cox": {"strata": ["siet"]}},
            "'siet' is neither a covariate nor another value known at baseline; did you mean 'site'?",
        ),
        ({"cox": {"strata": ["dead"]}}, "'dead' is known only after the index date"),
        (
            {"designs": {"matched": {"kind": "match", "propensity": ["age"], "exact": ["arm"]}}},
            "no value of arm is shared by patients of both arms, so that nobody can be matched exactly",
        ),
    ],
)
def test_what_keeps_nobody_together_is_told(tmp_path, part, words):
    with pytest.raises(EquipoiseError) as caught:
        check_study(by_site(tmp_path, **part).write())
    (fault,) = caught.value.faults
    assert words in fault.message and fault.place.startswith("study.yaml:")


@pytest.mark.slow
def test_raw_tables_with_a_site(tiny):
    tiny.protocol = tiny.protocol.replace(
        "design: {propensity: [age], caliper: 3}", "design: {propensity: [age], exact: [site], caliper: 3}"
    )
    tiny.protocol = tiny.protocol.replace("cox:\n", "cox:\n  strata: [site]\n")
    study = run_study(tiny.write())
    for number in range(1, int(study.designs["matched"].facts["pairs"]) + 1):
        assert len(set(study.cohort.site[study.designs["matched"].pair == number])) == 1
    row = study.estimates.find("survival", "hr", endpoint="os", analysis="cox", design="unadjusted", contrast="alfa vs beta")
    assert "stratified by site" in row.method
