"""The same study in a DuckDB file: what holds in every database is tested here without a server."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from engines_agree import relations_that_differ, results_that_differ
from equipoise.engine import DuckDBEngine, open_engine
from equipoise.engine.leaving import of_patients
from equipoise.errors import DataError
from equipoise.study import run_study
from tiny import tiny_in


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tables as files (study.yaml) and as a database (stored.yaml)."""
    folder = tmp_path_factory.mktemp("stored")
    tiny = tiny_in(folder)
    path = tiny.write()
    with duckdb.connect(str(folder / "tiny.duckdb")) as connection:
        for file in sorted((folder / "data").glob("*.csv")):
            connection.execute(f"create table {file.stem} as select * from read_csv('{file}')")
    here = 'connection: "duckdb:///tiny.duckdb", schema: main'
    (folder / "stored.yaml").write_text(path.read_text(encoding="utf-8").replace("tables: data", here), encoding="utf-8")
    return folder


def test_every_number_and_relation_is_the_same_and_each_script_runs_alone(place, monkeypatch) -> None:
    here, there = run_study(place / "study.yaml"), run_study(place / "stored.yaml")
    assert results_that_differ(here, there) == []
    engine = there.sources.engine
    assert relations_that_differ(here.sources.engine, engine) == []
    monkeypatch.chdir(place)
    for name in ("cohort", "covariate", "endpoint_time"):
        with duckdb.connect(":memory:") as fresh:
            alone = fresh.execute(engine.script(name)).fetchall()
        assert sorted(map(repr, alone)) == sorted(map(repr, engine.rows(f"select * from {name}")))
    assert {x.relation for x in engine.record.leaving} >= {"cohort", "covariate", "endpoint_time"}
    assert here.sources.engine.record.leaving == ()


def test_a_file_that_is_not_there_or_no_database(place) -> None:
    text = (place / "stored.yaml").read_text(encoding="utf-8")
    for name, said in (("none.duckdb", "there is no file none.duckdb"), ("study.yaml", "cannot be opened as a database")):
        (place / "other.yaml").write_text(text.replace("tiny.duckdb", name), encoding="utf-8")
        with pytest.raises(DataError, match=said):
            run_study(place / "other.yaml")


def test_the_file_is_read_and_nothing_beside_it(place) -> None:
    before = (place / "tiny.duckdb").read_bytes()
    engine = open_engine("duckdb:///tiny.duckdb", place)
    engine.bring("brought", "main", "patient")
    engine.close()
    assert (place / "tiny.duckdb").read_bytes() == before


def test_a_table_that_changed_meanwhile_fails_the_whole(place, monkeypatch) -> None:
    """Of an engine that has no transaction; what it finds of its tables is tested there."""
    monkeypatch.setattr(DuckDBEngine, "changed", lambda self: ["main.lab"])
    with pytest.raises(DataError, match=r"main\.lab: the table changed while the study ran"):
        run_study(place / "stored.yaml")


ROWS_OF_PATIENTS = {
    "select * from cohort": True,
    "select age from covariate order by 1": True,
    "select distinct patient_id from lab": True,
    "select patient_id, count(*) from lab group by patient_id": True,
    "select person_id, max(day) from drug_era group by person_id": True,
    "select source_row from lab where value < 0": True,
    "select max(x) over () from t": True,
    "select count(*), max(day) from t": False,
    "select arm, count(*) from cohort group by arm": False,
    "select distinct item from t": False,
    "select a from t union all select count(*) from t": True,
    "select endpoint from setting_endpoint": False,
    "with c as (select * from t) select count(*) from c": False,
}


@pytest.mark.parametrize("sql", ROWS_OF_PATIENTS)
def test_rows_of_patients_are_told_from_counts(sql: str) -> None:
    assert of_patients(sql) is ROWS_OF_PATIENTS[sql]


def in_file(folder: Path, values: str) -> tuple[list[tuple], str]:
    """Rows of a table of a text and a number as they are brought, in the order in which they lie, and their hash."""
    with duckdb.connect(str(folder / "rows.duckdb")) as connection:
        connection.execute(f"create or replace table given as select * from (values {values}) as t(a, b)")
    engine = open_engine("duckdb:///rows.duckdb", folder)
    engine.bring("brought", "main", "given")
    found = engine.rows("select * from brought"), engine.content_hash("brought")
    engine.close()
    return found


def test_rows_are_numbered_by_their_columns_and_hashed_in_no_order(tmp_path) -> None:
    rows, hashed = in_file(tmp_path, "('b', 1), (null, 2), ('a', 10), ('B', null), ('a', 9)")
    assert rows == [("B", None, 1), ("a", 9, 2), ("a", 10, 3), ("b", 1, 4), (None, 2, 5)]
    assert in_file(tmp_path, "('a', 9), ('a', 10), ('B', null), ('b', 1), (null, 2)") == (rows, hashed)


def test_rows_that_read_alike_end_to_end_have_hashes_of_their_own(tmp_path) -> None:
    given = (
        "('1', '23')",
        "('12', '3')",
        "(null, '123')",
        "('-', '123')",
        "('123', null)",
        "('123', '-')",
        "('1', '23'), ('1', '23')",
    )
    assert len({in_file(tmp_path, values)[1] for values in given}) == len(given)
