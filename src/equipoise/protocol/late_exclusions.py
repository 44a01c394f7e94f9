"""Exclusions by something known only after the index date: a stop, unless declared with a reason and the day it was known by."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from equipoise.contract import AFTER, BEFORE, LINE_BEFORE
from equipoise.errors import Fault
from equipoise.protocol.derived_values import asks_derived, value_names
from equipoise.protocol.expressions import columns_of
from equipoise.protocol.not_recorded import is_not_recorded
from equipoise.protocol.population import Exclude
from equipoise.protocol.spec import Protocol

Place = Callable[..., str]
COMPUTED_LATER = ("visit_response", "best_response")
# Names of a spreadsheet's columns that sound like the course after the index date, and words that say otherwise.
SOUNDS_LATER = re.compile(
    r"follow|surviv|death|dead|died|alive|relaps|recur|progress|respon|discontinu|drop_?out|lost|censor|event|scans|last_"
    r"|cycles?_(given|received)|n_cycles|time_to|days_to|months_to",
    re.IGNORECASE,
)
SOUNDS_EARLIER = re.compile(r"prior|previous|baseline|before|history|first_?line|screen|index|pre_", re.IGNORECASE)
SENTENCE = (
    "{what} is known only after the index date. Leaving patients out by it keeps those who lived and were followed long "
    "enough, and the arms are then compared among the survivors of that time (immortal-time and selection bias). {way_out} Or "
    "keep it with 'known: after_index', 'why:' (the reason) and 'landmark_day:' (the day it was known by): Methods then say "
    "so, and the comparison from that landmark stands beside the naive one."
)


def late_exclusions(protocol: Protocol) -> dict[str, Exclude]:
    """exclusion_1, exclusion_2 ... -> the exclusions declared as known only after the index date, in order."""
    declared = [e for step in protocol.eligibility.steps for e in step.exclude if e.known == "after_index"]
    return {f"exclusion_{k}": exclude for k, exclude in enumerate(declared, start=1)}


def late_exclusion_faults(protocol: Protocol, place: Place, later: Mapping[str, str]) -> Iterator[Fault]:
    """later: columns and covariates known after the index date -> since when, as the guard of the analyses has them."""
    for i, step in enumerate(protocol.eligibility.steps):
        for j, exclude in enumerate(step.exclude):
            if exclude.table not in COMPUTED_LATER and is_not_recorded(protocol, exclude):
                continue
            fault = (
                _sheet_fault(protocol, exclude, later)
                if protocol.data.rows is not None
                else _table_fault(protocol, exclude, later)
            )
            if fault:
                yield Fault(place("eligibility", "steps", i, "exclude", j, "where"), "time zero", fault)


def _table_fault(protocol: Protocol, exclude: Exclude, later: Mapping[str, str]) -> str:
    name = exclude.table or (protocol.index.table if protocol.index is not None else "")
    table = protocol.contract.tables.get(name)
    if name in COMPUTED_LATER:
        return SENTENCE.format(what=f"What '{name}' holds", way_out="It cannot be known at the index date: leave it out.")
    if exclude.known == "after_index":
        return ""
    if asks_derived(exclude, table.column_names if table is not None else ()):
        named = [c for c in value_names(protocol, exclude.where) if c in later]
        return SENTENCE.format(what=f"'{named[0]}'", way_out="It is no value of the baseline: leave it out.") if named else ""
    if table is not None and table.when == AFTER:
        return SENTENCE.format(what=f"What '{name}' holds", way_out="It cannot be known at the index date: leave it out.")
    if exclude.known == "index" or (table is not None and table.when in (BEFORE, LINE_BEFORE)):
        return ""
    if table is not None and (table.day or table.visit):
        limit = f"{table.day} <= the index date" if table.day else f"{table.visit} = 0"
        way_out = f"With 'known: index' only its rows of the time before count ({limit})."
        return SENTENCE.format(what=f"'{name}' holds records from after the index date too, and what they say", way_out=way_out)
    named = [c for c in columns_of(exclude.where) if c in later]
    return SENTENCE.format(what=f"'{named[0]}'", way_out="Write 'known: index' if it was known by then.") if named else ""


def _sheet_fault(protocol: Protocol, exclude: Exclude, later: Mapping[str, str]) -> str:
    if exclude.known is not None:
        return ""
    columns = value_names(protocol, exclude.where)
    named = [c for c in columns if c in later]
    if named:
        return SENTENCE.format(what=f"'{named[0]}'", way_out="Write 'known: index' if it was known by then.")
    sounds = [c for c in columns if SOUNDS_LATER.search(c) and not SOUNDS_EARLIER.search(c)]
    if sounds:
        way_out = "If that is wrong, write 'known: index'."
        return SENTENCE.format(what=f"'{sounds[0]}', by its name,", way_out=way_out)
    return ""
