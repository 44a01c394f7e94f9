"""A study from one row per patient with day numbers instead of dates: endpoints from sources, a protocol alone.

Witness: the published OS and PFS of the TCGA Clinical Data Resource, hepatocellular carcinoma (Liu et al., Cell
2018;173:400), and R's survival for the hazard ratio of stage.
"""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from equipoise.errors import DataError, ProtocolError
from equipoise.study import run_study

TCGA = """\
study:
  id: tcga_lihc
  title: "Resected hepatocellular carcinoma by sex"
  disease: hepatocellular carcinoma
  population: "patients with hepatocellular carcinoma in a public registry of tumors"
data:
  rows: tcga_cdr_lihc.csv
  patient: bcr_patient_barcode
  missing: ["[Not Available]", "[Not Applicable]", "[Discrepancy]"]
arms:
  column: gender
  groups: {male: {label: Men, value: MALE}, female: {label: Women, value: FEMALE}}
  reference: male
  focal: female
eligibility:
  start: "Patients with hepatocellular carcinoma"
  steps:
    - label: "Followed"
      exclude:
        - reason: "No follow-up"
          where: "last_contact_days_to is null and death_days_to is null"
          known: after_index
          why: "no outcome is recorded"
          landmark_day: 1
covariates:
  age: {label: "Age, years", kind: continuous, from: age_at_initial_pathologic_diagnosis}
  late: {label: "Stage III or IV", kind: binary, from: "ajcc_pathologic_tumor_stage not in ('Stage I', 'Stage II')"}
sources:
  death: {table: patients, day: death_days_to, where: "vital_status = 'Dead'"}
  new_tumor: {table: patients, day: new_tumor_event_dx_days_to}
  last_contact: {table: patients, day: last_contact_days_to}
endpoints:
  os: {label: Overall survival, short: OS, event_label: Death, events: [death], censoring: [last_contact]}
  pfs:
    label: Progression-free survival
    short: PFS
    event_label: "Progression, new primary tumor or death"
    events: [new_tumor, death]
    censoring: [last_contact]
time_unit: months
design: {propensity: [age]}
cox: {univariable: [late]}
"""


@pytest.fixture
def tcga(third_party, tmp_path) -> Path:
    shutil.copy(third_party / "hcc_tcga_lihc" / "tcga_cdr_lihc.csv", tmp_path)
    return tmp_path


def published(folder: Path) -> dict[str, dict[str, tuple[int, float | None]]]:
    """patient -> endpoint -> (event, days or None) as printed by the source."""
    with (folder / "tcga_cdr_lihc.csv").open(encoding="utf-8") as file:
        return {
            row["bcr_patient_barcode"]: {
                name: (int(float(row[name.upper()])), float(days) if (days := row[f"{name.upper()}.time"]) else None)
                for name in ("os", "pfs")
            }
            for row in csv.DictReader(file)
        }


def run(folder: Path, protocol: str):
    (folder / "study.yaml").write_text(protocol, encoding="utf-8")
    return run_study(folder / "study.yaml")


def test_survival_of_all_377_patients(tcga):
    study = run(tcga, TCGA)
    known = published(tcga)
    assert len(known) == study.cohort.n_start == 377
    for name, outcome in study.outcomes.endpoints.items():
        ours = {p: (int(e), float(t)) for p, e, t in zip(study.cohort.patient, outcome.event, outcome.time, strict=True)}
        agree = sum(ours.get(patient, (0, None)) == values[name] for patient, values in known.items())
        assert agree == 377, name
    followed = {p for p, values in known.items() if values["os"][1] is not None}
    assert set(study.cohort.patient) == followed and len(followed) == 376, "the one without follow-up has no time in print"


