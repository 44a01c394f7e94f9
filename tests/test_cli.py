"""The command line: sentences, exit codes, progress."""

import os
import subprocess
import sys

import pytest

from equipoise.cli.running import run
from equipoise.cli.shared import open_page


def equipoise(*arguments: object, cwd=None) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "equipoise", *map(str, arguments)], capture_output=True, text=True, cwd=cwd,
        env={**os.environ, "COLUMNS": "200"},
    )  # fmt: skip


def test_run_writes_a_report_and_says_where(tiny):
    done = equipoise("run", tiny.write(), "--formats", "docx,pdf")
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == [
        "protocol", "data", "cohort", "covariates", "design", "outcomes", "estimates", "report", "manuscript", "manuscript",
        "audit",
    ]  # fmt: skip
    assert "16 screened, 15 analysed" in done.stdout and done.stderr == ""
    papers = [f"{name}.{kind}" for name in ("manuscript", "supplement") for kind in ("docx", "pdf")]
    for name in (
        *papers,
        "report.html",
        "results.csv",
        "results.parquet",
        "manifest.json",
        "log.txt",
        "sql",
        "tables",
        "figures",
    ):
        assert (tiny.folder / "out" / name).exists(), name

    readme = (tiny.folder / "out" / "README.txt").read_text(encoding="utf-8")
    named = {line.split()[0].rstrip("/") for line in readme.splitlines() if line and not line.startswith(" ")}
    assert {p.name for p in (tiny.folder / "out").iterdir()} - {"README.txt"} <= named
    assert readme.startswith("Two antibodies in lung cancer\n") and "NOTE: Invented patients." in readme
    assert f"Equipoise {equipoise('--version').stdout.split()[1]} (Python" in readme


def test_the_report_is_opened_when_asked(tiny, monkeypatch, capsys, undrawn):
    opened = []
    monkeypatch.setattr("webbrowser.open", lambda address: opened.append(address) or not opened[1:])
    run(tiny.write(), open_report=True)
    assert opened == [(tiny.folder / "out" / "report.html").resolve().as_uri()]
    open_page(tiny.folder / "out" / "report.html")
    assert "no browser could be opened; open " in capsys.readouterr().out


def test_faults_are_sentences_and_exit_with_2(tiny):
    tiny.tables["patient"][0]["sex"] = "W"
    tiny.tables["patient"][1]["age_index"] = 640
    done = equipoise("run", tiny.write())
    assert done.returncode == 2
    assert "Traceback" not in done.stderr and "640" not in done.stderr
    assert "2 faults; nothing was written:" in done.stderr
    assert "patient.csv, row 3, column age_index: out of range" in done.stderr
    assert not (tiny.folder / "out").exists()
    assert "Found: '640'." in equipoise("run", tiny.path, "--show-values").stderr


def test_check_estimates_nothing(tiny):
    done = equipoise("check", tiny.write())
    assert done.returncode == 0 and "no faults" in done.stdout
    assert not (tiny.folder / "out").exists()


def test_a_protocol_that_is_not_there():
    done = equipoise("run", "nowhere.yaml")
    assert done.returncode == 2 and "there is no such protocol file" in done.stderr and "Traceback" not in done.stderr


def test_codebook_prints_every_table():
    from equipoise.contract import TABLES

    done = equipoise("codebook")
    assert done.returncode == 0
    assert all(f"## {name}" in done.stdout for name in TABLES)
    assert "serology" not in done.stdout and "AFP" not in done.stdout


def test_codebook_prints_the_tables_of_packs_too():
    done = equipoise("codebook", "--pack", "liver", "--pack", "prior_line")
    assert done.returncode == 0
    assert "## serology" in done.stdout and "## firstline_infusion" in done.stdout and "| AFP | ng/mL |" in done.stdout
    done = equipoise("codebook", "--pack", "livr")
    assert done.returncode == 2 and "there is no pack 'livr'; shipped are liver, prior_line" in done.stderr


@pytest.mark.slow
def test_a_design_is_locked_compared_and_changed_knowingly(tiny):
    done = equipoise("design", tiny.write(), "--show-values")
    assert done.returncode == 0, done.stderr
    said = [line.split()[0] for line in done.stdout.splitlines()]
    assert said[:5] == ["protocol", "data", "cohort", "covariates", "design"] and {"sizes", "balance", "score"} < set(said)
    assert "outcomes stay unopened" in done.stdout and "patient     matched: T" in done.stdout
    assert (tiny.folder / "design.lock").exists() and (tiny.folder / "design.html").exists()
    again = equipoise("design", tiny.path)
    assert "nothing changed since it was locked on" in again.stdout and "matched: T" not in again.stdout
    tiny.protocol = tiny.protocol.replace("caliper: 3", "caliper: 2")
    refused = equipoise("check", tiny.write())
    assert refused.returncode == 2 and "caliper was 3.0 and is now 2.0" in refused.stderr
    assert "run with --changed-design" in refused.stderr and "Traceback" not in refused.stderr
    assert equipoise("check", tiny.path, "--changed-design").returncode == 0


@pytest.mark.parametrize("arguments", [("--help",), ("run", "--help"), ("design", "--help")])
def test_help(arguments):
    assert equipoise(*arguments).returncode == 0


@pytest.mark.slow
def test_demo_writes_the_founding_study_and_runs_it(tmp_path):
    done = equipoise("demo", tmp_path / "study")
    assert done.returncode == 0, done.stderr
    assert "194 screened, 126 analysed" in done.stdout and "36 pairs" in done.stdout
    assert (tmp_path / "study" / "out" / "report.html").exists()
    assert (tmp_path / "study" / "data" / "lesion_measure.csv").exists()
