"""The frozen request: everything a study asks for, validated, with defaults that DECISIONS of the field settle.

Loaded from YAML by `protocol/load.py`, which adds line numbers to every fault.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from equipoise.protocol.conduct import Assessment, EndpointVariant
from equipoise.protocol.conventions import Conventions
from equipoise.protocol.dose import DoseRule
from equipoise.protocol.post_index import PostIndex

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
TREATMENT = "treatment"
SDTM_DOMAINS = ("DM", "EX", "LB", "AE", "TU", "TR", "RS", "DS")


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class StudyInfo(Part):
    """What the report says about the study. notice: printed on every page, e.g. that the data are synthetic."""

    id: Name
    title: str
    disease: str
    population: str
    setting: str = ""
    notice: str = ""
    data_cutoff: dt.date | None = None
    metadata: dict[str, str] = {}


class Data(Part):
    """Either `tables` (a folder, one file per table of the contract) or `rows` (one spreadsheet, a row per patient)."""

    tables: str | None = None
    rows: str | None = None
    sheet: str | None = None
    patient: str | None = None
    missing: list[str] = []  # words that stand for an empty cell
    partial_dates: Literal["first", "mid", "last"] | None = None  # how YYYY-MM and YYYY are completed; else refused
    # CDISC SDTM: a folder (path) of domains; files by domain where they are not named dm.csv, ex.xpt ...
    standard: Literal["contract", "sdtm"] = "contract"
    path: str | None = None
    domains: dict[str, str] = {}
    treatment: Literal["ACTARM", "ARM", "EXTRT"] = "ACTARM"
    evaluator: str = "INVESTIGATOR"
    evaluator_id: str = ""

    @model_validator(mode="before")
    @classmethod
    def _path_is_a_folder_of_tables(cls, given: Any) -> Any:
        if isinstance(given, dict) and given.get("standard") == "sdtm" and given.get("path") and "tables" not in given:
            return {**given, "tables": given["path"]}
        return given

    @model_validator(mode="after")
    def _one_source(self) -> Data:
        if (self.standard == "sdtm") != (self.path is not None):
            raise ValueError("'standard: sdtm' and 'path' (the folder of the domains) go together")
        if (self.tables is None) == (self.rows is None):
            raise ValueError("give either 'tables' (a folder) or 'rows' (one spreadsheet), not both")
        strange = [d for d in self.domains if d not in SDTM_DOMAINS]
        if strange:
            raise ValueError(f"domains may name {', '.join(SDTM_DOMAINS)}; not {', '.join(strange)}")
        if self.rows is not None and self.patient is None:
            raise ValueError("'patient' names the column with the patient identifier; it is needed with 'rows'")
        return self


class Accrual(Part):
    from_: dt.date | None = Field(None, alias="from")
    to: dt.date | None = None


class Index(Part):
    """Where the index date stands. Optional when the study starts from one row per patient."""

    table: str
    date: str
    label: str = "index date"
    accrual: Accrual = Accrual()


class Arm(Part):
    label: str
    value: str


class Arms(Part):
    """column: of the index table or the spreadsheet. reference: denominator of every hazard ratio. focal: matched to."""

    column: str
    groups: dict[Name, Arm] = Field(min_length=2, max_length=2)
    reference: str
    focal: str

    @model_validator(mode="after")
    def _known(self) -> Arms:
        for role in ("reference", "focal"):
            if getattr(self, role) not in self.groups:
                raise ValueError(f"{role} '{getattr(self, role)}' is not one of the groups: {', '.join(self.groups)}")
        return self

    @property
    def compared(self) -> str:
        """The numerator of the hazard ratio: the arm that is not the reference."""
        return next(k for k in self.groups if k != self.reference)

    @property
    def other(self) -> str:
        """The arm that controls are taken from: not the focal one."""
        return next(k for k in self.groups if k != self.focal)

    def label(self, key: str) -> str:
        return self.groups[key].label

    @property
    def contrast(self) -> str:
        return f"{self.compared} vs {self.reference}"


class Exclude(Part):
    """A reason to leave: patients with a row of `table` for which `where` is true."""

    reason: str
    table: str | None = None
    where: str


class Step(Part):
    label: str
    exclude: list[Exclude] = []


class Eligibility(Part):
    start: str = "Patients in the data"
    steps: list[Step] = []


class Window(Part):
    """days: first and last day relative to the index date, inclusive. flagged_from: an earlier first day that is still
    used, and listed."""

    days: tuple[int, int]
    flagged_from: int | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Window:
        if self.days[0] > self.days[1] or self.days[1] > 0:
            raise ValueError("a window runs from an earlier to a later day and never beyond the index date (day 0)")
        if self.flagged_from is not None and self.flagged_from > self.days[0]:
            raise ValueError("flagged_from must not be later than the first day of the window")
        return self


class Windows(Part):
    imaging: Window = Window(days=(-28, 0), flagged_from=-42)
    laboratory: Window = Window(days=(-14, 0), flagged_from=-28)
    status: Window = Window(days=(-14, 0), flagged_from=-28)
    tumour_markers: Window = Window(days=(-28, 0))
    tumour: Window = Window(days=(-28, 0))


class Covariate(Part):
    """from: an expression over the baseline columns. levels: key -> label, in print order; the first is the reference of
    a Cox model. show: a row of the baseline table. known: when the value became known;
    one of after_index cannot group or adjust."""

    label: str
    kind: Literal["continuous", "binary", "categorical"]
    from_: str = Field(alias="from")
    levels: dict[str, str] = {}
    show: bool = True
    known: Literal["index", "after_index"] | None = None

    @model_validator(mode="after")
    def _levels(self) -> Covariate:
        if (self.kind == "categorical") != bool(self.levels):
            raise ValueError("a categorical covariate lists its levels (value: label); the others have none")
        return self


class Measurement(Part):
    """What a spreadsheet's column measures. unit: of laboratory values. values: words of the sheet -> words of the contract."""

    column: str
    unit: str = ""
    values: dict[str, str] = {}


