"""What is measured: windows before the index date, covariates, response, endpoints and their sources, adverse events."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from equipoise.protocol.event_codes import Condition, EventCodes, condition_text
from equipoise.protocol.horizon import Rmst
from equipoise.protocol.part import CENTURY, Part

EarlierDay = Annotated[int, Field(ge=-CENTURY, le=CENTURY)]
Grade = Annotated[int, Field(ge=1, le=5)]


class Window(Part):
    """days: first and last day relative to the index date, inclusive. flagged_from: an earlier first day that is still
    used, and listed."""

    days: tuple[EarlierDay, EarlierDay]
    flagged_from: EarlierDay | None = None

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


CONFOUNDER, PROGNOSTIC, INSTRUMENT = "confounder", "prognostic", "instrument-like"
ROLES = {
    CONFOUNDER: "guided the choice of treatment and bears on the outcome",
    PROGNOSTIC: "bears on the outcome and did not guide the choice of treatment",
    INSTRUMENT: "guided the choice of treatment and bears on the outcome through it alone",
}


class Covariate(Part):
    """from: an expression over the baseline columns. levels: key -> label, in print order; the first is the reference of
    a Cox model. show: a row of the baseline table. known: when the value became known;
    one of after_index cannot group or adjust. role: what is assumed of it, as ROLES says; why: the reason. Both are printed. per:
    the step of a continuous covariate, in its unit, for which the Cox models of predictors give its hazard ratio."""

    label: str
    kind: Literal["continuous", "binary", "categorical"]
    from_: str = Field(alias="from")
    levels: dict[str, str] = {}
    show: bool = True
    known: Literal["index", "after_index"] | None = None
    role: Literal["confounder", "prognostic", "instrument-like"] | None = None
    why: str = ""
    per: float = Field(1.0, gt=0, le=1e9)

    @model_validator(mode="after")
    def _levels(self) -> Covariate:
        if self.per != 1 and self.kind != "continuous":
            raise ValueError("'per' is the step of a continuous covariate; the others have none")
        if (self.kind == "categorical") != bool(self.levels):
            raise ValueError("a categorical covariate lists its levels (value: label); the others have none")
        return self


class Measurement(Part):
    """What a spreadsheet's column measures. unit: of laboratory values; lln, uln: limits of normal in that unit, a number or the
    name of a column. values: words of the sheet -> words of the contract."""

    column: str
    unit: str = ""
    lln: str | None = None
    uln: str | None = None
    values: dict[str, str] = {}


class Benchmark(Part):
    """A fixed rate that the response of a single arm is tested against (objective performance criterion), by the first of the
    criteria. null: a share such as 0.15. source: where it comes from."""

    rate: Literal["orr", "dcr"] = "orr"
    null: float = Field(gt=0, lt=1)
    source: str
    alternative: Literal["greater", "two-sided"] = "greater"


class Response(Part):
    """confirmation: whether the best response that the study uses must be confirmed, at least confirmation_days later. source:
    responses from the lesions, or as readers recorded them. readers: the first decides, the others are compared with it.
    small_lesion_mm: the size of a target too small to measure. progression_from_day: progression at a scan before this day
    belongs to the line before, and that scan is the new baseline; by default the smallest of the endpoints'."""

    criteria: list[Literal["RECIST 1.1", "mRECIST"]] = Field(["RECIST 1.1"], min_length=1)
    confirmation: bool = False
    confirmation_days: int = Field(28, ge=1, le=CENTURY)
    source: Literal["lesions", "recorded"] = "lesions"
    readers: list[str] = []
    small_lesion_mm: float = Field(5.0, gt=0, lt=10)
    sd_minimum_days: int = Field(42, ge=0, le=CENTURY)
    intervals: Literal["clopper-pearson", "wilson"] = "clopper-pearson"
    mrecist_5mm_rule: bool = False
    progression_from_day: int | None = Field(None, ge=0, le=CENTURY)
    benchmark: Benchmark | None = None  # of a single arm


