"""A study on the OMOP common data model: its concept sets, who is in it from which day, what is read of each person.

The expansion into arms, reasons to leave, covariates and endpoints of any study stands in `omop_request`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from equipoise.protocol.cohort_definition import Definition
from equipoise.protocol.part import CENTURY, Name, Part

ConceptId = Annotated[int, Field(ge=1, le=9_223_372_036_854_775_807)]
Days = Annotated[int, Field(ge=0, le=CENTURY)]
Day = Annotated[int, Field(ge=-CENTURY, le=CENTURY)]
Record = Literal[
    "condition_occurrence", "condition_era", "drug_exposure", "drug_era", "procedure_occurrence", "measurement", "observation",
    "device_exposure", "visit_occurrence",
]  # fmt: skip
RECORDS: tuple[str, ...] = Record.__args__  # type: ignore[attr-defined]  # the words of a Literal
EVER = "ever"
LONGEST_LIST = 20_000  # concepts of a set that a protocol writes out


class Concepts(Part):
    """What a concept set is made of. ids: concept_id. names: concept_name of standard concepts, whatever their capitals. codes:
    vocabulary -> codes, which stand for the standard concepts that they map to. descendants: everything below them in
    concept_ancestor, too. mapped: records that name a source concept which maps to one of them, too."""

    ids: list[ConceptId] = Field([], max_length=LONGEST_LIST)
    names: list[str] = Field([], max_length=LONGEST_LIST)
    codes: dict[str, list[str]] = {}
    descendants: bool = False
    mapped: bool = False

    @property
    def empty(self) -> bool:
        return not (self.ids or self.names or any(self.codes.values()))


class ConceptSet(Concepts):
    """A named set of concepts. without: concepts that are taken out again. atlas: a file of ATLAS in place of all this; set:
    which of its concept sets, by name, where it holds several; sha256: what the file says of it, set by the loader. table: where
    its records are looked for; without it the table of each concept's domain. label: how the report calls it."""

    without: Concepts | None = None
    atlas: str | None = None
    set: str | None = None
    sha256: str = ""
    table: Record | None = None
    label: str = ""

    @model_validator(mode="after")
    def _not_empty(self) -> ConceptSet:
        if self.atlas is not None and not (self.empty and self.without is None and not self.descendants and not self.mapped):
            raise ValueError("'atlas' is the whole set; leave out ids, names, codes, descendants, mapped and without")
        if self.atlas is None and self.empty:
            raise ValueError("the concept set is empty; give ids, names, codes, or a file of ATLAS")
        if self.set is not None and self.atlas is None:
            raise ValueError("'set' names one of the concept sets of a file; it goes with 'atlas'")
        return self


class OmopCohort(Part):
    """Persons and days by a cohort definition of ATLAS: a file beside the protocol. An arm whose value names it has its entries
    as records; exclusions, covariates and outcomes may name it like a concept set. label: how the report calls it. read, sha256:
    what the file holds; set by the loader."""

    atlas: str
    label: str = ""
    sha256: str = ""
    read: Any = Field(None, exclude=True, repr=False)

    @property
    def definition(self) -> Definition:
        assert isinstance(self.read, Definition)
        return self.read


class OmopIndex(Part):
    """The index date of a person is the first record of an arm's concept set that begins after a washout without a record of any
    arm; `ever`: the first of all. Who begins two arms on that day leaves. prior_observation_days: days of observation before it.
    from, to: calendar dates. age: lowest and highest age in years."""

    washout_days: Days | Literal["ever"] = "ever"
    prior_observation_days: Days = 0
    from_: dt.date | None = Field(None, alias="from")
    to: dt.date | None = None
    age: tuple[Annotated[int, Field(ge=0, le=150)], Annotated[int, Field(ge=0, le=150)]] | None = None

    @model_validator(mode="after")
    def _ordered(self) -> OmopIndex:
        if self.from_ is not None and self.to is not None and self.from_ > self.to:
            raise ValueError("'from' is later than 'to', so that nobody could be studied")
        if self.age is not None and self.age[0] > self.age[1]:
            raise ValueError("the lowest age is greater than the highest")
        return self


class Before(Part):
    """Days relative to the index date, first and last, both counted; never after it. `ever`: from the first record on."""

    days: tuple[Day, Day] | Literal["ever"] = "ever"

    @field_validator("days")
    @classmethod
    def _up_to_index(cls, days: tuple[int, int] | str) -> tuple[int, int] | str:
        if isinstance(days, tuple) and (days[0] > days[1] or days[1] > 0):
            raise ValueError("a window runs from an earlier to a later day and never beyond the index date (day 0)")
        return days

    @property
    def first(self) -> int | None:
        return None if isinstance(self.days, str) else self.days[0]

    @property
    def last(self) -> int:
        return 0 if isinstance(self.days, str) else self.days[1]


class OmopExclusion(Before):
    """Who has a record of a concept set in the window leaves; with `absent`, who has none."""

    concepts: str
    absent: bool = False
    reason: str = ""


