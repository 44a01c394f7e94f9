"""A study of three arms against R: all arms together, weights of all of them, each arm against the reference."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pytest
from tests.sheet import Sheet, asked

from equipoise import stats
from equipoise.errors import ProtocolError
from equipoise.protocol.load import load_protocol
from equipoise.report.assemble import report_document
from equipoise.study import check_study, design_study, run_study

R = json.loads((Path(__file__).parent / "reference" / "several_arms.json").read_text())
FITTED = 2e-5  # nnet stops by the change of its deviance; the estimates of R's own coefficients agree so far


def three(folder: Path) -> Sheet:
    columns = {name: [row[name] for row in R["data"]] for name in R["data"][0]}
    protocol = asked()
    groups = {"a": ("Alfa", "A"), "b": ("Beta", "B"), "c": ("Gamma", "C")}
    protocol["arms"] = {"column": "arm", "reference": "a"}
    protocol["arms"]["groups"] = {key: {"label": label, "value": value} for key, (label, value) in groups.items()}
    return Sheet(folder, columns, protocol)


def designed(folder: Path, primary: str = "matched") -> Sheet:
    sheet = three(folder)
    del sheet.protocol["design"]
    weights = {name: {"kind": "weights", "target": name} for name in ("overlap", "ate", "matching", "att")}
    sheet.protocol |= {"propensity": ["age", "vi", "stage"], "primary": primary, "landmarks": [180, 365]}
    sheet.protocol["designs"] = {"matched": {"kind": "match"}, **weights}
    return sheet


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return run_study(three(tmp_path_factory.mktemp("plain")).write())


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return run_study(designed(tmp_path_factory.mktemp("designed")).write())


def effects(study, design: str, analysis: str = "cox", contrasts=("b vs a", "c vs a"), population: str = "all") -> dict:
    part = {"endpoint": "os", "design": design, "analysis": analysis, "population": population}
    rows = [study.estimates.find("survival", "hr", contrast=c, **part) for c in contrasts]
    p = [study.estimates.find("survival", "p", contrast=c, **part).value for c in contrasts]
    return {"hr": [r.value for r in rows], "low": [r.low for r in rows], "high": [r.high for r in rows], "p": p}


def agree(ours: dict, theirs: dict, rtol: float = 1e-8) -> None:
    for name, values in theirs.items():
        np.testing.assert_allclose(ours[name], values, rtol=rtol)


def test_all_arms_together_are_those_of_r(plain):
    find = plain.estimates.find
    where = {"endpoint": "os", "design": "unadjusted"}
    agree(effects(plain, "unadjusted"), R["cox"])
    for statistic in ("chi2", "p"):
        assert find("survival", statistic, analysis="logrank", **where).value == pytest.approx(R["logrank"][statistic], rel=1e-8)
        assert find("survival", statistic, analysis="cox_all_arms", **where).value == pytest.approx(
            R["wald"][statistic], rel=1e-8
        )
    assert find("survival", "p", analysis="ph_test", variable="treatment", **where).value == pytest.approx(R["zph"], rel=1e-8)
    medians = [find("survival", "median", analysis="kaplan_meier", group=a, **where).value for a in "abc"]
    assert medians == R["median"]
    model = {"analysis": "cox_multivariable", "variable": "treatment", **where}
    found = [find("survival", "hr", level=a, **model) for a in "bc"]
    np.testing.assert_allclose([r.value for r in found], R["multivariable"]["hr"], rtol=1e-8)
    np.testing.assert_allclose([r.low for r in found], R["multivariable"]["low"], rtol=1e-8)


def test_table_1_is_tested_over_all_arms(plain):
    def p(statistic: str, variable: str) -> float:
        return plain.estimates.find("baseline", statistic, design="unadjusted", variable=variable).value

    assert p("p", "age") == pytest.approx(R["kruskal"], rel=1e-8)
    assert p("p_pearson", "stage") == pytest.approx(R["pearson"], rel=1e-8)
    smd = plain.estimates.find
    assert smd("baseline", "smd", design="unadjusted", variable="age").value == pytest.approx(R["smd"][0], rel=1e-8)
    assert smd("baseline", "smd", design="unadjusted", variable="vi").value == pytest.approx(R["smd"][1], rel=1e-8)
    level = smd("baseline", "smd", design="unadjusted", variable="stage", level="III").value
    assert level == pytest.approx(R["smd"][2], rel=1e-8)


@pytest.mark.parametrize(("conventions", "expected"), [("r", "welch"), ("sas", "pooled")])
def test_means_of_several_arms_by_analysis_of_variance(tmp_path, conventions, expected):
    sheet = three(tmp_path)
    sheet.protocol |= {"tests": {"continuous": "t_test", "categorical": "fisher"}, "conventions": conventions, "cox": {}}
    find = run_study(sheet.write()).estimates.find
    assert find("baseline", "p", design="unadjusted", variable="stage").value == pytest.approx(R["fisher"], rel=1e-8)
    found = find("baseline", "p", design="unadjusted", variable="age")
    assert found.value == pytest.approx(R["pooled" if "pooled" in found.method else "welch"], rel=1e-8)
    assert expected in found.method.lower()


@pytest.mark.parametrize("target", ["ate", "overlap", "matching"])
def test_weights_of_all_arms_are_those_of_the_multinomial_score(study, target):
    theirs, design = R["weighted"][target], study.design(target)
    agree(effects(study, target), theirs["cox"], FITTED)
    find = study.estimates.find
    p = find("survival", "p", endpoint="os", design=target, analysis="cox_all_arms").value
    assert p == pytest.approx(theirs["wald"]["p"], rel=1e-4)
    np.testing.assert_allclose([design.facts["effective_n"][a] for a in "abc"], theirs["effective_n"], rtol=FITTED)
    curve = {"analysis": "kaplan_meier", "endpoint": "os", "design": target}
    levels = ("180 days", "365 days")
    ours = [[find("survival", "survival", group=a, level=t, **curve).value for t in levels] for a in "abc"]
    np.testing.assert_allclose(ours, theirs["survival"], rtol=FITTED)
    smd = [find("baseline", "smd", design=target, variable=v).value for v in ("age", "vi")]
    smd.append(find("baseline", "smd", design=target, variable="stage", level="III").value)
    np.testing.assert_allclose(smd, theirs["smd"], rtol=1e-3)


def test_each_arm_against_the_reference_is_a_study_of_two(study):
    pair = study.among("c_vs_a")
    assert list(pair.protocol.arms.groups) == ["a", "c"]
    assert [d.name for d in pair.designs] == ["unadjusted", "matched", "att"]
    agree(effects(study, "unadjusted", contrasts=["c vs a"], population="c_vs_a"), {k: [v] for k, v in R["two"]["cox"].items()})
    agree(effects(study, "att", contrasts=["c vs a"], population="c_vs_a"), {k: [v] for k, v in R["two"]["att"].items()})


def test_a_comparison_is_the_study_of_its_two_arms_alone(study, tmp_path):
    sheet = designed(tmp_path)
    sheet.protocol["arms"]["groups"].pop("c")
    sheet.protocol["arms"]["focal"] = "b"
    sheet.columns = {
        k: [x for x, arm in zip(v, sheet.columns["arm"], strict=True) if arm != "C"] for k, v in sheet.columns.items()
    }
    sheet.protocol["cox"] = {}
    alone, pair = run_study(sheet.write()), study.among("b_vs_a")
    mine = {r.texts: r for r in alone.estimates.rows.values() if r.design in ("unadjusted", "matched", "att")}
    theirs = {r.texts: r for r in pair.estimates.rows.values() if r.phase not in ("attrition", "quality")}
    assert len(theirs) > 200
    for texts, row in theirs.items():
        same = mine[texts]
        theirs_and_ours = [row.value, row.low, row.high], [same.value, same.low, same.high]
        np.testing.assert_allclose(*theirs_and_ours, rtol=1e-12, err_msg=str(texts))


def test_distances_are_those_of_the_two_arms_that_differ_most(study):
    """With the bandwidth of the smaller of the two, whoever else is in the study."""
    age, sample = study.covariates.values["age"], study.design("overlap").sample
    found = []
    for one, other in ("ab", "ac", "bc"):
        two = sample.include & (study.cohort.in_arm(one) | study.cohort.in_arm(other))
        given = age[two], study.cohort.in_arm(one)[two], sample.weight[two]
        found.append((stats.ks_distance(*given), stats.overlap_coefficient(*given)))
    rows = [study.estimates.find("baseline", s, design="overlap", variable="age").value for s in ("ks", "overlap")]
    assert rows == pytest.approx([max(k for k, _ in found), min(o for _, o in found)], rel=1e-9)


def test_a_factor_of_many_levels_has_no_distance_over_all_of_them(tmp_path):
    """Also where two of the arms have two of its levels alone, which among themselves would be a binary variable."""
    sheet = designed(tmp_path)
    columns = sheet.columns
    columns["stage"] = [s if a == "C" or s != "III" else "I" for s, a in zip(columns["stage"], columns["arm"], strict=True)]
    assert set(columns["stage"]) == {"I", "II", "III"}
    rows = run_study(sheet.write()).estimates
    assert rows.find("baseline", "ks", design="unadjusted", variable="stage") is None
    assert rows.find("baseline", "overlap", design="unadjusted", variable="stage").value < 1
    assert rows.find("baseline", "ks", design="unadjusted", variable="stage", level="III").value > 0


def test_the_order_and_names_of_arms_move_no_number(study, tmp_path):
    sheet = designed(tmp_path)
    groups = sheet.protocol["arms"]["groups"]
    sheet.protocol["arms"]["groups"] = {key: groups[key] for key in "cab"}
    other = run_study(sheet.write())
    for design in ("unadjusted", "overlap", "ate"):
        agree(effects(other, design), effects(study, design), 1e-10)


@pytest.mark.parametrize("primary", ["matched", "overlap"])
@pytest.mark.slow
def test_the_report_has_all_arms_and_each_comparison(tmp_path, primary):
    sheet = designed(tmp_path, primary)
    sheet.protocol["subgroups"] = {"age": {"label": "Age", "levels": {"below 62": "age < 62", "62 or older": "age >= 62"}}}
    sheet.protocol["restrict"] = {"invaded": {"label": "With invasion", "where": "vi"}}
    document = report_document(run_study(sheet.write()), {})
    anchors = [section.anchor for section in document.sections]
    for anchor in ("baseline", "survival", "comparisons", "compared_b_vs_a", "compared_c_vs_a", "restricted_invaded"):
        assert anchor in anchors
    table = next(b for s in document.sections for b in s.blocks if getattr(b, "name", "") == "table_survival")
    labels = [row.cells[0].text for row in table.body]
    assert "HR (95% CI) vs alfa" in labels


def faults(sheet: Sheet) -> list[str]:
    with pytest.raises(ProtocolError) as caught:
        load_protocol(sheet.write())
    return [f"{fault.rule}: {fault.message}" for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("key", "more"),
    [
        ("bundle", {"sensitivity": {"bundle": True}}),
        ("multiverse", {"multiverse": {"caliper": [0.1, 0.2]}}),
        ("impute", {"missing": "impute"}),
    ],
)
def test_what_needs_one_comparison_is_refused_by_its_key(tmp_path, key, more):
    sheet = designed(tmp_path)
    sheet.protocol |= more
    (said,) = faults(sheet)
    assert said.startswith(f"several arms: '{key}'") and "this study has 3 arms" in said


def test_nine_arms_are_refused_in_words(tmp_path):
    sheet = three(tmp_path)
    sheet.protocol["arms"]["groups"] = {f"a{i}": {"label": f"Drug {i}", "value": str(i)} for i in range(9)}
    sheet.protocol["arms"]["reference"] = "a0"
    assert "at most 8 arms" in faults(sheet)[0]


def test_the_name_of_a_comparison_is_taken(tmp_path):
    sheet = three(tmp_path)
    sheet.protocol["restrict"] = {"b_vs_a": {"label": "Young", "where": "age < 60"}}
    assert faults(sheet) == [
        "reserved name: 'b_vs_a' is the name of the comparison of 'b' with 'a' in the results; give this another name"
    ]


def test_a_design_that_two_arms_cannot_have_is_told_and_the_rest_stands(tmp_path):
    sheet = designed(tmp_path)
    stage = sheet.columns["stage"]
    sheet.columns["marker"] = [1 if arm == "C" else i % 2 for i, arm in enumerate(sheet.columns["arm"])]
    sheet.protocol["covariates"]["marker"] = {"label": "Marker", "kind": "binary", "from": "marker = 1"}
    sheet.protocol["designs"]["marked"] = {"kind": "weights", "target": "ate", "label": "Marked", "propensity": ["age", "marker"]}
    sheet.columns["stage"] = stage
    study = run_study(sheet.write())
    left = study.design("marked").left
    without = (study.cohort.arm != "c") & (study.covariates.values["marker"] == 0)
    assert (left[without] == "no_counterpart").all() and (left[~without] == "").all()


@pytest.mark.slow
def test_check_and_design_finish(tmp_path):
    path = designed(tmp_path).write()
    said: list[str] = []
    check_study(path, said.append)
    assert any("b_vs_a" in line for line in said)
    locked = design_study(path, dt.datetime(2026, 1, 1, tzinfo=dt.UTC), tmp_path / "design.lock")
    assert {"b_vs_a/matched", "c_vs_a/att", "overlap"} <= set(locked.lock.lock.made)
