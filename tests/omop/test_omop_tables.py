"""The tables of the model as they come: other files, other kinds of columns, other versions, and what is refused."""

from __future__ import annotations

import gzip
from pathlib import Path

import duckdb
import pytest

from equipoise.data.sources import read_sources
from equipoise.protocol.load import load_protocol
from omop_cdm import BLEED, PAIN, Database, condition, day


def changed(database: Database, table: str, sql: str) -> None:
    """The written csv of a table as parquet, through a SELECT over it."""
    folder = database.folder / "cdm"
    file = folder / f"{table}.csv"
    duckdb.sql(sql.format(file=f"read_csv('{file}')")).write_parquet(str(folder / f"{table}.parquet"))
    file.unlink()


def read_again(database: Database, *columns: str) -> list[tuple]:
    """The same columns of what lies in the folder now, in the order of the persons."""
    named = ", ".join(columns)
    engine = read_sources(load_protocol(database.folder / "study.yaml")).engine
    return engine.rows(f"select patient_id, {named} from patients order by source_row")


COLUMNS = ("arm", "index_date", "age", "sex", "pain", "albumin", "bleed_days", "bleed_event", "death_days", "death_event")


def test_timestamps_fractions_and_parts(database: Database):
    """Dates as timestamps and in UTC, ids as double with NaN, a table in parts, capitals and gzip give the same persons."""
    database.write()
    expected = read_again(database, *COLUMNS)
    changed(
        database,
        "drug_exposure",
        "select * replace (cast(drug_concept_id as double) as drug_concept_id, 'nan'::double as drug_source_concept_id,"
        " drug_exposure_start_date + interval 23 hour + interval 30 minute as drug_exposure_start_date) from {file}",
    )
    changed(
        database,
        "condition_occurrence",
        "select * replace (cast(condition_start_date as timestamp) at time zone 'UTC' + interval 13 hour"
        " as condition_start_date) from {file}",
    )
    folder = database.folder / "cdm"
    (folder / "measurement").mkdir()
    for i, where in enumerate(("measurement_id <= 12", "measurement_id > 12")):
        part = duckdb.sql(f"select * from read_csv('{folder}/measurement.csv') where {where}")
        part.write_parquet(str(folder / "measurement" / f"part-{i}.parquet"))
    (folder / "measurement.csv").unlink()
    (folder / "person.csv").rename(folder / "PERSON.csv")
    text = (folder / "death.csv").read_bytes()
    (folder / "death.csv.gz").write_bytes(gzip.compress(text))
    (folder / "death.csv").unlink()
    assert read_again(database, *COLUMNS) == expected


def test_vocabulary_with_tabs_and_quotation_marks(database: Database):
    """The vocabularies are handed out as text with tabs and bare quotation marks."""
    expected = database.patients("pain")
    path = database.folder / "cdm" / "concept.csv"
    lines = path.read_text().splitlines()
    path.unlink()
    tabbed = "\n".join([*(line.replace(",", "\t") for line in lines), '999\tso-called "inch" 5"\tDrug\tRxNorm\tS\t99'])
    (database.folder / "cdm" / "CONCEPT.csv").write_text(tabbed.replace("Bleeding\t local code", "Bleeding, local code") + "\n")
    text = (database.folder / "cdm" / "CONCEPT.csv").read_text().replace('"Bleeding, local code"', "Bleeding local code")
    (database.folder / "cdm" / "CONCEPT.csv").write_text(text)
    assert {int(p): (v,) for p, v in read_again(database, "pain")} == expected


def test_missing_table(database: Database):
    del database.tables["observation_period"]
    (fault,) = database.faults()
    assert "the study needs the table observation_period" in fault


def test_missing_column(database: Database):
    for row in database.tables["drug_exposure"]:
        row["drug_start"] = row.pop("drug_exposure_start_date")
    (fault,) = database.faults()
    assert fault.startswith("drug_exposure.csv: ")
    assert "drug_exposure_start_date" in fault


def test_empty_and_odd_cells_are_counted_without_a_value(database: Database):
    rows = database.tables["condition_occurrence"]
    rows[0]["condition_start_date"] = "soon"
    rows[1]["condition_start_date"] = ""
    rows[2]["condition_concept_id"] = "K92.2"
    faults = database.faults()
    assert any("condition_start_date: 1 cell of the column cannot be read as a date" in f for f in faults)
    assert any("condition_start_date: 1 cell of the column is empty" in f for f in faults)
    assert any("condition_concept_id: 1 cell of the column cannot be read as a whole number" in f for f in faults)
    assert not any("soon" in f or "K92" in f for f in faults)


def test_a_person_twice(database: Database):
    database.tables["person"].append(dict(database.tables["person"][0]))
    (fault,) = database.faults()
    assert fault.startswith("person.csv, column person_id: 1 person with an index date stand there more than once")


