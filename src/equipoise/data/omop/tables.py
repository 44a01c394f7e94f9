"""The tables and columns of the OMOP common data model that are read, and what kind each column is."""

from __future__ import annotations

from dataclasses import dataclass

ID, DATE, NUMBER, TEXT = "id", "date", "number", "text"
SQL_TYPES = {ID: "bigint", DATE: "date", NUMBER: "double", TEXT: "varchar"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column under its name in the model. kind: id, date, number or text. needed: a table without it, or an empty cell in
    it, is refused; else it is empty where it is not there."""

    name: str
    kind: str
    needed: bool = True


def _record(key: str, concept: str, source: str, start: str, end: str = "", measured: bool = False) -> dict[str, Column]:
    value, unit = ("value_as_number", "unit_concept_id") if measured else ("", "")
    return {
        "record_id": Column(key, ID, False),
        "person_id": Column("person_id", ID),
        "concept_id": Column(concept, ID),
        "source_concept_id": Column(source, ID, False),
        "start_date": Column(start, DATE),
        "end_date": Column(end, DATE, False),
        "value": Column(value, NUMBER, False),
        "unit": Column(unit, ID, False),
    }


# table -> name here -> column; '' stands for one that the table does not have
RECORDS: dict[str, dict[str, Column]] = {
    "condition_occurrence": _record(
        "condition_occurrence_id", "condition_concept_id", "condition_source_concept_id", "condition_start_date",
        "condition_end_date",
    ),
    "condition_era": _record(
        "condition_era_id", "condition_concept_id", "", "condition_era_start_date", "condition_era_end_date"
    ),
    "drug_exposure": _record(
        "drug_exposure_id", "drug_concept_id", "drug_source_concept_id", "drug_exposure_start_date", "drug_exposure_end_date"
    ),
    "drug_era": _record("drug_era_id", "drug_concept_id", "", "drug_era_start_date", "drug_era_end_date"),
    "procedure_occurrence": _record(
        "procedure_occurrence_id", "procedure_concept_id", "procedure_source_concept_id", "procedure_date", "procedure_end_date"
    ),
    "measurement": _record(
        "measurement_id", "measurement_concept_id", "measurement_source_concept_id", "measurement_date", measured=True
    ),
    "observation": _record(
        "observation_id", "observation_concept_id", "observation_source_concept_id", "observation_date", measured=True
    ),
    "device_exposure": _record(
        "device_exposure_id", "device_concept_id", "device_source_concept_id", "device_exposure_start_date",
        "device_exposure_end_date",
    ),
    "visit_occurrence": _record(
        "visit_occurrence_id", "visit_concept_id", "visit_source_concept_id", "visit_start_date", "visit_end_date"
    ),
}  # fmt: skip
PERSONS: dict[str, dict[str, Column]] = {
    "person": {
        "person_id": Column("person_id", ID),
        "gender": Column("gender_concept_id", ID),
        "year_of_birth": Column("year_of_birth", ID),
        "race": Column("race_concept_id", ID, False),
        "ethnicity": Column("ethnicity_concept_id", ID, False),
    },
    "observation_period": {
        "person_id": Column("person_id", ID),
        "start_date": Column("observation_period_start_date", DATE),
        "end_date": Column("observation_period_end_date", DATE),
    },
    "death": {"person_id": Column("person_id", ID), "death_date": Column("death_date", DATE)},
}
VOCABULARY: dict[str, dict[str, Column]] = {
    "concept": {
        "concept_id": Column("concept_id", ID),
        "concept_name": Column("concept_name", TEXT),
        "domain_id": Column("domain_id", TEXT),
        "vocabulary_id": Column("vocabulary_id", TEXT),
        "standard_concept": Column("standard_concept", TEXT, False),
        "concept_code": Column("concept_code", TEXT, False),
    },
    "concept_ancestor": {
        "ancestor": Column("ancestor_concept_id", ID),
        "descendant": Column("descendant_concept_id", ID),
    },
    "concept_relationship": {
        "given": Column("concept_id_1", ID),
        "other": Column("concept_id_2", ID),
        "relationship": Column("relationship_id", TEXT),
    },
    "cdm_source": {"version": Column("cdm_version", TEXT, False)},
}
TABLES = {**PERSONS, **RECORDS, **VOCABULARY}
# where the records of a concept lie, by its domain
DOMAINS = {
    "condition": "condition_occurrence",
    "drug": "drug_exposure",
    "procedure": "procedure_occurrence",
    "measurement": "measurement",
    "observation": "observation",
    "device": "device_exposure",
    "visit": "visit_occurrence",
}
VERSIONS = ("5.3", "5.4")
# what only one version has, of the tables that are read
ONLY_IN = {
    "5.4": {
        "procedure_occurrence": ("procedure_end_date",),
        "visit_occurrence": ("admitted_from_concept_id", "discharged_to_concept_id"),
        "measurement": ("unit_source_concept_id", "measurement_event_id"),
        "observation": ("value_source_value", "observation_event_id"),
        "device_exposure": ("production_id", "unit_concept_id"),
    },
    "5.3": {"visit_occurrence": ("admitting_source_concept_id", "discharge_to_concept_id")},
}


def cell(sql: str, found: str, kind: str) -> str:
    """A column in SQL as its kind, null where the cell holds none. found: what it holds there (VARCHAR, BIGINT, DOUBLE, DATE
    ...). A moment is its day; one with a time zone, its day in UTC; of a text, the day that it begins with."""
    if kind == ID:
        return sql if found == "BIGINT" else f"try_cast({sql} as bigint)"
    if kind == NUMBER:
        number = f"try_cast({sql} as double)" if found == "VARCHAR" else f"cast({sql} as double)"
        return f"case when isfinite({number}) then {number} end"
    if kind == DATE:
        if found == "VARCHAR":
            return f"try_cast(substr(trim({sql}), 1, 10) as date)"
        moment = f"({sql} at time zone 'UTC')" if found == "TIMESTAMPTZ" else sql
        return f"cast({moment} as date)"
    return f"cast({sql} as varchar)"


def no_whole_number(sql: str, found: str) -> str:
    """Whether a cell that becomes a whole number is a fraction, which would be rounded."""
    return f"{sql} <> floor({sql})" if found == "DOUBLE" else "1 = 0"


def empty(kind: str) -> str:
    """A cell that is not there."""
    return f"cast(null as {SQL_TYPES[kind]})"
