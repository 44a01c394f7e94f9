"""What is compared, and how: Cox models, subgroups, tests, sensitivity analyses."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from equipoise.protocol.bundle import BOOTSTRAP, BootstrapMatch, Bundle, Confounder, Member, Split
from equipoise.protocol.part import Name, Part

# An endpoint by another definition, as a sensitivity analysis.
EndpointVariant = Literal["without_clinical", "ema", "fda2007", "early_counted", "early_not_counted", "unevaluable"]


class CoxSpec(Part):
    """strata: names (covariates, or columns such as site) whose values each have a baseline hazard of their own, in models of the
    treatment and of several covariates."""

    ties: Literal["efron", "breslow"] = "efron"
    univariable: list[str] = []
    multivariable: dict[str, list[str]] = {}
    strata: list[str] = []


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
    """bundle: members of the sensitivity bundle, true for all. split: when the hazard ratio may change, in the study's unit of
    time; the median time of the events where it is not given. negative_control: an endpoint that treatment cannot change."""

    propensity_variants: dict[Name, Variant] = {}
    endpoints: dict[Name, list[EndpointVariant]] = {}
    bundle: Bundle = []
    split: Split | None = None
    confounder: Confounder | None = None
    negative_control: str = ""
    bootstrap_match: BootstrapMatch | None = None

    @property
    def members(self) -> list[Member]:
        """Those of the bundle; the bootstrap also where its draws are declared."""
        own = [BOOTSTRAP] if self.bootstrap_match is not None and BOOTSTRAP not in self.bundle else []
        return [*self.bundle, *own]


class Comparison(Part):
    """printed: a csv of published numbers, each with the key of the result that should equal it."""

    printed: str
    source: str
