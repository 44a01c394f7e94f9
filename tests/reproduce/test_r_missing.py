"""The R script pools the imputed data sets, and makes the missing-indicator score, from the data alone."""

import csv
import math

import pytest
from test_r_script import run_r

from equipoise.reproduce.coverage import not_regenerated
from equipoise.reproduce.write import export_study
from equipoise.study import run_study
from sheet import Sheet, incomplete

BINARY = {"kind": "binary", "label": "Objective response", "short": "OR", "event_label": "Response", "event": "answer = 'yes'"}
CLOSE = {"imputed": 1e-8, "indicator": 1e-6}  # glm of R stops before the last digits
RULES = {"imputed": {"impute": {"imputations": 3, "iterations": 2}}, "indicator": "indicator"}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.slow
def test_r_makes_the_same(rule, tmp_path):
    sheet = incomplete(Sheet(tmp_path))
    sheet.protocol["missing"] = RULES[rule]
    sheet.protocol["designs"]["full"] = {"kind": "match", "method": "full"}
    sheet.protocol["landmarks"] = [100, 365]
    sheet.protocol["cox"] = {"univariable": ["age", "stage"], "multivariable": {"os": ["age", "vi", "treatment"]}}
    sheet.protocol["sensitivity"] = {"propensity_variants": {"two": {"label": "Two", "covariates": ["age", "vi"]}}}
    sheet.columns["answer"] = ["" if i % 13 == 0 else "yes" if i % 5 < 2 else "no" for i in range(len(sheet.columns["id"]))]
    sheet.protocol["endpoints"]["response"] = BINARY
    study = run_study(sheet.write())
    folder = export_study(study, tmp_path / "out", "r").parent
    run_r(folder)
    with (folder / "results_r.csv").open(encoding="utf-8") as file:
        theirs = {row["key"]: row for row in csv.DictReader(file)}
    outside = not_regenerated(study)
    wanted = ("cox_each_imputation", "_imputed.") if rule == "imputed" else (".propensity.", ".cox.")
    compared = 0
    for key, row in study.estimates.rows.items():
        if key in outside or math.isnan(row.value) or not any(word in key for word in wanted):
            continue
        compared += 1
        for name, value in (("value", row.value), ("low", row.low), ("high", row.high)):
            if not math.isnan(value):
                assert float(theirs[key][name]) == pytest.approx(value, rel=CLOSE[rule], abs=1e-9), (key, name)
    assert compared >= (150 if rule == "imputed" else 20)
