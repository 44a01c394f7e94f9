"""Values at a limit of measurement keep their comparator in whatever is written for others."""

from __future__ import annotations

import csv
import shutil
import subprocess

import pytest

from equipoise.handover import Asked, deidentify
from equipoise.study import export_study, run_study

CELLS = ("<0.5", "7.25", ">300", "1.5", "≤ 2", "12")
SIGNS = {"<0.5": "<", ">300": ">", "≤ 2": "<="}


@pytest.fixture
def study(sheet):
    sheet.columns["crp"] = [CELLS[i % 6] for i in range(60)]
    sheet.protocol["data"] |= {"limits": {"crp": "half"}}
    sheet.protocol["covariates"]["crp"] = {"label": "CRP", "kind": "continuous", "from": "crp"}
    sheet.protocol["covariates"]["high"] = {"label": "CRP of 10 and more", "kind": "binary", "from": "crp >= 10"}
    return sheet


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def signs(study, who):
    given = dict(zip(study.columns["id"], study.columns["crp"], strict=True))
    return [SIGNS.get(given[w], "") for w in who]


def test_adam(study, tmp_path):
    export_study(run_study(study.write()), tmp_path / "adam", "adam")
    found = rows(tmp_path / "adam" / "adsl.csv")
    assert len(found) == 60
    assert [r["CRPLC"] for r in found] == [r["HIGHLC"] for r in found] == signs(study, [r["USUBJID"] for r in found])
    note = (tmp_path / "adam" / "README.txt").read_text(encoding="utf-8")
    assert "crp: 20 values below a limit of measurement and 10 above; used was half of a lower limit." in note


@pytest.mark.parametrize(("language", "script"), [("r", "reproduce.R"), ("sas", "reproduce.sas")])
def test_scripts(study, tmp_path, language, script):
    export_study(run_study(study.write()), tmp_path / language, language)
    found = rows(tmp_path / language / "analysis.csv")
    assert [r["crp_comparator"] for r in found] == signs(study, [r["patient_id"] for r in found])
    assert "crp: 20 values below" in (tmp_path / language / "README.txt").read_text(encoding="utf-8")
    if language == "sas":
        assert "crp_comparator :$" in (tmp_path / language / script).read_text(encoding="utf-8")
    elif shutil.which("Rscript"):
        done = subprocess.run(["Rscript", script], cwd=tmp_path / language, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert len(rows(tmp_path / language / "results_r.csv")) > 50


def test_a_study_without_them_says_nothing(sheet, tmp_path):
    export_study(run_study(sheet.write()), tmp_path / "r", "r")
    assert "comparator" not in (tmp_path / "r" / "analysis.csv").read_text(encoding="utf-8")
    assert "limit of measurement" not in (tmp_path / "r" / "README.txt").read_text(encoding="utf-8")


def test_deidentified_cells_keep_theirs(study, tmp_path):
    done = deidentify(study.write().parent / "d.csv", Asked(tmp_path / "out", seed=2**80, keep_order=True))
    assert [r["crp"] for r in rows(done.out / "patients.csv")] == study.columns["crp"]