class OmopCovariate(Before):
    """One value of each person at the index date. concepts: yes or no of a record in the window (value: any), how many (count),
    or the latest measured number (latest) in `unit`. person: what the person table says. levels: concept -> label of sex, race
    and ethnicity; those of sex are known."""

    label: str
    concepts: str | None = None
    value: Literal["any", "count", "latest"] = "any"
    unit: ConceptId | None = None
    person: Literal["age", "sex", "race", "ethnicity", "index_year", "index_month"] | None = None
    levels: dict[str, str] = {}
    show: bool = True

    @model_validator(mode="after")
    def _one_way(self) -> OmopCovariate:
        if (self.concepts is None) == (self.person is None):
            raise ValueError(
                "give either 'concepts' (a concept set) or 'person' (age, sex, race, ethnicity, index_year, index_month)"
            )
        if (self.value == "latest") != (self.unit is not None):
            raise ValueError(
                "'value: latest' is a measured number and needs its 'unit', the concept of the unit; others have none"
            )
        if self.levels and self.person not in ("sex", "race", "ethnicity"):
            raise ValueError("'levels' are of sex, race and ethnicity")
        if self.person in ("race", "ethnicity") and not self.levels:
            raise ValueError(f"'{self.person}' needs its 'levels': concept id -> label, the first is the reference")
        return self


class OmopGroup(Before):
    """Many covariates at once: each concept of a table that at least minimum_share of the persons, and at most all but that
    share, have in the window, as yes or no. They enter the score of a design that names the group (`score: {fit: lasso, groups:
    ...}`). Concepts of the arms are left out. ancestors: each concept above one of them in concept_ancestor, too. most: of the
    concepts, those that the most persons have."""

    label: str
    table: Record
    ancestors: bool = False
    minimum_share: Annotated[float, Field(gt=0, lt=0.5)] = 0.01
    most: Annotated[int, Field(ge=1, le=20_000)] = 2_000


class Outcome(Part):
    """The first record of a concept set in the risk window, or death. clean_days: who has one so many days before the index date
    or on it leaves; `ever`: at any time before."""

    label: str
    short: str
    event_label: str = ""
    concepts: str | None = None
    death: bool = False
    clean_days: Days | Literal["ever"] | None = None
    role: Literal["main", "exploratory"] = "main"

    @model_validator(mode="after")
    def _one_way(self) -> Outcome:
        if (self.concepts is None) != self.death:
            raise ValueError("give either 'concepts' (a concept set) or 'death: true'")
        if self.death and self.clean_days is not None:
            raise ValueError("nobody dies before the index date; leave out 'clean_days'")
        return self


class RiskWindow(Part):
    """When an outcome counts. kind: intention_to_treat, to the end of observation; on_treatment, to the end of treatment
    (exposures at most gap_days apart are one) and surveillance_days more. start_day: the first day that counts. days: the last
    one at most. switch: end at the first record of another arm. cohort_end: to the day on which the person leaves the cohort of
    the arm, and surveillance_days more."""

    kind: Literal["intention_to_treat", "on_treatment", "cohort_end"] = "intention_to_treat"
    start_day: Annotated[int, Field(ge=0, le=CENTURY)] = 1
    days: Annotated[int, Field(ge=1, le=CENTURY)] | None = None
    gap_days: Days | None = None
    surveillance_days: Days = 0
    switch: Literal["ignored", "censored"] = "ignored"

    @model_validator(mode="after")
    def _fits(self) -> RiskWindow:
        if (self.kind == "on_treatment") != (self.gap_days is not None):
            raise ValueError("'kind: on_treatment' and 'gap_days' (how far exposures of one treatment lie apart) go together")
        if self.surveillance_days and self.kind == "intention_to_treat":
            raise ValueError("'surveillance_days' follow the end of treatment; they go with 'kind: on_treatment' or cohort_end")
        if self.days is not None and self.days < self.start_day:
            raise ValueError("the risk window ends before it starts: 'days' is less than 'start_day'")
        return self


class Omop(Part):
    """What an OMOP study asks. The value of each arm names its concept set, or of every arm its cohort."""

    concept_sets: dict[Name, ConceptSet] = {}
    cohorts: dict[Name, OmopCohort] = {}
    index: OmopIndex = OmopIndex()
    exclusions: list[OmopExclusion] = []
    covariates: dict[Name, OmopCovariate] = {}
    groups: dict[Name, OmopGroup] = {}
    outcomes: dict[Name, Outcome] = {}
    risk_window: RiskWindow = RiskWindow()

    def index_label(self, sets: Iterable[str]) -> str:
        """What makes the index date, in words. sets: the concept sets of the arms."""
        names = list(sets)
        what = "entry into the cohort" if set(names) & set(self.cohorts) else "record"
        first = f"first {what}" if self.index.washout_days == EVER else f"first new {what}"
        return f"{first} of {' or '.join(self.label_of(name) for name in names)}"

    def label_of(self, name: str) -> str:
        """How the report calls a concept set or a cohort."""
        found = self.concept_sets.get(name) or self.cohorts[name]
        return found.label or name.replace("_", " ")
