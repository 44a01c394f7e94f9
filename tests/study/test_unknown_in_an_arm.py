"""A covariate of which an arm has no, or one, known value: the cell says so, SMD and P are blank, all else is printed."""

import csv

import pytest

from equipoise.report.lookup import Numbers
from equipoise.report.tables.baseline import baseline_table
from equipoise.study import run_study

PROTOCOL = """\
study: {id: sheet, title: Two drugs, disease: disease, population: patients}
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
  centre: {label: Centre, kind: categorical, from: centre, levels: {n: North, s: South}}
endpoints:
  os: {label: Overall survival, short: OS, event_label: Death, time: {column: days}, event: "dead = 1"}
landmarks: [6]
DESIGN
subgroups: {grade: {label: Grade, levels: {Low: "grade = 'low'", Middle: "grade = 'mid'"}}}
cox: {univariable: [age, male, grade, treatment], multivariable: {os: [centre, treatment]}}
"""
COLUMNS = {"age": "age", "male": "sex", "grade": "grade"}
DESIGNS = {"none": "design: none", "matched": "design: {propensity: [centre], caliper: null}"}


def patients(known: int, column: str) -> list[dict]:
    """Sixty patients, of whom those of the newer arm have `known` values in `column`."""
    rows, left = [], known
    for i in range(60):
        row = {
            "id": f"P{i:02d}", "drug": ("newer", "older", "older")[i % 3], "age": 45 + (i * 7) % 31, "sex": "MF"[(i // 3) % 2],
            "grade": ("low", "mid", "high")[(i // 2) % 3], "centre": "ns"[(i // 5) % 2], "days": 40 + (i * 37) % 700,
            "dead": int(i % 4 > 0),
        }  # fmt: skip
        if row["drug"] == "newer":
            row[column] = row[column] if left else ""
            left = max(left - 1, 0)
        rows.append(row)
    return rows


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("known", [0, 1])
@pytest.mark.parametrize("name", COLUMNS)
def test_the_rest_is_printed(tmp_path, name, known, design):
    rows = patients(known, COLUMNS[name])
    with open(tmp_path / "sheet.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    (tmp_path / "study.yaml").write_text(PROTOCOL.replace("DESIGN", DESIGNS[design]))
    study = run_study(tmp_path / "study.yaml")
    numbers = Numbers(study)
    for where in ["unadjusted", *(["matched"] if design == "matched" else [])]:
        for statistic in ("p", "smd"):
            assert numbers.row("baseline", statistic, design=where, variable=name) is None
            assert numbers.row("baseline", statistic, design=where, variable="centre") is not None
    cells = [cell.text for row in baseline_table(numbers).body for cell in row.cells]
    assert ("not recorded (0 of 20)" in cells) == (known == 0)
    assert (
        numbers.value("survival", "hr", endpoint="os", design="unadjusted", analysis="cox_multivariable", variable="treatment")
        > 0
    )
