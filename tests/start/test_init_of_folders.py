"""`equipoise init` of folders: SDTM domains and contract tables."""

from __future__ import annotations

import csv
import shutil

import pytest
from beginning import begin
from typer.testing import CliRunner

from equipoise.cli import app
from equipoise.protocol.load import load_protocol
from equipoise.study import run_study


@pytest.mark.slow
def test_sdtm_folder(third_party, tmp_path):
    """A trial's domains: the arms of DM as treated (96, 86 and 72); deaths: DTHFL of DM."""
    shutil.copytree(third_party / "pharmaverse_onco" / "sdtm", tmp_path / "sdtm")
    path, said = begin(tmp_path / "sdtm")
    assert any("PULSE (8204)" in line for line in said) and not any("HGB" in line for line in said)
    assert "weight: {label" in path.read_text(encoding="utf-8"), "VS gives the body weight"
    study = run_study(path)
    assert study.protocol.arms.reference == "placebo"
    assert study.protocol.data.standard == "sdtm" and study.cohort.n_start == 306
    assert sorted(int(study.cohort.in_arm(a).sum()) for a in study.protocol.arms.groups) == [72, 86, 96]
    with (tmp_path / "sdtm" / "dm.csv").open(encoding="utf-8") as file:
        died = sum(r["DTHFL"] == "Y" and r["USUBJID"] in set(study.cohort.patient) for r in csv.DictReader(file))
    assert study.estimates["survival.os.unadjusted.event_count.total.events"].value == died > 1


@pytest.mark.slow
def test_sdtm_folder_compares_as_randomised(third_party, tmp_path):
    shutil.copytree(third_party / "pharmaverse_onco" / "sdtm", tmp_path / "sdtm")
    study = run_study(begin(tmp_path / "sdtm", arms=("Placebo", "Xanomeline Low Dose"))[0])
    assert study.protocol.design is None and [d.name for d in study.designs] == ["unadjusted"]
    assert "survival.pfs.unadjusted.cox.xanomeline_low_dose-vs-placebo.hr" in study.estimates.rows


@pytest.mark.slow
def test_sdtm_folder_as_a_single_arm(third_party, tmp_path):
    """All treated subjects of DM and EX: 96 + 86 + 72 = 254 of 306; those without a dose are counted as excluded."""
    shutil.copytree(third_party / "pharmaverse_onco" / "sdtm", tmp_path / "sdtm")
    path, said = begin(tmp_path / "sdtm", single=True)
    assert any("all treated patients are one arm" in line for line in said)
    study = run_study(path)
    assert study.cohort.n_start == 306 and study.cohort.n == 254
    assert [(e.reason, e.n) for e in study.cohort.attrition[-1].excluded] == [("No index treatment recorded", 52)]
    assert {"response", "safety", "exposure", "conduct"} <= {r.phase for r in study.estimates.rows.values()}


def test_a_folder_of_tables_is_asked_too(repository, tmp_path):
    """Arms by number, the reference by name, a covariate that must go."""
    shutil.copytree(repository / "src" / "equipoise" / "founding" / "data", tmp_path / "data")
    result = CliRunner().invoke(app, ["init", str(tmp_path / "data"), "--ask"], input="1,2\nlenvatinib\nweight\n")
    assert result.exit_code == 0, result.output
    protocol = load_protocol(tmp_path / "study.yaml")
    assert set(protocol.arms.groups) == {"lenvatinib", "sorafenib"} and protocol.arms.reference == "lenvatinib"
    assert "weight" not in protocol.covariates and "age" in protocol.covariates
    assert "patients    126 of " in result.output
    refused = CliRunner().invoke(app, ["init", str(tmp_path / "data"), "--out", str(tmp_path / "b"), "--arm", "drug", "--no-ask"])
    assert refused.exit_code == 2 and "--arm-is names the treatments" in refused.output
