"""What is done about missing covariates of the propensity score."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from equipoise.protocol.part import Part

COMPLETE, INDICATOR, IMPUTE = "complete_cases", "indicator", "impute"
ABSENT = "missing"  # the level of those without a value


class Impute(Part):
    """Multiple imputation by chained equations, with the outcome among the predictors and the designs made again in every copy.

    imputations: copies. iterations: passes over the covariates for each. seed: copy k depends on it and on k alone. covariates:
    predictors, imputed where they are missing, beside those that the designs and the strata of the Cox models use. method: of
    continuous covariates: pmm (predictive mean matching) or normal (Bayesian linear regression). outcomes: endpoints whose event
    and cumulative hazard are predictors; by default the main endpoints.
    """

    imputations: int = Field(20, ge=2, le=100)
    iterations: int = Field(10, ge=1, le=100)
    seed: int = Field(1, ge=0)
    covariates: list[str] = []
    method: Literal["pmm", "normal"] = "pmm"
    outcomes: list[str] = []


class Missing(Part):
    """rule: complete_cases (who lacks a covariate of the score has no score), indicator (a level `missing`; of a continuous
    covariate the median and an indicator), or impute. Written as the word alone, or as `impute: {...}`."""

    rule: Literal["complete_cases", "indicator", "impute"] = "complete_cases"
    impute: Impute | None = None

    @model_validator(mode="before")
    @classmethod
    def _as_written(cls, given: Any) -> Any:
        if isinstance(given, str):
            if given not in (COMPLETE, INDICATOR, IMPUTE):
                raise ValueError(f"write {COMPLETE}, {INDICATOR}, or impute: {{imputations: 20, seed: 1}}")
            given = {"rule": given}
        if isinstance(given, dict) and "impute" in given and (given["impute"] is not None or "rule" not in given):
            given = {"rule": IMPUTE, **given, "impute": given["impute"] or {}}
        if isinstance(given, dict) and given.get("rule") == IMPUTE:
            given = {"impute": {}, **given}
        return given

    @model_validator(mode="after")
    def _one_rule(self) -> Missing:
        if (self.impute is not None) != (self.rule == IMPUTE):
            raise ValueError(f"'impute' stands beside 'rule: {self.rule}'; keep one of the two")
        return self
