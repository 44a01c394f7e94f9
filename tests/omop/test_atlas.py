"""Concept sets as ATLAS exports them, alone or within a cohort definition."""

from __future__ import annotations

import json

import pytest

from omop_cdm import BLEED, BLEED_BELOW, Database


def item(concept: int, **flags: bool) -> dict[str, object]:
    named = {"CONCEPT_ID": concept, "CONCEPT_NAME": "x", "STANDARD_CONCEPT": "S"}
    return {"concept": named, "isExcluded": False, "includeDescendants": False, "includeMapped": False, **flags}


@pytest.fixture
def atlas(database: Database) -> Database:
    database.replaced("{ids: [201], descendants: true, label: bleeding}", "{atlas: bleed.json, label: bleeding}")
    return database


def written(atlas: Database, content: object) -> Database:
    text = content if isinstance(content, str) else json.dumps(content)
    (atlas.folder / "bleed.json").write_text(text, encoding="utf-8")
    return atlas


def concepts(atlas: Database) -> list[tuple]:
    return atlas.sources().engine.rows("select concept_id, mapped from concept_set where set_name = 'bleed' order by 1, 2")


def test_a_concept_set(atlas: Database):
    found = written(atlas, {"items": [item(BLEED, includeDescendants=True)]})
    assert concepts(found) == [(BLEED, 0), (BLEED_BELOW, 0)]
    assert sum(event for (event,) in found.patients("bleed_event").values()) == 8


def test_excluded_items(atlas: Database):
    items = [item(BLEED, includeDescendants=True), item(BLEED_BELOW, isExcluded=True)]
    assert concepts(written(atlas, {"id": 3, "name": "bleeding", "expression": {"items": items}})) == [(BLEED, 0)]


def test_a_cohort_definition_says_what_is_not_taken_over(atlas: Database):
    sets = [{"id": 0, "name": "one", "expression": {"items": [item(BLEED)]}}]
    sets.append({"id": 1, "name": "two", "expression": {"items": [item(BLEED_BELOW)]}})
    definition = {"ConceptSets": sets, "PrimaryCriteria": {"CriteriaList": [1]}, "InclusionRules": []}
    found = written(atlas, definition)
    assert any("holds 2 concept sets; name the one that is meant, set: 'one', 'two'" in f for f in found.faults())
    found.replaced("{atlas: bleed.json,", "{atlas: bleed.json, set: two,")
    assert concepts(found) == [(BLEED_BELOW, 0)]
    said = [f.sentence() for f in found.sources().findings]
    assert any("its PrimaryCriteria are not taken over: name the file under 'cohorts' to take all of it" in s for s in said)
    found.replaced("set: two,", "set: three,")
    assert any("has no concept set called 'three'" in f for f in found.faults())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "bleed.json is not JSON"),
        ({"a": 1}, "holds no concept set of ATLAS"),
        ({"items": []}, "holds no concept"),
        ({"items": [{"concept": {}}]}, "names no CONCEPT_ID"),
        ([1], "holds no concept set of ATLAS"),
    ],
)
def test_refused(atlas: Database, content: object, said: str):
    assert any(said in fault for fault in written(atlas, content).faults())


def test_no_such_file(atlas: Database):
    assert any("there is no file 'bleed.json' beside the protocol" in fault for fault in atlas.faults())
