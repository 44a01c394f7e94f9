"""A drawn database of the common data model and drawn cohort definitions of ATLAS, for comparison with the cohorts of Circe.

No two records of a person begin on one day, so that no limit has a tie, which Circe leaves to the database.
"""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

Rows = list[dict[str, Any]]
START = dt.date(2018, 1, 1)
PERSONS = 60
TYPES, VISITS = (51, 52), (9201, 9202)
SETS = [[1, 2, 3, 4, 5], [1, 5], [2, 3], [11, 12], [11, 12, 13], [21], [21, 22], [31, 32], [41], [45, 46], [91, 92], [93]]
CONCEPTS = [1, 2, 3, 4, 5, 11, 12, 13, 21, 22, 31, 32, 41, 42, 45, 46, 91, 92, 93]
BELOW, MAPS = [(5, 1), (5, 2), (1, 3)], [(91, 1), (92, 3), (93, 11)]
# criterion -> concept sets that it may name
KINDS: dict[str, list[int | None]] = {
    "ConditionOccurrence": [0, 1, 2], "DrugExposure": [3, 4], "DrugEra": [3, 4], "ConditionEra": [0, 1, 2], "Measurement": [5, 6],
    "Observation": [7], "ProcedureOccurrence": [8], "DeviceExposure": [9], "VisitOccurrence": [None], "Death": [None, 0],
    "ObservationPeriod": [None],
}  # fmt: skip
OFTEN = ["ConditionOccurrence"] * 4 + ["DrugExposure"] * 4 + ["DrugEra"] * 2 + ["Measurement"] + list(KINDS)
OF_TYPE = {
    "ConditionOccurrence": "ConditionType", "DrugExposure": "DrugType", "Measurement": "MeasurementType",
    "Observation": "ObservationType", "ProcedureOccurrence": "ProcedureType", "VisitOccurrence": "VisitType",
}  # fmt: skip
ERAS = ("ConditionEra", "DrugEra")


def day(n: int) -> str:
    return (START + dt.timedelta(days=n)).isoformat()


def drawn_cdm(seed: int) -> dict[str, Rows]:
    """Tables as rows of text and numbers; '' is an empty cell."""
    r = random.Random(seed)
    concept = [
        {
            "concept_id": c, "concept_name": f"c{c}", "domain_id": "x", "vocabulary_id": "x", "concept_code": c,
            "invalid_reason": "", "standard_concept": "S" if c < 90 else "",
        }
        for c in CONCEPTS
    ]  # fmt: skip
    pairs = [(c, c) for c in CONCEPTS] + BELOW
    tables: dict[str, Rows] = {
        "concept": concept,
        "concept_ancestor": [{"ancestor_concept_id": a, "descendant_concept_id": d} for a, d in pairs],
        "concept_relationship": [
            {"concept_id_1": a, "concept_id_2": b, "relationship_id": "Maps to", "invalid_reason": ""} for a, b in MAPS
        ],
    }
    for person in range(1, PERSONS + 1):
        for table, row in _person(r, person):
            tables.setdefault(table, []).append(row)
    for table, rows in tables.items():
        for key, row in enumerate(rows, start=1):
            row[f"{table}_id"] = row.get(f"{table}_id", key)
    return tables


