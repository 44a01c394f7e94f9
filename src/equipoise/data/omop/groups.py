"""Groups of covariates: each concept of a table that enough persons have in a window, as yes or no."""

from __future__ import annotations

from equipoise.data.omop.cdm import Cdm, Within
from equipoise.data.omop.settings import arm_cohorts
from equipoise.engine import literal, values
from equipoise.errors import DataError, Fault
from equipoise.protocol.omop import OmopGroup
from equipoise.protocol.spec import Protocol

PERSON = Within("person_id", "index_event", "person_id")
SETTING = ("group_name", "minimum_share", "most")


def define_groups(protocol: Protocol, cdm: Cdm) -> None:
    """Define group_record (which person has which concept) and group_vocabulary (their names); which of them are covariates is
    told of the analyzed patients (derive/groups.py). Nothing where no group is asked. Raises DataError."""
    groups = protocol.omop.groups
    if not groups:
        return
    engine = cdm.engine
    engine.define("arm_concept", _arm_concepts(protocol), phase="data")
    engine.define("setting_group", values(SETTING, [(n, g.minimum_share, g.most) for n, g in groups.items()]), phase="data")
    faults: list[Fault] = []
    for table in dict.fromkeys(g.table for g in groups.values()):
        faults += cdm.take(table, PERSON, name=f"group_{table}")
    if any(g.ancestors for g in groups.values()):
        faults += _ancestors(protocol, cdm, [g.table for g in groups.values() if g.ancestors]) if not faults else []
    if faults:
        raise DataError(faults)
    engine.define("group_record", "\nunion all\n".join(_records(n, g) for n, g in groups.items()), phase="data")
    if cdm.has("concept"):
        faults = cdm.take("concept", Within("concept_id", "group_record", "concept_id"), name="group_vocabulary")
        if faults:
            raise DataError(faults)
    else:
        cdm.absent("concept", "group_vocabulary")


def _arm_concepts(protocol: Protocol) -> str:
    """The concepts that make the arms: of their concept sets, or of the entry events of their cohorts."""
    cohorts = {name: protocol.omop.cohorts[name].definition for name in arm_cohorts(protocol)}
    entries = sorted(
        {(name, n) for name, d in cohorts.items() for c in d.primary for n in (c.codeset, c.source) if n is not None}
    )
    if not cohorts:
        return "select distinct s.concept_id from concept_set s join setting_arm m on m.set_name = s.set_name"
    which = " or ".join(f"(cohort = {literal(name)} and codeset = {literal(n)})" for name, n in entries) or "1 = 0"
    return f"select distinct concept_id from cohort_codeset where {which}"


def _ancestors(protocol: Protocol, cdm: Cdm, tables: list[str]) -> list[Fault]:
    """Define group_ancestor: what stands above the concepts of these tables."""
    if not cdm.has("concept_ancestor"):
        message = "the group asks for ancestors, and the table concept_ancestor is not there; add it, or leave ancestors out"
        return [Fault(protocol.place("omop", "groups"), "missing table", message)]
    parts = " union ".join(f"select concept_id from group_{table}" for table in dict.fromkeys(tables))
    cdm.engine.create("group_below", parts)
    return cdm.take("concept_ancestor", Within("descendant", "group_below", "concept_id"), name="group_ancestor")


def _records(name: str, group: OmopGroup) -> str:
    """Person and concept, each pair once, without the concepts of the arms."""
    above = "join group_ancestor a on a.descendant = r.concept_id\n" if group.ancestors else ""
    concept = "a.ancestor" if group.ancestors else "r.concept_id"
    day = "date_diff('day', i.index_date, r.start_date)"
    first = f"\n  and {day} >= {group.first}" if group.first is not None else ""
    return f"""select distinct {literal(name)} as group_name, cast(r.person_id as varchar) as patient_id, {concept} as concept_id
from group_{group.table} r
join index_event i on i.person_id = r.person_id
{above}where r.concept_id <> 0 and {day} <= {group.last}{first}
  and not exists (select 1 from arm_concept s where s.concept_id = r.concept_id)"""
