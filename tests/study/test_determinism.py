"""Same input, same bytes; no patient leaves, in drawings neither."""

import hashlib
from pathlib import Path

import pytest

from equipoise.report.bundle import write_report
from equipoise.study import run_study


def fingerprints(folder: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.rglob("*")) if p.is_file()
    }


def founding(repository: Path) -> Path:
    return repository / "src" / "equipoise" / "founding" / "study.yaml"


@pytest.mark.parametrize("name", ["gbsg2", pytest.param("founding", marks=pytest.mark.slow)])
def test_two_runs_are_byte_identical(repository, tmp_path, name):
    path = founding(repository) if name == "founding" else repository / "examples" / "gbsg2" / "study.yaml"
    for run in ("first", "second"):
        write_report(run_study(path), tmp_path / run, log=["x"])
    first, second = fingerprints(tmp_path / "first"), fingerprints(tmp_path / "second")
    assert first.keys() == second.keys() and len(first) > 20
    assert [k for k in first if first[k] != second[k]] == []


@pytest.mark.slow
def test_no_patient_row_leaves(tiny):
    study = run_study(tiny.write())
    write_report(study, tiny.folder / "out")
    text = "".join(
        p.read_text(encoding="utf-8", errors="ignore")
        for p in (tiny.folder / "out").rglob("*")
        if p.suffix in {".html", ".csv", ".json", ".txt", ".sql", ".svg", ".md"}
    )
    assert [p for p in study.cohort.patient if p in text] == []
