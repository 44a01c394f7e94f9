"""Cohorts by definitions of ATLAS are those that Circe finds: recorded from its SQL (reference/record_circe.py)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from circe_cases import drawn_cdm, drawn_definition

from equipoise.data.omop.cohorts import define_codesets, define_cohorts
from equipoise.data.omop.read import opened_cdm
from equipoise.protocol.load import load_protocol
from omop_cdm import write_cdm

FOUND = json.loads((Path(__file__).parent / "reference" / "circe.json").read_text())
STUDY = """\
study: {id: x, title: x, disease: x, population: x}
data: {standard: omop, path: cdm}
omop:
  concept_sets: {b: {ids: [11], table: drug_exposure}}
  cohorts: {a: {atlas: a.json}}
  outcomes: {a: {label: x, short: x, concepts: a}}
arms: {groups: {b: {label: b}}}
time_unit: days
"""


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> dict[int, Path]:
    made = {}
    for number in range(4):
        made[number] = tmp_path_factory.mktemp("circe")
        write_cdm(made[number], drawn_cdm(number), STUDY)
    return made


@pytest.mark.parametrize("case", sorted(map(int, FOUND)))
def test_entries(folders: dict[int, Path], case: int):
    folder = folders[case % 4]
    (folder / "a.json").write_text(json.dumps(drawn_definition(case)))
    protocol = load_protocol(folder / "study.yaml")
    cdm, _ = opened_cdm(protocol)
    define_codesets(protocol, cdm, ["a"])
    define_cohorts(protocol, cdm, ["a"])
    rows = cdm.engine.rows("select person_id, start_date, end_date from cohort_1_entry order by 1, 2, 3")
    assert [[person, str(first), str(last)] for person, first, last in rows] == FOUND[str(case)]
