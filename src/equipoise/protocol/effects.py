"""Effects beside those that every study has: survival standardised by a model of the outcome (g-formula)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from equipoise.errors import Fault
from equipoise.protocol.nearest import hint
from equipoise.protocol.part import CENTURY, Part

Model = Literal["cox", "cox_by_arm", "pooled_logistic"]
FEWEST_DAYS = 1.0  # of an interval of the pooled model


def _said(value: Any) -> Any:
    """true: as it comes; false: not at all."""
    word = str(value).lower() if isinstance(value, str | bool) else ""
    return {} if word in ("true", "yes") else None if word in ("false", "no") else value


class Standardised(Part):
    """covariates: of the model of the outcome; those of the primary score by default. model: one Cox model of arm and covariates,
    one in each arm, or a pooled logistic model of the hazard in intervals with an effect that changes in time. interval: its
    width in the study's unit of time, of which every landmark is a multiple; by default a month. replicates, seed: of the
    bootstrap."""

    covariates: list[str] = []
    model: Model = "cox"
    interval: Annotated[float, Field(gt=0, le=CENTURY)] | None = None
    replicates: int = Field(200, ge=50, le=10_000)
    seed: int = Field(1, ge=0)

    def days(self, days_per_unit: float) -> float:
        """The width of an interval in days; by default the study's month, of a study in days 30."""
        if self.interval is not None:
            return self.interval * days_per_unit
        return 30.0 if days_per_unit < 28 else days_per_unit if days_per_unit < 32 else days_per_unit / 12


class Effects(Part):
    standardised: Annotated[Standardised | None, BeforeValidator(_said)] = None


def effects_faults(
    effects: Effects,
    covariates: Mapping[str, Any],
    scored: Collection[str],
    landmarks: Mapping[str, float],
    days_per_unit: float,
    place: Callable[..., str],
) -> list[Fault]:
    """covariates: of the protocol. scored: those of the primary score. landmarks: label -> day."""
    asked = effects.standardised
    if asked is None:
        return []
    faults = []
    for i, name in enumerate(asked.covariates):
        if name not in covariates:
            message = f"there is no covariate '{name}'; {hint(name, covariates)}"
            faults.append(Fault(place("effects", "standardised", "covariates", i), "unknown name", message))
    if len(set(asked.covariates)) < len(asked.covariates):
        message = "a covariate is named twice; name each once"
        faults.append(Fault(place("effects", "standardised", "covariates"), "named twice", message))
    if not asked.covariates and not scored:
        message = "no design has a score whose covariates could be used: name those of the model, covariates: [...]"
        faults.append(Fault(place("effects", "standardised"), "missing", message))
    return [*faults, *_interval_faults(asked, landmarks, days_per_unit, place)]


def _interval_faults(
    asked: Standardised, landmarks: Mapping[str, float], days_per_unit: float, place: Callable[..., str]
) -> list[Fault]:
    if asked.model != "pooled_logistic":
        if asked.interval is None:
            return []
        message = "'interval' is of the model pooled_logistic alone; delete this line"
        return [Fault(place("effects", "standardised", "interval"), "not available", message)]
    width = asked.days(days_per_unit)
    if width < FEWEST_DAYS:
        message = "an interval shorter than a day has no data of its own; give a longer one"
        return [Fault(place("effects", "standardised", "interval"), "interval", message)]
    odd = [label for label, day in landmarks.items() if abs(day / width - round(day / width)) > 1e-6]
    if not odd:
        return []
    message = (
        f"the landmark {odd[0]} is no whole multiple of the interval of {width:g} days; give an 'interval' that divides every "
        "landmark, in the study's unit of time"
    )
    return [Fault(place("effects", "standardised"), "interval", message)]
