"""The relations of drawn cohort definitions in PostgreSQL: the same entries."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from circe_cases import drawn_cdm, drawn_definition
from test_circe import FOUND, STUDY

from equipoise.data.omop.cohorts import define_codesets, define_cohorts
from equipoise.data.omop.read import opened_cdm
from equipoise.protocol.load import load_protocol
from omop_cdm import write_cdm

CASES = [int(case) for case in FOUND if int(case) % 4 == 0]


@pytest.mark.slow
def test_entries(postgres, tmp_path: Path) -> None:
    tables, database = drawn_cdm(0), postgres.database("circe")
    write_cdm(tmp_path, tables, "")
    for name, rows in tables.items():
        columns = list(dict.fromkeys(key for row in rows for key in row))
        postgres.load(database, "cdm", [tmp_path / "cdm" / f"{name}.csv"], {c: _kind(c) for c in columns})
    there = STUDY.replace("path: cdm", f"connection: '{postgres.address(database)}', schema: cdm")
    (tmp_path / "study.yaml").write_text(there)
    for case in CASES:
        (tmp_path / "a.json").write_text(json.dumps(drawn_definition(case)))
        protocol = load_protocol(tmp_path / "study.yaml")
        cdm, _ = opened_cdm(protocol)
        define_codesets(protocol, cdm, ["a"])
        define_cohorts(protocol, cdm, ["a"])
        rows = cdm.engine.rows("select person_id, start_date, end_date from cohort_1_entry order by 1, 2, 3")
        assert [[person, str(first), str(last)] for person, first, last in rows] == FOUND[str(case)], case
        cdm.engine.close()


def _kind(column: str) -> str:
    if column.endswith("_date"):
        return "date"
    if column in ("value_as_number", "range_low", "range_high", "quantity"):
        return "double precision"
    text = column in ("invalid_reason", "standard_concept", "value_as_string", "relationship_id") or column.endswith("_name")
    return "text" if text or column in ("domain_id", "vocabulary_id", "concept_code") else "bigint"
