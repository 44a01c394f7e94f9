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
    if least is not None and least != 2:
        message = f"the first later line in {LATER} is line {least}: say which line the index treatment is"
        return [Fault(place, "line of treatment", f"{message}, such as index: {{line: {max(least - 1, 1)}}}")]
    before = next((n for n, t in protocol.contract.tables.items() if t.when == LINE_BEFORE and engine.has(n)), None)
    if before is not None:
        message = f"the table {before} holds a line before the index treatment: say which line the index treatment is"
        return [Fault(place, "line of treatment", f"{message}, such as index: {{line: 2}}")]
    return []
