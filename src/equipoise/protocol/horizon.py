"""Up to which time restricted mean survival is taken."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from equipoise.protocol.part import CENTURY, Part


class Rmst(Part):
    """horizon: in the study's unit of time, declared before outcomes are seen; by default the last landmark, without landmarks
    the smaller of the last times observed in the arms."""

    horizon: Annotated[float, Field(gt=0, le=CENTURY)] | None = None
