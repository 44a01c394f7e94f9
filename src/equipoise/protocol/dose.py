"""The dose that the protocol of a treatment asks for."""

from __future__ import annotations

from pydantic import Field

from equipoise.protocol.part import Part


class DoseRule(Part):
    """mg_day: milligrams per day for patients for whom `when`, an expression over the baseline columns, holds; without
    `when` for everyone left. The first rule that holds counts; none: the protocol's dose is unknown."""

    mg_day: float = Field(gt=0, le=100_000)
    when: str | None = None
