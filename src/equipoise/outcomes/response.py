"""Response by RECIST 1.1 and mRECIST: settings as a relation, then the .sql files of this folder."""

from __future__ import annotations

import numpy as np

from equipoise.engine import Engine, read_sql, values
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort

PACKAGE = "equipoise.outcomes"
COLUMNS = (
    "criterion",
    "viable",
    "minimum_increase_mm",
    "sd_minimum_days",
    "confirmation",
    "confirmation_days",
    "confirmation_sd",
    "confirmation_ne",
)
CONFIRMATION = (28, 1, 1)  # days to the confirming scan; SD and NE that may stand between, together at most one
MINIMUM_INCREASE_MM = 5.0
STEPS = {
    "assessment": "assessment.sql",
    "lesion_role": "lesions.sql",
    "scan_reading": "scans.sql",
    "visit_response": "recist.sql",
    "best_response": "best_response.sql",
}


def define_response(protocol: Protocol, engine: Engine) -> None:
    """Define `setting_response`, then `visit_response` and `best_response`. Needs the lesion tables and the baseline."""
    engine.define("setting_response", values(list(COLUMNS), setting_rows(protocol)), phase="outcomes")
    for name, file in STEPS.items():
        engine.define(name, read_sql(PACKAGE, file), phase="outcomes")


def setting_rows(protocol: Protocol) -> list[tuple]:
    """One row per criterion: whether enhancing diameters count, the rules that the protocol may set."""
    response = protocol.response
    rows = []
    for criterion in response.criteria:
        viable = criterion == "mRECIST"
        increase = MINIMUM_INCREASE_MM if not viable or response.mrecist_5mm_rule else 0.0
        rows.append((criterion, viable, increase, response.sd_minimum_days, response.confirmation, *CONFIRMATION))
    return rows


def best_responses(protocol: Protocol, engine: Engine, cohort: Cohort) -> dict[str, np.ndarray]:
    """Best overall response by criterion, in the order of the cohort."""
    found = {(c, p): bor for c, p, bor in engine.rows("select criterion, patient_id, bor from best_response")}
    return {c: np.array([found[c, p] for p in cohort.patient], dtype=object) for c in protocol.response.criteria}


def visit_responses(engine: Engine) -> tuple[dict, ...]:
    """The rows of `visit_response` as dicts, by criterion, patient and date."""
    names = list(engine.columns("visit_response"))
    rows = engine.rows("select * from visit_response order by criterion, patient_id, date, visit")
    return tuple(dict(zip(names, row, strict=True)) for row in rows)
