"""Concept sets: what they hold, and what is refused in a sentence."""

from __future__ import annotations

import pytest

from omop_cdm import BLEED, BLEED_BELOW, LOCAL, NSAID_BELOW, Database, condition, exposure


def concepts(database: Database, name: str) -> list[tuple]:
    sources = database.sources()
    return sources.engine.rows(f"select concept_id, mapped from concept_set where set_name = '{name}' order by 1, 2")


def test_descendants(database: Database):
    assert concepts(database, "bleed") == [(BLEED, 0), (BLEED_BELOW, 0)]


def test_without(database: Database):
    database.replaced(
        "descendants: true, label: bleeding", f"descendants: true, without: {{ids: [{BLEED_BELOW}]}}, label: bleeding"
    )
    assert concepts(database, "bleed") == [(BLEED, 0)]


def test_names_whatever_their_capitals(database: Database):
    assert concepts(database, "pain") == [(203, 0)]


def test_codes_by_what_they_map_to(database: Database):
    database.replaced("{ids: [201], descendants: true, label: bleeding}", "{codes: {ICD10: [K92.2]}, label: bleeding}")
    assert concepts(database, "bleed") == [(BLEED_BELOW, 0)]


def test_mapped_source_concepts_of_records(database: Database):
    """A record whose standard concept is another one counts by its source concept, and one that has both counts once."""
    database.replaced("descendants: true, label: bleeding", "descendants: true, mapped: true, label: bleeding")
    assert (LOCAL, 1) in concepts(database, "bleed")
    database.tables["condition_occurrence"].append(condition(201, 1, 0, 300, LOCAL))
    assert database.patients("bleed_event")[1] == (1,)


def test_several_domains_of_one_set(database: Database):
    """A set of a condition and a drug looks in both tables."""
    database.replaced("pain: {names: [back pain]}", f"pain: {{ids: [203, {NSAID_BELOW}]}}")
    database.tables["drug_exposure"].append(exposure(90, 8, NSAID_BELOW, 190, 191))
    assert database.patients("pain")[8] == (1.0,)
    assert database.patients("pain")[1] == (1.0,)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("ids: [101]", "ids: [7]", "the vocabulary has no concept 7"),
        ("{ids: [201], descendants: true, label: bleeding}", "{ids: [901]}", "is not a standard concept; use 202"),
        ("names: [back pain]", "names: [pain of the back]", "no standard concept is called 'pain of the back'"),
        ("names: [back pain]", "codes: {ICD10: [K99]}", "the code K99 of ICD10 is not in the vocabulary"),
        ("names: [back pain]", "ids: [8713]", "in which table the records of this concept set lie cannot be told"),
        ("label: bleeding}", "without: {ids: [201], descendants: true}}", "the concept set is empty"),
        ("ids: [101]", "ids: []", "the concept set is empty; give ids, names, codes"),
        ("concepts: bleed}", "concepts: blood}", "there is no concept set or cohort 'blood'"),
        ("alfa: {label: Alfamab}", "alfa: {label: Alfamab, value: gamma}", "there is no concept set or cohort 'gamma'"),
        ("{prior_observation_days: 100}", "{age: [80, 18]}", "the lowest age is greater than the highest"),
        ("days: [-60, 0]", "days: [-60, 1]", "never beyond the index date"),
        ("{standard: omop, path: cdm}", "{rows: cdm, patient: p}", "go together"),
        ("{standard: omop, path: cdm}", "{standard: omop, path: cdm, sheet: x}", "'sheet' is of a spreadsheet"),
        ("    age: {label", "    bleed_days: {label: x, person: age}\n    age: {label", "a column that is made of every person"),
    ],
)  # fmt: skip
def test_refused(database: Database, old: str, new: str, said: str):
    database.replaced(old, new)
    assert any(said in fault for fault in database.faults()), database.faults()


def test_two_concepts_of_one_name(database: Database):
    database.tables["concept"].append({**database.tables["concept"][6], "concept_id": 777})
    (fault,) = database.faults()
    assert "2 standard concepts are called 'back pain'; give the id of the one that is meant: 203, 777" in fault


def test_descendants_without_their_table(database: Database):
    del database.tables["concept_ancestor"]
    (fault,) = database.faults()
    assert "asks for descendants, and the table concept_ancestor is not there" in fault


def test_no_vocabulary_at_all(database: Database):
    """Ids alone, each set with its table, need no vocabulary; that they were not looked up is a finding."""
    for table in ("concept", "concept_ancestor", "concept_relationship"):
        del database.tables[table]
    database.replaced("{ids: [201], descendants: true, label: bleeding}", "{ids: [202], table: condition_occurrence}")
    database.replaced("{names: [back pain]}", "{ids: [203], table: condition_occurrence}")
    database.replaced("{ids: [301]}", "{ids: [301], table: measurement}")
    database.replaced("{ids: [101]}", "{ids: [101], table: drug_exposure}")
    database.replaced("{ids: [102]}", "{ids: [102], table: drug_exposure}")
    sources = database.sources()
    assert any("ids could not be looked up" in f.sentence() for f in sources.findings)
    assert sources.engine.rows("select sum(bleed_event) from patients") == [(8,)]


def test_nobody_has_a_record(database: Database):
    database.tables["drug_exposure"] = [exposure(1, 1, NSAID_BELOW, 1, 2)]
    (fault,) = database.faults()
    assert "nobody has a record of these concept sets" in fault
