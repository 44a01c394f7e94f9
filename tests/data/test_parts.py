"""Tables of parquet in parts, and larger than the memory that may be taken."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from engines_agree import relations_that_differ, results_that_differ
from equipoise.data import parts
from equipoise.data.read import read_table
from equipoise.data.sources import read_sources
from equipoise.engine import open_engine
from equipoise.errors import DataError
from equipoise.protocol.load import load_protocol
from equipoise.study import run_study
from tiny import TinyStudy


@pytest.fixture
def in_parts(tiny: TinyStudy) -> tuple[Path, Path]:
    """A study of csv, and the same whose tables are parquet: findings of each item in a folder of their own, doses in two parts,
    the rest one file each."""
    path = tiny.write()
    folder = path.parent / "parts"
    folder.mkdir()
    with duckdb.connect() as connection:
        for file in sorted((path.parent / "data").glob("*.csv")):
            read = f"select * from read_csv('{file}', all_varchar = true)"
            if file.stem == "observation":
                by = "(format parquet, partition_by (item))"
                connection.execute(f"copy ({read} order by item, patient_id, date) to '{folder / 'observation'}' {by}")
            elif file.stem == "lesion_measure":
                (folder / "lesion_measure.parquet" / "_temporary").mkdir(parents=True)
                (folder / "lesion_measure.parquet" / "_temporary" / "part-9.parquet").write_bytes(b"half")
                for i in (0, 1):
                    numbered = f"select *, row_number() over () as n from ({read})"
                    half = f"select * exclude (n) from ({numbered}) where (n <= 20) = ({i} = 0) order by n"
                    target = folder / "lesion_measure.parquet" / f"part-{i}.parquet"
                    connection.execute(f"copy ({half}) to '{target}' (format parquet)")
            else:
                connection.execute(f"copy ({read}) to '{folder / f'{file.stem}.parquet'}' (format parquet)")
    text = path.read_text(encoding="utf-8")
    (path.parent / "parts.yaml").write_text(text.replace("tables: data", "tables: parts"), encoding="utf-8")
    return path, path.parent / "parts.yaml"


def test_parts_are_one_table(in_parts, monkeypatch) -> None:
    """Read in place, as any other file of parquet from a size on; the columns that folders name are there."""
    monkeypatch.setattr(parts, "LARGE", 1)
    here, there = (run_study(path) for path in in_parts)
    assert results_that_differ(here, there) == []
    assert relations_that_differ(here.sources.engine, there.sources.engine) == []
    assert there.sources.tables["observation"].file == "observation/"
    monkeypatch.chdir(in_parts[1].parent / "parts")
    with duckdb.connect() as alone:
        found = alone.execute(there.sources.engine.script("covariate")).fetchall()
    assert sorted(map(repr, found)) == sorted(map(repr, there.sources.engine.rows("select * from covariate")))


def test_a_part_that_is_damaged_and_a_table_there_twice(in_parts) -> None:
    folder = in_parts[1].parent / "parts"
    file = folder / "lesion_measure.parquet" / "part-1.parquet"
    file.write_bytes(file.read_bytes()[:-20])
    (folder / "observation.csv").write_text("patient_id,date,item,value\n", encoding="utf-8")
    with pytest.raises(DataError) as error:
        read_sources(load_protocol(in_parts[1]))
    said = str(error.value)
    assert "lesion_measure.parquet/: the table cannot be read as parquet" in said
    assert "the table observation is there twice: observation.csv and observation" in said


def part(path: Path, sql: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    duckdb.sql(sql).write_parquet(str(path))


def test_what_a_folder_names_is_part_of_the_data(tmp_path) -> None:
    part(tmp_path / "lab" / "site=A" / "0.parquet", "select 'P1' as patient_id")
    before = read_table(tmp_path / "lab").sha256
    (tmp_path / "lab" / "site=A").rename(tmp_path / "lab" / "site=B")
    assert read_table(tmp_path / "lab").sha256 != before


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (["site=A/0"], "name the same column: site"),
        (["SITE=A/0"], "name the same column: SITE"),
        (["Arm=A/0", "arm=B/0"], "name the same column: Arm, arm"),
        (["a%00b=A/0"], "NUL"),
        (["arm=a%00b/0"], "NUL"),
    ],
)
def test_columns_that_folders_cannot_name(tmp_path, files, said) -> None:
    for file in files:
        part(tmp_path / "lab" / f"{file}.parquet", "select 'P1' as patient_id, 'X' as site")
    with pytest.raises(DataError, match=said):
        read_table(tmp_path / "lab")


def test_columns_of_any_name_beside_those_of_folders(tmp_path) -> None:
    part(tmp_path / "lab" / "file_path=A" / "=B" / "0.parquet", "select 'P1' as patient_id, 3 as file_path_0, 4 as \"F'\"")
    raw = read_table(tmp_path / "lab")
    assert {n: raw.cells(n) for n in raw.names} == {"patient_id": ["P1"], "file_path_0": ["3"], "F'": ["4"], "file_path": ["A"]}


@pytest.mark.parametrize("replace", [True, False])
def test_a_part_that_changes_while_it_is_read(tmp_path, monkeypatch, replace) -> None:
    """After its hash is made."""
    file = tmp_path / "lab" / "0.parquet"
    part(file, "select 'P1' as patient_id")

    def hashed(*given) -> str:
        found = file_hash(*given)
        part(tmp_path / "other.parquet", "select 'P2' as patient_id")
        (tmp_path / "other.parquet").replace(file) if replace else file.unlink()
        return found

    file_hash = parts.file_hash
    monkeypatch.setattr(parts, "file_hash", hashed)
    with pytest.raises(DataError, match="while it was read"):
        read_table(tmp_path / "lab")


LIMITED = """
import json, sys
from equipoise.study import run_study
study = run_study(sys.argv[1])
limit = study.sources.engine.rows("select current_setting('memory_limit')")[0][0]
size = study.sources.engine.rows("select count(*) from lab")[0][0]
spilled = study.sources.engine.rows("select coalesce(sum(size), 0) from duckdb_temporary_files()")[0][0]
rows = {key: repr(row.value) for key, row in study.estimates.rows.items()}
print(json.dumps({"limit": limit, "lab": size, "spilled": int(spilled), "rows": rows}))
"""


def told(path: Path, memory: str) -> dict:
    environment = os.environ | {"EQUIPOISE_MEMORY": memory}
    done = subprocess.run([sys.executable, "-c", LIMITED, path], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.mark.slow
def test_a_study_of_tables_larger_than_memory(in_parts) -> None:
    """Two million laboratory values in 60 MB: what does not fit lies on disk; the numbers are those of a run without a limit."""
    folder = in_parts[1].parent / "parts"
    (folder / "lab.parquet").unlink(missing_ok=True)
    (folder / "lab").mkdir()
    with duckdb.connect() as connection:
        patient, day = (
            "'T' || lpad(cast(1 + i % 16 as varchar), 2, '0')",
            "cast(date '2021-01-01' + cast(i % 700 as int) as varchar)",
        )
        value = "cast(2 + i * 37 % 300 / 100.0 as varchar)"
        rows = (
            f"select {patient} as patient_id, {day} as date, 'albumin' as analyte, {value} as value, 'g/dL' as unit, '5' as uln"
        )
        for part in range(4):
            target = folder / "lab" / f"part-{part}.parquet"
            connection.execute(
                f"copy ({rows} from range({part * 500_000}, {(part + 1) * 500_000}) r(i)) to '{target}' (format parquet)"
            )
    free, limited = told(in_parts[1], "4GB"), told(in_parts[1], "60MB")
    assert limited["limit"] == "57.2 MiB" and limited["lab"] == 2_000_000
    assert free["spilled"] == 0 and limited["spilled"] > 10_000_000
    assert limited["rows"] == free["rows"]


def test_an_amount_of_memory_that_is_none(monkeypatch) -> None:
    monkeypatch.setenv("EQUIPOISE_MEMORY", "much'")
    with pytest.raises(DataError, match="write it like 4GB or 500MB"):
        open_engine()
