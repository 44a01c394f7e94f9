"""What happened to the analysed patients, in the order of the cohort."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from equipoise.records.visits import VisitResponses


@dataclass(frozen=True, slots=True)
class TimeToEvent:
    """time: days from the index date. event: 1 at an event, 0 censored. source: name of the protocol's source that decided.
    competing: bool, whether a competing event ended the time (event is 0 there); None where the endpoint has none."""

    time: np.ndarray
    event: np.ndarray
    source: np.ndarray
    label: str
    short: str
    competing: np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class BinaryOutcome:
    """happened: float, 1 counted, 0 not, nan unknown. unknown: why, '' where it is known."""

    happened: np.ndarray
    unknown: np.ndarray


@dataclass(frozen=True, slots=True)
class EventValue:
    """A value of a column that decides an event. text: as it stands in the file, '' for empty cells. n: analysed patients.
    counted: event, competing, censored, unknown, or in part (where other columns decide too)."""

    text: str
    n: int
    counted: str


@dataclass(frozen=True, slots=True)
class EventColumn:
    """owner: label of the endpoint, or of the source of an event. values: most frequent first; empty where the column holds more
    different ones (`different`) than a status has."""

    owner: str
    column: str
    different: int
    values: tuple[EventValue, ...] = ()


@dataclass(frozen=True, slots=True)
class ResponseDetail:
    """Beside the best response, per criterion (and other reader, `RECIST 1.1, name`), in the order of the cohort.

    best: by (reading, confirmation asked for). course: arrays response_day, duration_days, duration_event, deepest_change_pct,
    pd_day, assessed_day (of the last scan to which this reading gave a response other than NE), death_day, last_day,
    last_dose_day (nan = none). compared: recorded beside computed visit responses.
    """

    best: Mapping[tuple[str, bool], np.ndarray]
    course: Mapping[str, Mapping[str, np.ndarray]]
    compared: Mapping[str, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Onset:
    """When each patient came to have what a `post_index` block groups by: days from the index date (nan = never), and type
    ('' = never, or not recorded)."""

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
    endpoint_variants: endpoint -> sensitivity analysis -> times by an alternative definition. event_columns: of a
    spreadsheet, the values of every column that decides an event. binary: endpoints that happen or do not, by name.
    """

    endpoints: Mapping[str, TimeToEvent]
    best_response: Mapping[str, np.ndarray] = field(default_factory=dict)
    worst_grade: Mapping[str, np.ndarray] = field(default_factory=dict)
    flags: Mapping[str, np.ndarray] = field(default_factory=dict)
    responses: VisitResponses = field(default_factory=VisitResponses)
    onsets: Mapping[str, Onset] = field(default_factory=dict)
    safety: SafetyDetail | None = None
    endpoint_variants: Mapping[str, Mapping[str, TimeToEvent]] = field(default_factory=dict)
    conduct: Conduct | None = None
    response_detail: ResponseDetail | None = None
    event_columns: tuple[EventColumn, ...] = ()
    binary: Mapping[str, BinaryOutcome] = field(default_factory=dict)


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
