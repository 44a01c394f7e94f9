"""How long responses lasted, how deep they went, and what else is known of each reading of the scans."""

from __future__ import annotations

import numpy as np

from equipoise.engine import Engine, read_sql
from equipoise.outcomes.response import PACKAGE, readings
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, ResponseDetail

DAYS = (
    "response_day",
    "duration_days",
    "duration_event",
    "deepest_change_pct",
    "pd_day",
    "assessed_day",
    "death_day",
    "last_day",
    "last_dose_day",
)


def define_course(engine: Engine) -> None:
    """Define `response_course`. Needs `best_response` and `observed`."""
    engine.define("response_course", read_sql(PACKAGE, "response_course.sql"), phase="outcomes")


def detail(protocol: Protocol, engine: Engine, cohort: Cohort) -> ResponseDetail:
    """Best responses both ways, the course of each response, recorded beside computed responses."""
    assert protocol.response is not None
    names = list(readings(protocol.response))
    best = {(c, p, asked): bor for c, p, asked, bor in engine.rows(
        "select criterion, patient_id, confirmation, bor from best_response_both"
    )}  # fmt: skip
    return ResponseDetail(
        best={(c, asked): _objects([best[c, p, asked] for p in cohort.patient]) for c in names for asked in (False, True)},
        course={c: _course(engine, cohort, c) for c in names},
        compared={c: _compared(engine, c) for c in names} if engine.has("response_comparison") else {},
    )


def _course(engine: Engine, cohort: Cohort, criterion: str) -> dict[str, np.ndarray]:
    rows = engine.rows(f"select patient_id, {', '.join(DAYS)} from response_course where criterion = ?", [criterion])
    found = {row[0]: row[1:] for row in rows}
    table = [[np.nan if cell is None else float(cell) for cell in found[p]] for p in cohort.patient]
    columns = np.array(table, dtype=float).reshape(len(table), len(DAYS))
    return {name: columns[:, k] for k, name in enumerate(DAYS)}


def _compared(engine: Engine, criterion: str) -> tuple[np.ndarray, np.ndarray]:
    chosen = "select computed, recorded from response_comparison where criterion = ?"
    rows = engine.rows(f"{chosen} order by patient_id, visit, source_row", [criterion])
    return _objects([r[0] for r in rows]), _objects([r[1] for r in rows])


def _objects(values: list) -> np.ndarray:
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out
