"""Endpoints that happen or do not: within days of the index date, as a column of a spreadsheet says, or as a response."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from equipoise.protocol.event_codes import Condition, EventCodes, condition_text
from equipoise.protocol.part import CENTURY, Part

KIND = "binary"


class BinaryEndpoint(Part):
    """of, within_days: the event of that endpoint by that day, day included. event: of a spreadsheet, an expression or the values
    of a column by name (EventCodes). response: objective response or disease control, by the first of the criteria. absent: those
    without it are counted, as of being alive. event_label: what is counted, `Alive on day 30`."""

    kind: Literal["binary"]
    label: str
    short: str
    event_label: str
    of: str | None = None
    within_days: int | None = Field(None, ge=1, le=CENTURY)
    event_: Condition | None = Field(None, alias="event")
    response: Literal["orr", "dcr"] | None = None
    absent: bool = False

    @property
    def event(self) -> str | None:
        """True where it happened, as an expression."""
        return condition_text(self.event_)

    @property
    def codes(self) -> EventCodes | None:
        """The values by name, where the protocol gives them."""
        return self.event_ if isinstance(self.event_, EventCodes) else None

    @model_validator(mode="after")
    def _one_way(self) -> BinaryEndpoint:
        ways = (self.of is not None, self.event_ is not None, self.response is not None)
        if sum(ways) != 1 or (self.of is None) != (self.within_days is None):
            raise ValueError(
                "a binary endpoint is either 'of' an endpoint and 'within_days', or an 'event' of a spreadsheet, or a 'response'"
            )
        return self


def apart(given: dict[str, Any]) -> dict[str, Any]:
    """A protocol's plain data with its binary endpoints in a key of their own."""
    endpoints = given.get("endpoints")
    if not isinstance(endpoints, dict):
        return given
    binary = {n: e for n, e in endpoints.items() if isinstance(e, dict) and e.get("kind") == KIND}
    if not binary:
        return given
    return {**given, "endpoints": {n: e for n, e in endpoints.items() if n not in binary}, "binary_endpoints": binary}
