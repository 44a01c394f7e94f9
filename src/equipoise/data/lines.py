"""The line of treatment of the index treatment, as the protocol says it, against the lines that the data hold."""

from __future__ import annotations

from equipoise.contract import LINE_BEFORE
from equipoise.engine import Engine
from equipoise.errors import Fault
from equipoise.protocol.spec import Protocol

LATER = "subsequent_therapy"


def line_faults(engine: Engine, protocol: Protocol) -> list[Fault]:
    """A line that the protocol must say, because the data hold a line before or later lines that do not follow the first; or one
    that cannot be, because a later line is not later."""
    assert protocol.index is not None
    place = protocol.place("index")
    least = engine.rows(f"select min(line) from {LATER}")[0][0] if engine.has(LATER) else None
    if protocol.index.line is not None:
        if least is None or least > protocol.index.line:
            return []
        message = f"{LATER} holds line {least}, which does not come after the index treatment's line {protocol.index.line}"
        return [Fault(protocol.place("index", "line"), "line of treatment", f"{message}; correct one of them")]
    said = protocol.said_line
    if least is not None and said is not None and least != said + 1:
        message = f"the first later line in {LATER} is line {least}, the first that post_index compares is line {said + 1}"
        return [Fault(place, "line of treatment", f"{message}: {_ask(least)}")]
    if least is not None and said is None and least != 2:
        return [Fault(place, "line of treatment", f"the first later line in {LATER} is line {least}: {_ask(least)}")]
    before = next((n for n, t in protocol.contract.tables.items() if t.when == LINE_BEFORE and engine.has(n)), None)
    if before is not None:
        message = f"the table {before} holds a line before the index treatment"
        return [Fault(place, "line of treatment", f"{message}: {_ask((said or 2) + 1)}")]
    return []


def _ask(later: int) -> str:
    """What to do, with the line before a later one as the likely answer."""
    return f"say which line the index treatment is, such as index: {{line: {max(later - 1, 1)}}}"
