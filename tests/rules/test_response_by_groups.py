"""Response of many patients is made of some at a time: the same rows and scripts as of all at once."""

from __future__ import annotations

import pytest

from equipoise.derive import derive_covariates
from equipoise.engine import EngineError
from equipoise.engine import duckdb as embedded
from equipoise.outcomes import derive_outcomes
from equipoise.outcomes.response import READ

SOURCES = {
    "death": {"table": "followup", "date": "death_date"},
    "last_contact": {"table": "followup", "date": "last_contact"},
}
# target sums at the baseline scan and three later ones
SUMS = {"P1": (50, 30, 20, 20), "P2": (50, 40, 60, 60), "P3": (50, 48, 51, 49), "P4": (50, 0, 0, 40), "P5": (50, 80, 20, 20)}
DAYS = (-7, 56, 112, 168)


def course(patients: str = " ".join(SUMS)) -> dict[str, dict[str, list]]:
    """A target of each patient, and of P5 progression of the line before at an early scan and a new lesion at the last one."""
    of = patients.split()
    scans = [(p, str(k), 10 if (p, k) == ("P5", 1) else d, "true", "true") for p in of for k, d in enumerate(DAYS)]
    lesions = [(p, "T", "target", "lung", "false", "0") for p in of] + [("P5", "N", "new", "lung", "false", "3")]
    sizes = [(p, "T", str(k), str(mm or ""), "present" if mm else "absent") for p in of for k, mm in enumerate(SUMS[p])]
    recorded = [(p, "2", "RECIST 1.1", "PR") for p in of]

    def columns(names: str, rows: list[tuple]) -> dict[str, list]:
        return {
            n: [c or None if n == "diameter_mm" else c for c in cells]
            for n, cells in zip(names.split(), zip(*rows, strict=True), strict=True)
        }

    return {
        "visit_imaging": columns("patient_id visit day scheduled evaluable", scans),
        "lesion": columns("patient_id lesion_id role organ is_lymph_node first_visit", lesions),
        "lesion_measure": columns("patient_id lesion_id visit diameter_mm status", [*sizes, ("P5", "N", "3", "9", "present")]),
        "recorded_response": columns("patient_id visit criterion response", recorded),
        "followup": columns("patient_id last_contact_day", [(p, 400) for p in of]),
    }


@pytest.mark.parametrize("recorded", [False, True])
@pytest.mark.parametrize("at_a_time", [1, 2, 4])
def test_groups_of_patients_give_what_all_of_them_give(draw, monkeypatch, at_a_time: int, recorded: bool) -> None:
    tables = course()
    if not recorded:
        tables.pop("recorded_response")
    response = {"criteria": ["RECIST 1.1", "mRECIST"], "progression_from_day": 28}
    found = []
    for most in (at_a_time, len(SUMS)):
        monkeypatch.setattr(embedded, "AT_A_TIME", most)
        study = draw(" ".join(SUMS), tables, response=response, sources=SOURCES)
        derive_covariates(study.protocol, study.sources, study.cohort)
        outcomes = derive_outcomes(study.protocol, study.sources, study.cohort)
        engine = study.engine
        kept = [name for name in READ if engine.has(name)]
        assert ("response_comparison" in kept) == recorded
        rows = {name: sorted(map(repr, engine.rows(f"select * from {name}"))) for name in kept}
        assert len(rows["best_response"]) == 2 * len(SUMS)
        found.append((rows, outcomes.responses, {r: engine.script(r) for r in engine.relations}))
        assert len(engine.rows("select * from cohort")) == len(SUMS)  # none of the groups stays behind
    assert found[0] == found[1]


def test_as_many_as_fit_are_made_at_once(draw, monkeypatch) -> None:
    monkeypatch.setattr(embedded, "AT_A_TIME", len(SUMS))
    study = draw(" ".join(SUMS), course(), response={"criteria": ["RECIST 1.1"]}, sources=SOURCES)
    derive_covariates(study.protocol, study.sources, study.cohort)
    derive_outcomes(study.protocol, study.sources, study.cohort)
    assert len(study.rows("select * from scan_reading")) == len(SUMS) * len(DAYS)


def test_a_statement_that_fails_leaves_nothing_of_its_group(monkeypatch) -> None:
    monkeypatch.setattr(embedded, "AT_A_TIME", 1)
    engine = embedded.DuckDBEngine()
    engine.create("cohort", "select patient_id from (values ('P1'), ('P2')) as given(patient_id)")
    double = {"twice": "select patient_id, 2 as n from cohort"}
    with pytest.raises(EngineError):
        engine.define_by_patient({**double, "wrong": "select cast(patient_id as int) as n from twice"}, ["twice"])
    assert engine.rows("select count(*) from cohort") == [(2,)]
    engine.define_by_patient(double, ["twice"])
    assert engine.rows("select * from twice order by patient_id") == [("P1", 2), ("P2", 2)]
