"""OMOP tables as the relation `patients`: one row per person with an index date. Every step is a relation of its own; of the
tables no more is brought than the rows of the persons and concepts that are asked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from equipoise.data.omop.cdm import Cdm, Within, counted
from equipoise.data.omop.check import person_faults, version_findings
from equipoise.data.omop.cohorts import define_codesets, define_cohorts, together
from equipoise.data.omop.concepts import PACKAGE, define_concept_sets, listed_concepts, tables_of_sets
from equipoise.data.omop.folder import folder_cdm
from equipoise.data.omop.groups import define_groups
from equipoise.data.omop.persons import person_columns
from equipoise.data.omop.settings import ON_TREATMENT, arm_cohorts, define_settings, used_sets
from equipoise.data.omop.stored import StoredCdm
from equipoise.data.omop.units import define_units
from equipoise.data.stored import connected
from equipoise.engine import listed, literal, quote, read_sql
from equipoise.errors import DataError, Fault
from equipoise.protocol.omop_request import BEFORE, BOTH, CLEAN, ENTRY, EVENT, EXCLUSION, INDEX_DATE, OBSERVED, TIME
from equipoise.protocol.spec import Protocol
from equipoise.records import Sources, SourceTable

PATIENTS = "patients"
PERSON = Within("person_id", "index_event", "person_id")


@dataclass(frozen=True, slots=True)
class Opened:
    """The model behind a study with its concept sets. tables: set -> tables that hold its records."""

    protocol: Protocol
    cdm: Cdm
    tables: dict[str, list[str]]

    def sets_in(self, table: str, names: list[str]) -> list[str]:
        return [name for name in names if table in self.tables[name]]

    def tables_of(self, names: list[str]) -> list[str]:
        return list(dict.fromkeys(t for name in names for t in self.tables[name]))


def read_omop(protocol: Protocol) -> Sources:
    """The relation `patients`, with the columns that the block `omop` asks. Raises DataError with the faults of a step at
    once."""
    cdm, findings = opened_cdm(protocol)
    engine, cdm.least = cdm.engine, protocol.minimum_cell or 0
    findings += version_findings(protocol, cdm)
    define_codesets(protocol, cdm, _cohorts(protocol))
    findings += define_concept_sets(protocol, cdm)
    opened = Opened(protocol, cdm, tables_of_sets(protocol, cdm))
    define_settings(protocol, engine)
    _define_index(opened)
    _define_persons(opened)
    findings += _define_course(opened)
    engine.define(PATIENTS, _patients(protocol), phase="data")
    n = engine.rows(f"select count(*) from {PATIENTS}")[0][0]
    hashes = "\n".join(f"{name} {table.sha256}" for name, table in sorted(cdm.read.items()))
    whole = SourceTable(PATIENTS, "index events", n, hashlib.sha256(hashes.encode()).hexdigest(), 1)
    return Sources(
        engine,
        {PATIENTS: whole, **dict(sorted(cdm.read.items()))},
        tuple(findings),
        concepts=listed_concepts(protocol, cdm, _cohorts(protocol)),
    )


def opened_cdm(protocol: Protocol) -> tuple[Cdm, list[Fault]]:
    """The tables in a folder, or in the database that the protocol names, and findings on where they lie."""
    if protocol.data.connection is None:
        return folder_cdm(protocol)
    engine, findings = connected(protocol)
    return StoredCdm(protocol, engine), findings


def _cohorts(protocol: Protocol) -> list[str]:
    """The cohorts that something names, those of the arms first."""
    return list(dict.fromkeys([*arm_cohorts(protocol), *(name for name in used_sets(protocol) if name in protocol.omop.cohorts)]))


def _define_index(opened: Opened) -> None:
    """index_event: from the records of the arms alone, or from entries into their cohorts."""
    protocol, engine = opened.protocol, opened.cdm.engine
    cohorts = arm_cohorts(protocol)
    if cohorts:
        define_cohorts(protocol, opened.cdm, cohorts)
        engine.define("cohort_entry", together(protocol, cohorts, "entry"), phase="data")
        engine.define("cohort_step", together(protocol, cohorts, "step"), phase="data")
        engine.define("index_record", entries_sql("cohort_entry"), phase="data")
        engine.define("cohort_entered", read_sql(PACKAGE, "index_event.sql"), phase="data")
        engine.define("index_event", read_sql(PACKAGE, "cohort_index.sql"), phase="data")
    else:
        _define_records(opened, "index_record", [str(arm.value) for arm in protocol.arms.groups.values()], "index")
        engine.define("index_event", read_sql(PACKAGE, "index_event.sql"), phase="data")
    if engine.rows("select count(*) from index_event")[0][0] == 0:
        what = "cohorts" if cohorts else "concept sets"
        message = f"nobody has a record of these {what}; are the concepts and their table those of the data?"
        raise DataError(Fault(protocol.place("arms"), "no person", message))


def _define_records(opened: Opened, name: str, asked: list[str], prefix: str, *within: Within) -> None:
    """The records of concept sets in all of their tables, and the entries into cohorts: who, which of them, when, which value.
    prefix: of the relations that hold what is brought of each table."""
    cdm, parts, faults = opened.cdm, [], []
    sets = [name for name in asked if name in opened.tables]
    for table in opened.tables_of(sets):
        mine, brought = opened.sets_in(table, sets), f"{prefix}_{table}"
        in_sets = f"set_name in ({listed(mine)})"
        cdm.engine.create(f"concepts_of_{brought}", f"select distinct concept_id from concept_set where {in_sets}")
        mapped = bool(cdm.engine.rows(f"select 1 from concept_set where mapped = 1 and {in_sets} limit 1"))
        concepts = () if mapped else (Within("concept_id", f"concepts_of_{brought}", "concept_id"),)
        faults += cdm.take(table, *within, *concepts, name=brought)
        parts.append(_records_sql(brought, mine, mapped))
    if faults:
        raise DataError(faults)
    cohorts = [name for name in asked if name not in opened.tables]
    if cohorts:
        made = arm_cohorts(opened.protocol)
        define_cohorts(opened.protocol, cdm, [n for n in cohorts if n not in made], *within)
        parts.append(entries_sql(f"({together(opened.protocol, cohorts, 'entry')}) as entry"))
    cdm.engine.define(name, "\nunion all\n".join(parts) if parts else NO_RECORD, phase="data")


FIELDS = "r.person_id, s.set_name, r.record_id, r.start_date, r.end_date, r.value, r.unit, r.concept_id"


def entries_sql(given: str) -> str:
    """Entries into cohorts as records of sets of their names."""
    return f"""select person_id, cohort as set_name, cast(null as bigint) as record_id, start_date, end_date,
  cast(null as double) as value, cast(null as bigint) as unit, cast(null as bigint) as concept_id
