"""The same study in PostgreSQL: every number and every relation as in the embedded engine. The server is the tests' own; its user
may read the tables and make temporary ones, and its text is sorted otherwise than by bytes."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from equipoise.cli import app
from equipoise.engine.postgres import PostgresEngine
from equipoise.report.bundle import write_report
from equipoise.study import run_study
from pg_server import READER
from reproduce.test_adam import TRIAL
from tiny import tiny_in
from warehouse import SameStudies, Twin, agree, in_postgres

HIGH, LOW = "Xanomeline High Dose", "Xanomeline Low Dose"


@pytest.fixture(scope="module")
def twin(postgres, tmp_path_factory: pytest.TempPathFactory) -> Twin:
    return lambda path, here, files, more=(), **kinds: in_postgres(
        postgres, path, tmp_path_factory.mktemp("twin"), here, files, more, **kinds
    )


@pytest.fixture(scope="module")
def tiny_twin(twin, tmp_path_factory) -> tuple[Path, Path]:
    """A small study of files, and the same in a database."""
    folder = tmp_path_factory.mktemp("tiny")
    tiny = tiny_in(folder)
    left_out = next(row for row in tiny.tables["observation"] if row["patient_id"] == "T16")
    tiny.tables["observation"].append(left_out | {"value": 1 - left_out["value"]})  # a finding of who is not analysed
    path = tiny.write()
    return path, twin(path, "tables: data", sorted((folder / "data").glob("*.csv")))


class TestSameStudies(SameStudies):
    """In PostgreSQL; some columns have types of their own."""


def test_response_and_safety_of_invented_patients(tiny_twin) -> None:
    here, there = tiny_twin
    agree(run_study(here), run_study(there))


def test_designed_subjects_of_pharmaverse(third_party, tmp_path, twin) -> None:
    """Those of their domains that are csv; laboratory and vital signs are tested above."""
    folder = tmp_path / "sdtm"
    folder.mkdir()
    for file in (third_party / "pharmaverse_onco" / "sdtm").glob("*.csv"):
        shutil.copy(file, folder)
    path = tmp_path / "study.yaml"
    path.write_text(TRIAL.replace("KEPT", HIGH).replace("LEFT", LOW), encoding="utf-8")
    text = path.read_text(encoding="utf-8")
    there = tmp_path / "there.yaml"
    there.write_text(re.sub(r"_recist\.csv", "_recist", text), encoding="utf-8")
    other = twin(there, "path: sdtm", sorted(folder.glob("*.csv")))
    agree(run_study(path), run_study(other))


@pytest.fixture
def taken(monkeypatch) -> list[tuple[tuple[str, ...], list[tuple]]]:
    """Every row that the driver hands over, with its columns."""
    found: list[tuple[tuple[str, ...], list[tuple]]] = []
    run = PostgresEngine._run

    class Told:
        def __init__(self, cursor) -> None:
            self._cursor = cursor
            self.rowcount, self.description, self.fetchone = cursor.rowcount, cursor.description, cursor.fetchone

        def fetchall(self) -> list[tuple]:
            rows = self._cursor.fetchall()
            found.append((tuple(d.name for d in self.description), rows))
            return rows

    monkeypatch.setattr(PostgresEngine, "_run", lambda self, *given, **more: Told(run(self, *given, **more)))
    return found


def test_what_leaves_is_what_a_dry_run_says(tiny_twin, taken, tmp_path, undrawn) -> None:
    """Rows of patients that the driver handed over in a whole run and its report: the columns and numbers of rows that --dry
    printed, and patients who are analysed alone."""
    _, path = tiny_twin
    done = CliRunner().invoke(app, ["run", str(path), "--dry"])
    assert done.exit_code == 0 and not (path.parent / "out").exists(), done.output
    said = [line.removeprefix("leaves").strip() for line in done.output.splitlines() if line.startswith("leaves")]
    taken.clear()
    study = run_study(path)
    write_report(study, tmp_path / "out")
    left = json.loads((tmp_path / "out" / "manifest.json").read_text())["database"]["left"]
    assert [f"{x['relation']}: {', '.join(x['columns'])} ({x['rows']} rows)" for x in left] == said[:-1]
    analysed = set(study.cohort.patient)
    for columns, rows in taken:
        patients = {str(row[columns.index("patient_id")]) for row in rows} if "patient_id" in columns else set()
        patients = {p for p in patients if not p.startswith("-")}  # numbers of those whose names stay
        assert patients <= analysed, columns
        if patients:
            assert any(list(columns) == x["columns"] and len(rows) <= x["rows"] for x in left), columns
    assert study.cohort.n < study.cohort.n_start
    assert any(finding.rows for finding in study.quality.findings)


def test_the_manifest_says_what_was_read_and_no_user(tiny_twin, tmp_path, undrawn, repository) -> None:
    """The hash of a table is of its rows: another order of rows leaves it, another cell does not (test_postgres_faults)."""
    _, path = tiny_twin
    study = run_study(path)
    write_report(study, tmp_path / "out")
    told = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert told["data"]["patient"]["file"] == "registry.patient" and told["data"]["patient"]["rows"] == 16
    assert told["versions"]["PostgreSQL"][0].isdigit()
    for file in (tmp_path / "out").rglob("*"):
        assert not file.is_file() or f"{READER}@".encode() not in file.read_bytes(), file.name


def test_each_script_runs_alone_in_psql(tiny_twin, tmp_path, undrawn, postgres) -> None:
    """With no more than a study needs, in one session after another."""
    psql = shutil.which("psql")
    if psql is None:
        pytest.skip("psql is not installed")
    _, path = tiny_twin
    study = run_study(path)
    engine = study.sources.engine
    address = str(study.protocol.data.connection)
    for name in ("cohort", "covariate", "endpoint_time", "best_response", "worst_grade", "observed_followup"):
        file = tmp_path / f"{name}.sql"
        file.write_text(engine.script(name), encoding="utf-8")
        words = [psql, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", address, "-f", str(file)]
        done = subprocess.run(words, capture_output=True, text=True)
        assert done.returncode == 0, (name, done.stderr[:500])
        assert len(done.stdout.splitlines()) == engine.rows(f"select count(*) from {name}")[0][0] > 0, name
