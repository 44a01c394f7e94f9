"""Pairs of a time and an event column."""

from __future__ import annotations

from dataclasses import dataclass

from equipoise.start.columns import Seen
from equipoise.start.event_values import EventGuess, guess_event, is_status, meaning
from equipoise.start.given import Given
from equipoise.start.patient import identifying
from equipoise.start.times import UNITS, is_time, rank, unit_beside, unit_of
from equipoise.start.vocabulary import dead, endpoint_of, named_wholly, names

ENDPOINTS = {
    "os": ("Overall survival", "Death"),
    "pfs": ("Progression-free survival", "Progression or death"),
    "rfs": ("Recurrence-free survival", "Recurrence or death"),
    "dfs": ("Disease-free survival", "Recurrence or death"),
    "efs": ("Event-free survival", "Event"),
    "ttp": ("Time to progression", "Progression"),
    "pfi": ("Progression-free interval", "Progression"),
    "dfi": ("Disease-free interval", "Recurrence"),
    "dss": ("Disease-specific survival", "Death of the disease"),
}
PARTNERS = {
    "os": ("died", "state"), "rfs": ("recurred",), "dfs": ("recurred",), "pfs": ("progressed",), "ttp": ("progressed",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class EndpointGuess:
    """happened: the values of the event column. empty: rows without a time. declared: a data standard says what it is."""

    name: str
    label: str
    event_label: str
    time: str
    unit: str
    event: str
    happened: EventGuess
    reason: str
    unit_reason: str
    empty: int
    declared: bool = False

    @property
    def event_reason(self) -> str:
        return self.happened.reason


def used_by(endpoints: list[EndpointGuess]) -> set[str]:
    """Columns of any endpoint found, used or not: none of them was known at baseline."""
    return {name for e in endpoints for name in (e.time, e.event)}


def is_event(column: Seen) -> bool:
    """Few values under a name that says an event, a state of life or an endpoint; performance status is none."""
    if column.date or not is_status(column):
        return False
    if column.says("strong_event") or column.endpoint or _tells_life(column):
        return True
    if not column.says("event"):
        return False
    return not column.says("state") or named_state(column)


def _tells_life(column: Seen) -> bool:
    """Whether the values alone say of everybody who died and who did not, whatever the name."""
    said = [meaning(v, "os") for v in column.counts]
    return all(said) and "censored" in said and any(dead(v) for v in column.counts) and not column.says("known_before")


def named_state(column: Seen) -> bool:
    """Whether 'status' in a name is that of the patient: alone, or beside words of life and disease; or its values say death."""
    return (
        any(dead(v) for v in column.counts)
        or column.says("later_state", "recurred", "progressed")
        or named_wholly(column.name, "state", "filler", "event")
    )


def guess_endpoints(seen: dict[str, Seen], given: Given, patient: str | None) -> list[EndpointGuess]:
    """Pairs of a time and an event column that share a word of their names; else the likeliest of each."""
    unit = unit_beside(seen.values())
    said = [endpoint_of(next(iter(c.counts))) for c in seen.values() if len(c.counts) == 1 and c.says("parameter")]
    only = next((e for e in said if e), "")
    if given.time and given.event:
        return [endpoint(seen[given.time], seen[given.event], "named with --time and --event", given, unit, only)]
    free = [c for c in seen.values() if c.name not in (patient, given.arm) and not identifying(c)]
    times = sorted((c for c in free if is_time(c) and not is_event(c)), key=rank)
    events = sorted((c for c in free if c not in times and is_event(c)), key=lambda c: (not _strong(c), _dull(c)))
    pairs = []
    for time in times:
        shared = [e for e in events if _own_words(e) & _own_words(time)]
        stem = time.endpoint
        shared += [e for e in events if stem and (e.endpoint == stem or e.says(*PARTNERS.get(stem, ("strong_event",))))]
        if shared:
            pairs.append(endpoint(time, shared[0], "their names belong together", given, unit, only))
    if not pairs and times and events:
        pairs = [endpoint(times[0], events[0], "the likeliest names of a time and an event", given, unit, only)]
    return sorted(pairs, key=lambda e: e.name != "os")


def _strong(column: Seen) -> bool:
    """Whether a name says an event, or the values say that somebody died."""
    return column.says("strong_event") or any(dead(v) for v in column.counts)


def _dull(column: Seen) -> bool:
    """Whether hardly anything speaks for an event: one value, or a name of several words."""
    return len(column.counts) == 1


def _own_words(column: Seen) -> set[str]:
    """Words of a name that tell which time or event it is, not merely that it is one."""
    general = ("time", "event", "strong_event", "filler", "state", "later_state", *UNITS.values())
    return {w for w in column.words if not names(w, *general) and not w.isdigit()}


def endpoint(time: Seen, event: Seen, reason: str, given: Given, unit: str = "", only: str = "") -> EndpointGuess:
    """unit, only: what columns of units and of endpoints say in every row."""
    name = time.endpoint or event.endpoint or only
    if not name and (event.says("died") or any(dead(v) for v in event.counts)):
        name = "os"
    name = name or "endpoint"
    label, event_label = ENDPOINTS.get(name, ("Event-free survival", "Event"))
    unit, why = unit_of(time, given.unit, unit)
    happened = guess_event(event, name, given.happened_in(event))
    return EndpointGuess(name, label, event_label, time.name, unit, event.name, happened, reason, why, time.empty)
