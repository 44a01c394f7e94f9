"""A part of a protocol: frozen, and refusing keys that it does not know."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Denominator = Literal["focal", "other", "pooled"]  # whose SD a standardized mean difference is divided by
CENTURY = 36_525  # days; no study waits longer


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False)
