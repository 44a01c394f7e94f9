"""One patient's rows in days from the index date, for a page on the user's own screen."""

from __future__ import annotations

from typing import Any

from equipoise.engine import Engine
from equipoise.errors import DataError, Fault
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, PatientTimeline

LABS = 12  # analytes drawn, those with most values first
BEFORE = -60  # first day of laboratory values shown
SCAN = "criterion, visit, target_sum_mm, overall, new_lesion, reason"


def patient_timeline(protocol: Protocol, engine: Engine, cohort: Cohort, patient: str) -> PatientTimeline:
    """Scans with reasons, doses, labs, adverse events, later therapy and endpoints of an analysed patient, needs
    `derive_outcomes`. Raises DataError when the patient is not among the analysed."""
    found = [i for i, p in enumerate(cohort.patient) if str(p) == patient]
    if not found:
        message = "this patient is not among the analyzed patients; the identifier is compared letter by letter"
        raise DataError(Fault(protocol.file or "study", "unknown patient", message, patient))

    def rows(table: str, columns: str, day: str, where: str = "true", order: str = "day") -> tuple[dict[str, Any], ...]:
        if not engine.has(table):
            return ()
        since = f"date_diff('day', cohort.index_date, {table}.{day})"
        sql = (
            f"select {since} as day, {columns} from {table} join cohort on cohort.patient_id = {table}.patient_id "
            f"where {table}.patient_id = ? and ({where}) order by {order}, {table}.source_row"
        )
        names = ["day", *(c.split(" as ")[-1].strip() for c in columns.split(","))]
        return tuple(dict(zip(names, row, strict=True)) for row in engine.rows(sql, [patient]))

    def until(table: str) -> str:
        return f"cast({table}.stop - cohort.index_date as bigint) as stop_day"

    later = f"date_diff('day' , cohort.index_date , {{}}.date) >= {BEFORE}"
    return PatientTimeline(
        patient=patient,
        arm=str(cohort.arm[found[0]]),
        scans=_scans(engine, patient, rows("visit_response", SCAN, "date", order="criterion, day")),
        doses=rows("exposure", f"dose_mg_day, change_reason, stop_reason, {until('exposure')}", "start"),
        labs=rows("lab", "analyte, value, comparator, unit", "date", later.format("lab"), "analyte, day"),
        adverse_events=rows("ae", f"ctcae_term, grade, attribution, action, {until('ae')}", "start"),
        therapies=rows("subsequent_therapy", f"line, regimen, {until('subsequent_therapy')}", "start"),
        endpoints=_endpoints(protocol, engine, patient),
        baseline_mm=_baseline(engine, patient),
    )


def disagreements(engine: Engine) -> list[dict[str, Any]]:
    """Visits at which the recorded response is not the one that the lesions give, with the reason of the latter."""
    if not engine.has("response_comparison"):
        return []
    names = ("criterion", "patient_id", "visit", "reader", "computed", "recorded", "reason")
    sql = f"select {', '.join(names)} from response_comparison where differ order by criterion, patient_id, visit, source_row"
    return [dict(zip(names, row, strict=True)) for row in engine.rows(sql)]


def _scans(engine: Engine, patient: str, scans: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
    """The reason of a scan names a recorded response that differs from what the lesions give."""
    found = {(d["criterion"], d["visit"]): d for d in disagreements(engine) if d["patient_id"] == patient}
    out = []
    for scan in scans:
        other = found.get((scan["criterion"], scan["visit"]))
        words = f"; recorded {other['recorded']}, by the lesions {other['computed']}" if other else ""
        out.append({**scan, "reason": scan["reason"] + words})
    return tuple(out)


def _baseline(engine: Engine, patient: str) -> dict[str, float]:
    if not engine.has("visit_response"):
        return {}
    known = "select distinct criterion, baseline_mm from visit_response where patient_id = ? and baseline_mm > 0"
    return dict(engine.rows(known, [patient]))


def _endpoints(protocol: Protocol, engine: Engine, patient: str) -> tuple[dict[str, Any], ...]:
    found = engine.rows("select endpoint, time_days, event, source from endpoint_time where patient_id = ?", [patient])
    by_name = {row[0]: row[1:] for row in found}
    return tuple(
        {"label": e.label, "short": e.short, "day": by_name[n][0], "event": bool(by_name[n][1]), "source": by_name[n][2]}
        for n, e in protocol.endpoints.items()
        if n in by_name
    )
