"""The records of some of the analysed patients: a restricted population is a study of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np

from equipoise.records.cohort import AttritionStep, Cohort, Covariates, Exclusion
from equipoise.records.outcomes import Outcomes
from equipoise.records.visits import VisitResponses

OUTSIDE, UNDECIDED = "Outside the population", "Unknown, because a value is missing"
OTHER_ARM = "Of another arm"


def cohort_among(cohort: Cohort, member: np.ndarray, label: str, outside: str = OUTSIDE) -> Cohort:
    """The patients of a restriction, with its own step. member: 1 in it, 0 not, nan unknown; label: of the step; outside: why
    the others are not in it."""
    keep = member == 1
    left = [Exclusion(outside, int((member == 0).sum()))]
    if np.isnan(member).any():
        left.append(Exclusion(UNDECIDED, int(np.isnan(member).sum())))
    return Cohort(
        patient=cohort.patient[keep],
        arm=cohort.arm[keep],
        index_date=cohort.index_date[keep],
        site=None if cohort.site is None else cohort.site[keep],
        n_start=cohort.n,
        attrition=(AttritionStep(label, tuple(left), int(keep.sum())),),
        row=cohort.row[keep] if len(cohort.row) else cohort.row,
    )


def covariates_among(covariates: Covariates, keep: np.ndarray) -> Covariates:
    """Their values; remarks are of the whole study. keep: bool per patient."""
    values = {name: values[keep] for name, values in covariates.values.items()}
    return Covariates(
        values,
        populations={name: member[keep] for name, member in covariates.populations.items()},
        descriptors={name: texts[keep] for name, texts in covariates.descriptors.items()},
        groups={name: group.among(keep) for name, group in covariates.groups.items()},
    )


def outcomes_among(outcomes: Outcomes, cohort: Cohort, keep: np.ndarray) -> Outcomes:
    """Their outcomes; what is counted by file or by visit over the whole study (columns of events, recorded beside computed
    visits) stays with the whole study. cohort: of these patients; keep: bool per analysed patient."""
    detail = outcomes.response_detail
    plain = replace(outcomes, responses=VisitResponses(), event_columns=())
    plain = replace(plain, response_detail=None if detail is None else replace(detail, compared={}))
    return replace(_taken(plain, keep), responses=outcomes.responses.among(keep) if outcomes.responses else VisitResponses())


def _taken(record: Any, keep: np.ndarray) -> Any:
    """A record with every array, however deep, of these patients."""
    if isinstance(record, np.ndarray):
        return record[keep]
    if isinstance(record, Mapping):
        return {name: _taken(value, keep) for name, value in record.items()}
    if is_dataclass(record) and not isinstance(record, type | VisitResponses):
        return replace(record, **{f.name: _taken(getattr(record, f.name), keep) for f in fields(record)})
    return record
