"""GiBleed (OHDSI Eunomia, OMOP CDM 5.3) from the shipped protocol alone: persons, events and hazard ratios as published."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
import numpy as np
import pytest

from equipoise.study import run_study

CELECOXIB, DICLOFENAC = "celecoxib", "diclofenac"


@pytest.fixture(scope="module")
def cdm(third_party: Path) -> Path:
    return third_party / "gibleed_omop" / "cdm"


@pytest.fixture(scope="module")
def place(cdm: Path, repository: Path, tmp_path_factory) -> Path:
    """The example with the tables beside it."""
    folder = tmp_path_factory.mktemp("gibleed")
    shutil.copy(repository / "examples" / "gibleed" / "study.yaml", folder)
    shutil.copytree(cdm, folder / "cdm")
    return folder / "study.yaml"


@pytest.fixture(scope="module")
def study(place: Path):
    return run_study(place)


def value(study, key: str) -> float:
    return study.estimates.rows[key].value


def test_persons_and_reasons(study, cdm: Path):
    """1,844 and 850 persons have a first era; 183 days of observation before it leave 1,800 and 830. All who leave were not
    under observation then."""
    outside = duckdb.sql(
        f"""select count(*) from (select person_id, min(drug_era_start_date) as day from '{cdm}/drug_era.parquet'
        where drug_concept_id in (1118084, 1124300) group by person_id) as e
        join '{cdm}/observation_period.parquet' o using (person_id)
        where e.day not between o.observation_period_start_date and o.observation_period_end_date"""
    ).fetchall()
    assert study.cohort.n_start == 1844 + 850
    assert [e.n for e in study.cohort.attrition[0].excluded] == [0, outside[0][0], 64 - outside[0][0]]
    assert int(study.cohort.in_arm(CELECOXIB).sum()) == 1800
    assert int(study.cohort.in_arm(DICLOFENAC).sum()) == 830


def test_events(study):
    event = study.outcomes.endpoints["gi_bleed"].event
    assert int(event[study.cohort.in_arm(CELECOXIB)].sum()) == 355
    assert int(event[study.cohort.in_arm(DICLOFENAC)].sum()) == 124


def test_hazard_ratio_of_efron(study):
    found = value(study, "survival.gi_bleed.unadjusted.cox.celecoxib-vs-diclofenac.hr")
    assert found == pytest.approx(1.346615, abs=5e-7)


def test_hazard_ratio_of_breslow(place: Path):
    """The ties of SAS give the published number."""
    text = place.read_text(encoding="utf-8")
    other = place.with_name("breslow.yaml")
    other.write_text(text.replace("\narms:", "\nconventions: {profile: r, ties: breslow}\n\narms:"), encoding="utf-8")
    found = value(run_study(other), "survival.gi_bleed.unadjusted.cox.celecoxib-vs-diclofenac.hr")
    assert found == pytest.approx(1.346124, abs=5e-7)


def test_balance_by_hand(study, cdm: Path):
    """The standardized difference of age from the tables by another statement: means of the arms, SD of the focal arm."""
    rows = duckdb.sql(
        f"""select e.drug_concept_id, year(min(e.drug_era_start_date)) - p.year_of_birth
        from '{cdm}/drug_era.parquet' e join '{cdm}/person.parquet' p using (person_id)
        join '{cdm}/observation_period.parquet' o using (person_id)
        where e.drug_concept_id in (1118084, 1124300)
        group by e.drug_concept_id, e.person_id, p.year_of_birth, o.observation_period_start_date, o.observation_period_end_date
        having min(e.drug_era_start_date) - o.observation_period_start_date >= 183
        and min(e.drug_era_start_date) <= o.observation_period_end_date"""
    ).fetchall()
    ages = {drug: np.array([age for d, age in rows if d == drug], dtype=float) for drug in (1118084, 1124300)}
    focal, other = ages[1118084], ages[1124300]
    expected = (focal.mean() - other.mean()) / focal.std(ddof=1)
    assert value(study, "baseline.unadjusted.age.smd") == pytest.approx(expected, rel=1e-12)


def test_only_needed_tables_were_read(study):
    assert set(study.sources.tables) == {
        "patients", "concept", "concept_ancestor", "condition_occurrence", "drug_era", "observation_period", "person",
    }  # fmt: skip


def test_patients_alone_from_its_script(study, cdm: Path, monkeypatch):
    """The steps of sql/ run in the folder of the tables, by another DuckDB, and give the same persons."""
    monkeypatch.chdir(cdm)
    connection = duckdb.connect()
    found = connection.sql(study.sources.engine.script("patients")).fetchall()
    assert len(found) == 2694
    ours = study.sources.engine.rows("select * from patients order by source_row")
    assert sorted(map(str, found)) == sorted(map(str, ours))


def test_the_same_numbers_from_a_database(study, place: Path, cdm: Path):
    """The tables in a schema of a database, columns of ids as double, as they are in the files."""
    file = place.with_name("gibleed.duckdb")
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema cdm")
        for table in sorted(cdm.glob("*.parquet")):
            connection.execute(f"create table cdm.{table.stem} as select * from '{table}'")
    text = place.read_text(encoding="utf-8").replace("path: cdm", "connection: 'duckdb:///gibleed.duckdb', schema: cdm")
    other = place.with_name("stored.yaml")
    other.write_text(text, encoding="utf-8")
    stored = run_study(other)
    assert stored.sources.engine.connected
    assert {key: row.value for key, row in stored.estimates.rows.items() if not key.startswith("quality")} == {
        key: row.value for key, row in study.estimates.rows.items() if not key.startswith("quality")
    }
    with duckdb.connect() as connection:
        script = stored.sources.engine.script("patients").replace("'gibleed.duckdb'", f"'{file}'")
        assert len(connection.execute(script).fetchall()) == 2694


def cohort(concept: int, kind: str, below: bool = False, **more: object) -> str:
    """A cohort definition of ATLAS: the first records of a concept, or all of them."""
    item = {"concept": {"CONCEPT_ID": concept, "CONCEPT_NAME": "x"}, "includeDescendants": below}
    entry = {"CodesetId": 0, **({} if below else {"First": True})}
    limit = {"Type": "All" if below else "First"}
    window = {"PriorDays": 0 if below else 183, "PostDays": 0}
    primary = {"CriteriaList": [{kind: entry}], "ObservationWindow": window, "PrimaryCriteriaLimit": limit}
    sets = [{"id": 0, "name": "entry", "expression": {"items": [item]}}]
    return json.dumps(
        {"ConceptSets": sets, "PrimaryCriteria": primary, "ExpressionLimit": limit, "QualifiedLimit": limit, **more}
    )


def test_the_same_numbers_from_cohort_definitions(study, place: Path):
    """Target, comparator and outcome as definitions of ATLAS: 1,800 and 830 persons, the same events and hazard ratio."""
    files = {"celecoxib": cohort(1118084, "DrugEra"), "diclofenac": cohort(1124300, "DrugEra")}
    files["gi_bleed"] = cohort(192671, "ConditionOccurrence", below=True)
    for name, text in files.items():
        place.with_name(f"{name}.json").write_text(text)
    text = place.read_text(encoding="utf-8")
    first, last = text.index("  concept_sets:"), text.index("  covariates:")
    block = "  cohorts:\n" + "".join(f"    {name}: {{atlas: {name}.json}}\n" for name in files)
    other = place.with_name("cohorts.yaml")
    other.write_text(text[:first] + block + text[last:])
    found = run_study(other)
    assert list(found.cohort.patient) == list(study.cohort.patient)
    key = "survival.gi_bleed.unadjusted.cox.celecoxib-vs-diclofenac.hr"
    assert value(found, key) == value(study, key)
