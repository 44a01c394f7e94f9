"""What is assumed of the outcomes before they are opened: for the effect that a study can detect, and for simulations of it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from equipoise.protocol.part import CENTURY, Name, Part

Time = Annotated[float, Field(gt=0, le=CENTURY)]  # in the study's unit of time
Ratio = Annotated[float, Field(ge=0.01, le=100)]


class Power(Part):
    """median: endpoint -> median time in the reference arm. follow_up: the shortest and the longest possible at the data cut-off,
    between which patients lie evenly. lost_per_year: share of patients lost to follow-up in a year. shape: of the Weibull
    distribution of the times, 1 for a constant hazard. hazard_ratio: that the study was planned to detect. power: with which.
    prognosis: covariate -> hazard ratio, of a continuous one per SD, of a binary one with against without, of a categorical one
    from each level to the next."""

    median: dict[Name, Time] = Field(min_length=1)
    follow_up: tuple[Annotated[float, Field(ge=0, le=CENTURY)], Time]
    lost_per_year: float = Field(0.0, ge=0, lt=1)
    shape: float = Field(1.0, ge=0.2, le=5)
    hazard_ratio: Ratio | None = None
    power: float = Field(0.8, ge=0.5, le=0.999)
    prognosis: dict[str, Ratio] = {}

    @model_validator(mode="after")
    def _ordered(self) -> Power:
        if self.follow_up[0] > self.follow_up[1]:
            raise ValueError("follow_up: the shortest stands first")
        if self.hazard_ratio == 1:
            raise ValueError("hazard_ratio: no number of patients tells a hazard ratio of 1 from 1")
        return self