class Source(Part):
    """Where a date comes from: `table` (raw, or the derived visit_response), its column `date`, rows for which `where`
    holds, the first or the last of them. From one spreadsheet: table `patients` and its column `day`, a day number; `where` may
    name the values of a column (EventCodes). label: the source in the words of the report, its name where it is empty."""

    table: str
    date: str = ""
    day: str = ""
    where_: Condition | None = Field(None, alias="where")
    pick: Literal["first", "last"] = "first"
    label: str = ""

    @property
    def where(self) -> str | None:
        return condition_text(self.where_)

    @property
    def codes(self) -> EventCodes | None:
        return self.where_ if isinstance(self.where_, EventCodes) else None

    @model_validator(mode="after")
    def _one_column(self) -> Source:
        if bool(self.date) == bool(self.day):
            raise ValueError("give either 'date' (a column of dates) or 'day' (a spreadsheet's column of day numbers)")
        return self


class TimeColumn(Part):
    column: str
    unit: Literal["days", "weeks", "months", "years"] = "days"


class Endpoint(Part):
    """Either events and censoring (names of sources), or `time` and `event` of a spreadsheet: an expression, or the values of a
    column by name (EventCodes).

    competing: sources of events of another kind, which end the time like a censoring.
    censoring: the first source that a patient has; the word day_one censors at day 1. progression_from_day: an event
    of a source named in `progression` before this day belongs to the line before and does not count. profile: `ema` counts
    events whenever they come; `fda2007` censors at the last adequate scan before new therapy or two missed scans. clinical:
    whether events of a source named in `clinical_progression` count. role: an exploratory endpoint has its curves, medians
    and hazard ratio in the supplement, and no predictors, subgroups or rematched designs.
    """

    label: str
    short: str
    event_label: str
    role: Literal["main", "exploratory"] = "main"
    events: list[str] = []
    competing: list[str] = []
    censoring: list[str] = []
    progression: list[str] = ["radiologic_progression", "clinical_progression"]
    progression_from_day: int | None = Field(None, ge=0, le=CENTURY)  # 14 after a line before, else 0
    profile: Literal["ema", "fda2007"] = "ema"
    adequate_scan: str = "last_scan"
    new_therapy: str = "new_therapy"
    clinical: Literal["counted", "ignored"] = "counted"
    clinical_progression: list[str] = ["clinical_progression"]
    rmst: Rmst = Rmst()
    time: TimeColumn | None = None
    event_: Condition | None = Field(None, alias="event")

    @property
    def event(self) -> str | None:
        """True at an event, as an expression."""
        return condition_text(self.event_)

    @property
    def codes(self) -> EventCodes | None:
        """The values by name, where the protocol gives them."""
        return self.event_ if isinstance(self.event_, EventCodes) else None

    @model_validator(mode="after")
    def _one_way(self) -> Endpoint:
        spread = self.time is not None and self.event is not None
        dated = bool(self.events) and bool(self.censoring)
        if spread == dated or (self.time is None) != (self.event is None):
            raise ValueError("give either 'events' and 'censoring' (sources), or 'time' and 'event' (spreadsheet columns)")
        if self.competing and not self.events:
            raise ValueError(
                "'competing' names sources; of a column the values are named, event: {column: ..., competing: [...]}"
            )
        return self


class Safety(Part):
    """attribution: the events that count, treatment-related (`related` names the codes) or all. composites: name -> terms that
    also count together. highest_grade: of terms that lack one,
    beside those of CTCAE v5.0 (known). laboratory: CTCAE version that grades the laboratory
    values, in a table apart."""

    attribution: Literal["related", "all"] = "related"
    composites: dict[str, list[str]] = {}
    highest_grade: dict[str, Grade] = {}
    laboratory: Literal["5", "4"] | None = None
    related: list[str] = ["possible", "probable", "definite"]
    dictionary: str = "CTCAE v5.0"
    terms_order: Literal["total"] = "total"
    aliases: dict[str, str] = {}
