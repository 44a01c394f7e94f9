"""No count below the minimum cell is told, and no arm below it is studied."""

from __future__ import annotations

import pytest

from equipoise.errors import DataError
from equipoise.report.assemble import report_document
from equipoise.report.first_numbers import first_numbers
from equipoise.start.omop import Asked, begin_omop
from equipoise.study import check_study, run_study
from omop_cdm import Database, write_cdm


@pytest.fixture
def masked(database: Database) -> Database:
    database.replaced("data: {standard", "minimum_cell: 5\ndata: {standard")
    return database


def test_an_arm_below_it_ends_the_study(masked: Database):
    masked.tables["drug_exposure"] = [r for r in masked.tables["drug_exposure"] if r["drug_concept_id"] == 101][:4] + [
        r for r in masked.tables["drug_exposure"] if r["drug_concept_id"] == 102
    ]
    with pytest.raises(DataError) as found:
        run_study(masked.write())
    assert [f.rule for f in found.value.faults] == ["small arm"]
    assert "the arm 'alfa' has fewer than 5 analyzed patients" in found.value.faults[0].sentence()


def test_an_arm_of_as_many_is_studied(masked: Database):
    masked.tables["drug_exposure"] = [r for r in masked.tables["drug_exposure"] if r["drug_concept_id"] == 101][:5] + [
        r for r in masked.tables["drug_exposure"] if r["drug_concept_id"] == 102
    ]
    assert int(run_study(masked.write()).cohort.in_arm("alfa").sum()) == 5


def test_small_counts_of_faults(masked: Database):
    masked.tables["person"].append(dict(masked.tables["person"][0]))
    (fault,) = masked.faults()
    assert "fewer than 5 persons with an index date stand there more than once" in fault


def test_first_numbers_of_few_events(masked: Database):
    masked.tables["condition_occurrence"] = [r for r in masked.tables["condition_occurrence"] if r["person_id"] in (1, 3, 6)]
    assert "events      Bleeding: <5" in list(first_numbers(run_study(masked.write())))


def test_one_event_of_an_outcome_is_told_nowhere(database: Database):
    """What the check says of the values of the column, and Methods of an endpoint whose horizon is masked."""
    database.replaced("data: {standard", "minimum_cell: 3\ndata: {standard")
    said: list[str] = []
    check_study(database.write(), said.append)
    assert any("column death_event: event 1; censored 0" in line for line in said), said
    assert report_document(run_study(database.folder / "study.yaml"), {}).tables()


def test_init_lists_no_concept_of_fewer_persons(database: Database):
    """Bleeding of the stomach in 8 persons is listed, back pain in 3 is not; nor can it be asked for."""
    write_cdm(database.folder, database.tables, "")
    (database.folder / "study.yaml").unlink()
    said: list[str] = []
    begin_omop(str(database.folder / "cdm"), None, database.folder / "new", Asked(), said.append)
    assert any("Bleeding of the stomach: 8 persons" in line for line in said)
    assert not any("Back pain" in line for line in said)
    with pytest.raises(DataError, match="no concept of condition_occurrence that 5 persons have is called so"):
        begin_omop(str(database.folder / "cdm"), None, database.folder / "other", Asked(outcome="Back pain"), said.append)
