"""A cohort definition of ATLAS (Circe) as values: entry events, criteria around them, when the cohort ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import inf

FIRST, LAST, EVERY = "first", "last", "all"
FOLLOWED, OBSERVED, WINDOW, ADDITIONAL = 1, 2, 3, 4  # steps that an entry event passes before the inclusion rules
# Tests of what is known of a record only when it is over; those of its length tell how long that takes.
LENGTH, AT_THE_END = "length", ("end", "age_at_end", "occurrences", "gap_days")
# Tables whose end is recorded with the record: by the supply that is handed out, or one day.
END_RECORDED = ("drug_exposure", "procedure_occurrence", "measurement", "observation", "death")


@dataclass(frozen=True, slots=True)
class Item:
    """A concept of a set: with all below it, taken out, with source concepts that map to it."""

    concept: int
    descendants: bool
    excluded: bool
    mapped: bool


@dataclass(frozen=True, slots=True)
class Codeset:
    """A concept set of the definition, by its number there."""

    number: int
    name: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Test:
    """A condition on a record or a person. what: age, gender, start, value ... op: lt, lte, eq, !eq, gt, gte, bt, !bt; in, !in
    of concept ids; set, !set of the number of a concept set."""

    what: str
    op: str
    values: tuple[float | int | dt.date, ...]


@dataclass(frozen=True, slots=True)
class Criterion:
    """Records of a table. codeset, source: numbers of concept sets of the concept and of the source concept. first: of them the
    first of each person, before the tests. nested: what must be around each of them."""

    table: str
    codeset: int | None
    source: int | None
    first: bool
    tests: tuple[Test, ...]
    nested: Group | None

    @property
    def known_by(self) -> float:
        """Days after the start of a record by which it is known whether it is one of these; infinite where that may take any
        time."""
        tests = (_test_known_by(test, self.table) for test in self.tests)
        return max(*tests, known_by(self.nested) if self.nested is not None else 0, 0)

    @property
    def at_start(self) -> Criterion:
        """The records without what is known of them only later."""
        tests = tuple(t for t in self.tests if not _test_known_by(t, self.table))
        nested = self.nested if self.nested is not None and not known_by(self.nested) else None
        return replace(self, tests=tests, nested=nested)


@dataclass(frozen=True, slots=True)
class Edge:
    """A side of a window: days from the index (negative: before it); None: the start (before) or end of observation."""

    days: int | None
    before: bool


@dataclass(frozen=True, slots=True)
class Window:
    """Both sides count. index_end: from the end of the index event; event_end: of the end of the record."""

    first: Edge
    last: Edge
    index_end: bool
    event_end: bool


@dataclass(frozen=True, slots=True)
class Counted:
    """Records in windows around an event, counted: op (=, <=, >=) count. distinct: '', concept, start_date or visit.
    everywhere: outside the period of observation of the event, too. same_visit: of the visit of the event alone."""

    criterion: Criterion
    windows: tuple[Window, ...]
    op: str
    count: int
    distinct: str
    everywhere: bool
    same_visit: bool


@dataclass(frozen=True, slots=True)
class Demographic:
    """Tests of the person on the day of the event."""

    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """How many of the members must hold: op (=, <=, >=) count. Without a member everything holds."""

    op: str
    count: int
    members: tuple[Counted | Demographic | Group, ...]

    def criteria(self) -> Iterator[Criterion]:
        for member in self.members:
            if isinstance(member, Group):
                yield from member.criteria()
            elif isinstance(member, Counted):
                yield from with_nested(member.criterion)


@dataclass(frozen=True, slots=True)
class Rule:
    name: str
    group: Group


@dataclass(frozen=True, slots=True)
class Step:
    """A reason to leave. number: the steps that an event passes which does not leave for it. known_by: the day from the entry
    event by which that is known; infinite where it looks at all the time after it."""

    reason: str
    number: int
    known_by: float = 0


@dataclass(frozen=True, slots=True)
class Offset:
    """The cohort ends days after the start (from_end: the end) of the entry event."""

    days: int
    from_end: bool


@dataclass(frozen=True, slots=True)
class Era:
    """It ends days after the end of continuous exposure to a drug, of which exposures lie at most gap days apart. supply: days
    that every exposure lasts; None: as recorded."""

    codeset: int
    gap: int
    days: int
    supply: int | None


@dataclass(frozen=True, slots=True)
class Definition:
    """Limits are first, last or all. additional: None where the definition has no such part, of which the qualified limit then
    does not count either."""

    codesets: tuple[Codeset, ...]
    primary: tuple[Criterion, ...]
    prior_days: int
    post_days: int
    primary_limit: str
    additional: Group | None
    qualified_limit: str
    rules: tuple[Rule, ...]
    expression_limit: str
    end: Offset | Era | None
    censoring: tuple[Criterion, ...]
    pad: int
    calendar: tuple[dt.date | None, dt.date | None]

    @property
    def ends_early(self) -> bool:
        """Whether the cohort may end before the time of observation does."""
        return self.end is not None or bool(self.censoring) or self.calendar[1] is not None

    def criteria(self) -> Iterator[Criterion]:
        """All of them, those within others too."""
        for criterion in (*self.primary, *self.censoring):
            yield from with_nested(criterion)
        for group in (*([self.additional] if self.additional is not None else []), *(rule.group for rule in self.rules)):
            yield from group.criteria()

    @property
    def steps(self) -> list[Step]:
        """Why an entry event is no entry into the cohort, in order; steps that nobody can fail are left out."""
        later = max((c.known_by for c in self.primary), default=0)
        found = [Step("Entry event without what must follow it", FOLLOWED, later)] if later else []
        found.append(Step("Entry event outside the time of observation", OBSERVED))
        sides = [(self.prior_days, "before"), (self.post_days, "after")]
        asked = " or ".join(f"{days} days of observation {side} the entry event" for days, side in sides if days)
        if asked:
            found.append(Step(f"Fewer than {asked}", WINDOW, self.post_days))
        if self.additional is not None and self.additional.members:
            found.append(Step("Entry event without what must be around it", ADDITIONAL, known_by(self.additional)))
        rules = enumerate(self.rules, start=1)
        found += [Step(f"Inclusion rule not met: {r.name}", ADDITIONAL + i, known_by(r.group)) for i, r in rules]
        if self.end is not None or any(self.calendar):
            found.append(Step("Left the cohort before it was entered", self.last_step))
        return found

    @property
    def takes_last(self) -> bool:
        """Whether of several events the last one is taken, which is known only when observation is over."""
        limits = [self.primary_limit, *([self.qualified_limit] if self.additional is not None else []), self.expression_limit]
        return next((limit for limit in limits if limit != EVERY), EVERY) == LAST

    @property
    def known_by(self) -> float:
        """Days after an entry by which it is known to be one; infinite where that may take any time."""
        return inf if self.takes_last else max((step.known_by for step in self.steps), default=0)

    @property
    def last_step(self) -> int:
        """The step that an event has passed which is an entry into the cohort."""
        return ADDITIONAL + len(self.rules) + 1


def with_nested(criterion: Criterion) -> Iterator[Criterion]:
    """A criterion and those that its nested ones ask."""
    yield criterion
    if criterion.nested is not None:
        yield from criterion.nested.criteria()


def known_by(group: Group) -> float:
    """The last day from the event, 0 or later, at which a group looks."""
    return max((_last_day(member) for member in group.members), default=0)


def _test_known_by(test: Test, table: str) -> float:
    if test.what == LENGTH:
        days = max(float(value) for value in test.values)  # type: ignore[arg-type]
        return max(0, days if test.op in ("gte", "lt") else days + 1)
    return inf if test.what in AT_THE_END and table not in END_RECORDED else 0


def _last_day(member: Counted | Demographic | Group) -> float:
    if isinstance(member, Group):
        return known_by(member)
    if isinstance(member, Demographic):
        return 0
    ends = [0 if w.last.days is None else w.last.days for w in member.windows if not _open(w)]
    return max(0, min(ends, default=inf) + member.criterion.known_by)


def _open(window: Window) -> bool:
    """Whether the window has no last day from the start of the event."""
    return window.index_end or (window.last.days is None and not window.last.before)
