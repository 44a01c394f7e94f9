"""Designs made again within given imputations, and pooled: beside mice 3.15, MatchIt 4.7.2 and survival 3.5 on nhefs."""

from __future__ import annotations

import csv
import gzip
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from equipoise import stats
from equipoise.design.make import designs_again
from equipoise.estimate.imputed import imputation_rows
from equipoise.records import Drawn, Row
from equipoise.study import run_study
from sheet import Sheet, incomplete

HERE = Path(__file__).parent / "reference"
EFFECTS = json.loads((HERE / "nhefs_pooled.json").read_text(encoding="utf-8"))
KNOWN = json.loads((HERE / "nhefs_imputed.json").read_text(encoding="utf-8"))
NAMES = ("sex", "race", "age", "wt71", "smokeintensity", "income", "sbp", "cholesterol")
OURS = {"matched": "matched", "ATO": "overlap", "ATE": "ate"}


@pytest.fixture(scope="module")
def pooled(tmp_path_factory) -> list[Row]:
    """The rows of the study with the given imputations in place of drawn ones."""
    with gzip.open(HERE / "nhefs.csv.gz") as file:
        rows = list(csv.DictReader(io.TextIOWrapper(file, "utf-8")))
    sheet = Sheet(tmp_path_factory.mktemp("nhefs"))
    sheet.columns = {"id": [r["seqn"] for r in rows], "arm": ["A" if r["qsmk"] == "1" else "B" for r in rows]}
    sheet.columns |= {name: [r[name] for r in rows] for name in NAMES}
    sheet.columns |= {"days": [r["time"] for r in rows], "dead": [r["death"] for r in rows]}
    sheet.protocol["covariates"] = {n: {"label": n, "kind": "continuous", "from": n} for n in NAMES}
    sheet.protocol["endpoints"]["os"]["time"] = {"column": "days", "unit": "days"}
    sheet.protocol["endpoints"]["died"] = {
        "kind": "binary",
        "label": "Death",
        "short": "D",
        "event_label": "Death",
        "event": "dead = 1",
    }
    sheet.protocol |= {"landmarks": [EFFECTS["landmark"]], "rmst": {"horizon": EFFECTS["horizon"]}}
    del sheet.protocol["design"]
    models = {"univariable": ["income"], "multivariable": {"os": ["treatment", "age", "income"]}}
    sheet.protocol |= {"cox": models, "propensity": list(NAMES), "primary": "matched", "designs": {
        "matched": {"kind": "match", "ties": "matchit", "smd_denominator": "pooled"},
        "overlap": {"kind": "weights", "target": "overlap"},
        "ate": {"kind": "weights", "target": "ate"},
    }}  # fmt: skip
    study = run_study(sheet.write())
    drawn = given(study.covariates)
    imputed = designs_again(study.protocol, study.cohort, drawn)
    return list(imputation_rows(study.protocol, study.cohort, study.covariates, imputed, study.outcomes))


def given(covariates) -> Drawn:
    copies = []
    for k in range(5):
        values = dict(covariates.values)
        for name, sets in KNOWN["imputed"].items():
            filled = values[name].copy()
            filled[covariates.missing(name)] = sets[k]
            values[name] = filled
        copies.append(replace(covariates, values=values))
    names = tuple(KNOWN["imputed"])
    return Drawn(tuple(copies), names, NAMES, {}, {}, {})


def one(rows: list[Row], **parts: str) -> Row:
    (found,) = [r for r in rows if all(getattr(r, k) == v for k, v in parts.items())]
    return found


@pytest.mark.parametrize("theirs", OURS)
def test_each_imputation_agrees_with_r(pooled, theirs):
    z = stats.two_sided_z(0.95)
    for k, (estimate, variance) in enumerate(zip(*(KNOWN["designs"][theirs][x] for x in ("estimate", "variance")), strict=True)):
        row = one(pooled, analysis="cox_each_imputation", design=OURS[theirs], level=str(k + 1))
        assert np.log(row.value) == pytest.approx(estimate, abs=1e-10)
        assert (np.log(row.high / row.low) / (2 * z)) ** 2 == pytest.approx(variance, rel=1e-9)
    if theirs == "matched":
        assert [one(pooled, analysis="cox_each_imputation", design="matched", level=str(k)).events for k in range(1, 6)] == KNOWN[
            "events_matched"
        ]


