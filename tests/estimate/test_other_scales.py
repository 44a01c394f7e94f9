"""Restricted means, survival differences, doubly robust and adjusted rows through the whole study: by hand, and R's numbers on
the synthetic cohort. The exported R script makes every row again (tests/reproduce)."""

from __future__ import annotations

import csv
import gzip
import json
import math
import re
from pathlib import Path

import numpy as np
import pytest

from equipoise import stats
from equipoise.errors import DataError
from equipoise.records.reasons import reason
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.other_scales import followed_imbalance
from equipoise.study import run_study
from sheet import Sheet

STATS = Path(__file__).parents[1] / "stats"
CONTRAST = "a-vs-b"


def answers(name):
    return json.loads((STATS / "reference" / f"{name}.json").read_text(encoding="utf-8"))["results"]


def effect(study, rest, design="unadjusted"):
    return study.estimates.get(f"effect.os.{design}.{rest}")


@pytest.fixture
def eight(tmp_path):
    """Four patients of each arm, times in days; only the last of the reference arm is censored, on day 9."""
    sheet = Sheet(tmp_path)
    sheet.columns = {
        "id": [f"P{i}" for i in range(8)],
        "arm": list("AAAABBBB"),
        "days": [2, 4, 6, 8, 1, 3, 5, 9],
        "dead": [1, 1, 1, 1, 1, 1, 1, 0],
        "age": [50, 60, 55, 70, 52, 66, 58, 61],
    }
    sheet.protocol["covariates"] = {"age": {"label": "Age", "kind": "continuous", "from": "age"}}
    sheet.protocol["cox"] = {}
    return sheet


def test_restricted_means_and_a_survival_difference_by_hand(eight):
    """Areas to day 6: 2 + 2 x 3/4 + 2 x 2/4 = 4.5 and 1 + 2 x 3/4 + 2 x 2/4 + 1/4 = 3.75; on day 4, 2/4 less 2/4."""
    eight.protocol |= {"landmarks": [4], "rmst": {"horizon": 6}}
    study = run_study(eight.write())
    assert effect(study, "rmst.a.rmst").value == pytest.approx(4.5, rel=1e-12)
    assert effect(study, "rmst.b.rmst").value == pytest.approx(3.75, rel=1e-12)
    assert effect(study, f"rmst.{CONTRAST}.difference").value == pytest.approx(0.75, rel=1e-12)
    assert effect(study, f"rmst.{CONTRAST}.ratio").value == pytest.approx(1.2, rel=1e-12)
    assert effect(study, f"survival_difference.4_days.{CONTRAST}.difference").value == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize(
    ("asked", "days", "rule"),
    [
        ({}, 8, "the smaller of the last times observed in the arms"),
        ({"landmarks": [3, 7]}, 7, "the last landmark"),
        ({"landmarks": [3, 9]}, 9, "the last landmark"),
        ({"landmarks": [3, 12]}, 8, "the smaller of the last times observed in the arms"),
        ({"landmarks": [3, 7], "rmst": {"horizon": 5}}, 5, "declared"),
        ({"rmst": {"horizon": 9}}, 9, "declared"),
    ],
)
def test_the_horizon(eight, asked, days, rule):
    """The arm that lost everybody on day 8 stays known beyond it; the other one was observed up to day 9."""
    eight.protocol |= asked
    found = effect(run_study(eight.write()), "rmst.horizon")
    assert (found.value, found.method) == (days, rule)


def test_the_horizon_of_an_endpoint_comes_first(eight):
    eight.protocol |= {"rmst": {"horizon": 5}}
    eight.protocol["endpoints"]["os"]["rmst"] = {"horizon": 3}
    assert effect(run_study(eight.write()), "rmst.horizon").value == 3


def test_a_declared_horizon_beyond_observation_is_refused_at_its_line(eight):
    eight.protocol |= {"rmst": {"horizon": 10}}
    path = eight.write()
    with pytest.raises(DataError) as caught:
        run_study(path)
    (fault,) = caught.value.faults
    assert fault.place == f"study.yaml:{eight.line_of('horizon')}"
    assert "up to 10 days" in fault.message and "arm Beta nobody was observed longer than 9.0 days" in fault.message


