"""Standardised survival (g-formula) through the whole study, beside R's survival; its restricted means; what is refused."""

from __future__ import annotations

import csv
import gzip
import json
import math
from pathlib import Path

import numpy as np
import pytest

from equipoise import stats
from equipoise.document.model import runs_of
from equipoise.errors import ProtocolError
from equipoise.protocol.load import load_protocol
from equipoise.records.reasons import reason
from equipoise.report.figures.standardised import standardised_alt, standardised_curves
from equipoise.report.lookup import Numbers
from equipoise.report.narrative import other_scales as said
from equipoise.report.narrative.methods import methods
from equipoise.report.tables.other_scales import other_scales_table
from equipoise.reproduce.coverage import not_regenerated
from equipoise.study import run_study
from sheet import Sheet, invented

HERE = Path(__file__).parent
CONTRAST = "a-vs-b"


@pytest.fixture(scope="module")
def known():
    return json.loads((HERE / "reference" / "standardised.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    with gzip.open(HERE.parent / "stats" / "data" / "cohort_1000.csv.gz", "rt", newline="") as file:
        rows = list(csv.DictReader(file))
    sheet = Sheet(tmp_path_factory.mktemp("standardised"))
    sheet.columns = {n: [r[n] for r in rows] for n in ("x1", "x3", "etype")} | {
        "id": [r["id"] for r in rows],
        "arm": ["A" if r["treat"] == "1" else "B" for r in rows],
        "days": [r["time"] for r in rows],
    }
    sheet.protocol["covariates"] = {n: {"label": n, "kind": "continuous", "from": n} for n in ("x1", "x3")}
    sheet.protocol["endpoints"]["os"]["event"] = {"column": "etype", "is": ["1"], "censored": ["0", "2"]}
    del sheet.protocol["design"]
    sheet.protocol |= {"landmarks": [365, 730, 1095], "propensity": ["x1", "x3"], "cox": {}, "primary": "att"}
    sheet.protocol["designs"] = {"att": {"kind": "weights", "target": "att"}}
    sheet.protocol["effects"] = {"standardised": {"replicates": 50, "seed": 3}}
    return sheet


@pytest.fixture(scope="module")
def study(cohort):
    return run_study(cohort.write())


def effect(study, rest, design="unadjusted"):
    return study.estimates.get(f"effect.os.{design}.{rest}")


@pytest.mark.parametrize("design", ["unadjusted", "att"])
def test_survival_of_r_gives_the_same_curves_and_means(study, known, design):
    """reference/standardised.R: coxph, survfit of everybody under each arm, averaged by the weights of the design."""
    for arm in "ab":
        for day, value in zip(known["days"], known[design][arm]["survival"], strict=True):
            row = effect(study, f"standardised.{day}_days.{arm}.survival", design)
            assert row.value == pytest.approx(value, rel=1e-8) and 0 <= row.low < row.value < row.high <= 1
        assert effect(study, f"standardised_rmst.{arm}.rmst", design).value == pytest.approx(known[design][arm]["rmst"], rel=1e-8)
    a, b = (known[design][arm] for arm in "ab")
    row = effect(study, f"standardised.730_days.{CONTRAST}.difference", design)
    assert row.value == pytest.approx(a["survival"][1] - b["survival"][1], abs=1e-9) and row.low < row.value < row.high
    assert "50 bootstrap samples, seed 3" in row.method and ("by their weights" in row.method) == (design == "att")
    mean = effect(study, f"standardised_rmst.{CONTRAST}.difference", design)
    assert mean.value == pytest.approx(a["rmst"] - b["rmst"], abs=1e-6) and mean.low < mean.value < mean.high


def test_a_model_in_each_arm(cohort, known, tmp_path):
    asked = {"model": "cox_by_arm", "replicates": 50}
    protocol = cohort.protocol | {
        "landmarks": [365],
        "design": "none",
        "effects": {"standardised": asked | {"covariates": ["x1", "x3"]}},
    }
    protocol = {key: value for key, value in protocol.items() if key not in ("designs", "primary", "propensity")}
    study = run_study(Sheet(tmp_path, cohort.columns, protocol).write())
    for arm in "ab":
        row = effect(study, f"standardised.365_days.{arm}.survival")
        assert row.value == pytest.approx(known["by_arm"][arm]["survival"][0], rel=1e-8)


def test_means_of_a_model_in_intervals_are_areas_under_lines_between_them():
    """By hand: trapezia between 1 at day 0 and the curve at the end of each interval."""
    draw = np.random.default_rng(5)
    time, event, arm = draw.exponential(100, 400), draw.random(400) < 0.8, np.arange(400) % 2
    at = 30.0 * np.arange(1, 7)
    fit = stats.pooled_logistic_curves(time, event, arm, np.empty((400, 0)), at, interval=30, df=2, horizon=165)
    heights = [1.0, *fit.treated]
    by_hand = sum(30 * (a + b) / 2 for a, b in zip(heights[:5], heights[1:6], strict=True))
    last = heights[5] + (heights[6] - heights[5]) / 2
    assert fit.means.treated == pytest.approx(by_hand + 15 * (heights[5] + last) / 2, rel=1e-12)


def test_a_horizon_needs_times_that_ascend():
    with pytest.raises(stats.ArrayError, match="ascend"):
        stats.standardised_curves([1, 2, 3, 4], [1, 1, 1, 1], [0, 1, 0, 1], np.zeros((4, 1)), [2, 1], horizon=2)


def test_the_page_prints_them(study):
    numbers = Numbers(study)
    labels = [row.cells[0].text for row in other_scales_table(numbers).body]
    assert labels.count("Survival at 730 days, standardized") == 2
    assert labels.count("Restricted mean to 1,095 days, standardized") == 2
    told = " ".join(r.text for b in methods(numbers) for r in runs_of(b))
    assert "a Cox model of treatment and x1 and x3" in told
    row = effect(study, f"standardised.1095_days.{CONTRAST}.difference", "att")
    shown = row.low > 0 or row.high < 0
    assert said.standardised_effect(numbers, "os", "att").startswith("The standardized" if shown else "A difference")
    figure = standardised_curves(study)
    assert len(figure.axes) == 2 and "at 1095 days" in standardised_alt(numbers).replace(",", "")
    assert effect(study, f"standardised.365_days.{CONTRAST}.difference").method in [
        r.method for r in study.estimates.rows.values()
    ]
    assert any("standardised" in key for key in not_regenerated(study))


def test_no_finite_model_says_why(sheet):
    """Nobody of stage III has the event: no Cox model of the stage is finite."""
    sheet.columns["dead"] = [0 if s == "III" else d for s, d in zip(sheet.columns["stage"], sheet.columns["dead"], strict=True)]
    sheet.protocol |= {"landmarks": [200], "effects": {"standardised": {"covariates": ["stage"], "replicates": 50}}}
    study = run_study(sheet.write())
    row = study.estimates.get(f"effect.os.unadjusted.standardised.200_days.{CONTRAST}.difference")
    assert math.isnan(row.value) and "no finite estimate" in reason(row.method)
    assert standardised_curves(study) is None


def test_without_asking_there_is_none(sheet):
    study = run_study(sheet.write())
    assert not any(row.analysis.startswith("standardised") for row in study.estimates.rows.values())


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (True, "no design has a score"),
        ({"covariates": ["agee"]}, "there is no covariate 'agee'"),
        ({"covariates": ["age", "age"]}, "named twice"),
        ({"covariates": ["age"], "replicates": 10}, "replicates"),
        ({"covariates": ["age"], "model": "coxx"}, "model"),
        ({"covariates": ["age"], "interval": 10}, "pooled_logistic alone"),
        ({"covariates": ["age"], "model": "pooled_logistic"}, "no whole multiple of the interval of 30 days"),
        ({"covariates": ["age"], "model": "pooled_logistic", "interval": 0.5}, "shorter than a day"),
    ],
)
def test_what_cannot_be_made_is_refused_before_it_runs(sheet, asked, words):
    sheet.protocol |= {"landmarks": [365], "effects": {"standardised": asked}}
    with pytest.raises(ProtocolError, match=words):
        load_protocol(sheet.write())


def test_an_interval_that_divides_the_landmarks_runs(sheet):
    asked = {"covariates": ["age"], "model": "pooled_logistic", "interval": 120, "replicates": 50}
    sheet.columns = invented(300)
    sheet.protocol |= {"landmarks": [600], "effects": {"standardised": asked}}
    row = run_study(sheet.write()).estimates.get("effect.os.unadjusted.standardised.600_days.a.survival")
    assert 0 < row.value < 1 and "pooled logistic" in row.method