@pytest.mark.parametrize("theirs", OURS)
def test_pooling_agrees_with_mice(pooled, theirs):
    known = KNOWN["designs"][theirs]
    find = {"analysis": "cox_imputed", "design": OURS[theirs]}
    hr, p, fmi, df = (one(pooled, statistic=s, **find) for s in ("hr", "p", "fmi", "df"))
    ours = [np.log(hr.value), np.log(hr.low), np.log(hr.high), p.value, fmi.value]
    assert ours == pytest.approx([known["qbar"], *known["ci95"], known["p"], known["fmi"]], rel=1e-9, abs=1e-10)
    assert df.value == pytest.approx(known["df_old_large_sample"], rel=1e-6)


def test_pairs_and_balance_over_the_imputations_agree_with_matchit(pooled):
    pairs = one(pooled, analysis="imputed", design="matched", variable="pairs")
    assert (pairs.value, pairs.low, pairs.high) == (np.mean(KNOWN["pairs"]), min(KNOWN["pairs"]), max(KNOWN["pairs"]))
    for name in NAMES:
        row = one(pooled, analysis="imputed_balance", design="matched", variable=name)
        each = [abs(found[name]) for found in KNOWN["smd_matched"]]
        assert [row.value, row.low, row.high] == pytest.approx([np.mean(each), min(each), max(each)], abs=1e-10)
        assert row.high == pytest.approx(KNOWN["smd_matched_max_abs"][name], abs=1e-10)


def test_what_is_pooled_and_what_has_no_imputed_covariate(pooled):
    """Of the matched pairs too; of the patients as they are what rests on an imputed covariate, and nothing else."""
    found = {(r.design, r.analysis) for r in pooled if r.analysis.endswith("_imputed")}
    scales = {"cox", "cox_adjusted", "rmst", "survival_difference", "doubly_robust", "risk"}
    assert {a.removesuffix("_imputed") for d, a in found if d == "matched"} == scales | {"cox_pair_stratified"}
    models = {"cox_adjusted", "cox_univariable", "cox_multivariable"}
    assert {a.removesuffix("_imputed") for d, a in found if d == "unadjusted"} == models


EFFECT = {("hr", "p", "fmi"): True, ("difference", "p", "fmi"): False, ("ratio", "p_ratio", "fmi_ratio"): True}
EFFECT |= {("odds_ratio", "p_odds", "fmi_odds"): True}


@pytest.mark.parametrize("design", ["overlap", "ate", "unadjusted"])
def test_every_effect_agrees_with_r_and_mice(pooled, design):
    compared = 0
    for what, known in EFFECTS["pooled"][design].items():
        analysis, name = what.split(".")
        term = {"variable": name} if design == "unadjusted" else {"variable": ""}
        statistic = "hr" if design == "unadjusted" else name
        names, logarithmic = next((n, log) for n, log in EFFECT.items() if n[0] == statistic)
        where = {"analysis": f"{analysis}_imputed", "design": design, **term}
        value, p, fmi = (one(pooled, statistic=n, **where) for n in names)
        ours = [np.log(v) if logarithmic else v for v in (value.value, value.low, value.high)]
        ours += [p.value, fmi.value]
        assert ours == pytest.approx([known[x] for x in ("estimate", "low", "high", "p", "fmi")], rel=1e-8, abs=1e-10), what
        compared += 1
    assert compared == {"overlap": 7, "ate": 8, "unadjusted": 4}[design]


def test_penalised_estimates_and_contrasts_do_not_pool(tmp_path):
    """A level of few patients and one without an event, each in an imputed covariate."""
    sheet = incomplete(Sheet(tmp_path))
    columns = sheet.columns
    columns["stage"] = ["III" if i in (3, 8) else s for i, s in enumerate(columns["stage"])]
    columns["dead"] = [0 if s in ("I", "III") else d for s, d in zip(columns["stage"], columns["dead"], strict=True)]
    sheet.protocol |= {"missing": {"impute": {"imputations": 2, "iterations": 2}}, "cox": {"univariable": ["stage", "age"]}}
    rows = run_study(sheet.write()).estimates.rows.values()
    assert {r.variable for r in rows if r.analysis == "cox_univariable_imputed"} == {"stage", "age"}
    assert any(r.analysis == "cox_univariable_firth" for r in rows)