def test_an_unknown_person(database: Database):
    del database.tables["person"][0]
    (fault,) = database.faults()
    assert "1 person with an index date do not stand there" in fault


def test_versions(database: Database):
    database.tables["cdm_source"][0]["cdm_version"] = "v5.3.1"
    database.tables["procedure_occurrence"] = [
        {
            "procedure_occurrence_id": 1, "person_id": 1, "procedure_concept_id": 7, "procedure_date": day(1),
            "procedure_end_date": day(1),
        }
    ]  # fmt: skip
    findings = [f.sentence() for f in database.sources().findings]
    assert any("version 5.3, and procedure_occurrence has the column procedure_end_date of version 5.4" in f for f in findings)
    database.tables["cdm_source"].append({"cdm_source_name": "other", "cdm_version": "v5.4"})
    assert any("versions 5.3.1, 5.4" in f.sentence() for f in database.sources().findings)
    database.tables["cdm_source"] = [{"cdm_source_name": "invented", "cdm_version": "6.0"}]
    (fault,) = database.faults()
    assert "version 6.0" in fault


def test_large_identifiers_stay_apart(database: Database):
    """Ids beyond 2^53, which a double cannot tell apart."""
    big = 2**53
    for rows in database.tables.values():
        for row in rows:
            if "person_id" in row:
                row["person_id"] = big + int(str(row["person_id"]))
    found = database.patients("arm", "bleed_event")
    assert sorted(found) == [big + p for p in range(1, 25)]
    assert sum(event for _, event in found.values()) == 8


def test_measurements_in_another_unit(database: Database):
    """39 g/L are 3.9 g/dL; mmol/L are refused, with the count and the units."""
    rows = database.tables["measurement"]
    rows[0] |= {"value_as_number": 39, "unit_concept_id": 8636}
    assert database.patients("albumin")[1] == pytest.approx((3.9,), rel=1e-15)
    rows[1]["unit_concept_id"] = 8753
    rows[2]["unit_concept_id"] = ""
    second, first = database.faults()
    assert "1 measurement of this covariate has no unit" in first
    assert "the unit 8753 (mmol/L), which is not converted into 8713 (g/dL)" in second


def test_latest_number_and_windows(database: Database):
    """The latest measured number up to the index date, of two of a day that with the higher id; the window of back pain holds
    days -60 to 0."""
    rows = database.tables["measurement"]
    rows += [
        {**rows[0], "measurement_id": 50, "measurement_date": day(199), "value_as_number": 3.1},
        {**rows[0], "measurement_id": 51, "measurement_date": day(199), "value_as_number": 3.2},
        {**rows[0], "measurement_id": 52, "measurement_date": day(201), "value_as_number": 9.9},
        {**rows[0], "measurement_id": 53, "measurement_date": day(200), "value_as_number": ""},
    ]
    database.tables["condition_occurrence"] += [condition(201, 6, PAIN, 140), condition(202, 7, PAIN, 200)]
    found = database.patients("albumin", "pain")
    assert found[1] == (3.2, 1.0)
    assert [found[p][1] for p in (2, 4, 6, 7, 8)] == [0.0, 0.0, 1.0, 1.0, 0.0]


def test_counts(database: Database):
    database.replaced("{label: Back pain, concepts: pain, days: [-60, 0]}", "{label: Back pain, concepts: pain, value: count}")
    database.tables["condition_occurrence"] += [condition(201, 1, PAIN, 150), condition(202, 1, PAIN, 10)]
    assert database.patients("pain")[1] == (3.0,)
    assert database.patients("pain")[3] == (0.0,)


def test_sql_in_a_name_is_text(database: Database):
    name = "x'); drop table concept_set; --"
    database.tables["concept"].append({**database.tables["concept"][6], "concept_id": 777, "concept_name": name})
    database.replaced("names: [back pain]", f'names: ["{name}"]')
    database.tables["condition_occurrence"].append(condition(201, 6, 777, 180))
    assert database.patients("pain")[6] == (1.0,)


def test_folder_names_a_link_or_none(database: Database, tmp_path: Path):
    database.write()
    database.replaced("path: cdm", "path: nowhere")
    (fault,) = database.faults()
    assert "there is no folder 'nowhere' beside the protocol" in fault


def test_bleeding_after_all(database: Database):
    """Without descendants the concept itself counts alone."""
    database.replaced("{ids: [201], descendants: true, label: bleeding}", "{ids: [201], label: bleeding}")
    database.tables["condition_occurrence"].append(condition(201, 1, BLEED, 300))
    found = database.patients("bleed_event")
    assert [p for p, (event,) in found.items() if event] == [1]
