"""The block `endpoints`: time, unit, event."""

from __future__ import annotations

from equipoise.protocol.open_questions import OPEN
from equipoise.start.columns import Seen
from equipoise.start.endpoints import EndpointGuess
from equipoise.start.event_values import condition
from equipoise.start.scalars import comment, equals, text


def no_endpoint_block(why: str) -> str:
    """Neither time nor event was found."""
    return (
        f"# EDIT 3 and 4: {comment(why)}.\n"
        'endpoints:\n  os:\n    label: "Overall survival"\n    short: "OS"\n    event_label: "Death"\n'
        f"    time: {{column: {OPEN}, unit: months}}\n    event: {OPEN}\n"
    )


def endpoints_block(endpoints: tuple[EndpointGuess, ...], used: tuple[EndpointGuess, ...], seen: dict[str, Seen]) -> str:
    """used: those that are asked for; the others stand as comments."""
    lines = ["# EDIT 3 and 4: time (column, unit) and event (which value is an event)."]
    lines += ["endpoints:"]
    for e in used:
        lines += _endpoint(e, seen, "")
    for other in (e for e in endpoints if e not in used):
        lines += ["  # a second endpoint, found the same way; take the marks # away to use it:", *_endpoint(other, seen, "# ")]
    return "\n".join(lines) + "\n"


def _endpoint(e: EndpointGuess, seen: dict[str, Seen], mark: str) -> list[str]:
    event, doubt = condition(seen[e.event], e.happened, equals)
    rows = f"{e.empty} row{' has' if e.empty == 1 else 's have'}"
    empty = f" {rows} no time and {'is' if e.empty == 1 else 'are'} left out above." if e.empty and not mark else ""
    asked = []
    if e.happened.open:
        asked = [f"    # {comment(e.happened.open)}. Each goes into one of is, competing, censored:"]
        column = text(e.event)
        asked += [f"    # event: {{column: {column}, is: [...], competing: [...], censored: [...]}}"]
        event, doubt = OPEN, ""
    lines = [
        f"  {e.name}:",
        f"    label: {text(e.label)}",
        f"    short: {text(e.name.upper() if len(e.name) < 5 else 'EFS')}",
        f"    event_label: {text(e.event_label)}",
        f"    time: {{column: {text(e.time)}, unit: {e.unit}}}    # {e.reason}; {e.unit}: {e.unit_reason}.{empty}",
        *asked,
        f"    event: {event}    # {comment(e.event_reason + doubt)}",
    ]
    return [f"  {mark}{line[2:]}" if mark else line for line in lines]
