"""ADaM-like data sets of the analysed patients: ADSL (a row per patient), ADTTE (per endpoint), ADRS (per visit and best).

Conventions, which the README beside the files states: AVAL of ADTTE is ADT - STARTDT in days, without the + 1 that many
sponsors add, as everywhere in Equipoise, and at least 1 where a date of the day itself censors; CNSR is 0 at an event and 1
where censored. ADRS codes AVAL as CR 1, PR 2, SD 3, NON-CR/NON-PD 4, PD 5, NE 6. Names have at most 8 characters and labels
at most 40, so that the same sets can be written as SAS transport files.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from equipoise.csv_text import csv_text
from equipoise.folders import added, write
from equipoise.records import Study
from equipoise.reproduce.at_limits import comparators, limits_note

Cell = str | float | int | dt.date | None
RESPONSE_CODES = {"CR": 1, "PR": 2, "SD": 3, "NON-CR/NON-PD": 4, "PD": 5, "NE": 6}
CRITERIA = {"RECIST 1.1": ("OVRLRESP", "BOR"), "mRECIST": ("OVRLMREC", "BORMREC")}
NAME_LENGTH, LABEL_LENGTH = 8, 40
NOTE = """\
ADaM-like data sets of study {study}: {sets}. They hold rows of patients: treat them as patient data.
ADTTE: AVAL = ADT - STARTDT in days (no + 1), at least 1 where a date of the index day censors; CNSR 0 = event, 1 = censored;
SRCDOM names the protocol's source that decided. ADRS: AVAL CR 1, PR 2, SD 3, NON-CR/NON-PD 4, PD 5, NE 6; best responses are
{confirmation}. A study without calendar dates has empty STARTDT and ADT.
{transport}
"""


@dataclass(frozen=True, slots=True)
class DataSet:
    """labels: variable -> label, in order. rows: cells in that order; dates are datetime.date."""

    name: str
    title: str
    labels: dict[str, str]
    rows: list[list[Cell]]


def write_adam(study: Study, folder: Path) -> Path:
    """adsl, adtte and, with response, adrs as csv; as xpt too where the extra [files] is installed. Returns the README."""
    sets = [adsl(study), adtte(study)] + ([adrs(study)] if study.outcomes.best_response else [])
    with added(folder, "export-adam", whole=True) as new:
        for data in sets:
            write(new / f"{data.name.lower()}.csv", _csv(data))
        write(new / "README.txt", _note(study, sets, _write_transport(sets, new)))
    return folder / "README.txt"


def _note(study: Study, sets: list[DataSet], written: bool) -> str:
    transport = "The xpt files are SAS transport files, version 5." if written else "xpt: install 'equipoise[files]'."
    response = study.protocol.response
    confirmation = "confirmed" if response is not None and response.confirmation else "not confirmed"
    return NOTE.format(
        study=study.protocol.study.id, sets=", ".join(d.name for d in sets), confirmation=confirmation, transport=transport
    ) + limits_note(study)


def adsl(study: Study) -> DataSet:
    """One row per analysed patient: treatment, index date, site, match, propensity score, and the covariates."""
    protocol, cohort = study.protocol, study.cohort
    columns: dict[str, tuple[str, list[Cell]]] = {
        "STUDYID": ("Study Identifier", [protocol.study.id] * cohort.n),
        "USUBJID": ("Unique Subject Identifier", [str(p) for p in cohort.patient]),
    }
    if cohort.site is not None:
        columns["SITEID"] = ("Study Site Identifier", [_plain(s) for s in cohort.site])
    arms = [protocol.arms.label(str(a)) for a in cohort.arm]
    columns["TRT01P"] = ("Planned Treatment for Period 01", arms)
    columns["TRT01A"] = ("Actual Treatment for Period 01", arms)
    columns["TRT01AN"] = (
        "Actual Treatment for Period 01 (N)",
        [list(protocol.arms.groups).index(str(a)) + 1 for a in cohort.arm],
    )
    columns["TRTSDT"] = ("Date of First Exposure to Treatment", [_plain(d) for d in cohort.index_date])
    columns["ITTFL"] = ("Intent-To-Treat Population Flag", ["Y"] * cohort.n)
    for design in study.designs:
        if design.paired and design.name == study.protocol.primary:
            columns["MATCHFL"] = ("Propensity Score Matched Flag", ["Y" if i else "N" for i in design.include])
            columns["PAIRID"] = ("Matched Pair Identifier", [int(p) if p else None for p in design.pair])
            columns["PSCORE"] = ("Propensity Score of the Focal Arm", [_plain(p) for p in design.propensity])
        if design.sample.weighted and design.name == study.protocol.primary:
            if len(design.propensity):  # of several arms no one score says all
                columns["PSCORE"] = ("Propensity Score of the Focal Arm", [_plain(p) for p in design.propensity])
            columns["PSWT"] = ("Propensity Score Weight", [float(w) if w else None for w in design.weight])
            if design.sample.stratum is not None:
                columns["PSCLASS"] = ("Class of the Propensity Score", [int(k) if k else None for k in design.sample.stratum])
    taken = set(columns)
    for name, values in study.covariates.values.items():
        columns[short_name(name, taken)] = (protocol.covariates[name].label, [_plain(v) for v in values])
    for name, signs in comparators(study).items():
        label = f"Comparator of {protocol.covariates[name].label}"
        columns[short_name(f"{short_name(name, set())[: NAME_LENGTH - 2]}LC", taken)] = (label, [_plain(s) for s in signs])
    return _by_patient("ADSL", "Subject-Level Analysis Dataset", columns)


def adtte(study: Study) -> DataSet:
    """One row per endpoint and patient. EVNTDESC: what happened or why not; CNSDTDSC: the source that censored."""
    labels = {
        "STUDYID": "Study Identifier", "USUBJID": "Unique Subject Identifier", "TRTA": "Actual Treatment", "PARAM": "Parameter",
        "PARAMCD": "Parameter Code", "STARTDT": "Time-to-Event Origin Date for Subject", "ADT": "Analysis Date",
        "AVAL": "Analysis Value", "AVALU": "Analysis Value Unit", "CNSR": "Censor", "EVNTDESC": "Event or Censoring Description",
        "CNSDTDSC": "Censor Date Description", "SRCDOM": "Source Data",
    }  # fmt: skip
    dates = _end_dates(study)
    taken: set[str] = set()
    rows: list[list[Cell]] = []
    for name, endpoint in study.outcomes.endpoints.items():
        code = short_name(name, taken)
        for i, patient in enumerate(study.cohort.patient):
            event = bool(endpoint.event[i])
            source = str(endpoint.source[i])
            said = source.replace("_", " ").capitalize()
            start = _plain(study.cohort.index_date[i])
            end = dates.get((name, patient))
            if end is None and isinstance(start, dt.date):
                end = start + dt.timedelta(days=int(endpoint.time[i]))
            rows.append(
                [study.protocol.study.id, str(patient), study.protocol.arms.label(str(study.cohort.arm[i])), endpoint.label, code,
                 start, end, _plain(endpoint.time[i]), "DAYS", 0 if event else 1, said if event else "Censored",
                 None if event else said, source]
            )  # fmt: skip
    rows.sort(key=lambda r: (str(r[1]), str(r[4])))
    return DataSet("ADTTE", "Time-to-Event Analysis Dataset", labels, rows)


def adrs(study: Study) -> DataSet:
    """One row per visit and criterion (PARAMCD OVRLRESP, OVRLMREC) and per best response (BOR, BORMREC)."""
    labels = {
        "STUDYID": "Study Identifier", "USUBJID": "Unique Subject Identifier", "TRTA": "Actual Treatment", "PARAM": "Parameter",
        "PARAMCD": "Parameter Code", "PARCAT1": "Parameter Category 1", "AVISITN": "Analysis Visit (N)", "ADT": "Analysis Date",
        "ADY": "Analysis Relative Day", "AVALC": "Analysis Value (C)", "AVAL": "Analysis Value", "AVALDESC": "Reason in Words",
    }  # fmt: skip
    arm = {p: study.protocol.arms.label(str(a)) for p, a in zip(study.cohort.patient, study.cohort.arm, strict=True)}
    rows: list[list[Cell]] = []
    visits = study.sources.engine.rows(
        "select patient_id, criterion, visit, date, day, overall, reason from visit_response where overall is not null "
        "order by criterion, patient_id, date, visit"
    )
    for patient, criterion, visit, date, day, overall, reason in visits:
        if patient in arm:
            rows.append(
                [study.protocol.study.id, patient, arm[patient], "Overall Response", CRITERIA[criterion][0], criterion, visit,
                 date, _study_day(day), overall, RESPONSE_CODES.get(overall), reason]
            )  # fmt: skip
    found = study.sources.engine.rows("select patient_id, criterion, bor, date from best_response")
    for patient, criterion, best, date in found:
        _, code = CRITERIA[criterion]
        rows.append(
            [study.protocol.study.id, patient, arm[patient], "Best Overall Response", code, criterion, None, date, None, best,
             RESPONSE_CODES.get(best), None]
        )  # fmt: skip
    rows.sort(key=lambda r: (str(r[1]), str(r[4]), r[6] if isinstance(r[6], int) else -1))
    return DataSet("ADRS", "Response Analysis Dataset", labels, rows)


def short_name(name: str, taken: set[str]) -> str:
    """A SAS transport name: capitals, digits and _, at most 8 characters, not yet taken; then it is."""
    plain = re.sub(r"[^0-9A-Z]+", "_", name.upper()).strip("_") or "V"
    plain = plain if plain[0].isalpha() else f"V{plain}"
    found, k = plain[:NAME_LENGTH].rstrip("_"), 2
    while found in taken:
        found, k = f"{plain[: NAME_LENGTH - len(str(k))]}{k}", k + 1
    taken.add(found)
    return found


def _study_day(day: Any) -> int | None:
    """CDISC has no day 0: the index date is day 1, the day before it day -1."""
    return None if day is None else int(day) + 1 if day >= 0 else int(day)


def _end_dates(study: Study) -> dict[tuple[str, Any], dt.date]:
    engine = study.sources.engine
    if not engine.has("endpoint_time") or "date" not in engine.columns("endpoint_time"):
        return {}
    rows = engine.rows("select endpoint, patient_id, date from endpoint_time where date is not null")
    return {(e, p): d for e, p, d in rows if isinstance(d, dt.date)}


def _by_patient(name: str, title: str, columns: dict[str, tuple[str, list[Cell]]]) -> DataSet:
    rows = [list(r) for r in zip(*(cells for _, cells in columns.values()), strict=True)]
    return DataSet(name, title, {k: label for k, (label, _) in columns.items()}, rows)


def _plain(value: Any) -> Cell:
    if hasattr(value, "item"):
        value = value.item()
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool):
        return int(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _csv(data: DataSet) -> str:
    return csv_text(data.labels, ([c.isoformat() if isinstance(c, dt.date) else c for c in row] for row in data.rows))


def _write_transport(sets: list[DataSet], folder: Path) -> bool:
    try:
        import pyreadstat
    except ImportError:
        return False
    for data in sets:
        pyreadstat.write_xport(
            _frame(data),
            str(folder / f"{data.name.lower()}.xpt"),
            file_label=data.title[:LABEL_LENGTH],
            column_labels=[label[:LABEL_LENGTH] for label in data.labels.values()],
            table_name=data.name,
            file_format_version=5,
            variable_format={v: "DATE9." for v in data.labels if v.endswith("DT")},
        )
    return True


def _frame(data: DataSet) -> Any:
    """Numbers as float, dates as SAS days (from 1960-01-01), everything else as text; empty text for missing."""
    import pandas as pd

    columns = {}
    for i, name in enumerate(data.labels):
        cells = [row[i] for row in data.rows]
        filled = [c for c in cells if c is not None]
        if name.endswith("DT"):
            columns[name] = pd.Series(
                [math.nan if c is None else float((c - dt.date(1960, 1, 1)).days) for c in cells], dtype=float
            )
        elif filled and all(isinstance(c, int | float) for c in filled):
            columns[name] = pd.Series([math.nan if c is None else float(c) for c in cells], dtype=float)
        else:
            columns[name] = pd.Series(["" if c is None else str(c) for c in cells], dtype=object)
    return pd.DataFrame(columns)
