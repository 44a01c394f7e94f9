"""A study of raw tables for 16 invented patients, small enough to be changed by hand in a test."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

TINY = """\
study:
  id: tiny
  title: "Two antibodies in lung cancer"
  disease: lung cancer
  population: "patients with lung cancer"
  notice: "Invented patients."
conventions: r
data: {tables: data}
index: {table: index_treatment, date: index_date, label: first dose, accrual: {from: 2020-01-01, to: 2021-12-31}}
arms:
  column: drug
  groups:
    alfa: {label: Alfamab, value: alfamab}
    beta: {label: Betanib, value: betanib}
  reference: beta
  focal: alfa
eligibility:
  start: "Patients in the registry"
  steps:
    - label: "Treated"
      exclude:
        - {reason: "Received gammacid", table: index_treatment, where: "drug = 'gammacid'"}
        - {reason: "Under age", table: patient, where: "age_index < 18"}
covariates:
  age: {label: "Age, years", kind: continuous, from: age_index}
  female: {label: Female, kind: binary, from: "sex = 'F'"}
  status: {label: Performance status, kind: categorical, from: ecog, levels: {"0": "0", "1": "1"}}
response: {criteria: [RECIST 1.1]}
sources:
  death: {table: followup, date: death_date}
  radiologic_progression: {table: visit_response, date: date, where: "criterion = 'RECIST 1.1' and overall = 'PD'"}
  last_scan: {table: visit_response, date: date, where: "overall in ('CR', 'PR', 'SD')", pick: last}
  last_contact: {table: followup, date: last_contact}
endpoints:
  os: {label: Overall survival, short: OS, event_label: Death, events: [death], censoring: [last_contact]}
  ttp:
    label: Progression-free survival
    short: PFS
    event_label: Progression or death
    events: [radiologic_progression, death]
    censoring: [last_scan, day_one]
design: {propensity: [age], caliper: 3}
cox:
  univariable: [age, female, treatment]
  multivariable: {os: [age, treatment]}
subgroups:
  age_group: {label: Age group, levels: {"<60": "age < 60", "≥60": "age >= 60"}}
safety: {}
"""


@dataclass
class TinyStudy:
    """Tables as lists of dicts; `write` puts protocol and data into a folder. Tests change the tables or the text first."""

    folder: Path
    protocol: str = TINY
    tables: dict[str, list[dict]] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        return self.folder / "study.yaml"

    def write(self) -> Path:
        (self.folder / "data").mkdir(parents=True, exist_ok=True)
        self.path.write_text(self.protocol, encoding="utf-8")
        for name, rows in self.tables.items():
            with (self.folder / "data" / f"{name}.csv").open("w", newline="", encoding="utf-8") as f:
                writer = csv.DictWriter(f, fieldnames=list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
        return self.path


def tiny_in(folder: Path) -> TinyStudy:
    return TinyStudy(folder, TINY, _tables())


def _tables() -> dict[str, list[dict]]:
    day0 = dt.date(2020, 6, 1)
    tables: dict[str, list[dict]] = {
        n: []
        for n in ("patient", "index_treatment", "observation", "followup", "visit_imaging", "lesion", "lesion_measure", "ae")
    }
    for i in range(16):
        pid, index = f"T{i + 1:02d}", day0 + dt.timedelta(days=20 * i)
        drug = "gammacid" if i == 15 else ("alfamab" if i % 2 == 0 else "betanib")
        contact = index + dt.timedelta(days=90 + 23 * i if i % 2 == 0 else 70 + 17 * i)
        died = i % 3 != 0
        tables["patient"].append(
            {"patient_id": pid, "site": "North" if i < 8 else "South", "sex": "FM"[i % 2], "age_index": 48 + (7 * i) % 30}
        )
        tables["index_treatment"].append({"patient_id": pid, "drug": drug, "index_date": index})
        tables["observation"].append(
            {"patient_id": pid, "date": index - dt.timedelta(days=3), "item": "ecog", "value": i % 2 if i < 10 else (i + 1) % 2}
        )
        tables["followup"].append(
            {
                "patient_id": pid,
                "last_contact": contact,
                "death_date": contact if died else "",
                "data_cutoff": dt.date(2023, 1, 1),
            }
        )
        tables["lesion"].append(
            {"patient_id": pid, "lesion_id": "L1", "role": "target", "organ": "lung", "is_lymph_node": "false", "first_visit": 0}
        )
        sizes = [40, 24 if i % 4 == 0 else 38, 52] if i % 5 else [40, 55]
        for visit, size in enumerate(sizes):
            day = -7 if visit == 0 else 45 * visit
            date = index + dt.timedelta(days=day)
            if date > contact:
                break
            tables["visit_imaging"].append(
                {"patient_id": pid, "visit": visit, "date": date, "scheduled": "true", "evaluable": "true"}
            )
            tables["lesion_measure"].append(
                {"patient_id": pid, "lesion_id": "L1", "visit": visit, "diameter_mm": size, "status": "present"}
            )
        if i % 3 == 0:
            tables["ae"].append(
                {"patient_id": pid, "ae_id": "A1", "ctcae_term": "Cough" if i % 2 else "Rash maculo-papular", "grade": 1 + i % 3,
                 "attribution": "possible", "start": index + dt.timedelta(days=10)}
            )  # fmt: skip
    return tables
