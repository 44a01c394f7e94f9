"""`init` on tables of the OMOP common data model: what it lists, and that what it writes runs."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from equipoise.cli import app
from equipoise.errors import EquipoiseError
from equipoise.start.omop import Asked, begin_omop, is_omop
from equipoise.study import run_study
from omop_cdm import PAIN, Database, condition


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Tables alone, with back pain of fifteen persons after the index date; back pain is written in other letters than asked."""
    database = Database(tmp_path)
    database.tables["condition_occurrence"] += [condition(900 + p, p, PAIN, 300 + p) for p in range(1, 16)]
    database.tables["observation_period"] = [
        {**row, "observation_period_start_date": "2019-01-01"} for row in database.tables["observation_period"]
    ]
    database.write().unlink()
    return tmp_path


def test_it_lists_and_writes_a_study_that_runs(folder: Path):
    said: list[str] = []
    assert is_omop(folder / "cdm")
    path = begin_omop(str(folder / "cdm"), None, None, Asked("alfamab", "102", "BACK PAIN"), said.append)
    assert "drug        101 alfamab: 12 persons" in said
    assert any(line.endswith("203 Back pain: 15 persons") for line in said)
    study = run_study(path)
    assert (str(study.cohort.n_start), study.cohort.n) == ("masked", 22)  # two of 24 left
    assert list(study.protocol.arms.groups) == ["alfamab", "betanib"]
    assert int(study.outcomes.endpoints["outcome"].event.sum()) > 0


def test_nobody_named_takes_the_most_frequent_and_says_so(folder: Path):
    path = begin_omop(str(folder / "cdm"), None, None, Asked(), lambda line: None)
    text = path.read_text(encoding="utf-8")
    assert text.count("CONFIRM:") == 2
    assert "ids: [203]" in text


def test_concepts_of_few_persons_are_not_told(folder: Path):
    said: list[str] = []
    with pytest.raises(EquipoiseError, match="no concept of condition_occurrence that 5 persons have is called so"):
        begin_omop(str(folder / "cdm"), None, None, Asked(outcome="201"), said.append)
    assert not any(" 201 " in line for line in said)


def test_a_database(folder: Path, monkeypatch):
    with duckdb.connect(str(folder / "data.duckdb")) as connection:
        connection.execute("create schema cdm")
        for table in sorted((folder / "cdm").glob("*.csv")):
            connection.execute(f"create table cdm.{table.stem} as select * from read_csv('{table}')")
    monkeypatch.chdir(folder)
    address = f"duckdb:///{folder / 'data.duckdb'}"
    found = CliRunner().invoke(app, ["init", address, "--schema", "cdm", "--target", "101", "--comparator", "102", "--no-ask"])
    assert found.exit_code == 0, found.output
    assert "patients    22 of masked: alfamab 11, betanib 11" in found.output
    assert "next        " in found.output
    beside = ["init", "duckdb:///data.duckdb", "--schema", "cdm", "--target", "101", "--comparator", "102", "--out", "study"]
    assert "patients    22 of masked" in CliRunner().invoke(app, beside).output
    assert 'connection: "duckdb:///../data.duckdb"' in (folder / "study" / "study.yaml").read_text(encoding="utf-8")
    again = CliRunner().invoke(app, ["init", address, "--schema", "cdm"])
    assert again.exit_code == 2
    assert "study.yaml already in" in again.output


def test_a_database_needs_its_schema(tmp_path: Path):
    with pytest.raises(EquipoiseError, match="name the schema"):
        begin_omop("duckdb:///x.duckdb", None, tmp_path, Asked(), lambda line: None)
