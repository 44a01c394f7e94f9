"""Groupings by something that became known after the index date, and how they are compared without guarantee-time bias."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from equipoise.protocol.part import CENTURY, Part

NEEDS = {"subsequent_therapy": "line", "response": "criterion", "adverse_event": "term", "column": "day"}


class PlannedStart(Part):
    """A strategy of clone-censor-weight: start one of these kinds (or any, or none) from day `since` to day `by` of the clock."""

    label: str
    start: Literal["any", "none"] | list[str] = "any"
    since: float = Field(0.0, ge=0, le=CENTURY)
    by: float = Field(gt=0, le=CENTURY)

    @model_validator(mode="after")
    def _window(self) -> PlannedStart:
        if self.by <= self.since:
            raise ValueError("'by' must be later than 'since'")
        if self.start == "none" and self.since > 0:
            raise ValueError("a strategy that starts nothing has no 'since'")
        if self.start == []:
            raise ValueError("'start' lists the kinds that may be started, or says 'any' or 'none'")
        return self

    @property
    def kinds(self) -> tuple[str, ...] | None:
        """None: any kind; empty: nothing may be started."""
        return {"any": None, "none": ()}[self.start] if isinstance(self.start, str) else tuple(self.start)


class PostIndex(Part):
    """One grouping, such as a later line of treatment or a response.

    kind: `subsequent_therapy` (needs `line`), `response` (a first CR or PR by `criterion`), `adverse_event` (the first one of
    `term` from `grade_from` on) or `column` (a spreadsheet's `day`, days from the index date, empty for never, and `type`).
    clock: the endpoint whose progression starts the clock of the corrected analyses; without it they start at the index
    date. landmark_day and grace_days count from there. adjust: baseline covariates of the adjusted model and of the weights.
    types: value -> label of the kinds that `by: [type]` compares, in print order. minimum_group: no P where a group is
    smaller. strategies: name -> planned start, compared by clone-censor-weight, the first being the reference.
    adjust_over_time: endpoints whose progression is a time-dependent covariate of the censoring models. published_p: also
    make the naive P of smaller groups, only to set it beside a publication's.
    """

    label: str
    kind: Literal["subsequent_therapy", "response", "adverse_event", "column"]
    endpoint: str
    line: int | None = Field(None, ge=2, le=20)
    criterion: str | None = None
    term: str | None = None
    grade_from: int = Field(1, ge=1, le=5)
    day: str | None = None
    type: str | None = None
    by: list[Literal["yes_no", "type"]] = Field(["yes_no"], min_length=1)
    types: dict[str, str] = {}
    within_arms: bool = True
    clock: str | None = None
    landmark_day: float = Field(gt=0, le=CENTURY)
    grace_days: float | None = Field(None, gt=0, le=CENTURY)
    adjust: list[str] = []
    adjust_over_time: list[str] = []
    strategies: dict[str, PlannedStart] = {}
    minimum_group: int = Field(5, ge=2, le=1_000_000)
    published_p: bool = False

    @model_validator(mode="after")
    def _complete(self) -> PostIndex:
        need = NEEDS[self.kind]
        if getattr(self, need) is None:
            raise ValueError(f"kind '{self.kind}' needs '{need}'")
        if len(self.strategies) == 1:
            raise ValueError("'strategies' are compared: declare at least two, the reference first")
        return self

    @property
    def grace(self) -> float:
        """Days of grace of clone-censor-weight: as declared, else up to the landmark."""
        return self.grace_days or self.landmark_day
