"""The same tables in a database: the same persons, and the same sentences."""

from __future__ import annotations

import duckdb
import pytest

from equipoise.data.sources import read_sources
from equipoise.errors import DataError
from equipoise.protocol.load import load_protocol
from omop_cdm import Database, exposure

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


def read_hash(database: Database, change: str, table: str) -> str:
    """sha256 of what was read of a table, as the manifest has it, after a statement that changes the database."""
    stored(database, change)
    return read_sources(load_protocol(database.folder / "study.yaml")).tables[table].sha256


def test_a_table_that_is_read_twice_has_a_hash_of_both(database: Database):
    """Of the drug exposures those of the arms are read first, then those of other sets: a change of either one is seen."""
    database.replaced("    albumin: {ids", "    nsaid: {ids: [111], table: drug_exposure}\n    albumin: {ids")
    database.replaced(
        "    albumin: {label", "    nsaid: {label: Painkiller, concepts: nsaid, days: [-60, 0]}\n    albumin: {label"
    )
    database.tables["drug_exposure"].append(exposure(80, 1, 111, 190, 195))
    moved = "update \"CDM five\".drug_exposure set drug_exposure_end_date = date '2020-12-31' where drug_exposure_id = {}"
    hashes = {read_hash(database, change, "drug_exposure") for change in ("", moved.format(1), moved.format(80))}
    assert len(hashes) == 3
    assert read_hash(database, "", "drug_exposure") in hashes
