"""The frozen request: everything a study asks for, validated, with defaults that DECISIONS of the field settle.

Its parts stand in `population`, `measures` and `analyses`. Loaded from YAML by `protocol/load.py`, which adds line numbers
to every fault.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from equipoise.contract import CORE, Contract
from equipoise.packs import SHIPPED, Pack, shipped
from equipoise.protocol.analyses import Comparison, CoxSpec, Sensitivity, Subgroup, Tests
from equipoise.protocol.assessment import Assessment
from equipoise.protocol.binary_endpoint import BinaryEndpoint, apart
from equipoise.protocol.conventions import Conventions
from equipoise.protocol.designs import (
    MATCHED,
    UNADJUSTED,
    Balance,
    DesignSpec,
    MatchSpec,
    Shorthand,
    TaggedSpec,
    completed,
    denominator_of,
    pairwise,
)
from equipoise.protocol.dose import DoseRule
from equipoise.protocol.effects import Effects
from equipoise.protocol.estimand import Estimand
from equipoise.protocol.horizon import Rmst
from equipoise.protocol.measures import Covariate, Endpoint, Measurement, Response, Safety, Source, Windows
from equipoise.protocol.missing import IMPUTE, Missing
from equipoise.protocol.multiverse import Multiverse
from equipoise.protocol.omop import Omop
from equipoise.protocol.omop_request import with_omop
from equipoise.protocol.part import CENTURY, Name, Part
from equipoise.protocol.population import Arms, Data, Eligibility, Index, Restriction, StudyInfo
from equipoise.protocol.post_index import PostIndex
from equipoise.protocol.power import Power
from equipoise.protocol.prior_line import PriorLine, with_drugs
from equipoise.protocol.published import Published
from equipoise.protocol.report_settings import ReportSettings
from equipoise.protocol.score import Score
from equipoise.protocol.stop import StopIf
from equipoise.protocol.target_trial import TargetTrial

TREATMENT = "treatment"
NO_DESIGN, MISSING_DESIGN = "none", "missing"
EARLY_DAYS = 14  # progression before this day belongs to the line before


Landmark = Annotated[float, Field(gt=0, le=CENTURY)]  # in the study's unit of time


class Protocol(Part):
    study: StudyInfo
    conventions: Conventions = Conventions()
    level: float = Field(0.95, gt=0.5, lt=1)  # of every interval
    minimum_cell: int | None = Field(None, ge=2, le=100)  # counts from 1 to one less are masked
    data: Data
    index: Index | None = None
    omop: Omop | None = None
    arms: Arms
    eligibility: Eligibility = Eligibility()
    restrict: dict[Name, Restriction] = {}
    windows: Windows = Windows()
    packs: list[Name] = []  # shipped, or in packs/NAME/pack.yaml beside the protocol
    prior_line: PriorLine | None = None  # the drugs of the pack prior_line
    # findings whose absence from the window is taken as 'none': a declared assumption, counted in the report
    not_recorded_is_none: list[Name] = []
    measurements: dict[str, Measurement] = {}
    covariates: dict[Name, Covariate] = {}  # none: arms are compared as they are
    response: Response | None = None
    assessment: Assessment | None = None
    sources: dict[Name, Source] = {}
    endpoints: dict[Name, Endpoint] = Field(min_length=1)  # times to an event; in the file the binary ones stand among them
    binary_endpoints: dict[Name, BinaryEndpoint] = {}
    estimand: Estimand | None = None
    target_trial: TargetTrial | None = None
    time_unit: Literal["days", "months", "years"] = "months"
    landmarks: list[Landmark] = []
    effects: Effects = Effects()
    rmst: Rmst = Rmst()  # of every endpoint that has no horizon of its own
    design: Shorthand | None = None  # one match; None: `designs`, one arm, or two compared as they are (`design: none`)
    named_designs: dict[Name, TaggedSpec] = Field({}, alias="designs")
    primary: str = ""  # of the designs; '' where there is none
    propensity: list[str] = []  # covariates of every design that names none
    score: Score = Score()  # how the score of every design that does not say is fitted
    balance: Balance = Balance()
    stop_if: StopIf | None = None  # of the primary design, before outcomes are opened
    missing: Missing = Missing()  # covariates of the score
    cox: CoxSpec = CoxSpec()
    subgroups: dict[Name, Subgroup] = {}
    tests: Tests = Tests()
    safety: Safety | None = None
    dose: dict[Name, list[DoseRule]] = {}
    post_index: dict[Name, PostIndex] = {}
    sensitivity: Sensitivity = Sensitivity()
    multiverse: Multiverse | None = None
    power: Power | None = None  # assumed before outcomes are opened
    comparison: Comparison | None = None
    published: Published | None = None  # studies and curves beside this one
    report: ReportSettings = ReportSettings()
    # where the file lies and its sha256; set by the loader
    folder: str = Field("", exclude=True, repr=False)
    file: str = Field("", exclude=True, repr=False)
    sha256: str = Field("", exclude=True, repr=False)
    lines: Any = Field(None, exclude=True, repr=False)
    loaded_packs: tuple[Pack, ...] = Field((), exclude=True, repr=False)
    confined: bool = Field(False, exclude=True, repr=False)  # read nothing outside the folder
    outcomes_closed: bool = Field(False, exclude=True, repr=False)  # load no outcome (protocol/blinded.py)

    @property
    def designs(self) -> dict[str, DesignSpec]:
        """The declared designs by name, whichever way they were written; the unadjusted comparison is none of them."""
        return {MATCHED: self.design} if self.design is not None else dict(self.named_designs)

    @property
    def compared(self) -> tuple[str, ...]:
        """Names of what the study compares the arms in: the unadjusted sample, then its designs."""
        return (UNADJUSTED, *self.designs)

    @property
    def primary_design(self) -> DesignSpec | None:
        return self.designs.get(self.primary)

    def design_path(self, name: str, *where: Any) -> tuple[Any, ...]:
        """The path of a design, or of a key of it, in the file."""
        if self.design is not None:
            here: tuple[Any, ...] = ("design",)
        else:
            here = ("designs", name)
        common = {"propensity": self.propensity, "score": self.score}.get(where[0] if where else "")
        shared = common not in (None, [], Score()) and getattr(self.designs[name], where[0]) == common
        return where if shared else (*here, *where)

    def without_designs(self, names: Collection[str]) -> Protocol:
        """The same request without designs that could not be made; the first that is left takes the place of the primary one."""
        left = {name: spec for name, spec in self.designs.items() if name not in names}
        update: dict[str, Any] = {"design": None, "named_designs": left}
        if self.primary not in left:
            sensitivity = self.sensitivity.model_copy(update={"propensity_variants": {}})
            update |= {"sensitivity": sensitivity, "primary": next(iter(left), "")}
        return self.model_copy(update=update)

    @property
    def comparisons(self) -> dict[str, str]:
        """Of more than two arms: population of an arm and the reference (`b_vs_a`) -> the arm. Each is a study of two arms."""
        arms = self.arms
        return {f"{arm}_vs_{arms.reference}": arm for arm in arms.treatments} if arms.several else {}

    @property
    def populations(self) -> dict[str, str]:
        """What is a study of its own within this one -> its label: restricted populations, then comparisons of several arms."""
        label = self.arms.label
        pairs = {name: f"{label(arm)} vs {label(self.arms.reference)}" for name, arm in self.comparisons.items()}
        return {name: restriction.label for name, restriction in self.restrict.items()} | pairs

    @property
    def over_all_arms(self) -> Protocol:
        """The request for all arms together: of more than two without the designs that are made of two at a time."""
        return self.without_designs({n for n, spec in self.designs.items() if pairwise(spec)}) if self.arms.several else self

    def within(self, population: str) -> Protocol:
        """The request as that of a study of a restricted population, or of one comparison of several arms, alone."""
        arm = self.comparisons.get(population)
        if arm is not None:
            return self._pair(arm)
        start = self.eligibility.model_copy(update={"start": "Analyzed patients"})
        missing = Missing() if self.missing.rule == IMPUTE else self.missing
        sensitivity = self.sensitivity.model_copy(update={"bundle": [], "bootstrap_match": None})  # of the whole study alone
        update = {"eligibility": start, "restrict": {}, "comparison": None, "published": None, "power": None}
        update |= {"missing": missing, "sensitivity": sensitivity}
        return self.model_copy(update=update)

    def _pair(self, arm: str) -> Protocol:
        """An arm against the reference: the designs of two arms, no model of predictors, nothing that is told of all arms."""
        left = self.without_designs({name for name, spec in self.designs.items() if not pairwise(spec)})
        start = self.eligibility.model_copy(update={"start": "Patients of all arms"})
        cox = self.cox.model_copy(update={"univariable": [], "multivariable": {}})
        effects = self.effects
        if effects.standardised is not None and not effects.standardised.covariates:  # those of the planned score
            standardised = effects.standardised.model_copy(update={"covariates": self.scored})
            effects = effects.model_copy(update={"standardised": standardised})
        update = {
            "arms": self.arms.pair(arm), "eligibility": start, "restrict": {}, "comparison": None, "published": None, "cox": cox,
            "post_index": {}, "effects": effects,
        }  # fmt: skip
        return left.model_copy(update=update)

    @property
    def checklists(self) -> list[str]:
        """The reporting checklists that the report fills in."""
        asked = self.report.checklists
        default = ["strobe", "target"] if self.target_trial is not None else ["strobe"]
        return list(dict.fromkeys(default if asked is None else asked))

    @property
    def once(self) -> Protocol:
        """The request for its designs alone: no restricted population, no variants of the primary one."""
        sensitivity = self.sensitivity.model_copy(update={"propensity_variants": {}, "bundle": [], "bootstrap_match": None})
        return self.model_copy(update={"restrict": {}, "sensitivity": sensitivity})

    @property
    def said_line(self) -> int | None:
        """The line of treatment of the index treatment where the protocol says it: in `index`, else as the line before the first
        later one whose patients it compares (`post_index`), from the third on."""
        if self.index is not None and self.index.line is not None:
            return self.index.line
        first = min((p.line for p in self.post_index.values() if p.kind == "subsequent_therapy" and p.line), default=2)
        return first - 1 if first > 2 else None

    @property
    def time_zero(self) -> str | None:
        """What the index date is called; None where the data define it and say no more."""
        if self.omop is not None:
            return self.omop.index_label([str(arm.value) for arm in self.arms.groups.values()])
        return self.index.label if self.index is not None and self.data.rows is None else None

    @property
    def index_line(self) -> int:
        """The line of treatment of the index treatment: 1 where the protocol does not say."""
        return self.said_line or 1

    @property
    def first_day_of_progression(self) -> int:
        """Progression before this day belongs to the line before, where there was one and an endpoint does not say otherwise."""
        return EARLY_DAYS if self.index_line > 1 else 0

    def progression_from_day(self, endpoint: Endpoint) -> int:
        """First day on which progression counts for an endpoint."""
        declared = endpoint.progression_from_day
        return self.first_day_of_progression if declared is None else declared

    def file_column(self, day: str) -> str:
        """The column of the spreadsheet behind a name: that of the date where the day number is counted from one."""
        return self.data.dates.days.get(day, day) if self.data.dates is not None else day

    def place(self, *where: Any) -> str:
        """`file:line` of a value, for faults that show only once the data are read."""
        return self.lines.place(*where) if self.lines is not None else "protocol"

    @model_validator(mode="before")
    @classmethod
    def _conventions_decide(cls, given: Any) -> Any:
        """What the designs and `cox` leave open follows the profile."""
        if not isinstance(given, dict):
            return given
        try:
            conventions = Conventions.model_validate(given.get("conventions") or {})
        except ValidationError:
            return given  # reported where it stands
        filled = completed(apart(with_omop(given)), conventions)
        if isinstance(filled.get("cox", {}), dict):
            filled["cox"] = {"ties": conventions.ties, **filled.get("cox", {})}
        if "design" not in given and not given.get("designs"):
            filled["design"] = None if _has_one_arm(given) else MISSING_DESIGN
        return filled

    @field_validator("endpoints", mode="before")
    @classmethod
    def _one_has_a_time(cls, given: Any) -> Any:
        if given == {}:
            raise ValueError("a study needs an endpoint with a time to an event; binary ones stand beside it")
        return given

    @field_validator("design", mode="before")
    @classmethod
    def _design_is_said(cls, given: Any) -> Any:
        if given == MISSING_DESIGN:
            raise ValueError(f"two arms need a design: its propensity covariates, or the word {NO_DESIGN} to compare as they are")
        return None if given == NO_DESIGN else given

    @property
    def convention(self) -> str:
        """The profile with everything that departs from it, also where the design or the Cox models overrule it."""
        used = {"ties": self.cox.ties, "smd_denominator": self.smd_denominator}
        if isinstance(self.primary_design, MatchSpec):
            used["caliper_sd"] = self.primary_design.caliper_sd
        return self.conventions.model_copy(update=used).name

    @property
    def level_words(self) -> str:
        """`95%`, as it stands before `confidence interval`."""
        return f"{100 * self.level:.10g}%"

    @property
    def ci(self) -> str:
        return f"{self.level_words} CI"

    @property
    def smd_denominator(self) -> str:
        """SD that a standardized mean difference of the unadjusted table is divided by: as `balance` says, else as the primary
        design does, else as the conventions do."""
        if self.balance.smd_denominator is not None:
            return self.balance.smd_denominator
        primary = self.primary_design
        return denominator_of(primary) if primary is not None else self.conventions.smd_denominator

    @property
    def balance_thresholds(self) -> tuple[float, float]:
        """Of |SMD|: from which a difference counts as small, and as large."""
        own = self.design.balance_thresholds if self.design is not None else None
        return own or self.balance.thresholds

    @property
    def scored(self) -> list[str]:
        """Covariates of the propensity score of the primary design; none without a design."""
        return self.primary_design.propensity if self.primary_design is not None else []

    @property
    def how_scored(self) -> Score:
        """How that score is fitted."""
        return self.primary_design.score if self.primary_design is not None else Score()

    @property
    def rule_packs(self) -> tuple[Pack, ...]:
        """The packs in the order in which they build on each other."""
        return self.loaded_packs or tuple(shipped(name) for name in self.packs if name in SHIPPED)

    @property
    def contract(self) -> Contract:
        """The raw tables, items and analytes that this study may bring: the core's and those of its packs."""
        contract = CORE
        for pack in self.rule_packs:
            contract = pack.extend(contract)
        return with_drugs(contract, self.prior_line)

    @property
    def days_per_unit(self) -> float:
        return {
            "days": 1.0,
            "months": self.conventions.days_per_month,
            "years": 365.25,
        }[self.time_unit]

    @property
    def landmark_days(self) -> dict[str, float]:
        """Label -> day of the landmark survival printed: the protocol's, or 6 and 12 months / 1, 3 and 5 years."""
        defaults = {"months": [6.0, 12.0], "years": [1.0, 3.0, 5.0], "days": []}[self.time_unit]
        return {f"{t:g} {self.time_unit}": t * self.days_per_unit for t in self.landmarks or defaults}

    def declared_horizon(self, endpoint: str) -> float | None:
        """Day up to which restricted mean survival of an endpoint is asked for: its own, else the study's, else none."""
        own = self.endpoints[endpoint].rmst.horizon or self.rmst.horizon
        return None if own is None else own * self.days_per_unit

    def horizon_path(self, endpoint: str) -> tuple[str, ...]:
        """The path of that horizon in the file."""
        return ("endpoints", endpoint, "rmst", "horizon") if self.endpoints[endpoint].rmst.horizon else ("rmst", "horizon")

    @property
    def main_endpoints(self) -> dict[str, Endpoint]:
        return {name: e for name, e in self.endpoints.items() if e.role == "main"}

    @property
    def exploratory_endpoints(self) -> dict[str, Endpoint]:
        return {name: e for name, e in self.endpoints.items() if e.role == "exploratory"}

    @property
    def binary_covariates(self) -> list[str]:
        """Covariates of 0 and 1, which a condition may take as true or false."""
        return [name for name, c in self.covariates.items() if c.kind == "binary"]

    @property
    def shown_covariates(self) -> list[str]:
        return [name for name, c in self.covariates.items() if c.show]

    @property
    def balanced_covariates(self) -> list[str]:
        """Those whose balance is judged: the shown ones, then those of the scores of the designs, then those with a role."""
        scored = [name for spec in self.designs.values() for name in spec.propensity if name in self.covariates]
        return list(dict.fromkeys([*self.shown_covariates, *scored, *(n for n, c in self.covariates.items() if c.role)]))

    def describe(self) -> dict[str, Any]:
        """The request as plain data, for the manifest."""
        return self.model_dump(mode="json", by_alias=True)