def _person(r: random.Random, p: int) -> list[tuple[str, dict[str, Any]]]:
    first, days = r.randint(0, 150), r.sample(range(1100), 60)
    last = first + r.randint(300, 800)
    sex, born = r.choice([8507, 8532]), r.randint(1940, 2000)
    person = {"person_id": p, "gender_concept_id": sex, "year_of_birth": born, "race_concept_id": 8527, "ethnicity_concept_id": 0}
    rows: list[tuple[str, dict[str, Any]]] = [("person", person), ("observation_period", _period(p, first, last))]
    if r.random() < 0.4:
        again = last + r.randint(2, 60)
        rows.append(("observation_period", _period(p, again, again + r.randint(100, 300))))
    visits: list[Any] = ["", *(p * 100 + i for i in range(r.randint(1, 4)))]
    for key in visits[1:]:
        begin = days.pop()
        of = {"visit_concept_id": r.choice(VISITS), "visit_type_concept_id": r.choice(TYPES), "visit_occurrence_id": key}
        rows.append(("visit_occurrence", _record("visit", p, begin, begin + r.randint(0, 9)) | of))
    for _ in range(r.randint(2, 8)):
        of = {"condition_concept_id": r.choice([1, 2, 3, 4]), "condition_source_concept_id": r.choice([0, 91, 92])}
        of |= {"condition_type_concept_id": r.choice(TYPES), "visit_occurrence_id": r.choice(visits)}
        rows.append(("condition_occurrence", _record("condition", p, *_span(r, days, 40, True)) | of))
    for _ in range(r.randint(2, 8)):
        of = {"drug_concept_id": r.choice([11, 12, 13]), "drug_source_concept_id": r.choice([0, 93])}
        of |= {"days_supply": r.choice(["", 30, 90]), "quantity": r.choice([10, 20]), "refills": r.choice([0, 1, 2])}
        of |= {"drug_type_concept_id": r.choice(TYPES), "visit_occurrence_id": r.choice(visits)}
        rows.append(("drug_exposure", _record("drug_exposure", p, *_span(r, days, 60, True)) | of))
    for kind, concepts, count in (
        ("condition", [1, 2, 3, 4], "condition_occurrence_count"),
        ("drug", [11, 12, 13], "drug_exposure_count"),
    ):
        for _ in range(r.randint(0, 4)):
            of = {f"{kind}_concept_id": r.choice(concepts), count: r.randint(1, 4)} | ({"gap_days": 3} if kind == "drug" else {})
            rows.append((f"{kind}_era", _record(f"{kind}_era", p, *_span(r, days, 90, False)) | of))
    for _ in range(r.randint(1, 6)):
        of = {"value_as_number": r.choice(["", 1.5, 2.5, 3.5, 4]), "unit_concept_id": r.choice([8713, 8636])}
        of |= {"value_as_concept_id": r.choice([0, 71]), "range_low": r.choice(["", 1, 2]), "range_high": r.choice(["", 2, 3])}
        rows.append(
            ("measurement", _one_day("measurement", p, days.pop(), r, [21, 22], visits) | of | {"operator_concept_id": 81})
        )
    for _ in range(r.randint(0, 3)):
        of = {
            "value_as_number": r.choice(["", 1.5, 2.5]),
            "unit_concept_id": 8713,
            "value_as_concept_id": 0,
            "value_as_string": "",
        }
        rows.append(("observation", _one_day("observation", p, days.pop(), r, [31, 32], visits) | of))
        rows.append(("procedure_occurrence", _one_day("procedure", p, days.pop(), r, [41, 42], visits) | {"quantity": 1}))
        of = {"device_concept_id": r.choice([45, 46]), "quantity": 1, "visit_occurrence_id": "", "device_source_concept_id": 0}
        rows.append(("device_exposure", _record("device_exposure", p, *_span(r, days, 9, True)) | of))
    if r.random() < 0.3:
        rows.append(
            ("death", {"person_id": p, "death_date": day(days.pop()), "cause_concept_id": 1, "cause_source_concept_id": 0})
        )
    return rows


def _period(p: int, first: int, last: int) -> dict[str, Any]:
    return {"person_id": p, "observation_period_start_date": day(first), "observation_period_end_date": day(last)}


def _record(name: str, p: int, first: int, last: int | None) -> dict[str, Any]:
    return {"person_id": p, f"{name}_start_date": day(first), f"{name}_end_date": "" if last is None else day(last)}


def _span(r: random.Random, days: list[int], longest: int, may_lack: bool) -> tuple[int, int | None]:
    first = days.pop()
    return first, None if may_lack and r.random() < 0.5 else first + r.randint(0, longest)


def _one_day(name: str, p: int, on: int, r: random.Random, concepts: list[int], visits: list[Any]) -> dict[str, Any]:
    of = {f"{name}_concept_id": r.choice(concepts), f"{name}_source_concept_id": 0, f"{name}_type_concept_id": r.choice(TYPES)}
    return {"person_id": p, f"{name}_date": day(on), "visit_occurrence_id": r.choice(visits)} | of


