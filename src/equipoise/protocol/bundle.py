"""The sensitivity bundle: which analyses stand beside the planned one, and a confounder that was not measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field

from equipoise.errors import Fault
from equipoise.protocol.nearest import hint
from equipoise.protocol.part import CENTURY, Name, Part
from equipoise.protocol.population import Arms

Member = Literal[
    "designs", "site", "centres", "restrict", "calipers", "weights", "imputation", "time", "rmst", "interval", "permutation",
    "unmeasured", "confounder", "pairs", "negative_control", "bootstrap_match",
]  # fmt: skip
MEMBERS: tuple[Member, ...] = get_args(Member)
BOOTSTRAP: Member = "bootstrap_match"


def _said(value: Any) -> Any:
    """true: all of them; false: none; else a list of names."""
    word = str(value).lower() if isinstance(value, str | bool) else ""
    return list(MEMBERS) if word == "true" else [] if word == "false" else value


Bundle = Annotated[list[Member], BeforeValidator(_said)]
Split = Annotated[float, Field(gt=0, le=CENTURY)]  # in the study's unit of time


class BootstrapMatch(Part):
    """Resamples of the patients in which the score is fitted and the match is made again."""

    draws: int = Field(200, ge=50, le=10_000)
    seed: int = Field(1, ge=0)


class Confounder(Part):
    """A binary confounder that was not measured. prevalence: arm -> share of its patients who have it, given the measured
    covariates. hazard_ratio: of the outcome between patients with and without it, in either arm."""

    label: str
    prevalence: dict[Name, Annotated[float, Field(ge=0, le=1)]]
    hazard_ratio: float = Field(gt=0, le=1_000)


def bundle_faults(
    confounder: Confounder | None, control: str, arms: Arms, endpoints: list[str], place: Callable[..., str]
) -> Iterator[Fault]:
    """A confounder without the share of an arm, or that changes nothing; a negative control that is no endpoint."""
    if control and control not in endpoints:
        message = f"there is no endpoint '{control}'; {hint(control, endpoints)}"
        yield Fault(place("sensitivity", "negative_control"), "unknown name", message)
    if confounder is None:
        return
    if set(confounder.prevalence) != set(arms.groups):
        message = f"'prevalence' gives a share for each arm, {' and '.join(arms.groups)}, and for nothing else"
        yield Fault(place("sensitivity", "confounder", "prevalence"), "arms", message)
    if confounder.hazard_ratio == 1:
        message = "a hazard ratio of 1 means that it changes no hazard, and so confounds nothing; give another"
        yield Fault(place("sensitivity", "confounder", "hazard_ratio"), "no meaning", message)
