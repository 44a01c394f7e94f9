"""What passes between the phases of a study: frozen, checked on construction, without behaviour of its own.

Arrays inside one record all have one length and one order: the patients of `Cohort.patient`.
"""

from equipoise.records.among import cohort_among, covariates_among, outcomes_among
from equipoise.records.cohort import AttritionStep, Cohort, Covariates, Exclusion, Sources, SourceTable
from equipoise.records.design import (
    FOCAL_CONSTANT,
    FOCAL_SD,
    LEFT,
    MAHALANOBIS,
    MISSING,
    NO_COUNTERPART,
    NO_PARTNER,
    NOT_CHOSEN,
    OTHER_CONSTANT,
    OTHER_SD,
    POOLED_SD,
    TRIMMED,
    Again,
    BalanceRow,
    Design,
    Designs,
    Gap,
)
from equipoise.records.estimates import COLUMNS, Curve, Estimates, Row, curve_key, population_within
from equipoise.records.imputation import Drawn, Imputed
from equipoise.records.lock import DesignLock, EarlierLock, LockState
from equipoise.records.outcomes import (
    BinaryOutcome,
    Conduct,
    EventColumn,
    EventValue,
    FirstEvent,
    Onset,
    Outcomes,
    PatientTimeline,
    ResponseDetail,
    SafetyDetail,
    TimeToEvent,
)
from equipoise.records.quality import Quality, QualityFinding
from equipoise.records.sample import Sample, Words
from equipoise.records.study import Study

__all__ = [
    "Again",
    "AttritionStep",
    "BalanceRow",
    "BinaryOutcome",
    "FOCAL_CONSTANT",
    "FOCAL_SD",
    "MAHALANOBIS",
    "OTHER_CONSTANT",
    "OTHER_SD",
    "POOLED_SD",
    "COLUMNS",
    "Cohort",
    "Conduct",
    "Covariates",
    "Curve",
    "Design",
    "DesignLock",
    "Designs",
    "EarlierLock",
    "Drawn",
    "Estimates",
    "EventColumn",
    "EventValue",
    "Exclusion",
    "FirstEvent",
    "Gap",
    "Imputed",
    "LEFT",
    "LockState",
    "MISSING",
    "NOT_CHOSEN",
    "TRIMMED",
    "NO_COUNTERPART",
    "NO_PARTNER",
    "Onset",
    "Outcomes",
    "PatientTimeline",
    "Quality",
    "QualityFinding",
    "ResponseDetail",
    "Row",
    "SafetyDetail",
    "Sample",
    "SourceTable",
    "Sources",
    "Study",
    "TimeToEvent",
    "Words",
    "cohort_among",
    "covariates_among",
    "curve_key",
    "outcomes_among",
    "population_within",
]
