"""How patients were followed and treated: schedule of scans, readers, completeness of follow-up, dosing of the index line."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from equipoise.engine import Engine, literal, read_sql, values
from equipoise.errors import ProtocolError
from equipoise.protocol.expressions import safe_sql, unfit_fault
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Conduct

PACKAGE = "equipoise.outcomes"


def define_conduct(protocol: Protocol, engine: Engine) -> None:
    """Define `conduct`, `scan_reader`, `protocol_dose` and `exposure_course`. Needs `baseline` and `observed`."""
    planned = protocol.assessment
    spacing = planned.scan_interval_days + planned.scan_window_days if planned else None
    engine.define("setting_assessment", f"select cast({spacing or 'null'} as bigint) as spacing_days", phase="outcomes")
    engine.define("protocol_dose", dose_sql(protocol, engine), phase="outcomes")
    for name, file in (("conduct", "conduct.sql"), ("scan_reader", "scan_reader.sql"), ("exposure_course", "exposure.sql")):
        engine.define(name, read_sql(PACKAGE, file), phase="outcomes")


def dose_sql(protocol: Protocol, engine: Engine) -> str:
    """Per patient the protocol's dose in mg per day: the first rule of the patient's arm that holds at baseline, else null."""
    if not protocol.dose:
        return values(["patient_id", "mg_day"], [("", 0.0)]) + " where false"
    columns = engine.columns("baseline")
    cases = []
    for arm, rules in protocol.dose.items():
        for i, rule in enumerate(rules):
            place = protocol.place("dose", arm, i, "when")
            holds = safe_sql(rule.when, columns, place) if rule.when else "true"
            if not engine.evaluates(holds, "baseline"):
                raise ProtocolError(unfit_fault(str(rule.when), place))
            cases.append(f"    when cohort.arm = {literal(arm)} and ({holds}) then {rule.mg_day!r}")
    lines = "\n".join(cases)
    return f"""select baseline.patient_id,
  cast(case
{lines}
  end as double) as mg_day
from baseline
join cohort on cohort.patient_id = baseline.patient_id"""


def collect(engine: Engine, cohort: Cohort) -> Conduct:
    """Both relations as arrays in the order of the cohort; scans by reader; regimens of the line after the index line."""
    place = {patient: i for i, patient in enumerate(cohort.patient)}
    readers: dict[str, np.ndarray] = defaultdict(lambda: np.zeros(cohort.n))
    for reader, patient, n in engine.rows("select reader, patient_id, n from scan_reader order by reader, patient_id"):
        readers[reader][place[patient]] = n
    return Conduct(_arrays(engine, "conduct", place), dict(readers), _arrays(engine, "exposure_course", place))


def _arrays(engine: Engine, relation: str, place: dict) -> dict[str, np.ndarray]:
    found = engine.fetch(f"select * from {relation}")
    order = np.argsort([place[p] for p in found.pop("patient_id")])
    return {name: _number(cells)[order] for name, cells in found.items()}


def _number(cells: np.ndarray) -> np.ndarray:
    """A column without any value as nan."""
    empty = cells.dtype == object and all(c is None for c in cells)
    return np.full(len(cells), np.nan) if empty else cells