class Response(Part):
    """confirmation: whether the best response that the study uses must be confirmed, at least confirmation_days later. source:
    responses from the lesions, or as readers recorded them. readers: the first decides, the others are compared with it.
    small_lesion_mm: the size of a target too small to measure."""

    criteria: list[Literal["RECIST 1.1", "mRECIST"]] = Field(["RECIST 1.1"], min_length=1)
    confirmation: bool = False
    confirmation_days: int = Field(28, ge=1)
    source: Literal["lesions", "recorded"] = "lesions"
    readers: list[str] = []
    small_lesion_mm: float = Field(5.0, gt=0, lt=10)
    sd_minimum_days: int = Field(42, ge=0)
    intervals: Literal["clopper-pearson", "wilson"] = "clopper-pearson"
    mrecist_5mm_rule: bool = False


class Source(Part):
    """Where a date comes from: `table` (raw, or the derived visit_response), its column `date`, rows for which `where`
    holds, the first or the last of them. From one spreadsheet: table `patients` and its column `day`, a day number."""

    table: str
    date: str = ""
    day: str = ""
    where: str | None = None
    pick: Literal["first", "last"] = "first"

    @model_validator(mode="after")
    def _one_column(self) -> Source:
        if bool(self.date) == bool(self.day):
            raise ValueError("give either 'date' (a column of dates) or 'day' (a spreadsheet's column of day numbers)")
        return self


class TimeColumn(Part):
    column: str
    unit: Literal["days", "weeks", "months", "years"] = "days"


class Endpoint(Part):
    """Either events and censoring (names of sources), or `time` and `event` of a spreadsheet.

    censoring: the first source that a patient has; the word day_one censors at day 1. progression_from_day: an event
    of a source named in `progression` before this day belongs to the line before and does not count. profile: `ema` counts
    events whenever they come; `fda2007` censors at the last adequate scan before new therapy or two missed scans. clinical:
    whether events of a source named in `clinical_progression` count.
    """

    label: str
    short: str
    event_label: str
    events: list[str] = []
    censoring: list[str] = []
    progression: list[str] = ["radiologic_progression", "clinical_progression"]
    progression_from_day: int = Field(14, ge=0)
    profile: Literal["ema", "fda2007"] = "ema"
    adequate_scan: str = "last_scan"
    new_therapy: str = "new_therapy"
    clinical: Literal["counted", "ignored"] = "counted"
    clinical_progression: list[str] = ["clinical_progression"]
    time: TimeColumn | None = None
    event: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Endpoint:
        spread = self.time is not None and self.event is not None
        dated = bool(self.events) and bool(self.censoring)
        if spread == dated or (self.time is None) != (self.event is None):
            raise ValueError("give either 'events' and 'censoring' (sources), or 'time' and 'event' (spreadsheet columns)")
        return self


