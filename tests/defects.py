"""Planted defects: errors as hospital extracts hold them, put into a copy of raw tables at known places, from a seed.

They test the checks, not the analysis: each names the rule that must find it, and the patient it was planted in.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

Tables = dict[str, list[dict[str, str]]]


@dataclass(frozen=True, slots=True)
class Planted:
    """A defect as it was planted. rule: of data/quality.py, or the rule of a fault that refuses the data."""

    defect: str
    rule: str
    patient: str


class Field:
    """The tables while defects are planted: draws one fresh analysed patient per defect, so that none hides another."""

    def __init__(self, tables: Tables, seed: int):
        self.tables = tables
        self._random = np.random.default_rng(seed)
        self._used: set[str] = set()

    def rows(self, table: str, patient: str, **where: str) -> list[dict[str, str]]:
        """A patient's rows with these cells, in the order of the file."""
        return [r for r in self.tables[table] if r["patient_id"] == patient and all(r[k] == v for k, v in where.items())]

    def draw(self, fit: Callable[[str], bool]) -> str:
        """A patient on the index line, not drawn before, for whom `fit` holds."""
        on_line = [r["patient_id"] for r in self.tables["index_treatment"] if r["drug"] in ("lenvatinib", "sorafenib")]
        fitting = [p for p in on_line if p not in self._used and fit(p)]
        chosen = fitting[int(self._random.integers(len(fitting)))]
        self._used.add(chosen)
        return chosen

    def followup(self, patient: str) -> dict[str, str]:
        return self.rows("followup", patient)[0]

    def index(self, patient: str) -> str:
        return self.rows("index_treatment", patient)[0]["index_date"]


def moved(date: str, days: int) -> str:
    return (dt.date.fromisoformat(date) + dt.timedelta(days=days)).isoformat()


def _dead(field: Field) -> Callable[[str], bool]:
    return lambda p: bool(field.followup(p)["death_date"])


def contact_after_death(field: Field) -> str:
    patient = field.draw(lambda p: _dead(field)(p) and field.followup(p)["death_date"] < "2023-08-01")
    row = field.followup(patient)
    row["last_contact"] = moved(row["death_date"], 20)
    return patient


def lab_after_death(field: Field) -> str:
    patient = field.draw(lambda p: _dead(field)(p) and bool(field.rows("lab", p, analyte="Hb")))
    field.rows("lab", patient, analyte="Hb")[-1]["date"] = moved(field.followup(patient)["death_date"], 9)
    return patient


def progression_after_death(field: Field) -> str:
    patient = field.draw(lambda p: _dead(field)(p) and field.followup(p)["death_date"] < "2023-08-01")
    row = field.followup(patient)
    row["progression_date"] = moved(row["death_date"], 12)
    return patient


def lost_baseline_scan(field: Field) -> str:
    def later_scan(p: str) -> bool:
        return sum(r["date"] > field.index(p) for r in field.rows("visit_imaging", p)) >= 1

    patient = field.draw(later_scan)
    for row in field.rows("visit_imaging", patient):
        if row["date"] <= field.index(patient):
            row["evaluable"] = "false"
    return patient


def _measured_again(field: Field, least_mm: float) -> Callable[[str], bool]:
    def fit(p: str) -> bool:
        targets = {r["lesion_id"] for r in field.rows("lesion", p, role="target")}
        again = [r for r in field.rows("lesion_measure", p) if r["lesion_id"] in targets and int(r["visit"]) == 1]
        return any(r["diameter_mm"] and least_mm <= float(r["diameter_mm"]) for r in again)

    return fit


def centimetres_for_millimetres(field: Field) -> str:
    patient = field.draw(_measured_again(field, 30))
    row = _second_measure(field, patient, 30)
    row["diameter_mm"] = f"{float(row['diameter_mm']) / 10:g}"
    if row["viable_mm"]:
        row["viable_mm"] = f"{float(row['viable_mm']) / 10:g}"
    return patient


def viable_beyond_whole(field: Field) -> str:
    patient = field.draw(_measured_again(field, 15))
    row = _second_measure(field, patient, 15)
    row["viable_mm"] = f"{float(row['diameter_mm']) + 6:g}"
    return patient


def _second_measure(field: Field, patient: str, least_mm: float) -> dict[str, str]:
    targets = {r["lesion_id"] for r in field.rows("lesion", patient, role="target")}
    rows = field.rows("lesion_measure", patient, visit="1")
    return next(r for r in rows if r["lesion_id"] in targets and r["diameter_mm"] and float(r["diameter_mm"]) >= least_mm)


def _weights(field: Field, patient: str) -> list[dict[str, str]]:
    return sorted(field.rows("observation", patient, item="weight_kg"), key=lambda r: r["date"])


def dose_for_light_patient(field: Field) -> str:
    def light(p: str) -> bool:
        weights = [r for r in _weights(field, p) if r["date"] <= field.index(p)]
        on_drug = field.rows("index_treatment", p, drug="lenvatinib")
        return bool(on_drug and weights and float(weights[-1]["value"]) < 58 and field.rows("exposure", p))

    patient = field.draw(light)
    first = min(field.rows("exposure", patient), key=lambda r: r["start"])
    first["dose_mg_day"] = "12"
    return patient


