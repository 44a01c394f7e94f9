"""The analysis data set: one row per analysed patient, everything that the estimates are made of."""

from __future__ import annotations

import csv
import hashlib
import io
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from equipoise.engine import evaluate
from equipoise.protocol.expressions import condition_sql
from equipoise.records import NO_COUNTERPART, Study


def column_name(prefix: str, text: str) -> str:
    """A name that R and SAS accept: letters, digits and _, at most 26 characters (SAS takes 32, and some names get an ending);
    a longer one is cut and ends with six digits of the sha256 of its text."""
    name = f"{prefix}_{re.sub(r'[^0-9A-Za-z]+', '_', text).strip('_').lower()}"
    return name if len(name) <= 26 else f"{name[:19]}_{hashlib.sha256(text.encode()).hexdigest()[:6]}"


def analysis_columns(study: Study) -> dict[str, np.ndarray]:
    """Column -> values in the order of the cohort. nan or None: missing."""
    columns: dict[str, np.ndarray] = {"patient_id": study.cohort.patient, "arm": study.cohort.arm}
    columns.update(study.covariates.values)
    for name, endpoint in study.outcomes.endpoints.items():
        columns[f"{name}_time"] = endpoint.time
        columns[f"{name}_event"] = endpoint.event
        columns[f"{name}_source"] = endpoint.source
    for name, variants in study.outcomes.endpoint_variants.items():
        for variant, times in variants.items():
            columns[f"{column_name(name, variant)}_time"] = times.time
            columns[f"{column_name(name, variant)}_event"] = times.event
    columns |= _designs(study)
    for name, subgroup in study.protocol.subgroups.items():
        level = np.full(study.cohort.n, None, dtype=object)
        for label, where in subgroup.levels.items():
            level[evaluate(condition_sql(where, study.protocol.binary_covariates), dict(study.covariates.values))] = label
        columns[f"subgroup_{name}"] = level
    for criterion, best in study.outcomes.best_response.items():
        columns[column_name("best", criterion)] = best
    for term, grade in study.outcomes.worst_grade.items():
        columns[column_name("ae", term)] = grade
    for name, flag in study.outcomes.flags.items():
        if flag.dtype == bool:
            columns[column_name("flag", name)] = flag.astype(int)
    return columns


def _designs(study: Study) -> dict[str, np.ndarray]:
    """The pairs of each design, and who has a counterpart in the other arm where somebody has none."""
    columns = {}
    for design in study.designs:
        if design.paired:
            columns[f"pair_{design.name}"] = design.pair
        if design.gaps:
            columns[f"counterpart_{design.name}"] = (design.left != NO_COUNTERPART).astype(int)
    return columns


def analysis_csv(study: Study) -> str:
    """The data set as csv."""
    return csv_text(analysis_columns(study))


def csv_text(columns: Mapping[str, Sequence[Any] | np.ndarray]) -> str:
    """Columns as csv, numbers at full precision, empty cells for missing values."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(v) for v in row] for row in zip(*columns.values(), strict=True))
    return out.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return "" if math.isnan(value) else (str(int(value)) if value.is_integer() else repr(value))
    return str(value)
