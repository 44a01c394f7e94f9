"""Each .sql file of the output runs alone, in a fresh DuckDB inside the data folder, and gives the relation that was used."""

import duckdb
import pytest

from equipoise.report.bundle import write_report
from equipoise.study import run_study


@pytest.mark.slow
def test_every_script_runs_alone_in_the_data_folder(undrawn, repository, tmp_path, monkeypatch):
    folder = repository / "src" / "equipoise" / "founding"
    study = run_study(folder / "study.yaml")
    write_report(study, tmp_path / "out")
    files = sorted((tmp_path / "out" / "sql").glob("*.sql"))
    assert len(files) > 10
    monkeypatch.chdir(folder / "data")
    for file in files:
        name = file.stem.split("_", 1)[1]
        with duckdb.connect(":memory:") as fresh:
            alone = sorted(map(repr, fresh.execute(file.read_text(encoding="utf-8")).fetchall()))
        used = sorted(map(repr, study.sources.engine.rows(f"select * from {name}")))
        assert alone == used, name