def test_no_event_before_the_horizon_has_no_limits(eight):
    eight.columns["dead"] = [0] * 8
    study = run_study(eight.write())
    row = effect(study, f"rmst.{CONTRAST}.difference")
    assert row.value == 0 and math.isnan(row.low) and math.isnan(effect(study, f"rmst.{CONTRAST}.p").value)


@pytest.mark.parametrize("landmark", [1e-320, 1e-12])
def test_a_horizon_of_no_length_is_its_own_reason(eight, landmark):
    eight.protocol |= {"landmarks": [landmark]}
    row = effect(run_study(eight.write()), f"rmst.{CONTRAST}.difference")
    assert math.isnan(row.value) and reason(row.method) == "the horizon is no length of time"


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    """The synthetic cohort of 1,000 in a study: unadjusted, and weighted to everybody by all ten covariates."""
    with gzip.open(STATS / "data" / "cohort_1000.csv.gz", "rt", newline="") as file:
        rows = list(csv.DictReader(file))
    sheet = Sheet(tmp_path_factory.mktemp("cohort"))
    names = [f"x{i}" for i in range(1, 11)]
    sheet.columns = {n: [r[n] for r in rows] for n in names} | {
        "id": [r["id"] for r in rows],
        "arm": ["A" if r["treat"] == "1" else "B" for r in rows],
        "days": [r["time"] for r in rows],
        "dead": [r["event"] for r in rows],
    }
    sheet.protocol["covariates"] = {n: {"label": n, "kind": "continuous", "from": n} for n in names}
    del sheet.protocol["design"]
    sheet.protocol |= {"landmarks": [180, 365, 730, 1095], "propensity": names, "cox": {}, "primary": "ate"}
    sheet.protocol["designs"] = {t: {"kind": "weights", "target": t} for t in ("ate", "att", "overlap")}
    sheet.protocol["designs"]["matched"] = {"kind": "match"}
    return sheet


def changed(cohort, folder, **protocol):
    """The same patients under another protocol."""
    return Sheet(folder, cohort.columns, cohort.protocol | protocol)


@pytest.fixture(scope="module")
def study(cohort):
    return run_study(cohort.write())


@pytest.mark.parametrize(("design", "named"), [("unadjusted", "unadjusted"), ("ate", "ate")])
def test_r_on_the_synthetic_cohort(study, design, named):
    """Weighted and robust: survfit's influence, by the script contrasts.R."""
    r, z = answers("contrasts")["contrasts"][named], 1.959963984540054
    difference = effect(study, f"rmst.{CONTRAST}.difference", design)
    assert difference.value == pytest.approx(r["mean_treated"] - r["mean_control"], rel=1e-8)
    assert difference.high - difference.value == pytest.approx(z * r["mean_se"], rel=1e-8)
    ratio = effect(study, f"rmst.{CONTRAST}.ratio", design)
    assert math.log(ratio.high / ratio.value) == pytest.approx(z * r["mean_log_se"], rel=1e-8)
    for i, day in enumerate((180, 365, 730, 1095)):
        row = effect(study, f"survival_difference.{day}_days.{CONTRAST}.difference", design)
        assert row.value == pytest.approx(r["treated"][i] - r["control"][i], rel=1e-8)
        assert row.high - row.value == pytest.approx(z * r["se"][i], rel=1e-8)


def test_doubly_robust_needs_a_target_with_an_estimator(study):
    for design in ("ate", "att", "matched"):
        assert not math.isnan(effect(study, f"doubly_robust.365_days.{CONTRAST}.difference", design).value)
    row = effect(study, f"doubly_robust.365_days.{CONTRAST}.difference", "overlap")
    assert math.isnan(row.value) and "no augmented estimator" in reason(row.method)
    # a match and the weights of its arm have the same target, the same score and the same patients
    one, other = (effect(study, f"doubly_robust.365_days.{CONTRAST}.difference", d) for d in ("att", "matched"))
    assert (one.value, one.low, one.high) == (other.value, other.low, other.high)


