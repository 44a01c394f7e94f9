"""No count below the minimum cell is told, and no arm below it is studied."""

from __future__ import annotations

import pytest

from equipoise.errors import DataError
from equipoise.study import run_study
from omop_cdm import Database


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
