"""A synthetic spreadsheet study of ninety invented patients, drawn here, for the tests of overlap, missing scores and ties."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

PROTOCOL = """\
study: {id: sheet, title: Two drugs, disease: disease, population: patients}
conventions: r
data: {rows: sheet.csv, patient: id}
arms:
  column: drug
  groups: {newer: {label: Newer, value: newer}, older: {label: Older, value: older}}
  reference: older
  focal: newer
covariates:
  age: {label: Age, kind: continuous, from: age}
  male: {label: Male, kind: binary, from: "sex = 'M'"}
  grade: {label: Grade, kind: categorical, from: grade, levels: {low: Low, mid: Middle, high: High}}
endpoints:
  os: {label: Overall survival, short: OS, event_label: Death, time: {column: days}, event: "dead = 1"}
landmarks: [6, 12]
design: {propensity: [age, male, grade], caliper: 0.2}
cox: {univariable: [age, male, grade, treatment], multivariable: {os: [age, male, grade, treatment]}}
"""

Table = list[dict]


def patients(n: int = 90) -> Table:
    rng = np.random.default_rng(20260731)
    rows = []
    for i in range(n):
        age, male, grade = int(rng.integers(40, 80)), rng.random() < 0.5, ("low", "mid", "high")[int(rng.integers(0, 3))]
        newer = rng.random() < 1 / (1 + np.exp(-(0.03 * (age - 60) + 0.5 * male)))
        days = max(1, int(rng.exponential(500)))
        rows.append(
            {"id": f"S{i + 1:03d}", "drug": "newer" if newer else "older", "age": age, "sex": "M" if male else "F",
             "grade": grade, "days": min(days, 900), "dead": int(days < 900)}
        )  # fmt: skip
    return rows


def write(folder: Path, rows: Table, protocol: str = PROTOCOL) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "sheet.csv").open("w", newline="", encoding="utf-8") as f:
        writer = csv.DictWriter(f, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    (folder / "study.yaml").write_text(protocol, encoding="utf-8")
    return folder / "study.yaml"


def only_in_newer(rows: Table) -> Table:
    """High grade is found with the newer drug alone."""
    return [{**r, "grade": "mid"} if r["grade"] == "high" and r["drug"] == "older" else r for r in rows]


def without_age(rows: Table) -> Table:
    """Age is not recorded for every third patient with the newer drug, and for one with the older."""
    newer = [r["id"] for r in rows if r["drug"] == "newer"][::3]
    older = [r["id"] for r in rows if r["drug"] == "older"][:1]
    return [{**r, "age": ""} if r["id"] in {*newer, *older} else r for r in rows]
