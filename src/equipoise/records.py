"""What passes between the phases of a study: frozen, checked on construction, without behaviour of its own.

Arrays inside one record all have one length and one order: the patients of `Cohort.patient`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from equipoise.engine import Engine
from equipoise.errors import Fault
from equipoise.protocol.spec import Protocol

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class SourceTable:
    """A table as it was read: n_rows data rows from `file` (name only), sha256 of the file's bytes."""

    name: str
    file: str
    n_rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Sources:
    """The data, read and checked. findings: rows that are suspicious but not refused."""

    engine: Engine
    tables: Mapping[str, SourceTable]
    findings: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Patients lost for one reason; each patient is counted under the first reason that applies."""

    reason: str
    n: int


@dataclass(frozen=True, slots=True)
class AttritionStep:
    """A box of the flow diagram: the exclusions above it and the patients left in it."""

    label: str
    excluded: tuple[Exclusion, ...]
    n_left: int


@dataclass(frozen=True, slots=True)
class Cohort:
    """The analysed patients. arm: keys of protocol.arms.groups. index_date: datetime.date or None (day-number data)."""

    patient: np.ndarray
    arm: np.ndarray
    index_date: np.ndarray
    site: np.ndarray | None
    n_start: int
    attrition: tuple[AttritionStep, ...]
    other_treatments: tuple[Exclusion, ...] = ()

    def __post_init__(self) -> None:
        left = self.n_start
        for step in self.attrition:
            left -= sum(e.n for e in step.excluded)
            if left != step.n_left:
                raise AssertionError(f"the flow diagram does not add up at '{step.label}'")
        if self.attrition and left != len(self.patient):
            raise AssertionError("the flow diagram does not end at the analysed patients")

    @property
    def n(self) -> int:
        return len(self.patient)

    def in_arm(self, arm: str) -> np.ndarray:
        return self.arm == arm


@dataclass(frozen=True, slots=True)
class Covariates:
    """Baseline variables by name. Continuous and binary: float with nan for missing (binary 0/1). Categorical: object
    array of level keys with None for missing. origin: (patient_id, item, file row, date) of each record used, for tracing.
    """

    values: Mapping[str, np.ndarray]
    origin: tuple[tuple, ...] = ()
    remarks: tuple[str, ...] = ()

    def missing(self, name: str) -> np.ndarray:
        v = self.values[name]
        return np.isnan(v) if v.dtype.kind == "f" else np.array([x is None for x in v])


@dataclass(frozen=True, slots=True)
class TimeToEvent:
    """time: days from the index date. event: 1 at an event, 0 censored. source: name of the protocol's source that decided."""

    time: np.ndarray
    event: np.ndarray
    source: np.ndarray
    label: str
    short: str


