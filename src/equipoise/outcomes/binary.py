"""Endpoints that happen or do not: who had it, who had not, and of whom it is unknown, with the reason."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from equipoise.engine import Engine, EngineError
from equipoise.errors import Fault, ProtocolError
from equipoise.protocol.binary_endpoint import BinaryEndpoint
from equipoise.protocol.expressions import safe_sql
from equipoise.protocol.spec import Protocol
from equipoise.records import BinaryOutcome, Cohort, TimeToEvent

RATES = {"orr": ("CR", "PR"), "dcr": ("CR", "PR", "SD", "NON-CR/NON-PD")}
NOT_RECORDED = "not recorded"


def binary_outcomes(
    protocol: Protocol,
    engine: Engine,
    cohort: Cohort,
    times: Mapping[str, TimeToEvent],
    best_response: Mapping[str, np.ndarray],
) -> dict[str, BinaryOutcome]:
    """Each binary endpoint in the order of the cohort. Within days: an event up to that day has happened; whoever was followed to
    that day without one has not had it; whoever was censored before is unknown. A response that could not be evaluated is none.
    ProtocolError where a column cannot be read as true or false."""
    found = {}
    for name, endpoint in protocol.binary_endpoints.items():
        if endpoint.of is not None:
            known = _within(endpoint, times[endpoint.of])
        elif endpoint.response is not None:
            assert protocol.response is not None
            best = best_response[protocol.response.criteria[0]]
            known = _known(np.isin(best.astype(str), RATES[endpoint.response]).astype(float), "")
        else:
            known = _known(_of_column(protocol, engine, cohort, name, endpoint), NOT_RECORDED)
        found[name] = BinaryOutcome(1.0 - known.happened, known.unknown) if endpoint.absent else known
    return found


def _within(endpoint: BinaryEndpoint, times: TimeToEvent) -> BinaryOutcome:
    day = float(endpoint.within_days or 0)
    free = times.time >= day
    if times.competing is not None:
        free = free | times.competing  # whoever had the competing event first can no longer have this one
    happened = np.where((times.event == 1) & (times.time <= day), 1.0, np.where(free, 0.0, np.nan))
    return _known(happened, f"censored before day {day:g}")


def _known(happened: np.ndarray, why: str) -> BinaryOutcome:
    return BinaryOutcome(happened, np.where(np.isnan(happened), why, "").astype(object))


def _of_column(protocol: Protocol, engine: Engine, cohort: Cohort, name: str, endpoint: BinaryEndpoint) -> np.ndarray:
    """1, 0 or nan of a condition over the spreadsheet's columns."""
    place = protocol.place("endpoints", name, "event")
    sql = safe_sql(str(endpoint.event), engine.columns("patients"), place)
    try:
        rows = engine.rows(f"select patient_id, case when {sql} then 1 when not ({sql}) then 0 end from patients")
    except EngineError as error:
        message = f'the event "{endpoint.event}" cannot be read as true or false'
        raise ProtocolError(Fault(place, "expression", message)) from error
    values = dict(rows)
    return np.array([np.nan if values[p] is None else float(values[p]) for p in cohort.patient])
