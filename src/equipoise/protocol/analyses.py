"""What is compared, and how: the design, Cox models, subgroups, tests, sensitivity analyses."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from equipoise.protocol.conduct import EndpointVariant
from equipoise.protocol.part import Name, Part

Threshold = Annotated[float, Field(gt=0, le=5)]  # of |SMD|


class DesignSpec(Part):
    """The propensity score and the match. order: of the focal arm; largest = largest propensity first. ties: what decides between
    equal scores and between partners at equal distance: identifier (code-point order), rows (of the file), or matchit (rows, with
    the choices of MatchIt 4.7.2). smd_denominator: SD of the focal arm or pooled over both arms, in the whole sample."""

    propensity: list[str] = Field(min_length=1)
    method: Literal["nearest"] = "nearest"
    ratio: int = Field(1, ge=1, le=1)
    order: Literal["largest", "smallest", "data"] = "largest"
    ties: Literal["identifier", "rows", "matchit"] = "identifier"
    scale: Literal["logit", "probability"] = "logit"
    caliper: float | None = Field(0.2, gt=0, le=10)
    caliper_sd: Literal["whole_sample", "pooled"] = "whole_sample"
    smd_denominator: Literal["focal", "pooled"] = "focal"
    balance_thresholds: tuple[Threshold, Threshold] = (0.1, 0.25)
    why: dict[str, str] = {}

    @model_validator(mode="after")
    def _ordered(self) -> DesignSpec:
        if self.balance_thresholds[0] > self.balance_thresholds[1]:
            raise ValueError("balance_thresholds: the smaller one stands first")
        return self


class CoxSpec(Part):
    ties: Literal["efron", "breslow"] = "efron"
    univariable: list[str] = []
    multivariable: dict[str, list[str]] = {}


class Subgroup(Part):
    label: str
    levels: dict[str, str] = Field(min_length=2)


class Tests(Part):
    """categorical: pearson_or_fisher = Fisher's exact test where an expected count is below 5, else Pearson. t_test: the
    conventions say whether variances are pooled."""

    continuous: Literal["mann_whitney", "t_test"] = "mann_whitney"
    categorical: Literal["pearson_or_fisher", "pearson", "fisher"] = "pearson_or_fisher"
    paired_after_matching: bool = True


class Variant(Part):
    label: str
    covariates: list[str] = Field(min_length=1)


class Sensitivity(Part):
    propensity_variants: dict[Name, Variant] = {}
    endpoints: dict[Name, list[EndpointVariant]] = {}


class Comparison(Part):
    """printed: a csv of published numbers, each with the key of the result that should equal it."""

    printed: str
    source: str
