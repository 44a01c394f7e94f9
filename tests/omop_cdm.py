"""A small invented OMOP database of 24 persons, tables as lists of rows that a test may change, and its study."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest

from equipoise.data.sources import read_sources
from equipoise.errors import EquipoiseError
from equipoise.protocol.load import load_protocol
from equipoise.records import Sources

ALFA, BETA, BLEED, BLEED_BELOW, PAIN, ALBUMIN, NSAID, NSAID_BELOW, LOCAL = 101, 102, 201, 202, 203, 301, 110, 111, 901
GRAM_PER_DL, GRAM_PER_L, MOL = 8713, 8636, 8753
STUDY = """\
study:
  id: tiny_omop
  title: "Bleeding under alfamab or betanib"
  disease: pain
  population: "adults with pain"
  notice: "Invented persons."
data: {standard: omop, path: cdm}
omop:
  concept_sets:
    alfa: {ids: [101]}
    beta: {ids: [102]}
    bleed: {ids: [201], descendants: true, label: bleeding}
    pain: {names: [back pain]}
    albumin: {ids: [301]}
  index: {prior_observation_days: 100}
  covariates:
    age: {label: "Age, years", person: age}
    sex: {label: Sex, person: sex}
    pain: {label: Back pain, concepts: pain, days: [-60, 0]}
    albumin: {label: "Albumin, g/dL", concepts: albumin, value: latest, unit: 8713}
  outcomes:
    bleed: {label: Bleeding, short: Bleeding, concepts: bleed}
    death: {label: Overall survival, short: OS, event_label: Death, death: true}
arms:
  groups:
    alfa: {label: Alfamab}
    beta: {label: Betanib}
  reference: beta
  focal: alfa
