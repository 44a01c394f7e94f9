"""The tables of the model as criteria of cohort definitions look at them: more columns, the end of a record, tests."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from equipoise.data.omop.tables import ID, NUMBER, Column
from equipoise.engine import listed, literal
from equipoise.protocol.cohort_definition import Counted, Criterion, Definition, Group, Test

VISIT = "visit_occurrence_id"
_TYPE = {
    "condition_occurrence": "condition_type_concept_id", "drug_exposure": "drug_type_concept_id",
    "procedure_occurrence": "procedure_type_concept_id", "measurement": "measurement_type_concept_id",
    "observation": "observation_type_concept_id", "device_exposure": "device_type_concept_id",
    "visit_occurrence": "visit_type_concept_id", "death": "death_type_concept_id",
}  # fmt: skip
_QUANTITY = {"procedure_occurrence": "quantity", "device_exposure": "quantity", "drug_exposure": "quantity"}
_OCCURRENCES = {"condition_era": "condition_occurrence_count", "drug_era": "drug_exposure_count"}
# what a test asks -> table -> (column of the model, kind)
TESTED: dict[str, tuple[dict[str, str] | str, str]] = {
    "type": (_TYPE, ID), "quantity": (_QUANTITY, NUMBER), "occurrences": (_OCCURRENCES, ID), "gap_days": ("gap_days", ID),
    "days_supply": ("days_supply", ID), "refills": ("refills", ID), "status": ("condition_status_concept_id", ID),
    "value_concept": ("value_as_concept_id", ID), "operator": ("operator_concept_id", ID),
    "range_low": ("range_low", NUMBER), "range_high": ("range_high", NUMBER),
}  # fmt: skip
RATIOS = {"range_low_ratio": "range_low", "range_high_ratio": "range_high"}
OF_PERSON = ("age", "age_at_end", "gender", "race", "ethnicity")
# the day after a record of a table that has one day begins
NEXT = "cast(r.start_date + interval 1 day as date)"
SUPPLY = "days_supply"
BY_SUPPLY = f"cast(r.start_date + r.{SUPPLY} * interval 1 day as date)"
ONE_DAY = ("procedure_occurrence", "measurement", "observation")
ENDS = ("condition_occurrence", "drug_exposure", "device_exposure", *ONE_DAY)
SIGNS = {"lt": "<", "lte": "<=", "eq": "=", "!eq": "<>", "gt": ">", "gte": ">="}
WITHOUT_VISIT = ("condition_era", "drug_era", "death", "observation_period")


def columns(table: str, criteria: Iterable[Criterion], visits: bool, there: Collection[str]) -> dict[str, Column]:
    """Name here -> column that criteria of the table ask beside the usual ones. visits: the visit of a record, too. there: the
    columns of the table."""
    asked = list(criteria)
    more: dict[str, Column] = {}
    if table == "death" and any(c.codeset is not None or c.source is not None for c in asked):
        more |= {"concept_id": Column("cause_concept_id", ID, False)}
        more |= {"source_concept_id": Column("cause_source_concept_id", ID, False)}
    if table == "drug_exposure" and SUPPLY in there:
        more[SUPPLY] = Column(SUPPLY, ID, False)
    for test in (t for c in asked for t in c.tests):
        what = RATIOS.get(test.what, test.what)
        if what in TESTED:
            given, kind = TESTED[what]
            more[what] = Column(given if isinstance(given, str) else given[table], kind, False)
    of_visit = visits or any(t.what == "visit_kind" for c in asked for t in c.tests)
    if of_visit and table not in WITHOUT_VISIT:
        more["visit"] = Column(VISIT, ID, False)
    return more


def end(table: str, there: Collection[str]) -> str:
    """The last day of a record r in SQL, as ATLAS has it: where none is recorded, that by its supply or the next one. there: the
    names here that it has."""
    if table not in ENDS:
        return "r.end_date"
    given = [NEXT] if table in ONE_DAY else ["r.end_date", *([BY_SUPPLY] if SUPPLY in there else []), NEXT]
    return f"coalesce({', '.join(given)})"


def asks_visits(definition: Definition) -> bool:
    """Whether the visit of events decides: criteria of the same visit, visits counted, or the kind of a visit."""
    groups = [rule.group for rule in definition.rules] + ([definition.additional] if definition.additional is not None else [])
    groups += [c.nested for c in definition.criteria() if c.nested is not None]
    return any(_in_group(group) for group in groups)


def _in_group(group: Group) -> bool:
    return any(
        (isinstance(m, Counted) and (m.same_visit or m.distinct == "visit")) or (isinstance(m, Group) and _in_group(m))
        for m in group.members
    )


def condition(test: Test, cohort: str) -> str:
    """A test in SQL over a record r, its person p and its visit v."""
    cell = _cell(test.what)
    if test.op in ("in", "!in"):
        return f"{cell} {'not ' if test.op == '!in' else ''}in ({listed(test.values)})"
    if test.op in ("set", "!set"):
        inner = f"select concept_id from cohort_codeset where cohort = {literal(cohort)} and codeset = {literal(test.values[0])}"
        return f"{cell} {'not ' if test.op == '!set' else ''}in ({inner})"
    given = [literal(value) for value in test.values]
    if test.op.endswith("bt"):
        return f"{'not ' if test.op.startswith('!') else ''}({cell} >= {given[0]} and {cell} <= {given[1]})"
    return f"{cell} {SIGNS[test.op]} {given[0]}"


def _cell(what: str) -> str:
    if what in ("start", "end"):
        return f"r.{what}_date"
    if what == "length":
        return "date_diff('day', r.start_date, r.end_date)"
    if what == "age":
        return "(extract(year from r.start_date) - p.year_of_birth)"
    if what == "age_at_end":
        return "(extract(year from r.end_date) - p.year_of_birth)"
    if what in RATIOS:
        return f"(r.value / nullif(r.{RATIOS[what]}, 0))"
    if what == "visit_kind":
        return "v.concept_id"
    return f"p.{what}" if what in OF_PERSON else f"r.{what}"
