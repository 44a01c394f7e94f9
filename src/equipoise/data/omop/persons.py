"""What the person table says at the index date: age, sex, race, ethnicity, and the calendar."""

from __future__ import annotations

from equipoise.engine import quote
from equipoise.protocol.omop_request import AGE
from equipoise.protocol.spec import Protocol

# age in years by the calendar, as the tools of the model count it: day and month of birth are often not kept
AGE_SQL = "cast(extract(year from i.index_date) - p.year_of_birth as double)"
PERSON = {
    "age": AGE_SQL,
    "index_year": "cast(extract(year from i.index_date) as double)",
    "index_month": "cast(extract(month from i.index_date) as double)",
}
CONCEPT = {"sex": "gender", "race": "race", "ethnicity": "ethnicity"}


def person_columns(protocol: Protocol) -> list[str]:
    """Fields over index_event i and cdm_person p: the age, and every covariate that the person table gives. Concept 0 (no
    matching concept) is missing; of sex every concept but women and men."""
    asked = {name: c for name, c in protocol.omop.covariates.items() if c.person is not None}
    fields = [] if AGE in asked else [f"{AGE_SQL} as {AGE}"]
    for name, covariate in asked.items():
        person = str(covariate.person)
        if person in PERSON:
            fields.append(f"{PERSON[person]} as {quote(name)}")
            continue
        code = f"p.{CONCEPT[person]}"
        known = f"{code} in (8507, 8532)" if person == "sex" else f"{code} <> 0"
        fields.append(f"case when {known} then cast({code} as varchar) end as {quote(name)}")
    return fields