time_unit: days
design: {propensity: [age], caliper: 3}
"""
START = dt.date(2020, 1, 1)
Tables = dict[str, list[dict[str, object]]]


def day(n: int) -> str:
    """Day n of the data, from 1 January 2020."""
    return (START + dt.timedelta(days=n)).isoformat()


def tiny_cdm() -> Tables:
    """Persons 1 to 24, observed on days 0 to 1000; odd ones begin alfamab, even ones betanib, on day 200. Every third one bleeds
    on day 200 + 10 times his number."""
    persons = range(1, 25)
    return {
        "cdm_source": [{"cdm_source_name": "invented", "cdm_version": "v5.4"}],
        "concept": [
            _concept(ALFA, "alfamab", "Drug", "RxNorm", "11"),
            _concept(BETA, "betanib", "Drug", "RxNorm", "12"),
            _concept(NSAID, "painkiller", "Drug", "ATC", "M01", "C"),
            _concept(NSAID_BELOW, "gammacid", "Drug", "RxNorm", "13"),
            _concept(BLEED, "Bleeding", "Condition", "SNOMED", "21"),
            _concept(BLEED_BELOW, "Bleeding of the stomach", "Condition", "SNOMED", "22"),
            _concept(PAIN, "Back pain", "Condition", "SNOMED", "23"),
            _concept(ALBUMIN, "Albumin", "Measurement", "LOINC", "31"),
            _concept(LOCAL, "Bleeding, local code", "Condition", "ICD10", "K92.2", ""),
            _concept(GRAM_PER_DL, "gram per deciliter", "Unit", "UCUM", "g/dL"),
            _concept(GRAM_PER_L, "gram per liter", "Unit", "UCUM", "g/L"),
            _concept(MOL, "millimole per liter", "Unit", "UCUM", "mmol/L"),
        ],
        "concept_ancestor": [
            {"ancestor_concept_id": a, "descendant_concept_id": d}
            for a, d in ((BLEED, BLEED), (BLEED, BLEED_BELOW), (NSAID, NSAID), (NSAID, NSAID_BELOW))
        ],
        "concept_relationship": [
            {"concept_id_1": LOCAL, "concept_id_2": BLEED_BELOW, "relationship_id": "Maps to"},
            {"concept_id_1": BLEED_BELOW, "concept_id_2": LOCAL, "relationship_id": "Mapped from"},
        ],
        "person": [
            {
                "person_id": p, "gender_concept_id": 8532 if p % 4 < 2 else 8507, "year_of_birth": 1940 + p,
                "race_concept_id": 8527, "ethnicity_concept_id": 0,
            }
            for p in persons
        ],
        "observation_period": [
            {
                "observation_period_id": p, "person_id": p, "observation_period_start_date": day(0),
                "observation_period_end_date": day(1000),
            }
            for p in persons
        ],
        "death": [{"person_id": 5, "death_date": day(400)}],
        "drug_exposure": [exposure(p, p, ALFA if p % 2 else BETA, 200, 229) for p in persons],
        "condition_occurrence": [
            *(condition(p, p, BLEED_BELOW, 200 + 10 * p) for p in persons if p % 3 == 0),
            condition(101, 1, PAIN, 150),
            condition(102, 2, PAIN, 139),
            condition(103, 4, PAIN, 201),
        ],
        "measurement": [albumin(p, p, 190, 3.5 + p / 100) for p in persons],
    }  # fmt: skip


def _concept(concept: int, name: str, domain: str, vocabulary: str, code: str, standard: str = "S") -> dict[str, object]:
    return {
        "concept_id": concept, "concept_name": name, "domain_id": domain, "vocabulary_id": vocabulary,
        "standard_concept": standard, "concept_code": code,
    }  # fmt: skip


def exposure(key: int, person: int, drug: int, first: int, last: int) -> dict[str, object]:
    return {
        "drug_exposure_id": key, "person_id": person, "drug_concept_id": drug, "drug_source_concept_id": 0,
        "drug_exposure_start_date": day(first), "drug_exposure_end_date": day(last),
    }  # fmt: skip


def condition(key: int, person: int, concept: int, first: int, source: int = 0) -> dict[str, object]:
    return {
        "condition_occurrence_id": key, "person_id": person, "condition_concept_id": concept,
        "condition_source_concept_id": source, "condition_start_date": day(first), "condition_end_date": "",
    }  # fmt: skip


def albumin(key: int, person: int, first: int, value: object, unit: object = GRAM_PER_DL) -> dict[str, object]:
    return {
        "measurement_id": key, "person_id": person, "measurement_concept_id": ALBUMIN, "measurement_date": day(first),
        "value_as_number": value, "unit_concept_id": unit,
    }  # fmt: skip


def write_cdm(folder: Path, tables: Tables, study: str = STUDY) -> Path:
    """The tables as csv in folder/cdm and the study beside them; its path."""
    (folder / "cdm").mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        with open(folder / "cdm" / f"{name}.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(dict.fromkeys(key for row in rows for key in row)))
            writer.writeheader()
            writer.writerows(rows)
    path = folder / "study.yaml"
    path.write_text(study, encoding="utf-8")
    return path


class Database:
    """Tables that a test changes, and the study on them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.tables, self.study = folder, tiny_cdm(), STUDY

    def replaced(self, old: str, new: str) -> None:
        assert old in self.study
        self.study = self.study.replace(old, new)

    def write(self) -> Path:
        return write_cdm(self.folder, self.tables, self.study)

    def sources(self) -> Sources:
        return read_sources(load_protocol(self.write()))

    def patients(self, *columns: str) -> dict[int, tuple]:
        """person -> these columns of `patients`."""
        named = ", ".join(f'"{c}"' for c in columns)
        rows = self.sources().engine.rows(f"select patient_id, {named} from patients")
        return {int(row[0]): row[1:] for row in rows}

    def faults(self) -> list[str]:
        with pytest.raises(EquipoiseError) as found:
            self.sources()
        return [fault.sentence() for fault in found.value.faults]
