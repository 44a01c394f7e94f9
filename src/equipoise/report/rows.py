"""results.csv and results.parquet, one row per number; and patient rows for those who ask for them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from equipoise.csv_text import csv_text
from equipoise.engine.files import write_parquet
from equipoise.protocol.spec import Protocol
from equipoise.records import COLUMNS, Estimates, Row, Study
from equipoise.records.units import unit

NUMERIC = ("value", "low", "high", "n", "events")
AT = COLUMNS.index("value") + 1
WRITTEN = (*COLUMNS[:AT], "unit", *COLUMNS[AT:])


def results_csv(estimates: Estimates, protocol: Protocol) -> str:
    """Every number at full precision with its unit; an empty cell where there is none."""
    return csv_text(WRITTEN, ([_cell(v) for v in _values(row, protocol)] for row in estimates.rows.values()))


def _values(row: Row, protocol: Protocol) -> list[Any]:
    """In the order of WRITTEN."""
    values = [getattr(row, c) for c in COLUMNS]
    return [*values[:AT], unit(row, protocol), *values[AT:]]


def _cell(value: Any) -> str:
    """Shortest text that reads back as the same number."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)


def results_parquet(estimates: Estimates, protocol: Protocol, target: Path) -> None:
    """The same rows as Parquet, typed; text columns hold '' and never null."""
    rows = [_values(row, protocol) for row in estimates.rows.values()]
    columns: dict[str, np.ndarray] = {}
    for i, name in enumerate(WRITTEN):
        cells = [row[i] for row in rows]
        columns[name] = np.array(cells, dtype=float) if name in NUMERIC else np.array([_cell(c) for c in cells], dtype=object)
    write_parquet(target, columns)


def patients_csv(study: Study) -> str:
    """One row per analysed patient: arm, covariates, endpoints with the source that decided, and each design."""
    columns: dict[str, Any] = {
        "patient": study.cohort.patient,
        "arm": study.cohort.arm,
        "index_date": study.cohort.index_date,
    }
    if study.cohort.site is not None:
        columns["site"] = study.cohort.site
    columns.update(study.covariates.values)
    for name, endpoint in study.outcomes.endpoints.items():
        columns.update({f"{name}_days": endpoint.time, f"{name}_event": endpoint.event, f"{name}_source": endpoint.source})
    columns.update({f"best_response {c}": v for c, v in study.outcomes.best_response.items()})
    columns.update({f"worst_grade {t}": v for t, v in study.outcomes.worst_grade.items()})
    columns.update(study.outcomes.flags)
    for design in study.designs:
        columns[f"{design.name}_included"] = design.include
        if design.paired:
            columns.update({f"{design.name}_pair": design.pair, f"{design.name}_propensity": design.propensity})
        if design.sample.weighted:
            columns.update({f"{design.name}_weight": design.weight, f"{design.name}_propensity": design.propensity})
        if design.sample.stratum is not None and not design.paired:
            columns[f"{design.name}_class"] = design.sample.stratum
    return csv_text(columns, ([_cell(v) for v in row] for row in zip(*columns.values(), strict=True)))
