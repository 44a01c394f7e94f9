"""Statistical conventions as data: what R, SAS, SPSS and a study of its own choose where the traditions differ.

A profile sets every choice at once. Each value says where it is known from; one that could not be verified in the
program or its documentation is marked, and the report says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

ProfileName = Literal["r", "sas", "spss"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice: what it decides, its value in each profile, where that is known from, and for whom it is unverified."""

    what: str
    r: Any
    sas: Any
    spss: Any
    source: str
    unverified: tuple[str, ...] = ()


CHOICES: dict[str, Choice] = {
    "interval_type": Choice(
        "transformation of Kaplan-Meier confidence limits", "log", "log-log", "plain",
        "R survfit conf.type; SAS PROC LIFETEST CONFTYPE=LOGLOG since 9.1; SPSS KM prints standard errors only", ("spss",),
    ),
    "median_rule": Choice(
        "median survival where the curve rests at exactly one half", "r", "sas", "sas",
        "R: midpoint of the flat part, also when it ends at a censored time; SAS: midpoint to the next event, else missing",
        ("spss",),
    ),
    "ties": Choice("tied event times in Cox models", "efron", "breslow", "breslow", "R coxph; SAS PROC PHREG TIES=", ("spss",)),
    "quantile_type": Choice(
        "quartiles, types as in Hyndman & Fan 1996", 7, 2, 6, "R quantile type=7; SAS PCTLDEF=5; SPSS HAVERAGE", ("spss",)
    ),
    "pearson_correction": Choice(
        "continuity correction of a 2 x 2 chi-square", True, False, False,
        "R chisq.test corrects; the chi-square that SAS PROC FREQ quotes does not", ("spss",),
    ),
    "mann_whitney_exact": Choice(
        "exact Mann-Whitney P below 50 patients without ties", True, False, True,
        "R wilcox.test; SAS NPAR1WAY WILCOXON without EXACT; SPSS NPAR TESTS M-W: to 40 patients in all", ("spss",),
    ),
    "mann_whitney_correction": Choice(
        "continuity correction of the normal Mann-Whitney P", True, True, False, "R wilcox.test; SAS NPAR1WAY", ("spss",)
    ),
    "signed_rank": Choice(
        "P of the signed-rank test", "r", "sas", "spss",
        "R wilcox.test: exact below 50 pairs without ties or zeros, else normal with continuity correction; SAS PROC "
        "UNIVARIATE, Tests for Location: exact to 20 non-zero differences, else Student's t; SPSS NPAR TESTS WILCOXON: "
        "normal without correction", ("spss",),
    ),
    "mcnemar_correction": Choice(
        "continuity correction of McNemar's test", True, False, True, "R mcnemar.test; SAS PROC FREQ AGREE", ("spss",)
    ),
    "mcnemar_exact_below": Choice(
        "discordant pairs below which McNemar's test is the exact binomial one", 0, 0, 25,
        "R mcnemar.test and SAS PROC FREQ AGREE: never unless asked; SPSS NPAR TESTS MCNEMAR: fewer than 25", (),
    ),
    "t_test": Choice("variance of the t test", "welch", "pooled", "pooled", "R t.test; SAS PROC TTEST prints both", ("spss",)),
    "caliper_sd": Choice(
        "standard deviation that a caliper is a multiple of", "whole_sample", "pooled", "pooled",
        "MatchIt std.caliper; SAS PSMATCH CALIPER(MULT=STDDEV), Austin 2011", ("spss",),
    ),
    "smd_denominator": Choice(
        "denominator of the standardized mean difference", "focal", "pooled", "pooled",
        "MatchIt and cobalt (ATT): the focal arm before matching; SAS PSMATCH ASSESS: pooled, all observations", ("spss",),
    ),
    "days_per_month": Choice("days in a month", 30.4375, 30.4375, 30.4375, "365.25 / 12", ()),
    "percent_rounding": Choice(
        "rounding of printed percentages at exactly half", "half_even", "half_up", "half_up",
        "R round(), IEC 60559; SAS formats round half away from zero", ("spss",),
    ),
}  # fmt: skip


def profile_values(profile: str) -> dict[str, Any]:
    """Every choice of a profile."""
    return {name: getattr(choice, profile) for name, choice in CHOICES.items()}


class Conventions(BaseModel):
    """A profile and what departs from it. `conventions: r` and a mapping with `profile:` are both accepted."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    profile: ProfileName = "r"
    interval_type: Literal["log", "log-log", "plain"] = "log"
    median_rule: Literal["r", "sas"] = "r"
    ties: Literal["efron", "breslow"] = "efron"
    quantile_type: int = Field(7, ge=1, le=9)
    pearson_correction: bool = True
    mann_whitney_exact: bool = True
    mann_whitney_correction: bool = True
    signed_rank: ProfileName = "r"
    mcnemar_correction: bool = True
    mcnemar_exact_below: int = Field(0, ge=0)
    t_test: Literal["welch", "pooled"] = "welch"
    caliper_sd: Literal["whole_sample", "pooled"] = "whole_sample"
    smd_denominator: Literal["focal", "pooled"] = "focal"
    days_per_month: float = Field(30.4375, gt=27, lt=32)
    percent_rounding: Literal["half_even", "half_up"] = "half_even"
    alpha: float = Field(0.05, gt=0, lt=0.5)

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, given: Any) -> Any:
        if isinstance(given, str):
            given = {"profile": given}
        if not isinstance(given, dict) or given.get("profile", "r") not in ("r", "sas", "spss"):
            return given
        return {**profile_values(given.get("profile", "r")), **given}

    @property
    def departures(self) -> list[str]:
        """Names of the choices that differ from the profile."""
        return [name for name, value in profile_values(self.profile).items() if getattr(self, name) != value]

    @property
    def name(self) -> str:
        """The profile, and what departs from it."""
        return self.profile if not self.departures else f"{self.profile}, except {', '.join(self.departures)}"

    @property
    def unverified(self) -> list[str]:
        """Choices taken from the profile that could not be verified in the program or its documentation."""
        departs = set(self.departures)
        return [name for name, choice in CHOICES.items() if self.profile in choice.unverified and name not in departs]
