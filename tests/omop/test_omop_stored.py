"""The same tables in a database: the same persons, and the same sentences."""

from __future__ import annotations

import duckdb
import pytest

from equipoise.data.sources import read_sources
from equipoise.errors import DataError
from equipoise.protocol.load import load_protocol
from omop_cdm import Database

COLUMNS = "patient_id, arm, index_date, age, sex, pain, albumin, bleed_days, bleed_event, death_days, death_event"


def stored(database: Database, change: str = "") -> list[tuple]:
    """The patients of the tables in a schema of a DuckDB file, after a statement that changes it."""
    path = database.write()
    file = database.folder / "data.duckdb"
    file.unlink(missing_ok=True)
    with duckdb.connect(str(file)) as connection:
        connection.execute('create schema "CDM five"')
        for table in sorted((database.folder / "cdm").glob("*.csv")):
            connection.execute(f"create table \"CDM five\".{table.stem} as select * from read_csv('{table}')")
        if change:
            connection.execute(change)
    text = path.read_text(encoding="utf-8")
    here = "{standard: omop, connection: 'duckdb:///data.duckdb', schema: CDM five}"
    path.write_text(text.replace("{standard: omop, path: cdm}", here), encoding="utf-8")
    engine = read_sources(load_protocol(path)).engine
    return engine.rows(f"select {COLUMNS} from patients order by source_row")


def test_same_persons(database: Database):
    rows = database.sources().engine.rows(f"select {COLUMNS} from patients order by source_row")
    assert stored(database) == rows


def test_mapped_source_concepts(database: Database):
    database.replaced("descendants: true, label: bleeding", "descendants: true, mapped: true, label: bleeding")
    rows = database.sources().engine.rows(f"select {COLUMNS} from patients order by source_row")
    assert stored(database) == rows


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ('drop table "CDM five".observation_period', "the study needs the table observation_period"),
        ('insert into "CDM five".person select * from "CDM five".person limit 1', "stand there more than once"),
        (
            'update "CDM five".drug_exposure set drug_exposure_start_date = null where drug_exposure_id = 1',
            "1 cell of the column",
        ),
        ('alter table "CDM five".death rename column death_date to died', "and the table has not: death_date"),
    ],
)
def test_refused(database: Database, change: str, said: str):
    with pytest.raises(DataError) as found:
        stored(database, change)
    assert any(said in fault.sentence() for fault in found.value.faults)
