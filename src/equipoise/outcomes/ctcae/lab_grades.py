"""From the contract's table `lab` to the worst CTCAE grade per patient and term."""

from __future__ import annotations

from equipoise.engine import Engine, read_sql, values
from equipoise.outcomes.adverse_events import DAYS_AFTER_LAST_DOSE
from equipoise.outcomes.ctcae.rules import PACKAGE, define_rules

# relation -> file, in the order in which they build on each other
STEPS = {"lab_value": "lab_value.sql", "lab_grade": "lab_grade.sql", "lab_toxicity": "lab_toxicity.sql"}


def define_lab_grades(
    engine: Engine,
    version: str = "5",
    reading: str = "printed",
    assume: tuple[str, ...] | None = None,
    days_after_last_dose: int = DAYS_AFTER_LAST_DOSE,
) -> None:
    """Define `lab_grade` (a row per value and term; of many patients it is not kept) and `lab_toxicity` (the worst per patient
    and term).

    The relations `cohort(patient_id, arm, index_date)` and `unit_factor` exist; `lab` and `exposure` are taken as empty where
    they were not given. Baseline: the record of `baseline_record` where that relation is there, else the latest record on or
    before the index date. version: '5' or '4'. reading: 'printed' = CTCAE's own text, 'pharmaverse' = where admiral reads it
    otherwise. assume: findings beside the value that are taken for granted (`rules.assumptions`); None = none under
    'printed', all under 'pharmaverse'. ValueError for a version, reading or finding that is not known.
    """
    define_rules(engine, version, reading, assume)
    engine.define("setting_lab_period", values(["days_after_last_dose"], [(days_after_last_dose,)]), phase="outcomes")
    baseline = "lab_baseline.sql" if engine.has("baseline_record") else "lab_baseline_latest.sql"
    engine.define("lab_baseline", read_sql(PACKAGE, baseline), phase="outcomes")
    steps = {name: read_sql(PACKAGE, file) for name, file in STEPS.items()}
    engine.define_by_patient(steps, ["lab_toxicity"], phase="outcomes")
