"""Criteria of a cohort definition as relations: events of a table, how often they lie around other events, groups of such."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from equipoise.data.omop.cdm import Cdm, Within
from equipoise.data.omop.cohort_tables import OF_PERSON, WITHOUT_VISIT, asks_visits, columns, condition, end
from equipoise.engine import Engine, literal
from equipoise.errors import DataError
from equipoise.protocol.cohort_definition import Counted, Criterion, Definition, Demographic, Edge, Group, Window

OTHER = ("death", "observation_period")  # tables whose rows are no records with concepts


@dataclass(slots=True)
class Work:
    """The relations of one cohort, numbered in the order in which they are made. prefix: of their names. persons: who may be in
    it; None: everybody."""

    cdm: Cdm
    cohort: str
    prefix: str
    definition: Definition
    persons: Within | None = None
    made: dict[str, int] = field(default_factory=dict)
    brought: dict[str, str] = field(default_factory=dict)

    @property
    def engine(self) -> Engine:
        return self.cdm.engine

    @property
    def visits(self) -> bool:
        return asks_visits(self.definition)

    def put(self, what: str, sql: str) -> str:
        """Define the next relation of a kind; its name."""
        self.made[what] = self.made.get(what, 0) + 1
        name = f"{self.prefix}_{what}_{self.made[what]}"
        self.engine.define(name, sql, phase="data")
        return name

    def name(self, what: str) -> str:
        return f"{self.prefix}_{what}"

    def define(self, what: str, sql: str) -> None:
        self.engine.define(self.name(what), sql, phase="data")

    def concepts(self, codeset: int) -> str:
        return f"select concept_id from cohort_codeset where cohort = {literal(self.cohort)} and codeset = {literal(codeset)}"

    def take(self, table: str, name: str, *within: Within) -> None:
        """A table of all criteria that look at it. Raises DataError."""
        asking = [c for c in self.definition.criteria() if c.table == table]
        more = columns(table, asking, self.visits, self.cdm.columns(table) or {})
        faults = self.cdm.take(table, *within, name=name, more=more)
        if faults:
            raise DataError(faults)


def bring(work: Work) -> None:
    """The rows of the tables that the criteria ask: of the concepts, where every criterion of a table names some; of the entry
    events those of everybody, of the others those of persons with an entry event. persons: they."""
    definition = work.definition
    everywhere = list(definition.criteria())
    only = (work.persons,) if work.persons is not None else ()
    entry = _tables(work, list(definition.primary), "entry", only)
    names = dict.fromkeys(entry.values())
    work.engine.create(work.name("persons"), " union ".join(f"select person_id from {name}" for name in names))
    persons = Within("person_id", work.name("persons"), "person_id")
    primary = set(map(id, definition.primary))
    shared = {c.table for c in everywhere if id(c) not in primary}
    work.brought = {table: name for table, name in entry.items() if table not in shared}
    work.brought |= _tables(work, [c for c in everywhere if c.table in shared], "all", (persons,))
    beside = {"person": "person", "observation_period": "period"}
    beside |= {"visit_occurrence": "visit"} if any(t.what == "visit_kind" for c in everywhere for t in c.tests) else {}
    faults = [f for table, name in beside.items() for f in work.cdm.take(table, persons, name=work.name(name))]
    if faults:
        raise DataError(faults)


def _tables(work: Work, criteria: list[Criterion], name: str, within: tuple[Within, ...]) -> dict[str, str]:
    """Table -> the relation of its rows."""
    found = {}
    for table in dict.fromkeys(c.table for c in criteria):
        found[table] = f"{work.prefix}_{name}_{table}"
        mine = [c for c in criteria if c.table == table]
        narrow: tuple[Within, ...] = ()
        if table not in OTHER and all(c.codeset is not None for c in mine):
            sets = " union ".join(work.concepts(n) for n in sorted({int(c.codeset or 0) for c in mine}))
            work.engine.create(f"{found[table]}_concept", sets)
            narrow = (Within("concept_id", f"{found[table]}_concept", "concept_id"),)
        work.take(table, found[table], *within, *narrow)
    return found


def events(work: Work, criterion: Criterion) -> str:
    """The relation of a criterion: person_id, event_id, start_date, end_date, visit, concept_id, record_id."""
    made = work.put("event", _events_sql(work, criterion))
    if criterion.nested is None:
        return made
    observed = work.put("observed", _observed_sql(work, made))
    kept = met(work, criterion.nested, observed)
    where = f"exists (select 1 from {kept} k where k.person_id = e.person_id and k.event_id = e.event_id)"
    return work.put("event", f"select e.* from {made} e where {where}")


def _events_sql(work: Work, criterion: Criterion) -> str:
    table, tests = criterion.table, criterion.tests
    where = [f"r.{column} in ({work.concepts(n)})" for column, n in _sets(criterion)]
    first = "row_number() over (partition by r.person_id order by r.start_date, r.record_id, r.end_date)"
    of_visit = any(t.what == "visit_kind" for t in tests)
    kept = [*(["r.nth = 1"] if criterion.first else []), *(condition(t, work.cohort) for t in tests)]
    joins = f"\njoin {work.name('person')} p on p.person_id = r.person_id" if _of_person(criterion) else ""
    joins += f"\njoin {work.name('visit')} v on v.record_id = r.visit and v.person_id = r.person_id" if of_visit else ""
    return f"""with record as (
  select r.*{f", {first} as nth" if criterion.first else ""}
  from ({_rows(table, work)}) r
  {where_all(where)}
)

