"""Designs that weigh patients by the propensity score."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from equipoise.protocol.part import Denominator, Part


class WeightsSpec(Part):
    """Weights from the propensity score e, the probability of the focal arm (definitions of WeightIt): ate 1/e and 1/(1 - e);
    att 1 and e/(1 - e); atc (1 - e)/e and 1; overlap 1 - e and e; matching min(e, 1 - e) over the probability of the own arm;
    focal and other arm in turn. stabilised: times the share of the own arm."""

    kind: Literal["weights"]
    label: str = ""
    target: Literal["ate", "att", "atc", "overlap", "matching"]
    propensity: list[str] = Field(min_length=1)
    stabilised: bool = False
    smd_denominator: Denominator | None = None
    why: dict[str, str] = {}

    def with_propensity(self, names: list[str]) -> WeightsSpec:
        """The same weights from another score."""
        return self.model_copy(update={"propensity": names})