@dataclass(frozen=True, slots=True)
class ResponseDetail:
    """Beside the best response, per criterion (and other reader, `RECIST 1.1, name`), in the order of the cohort.

    best: by (reading, confirmation asked for). course: arrays response_day, duration_days, duration_event, deepest_change_pct,
    pd_day, death_day, last_day, last_dose_day (nan = none). compared: recorded beside computed visit responses.
    """

    best: Mapping[tuple[str, bool], np.ndarray]
    course: Mapping[str, Mapping[str, np.ndarray]]
    compared: Mapping[str, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Onset:
    """When each patient came to have what a `post_index` block groups by: days from the index date (nan = never), and type."""

    day: np.ndarray
    type: np.ndarray


@dataclass(frozen=True, slots=True)
class FirstEvent:
    """time: days to the first adverse event, death or the end of the period (nan = unknown). cause: 1 event, 2 death, 0 none."""

    time: np.ndarray
    cause: np.ndarray


@dataclass(frozen=True, slots=True)
class SafetyDetail:
    """counts: events per patient by term. led_to: action (reduce, interrupt, stop) -> term -> bool. composites: terms that
    repeat others. exposure_days: on the index treatment (nan = unknown). first: by grade. laboratory: treatment-emergent worst
    grade by term (-1 = not gradable)."""

    counts: Mapping[str, np.ndarray]
    led_to: Mapping[str, Mapping[str, np.ndarray]]
    composites: tuple[str, ...]
    exposure_days: np.ndarray
    first: Mapping[str, FirstEvent]
    laboratory: Mapping[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class Conduct:
    """Per patient, nan = unknown. followed: the columns of the relation `conduct` (scans, days followed and possible, died,
    cause); readers: scans by reader; exposed: the columns of `exposure_course` (days treated, doses, stop reason)."""

    followed: Mapping[str, np.ndarray]
    readers: Mapping[str, np.ndarray]
    exposed: Mapping[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """endpoints by name; best_response by criterion (object arrays of CR, PR, SD, PD, NON-CR/NON-PD, NE);
    worst_grade by adverse-event term (int arrays, 0 = none), treatment-related only; flags such as `discontinued_for_ae`.
    endpoint_variants: endpoint -> sensitivity analysis -> times under another reading of its rule.
    """

    endpoints: Mapping[str, TimeToEvent]
    best_response: Mapping[str, np.ndarray] = field(default_factory=dict)
    worst_grade: Mapping[str, np.ndarray] = field(default_factory=dict)
    flags: Mapping[str, np.ndarray] = field(default_factory=dict)
    responses: tuple[dict, ...] = ()
    onsets: Mapping[str, Onset] = field(default_factory=dict)
    safety: SafetyDetail | None = None
    endpoint_variants: Mapping[str, Mapping[str, TimeToEvent]] = field(default_factory=dict)
    conduct: Conduct | None = None
    response_detail: ResponseDetail | None = None


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """Standardized mean difference (focal minus other arm, in SD) and variance ratio of one variable or level, signed.

    smd: denominator as the protocol says, of the whole sample, so the same before and after; over
    all levels of a categorical variable: Mahalanobis distance with both arms' covariance (Yang & Dalton). smd_within: SDs
    of both arms among the patients shown (tableone). variance_ratio: continuous variables only, else nan.
    """

    variable: str
    level: str
    smd: float
    smd_within: float
    variance_ratio: float
    in_propensity: bool


@dataclass(frozen=True, slots=True)
class Design:
    """Who is compared with what weight. include: bool per patient; weight: float; pair: int, 0 = unpaired.

    The unadjusted comparison is a Design too, with weights of one. facts: numbers of the design by name (pairs, caliper,
    caliper_austin, unmatched ...). propensity, logit: per patient, empty where the design has none.
    """

    name: str
    label: str
    include: np.ndarray
    weight: np.ndarray
    pair: np.ndarray
    balance: tuple[BalanceRow, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)
    propensity: np.ndarray = field(default_factory=lambda: np.empty(0))
    logit: np.ndarray = field(default_factory=lambda: np.empty(0))
    model: Any = None
    remarks: tuple[str, ...] = ()

    @property
    def paired(self) -> bool:
        return bool((self.pair > 0).any())


@dataclass(frozen=True, slots=True)
class Designs:
    """The cohort and the designs made of it, in order; iterates over the designs."""

    cohort: Cohort
    designs: tuple[Design, ...]

    def __iter__(self) -> Iterator[Design]:
        return iter(self.designs)

    def __len__(self) -> int:
        return len(self.designs)

    def __getitem__(self, name: str) -> Design:
        return next(d for d in self.designs if d.name == name)


COLUMNS = (
    "key",
    "phase",
    "analysis",
    "design",
    "endpoint",
    "population",
    "contrast",
    "variable",
    "level",
    "group",
    "statistic",
    "value",
    "low",
    "high",
    "n",
    "events",
    "method",
    "convention",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One number (DESIGN: one row per number). value, low, high: nan where there is none. n: patients behind it; events:
    events, or the count behind a percentage. `note` such as 'not estimable' travels in `method`.
    """

    phase: str
    statistic: str
    value: float
    analysis: str = ""
    design: str = ""
    endpoint: str = ""
    population: str = "all"
    contrast: str = ""
    variable: str = ""
    level: str = ""
    group: str = ""
    low: float = float("nan")
    high: float = float("nan")
    n: float = float("nan")
    events: float = float("nan")
    method: str = ""
    convention: str = ""

    @property
    def key(self) -> str:
        """phase.endpoint.design.analysis.population.variable.level.contrast.group.statistic, empty parts left out."""
        population = "" if self.population == "all" else self.population
        parts = (
            self.phase,
            self.endpoint,
            self.design,
            self.analysis,
            population,
            self.variable,
            self.level,
            self.contrast.replace(" vs ", "-vs-"),
            self.group,
            self.statistic,
        )
        return ".".join(_slug(p) for p in parts if p)


def _slug(text: str) -> str:
    text = (
        text.replace("≤", "le").replace("≥", "ge").replace("<=", "le").replace(">=", "ge").replace(">", "gt").replace("<", "lt")
    )
    return re.sub(r"[^0-9A-Za-z_\-]+", "_", text.strip()).strip("_").lower()


@dataclass(frozen=True, slots=True)
class Curve:
    """A Kaplan-Meier curve as drawn: days, survival and limits at the distinct times, numbers censored there; the full
    result object for numbers at risk."""

    endpoint: str
    design: str
    population: str
    group: str
    fit: Any


@dataclass(frozen=True, slots=True)
class Estimates:
    """Every printed number, by key; curves and fits beside it, by key."""

    rows: Mapping[str, Row]
    curves: Mapping[str, Curve] = field(default_factory=dict)
    fits: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @classmethod
    def from_rows(cls, rows: list[Row], **beside: Any) -> Estimates:
        by_key: dict[str, Row] = {}
        for row in rows:
            if row.key in by_key:
                raise AssertionError(f"two rows share the key {row.key}")
            by_key[row.key] = row
        return cls(by_key, **beside)

    def __getitem__(self, key: str) -> Row:
        return self.rows[key]

    def get(self, key: str) -> Row | None:
        return self.rows.get(key)

    def frame(self) -> pd.DataFrame:
        """The long table as a pandas frame, one row per number, columns COLUMNS."""
        import pandas as pd

        return pd.DataFrame([{c: getattr(r, c) for c in COLUMNS} for r in self.rows.values()], columns=list(COLUMNS))


@dataclass(frozen=True, slots=True)
class QualityFinding:
    """A rule of data quality and what it found. severity: impossible or suspect. rows: (table, data row, 1 = the first);
    empty where the rule found nothing."""

    rule: str
    severity: str
    title: str
    advice: str
    patients: tuple[str, ...] = ()
    rows: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Quality:
    """findings: every rule that was checked. unchecked: (title, tables not given). linkage: table -> patients with a row.
    screened: site -> patients. recorded: (item, derived, recorded, patients) of stages recorded beside the derived ones."""

    findings: tuple[QualityFinding, ...] = ()
    unchecked: tuple[tuple[str, tuple[str, ...]], ...] = ()
    linkage: Mapping[str, frozenset[str]] = field(default_factory=dict)
    screened: Mapping[str, int] = field(default_factory=dict)
    recorded: tuple[tuple[str, str, str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class PatientTimeline:
    """Rows of one patient, each a dict with `day` from the index date. Never part of a report."""

    patient: str
    arm: str
    scans: tuple[dict[str, Any], ...] = ()
    doses: tuple[dict[str, Any], ...] = ()
    labs: tuple[dict[str, Any], ...] = ()
    adverse_events: tuple[dict[str, Any], ...] = ()
    therapies: tuple[dict[str, Any], ...] = ()
    endpoints: tuple[dict[str, Any], ...] = ()
    baseline_mm: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Study:
    """Everything that the report needs."""

    protocol: Protocol
    sources: Sources
    cohort: Cohort
    covariates: Covariates
    outcomes: Outcomes
    designs: Designs
    estimates: Estimates
    quality: Quality = Quality()

    def design(self, name: str) -> Design:
        return self.designs[name]
