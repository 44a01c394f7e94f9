"""The exported R script, run by R, gives the estimates of results.csv at 1e-8."""

import csv
import math
import shutil
import subprocess

import pytest

from equipoise.reproduce.write import export_study
from equipoise.study import run_study

# numbers that the script does not make again: the match itself (its pairs are given), the flow of patients; scans, doses,
# later lines and adverse events over time (many rows per patient, which the analysis data set does not hold); and
# penalised Cox models, which the package survival does not have
NOT_REPRODUCED = ("attrition.", "quality.", "design.", "conduct.", "exposure.", "post_index.")
SAFETY_DETAIL = {  # from events and doses over time
    *(f"led_to_{action}" for action in ("reduction", "interruption", "discontinuation")),
    "lab_any_grade", "lab_grade_3_4", "lab_grade_5", "rate_per_100_months", "cumulative_incidence", "exposure",
}  # fmt: skip
RESPONSE_DETAIL = {  # from visits and lesions, which the analysis data set does not hold
    *(f"{kind}_{named}" for kind in ("best_response", "orr", "dcr") for named in ("confirmed", "unconfirmed")),
    "agreement", "recorded",
}  # fmt: skip


def study_path(repository, name):
    if name == "gbsg2":
        return repository / "examples" / "gbsg2" / "study.yaml"
    return repository / "src" / "equipoise" / "simulate" / "founding" / "study.yaml"


def run_r(folder) -> dict[str, dict[str, str]]:
    if shutil.which("Rscript") is None:
        pytest.skip("Rscript is not on this machine")
    has_survival = subprocess.run(["Rscript", "-e", "library(survival)"], capture_output=True, check=False)
    if has_survival.returncode:
        pytest.skip("R has no package survival on this machine")
    done = subprocess.run(["Rscript", "reproduce.R"], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with (folder / "results_r.csv").open(encoding="utf-8") as f:
        return {row["key"]: row for row in csv.DictReader(f)}


def compare(study, theirs) -> int:
    wrong, compared = [], 0
    for key, row in study.estimates.rows.items():
        if key not in theirs:
            outside = key.startswith(NOT_REPRODUCED) or "_firth." in key or row.analysis in RESPONSE_DETAIL | SAFETY_DETAIL
            outside = outside or "holm" in row.statistic or row.statistic == "tests"
            assert outside or math.isnan(row.value), f"the R script has no {key}"
            continue
        for field in ("value", "low", "high"):
            ours, text = getattr(row, field), theirs[key][field]
            if math.isnan(ours):
                same = text in ("", "NA", "NaN", "Inf")
            else:
                same = text not in ("", "NA", "NaN") and ours == pytest.approx(float(text), rel=1e-8, abs=1e-300)
            if not same:
                wrong.append((key, field, ours, text))
            compared += 1
    assert wrong == []
    return compared


@pytest.mark.parametrize(("name", "at_least"), [("gbsg2", 1500), ("founding", 6000)])
def test_r_gives_the_same_numbers(repository, tmp_path, name, at_least):
    study = run_study(study_path(repository, name))
    export_study(study, tmp_path, "r")
    assert compare(study, run_r(tmp_path)) >= at_least


@pytest.mark.slow
def test_r_gives_the_same_numbers_under_sas_conventions(repository, tmp_path):
    study = run_study(study_path(repository, "founding"), profile="sas")
    export_study(study, tmp_path, "r")
    assert compare(study, run_r(tmp_path)) >= 6000


def test_the_folder_holds_what_it_says(repository, tmp_path, tiny):
    study = run_study(tiny.write())
    for language in ("r", "sas"):
        script = export_study(study, tmp_path / language, language)
        assert script.exists() and (tmp_path / language / "README.txt").exists()
        with (tmp_path / language / "analysis.csv").open(encoding="utf-8") as f:
            assert len(list(csv.DictReader(f))) == study.cohort.n
    sas = (tmp_path / "sas" / "reproduce.sas").read_text(encoding="utf-8")
    assert "proc phreg data=d covs(aggregate); model os_time*os_event(0) = treated / ties=efron" in sas
    assert "Not run by its writers" in sas
