"""The blocks of a protocol whose times come from dates."""

from __future__ import annotations

import json

from equipoise.data.date_forms import CENTURY_FROM
from equipoise.start.columns import Seen
from equipoise.start.dates import DAY, DateGuess
from equipoise.start.event_values import condition

LABELS = {
    "os": ("Overall survival", "OS", "Death", "[death]"),
    "pfs": ("Progression-free survival", "PFS", "Progression or death", "[progression, death]"),
}


def data_lines(dates: DateGuess) -> list[str]:
    """The lines under `data:`."""
    if dates.start is None:
        return []
    lines = ["  dates:", f"    from: {_text(dates.start)}    # {dates.why[dates.start]}"]
    lines.append(f"    order: {dates.order}    # {dates.order_reason}")
    if dates.orders:
        lines.append(f"    orders: {{{', '.join(f'{_text(c)}: {order}' for c, order in dates.orders.items())}}}")
    if dates.two_digit:
        lines.append(
            f"    century_from: {CENTURY_FROM}    # years of two figures are {CENTURY_FROM} to {CENTURY_FROM + 99}: CONFIRM"
        )
    lines.append("    days:")
    return lines + [f"      {name}: {_text(column)}    # {dates.why[column]}" for name, column in dates.columns.items()]


def endpoint_lines(dates: DateGuess, seen: dict[str, Seen], equals) -> str:
    """`sources` and `endpoints`. equals: a column of the sheet and a value -> SQL."""
    day = DAY if dates.start else {"death": _text(dates.death or ""), "last": _text(dates.last), "progression": ""}
    death = f"{{table: patients, day: {day['death']}}}"
    if dates.flag is not None and dates.happened is not None and dates.death is None:
        where, doubt = condition(seen[dates.flag], dates.happened, equals)
        death = f"{{table: patients, day: {day['last']}, where: {where}}}    # {dates.why[dates.flag]}{doubt}"
    lines = ["# EDIT 3 and 4: times are days from the start to these dates; an event is a date that is filled."]
    lines += ["sources:", f"  death: {death}", f"  last_contact: {{table: patients, day: {day['last']}}}"]
    if dates.progression:
        lines.append(f"  progression: {{table: patients, day: {day['progression']}}}")
    lines += ["", "endpoints:"]
    for name in dates.endpoints:
        label, short, event, events = LABELS[name]
        said = f"label: {label}, short: {short}, event_label: {event}, events: {events}, censoring: [last_contact]"
        lines.append(f"  {name}: {{{said}}}")
    return "\n".join(lines) + "\n"


def roles(dates: DateGuess) -> dict[str, tuple[str, str, str]]:
    """column -> (used as, name, reason), for the mapping."""
    found = {dates.start: ("start", "", dates.why[dates.start])} if dates.start else {}
    found |= {column: ("date", name, dates.why[column]) for name, column in dates.columns.items()}
    if dates.flag is not None:
        found[dates.flag] = ("event", "death", dates.why[dates.flag])
    return found


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
