"""Options of a match that are more than one word: several partners, calipers on covariates."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from equipoise.protocol.part import Part

MOST = 100  # partners of one patient
TAGS = ("a number", "a variable ratio")  # parts of pydantic's path that no file holds
STURGES = "sturges"  # bins of equal width, as many as Sturges' rule gives
Bins = Annotated[str, Field(pattern=r"^(sturges|q([2-9]|[1-9][0-9]))$")] | Annotated[int, Field(ge=2, le=100)] | list[float]
_WIDTH = re.compile(r"\s*(\d+(?:\.\d*)?(?:e-?\d+)?|\.\d+)\s*(sd)?\s*", re.IGNORECASE)


class VariableRatio(Part):
    """Partners of each patient of the focal arm: `min` for those whose score is most like the focal arm's, `max` for the others,
    so many of each that the mean is `mean` (Ming and Rosenbaum 2000; MatchIt's min.controls and max.controls)."""

    mean: float = Field(ge=1, le=MOST)
    min: int = Field(1, ge=1, le=MOST)
    max: int = Field(ge=2, le=MOST)

    @model_validator(mode="after")
    def _between(self) -> VariableRatio:
        if not (self.min <= self.mean <= self.max and self.min < self.max):
            raise ValueError("the mean number of partners lies between 'min' and 'max', and these are not the same")
        return self

    def __str__(self) -> str:
        return f"{self.min} to {self.max}, mean {self.mean:g}"


def _tag(given: Any) -> str:
    return TAGS[1] if isinstance(given, dict | VariableRatio) else TAGS[0]


Ratio = Annotated[
    Annotated[int, Field(ge=1, le=MOST), Tag(TAGS[0])] | Annotated[VariableRatio, Tag(TAGS[1])], Discriminator(_tag)
]


def _width(given: Any) -> Any:
    """A number above 0, or `0.2 sd` in one way of writing it."""
    found = _WIDTH.fullmatch(str(given))
    width = float(found[1]) if found else 0.0
    if found and 0 < width < float("inf") and not (found[2] and width > 10):
        return f"{width:g} sd" if found[2] else width
    raise ValueError(
        "a caliper on a covariate is the largest difference within a pair: a number above 0 in the unit of the covariate, or up "
        "to 10 of its standard deviations, '0.2 sd'"
    )


Width = Annotated[float | str, BeforeValidator(_width)]


def in_sd(width: float | str) -> float | None:
    """How many standard deviations a width is; None where it is in the unit of the covariate."""
    return float(width.removesuffix(" sd")) if isinstance(width, str) else None
