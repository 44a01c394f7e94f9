"""The multiverse: a grid of designs that could as well have been planned, each to be made again from its score on."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from equipoise.protocol.match_options import Ratio
from equipoise.protocol.part import Name, Part
from equipoise.protocol.weights import Quantile, Trim

EVERYBODY, NONE = "all", "none"
OF_WEIGHTS = ("weighting", "truncate", "trim")  # beside their target
AXES = (
    "endpoint", "restrict", "propensity", "target", *OF_WEIGHTS, "classes", "order", "caliper", "scale", "ratio",
)  # fmt: skip
OF_MATCH = ("order", "caliper", "scale", "ratio")
MOST = 20_000  # specifications


def _none_said(value: Any) -> Any:
    return None if value == NONE else value


Caliper = Annotated[Annotated[float, Field(gt=0, le=10)] | None, BeforeValidator(_none_said)]
Truncation = Annotated[Quantile, BeforeValidator(_none_said)]
Limits = Annotated[Trim | None, BeforeValidator(_none_said)]


class Multiverse(Part):
    """The values that each choice takes; one that is not named stays as planned. propensity: name -> covariates of the score.
    target: whom weights stand for, each a design beside the matches; weighting (their method), truncate, trim: of each target,
    what a method does not define left out. classes: numbers of classes of the score. restrict: names of `restrict`, or `all`."""

    order: list[Literal["largest", "smallest", "closest", "farthest", "random", "data"]] = []
    caliper: list[Caliper] = []
    scale: list[Literal["logit", "probability"]] = []
    ratio: list[Ratio] = []
    propensity: dict[Name, Annotated[list[str], Field(min_length=1)]] = {}
    target: list[Literal["ate", "att", "atc", "overlap", "matching"]] = []
    weighting: list[Literal["logistic", "entropy", "cbps"]] = []
    truncate: list[Truncation] = []
    trim: list[Limits] = []
    classes: list[Annotated[int, Field(ge=2, le=100)]] = []
    endpoint: list[str] = []
    restrict: list[str] = []

    @property
    def weighs(self) -> bool:
        """Whether a choice of weights beside their target is named."""
        return any(getattr(self, axis) for axis in OF_WEIGHTS)

    @property
    def matches(self) -> bool:
        """Whether a choice of a match is named."""
        return any(getattr(self, axis) for axis in OF_MATCH)
