"""Which values of an event column are the event: an expression for two values, every value by name for more; asked where no word
says it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from equipoise.start.columns import Seen
from equipoise.start.headings import coded
from equipoise.start.vocabulary import dead, means, mentions

UNKNOWN_CODES = ("8", "9", "88", "99", "888", "999")
NAMED_FROM = 5  # rows of a value that a question names
MOST, DIFFERENT = 12, 3  # values of an event column; codes that are no code for unknown
WORSENED_TOO = ("pfs", "rfs", "dfs", "efs", "ttp", "pfi", "dfi", "endpoint")
OF_THE_DISEASE = ("dss",)


@dataclass(frozen=True, slots=True)
class EventGuess:
    """Values of an event column. event: '' in `reason` is never; open: why it must be asked, '' where it need not."""

    event: tuple[str, ...]
    competing: tuple[str, ...]
    censored: tuple[str, ...]
    reason: str
    open: str = ""


def is_status(column: Seen) -> bool:
    """Few values, as an event column has; those that differ by capitals are one, and codes for unknown beside numbers none. One
    value alone where it says that all died."""
    different = {v.casefold() for v in column.counts}
    if not different:
        return False
    if len(different) == 1:
        value = next(iter(column.counts))
        ticked = value == "1" or means(value, "happened")
        return dead(value) or (ticked and column.says("strong_event") and not column.says("censoring", "doubtful_censoring"))
    if column.number and column.whole:
        different -= set(UNKNOWN_CODES) if len(different) > DIFFERENT else set()
        return 2 <= len(different) <= DIFFERENT
    if column.number or len(column.counts) > MOST:
        return False
    return len(different) <= DIFFERENT or any(meaning(v, "os") for v in column.counts)


def one_sided(column: Seen) -> bool:
    """Whether the event alone is written, so that an empty cell says that there was none, or nothing at all."""
    return len(column.counts) == 1 and column.empty > 0


def meaning(value: str, endpoint: str) -> str:
    """event, competing or censored; '' where the value does not say it."""
    if dead(value):
        return "competing" if endpoint in OF_THE_DISEASE and mentions(value, "other_cause") else "event"
    if means(value, "none_happened"):
        return "censored"
    if means(value, "worsened"):
        return "event" if endpoint in WORSENED_TOO else "censored" if endpoint == "os" else ""
    if means(value, "happened"):
        return "event"
    return "censored" if mentions(value, "none_happened") else ""


def guess_event(column: Seen, endpoint: str, asked: list[str]) -> EventGuess:
    """asked: the values that the user named as the event."""
    values = column.values
    if asked:
        rest = tuple(v for v in values if v not in asked)
        empty = "; an empty cell is none" if one_sided(column) else ""
        return EventGuess(tuple(asked), (), rest, f"named with --event-is{empty}")
    if one_sided(column):
        what = f"it holds one value, {told(column)}, and nothing in {column.empty} rows; where nothing means that there was none"
        return EventGuess(tuple(values), (), (), "CONFIRM", what)
    said = coded(column.name, values) if column.number else {}
    found = {v: meaning(said.get(v, v), endpoint) for v in values}
    if {v.casefold() for v in values} == {"a", "d"} and column.says("died"):
        found = {v: "event" if v.casefold() == "d" else "censored" for v in values}
    if column.says("censoring"):  # alive: yes
        found = {v: _turned(said.get(v, v), m) for v, m in found.items()}
    if not column.number or any(m == "event" for m in found.values()) and said:
        return _of_words(column, found)
    if column.says("censoring") and len(values) <= 2 and not said:
        return EventGuess((values[0],), (), tuple(values[1:]), "a column of this name usually holds 1 for the censored; CONFIRM")
    known = [v for v in values if v not in UNKNOWN_CODES] if len(values) > 2 else values
    if not known:
        known = values
    doubt = "; a column called 'cens' may mean the opposite; CONFIRM" if column.says("doubtful_censoring") else ""
    if len(values) == 1:
        return EventGuess((values[0],), (), (), f"every row says the same: an event{doubt}")
    if len(known) > 2 and known[0] == "0" and endpoint == "os" and column.says("cause_of_death"):
        censored = tuple(v for v in values if v not in known[1:])
        return EventGuess(tuple(known[1:]), (), censored, "codes of causes of death, of which 0 is none; CONFIRM")
    between = tuple(v for v in known[1:-1])
    censored = tuple(v for v in values if v != known[-1] and v not in between)
    more = f"; {', '.join(between)} in between is taken as a competing event; CONFIRM" if between else ""
    return EventGuess((known[-1],), between, censored, f"the largest code{more}{doubt}")


def _turned(value: str, said: str) -> str:
    """The meaning of a yes and a no under a name that says alive or censored."""
    return (
        {"event": "censored", "censored": "event"}[said] if means(value, "yes", "no") and said in ("event", "censored") else said
    )


def _of_words(column: Seen, found: dict[str, str]) -> EventGuess:
    event, competing, censored, unsaid = (
        tuple(v for v in found if found[v] == m) for m in ("event", "competing", "censored", "")
    )
    if event and len(found) == 2 and unsaid:
        censored, unsaid = unsaid, ()
    if len(censored) == 1 and len(found) == 2 and unsaid:
        event, unsaid = unsaid, ()
    if not event or unsaid:
        what = "no word says which value is the event" if not event else "not every value says what it is"
        return EventGuess(event, competing, (*censored, *unsaid), "CONFIRM each value", f"{what}: {told(column, NAMED_FROM)}")
    return EventGuess(event, competing, censored, "the word says so")


def told(column: Seen, least: int = 1) -> str:
    """The values with their rows; those of fewer rows than the least are counted together."""
    shown = [f"{v} ({column.counts[v]})" for v in column.values if column.counts[v] >= least]
    few = sum(n for n in column.counts.values() if n < least)
    return ", ".join([*shown, *([f"others ({few})"] if few else [])])


def condition(column: Seen, guess: EventGuess, equals) -> tuple[str, str]:
    """What to write behind `event:` or `where:`, and what to confirm. equals: a column and a value -> SQL."""
    values = column.values
    if one_sided(column):
        return quoted(f"coalesce({equals(column, guess.event[0], column.number)}, false)"), ""
    if len(values) <= 2 and len(guess.event) == 1:
        return quoted(equals(column, guess.event[0], column.number)), ""
    lists = {"is": guess.event, "competing": guess.competing, "censored": guess.censored}
    named = ", ".join(f"{key}: [{_listed(found)}]" for key, found in lists.items() if found)
    doubt = f"; CONFIRM each of its values: {told(column)}"
    return f"{{column: {json.dumps(column.name, ensure_ascii=False)}, {named}}}", doubt


def quoted(sql: str) -> str:
    """An expression as a YAML scalar: in single quotes where it holds names in double ones."""
    if any(ord(c) < 32 for c in sql):
        return json.dumps(sql, ensure_ascii=False)
    return "'" + sql.replace("'", "''") + "'"


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(json.dumps(v, ensure_ascii=False) for v in values)
