"""Published studies and curves that stand beside this one: rows of the protocol, or of a csv beside it with the same columns."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from equipoise.protocol.part import CENTURY, Part
from equipoise.protocol.population import Arms

Text = Annotated[str, Field(max_length=400)]
Named = Annotated[str, Field(min_length=1, max_length=120)]
Doi = Annotated[str, Field(pattern=r"^(10\.\d{4,9}/\S+)?$", max_length=200)]
Measure = Literal["median", "hr", "orr"]
TAGS = ("studies file", "studies rows")
ENDPOINT = "endpoint"


class PublishedNumber(Part):
    """One published number. study: as it is called in the table. endpoint: of this protocol; of an objective response rate the
    criterion, where the study has several. arm, versus: an arm of this study by its name or label; of a median or a response
    rate any other. value: a median in this study's unit of time, a hazard ratio of arm over versus, a response rate in percent.
    n: patients of the arm. source: the citation in full."""

    study: Named
    population: Text = ""
    endpoint: str = ""
    measure: Measure
    arm: Named
    versus: Text = ""
    value: float = Field(ge=0, le=CENTURY)
    low: float | None = Field(None, ge=0)
    high: float | None = Field(None, ge=0)
    n: int | None = Field(None, ge=1, le=10_000_000)
    source: Text = ""
    doi: Doi = ""

    @model_validator(mode="after")
    def _of_its_kind(self) -> PublishedNumber:
        wrong = list(_wrong(self))
        if wrong:
            raise ValueError("; ".join(wrong))
        return self


class PublishedCurve(Part):
    """A published Kaplan-Meier curve of one arm. points, at_risk: csv files as for `equipoise reconstruct`, times in this study's
    unit. events: total of the arm, where it was published. beside: arm of this study whose curve it stands beside."""

    label: Named
    endpoint: str
    beside: str = Field(alias="arm")
    points: str
    at_risk: str
    events: int | None = Field(None, ge=0)
    source: Text = ""
    doi: Doi = ""


def _way(given: Any) -> str:
    return TAGS[isinstance(given, list)]


Studies = Annotated[
    Annotated[str, Tag(TAGS[0])] | Annotated[list[PublishedNumber], Field(min_length=1, max_length=1000), Tag(TAGS[1])],
    Discriminator(_way),
]


class Published(Part):
    """studies: rows, or a csv of them. summary: of the hazard ratios of this study and of the published ones. level: of the
    published intervals."""

    studies: Studies | None = None
    curves: list[PublishedCurve] = Field([], max_length=12)
    summary: Literal["random_effects"] | None = None
    level: float = Field(0.95, gt=0.5, lt=1)

    @model_validator(mode="after")
    def _something(self) -> Published:
        if self.studies is None and not self.curves:
            raise ValueError("'published' names 'studies', 'curves' or both")
        if self.summary is not None and self.studies is None:
            raise ValueError("'summary' is of the hazard ratios of 'studies', which are not given")
        return self


def arm_named(arms: Arms, name: str) -> str:
    """The arm of this study that a publication's word means: its name, label or value, in any case; '' where it is none."""
    asked = name.strip().casefold()
    for arm, group in arms.groups.items():
        if asked in {str(x).casefold() for x in (arm, group.label, group.value)}:
            return arm
    return ""


def _wrong(given: PublishedNumber) -> list[str]:
    low, high = given.low, given.high
    found = []
    if (low is None) != (high is None) and given.measure != "median":
        found.append("an interval has both limits, low and high")
    if (low is not None and low > given.value) or (high is not None and high < given.value):
        found.append("the value lies between low and high")
    if given.measure == "hr":
        if not given.versus:
            found.append("a hazard ratio needs 'versus', the arm of its denominator")
        if low is None or high is None:
            found.append("a hazard ratio needs its interval, low and high")
        if given.value == 0 or low == 0 or (low is not None and low == high):
            found.append("a hazard ratio and its limits lie above 0, and the limits differ")
    elif given.versus:
        found.append("'versus' belongs to a hazard ratio; a median and a response rate are of one arm")
    if given.measure == "orr" and max(given.value, high or 0) > 100:
        found.append("a response rate is a percentage, at most 100")
    if given.measure != "orr" and not given.endpoint:
        found.append(f"'{ENDPOINT}' says which endpoint it is of")
    return found
