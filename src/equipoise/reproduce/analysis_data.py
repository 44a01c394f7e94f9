"""The analysis data set: one row per analysed patient, everything that the estimates are made of."""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from equipoise.csv_text import csv_text as csv_of
from equipoise.engine import evaluate
from equipoise.protocol.expressions import condition_sql
from equipoise.records import NO_COUNTERPART, Study
from equipoise.reproduce.at_limits import comparators


def column_name(prefix: str, text: str) -> str:
    """A name that R and SAS accept: letters, digits and _, at most 26 characters (SAS takes 32, and some names get an ending);
    a longer one is cut and ends with six digits of the sha256 of its text."""
    name = f"{prefix}_{re.sub(r'[^0-9A-Za-z]+', '_', text).strip('_').lower()}"
    return name if len(name) <= 26 else f"{name[:19]}_{_digits(text)}"


def columns_named(prefix: str, texts: Iterable[str]) -> dict[str, str]:
    """Text -> column_name of each, told apart where letters do not: those that leave nothing, or the name of another, end with
    six digits of the sha256 of the text."""
    plain = {text: column_name(prefix, text) for text in texts}
    counts = Counter(plain.values())
    return {
        text: name if counts[name] == 1 and name != f"{prefix}_" else f"{name.rstrip('_')[:19]}_{_digits(text)}"
        for text, name in plain.items()
    }


def _digits(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:6]


def analysis_columns(study: Study) -> dict[str, np.ndarray]:
    """Column -> values in the order of the cohort. nan or None: missing."""
    columns: dict[str, np.ndarray] = {"patient_id": study.cohort.patient, "arm": study.cohort.arm}
    columns.update(study.covariates.values)
    columns |= {comparator_name(name, columns): signs for name, signs in comparators(study).items()}
    for name, endpoint in study.outcomes.endpoints.items():
        columns[f"{name}_time"] = endpoint.time
        columns[f"{name}_event"] = endpoint.event
        columns[f"{name}_source"] = endpoint.source
        if endpoint.competing is not None:
            columns[f"{name}_competing"] = endpoint.competing.astype(int)
    for name, variants in study.outcomes.endpoint_variants.items():
        for variant, times in variants.items():
            columns[f"{column_name(name, variant)}_time"] = times.time
            columns[f"{column_name(name, variant)}_event"] = times.event
    for name, binary in study.outcomes.binary.items():
        columns |= {f"{name}_happened": binary.happened, f"{name}_unknown": binary.unknown}
    columns |= _designs(study)
    for name, subgroup in study.protocol.subgroups.items():
        level = np.full(study.cohort.n, None, dtype=object)
        for label, where in subgroup.levels.items():
            level[evaluate(condition_sql(where, study.protocol.binary_covariates), dict(study.covariates.values))] = label
        columns[f"subgroup_{name}"] = level
    criteria = columns_named("best", study.outcomes.best_response)
    columns |= {criteria[criterion]: best for criterion, best in study.outcomes.best_response.items()}
    terms = columns_named("ae", study.outcomes.worst_grade)
    columns |= {terms[term]: grade for term, grade in study.outcomes.worst_grade.items()}
    flags = columns_named("flag", study.outcomes.flags)
    columns |= {flags[name]: f.astype(int) for name, f in study.outcomes.flags.items() if f.dtype == bool}
    return columns


def comparator_name(covariate: str, taken: Iterable[str]) -> str:
    """Of the column that holds the comparator of a covariate's values."""
    name = column_name(covariate, "comparator")
    return name if name not in taken else columns_named(f"{covariate[:12]}_comparator", [covariate])[covariate]


def _designs(study: Study) -> dict[str, np.ndarray]:
    """Pairs, or weights with matched sets or classes of the score, of each design; who has a counterpart in the other arm where
    somebody has none; the logit of a score that a penalty made."""
    columns = {}
    for design in study.designs:
        if design.sample.weighted:
            columns[f"weight_{design.name}"] = np.where(design.include, design.weight, np.nan)
            if design.sample.in_sets:
                columns[f"set_{design.name}"] = design.sample.cluster
        if design.paired:
            columns[f"pair_{design.name}"] = design.pair
        elif design.sample.stratum is not None:
            columns[f"class_{design.name}"] = design.sample.stratum
        if design.model is not None and design.model.gaps:
            columns[f"counterpart_{design.name}"] = (design.left != NO_COUNTERPART).astype(int)
        if design.model is not None and design.model.score.shrunk:
            columns[f"logit_{design.name}"] = design.logit
    return columns


def analysis_csv(study: Study) -> str:
    """The data set as csv."""
    return csv_text(analysis_columns(study))


def csv_text(columns: Mapping[str, Sequence[Any] | np.ndarray]) -> str:
    """Columns as csv, numbers at full precision, empty cells for missing values."""
    return csv_of(columns, ([_cell(v) for v in row] for row in zip(*columns.values(), strict=True)))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return "" if math.isnan(value) else (str(int(value)) if value.is_integer() else repr(value))
    return str(value)
