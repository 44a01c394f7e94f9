"""Cohort definitions of ATLAS as relations: who enters each cohort when, and how far the entry events of the others come. The
rules are those of Circe, whose SQL is the witness of the tests."""

from __future__ import annotations

from collections.abc import Iterable

from equipoise.data.omop.cdm import Cdm, Within
from equipoise.data.omop.cohort_criteria import Work, bring, events, met, where_all
from equipoise.data.omop.cohort_tables import end
from equipoise.data.omop.concepts import PACKAGE
from equipoise.engine import literal, read_sql, values
from equipoise.errors import DataError, Fault
from equipoise.protocol.cohort_definition import ADDITIONAL, EVERY, FOLLOWED, LAST, OBSERVED, WINDOW, Criterion, Era, Offset
from equipoise.protocol.spec import Protocol

GIVEN = ("cohort", "codeset", "concept_id", "descendants", "excluded", "mapped")
KINDS = {"cohort": "varchar", **dict.fromkeys(GIVEN[1:], "bigint")}
LEVEL = "op_start, op_end"
NO_ENTRY = """select cast(null as varchar) as cohort, cast(null as bigint) as person_id, cast(null as date) as start_date,
  cast(null as date) as end_date
where 1 = 0"""


def define_codesets(protocol: Protocol, cdm: Cdm, names: Iterable[str]) -> None:
    """Define cohort_codeset: the concepts of the concept sets that criteria of the cohorts name. Raises DataError."""
    rows: list[tuple] = []
    for name in names:
        definition = protocol.omop.cohorts[name].definition
        for codeset in definition.codesets:
            rows += [(name, codeset.number, i.concept, int(i.descendants), int(i.excluded), int(i.mapped)) for i in codeset.items]
    engine = cdm.engine
    engine.define("setting_codeset", values(GIVEN, rows, KINDS), phase="data")
    faults = _vocabulary(protocol, cdm, "concept_ancestor", Within("ancestor", "setting_codeset", "concept_id"), rows, 3)
    if not faults:
        below = "select concept_id from setting_codeset union select descendant as concept_id from codeset_ancestor"
        engine.create("codeset_given", below)
        faults = _vocabulary(protocol, cdm, "concept_relationship", Within("other", "codeset_given", "concept_id"), rows, 5)
    if faults:
        raise DataError(faults)
    engine.define("cohort_codeset", read_sql(PACKAGE, "cohort_codeset.sql"), phase="data")


def _vocabulary(protocol: Protocol, cdm: Cdm, table: str, within: Within, rows: list[tuple], flag: int) -> list[Fault]:
    name = f"codeset_{table.removeprefix('concept_')}"
    asking = sorted({row[0] for row in rows if row[flag]})
    if not asking:
        cdm.absent(table, name)
        return []
    if cdm.has(table):
        return cdm.take(table, within, name=name)
    why = "descendants" if table == "concept_ancestor" else "source concepts that map to its own"
    message = f"a concept set of the cohort asks for {why}, and the table {table} is not there; add it"
    return [Fault(protocol.place("omop", "cohorts", cohort, "atlas"), "missing table", message) for cohort in asking]


def define_cohorts(protocol: Protocol, cdm: Cdm, names: list[str], within: Within | None = None) -> None:
    """Define cohort_<n>_entry and cohort_<n>_step of each: n is its number in the protocol. within: the persons who count."""
    numbers = {name: n for n, name in enumerate(protocol.omop.cohorts, start=1)}
    for name in names:
        _cohort(Work(cdm, name, f"cohort_{numbers[name]}", protocol.omop.cohorts[name].definition, within))


def together(protocol: Protocol, names: list[str], what: str) -> str:
    """The entries (what: entry) or steps of these cohorts in one SELECT, with the name of the cohort."""
    numbers = {name: n for n, name in enumerate(protocol.omop.cohorts, start=1)}
    parts = [f"select {literal(name)} as cohort, * from cohort_{numbers[name]}_{what}" for name in names]
    return "\nunion all\n".join(parts) or NO_ENTRY


def _cohort(work: Work) -> None:
    bring(work)
    _entry_events(work)
    _qualified(work)
    _included(work, [met(work, rule.group, work.name("qualified")) for rule in work.definition.rules])
    _ends(work)
    work.define("entry", _eras(work))
    work.define("step", _steps(work))