class DesignSpec(Part):
    """The propensity score and the match. order: of the focal arm; largest = largest propensity first. smd_denominator: SD
    of the focal arm or pooled over both arms, in the whole sample."""

    propensity: list[str] = Field(min_length=1)
    method: Literal["nearest"] = "nearest"
    ratio: int = Field(1, ge=1, le=1)
    order: Literal["largest", "smallest", "data"] = "largest"
    scale: Literal["logit", "probability"] = "logit"
    caliper: float | None = Field(0.2, gt=0, le=10)
    caliper_sd: Literal["whole_sample", "pooled"] = "whole_sample"
    smd_denominator: Literal["focal", "pooled"] = "focal"
    balance_thresholds: tuple[float, float] = (0.1, 0.25)
    why: dict[str, str] = {}


class CoxSpec(Part):
    ties: Literal["efron", "breslow"] = "efron"
    univariable: list[str] = []
    multivariable: dict[str, list[str]] = {}


class Subgroup(Part):
    label: str
    levels: dict[str, str] = Field(min_length=2)


class Tests(Part):
    """categorical: pearson_or_fisher = Fisher's exact test where an expected count is below 5, else Pearson. t_test: the
    conventions say whether variances are pooled."""

    continuous: Literal["mann_whitney", "t_test"] = "mann_whitney"
    categorical: Literal["pearson_or_fisher", "pearson", "fisher"] = "pearson_or_fisher"
    paired_after_matching: bool = True


class Safety(Part):
    """attribution: the events that count, treatment-related (`related` names the codes) or all. composites: name -> terms that
    also count together. highest_grade: of terms that have no grade 5. laboratory: CTCAE version that grades the laboratory
    values, in a table apart."""

    attribution: Literal["related", "all"] = "related"
    composites: dict[str, list[str]] = {}
    highest_grade: dict[str, int] = {}
    laboratory: Literal["5", "4"] | None = None
    related: list[str] = ["possible", "probable", "definite"]
    dictionary: str = "CTCAE v5.0"
    terms_order: Literal["total"] = "total"
    aliases: dict[str, str] = {}


class Variant(Part):
    label: str
    covariates: list[str] = Field(min_length=1)


class Sensitivity(Part):
    propensity_variants: dict[Name, Variant] = {}
    endpoints: dict[Name, list[EndpointVariant]] = {}


class Comparison(Part):
    """printed: a csv of published numbers, each with the key of the result that should equal it."""

    printed: str
    source: str


class Protocol(Part):
    study: StudyInfo
    conventions: Conventions = Conventions()
    data: Data
    index: Index | None = None
    arms: Arms
    eligibility: Eligibility = Eligibility()
    windows: Windows = Windows()
    measurements: dict[str, Measurement] = {}
    covariates: dict[Name, Covariate] = Field(min_length=1)
    response: Response | None = None
    assessment: Assessment | None = None
    sources: dict[Name, Source] = {}
    endpoints: dict[Name, Endpoint] = Field(min_length=1)
    time_unit: Literal["days", "months", "years"] = "months"
    landmarks: list[float] = []
    design: DesignSpec
    cox: CoxSpec = CoxSpec()
    subgroups: dict[Name, Subgroup] = {}
    tests: Tests = Tests()
    safety: Safety | None = None
    dose: dict[Name, list[DoseRule]] = {}
    post_index: dict[Name, PostIndex] = {}
    sensitivity: Sensitivity = Sensitivity()
    comparison: Comparison | None = None
    # where the file lies and its sha256; set by the loader
    folder: str = Field("", exclude=True, repr=False)
    file: str = Field("", exclude=True, repr=False)
    sha256: str = Field("", exclude=True, repr=False)
    lines: Any = Field(None, exclude=True, repr=False)

    def place(self, *where: Any) -> str:
        """`file:line` of a value, for faults that show only once the data are read."""
        return self.lines.place(*where) if self.lines is not None else "protocol"

    @model_validator(mode="before")
    @classmethod
    def _conventions_decide(cls, given: Any) -> Any:
        """What `design` and `cox` leave open follows the profile."""
        if not isinstance(given, dict):
            return given
        try:
            conventions = Conventions.model_validate(given.get("conventions") or {})
        except ValidationError:
            return given  # reported where it stands
        filled = dict(given)
        for part, key, value in (
            ("design", "caliper_sd", conventions.caliper_sd),
            ("design", "smd_denominator", conventions.smd_denominator),
            ("cox", "ties", conventions.ties),
        ):
            if isinstance(filled.get(part, {}), dict):
                filled[part] = {key: value, **filled.get(part, {})}
        if "design" not in given:
            filled.pop("design")
        return filled

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

    @property
    def shown_covariates(self) -> list[str]:
        return [name for name, c in self.covariates.items() if c.show]

    def describe(self) -> dict[str, Any]:
        """The request as plain data, for the manifest."""
        return self.model_dump(mode="json", by_alias=True)
