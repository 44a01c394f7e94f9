"""A first protocol from a database: contract tables and domains, by words and counts alone."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from data.test_sdtm import AE, DM, DS, EX, LB, write_csv
from equipoise.cli import app
from equipoise.engine import DuckDBEngine
from equipoise.engine.leaving import of_patients
from tiny import tiny_in


def stored(folder: Path, files: list[Path]) -> str:
    folder.mkdir(exist_ok=True)
    with duckdb.connect(str(folder / "hospital.duckdb")) as connection:
        for file in files:
            connection.execute(f"create table {file.stem} as select * from read_csv('{file}', all_varchar = true)")
    return f"duckdb:///{folder / 'hospital.duckdb'}"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement of init whose rows were taken."""
    found: list[str] = []
    rows = DuckDBEngine.rows

    def told(self: DuckDBEngine, sql: str, parameters=()):
        found.append(sql)
        return rows(self, sql, parameters)

    monkeypatch.setattr(DuckDBEngine, "rows", told)
    monkeypatch.setattr("equipoise.cli.starting._first_run", lambda path: None)
    return found


def test_tables_of_the_contract(tmp_path: Path, asked: list[str]) -> None:
    tiny = tiny_in(tmp_path / "tiny")
    tiny.write()
    address = stored(tmp_path / "db", sorted((tmp_path / "tiny" / "data").glob("*.csv")))
    out = tmp_path / "study"
    told = ["--out", str(out), "--no-ask", "--without", "male"]  # in this study the arm tells the sex
    done = CliRunner().invoke(app, ["init", address, "--schema", "main", *told])
    assert done.exit_code == 0, done.output
    written = (out / "study.yaml").read_text(encoding="utf-8")
    assert 'schema: "main"' in written and address in written
    assert "alfamab (8), betanib (7), others of few patients" in done.output and "gammacid" not in done.output + written
    taken = [sql for sql in asked if sql.startswith("select") and "duckdb_columns" not in sql]
    assert not [sql for sql in taken if "count(" not in sql and of_patients(sql)]
    again = CliRunner().invoke(app, ["run", str(out / "study.yaml"), "--dry"])
    assert again.exit_code == 0, again.output


def test_domains(tmp_path: Path, asked: list[str]) -> None:
    """Eight subjects had A, four B; four have a test code that is not known."""
    for name, rows in {"dm": DM, "ex": EX, "lb": LB, "ae": AE, "ds": DS}.items():
        fourfold = [{**row, "USUBJID": f"{row['USUBJID']}_{k}"} for row in rows for k in range(4)]
        write_csv(tmp_path / "sdtm" / f"{name}.csv", fourfold)
    address = stored(tmp_path / "db", sorted((tmp_path / "sdtm").glob("*.csv")))
    out = tmp_path / "study"
    done = CliRunner().invoke(app, ["init", address, "--schema", "main", "--out", str(out), "--no-ask"])
    assert done.exit_code == 0, done.output
    assert "standard: sdtm" in (out / "study.yaml").read_text(encoding="utf-8")
    assert "A (8), others of few patients; all treated patients are one arm" in done.output and "S0" not in done.output
    assert "of test codes that the contract does not know: 1 of fewer than 5 subjects each" in done.output
    assert "ZZZ" not in done.output and " 4 " not in done.output


def test_a_schema_of_something_else(tmp_path: Path) -> None:
    write_csv(tmp_path / "strange.csv", [{"a": 1}])
    address = stored(tmp_path / "db", [tmp_path / "strange.csv"])
    done = CliRunner().invoke(app, ["init", address, "--schema", "main", "--out", str(tmp_path / "study")])
    assert done.exit_code == 2 and "holds no table of `equipoise codebook`" in done.output
    assert not (tmp_path / "study").exists()


@pytest.mark.parametrize("address", ["postgresql://host/db", "duckdb:///hospital.duckdb", "spark://local"])
def test_rows_are_not_taken_out_of_a_database(address: str) -> None:
    done = CliRunner().invoke(app, ["deidentify", address])
    assert done.exit_code == 2 and "export its tables as files" in done.output
