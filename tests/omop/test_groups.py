"""Groups of covariates: which concepts they hold, and that they enter the LASSO score of a design."""

from __future__ import annotations

import numpy as np
import pytest

from equipoise.errors import EquipoiseError
from equipoise.estimate.group_balance import differences
from equipoise.records import CovariateGroup
from equipoise.study import export_study, run_study
from omop_cdm import ALFA, BLEED, BLEED_BELOW, NSAID_BELOW, PAIN, Database, condition, day, exposure

GROUPS = "  groups:\n    conditions: {label: Conditions, table: condition_occurrence, days: [-100, 0], minimum_share: 0.1}\n"
LASSO = "design: {propensity: [age], score: {fit: lasso, groups: [conditions], folds: 3, one_sided: keep}, caliper: 3}"


@pytest.fixture
def grouped(database: Database) -> Database:
    """Back pain of 8 persons before the index date, mostly of the first arm; another concept of one person."""
    database.replaced("arms:\n  groups", f"{GROUPS}arms:\n  groups")
    rows = database.tables["condition_occurrence"]
    rows += [condition(400 + p, p, PAIN, 160) for p in (3, 5, 7, 9, 11, 6, 8)]
    rows += [condition(500, 3, BLEED, 170), condition(501, 3, PAIN, 99), condition(502, 13, PAIN, 201)]
    return database


def held(database: Database) -> dict[str, list[int]]:
    """Covariate -> the analyzed patients who have it."""
    study = run_study(database.write())
    found: dict[str, list[int]] = {}
    for group in study.covariates.groups.values():
        for row, column in zip(group.row, group.column, strict=True):
            found.setdefault(group.labels[column], []).append(int(study.cohort.patient[row]))
    return {name: sorted(persons) for name, persons in found.items()}


def test_concepts_of_enough_persons_in_the_window(grouped: Database):
    """Of 24 persons at least a tenth: back pain of nine; bleeding of one is too rare."""
    assert held(grouped) == {"Back pain": [1, 2, 3, 5, 6, 7, 8, 9, 11]}


def test_shares_are_of_analyzed_patients(grouped: Database):
    """Three of 24 persons bleed, more than a tenth; they leave, and the concept is nobody's."""
    grouped.tables["condition_occurrence"] += [condition(800 + p, p, BLEED, 150) for p in (13, 14)]
    assert held(grouped)["Bleeding"] == [3, 13, 14]
    for p in (3, 13):
        grouped.tables["observation_period"][p - 1]["observation_period_start_date"] = day(150)
    assert "Bleeding" not in held(grouped)


def test_ancestors(grouped: Database):
    grouped.replaced("minimum_share: 0.1}\n", "minimum_share: 0.1, ancestors: true}\n")
    grouped.tables["concept_ancestor"].append({"ancestor_concept_id": PAIN, "descendant_concept_id": PAIN})
    rows = grouped.tables["condition_occurrence"]
    rows += [condition(600, 14, BLEED_BELOW, 150), condition(601, 15, BLEED, 150)]
    assert held(grouped)["Bleeding"] == [3, 14, 15]
    assert "Bleeding of the stomach" not in held(grouped)


def test_drugs_of_the_arms_are_left_out(grouped: Database):
    grouped.replaced("table: condition_occurrence, days: [-100, 0]", "table: drug_exposure, days: ever")
    rows = grouped.tables["drug_exposure"]
    rows += [exposure(700 + p, p, NSAID_BELOW, 100, 110) for p in (1, 2, 3)]
    rows += [exposure(720, 4, ALFA, 200, 220)]
    assert held(grouped) == {"gammacid": [1, 2, 3]}


def test_the_most_frequent(grouped: Database):
    grouped.tables["condition_occurrence"] += [condition(800 + p, p, BLEED, 150) for p in (13, 14, 15)]
    assert set(held(grouped)) == {"Back pain", "Bleeding"}
    grouped.replaced("minimum_share: 0.1}\n", "minimum_share: 0.1, most: 1}\n")
    assert set(held(grouped)) == {"Back pain"}


def test_they_enter_the_score(grouped: Database):
    grouped.tables["condition_occurrence"] += [condition(800 + p, p, PAIN, 150) for p in (13, 15, 17, 19, 21)]
    grouped.replaced("design: {propensity: [age], caliper: 3}", LASSO)
    study = run_study(grouped.write())
    (design,) = [d for d in study.designs if d.name == "matched"]
    assert design.facts["coefficients"] == 2
    rows = study.estimates.rows
    assert rows["baseline.unadjusted.covariate_group.conditions.n"].value == 1
    p1, p0 = 11 / 12, 3 / 12
    sd = np.sqrt((p1 * (1 - p1) + p0 * (1 - p0)) * 12 / 11 / 2)
    found = rows["baseline.unadjusted.covariate_group.conditions.back_pain.smd"].value
    assert found == pytest.approx((p1 - p0) / sd, rel=1e-12)


def test_a_script_would_lack_their_columns(grouped: Database):
    grouped.tables["condition_occurrence"] += [condition(800 + p, p, PAIN, 150) for p in (13, 15, 17, 19, 21)]
    grouped.replaced("design: {propensity: [age], caliper: 3}", LASSO)
    with pytest.raises(EquipoiseError, match="whose columns are not exported"):
        export_study(run_study(grouped.write()), grouped.folder / "r", "r")


def test_differences_of_weighted_patients():
    """By hand: 2 of 4 against 1 of 4, then with weights 1, 1, 1, 3 in the other arm."""
    group = CovariateGroup("Drugs", ("one",), np.array([0, 1, 7]), np.array([0, 0, 0]))
    focal = np.array([True] * 4 + [False] * 4)
    sd = np.sqrt((0.25 + 3 / 16) * 4 / 3 / 2)
    assert differences(group, focal, np.ones(8))[0] == pytest.approx(0.25 / sd)
    assert differences(group, focal, np.array([1, 1, 1, 1, 1, 1, 1, 3.0]))[0] == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(
    ("design", "said"),
    [
        ("design: {propensity: [age], score: {fit: lasso, groups: [drugs]}}", "there is no group of covariates 'drugs'"),
        ("design: {propensity: [age], score: {groups: [conditions]}}", "take fit: lasso in place of ml"),
    ],
)
def test_refused(grouped: Database, design: str, said: str):
    grouped.replaced("design: {propensity: [age], caliper: 3}", design)
    assert any(said in fault for fault in grouped.faults())