def drawn_definition(seed: int) -> dict[str, Any]:
    """A cohort definition as ATLAS exports it."""
    return _Drawn(random.Random(seed)).definition()


class _Drawn:
    def __init__(self, r: random.Random) -> None:
        self.r = r

    def chance(self, p: float) -> bool:
        return self.r.random() < p

    def definition(self) -> dict[str, Any]:
        r = self.r
        found: dict[str, Any] = {
            "ConceptSets": [self.concept_set(i, concepts) for i, concepts in enumerate(SETS)],
            "PrimaryCriteria": {
                "CriteriaList": [self.criterion(1) for _ in range(r.choice([1, 1, 2]))],
                "ObservationWindow": {"PriorDays": r.choice([0, 0, 30, 180]), "PostDays": r.choice([0, 0, 0, 30])},
                "PrimaryCriteriaLimit": self.limit(),
            },
            "QualifiedLimit": self.limit(), "ExpressionLimit": self.limit(),
            "InclusionRules": [{"name": f"rule {i}", "expression": self.group(0)} for i in range(r.choice([0, 1, 1, 2]))],
            "CensoringCriteria": [self.criterion(2) for _ in range(r.choice([0, 0, 1]))],
            "CollapseSettings": {"CollapseType": "ERA", "EraPad": r.choice([0, 0, 30])}, "CensorWindow": {},
        }  # fmt: skip
        if self.chance(0.3):
            found["AdditionalCriteria"] = self.group(0)
        way = r.random()
        if way < 0.25:
            offset = {"DateField": r.choice(["StartDate", "EndDate"]), "Offset": r.choice([0, 7, 90, -5])}
            found["EndStrategy"] = {"DateOffset": offset}
        elif way < 0.5:
            found["EndStrategy"] = {"CustomEra": {"DrugCodesetId": 4, "GapDays": r.choice([0, 30]), "Offset": r.choice([0, 7])}}
        if self.chance(0.15):
            found["CensorWindow"] = {"StartDate": day(300), "EndDate": day(900)}
        return found

    def limit(self) -> dict[str, str]:
        return {"Type": self.r.choice(["All", "First", "Last"])}

    def concept_set(self, number: int, concepts: list[int]) -> dict[str, Any]:
        items = [self.item(c) for c in concepts]
        if self.chance(0.2):
            items.append({**self.item(self.r.choice(concepts)), "isExcluded": True})
        return {"id": number, "name": f"s{number}", "expression": {"items": items}}

    def item(self, concept: int) -> dict[str, Any]:
        flags = {"includeDescendants": self.chance(0.4), "includeMapped": self.chance(0.2), "isExcluded": False}
        return {"concept": {"CONCEPT_ID": concept, "CONCEPT_NAME": "x"}, **flags}

    def number(self, low: int, high: int) -> dict[str, Any]:
        op, value = self.r.choice(["lt", "lte", "!eq", "gt", "gte", "bt", "!bt"]), self.r.randint(low, high)
        return {"Value": value, "Op": op, **({"Extent": value + self.r.randint(0, high - low)} if op.endswith("bt") else {})}

    def date(self) -> dict[str, Any]:
        op, value = self.r.choice(["lt", "lte", "gt", "gte", "bt", "!bt"]), self.r.randint(50, 900)
        return {"Value": day(value), "Op": op, **({"Extent": day(value + 300)} if op.endswith("bt") else {})}

    def criterion(self, depth: int) -> dict[str, Any]:
        kind = self.r.choice(OFTEN)
        named = self.r.choice(KINDS[kind])
        found: dict[str, Any] = {"CodesetId": named} if named is not None and self.chance(0.95) else {}
        if kind not in ("Death", "DeviceExposure") and self.chance(0.2):
            found["First"] = True
        for key, value in self.tests(kind).items():
            if self.chance(0.08):
                found[key] = value
        if kind in OF_TYPE and self.chance(0.1):
            found |= {OF_TYPE[kind]: concepts(51), f"{OF_TYPE[kind]}Exclude": self.chance(0.5)}
        if kind == "Measurement" and self.chance(0.4):
            found["ValueAsNumber"] = self.number(1, 4)
        if depth < 2 and self.chance(0.15):
            found["CorrelatedCriteria"] = self.group(depth + 1)
        return {kind: found}

    def tests(self, kind: str) -> dict[str, Any]:
        if kind in ERAS:
            found = {"EraStartDate": self.date(), "EraEndDate": self.date(), "EraLength": self.number(0, 60)}
            found |= {"OccurrenceCount": self.number(1, 3), "AgeAtStart": self.number(20, 70), "AgeAtEnd": self.number(20, 70)}
            return found | {"Gender": concepts(8532)}
        if kind == "ObservationPeriod":
            return {"PeriodStartDate": self.date(), "PeriodLength": self.number(50, 500), "AgeAtStart": self.number(20, 70)}
        found = {"OccurrenceStartDate": self.date(), "Age": self.number(20, 70), "Gender": concepts(8532)}
        if kind not in ("Death", "Measurement", "ProcedureOccurrence"):
            found["OccurrenceEndDate"] = self.date()
        if kind in ("ConditionOccurrence", "DrugExposure", "Measurement"):
            found["VisitType"] = concepts(9201)
        found |= {"ConditionSourceConcept": 10} if kind == "ConditionOccurrence" else {}
        if kind == "DrugExposure":
            found |= {"DrugSourceConcept": 11, "DaysSupply": self.number(20, 90), "Quantity": self.number(10, 20)}
        if kind == "Measurement":
            found |= {"Unit": concepts(8713), "ValueAsConcept": concepts(71), "RangeHigh": self.number(1, 3)}
            found |= {"RangeHighRatio": self.number(1, 2), "RangeLowRatio": self.number(1, 2)}
        return found | ({"VisitLength": self.number(0, 9)} if kind == "VisitOccurrence" else {})

    def edge(self, sign: int) -> dict[str, Any]:
        return {"Coeff": sign, **({"Days": self.r.choice([0, 0, 1, 7, 30, 90, 180, 365])} if self.chance(0.7) else {})}

    def window(self) -> dict[str, Any]:
        found: dict[str, Any] = {"Start": self.edge(-1), "End": self.edge(self.r.choice([-1, 1, 1]))}
        for key in ("UseEventEnd", "UseIndexEnd"):
            if self.chance(0.5):
                found[key] = self.chance(0.3)
        return found

    def counted(self, depth: int) -> dict[str, Any]:
        criterion = self.criterion(depth)
        kind = next(iter(criterion))
        times: dict[str, Any] = {"Type": self.r.choice([0, 1, 2, 2, 2]), "Count": self.r.choice([0, 1, 1, 1, 2])}
        if kind in ("ConditionOccurrence", "DrugExposure") and self.chance(0.3):
            times |= {"IsDistinct": True, "CountColumn": self.r.choice(["START_DATE", "VISIT_ID", "DOMAIN_CONCEPT"])}
        found = {"Criteria": criterion, "StartWindow": self.window(), "Occurrence": times}
        if self.chance(0.2):
            found["EndWindow"] = self.window()
        if self.chance(0.2):
            found["IgnoreObservationPeriod"] = True
        if kind in OF_TYPE and self.chance(0.1):
            found["RestrictVisit"] = True
        return found

    def group(self, depth: int) -> dict[str, Any]:
        r = self.r
        people = [{"Age": self.number(20, 70)}, {"Gender": concepts(8507)}, {"OccurrenceStartDate": self.date()}]
        found: dict[str, Any] = {
            "Type": r.choice(["ALL", "ALL", "ANY", "AT_LEAST", "AT_MOST"]),
            "CriteriaList": [self.counted(depth) for _ in range(r.choice([1, 1, 2]))],
            "DemographicCriteriaList": r.sample(people, r.choice([0, 0, 1])), "Groups": [],
        }  # fmt: skip
        if depth < 1 and self.chance(0.25):
            found["Groups"] = [self.group(depth + 1)]
        if found["Type"].startswith("AT_"):
            found["Count"] = r.choice([0, 1, 1, 2])
        return found


def concepts(*ids: int) -> list[dict[str, Any]]:
    return [{"CONCEPT_ID": i, "CONCEPT_NAME": "y"} for i in ids]
