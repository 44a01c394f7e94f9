"""A lock of a study on OMOP tables: what makes the persons and their covariates is the design, outcomes are not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from locking import found, locked

from equipoise.errors import DataError
from omop_cdm import BLEED, NSAID_BELOW, PAIN, Database, condition

COHORT = {
    "ConceptSets": [{"id": 0, "name": "pain", "expression": {"items": [{"concept": {"CONCEPT_ID": PAIN}}]}}],
    "PrimaryCriteria": {"CriteriaList": [{"ConditionOccurrence": {"CodesetId": 0}}], "ObservationWindow": {}},
}


def said(database: Database) -> list[str]:
    """What changed since the lock."""
    path = database.write()
    try:
        return list(found(path).changes)
    except DataError as error:
        return [fault.message for fault in error.faults[:-1]]


def asked(folder: Path) -> Database:
    database = Database(folder)
    database.replaced("  covariates:\n", "  exclusions: [{concepts: ache, days: [-90, -80]}]\n  covariates:\n")
    database.replaced("  index: {prior", "  cohorts: {ache: {atlas: ache.json}}\n  index: {prior")
    return database


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the study and its lock, as they are before anything changes."""
    database = asked(tmp_path_factory.mktemp("omop"))
    (database.folder / "ache.json").write_text(json.dumps(COHORT))
    locked(database.write())
    assert said(database) == []
    return database.folder


@pytest.fixture
def kept(once: Path, tmp_path: Path) -> Database:
    shutil.copytree(once, tmp_path, dirs_exist_ok=True)
    return asked(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("days: [-60, 0]", "days: [-70, 0]", "omop, covariates, pain, days was -60, 0 and is now -70, 0"),
        ("pain: {names: [back pain]}", "pain: {ids: [201]}", "omop, concept_sets, pain, ids was not there and is now 201"),
        (
            "prior_observation_days: 100",
            "prior_observation_days: 90",
            "prior_observation_days was 100 and is now 90",
        ),
        ("days: [-90, -80]", "days: [-90, -40]", "omop, exclusions, 1, days was -90, -80 and is now -90, -40"),
        ("concepts: bleed}", "concepts: bleed, clean_days: 30}", "omop, clean was not there and is now bleed"),
        ("alfa: {ids: [101]}", "alfa: {ids: [101, 110]}", "omop, concept_sets, alfa, ids was 101 and is now 101, 110"),
    ],
)
def test_a_changed_request_is_a_changed_design(kept: Database, old: str, new: str, change: str):
    """And the rows that it makes are no changed data."""
    kept.replaced(old, new)
    changes = said(kept)
    assert any(change in one for one in changes), changes
    assert all(one.startswith("the design changed") and "the data:" not in one for one in changes), changes


def test_the_file_of_a_cohort(kept: Database):
    (kept.folder / "ache.json").write_text(json.dumps(COHORT).replace(str(PAIN), str(BLEED)))
    assert any("omop, cohorts, ache, sha256" in one for one in said(kept))


def test_the_file_of_a_concept_set(tmp_path: Path):
    """That of a covariate; a set of the file that nothing names may change, and so may the file of an outcome."""
    sets = {"ConceptSets": [{"name": n, "expression": {"items": [{"concept": {"CONCEPT_ID": PAIN}}]}} for n in ("ache", "other")]}
    one = sets["ConceptSets"][0]["expression"]
    database = Database(tmp_path)
    database.replaced("pain: {names: [back pain]}", "pain: {atlas: sets.json, set: ache}")
    database.replaced("bleed: {ids: [201], descendants: true", "bleed: {atlas: bleed.json")
    files = {"sets.json": sets, "bleed.json": one}

    def written() -> list[str]:
        for name, content in files.items():
            (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
        return said(database)

    for name, content in files.items():
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    locked(database.write())
    sets["ConceptSets"][1]["expression"]["items"].append({"concept": {"CONCEPT_ID": BLEED}})
    files["bleed.json"] = {"items": [{"concept": {"CONCEPT_ID": BLEED}}]}
    assert written() == []
    one["items"].append({"concept": {"CONCEPT_ID": NSAID_BELOW}})
    changes = written()
    assert any("omop, concept_sets, pain, sha256 was" in change for change in changes), changes
    database.replaced("set: ache}", "set: ache, sha256: abc}")
    assert any("'sha256' is no key of a concept set" in fault for fault in database.faults())


def test_changed_data_are_told_as_such(kept: Database):
    kept.tables["condition_occurrence"].append(condition(900, 6, PAIN, 190))
    assert any("the data: the table patients" in one for one in said(kept))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("label: Back pain", "label: Pain of the back"),
        ("time_unit: days\n", "time_unit: months\n"),
        ("arms:\n", "  risk_window: {days: 300}\narms:\n"),
        ("bleed: {ids: [201], descendants: true", "bleed: {ids: [201]"),
        ("    death: {label", "    more: {label: Back pain, short: Pain, concepts: pain}\n    death: {label"),
    ],
)
def test_words_and_outcomes_change_no_design(kept: Database, old: str, new: str):
    kept.replaced(old, new)
    assert said(kept) == []


def test_sets_that_no_design_names(kept: Database):
    kept.replaced("    albumin: {ids", f"    other: {{ids: [{NSAID_BELOW}]}}\n    albumin: {{ids")
    assert said(kept) == []
