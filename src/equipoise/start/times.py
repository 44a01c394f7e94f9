"""Which columns are times to an event, and in which unit, by name and size together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from equipoise.data.dated_units import dated_units
from equipoise.data.read import RawTable
from equipoise.start.columns import Seen, as_number
from equipoise.start.vocabulary import names

UNITS = {"days": "day", "weeks": "week", "months": "month", "years": "year"}
MONTHS_REACH, YEARS_REACH = 300.0, 60.0  # no follow-up in these units is longer
FEW = 5  # different values that a time has at least
LONGEST = 12  # letters of a word that stands for an unknown time; longer ones are counted, not named
MOSTLY = 0.8  # share of numbers among the cells of a time that holds words too


def is_time(column: Seen) -> bool:
    """A number from 0 on whose name says a time, an endpoint or a unit, or that lies between two dates; the time from diagnosis
    to treatment is none."""
    named = named_time(column) or column.dated
    return bool(named) and column.number and column.low >= 0 and _varies(column) and not of_some(column)


def with_dated(raw: RawTable, seen: dict[str, Seen]) -> dict[str, Seen]:
    """The columns of which two columns of dates say the unit; those whose names say no time only up to the last date."""
    told = dated_units(raw, [n for n, c in seen.items() if c.number and c.low >= 0 and len(c.counts) > FEW])
    return {
        name: replace(seen[name], dated=unit.unit)
        for name, unit in told.items()
        if named_time(seen[name]) or unit.last and not seen[name].says("age", "identifying", "before")
    }


def of_some(column: Seen) -> bool:
    """A number of days to the death or to the last contact, filled where it concerns a patient: with its like it makes a time."""
    return column.number and column.says("day") and column.says("death", "last") and column.empty > 0.05 * column.n


def worded_time(column: Seen) -> bool:
    """Such a column that would be a time, were some of its cells not words."""
    return named_time(column) and bool(column.words_among_numbers) and column.words_among_numbers <= (1 - MOSTLY) * column.filled


def named_time(column: Seen) -> bool:
    if column.says("age", "identifying") or column.date:
        return False
    if column.says("before") and not (column.says("died", "strong_event", "last") or column.endpoint):
        return False
    return column.says("time", *UNITS.values()) or bool(column.endpoint)


def _varies(column: Seen) -> bool:
    sure = column.says("time") or column.endpoint
    return len(column.counts) > (FEW if sure else max(8, 0.1 * min(column.filled, 300)))


def rank(column: Seen) -> tuple[bool, bool, bool]:
    """Overall survival first, a name that says time before one that says only a unit, one that says survival before another."""
    return column.endpoint != "os", not column.endpoint, not column.says("time")


def unit_of(time: Seen, asked: str | None = None, beside: str = "") -> tuple[str, str]:
    """The unit and why. CONFIRM where neither name nor size decides, or where they contradict each other. beside: what a column
    of units says."""
    if asked:
        return asked, "named with --unit"
    if beside:
        return beside, "a column of units says so"
    named = [unit for unit, word in UNITS.items() if time.says(word)]
    if time.dated:
        other = f", though its name says {named[0]}: CONFIRM the unit" if named and named != [time.dated] else ""
        return time.dated, f"two columns of dates lie so far apart{other}"
    if len(named) == 1:
        unit = named[0]
        if time.high > {"months": 2 * MONTHS_REACH, "years": YEARS_REACH}.get(unit, float("inf")):
            return unit, f"its name says so, but no follow-up lasts {time.high:g} {unit}: CONFIRM the unit"
        return unit, "its name says so"
    if time.high > MONTHS_REACH:
        return "days", f"the longest time is above {MONTHS_REACH:g}, longer than a follow-up in months"
    return (
        "months",
        f"its name gives no unit, and the longest time is at most {MONTHS_REACH:g}; CONFIRM the unit: days, weeks, years?",
    )


def unit_beside(seen: Iterable[Seen]) -> str:
    """The unit that a column of units holds in every row, as AVALU of ADaM; '' where there is none."""
    said = [next(iter(c.counts)) for c in seen if len(c.counts) == 1 and c.says("unit")]
    return next((unit for value in said for unit, word in UNITS.items() if names(value, word)), "")


def words_in(column: Seen) -> tuple[dict[str, int], int]:
    """Words among the numbers that hold no digit, with their rows; and rows of cells that are neither (`>60`)."""
    others = {v: n for v, n in column.counts.items() if as_number(v) is None}
    words = {v: n for v, n in others.items() if not any(c.isdigit() for c in v) and len(v) <= LONGEST}
    return words, sum(n for v, n in others.items() if v not in words)


def unknown_times(seen: dict[str, Seen]) -> dict[str, dict[str, int]]:
    """Time -> its words that stand for an unknown one, with their cells, as they mean nothing in any other column."""
    worded = [c for c in seen.values() if worded_time(c) and not words_in(c)[1]]
    others = {v for c in seen.values() if c not in worded for v in c.counts}
    found = {c.name: {w: n for w, n in words_in(c)[0].items() if w not in others} for c in worded}
    return {name: words for name, words in found.items() if words}
