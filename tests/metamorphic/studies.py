"""Small studies of invented patients, as data that a test may change before they are written: a protocol as a mapping and tables
as lists of rows. No two patients share a score, a time or a value of a continuous covariate, so that no result hangs on a tie.
"""

from __future__ import annotations

import copy
import csv
import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from equipoise.records import Study
from equipoise.study import run_study

SHEET = "patients"  # the name of the only table of a spreadsheet study


@dataclass
class Example:
    """protocol: as YAML would give it. tables: name -> rows; a spreadsheet has one table, `patients`."""

    protocol: dict[str, Any]
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def copy(self) -> Example:
        return copy.deepcopy(self)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows of a spreadsheet study."""
        return self.tables[SHEET]

    def write(self, folder: Path) -> Path:
        """Protocol and tables as files of `folder`; the path of the protocol."""
        folder.mkdir(parents=True, exist_ok=True)
        data = folder if "rows" in self.protocol["data"] else folder / "data"
        data.mkdir(exist_ok=True)
        for name, rows in self.tables.items():
            with (data / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, fieldnames=list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
        path = folder / "study.yaml"
        path.write_text(yaml.safe_dump(self.protocol, sort_keys=False, allow_unicode=True), encoding="utf-8")
        return path

    def run(self, folder: Path) -> Study:
        return run_study(self.write(folder))


def sheet(n: int = 120, seed: int = 11) -> Example:
    """Two arms of a spreadsheet, matched; continuous, binary and categorical covariates, one endpoint, subgroups."""
    rng = np.random.default_rng(seed)
    age = np.round(62 + 9 * rng.standard_normal(n) + np.arange(n) * 1e-4, 4)
    marker = np.round(np.exp(rng.normal(4, 1, n)), 5)
    male = rng.random(n) < 0.6
    stage = rng.choice(["I", "II", "III"], n, p=[0.35, 0.4, 0.25])
    site = rng.choice(["North", "South", "East"], n)
    lean = -0.3 + 0.03 * (age - 62) + 0.5 * male - 0.4 * (stage == "III")
    arm = np.where(rng.random(n) < 1 / (1 + np.exp(-lean)), "new", "old")
    risk = 0.02 * (age - 62) + 0.5 * (stage == "III") + 0.3 * (stage == "II") - 0.5 * (arm == "new")
    time = np.ceil(rng.exponential(500 * np.exp(-risk))).astype(int)
    limit = rng.integers(200, 1200, n)
    dead = time <= limit
    days = _untied(np.minimum(time, limit))
    rows = [
        {
            "patient": f"P{i + 1:03d}", "treatment": arm[i], "age": float(age[i]), "marker": float(marker[i]),
            "sex": "M" if male[i] else "F", "stage": stage[i], "site": site[i], "days": int(days[i]), "died": int(dead[i]),
        }
        for i in range(n)
    ]  # fmt: skip
    return Example(copy.deepcopy(SHEET_PROTOCOL), {SHEET: rows})


def _untied(days: np.ndarray) -> np.ndarray:
    """The same order, every day once."""
    out, last = np.empty(len(days), dtype=int), 0
    for i in np.argsort(days, kind="stable"):
        last = max(int(days[i]), last + 1)
        out[i] = last
    return out


SHEET_PROTOCOL: dict[str, Any] = {
    "study": {
        "id": "invented_sheet",
        "title": "A new and an old treatment",
        "disease": "an invented disease",
        "population": "invented patients",
        "notice": "Invented patients.",
    },
    "conventions": "r",
    "data": {"rows": "patients.csv", "patient": "patient"},
    "arms": {
        "column": "treatment",
        "groups": {"new": {"label": "New", "value": "new"}, "old": {"label": "Old", "value": "old"}},
        "reference": "old",
        "focal": "new",
    },
    "covariates": {
        "age": {"label": "Age, years", "kind": "continuous", "from": "age"},
        "marker": {"label": "Marker, U/mL", "kind": "continuous", "from": "marker"},
        "male": {"label": "Male", "kind": "binary", "from": "sex = 'M'"},
        "stage": {"label": "Stage", "kind": "categorical", "from": "stage", "levels": {"I": "I", "II": "II", "III": "III"}},
        "site": {
            "label": "Site",
            "kind": "categorical",
            "from": "site",
            "levels": {"North": "North", "South": "South", "East": "East"},
        },
    },
    "endpoints": {
        "os": {
            "label": "Overall survival",
            "short": "OS",
            "event_label": "Death",
            "time": {"column": "days", "unit": "days"},
            "event": "died = 1",
        }
    },
    "design": {"propensity": ["age", "marker", "male", "stage"], "caliper": 0.5},
    "cox": {
        "univariable": ["age", "marker", "male", "stage", "site", "treatment"],
        "multivariable": {"os": ["age", "marker", "male", "stage", "treatment"]},
    },
    "subgroups": {"by_age": {"label": "Age group", "levels": {"<62": "age < 62", ">=62": "age >= 62"}}},
}


def randomised(n: int = 90, seed: int = 5) -> Example:
    """Two arms compared as they are, of a spreadsheet; no match, two endpoints."""
    example = sheet(n, seed)
    example.protocol["study"]["id"] = "invented_trial"
    example.protocol["design"] = "none"
    rng = np.random.default_rng(seed + 1)
    events = _untied(np.array([max(1, int(row["days"] * u)) for row, u in zip(example.rows, rng.random(n), strict=True)]))
    for row, day in zip(example.rows, events, strict=True):
        relapsed = day < row["days"]
        row["free_days"], row["relapse"] = int(min(day, row["days"])), int(relapsed or row["died"])
    example.protocol["endpoints"]["efs"] = {
        "label": "Event-free survival",
        "short": "EFS",
        "event_label": "Relapse or death",
        "time": {"column": "free_days", "unit": "days"},
        "event": "relapse = 1",
    }
    return example


def one_arm(n: int = 60) -> Example:
    """The patients of the spreadsheet as a single arm."""
    example = sheet(n)
    example.protocol["study"]["id"] = "invented_arm"
    example.protocol["arms"] = {"groups": {"everybody": {"label": "Everybody"}}}
    del example.protocol["design"]
    for names in (example.protocol["cox"]["univariable"], example.protocol["cox"]["multivariable"]["os"]):
        names.remove("treatment")
    return example


def raw(n: int = 64, seed: int = 3) -> Example:
    """Raw tables of two arms: lesions at up to four visits, response, safety, follow-up, performance status."""
    rng = np.random.default_rng(seed)
    tables: dict[str, list[dict[str, Any]]] = {name: [] for name in RAW_TABLES}
    for i in range(n):
        _patient(tables, rng, i)
    return Example(copy.deepcopy(RAW_PROTOCOL), tables)


RAW_TABLES = (
    "patient", "index_treatment", "observation", "followup", "visit_imaging", "lesion", "lesion_measure", "ae", "exposure",
)  # fmt: skip


def _patient(tables: dict[str, list[dict[str, Any]]], rng: np.random.Generator, i: int) -> None:
    pid, index = f"T{i + 1:03d}", dt.date(2020, 3, 2) + dt.timedelta(days=5 * i + int(rng.integers(0, 5)))
    alfa = rng.random() < 0.5
    contact = index + dt.timedelta(days=95 + 7 * i + int(rng.integers(0, 7)) + (60 if alfa else 0))
    died = rng.random() < 0.7
    age = round(float(45 + 30 * rng.random()), 2)
    tables["patient"].append({"patient_id": pid, "site": "North" if i % 3 else "South", "sex": "FM"[i % 2], "age_index": age})
    tables["index_treatment"].append({"patient_id": pid, "drug": "alfamab" if alfa else "betanib", "index_date": index})
    ecog = int(rng.random() < 0.4)
    tables["observation"].append({"patient_id": pid, "date": index - dt.timedelta(days=3), "item": "ecog", "value": ecog})
    tables["followup"].append(
        {
            "patient_id": pid,
            "last_contact": contact,
            "death_date": contact if died else "",
            "data_cutoff": dt.date(2024, 1, 1),
        }
    )
    tables["exposure"].append(
        {
            "patient_id": pid,
            "start": index,
            "stop": index + dt.timedelta(days=40 + i),
            "dose_mg_day": 12 if alfa else 800,
            "change_reason": "start",
            "stop_reason": "progression" if i % 2 else "AE",
        }
    )
    tables["lesion"].append(
        {"patient_id": pid, "lesion_id": "L1", "role": "target", "organ": "lung", "is_lymph_node": "false", "first_visit": 0}
    )
    size = float(rng.integers(25, 70))
    for visit in range(4):
        date = index + dt.timedelta(days=-7 if visit == 0 else 44 * visit + int(rng.integers(0, 6)))
        if date > contact:
            break
        tables["visit_imaging"].append(
            {"patient_id": pid, "visit": visit, "date": date, "scheduled": "true", "evaluable": "true"}
        )
        tables["lesion_measure"].append(
            {"patient_id": pid, "lesion_id": "L1", "visit": visit, "diameter_mm": round(size, 1), "status": "present"}
        )
        size *= float(rng.choice([0.55, 0.9, 1.05, 1.35]))
    if rng.random() < 0.6:
        tables["ae"].append(
            {
                "patient_id": pid,
                "ae_id": "A1",
                "ctcae_term": str(rng.choice(["Cough", "Rash maculo-papular", "Fatigue"])),
                "grade": int(rng.integers(1, 4)),
                "attribution": "possible",
                "start": index + dt.timedelta(days=10 + i % 9),
            }
        )


RAW_PROTOCOL: dict[str, Any] = {
    "study": {
        "id": "invented_raw",
        "title": "Two antibodies in lung cancer",
        "disease": "lung cancer",
        "population": "patients with lung cancer",
        "notice": "Invented patients.",
    },
    "conventions": "r",
    "data": {"tables": "data"},
    "index": {
        "table": "index_treatment",
        "date": "index_date",
        "label": "first dose",
        "accrual": {"from": "2020-01-01", "to": "2022-12-31"},
    },
    "arms": {
        "column": "drug",
        "groups": {"alfa": {"label": "Alfamab", "value": "alfamab"}, "beta": {"label": "Betanib", "value": "betanib"}},
        "reference": "beta",
        "focal": "alfa",
    },
    "eligibility": {
        "start": "Patients in the registry",
        "steps": [
            {
                "label": "Treated",
                "exclude": [
                    {"reason": "Received gammacid", "table": "index_treatment", "where": "drug = 'gammacid'"},
                    {"reason": "Under age", "table": "patient", "where": "age_index < 18"},
                ],
            }
        ],
    },
    "covariates": {
        "age": {"label": "Age, years", "kind": "continuous", "from": "age_index"},
        "female": {"label": "Female", "kind": "binary", "from": "sex = 'F'"},
        "status": {"label": "Performance status", "kind": "categorical", "from": "ecog", "levels": {"0": "0", "1": "1"}},
    },
    "response": {"criteria": ["RECIST 1.1"]},
    "sources": {
        "death": {"table": "followup", "date": "death_date"},
        "radiologic_progression": {
            "table": "visit_response",
            "date": "date",
            "where": "criterion = 'RECIST 1.1' and overall = 'PD'",
        },
        "last_scan": {"table": "visit_response", "date": "date", "where": "overall in ('CR', 'PR', 'SD')", "pick": "last"},
        "last_contact": {"table": "followup", "date": "last_contact"},
    },
    "endpoints": {
        "os": {
            "label": "Overall survival",
            "short": "OS",
            "event_label": "Death",
            "events": ["death"],
            "censoring": ["last_contact"],
        },
        "pfs": {
            "label": "Progression-free survival",
            "short": "PFS",
            "event_label": "Progression or death",
            "events": ["radiologic_progression", "death"],
            "censoring": ["last_scan", "day_one"],
        },
    },
    "design": {"propensity": ["age", "female"], "caliper": 1},
    "cox": {"univariable": ["age", "female", "status", "treatment"], "multivariable": {"os": ["age", "treatment"]}},
    "subgroups": {"by_age": {"label": "Age group", "levels": {"<60": "age < 60", ">=60": "age >= 60"}}},
    "safety": {},
}
