"""Several designs side by side on real patients, the weighted ones against R: survival 3.5-3, survey 4.1-1, weights from glm."""

import json
from pathlib import Path

import numpy as np
import pytest

from equipoise.study import run_study

R = json.loads((Path(__file__).parent / "reference" / "gbsg2_weights.json").read_text())
WEIGHTED = ("att", "ate", "atc", "overlap", "mw")


@pytest.fixture(scope="module")
def study(repository):
    return run_study(repository / "examples" / "gbsg2" / "designs.yaml")


@pytest.mark.parametrize("design", WEIGHTED)
def test_every_weighted_number_agrees_with_r(study, design):
    """At 1e-8 relative: hazard ratio with robust limits, subgroups and interaction, curves, Table 1, differences, effective n."""
    keys = [key for key in R if key.split(".")[2 if key.startswith("survival") else 1] == design and not key.startswith("scale")]
    assert len(keys) > 95
    for key in keys:
        row = study.estimates[key]
        for ours, theirs in zip((row.value, row.low, row.high), R[key], strict=True):
            if theirs is not None:
                assert ours == pytest.approx(theirs, rel=1e-8, abs=1e-12), key


def test_the_hazard_ratio_of_the_treated(study):
    """As coxph(weights =, robust = TRUE) prints it."""
    row = study.estimates["survival.rfs.att.cox.hormone-vs-none.hr"]
    assert (round(row.value, 6), round(row.low, 6), round(row.high, 6)) == (0.674031, 0.521236, 0.871616)
    assert "marginal hazard ratio (weighted, ATT), robust variance" in row.method


@pytest.mark.parametrize("design", WEIGHTED)
def test_no_test_that_hangs_on_the_scale_of_the_weights(study, design):
    """R's own chi2 doubles with the weights: such a P is none."""
    for test in ("ph_test", "score_test"):
        once, doubled, _ = R[f"scale.{design}.{test}"]
        assert doubled == pytest.approx(2 * once, rel=1e-6)
    rows = [r for r in study.estimates.rows.values() if r.design == design]
    with_p = {(r.phase, r.analysis) for r in rows if r.statistic == "p" or r.statistic.startswith("p_")}
    robust = {("effect", a) for a in ("rmst", "survival_difference", "doubly_robust", "cox_adjusted")}  # no scale in them
    assert with_p - robust == {("design", "propensity"), ("survival", "cox"), ("survival", "interaction")}
    assert not any("firth" in r.analysis or "pair" in r.analysis or r.analysis == "logrank" for r in rows)


@pytest.mark.parametrize("design", WEIGHTED)
def test_what_is_counted_is_patients(study, design):
    """n and events of the rows, and the numbers at risk of the curves; the effective ones stand beside them."""
    for arm, n in (("hormone", 246), ("none", 440)):
        assert study.estimates[f"baseline.{design}.{arm}.n"].value == n
        curve = study.estimates.curves[f"rfs.{design}.all.{arm}"]
        assert curve.weighted and curve.fit.at_risk_at([0.0]).tolist() == [n]
        effective = study.estimates[f"baseline.{design}.{arm}.effective_n"].value
        assert curve.fit.effective_at_risk_at([0.0]) == pytest.approx([effective])
        days = [0, 365, 1095, 4000]
        assert (np.asarray(curve.fit.effective_at_risk_at(days)) <= curve.fit.at_risk_at(days) + 1e-9).all()


def test_the_other_designs_do_not_move_for_the_company(study, repository):
    alone = run_study(repository / "examples" / "gbsg2" / "study.yaml").estimates
    for key, row in alone.rows.items():
        if row.analysis == "rmst":  # the other protocol has landmarks, the last of which is the horizon
            continue
        both = study.estimates[key]
        assert (both.n, both.events, both.method) == (row.n, row.events, row.method)
        ours, theirs = [both.value, both.low, both.high], [row.value, row.low, row.high]
        if row.statistic in ("ks", "overlap"):  # of all designs in one product, whose last digit hangs on their number
            assert np.allclose(ours, theirs, rtol=1e-12, atol=0, equal_nan=True)
        else:
            assert np.array_equal(ours, theirs, equal_nan=True)


def test_each_design_has_its_words_and_its_sample(study):
    assert [d.name for d in study.designs] == ["unadjusted", "matched", *WEIGHTED]
    for name in WEIGHTED:
        design = study.design(name)
        assert design.words.kind == "weights" and design.sample.weighted and not design.paired
        assert design.words.estimand and design.words.heading.startswith("After weighting")
    assert len({d.words.cohort for d in study.designs}) == len(study.designs)