def scores(protocol: Protocol) -> dict[tuple[Any, ...], list[str]]:
    """Place in the file -> covariates, of every propensity score that is asked for."""
    found = {protocol.design_path(name, "propensity"): spec.propensity for name, spec in protocol.designs.items()}
    for name, variant in protocol.sensitivity.propensity_variants.items():
        found["sensitivity", "propensity_variants", name, "covariates"] = variant.covariates
    for name, covariates in protocol.multiverse.propensity.items() if protocol.multiverse is not None else ():
        found["multiverse", "propensity", name] = covariates
    return found


def stratifiers(protocol: Protocol) -> dict[tuple[Any, ...], list[str]]:
    """Place in the file -> covariates or columns by which patients are kept apart: strata of Cox models, exact matching."""
    found: dict[tuple[Any, ...], list[str]] = {("cox", "strata"): protocol.cox.strata}
    matches = {name: spec for name, spec in protocol.designs.items() if isinstance(spec, MatchSpec)}
    found |= {protocol.design_path(name, "exact"): spec.exact for name, spec in matches.items()}
    found |= {protocol.design_path(name, "anti_exact"): spec.anti_exact for name, spec in matches.items()}
    return found


def _has_one_arm(given: dict[str, Any]) -> bool:
    """Whether the arms of a protocol not yet validated are one."""
    arms = given.get("arms")
    groups = arms.get("groups") if isinstance(arms, dict) else None
    return isinstance(groups, dict) and len(groups) == 1
