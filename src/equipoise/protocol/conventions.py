"""Statistical conventions as data: what R, SAS and a study of its own choose where the traditions differ."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

PROFILES: dict[str, dict[str, Any]] = {
    "r": {
        "interval_type": "log",
        "median_rule": "r",
        "quantile_type": 7,
        "ties": "efron",
        "pearson_correction": True,
        "mann_whitney_correction": True,
        "mcnemar_correction": True,
        "signed_rank_correction": True,
        "days_per_month": 30.4375,
        "percent_rounding": "half_even",
    },
    "sas": {
        "interval_type": "log-log",
        "median_rule": "sas",
        "quantile_type": 2,
        "ties": "breslow",
        "pearson_correction": False,
        "mann_whitney_correction": True,
        "mcnemar_correction": False,
        "signed_rank_correction": False,
        "days_per_month": 30.4375,
        "percent_rounding": "half_up",
    },
}


class Conventions(BaseModel):
    """A profile and what departs from it. `conventions: r` and a mapping with `profile:` are both accepted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    profile: Literal["r", "sas"] = "r"
    interval_type: Literal["log", "log-log", "plain"] = "log"
    median_rule: Literal["r", "sas"] = "r"
    quantile_type: int = Field(7, ge=1, le=9)
    pearson_correction: bool = True
    mann_whitney_correction: bool = True
    mcnemar_correction: bool = True
    signed_rank_correction: bool = True
    days_per_month: float = Field(30.4375, gt=27, lt=32)
    percent_rounding: Literal["half_even", "half_up"] = "half_even"
    alpha: float = Field(0.05, gt=0, lt=0.5)

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, given: Any) -> Any:
        if isinstance(given, str):
            given = {"profile": given}
        if not isinstance(given, dict):
            return given
        profile = given.get("profile", "r")
        base = {k: v for k, v in PROFILES.get(profile, {}).items() if k in cls.model_fields}
        return {**base, **given}

    @property
    def name(self) -> str:
        """The profile, and 'with overrides' where a choice departs from it."""
        base = PROFILES[self.profile]
        departs = [k for k, v in base.items() if k in type(self).model_fields and getattr(self, k) != v]
        return self.profile if not departs else f"{self.profile}, except {', '.join(departs)}"