select
  row_number() over (partition by r.person_id order by r.start_date, r.record_id, r.end_date, r.concept_id) as event_id,
  r.person_id, r.start_date, r.end_date, r.visit, r.concept_id, r.record_id
from record r{joins}
{where_all(kept)}"""


def where_all(conditions: list[str]) -> str:
    """`where a and b`; nothing where there is no condition."""
    return f"where {' and '.join(conditions)}" if conditions else ""


def _sets(criterion: Criterion) -> Iterator[tuple[str, int]]:
    if criterion.codeset is not None:
        yield "concept_id", criterion.codeset
    if criterion.source is not None:
        yield "source_concept_id", criterion.source


def _of_person(criterion: Criterion) -> bool:
    return any(t.what in OF_PERSON for t in criterion.tests)


def _rows(table: str, work: Work) -> str:
    """The rows of a table with the end that counts, as r."""
    given = work.brought[table]
    there = set(work.engine.columns(given))
    if table == "death":
        days = "r.death_date as start_date, cast(r.death_date + interval 1 day as date) as end_date"
    else:
        days = f"r.start_date, {end(table, there)} as end_date"
    taken = {"start_date", "end_date", "death_date", "record_id", "visit", "concept_id"}
    cells = [days, *(f"r.{name}" for name in sorted(there - taken))]
    cells.append("r.record_id" if "record_id" in there else "r.person_id as record_id")
    nothing = "cast(null as bigint)"
    cells.append("r.visit" if "visit" in there and table not in WITHOUT_VISIT else f"{nothing} as visit")
    cells.append("r.concept_id" if "concept_id" in there else f"{nothing} as concept_id")
    return f"select {', '.join(cells)} from {given} r"


def _observed_sql(work: Work, made: str) -> str:
    """Events with the period of observation that holds their start."""
    return f"""select e.*, o.start_date as op_start, o.end_date as op_end
from {made} e
join {work.name("period")} o on o.person_id = e.person_id and o.start_date <= e.start_date and o.end_date >= e.start_date"""


def met(work: Work, group: Group, around: str) -> str:
    """The relation of the events of `around` (person_id, event_id) for which a group holds."""
    if not group.members:
        return work.put("met", f"select distinct person_id, event_id from {around}")
    names = [_member(work, member, around) for member in group.members]
    parts = "\n  union all\n  ".join(f"select person_id, event_id from {name}" for name in names)
    return work.put(
        "met",
        f"""select e.person_id, e.event_id
from {around} e
left join (
  {parts}
) m on m.person_id = e.person_id and m.event_id = e.event_id
group by e.person_id, e.event_id
having count(m.event_id) {group.op} {group.count}""",
    )


def _member(work: Work, member: Counted | Demographic | Group, around: str) -> str:
    if isinstance(member, Group):
        return met(work, member, around)
    if isinstance(member, Demographic):
        tests = [condition(test, work.cohort) for test in member.tests]
        return work.put(
            "met",
            f"""select r.person_id, r.event_id
from {around} r
join {work.name("person")} p on p.person_id = r.person_id
{where_all(tests)}
group by r.person_id, r.event_id""",
        )
    return _counted(work, member, around)


def _counted(work: Work, member: Counted, around: str) -> str:
    found = events(work, member.criterion)
    where = [] if member.everywhere else ["a.start_date >= p.op_start and a.start_date <= p.op_end"]
    where += [clause for window in member.windows for clause in _inside(window, member.everywhere)]
    where += ["a.visit = p.visit"] if member.same_visit else []
    counts = {"": "a.event_id", "concept": "distinct a.concept_id", "visit": "distinct a.visit"}
    counted = counts.get(member.distinct, f"distinct a.{member.distinct}")
    both = " and ".join(["a.person_id = p.person_id", *where])
    return work.put(
        "met",
        f"""select p.person_id, p.event_id
from {around} p
left join {found} a on {both}
group by p.person_id, p.event_id
having count({counted}) {member.op} {member.count}""",
    )


def _inside(window: Window, everywhere: bool) -> Iterator[str]:
    """A window in SQL over an event p and a record a."""
    index = f"p.{'end' if window.index_end else 'start'}_date"
    day = f"a.{'end' if window.event_end else 'start'}_date"
    for edge, sign in ((window.first, ">="), (window.last, "<=")):
        if edge.days is not None:
            yield f"date_diff('day', {index}, {day}) {sign} {edge.days}"
        elif not everywhere:
            yield f"{day} {sign} p.{_period(edge)}"


def _period(edge: Edge) -> str:
    return "op_start" if edge.before else "op_end"