from {given}"""


NO_RECORD = """select cast(null as bigint) as person_id, cast(null as varchar) as set_name, cast(null as bigint) as record_id,
  cast(null as date) as start_date, cast(null as date) as end_date, cast(null as double) as value, cast(null as bigint) as unit,
  cast(null as bigint) as concept_id
where 1 = 0"""


def _records_sql(relation: str, sets: list[str], mapped: bool) -> str:
    one = f"select {FIELDS}\nfrom {relation} r\njoin concept_set s on s.concept_id = r.concept_id and s.mapped = 0\n"
    one += f"where s.set_name in ({listed(sets)})"
    if not mapped:
        return one
    standard = "select 1 from concept_set x where x.set_name = s.set_name and x.mapped = 0 and x.concept_id = r.concept_id"
    other = f"select {FIELDS}\nfrom {relation} r\njoin concept_set s on s.concept_id = r.source_concept_id and s.mapped = 1\n"
    return f"{one}\nunion all\n{other}where s.set_name in ({listed(sets)}) and not exists ({standard})"


def _define_persons(opened: Opened) -> None:
    """Who the persons are and when they were observed; of the dead, the day."""
    cdm, engine = opened.cdm, opened.cdm.engine
    faults: list[Fault] = []
    for table in ("person", "observation_period"):
        faults += cdm.take(table, PERSON)
    if cdm.has("death"):
        faults += cdm.take("death", PERSON)
    else:
        cdm.absent("death")
    faults = faults or person_faults(opened.protocol, cdm)
    if faults:
        raise DataError(faults)
    engine.define("death_day", read_sql(PACKAGE, "death_day.sql"), phase="data")
    engine.define("observed_period", read_sql(PACKAGE, "observed.sql"), phase="data")


def _define_course(opened: Opened) -> list[Fault]:
    """What the windows before the index date hold, and the outcomes after it; findings."""
    protocol, engine = opened.protocol, opened.cdm.engine
    _define_records(opened, "record", used_sets(protocol), "cdm", PERSON)
    engine.define("window_record", read_sql(PACKAGE, "window_record.sql"), phase="data")
    define_units(protocol, opened.cdm)
    engine.define("window_value", read_sql(PACKAGE, "window_value.sql"), phase="data")
    define_groups(protocol, opened.cdm)
    if protocol.outcomes_closed:
        return []
    engine.define("treatment_end", read_sql(PACKAGE, "treatment_end.sql"), phase="data")
    engine.define("follow_up", read_sql(PACKAGE, "follow_up.sql"), phase="data")
    engine.define("outcome_day", read_sql(PACKAGE, "outcome_day.sql"), phase="data")
    return _without_end(opened) if protocol.omop.risk_window.kind == ON_TREATMENT else []


def _without_end(opened: Opened) -> list[Fault]:
    """Exposures whose end is not recorded, where the end of treatment ends follow-up."""
    protocol, cdm = opened.protocol, opened.cdm
    asked = "select count(*) from record r join setting_arm a on a.set_name = r.set_name where r.end_date is null"
    n = int(cdm.engine.rows(asked)[0][0])
    if not n:
        return []
    records = counted(n, "record", cdm.least)
    message = f"{records} of the arms without a last day: each counts as treatment on its first day alone"
    return [Fault(protocol.place("omop", "risk_window"), "no end", message)]


def _patients(protocol: Protocol) -> str:
    """One row per person: who he is, what the windows hold, which outcome when."""
    omop = protocol.omop
    asked = {EXCLUSION.format(i): 0.0 for i, _ in enumerate(omop.exclusions, start=1)}
    asked |= {CLEAN.format(name): 0.0 for name, o in omop.outcomes.items() if o.clean_days is not None}
    asked |= {name: None if c.value == "latest" else 0.0 for name, c in omop.covariates.items() if c.concepts is not None}
    parts = [*person_columns(protocol)]
    parts += [_window_column(name, otherwise) for name, otherwise in asked.items()]
    joins = _pivot("window_value", "asked", "value", list(asked), "w") if asked else ""
    if not protocol.outcomes_closed and omop.outcomes:
        joins += "\nleft join follow_up u on u.person_id = i.person_id"
        joins += _pivot("outcome_day", "outcome", "day", list(omop.outcomes), "o")
        for name in omop.outcomes:
            day = f"o.{quote(name)}"
            parts.append(f"date_diff('day', i.index_date, coalesce({day}, u.last_day)) as {quote(TIME.format(name))}")
            parts.append(f"case when {day} is not null then 1 else 0 end as {quote(EVENT.format(name))}")
    fields = ",\n  ".join(parts)
    return f"""-- patients: one row per person with an index date; day 0 is the index date
select
  cast(i.person_id as varchar) as patient_id, row_number() over (order by i.person_id) as source_row,
  i.arm, i.index_date as {INDEX_DATE}, cast(i.arms_on_index_date as double) as {BOTH},
  case when b.person_id is null then 0 else 1 end as {OBSERVED},
  cast(date_diff('day', b.first_day, i.index_date) as double) as {BEFORE}, i.steps as {ENTRY},
  {fields}
from index_event i
left join observed_period b on b.person_id = i.person_id
left join cdm_person p on p.person_id = i.person_id{joins}
order by i.person_id"""


def _window_column(name: str, otherwise: float | None) -> str:
    cell = f"w.{quote(name)}"
    return f"{cell if otherwise is None else f'coalesce({cell}, {literal(otherwise)})'} as {quote(name)}"


def _pivot(relation: str, key: str, value: str, names: list[str], alias: str) -> str:
    """A join with one column per name."""
    cells = ",\n    ".join(f"max(case when {key} = {literal(name)} then {value} end) as {quote(name)}" for name in names)
    rows = f"select person_id,\n    {cells}\n  from {relation} group by person_id"
    return f"\nleft join (\n  {rows}\n) {alias} on {alias}.person_id = i.person_id"
