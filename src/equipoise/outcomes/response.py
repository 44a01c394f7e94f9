"""Response by RECIST 1.1 and mRECIST: settings as a relation, then the .sql files of this folder."""

from __future__ import annotations

import numpy as np

from equipoise.engine import Engine, applied, read_sql, values
from equipoise.protocol.measures import Response
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, VisitResponses

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
    "small_lesion_mm",
    "reader",
    "recorded_as",
    "progression_from_day",
)
BETWEEN = (1, 1)  # SD and NE that may stand inside a confirmation, together at most one
MINIMUM_INCREASE_MM = 5.0
LESIONS = {"assessment": "assessment.sql", "lesion_role": "lesions.sql"}
# A first look at the early scans alone finds those that restart the nadir; then all scans are read.
FIRST_LOOK = {
    "early_reading": {"assessment": "early_assessment", "restart": "no_restart"},
    "early_response": {"scan_reading": "early_reading", "restart": "no_restart"},
}
STEPS = {
    **LESIONS,
    "early_assessment": "early_assessment.sql",
    "no_restart": "no_restart.sql",
    "early_reading": "scans.sql",
    "early_response": "recist.sql",
    "restart": "restart.sql",
    "scan_reading": "scans.sql",
    "visit_response": "recist.sql",
}
BEST = {
    "response_counted": "response_counted.sql",
    "best_response_both": "best_response_both.sql",
    "best_response": "best_response.sql",
}
READ = ("visit_response", "response_comparison", *BEST)  # by what comes after


def define_response(protocol: Protocol, engine: Engine) -> None:
    """Define `setting_response`, then `visit_response` and `best_response`. Needs the lesion tables and the baseline.

    With recorded responses beside the lesions, `computed_response` holds what the lesions give and `response_comparison`
    both; `visit_response` is the one that the study uses (response.source).
    """
    assert protocol.response is not None
    recorded = engine.has("recorded_response")
    engine.define("setting_response", values(list(COLUMNS), setting_rows(protocol)), phase="outcomes")
    steps = {"computed_response" if recorded and name == "visit_response" else name: step_sql(name) for name in STEPS}
    if recorded:
        steps["visit_response"] = _used_responses(protocol.response)
        steps["response_comparison"] = read_sql(PACKAGE, "response_comparison.sql")
    steps |= {name: read_sql(PACKAGE, file) for name, file in BEST.items()}
    engine.define_by_patient(steps, [name for name in steps if name in READ], phase="outcomes")


def step_sql(name: str) -> str:
    """The SELECT of one step; the first look applies the same .sql files to the relations of FIRST_LOOK."""
    return applied(read_sql(PACKAGE, STEPS[name]), FIRST_LOOK.get(name, {}))


def _used_responses(response: Response) -> str:
    if response.source == "recorded":
        return read_sql(PACKAGE, "recorded_visit.sql")
    return "-- visit_response: what the lesions give\nselect * from computed_response order by criterion, patient_id, date, visit"


def setting_rows(protocol: Protocol) -> list[tuple]:
    """One row per criterion and reader: whether enhancing diameters count, the rules that the protocol may set."""
    response = protocol.response
    assert response is not None
    rows = []
    for name, (criterion, reader) in readings(response).items():
        viable = criterion == "mRECIST"
        increase = MINIMUM_INCREASE_MM if not viable or response.mrecist_5mm_rule else 0.0
        confirmation = (response.confirmation, response.confirmation_days, *BETWEEN)
        small = response.small_lesion_mm
        early = progression_from_day(protocol)
        rows.append((name, viable, increase, response.sd_minimum_days, *confirmation, small, reader, criterion, early))
    return rows


def progression_from_day(protocol: Protocol) -> int:
    """The day from which progression at a scan belongs to the line under study."""
    assert protocol.response is not None
    if protocol.response.progression_from_day is not None:
        return protocol.response.progression_from_day
    days = [protocol.progression_from_day(e) for e in protocol.endpoints.values() if e.events]
    return min(days, default=protocol.first_day_of_progression)


def readings(response: Response) -> dict[str, tuple[str, str | None]]:
    """Name -> (criterion, reader): the criteria as the first reader sees them, then by name those of the other readers."""
    first = response.readers[0] if response.readers else None
    found: dict[str, tuple[str, str | None]] = {c: (c, first) for c in response.criteria}
    return found | {f"{c}, {reader}": (c, reader) for c in response.criteria for reader in response.readers[1:]}


def best_responses(protocol: Protocol, engine: Engine, cohort: Cohort) -> dict[str, np.ndarray]:
    """Best overall response by criterion, in the order of the cohort."""
    found = {(c, p): bor for c, p, bor in engine.rows("select criterion, patient_id, bor from best_response")}
    assert protocol.response is not None
    return {c: np.array([found[c, p] for p in cohort.patient], dtype=object) for c in protocol.response.criteria}


def visit_responses(engine: Engine, cohort: Cohort) -> VisitResponses:
    """The rows of `visit_response` that analyses ask, by criterion, patient and date."""
    found = engine.fetch(
        "select patient_id, criterion, visit, day, overall, change_from_baseline_pct, new_lesion from visit_response "
        "order by criterion, patient_id, date, visit"
    )
    return VisitResponses(
        cohort.patient,
        cohort.places(found["patient_id"]),
        _shared(found["criterion"]),
        found["visit"].astype(int),
        found["day"].astype(int),
        _shared(found["overall"]),
        found["change_from_baseline_pct"].astype(float),
        found["new_lesion"].astype(bool),
    )


def _shared(words: np.ndarray) -> np.ndarray:
    """The same texts, each of them held once."""
    given = words.tolist()
    once = {word: word for word in set(given)}
    out = np.empty(len(given), dtype=object)
    out[:] = [once[word] for word in given]
    return out