def test_a_new_primary_tumor_counts_because_the_protocol_says_so(tcga):
    rule = "where: \"coalesce(new_tumor_event_type, '') <> 'New Primary Tumor'\""
    recurrence = TCGA.replace("new_tumor_event_dx_days_to}", f"new_tumor_event_dx_days_to, {rule}}}")
    study = run(tcga, recurrence)
    known = published(tcga)
    outcome = study.outcomes.endpoints["pfs"]
    found = zip(study.cohort.patient, outcome.event, outcome.time, strict=True)
    agree = 1 + sum((int(e), float(t)) == known[p]["pfs"] for p, e, t in found)
    assert agree == 366


def test_words_for_missing_are_empty_cells(tcga):
    study = run(tcga, TCGA)
    row = study.estimates["survival.os.unadjusted.cox_univariable.late.hr"]
    assert (row.value, row.low, row.high) == pytest.approx((2.409, 1.666, 3.484), abs=0.002)


def test_the_relation_runs_alone(tcga, monkeypatch):
    import duckdb

    study = run(tcga, TCGA)
    engine = study.sources.engine
    monkeypatch.chdir(tcga)
    alone = duckdb.connect().execute(engine.script("endpoint_time")).fetchall()
    inside = engine.rows("select * from endpoint_time")
    assert sorted(row[:5] for row in alone) == sorted(row[:5] for row in inside)


SMALL = """\
study: {id: small, title: "Day numbers", disease: any, population: "six patients"}
data: {rows: six.csv, patient: id, missing: [unknown]}
arms: {column: arm, groups: {a: {label: A, value: a}, b: {label: B, value: b}}, reference: a, focal: a}
covariates: {age: {label: Age, kind: continuous, from: age}}
sources:
  death: {table: patients, day: died}
  last_contact: {table: patients, day: seen}
endpoints:
  os: {label: Overall survival, short: OS, event_label: Death, events: [death], censoring: [last_contact]}
design: {propensity: [age], caliper: 10}
"""
SIX = ["1,a,50,10,10", "2,a,61,unknown,40", "3,a,70,0,0", "4,b,55,unknown,35", "5,b,64,22,22", "6,b,72,9,9"]


def small(folder: Path, rows: list[str], protocol: str = SMALL):
    (folder / "six.csv").write_text("id,arm,age,died,seen\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return run(folder, protocol)


def test_day_numbers_stay_as_recorded(tmp_path):
    outcome = small(tmp_path, SIX).outcomes.endpoints["os"]
    assert outcome.time.tolist() == [10, 40, 0, 35, 22, 9]
    assert outcome.event.tolist() == [1, 0, 1, 0, 1, 1]
    assert outcome.source.tolist() == ["death", "last_contact", "death", "last_contact", "death", "death"]


def test_a_day_before_the_index_date_and_a_missing_end_are_refused_together(tmp_path):
    with pytest.raises(DataError) as caught:
        small(tmp_path, ["1,a,50,-3,10", "2,a,61,,", *SIX[2:]])
    places = [f.sentence() for f in caught.value.faults]
    assert "six.csv, row 2, column died: the day of 'death' is before the index date; the time would be negative" in places
    assert any(p.startswith("six.csv, row 3, column seen: 'Overall survival' has no event and no day") for p in places)


@pytest.mark.parametrize(
    ("change", "to", "said"),
    [
        ("day: died", "day: dead", "six.csv has no column 'dead'"),
        ("table: patients, day: died", "table: followup, day: died", "there is no table 'followup'; known are patients"),
        ("day: died", "date: died", "gives 'day', a column of day numbers"),
        ("day: died", "day: died, date: died", "give either 'date'"),
        ("censoring: [last_contact]", "censoring: [day_one]", "day_one needs dates"),
    ],
)
def test_faults_of_the_protocol(tmp_path, change, to, said):
    with pytest.raises((ProtocolError, DataError)) as caught:
        small(tmp_path, SIX, SMALL.replace(change, to))
    assert any(said in f.sentence() for f in caught.value.faults), [f.sentence() for f in caught.value.faults]