def test_doubly_robust_follows_the_arm_that_it_is_meant_for(cohort, study, tmp_path):
    """The arm that is focal decides nothing where weights name their target: att of the one is atc of the other."""
    arms = cohort.protocol["arms"] | {"focal": "b"}
    designs = {"atc": {"kind": "weights", "target": "atc"}}
    turned = run_study(changed(cohort, tmp_path, arms=arms, designs=designs, primary="atc").write())
    for day in (180, 1095):
        rest = f"doubly_robust.{day}_days.{CONTRAST}.difference"
        one, other = effect(study, rest, "att"), effect(turned, rest, "atc")
        assert (one.value, one.low, one.high) == pytest.approx((other.value, other.low, other.high), rel=1e-8)


def test_adjusted_for_the_covariates_of_the_score(cohort, tmp_path):
    """The nine that tests/stats/reference/cohort_1000.R gave to coxph."""
    r = answers("cohort_1000")["cox_efron"]["coef"]
    names = [n for n in r if n != "treat"]
    row = effect(run_study(changed(cohort, tmp_path, propensity=names).write()), f"cox_adjusted.{CONTRAST}.hr")
    assert math.log(row.value) == pytest.approx(r["treat"], rel=1e-8)
    assert "conditional" in row.method


def test_nothing_left_unbalanced_adds_nothing(study):
    assert not [k for k in study.estimates.rows if ".cox_residual." in k]


def test_what_stays_unbalanced_is_adjusted_for_and_named(tmp_path):
    """A covariate outside the score, in which the arms differ, and one that is known only later, which cannot adjust."""
    sheet = Sheet(tmp_path)
    sheet.columns["marker"] = [10 * (a == "A") + i % 7 for i, a in enumerate(sheet.columns["arm"])]
    sheet.columns["later"] = sheet.columns["marker"]
    sheet.protocol["covariates"] |= {
        "marker": {"label": "Marker", "kind": "continuous", "from": "marker"},
        "later": {"label": "Later", "kind": "continuous", "from": "later", "known": "after_index"},
    }
    sheet.protocol["design"] = {"propensity": ["age"]}
    study = run_study(sheet.write())
    followed = [r for r in study.estimates.rows.values() if r.analysis == "cox_residual"]
    assert {r.variable for r in followed if r.statistic == "smd"} >= {"marker"}
    assert not any(r.variable == "later" for r in followed) and not any(r.design == "unadjusted" for r in followed)
    (hr,) = [r for r in followed if r.statistic == "hr"]
    assert "imbalanced: marker" in hr.method and hr.design == "matched"


def test_weights_are_followed_too_and_what_they_did_not_aim_at_is_told(tmp_path):
    """A covariate outside the score of weights: the adjusted estimate is weighted, with robust variance."""
    sheet = Sheet(tmp_path)
    sheet.columns["marker"] = [4 * (a == "A") + i % 7 for i, a in enumerate(sheet.columns["arm"])]
    sheet.protocol["covariates"]["marker"] = {"label": "Marker", "kind": "continuous", "from": "marker", "show": False,
                                              "role": "confounder"}  # fmt: skip
    del sheet.protocol["design"]
    sheet.protocol["designs"] = {"overlap": {"kind": "weights", "target": "overlap", "propensity": ["age", "vi", "stage"]}}
    study = run_study(sheet.write())
    hr = effect(study, f"cox_residual.{CONTRAST}.hr", "overlap")
    x, w = study.covariates.values["marker"], study.design("overlap").sample.weight
    own = stats.cox(sheet.columns["days"], sheet.columns["dead"], np.column_stack((study.cohort.in_arm("a"), x)), weight=w,
                    robust=True)  # fmt: skip
    assert (hr.value, hr.low, hr.high) == pytest.approx((own.hr[0], own.low[0], own.high[0]), rel=1e-9)
    said = followed_imbalance(Numbers(study), "overlap")
    assert re.search(r"marker \(\d\.\d\d, not in the score\) had an SMD above 0.25; adjusted for it, the conditional HR", said)