def pounds_for_kilograms(field: Field) -> str:
    patient = field.draw(lambda p: bool(_weights(field, p)))
    last = _weights(field, patient)[-1]
    copied = {**last, "date": moved(last["date"], -6)}
    field.tables["observation"].insert(field.tables["observation"].index(last), copied)
    last["value"] = f"{float(last['value']) * 2.2046:.0f}"
    return patient


def bilirubin_in_the_wrong_unit(field: Field) -> str:
    """The last bilirubin in umol/L under the unit mg/dL, in a patient whose values are steady (within a factor of 1.8)."""

    def steady(p: str) -> bool:
        rows = field.rows("lab", p, analyte="bilirubin")
        values = [float(r["value"]) for r in rows]
        return len(rows) >= 2 and {r["unit"] for r in rows} == {"mg/dL"} and max(values) <= min(2.5, 1.8 * min(values))

    patient = field.draw(steady)
    *_, before, last = sorted(field.rows("lab", patient, analyte="bilirubin"), key=lambda r: r["date"])
    before["date"] = max(before["date"], moved(last["date"], -14))
    last["value"] = f"{float(last['value']) * 17.1:.1f}"
    return patient


def albumin_in_the_wrong_unit(field: Field) -> str:
    """g/L written as g/dL: beyond what is believable, so that the data are refused."""
    patient = field.draw(lambda p: any(r["unit"] == "g/dL" for r in field.rows("lab", p, analyte="albumin")))
    row = field.rows("lab", patient, analyte="albumin", unit="g/dL")[-1]
    row["value"] = f"{float(row['value']) * 10:g}"
    return patient


def twice_registered(field: Field) -> str:
    """A second identifier with the same sex, age and laboratory results; screened, not treated."""
    patient = field.draw(lambda p: len(field.rows("lab", p)) >= 8)
    twin = "P999"
    for table in ("patient", "screening", "lab", "followup"):
        field.tables[table] += [{**r, "patient_id": twin} for r in field.rows(table, patient)]
    for row in field.rows("screening", twin):
        row |= {"firstline_stop_reason": "death", "post_firstline_status": "none"}
    return twin


def scan_before_the_baseline_scan(field: Field) -> str:
    """The last scan of a patient, under an earlier year's date."""

    def scanned(p: str) -> bool:
        return len(field.rows("visit_imaging", p)) >= 2

    patient = field.draw(scanned)
    visits = sorted(field.rows("visit_imaging", patient), key=lambda r: int(r["visit"]))
    visits[-1]["date"] = moved(visits[0]["date"], -1)
    return patient


def two_results_on_one_day(field: Field) -> str:
    """A second platelet count of a day, a third lower."""
    patient = field.draw(lambda p: bool(field.rows("lab", p, analyte="platelets")))
    row = field.rows("lab", patient, analyte="platelets")[-1]
    place = field.tables["lab"].index(row)
    field.tables["lab"].insert(place + 1, {**row, "value": f"{float(row['value']) / 1.5:.0f}"})
    return patient


def diagnosis_after_treatment(field: Field) -> str:
    patient = field.draw(lambda p: bool(field.rows("patient", p)[0]["diagnosis_date"]))
    field.rows("patient", patient)[0]["diagnosis_date"] = moved(field.index(patient), 30)
    return patient


# defect -> the rule that must name it, and how it is planted
DEFECTS: dict[str, tuple[str, Callable[[Field], str]]] = {
    "contact_after_death": ("contact_after_death", contact_after_death),
    "lab_after_death": ("record_after_death", lab_after_death),
    "progression_after_death": ("progression_after_death", progression_after_death),
    "lost_baseline_scan": ("response_without_baseline", lost_baseline_scan),
    "centimetres_for_millimetres": ("lesion_jump", centimetres_for_millimetres),
    "viable_beyond_whole": ("lesion_sum", viable_beyond_whole),
    "dose_for_light_patient": ("dose_for_weight", dose_for_light_patient),
    "pounds_for_kilograms": ("weight", pounds_for_kilograms),
    "bilirubin_in_the_wrong_unit": ("lab_unit", bilirubin_in_the_wrong_unit),
    "albumin_in_the_wrong_unit": ("impossible for its unit", albumin_in_the_wrong_unit),
    "twice_registered": ("duplicate_patient", twice_registered),
    "scan_before_the_baseline_scan": ("visit_order", scan_before_the_baseline_scan),
    "two_results_on_one_day": ("same_day", two_results_on_one_day),
    "diagnosis_after_treatment": ("implausible_interval", diagnosis_after_treatment),
}


def plant_defects(source: Path, target: Path, seed: int, defects: list[str] | None = None) -> list[Planted]:
    """Copy the csv tables of the folder `source` to `target` with each defect planted once. Returns what was planted where."""
    tables = {p.stem: _read(p) for p in sorted(source.glob("*.csv"))}
    field = Field(tables, seed)
    planted = []
    for name in defects if defects is not None else list(DEFECTS):
        rule, plant = DEFECTS[name]
        planted.append(Planted(name, rule, plant(field)))
    target.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        with (target / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return planted


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
