"""Thresholds at which a study stops before its outcomes are opened. Without them nothing stops a design; it is warned of."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from equipoise.protocol.part import Part


class StopIf(Part):
    """Of the primary design. smd_above: the largest absolute standardized difference of a declared covariate, after the design,
    in the SD that the design says. effective_n_below: the effective sample size of either arm (of unweighted patients their
    number). equipoise_share_below: the smaller of the arms' shares of patients with a preference score of 0.3 to 0.7."""

    smd_above: Annotated[float, Field(gt=0, le=5)] | None = None
    effective_n_below: Annotated[float, Field(gt=0)] | None = None
    equipoise_share_below: Annotated[float, Field(gt=0, lt=1)] | None = None

    @model_validator(mode="after")
    def _something(self) -> StopIf:
        if self.smd_above is None and self.effective_n_below is None and self.equipoise_share_below is None:
            raise ValueError("give at least one threshold: smd_above, effective_n_below or equipoise_share_below")
        return self
