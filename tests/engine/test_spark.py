"""The same study in Spark: every number and every relation as in the embedded engine. The tables are a folder of parquet files,
their cells text, days or numbers, and the Spark is one of this process."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from data.test_sdtm import AE, DM, DS, EX, LB, QS, VS, protocol, write_csv
from engines_agree import relations_that_differ, results_that_differ
from equipoise.data.sources import read_sources
from equipoise.protocol.load import load_protocol
from equipoise.records import Study
from equipoise.study import run_study
from omop_cdm import tiny_cdm, write_cdm
from study.test_core_and_packs import FIRST_LINE, first_line, write

Twin = Callable[..., Path]
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("spark")]  # to begin a second Spark costs more than a test


@pytest.fixture(scope="module")
def twin(spark, tmp_path_factory: pytest.TempPathFactory) -> Twin:
    """The protocol again beside a folder of parquet files made of the files that it reads. kinds: their columns that are not
    text."""

    def made(path: Path, here: str, files: list[Path], more: tuple[str, ...] = (), typed: bool = False, **kinds: str) -> Path:
        folder = tmp_path_factory.mktemp("twin")
        (folder / "registry").mkdir()
        for file in files:
            as_parquet(file, folder / "registry" / f"{file.stem}.parquet", kinds, typed)
        text = path.read_text(encoding="utf-8")
        assert text.count(here) == 1
        parts = (f'connection: "{spark}"', "schema: registry", *more)
        join = ", " if "{" in text[: text.index(here)].splitlines()[-1] else "\n  "
        for file in path.parent.iterdir():
            if file.is_file() and file not in files:
                shutil.copy(file, folder)
        (folder / path.name).write_text(text.replace(here, join.join(parts)), encoding="utf-8")
        return folder / path.name

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


def agree(here: Study, there: Study) -> None:
    assert len(here.estimates.rows) > 20
    assert results_that_differ(here, there) == []
    assert relations_that_differ(here.sources.engine, there.sources.engine) == []


def test_one_table_with_a_row_per_patient(repository, twin) -> None:
    path = repository / "src" / "equipoise" / "verify" / "gbsg2" / "study.yaml"
    kinds = {"age": "smallint", "time": "integer", "cens": "bigint"}
    agree(run_study(path), run_study(twin(path, "rows: gbsg2.csv", [path.parent / "gbsg2.csv"], ("rows: gbsg2",), **kinds)))


def test_a_first_line_study(tmp_path, twin) -> None:
    path = write(tmp_path, FIRST_LINE, first_line())
    agree(run_study(path), run_study(twin(path, "tables: data", sorted((tmp_path / "data").glob("*.csv")), start="date")))


def test_invented_sdtm_domains(tmp_path, twin) -> None:
    """Dates without a day, codes that are not taken over."""
    given = {"dm": DM, "ex": EX, "lb": LB, "ae": AE, "ds": DS, "vs": VS, "qs": QS}
    for name, rows in given.items():
        write_csv(tmp_path / "sdtm" / f"{name}.csv", rows)
    path = protocol(tmp_path, safety="packs: [liver]")
    here = read_sources(load_protocol(path))
    there = read_sources(load_protocol(twin(path, "path: sdtm", sorted((tmp_path / "sdtm").glob("*.csv")))))
    assert relations_that_differ(here.engine, there.engine) == []


def test_tables_of_the_omop_model(tmp_path, twin) -> None:
    path = write_cdm(tmp_path, tiny_cdm())
    agree(run_study(path), run_study(twin(path, "path: cdm", sorted((tmp_path / "cdm").glob("*.csv")), typed=True)))


def test_the_founding_study(repository, twin) -> None:
    """All its numbers and relations; some columns of the tables have types of their own."""
    path = repository / "src" / "equipoise" / "founding" / "study.yaml"
    kinds = {"age_index": "integer", "index_date": "date", "uln": "double", "dose_mg": "decimal(9, 3)", "death_date": "date"}
    files = sorted((path.parent / "data").glob("*.csv"))
    here = run_study(path)
    assert len(here.sources.engine.relations) > 90
    agree(here, run_study(twin(path, "tables: data ", files, ("#",), **kinds)))