def _entry_events(work: Work) -> None:
    """candidate: every entry event with the period of observation that holds it, and the steps that it passes; primary: those
    that pass them all, up to the limit."""
    definition = work.definition
    parts = "\n  union all\n  ".join(
        f"select {i} as part, * from {_entries(work, criterion)}" for i, criterion in enumerate(definition.primary, start=1)
    )
    before = f"date_diff('day', o.start_date, e.start_date) >= {definition.prior_days}"
    after = f"date_diff('day', e.start_date, o.end_date) >= {definition.post_days}"
    work.define(
        "candidate",
        f"""with event as (
  {parts}
)

select
  e.*, o.start_date as op_start, o.end_date as op_end,
  case
    when e.follows = 0 then 0 when o.person_id is null then {FOLLOWED} when {before} and {after} then {WINDOW} else {OBSERVED}
  end as step
from event e
left join {work.name("period")} o
  on o.person_id = e.person_id and o.start_date <= e.start_date and o.end_date >= e.start_date""",
    )
    way = " desc" if definition.primary_limit == LAST else ""
    order = f"start_date{way}, record_id, part, end_date, op_start"
    limit = "" if definition.primary_limit == EVERY else "where event_id = 1"
    work.define(
        "primary",
        f"""with numbered as (
  select
    row_number() over (partition by person_id order by {order}) as event_id,
    person_id, start_date, end_date, visit, concept_id, {LEVEL}
  from {work.name("candidate")}
  where step = {WINDOW}
)

select * from numbered {limit}""",
    )


def _entries(work: Work, criterion: Criterion) -> str:
    """The records of an entry event with `follows`: whether what is known of them only later is so. It is no part of what makes
    the event, so that who lacks it is counted among those who leave."""
    whole = events(work, criterion)
    if not criterion.known_by:
        return f"(select *, 1 as follows from {whole})"
    same = "w.person_id = e.person_id and w.start_date = e.start_date and w.record_id = e.record_id"
    follows = f"case when exists (select 1 from {whole} w where {same}) then 1 else 0 end as follows"
    return f"(select e.*, {follows} from {events(work, criterion.at_start)} e)"


def _qualified(work: Work) -> None:
    """Entry events with what must be around them; the limit counts only where something must."""
    definition = work.definition
    if definition.additional is None:
        work.define("qualified", f"select * from {work.name('primary')}")
        return
    kept = met(work, definition.additional, work.name("primary"))
    work.define("qualified", _limited(work.name("primary"), [kept], definition.qualified_limit))


def _included(work: Work, rules: list[str]) -> None:
    """The events of which every inclusion rule holds; and of every event, how many of the first rules."""
    qualified = work.name("qualified")
    work.define("included", _limited(qualified, rules, work.definition.expression_limit))
    joins = "".join(
        f"\nleft join {r} r{i} on r{i}.person_id = q.person_id and r{i}.event_id = q.event_id" for i, r in _nth(rules)
    )
    cases = " ".join(f"when r{i}.event_id is null then {ADDITIONAL + i - 1}" for i, _ in _nth(rules))
    last = ADDITIONAL + len(rules)
    step = f"case {cases} else {last} end" if rules else str(last)
    work.define("passed", f"select q.person_id, q.start_date, {step} as step from {qualified} q{joins}")


def _nth(names: list[str]) -> list[tuple[int, str]]:
    return list(enumerate(names, start=1))


def _limited(given: str, kept: list[str], limit: str) -> str:
    """The events that are in every one of `kept`, up to the limit of a person."""
    in_all = [f"exists (select 1 from {k} k where k.person_id = g.person_id and k.event_id = g.event_id)" for k in kept]
    rows = f"select g.* from {given} g {where_all(in_all)}"
    if limit == EVERY:
        return rows
    way = " desc" if limit == LAST else ""
    return f"""with kept as (
  {rows}
),

numbered as (
  select k.*, row_number() over (partition by person_id order by start_date{way}, event_id) as nth from kept k
)

select event_id, person_id, start_date, end_date, visit, concept_id, {LEVEL} from numbered where nth = 1"""


