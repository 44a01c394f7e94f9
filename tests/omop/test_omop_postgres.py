"""GiBleed in PostgreSQL, from the shipped protocol with a connection: the same patients and numbers as from files."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from engines_agree import results_that_differ
from equipoise.study import run_study


@pytest.mark.slow
def test_gibleed_in_a_database(postgres, third_party: Path, repository: Path, tmp_path: Path) -> None:
    """1,800 and 830 persons, hazard ratio 1.346124 by Breslow's ties, as published (data/README.md of the third-party data)."""
    cdm, typed = third_party / "gibleed_omop" / "cdm", {}
    (tmp_path / "csv").mkdir()
    for file in sorted(cdm.glob("*.parquet")):
        duckdb.sql(f"copy (select * from '{file}') to '{tmp_path / 'csv' / file.stem}.csv' (header true)")
        described = duckdb.sql(f"describe select * from '{file}'").fetchall()
        typed[file.stem] = {d[0]: KINDS.get(d[1].partition("(")[0], "text") for d in described}
    database = postgres.database("gibleed")
    for name, kinds in typed.items():
        postgres.load(database, "cdm", [tmp_path / "csv" / f"{name}.csv"], kinds)
    text = (repository / "examples" / "gibleed" / "study.yaml").read_text(encoding="utf-8")
    shutil.copytree(cdm, tmp_path / "cdm")
    (tmp_path / "files.yaml").write_text(text, encoding="utf-8")
    assert text.count("path: cdm") == 1
    there = text.replace("path: cdm", f"connection: '{postgres.address(database)}', schema: cdm")
    (tmp_path / "database.yaml").write_text(there, encoding="utf-8")
    here, other = run_study(tmp_path / "files.yaml"), run_study(tmp_path / "database.yaml")
    assert results_that_differ(here, other) == []
    assert [int(other.cohort.in_arm(a).sum()) for a in ("celecoxib", "diclofenac")] == [1800, 830]


KINDS = {"BIGINT": "bigint", "INTEGER": "integer", "DOUBLE": "double precision", "DATE": "date", "TIMESTAMP": "timestamp"}
