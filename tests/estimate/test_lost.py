"""Who was lost by a design, beside those whom it kept: counts, reasons, and differences by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from equipoise.design.ends import patients_at_the_ends
from equipoise.errors import DataError, ProtocolError
from equipoise.estimate.lost import lost
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.lost import lost as in_words
from equipoise.report.tables.lost import losing_designs, lost_table
from equipoise.study import run_study

WEIGHTS = {"kind": "weights", "target": "overlap", "propensity": ["age", "vi"]}


@pytest.fixture
def study(sheet):
    sheet.columns["vi"][7] = ""  # nobody knows it: no score
    del sheet.protocol["design"]
    match = {"kind": "match", "propensity": ["age", "vi"], "caliper": 0.05}
    sheet.protocol |= {"designs": {"matched": match, "overlap": WEIGHTS}, "primary": "matched"}
    return run_study(sheet.write())


def test_counts_and_reasons_add_up_to_the_arm(study):
    for design in ("matched", "overlap"):
        for arm in ("a", "b"):
            kept, gone = lost(study.cohort, study.design(design), arm)
            row = {"design": design, "group": arm}
            if not gone.any():
                assert study.estimates.find("lost", "n", analysis="lost", **row) is None
                continue
            counted = [study.estimates.find("lost", "n", analysis=side, **row).value for side in ("kept", "lost")]
            assert counted == [kept.sum(), gone.sum()] and sum(counted) == study.cohort.in_arm(arm).sum()
            reasons = [r for r in study.estimates.rows.values() if (r.analysis, r.design, r.group) == ("left_out", design, arm)]
            little = study.estimates.find("lost", "n", analysis="little_weight", **row)
            assert sum(r.value for r in reasons) + (little.value if little else 0) == gone.sum()


def test_differences_by_hand(study):
    kept, gone = lost(study.cohort, study.design("matched"), "b")
    age, vi, stage = (study.covariates.values[name] for name in ("age", "vi", "stage"))
    a, b = age[gone], age[kept]
    by_hand = (a.mean() - b.mean()) / math.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)
    part = {"design": "matched", "analysis": "lost_vs_kept", "group": "b"}
    assert study.estimates.find("lost", "smd", variable="age", **part).value == pytest.approx(by_hand, rel=1e-12)
    known = ~np.isnan(vi)
    p, q = vi[gone & known].mean(), vi[kept & known].mean()
    by_hand = (p - q) / math.sqrt((p * (1 - p) + q * (1 - q)) / 2)
    assert study.estimates.find("lost", "smd", variable="vi", **part).value == pytest.approx(by_hand, rel=1e-12)
    share = study.estimates.find("lost", "percent", design="matched", analysis="lost", variable="stage", level="II", group="b")
    assert (share.events, share.n) == ((stage[gone] == "II").sum(), gone.sum())
    middle = study.estimates.find("lost", "median", design="matched", analysis="lost", variable="age", group="b")
    assert middle.value == np.median(age[gone])


def test_every_design_that_loses_somebody_has_a_table_and_a_sentence(study):
    numbers = Numbers(study)
    assert losing_designs(numbers) == ["matched", "overlap"]  # the one without a score
    for design in losing_designs(numbers):
        table = lost_table(numbers, design)
        assert table.supplement and len({sum(c.span for c in row.cells) for row in table.body}) == 1
        assert in_words(numbers, design)
    assert not numbers.has("lost", design="unadjusted")


def test_next_to_no_weight_is_lost(sheet):
    del sheet.protocol["design"]
    older = {k for k, x in enumerate(sheet.columns["arm"]) if x == "A"}
    farthest = min(older)
    sheet.columns["age"] = [
        a + (10 if k in older else 0) + (80 if k == farthest else 0) for k, a in enumerate(sheet.columns["age"])
    ]
    sheet.protocol |= {"designs": {"overlap": {**WEIGHTS, "propensity": ["age"]}}}
    study = run_study(sheet.write())
    design = study.design("overlap")
    rows = [r for r in study.estimates.rows.values() if r.analysis == "little_weight" and r.value > 0]
    assert rows
    for row in rows:
        mine = study.cohort.in_arm(row.group)
        light = mine & (design.weight < 0.1 * design.weight[mine].mean())
        assert row.value == light.sum() > 0


def test_patients_are_named_on_the_own_screen_alone(study):
    lines = list(patients_at_the_ends(study.protocol, study.designs))
    left = study.cohort.patient[~study.design("matched").include]
    assert all(any(line.startswith(f"matched: {p} ") for line in lines) for p in left)
    assert any("P008" in line and "missing covariate" in line for line in lines)
    weighed = [line for line in lines if "times the mean of the arm" in line]
    assert len(weighed) == 20  # five at each end of each arm
    flat = replace(
        study.design("overlap").sample, weight=np.where(study.cohort.in_arm("a"), 1.0, np.arange(study.cohort.n) + 1.0)
    )
    designs = replace(study.designs, designs=(replace(study.design("overlap"), sample=flat),))
    weighed = [line for line in patients_at_the_ends(study.protocol, designs) if "times the mean" in line]
    assert len(weighed) == 10 and all("(Beta)" in line for line in weighed)  # of those who weigh the same none stands at an end


EQUIPOISE = {"equipoise_share_below": 0.999}


@pytest.mark.parametrize(
    ("stop_if", "words"),
    [
        ({"smd_above": 0.0001}, "the difference is above 0.0001"),
        ({"effective_n_below": 500}, "the effective sample size of Alfa is"),
        (EQUIPOISE, "of the patients of an arm are in equipoise"),
    ],
)
def test_a_study_stops_at_declared_thresholds_alone(sheet, stop_if, words):
    sheet.columns["age"] = [a + (25 if x == "A" else 0) for a, x in zip(sheet.columns["age"], sheet.columns["arm"], strict=True)]
    sheet.protocol["design"] = {"propensity": ["age", "vi"], "caliper": 0.5}
    sheet.protocol["stop_if"] = stop_if
    with pytest.raises(DataError, match=words) as refused:
        run_study(sheet.write())
    assert all(f.place.startswith("study.yaml:") for f in refused.value.faults)
    sheet.protocol["stop_if"] = {"smd_above": 5, "effective_n_below": 0.5, "equipoise_share_below": 0.0001}
    design = run_study(sheet.write()).design("matched")
    assert set(design.facts["equipoise_share"]) == {"a", "b"}


@pytest.mark.parametrize("stop_if", [{}, {"smd_above": 0}, {"effective_n_below": -1}, {"equipoise_share_below": 2}, {"other": 1}])
def test_thresholds_that_say_nothing_are_refused(sheet, stop_if):
    sheet.protocol["design"] = {"propensity": ["age"]}
    sheet.protocol["stop_if"] = stop_if
    with pytest.raises(ProtocolError, match="stop_if"):
        run_study(sheet.write())


def test_thresholds_without_a_design_are_refused(sheet):
    sheet.protocol["stop_if"] = {"smd_above": 0.5}
    with pytest.raises(ProtocolError, match="there is no design"):
        run_study(sheet.write())


def test_the_equipoise_share_by_hand(study):
    """Walker 2013: F = e(1-p) / (e(1-p) + p(1-e)) with p the share treated; between 0.3 and 0.7."""
    design, focal = study.design("overlap"), study.cohort.in_arm("a")
    known = ~np.isnan(design.propensity)
    e, p = design.propensity[known], focal[known].mean()
    preference = e * (1 - p) / (e * (1 - p) + p * (1 - e))
    inside = (preference >= 0.3) & (preference <= 0.7)
    for arm, mine in (("a", focal[known]), ("b", ~focal[known])):
        row = study.estimates.find("design", "value", design="overlap", variable="equipoise_share", group=arm)
        assert row.value == pytest.approx(inside[mine].mean(), rel=1e-12)