def _ends(work: Work) -> None:
    """leaving: of each event the first day on which the person leaves the cohort; none before its start."""
    definition, included = work.definition, work.name("included")
    parts = [] if isinstance(definition.end, Offset) else [f"select person_id, event_id, op_end as end_date from {included}"]
    if isinstance(definition.end, Offset):
        field = "end_date" if definition.end.from_end else "start_date"
        day = f"cast({field} + ({definition.end.days}) * interval 1 day as date)"
        parts.append(
            f"select person_id, event_id, case when {day} > op_end then op_end else {day} end as end_date from {included}"
        )
    if isinstance(definition.end, Era):
        parts.append(f"select person_id, event_id, end_date from {_era(work, definition.end)}")
    for criterion in definition.censoring:
        found = events(work, criterion)
        parts.append(
            f"select i.person_id, i.event_id, min(c.start_date) as end_date from {included} i join {found} c "
            "on c.person_id = i.person_id and c.start_date >= i.start_date and c.start_date <= i.op_end "
            "group by i.person_id, i.event_id"
        )
    union = "\n  union all\n  ".join(parts)
    work.define(
        "leaving",
        f"""select i.person_id, i.event_id, i.start_date, min(e.end_date) as end_date
from {included} i
join (
  {union}
) e on e.person_id = i.person_id and e.event_id = i.event_id and e.end_date >= i.start_date
group by i.person_id, i.event_id, i.start_date""",
    )


def _era(work: Work, era: Era) -> str:
    """Continuous exposure that holds the start of an event: exposures at most `gap` days apart, with the days after it."""
    brought = work.name("era_exposure")
    work.take("drug_exposure", brought, Within("person_id", work.name("persons"), "person_id"))
    day = "cast(r.start_date + ({}) * interval 1 day as date)"
    last = end("drug_exposure", work.engine.columns(brought)) if era.supply is None else day.format(era.supply)
    concepts = work.concepts(era.codeset)
    padded = f"cast({last} + ({era.gap + era.days}) * interval 1 day as date)"
    return work.put(
        "era",
        f"""with exposure as (
  select r.person_id, r.start_date, {padded} as end_date
  from {brought} r
  where r.concept_id in ({concepts}) or r.source_concept_id in ({concepts})
),

{_islands("exposure")},

whole as (
  select person_id, min(start_date) as start_date, cast(max(end_date) + (-{era.gap}) * interval 1 day as date) as end_date
  from island
  group by person_id, era
)

select i.person_id, i.event_id, min(w.end_date) as end_date
from {work.name("included")} i
join whole w on w.person_id = i.person_id and i.start_date >= w.start_date and i.start_date <= w.end_date
group by i.person_id, i.event_id""",
    )


def _islands(given: str) -> str:
    """Steps of a statement: spans of a person that touch or overlap have one number."""
    covered = "max(end_date) over (partition by person_id order by start_date rows between unbounded preceding and 1 preceding)"
    return f"""begun as (
  select person_id, start_date, end_date, case when {covered} >= start_date then 0 else 1 end as begins from {given}
),

island as (
  select
    person_id, start_date, end_date,
    sum(begins) over (partition by person_id order by start_date, begins desc rows unbounded preceding) as era
  from begun
)"""


def _eras(work: Work) -> str:
    """Spans in the cohort that touch, or lie at most `pad` days apart, are one; within the calendar."""
    pad, (first, last) = work.definition.pad, work.definition.calendar
    start = f"greatest(start_date, {literal(first)})" if first is not None else "start_date"
    end = f"least(end_date, {literal(last)})" if last is not None else "end_date"
    return f"""with padded as (
  select person_id, start_date, cast(end_date + ({pad}) * interval 1 day as date) as end_date from {work.name("leaving")}
),

{_islands("padded")},

whole as (
  select person_id, min(start_date) as start_date, cast(max(end_date) + (-({pad})) * interval 1 day as date) as end_date
  from island
  group by person_id, era
)

select person_id, {start} as start_date, {end} as end_date
from whole
where {start} <= {end}
order by person_id, start_date"""


def _steps(work: Work) -> str:
    """How far every entry event comes; an entry into the cohort has passed the last step."""
    return f"""select person_id, start_date, step from {work.name("candidate")}
union all
select person_id, start_date, {ADDITIONAL - 1} as step from {work.name("primary")}
union all
select person_id, start_date, step from {work.name("passed")}
union all
select person_id, start_date, {work.definition.last_step} as step from {work.name("entry")}"""
