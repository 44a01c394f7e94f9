"""The same study in Spark: every number and every relation as in the embedded engine. The tables are a folder of parquet files,
their cells text, days or numbers, and the Spark is one of this process."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from equipoise.engine import open_engine
from equipoise.engine import spark as engine_of_spark
from equipoise.study import run_study
from omop_cdm import tiny_cdm, write_cdm
from warehouse import SameStudies, Twin, agree, reading

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def twin(spark, tmp_path_factory: pytest.TempPathFactory) -> Twin:
    """The protocol again beside a folder of parquet files made of the files that it reads. kinds: their columns that are not
    text."""

    def made(path: Path, here: str, files: list[Path], more: tuple[str, ...] = (), typed: bool = False, **kinds: str) -> Path:
        folder = tmp_path_factory.mktemp("twin")
        (folder / "registry").mkdir()
        for file in files:
            as_parquet(file, folder / "registry" / f"{file.stem}.parquet", kinds, typed)
        return reading(path, folder, here, files, spark, more)

    return made


def as_parquet(file: Path, target: Path, kinds: dict[str, str], typed: bool) -> None:
    """typed: columns of numbers and days are found by looking."""
    with duckdb.connect() as connection:
        given = connection.execute(f"select * from read_csv('{file}', all_varchar = true) limit 0").description
        fields = ", ".join(f'cast("{c[0]}" as {kinds.get(c[0], "varchar")}) as "{c[0]}"' for c in given)
        fields = "*" if typed else fields
        connection.execute(
            f"copy (select {fields} from read_csv('{file}', all_varchar = {not typed})) to '{target}' (format parquet)"
        )


class TestSameStudies(SameStudies):
    """In Spark; some columns have types of their own."""


def test_tables_of_the_omop_model(tmp_path, twin) -> None:
    path = write_cdm(tmp_path, tiny_cdm())
    agree(run_study(path), run_study(twin(path, "path: cdm", sorted((tmp_path / "cdm").glob("*.csv")), typed=True)))


def test_a_table_that_changes_while_a_study_runs(spark, tmp_path) -> None:
    """A file of a folder that grows, a table of the catalog that is appended to, and a view of rows without files."""
    (tmp_path / "registry" / "lab").mkdir(parents=True)
    first = tmp_path / "registry" / "lab" / "part-0.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"copy (select 1 as a) to '{first}' (format parquet)")
        engine = open_engine(spark, tmp_path)
        engine._session.sql("create database if not exists kept")
        engine._session.sql("create table kept.grown using parquet as select 1 as a")
        engine._session.sql("create view kept.seen as select 1 as a")
        engine.stored("registry")
        engine.stored("kept")
        for schema, table in (("registry", "lab"), ("kept", "grown"), ("kept", "seen")):
            engine.bring(f"brought_{table}", schema, table)
        assert engine.changed() == []
        connection.execute(f"copy (select 2 as a) to '{first.with_name('part-1.parquet')}' (format parquet)")
    engine._session.sql("insert into kept.grown select 2")
    engine._session.sql("create or replace view kept.seen as select 2 as a")
    assert engine.changed() == ["registry.lab", "kept.grown", "kept.seen"]
    engine._session.sql("drop database kept cascade")
    engine.close()


def test_rows_are_numbered_by_ranges_as_one_window_numbers_them(tmp_path, spark) -> None:
    (tmp_path / "registry").mkdir()
    drawn = {
        "given": "select i % 7 as a, 'r' || i % 3 as b, 1000 - i as source_row from range(50) as t(i)",
        "by_all": "select i * 37 % 11 as a, case when i % 5 > 0 then 'é' || i * 13 % 17 end as b from range(500) as t(i)",
        "none": "select i as a, 'r' as b from range(0) as t(i)",
    }
    with duckdb.connect() as connection:
        for name, sql in drawn.items():
            connection.execute(f"copy ({sql}) to '{tmp_path}/registry/{name}.parquet' (format parquet)")
    engine = open_engine(spark, tmp_path)
    try:
        engine._session.conf.set("spark.sql.adaptive.coalescePartitions.enabled", "false")  # so few rows would be one range
        for name in drawn:
            columns = engine.bring("found", "registry", name)
            engine.create("expected", engine._made["found"])
            found, expected = (engine.rows(f"select * from {r} order by source_row") for r in ("found", "expected"))
            assert [repr(row[:2]) for row in found] == [repr(row[:2]) for row in expected]
            assert [row[2] for row in found] == list(range(1, len(found) + 1))
            assert columns == ["a", "b"]
            assert engine.columns("found")["source_row"] == "BIGINT"
    finally:
        engine._session.conf.unset("spark.sql.adaptive.coalescePartitions.enabled")
        engine.close()


def test_of_a_table_of_the_catalog_nobody_knows_how_large_it_is() -> None:
    assert engine_of_spark.reads_stored('select a from "registry"."lab"')
    assert not engine_of_spark.reads_stored("with lab as (select 1 as a) select a from lab join cohort on true")
