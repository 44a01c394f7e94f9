"""The data sets beside analysis.csv: what scans, doses, adverse events and later treatments came to, as already derived.

All are csv of analysed patients; only those of which the study has anything are written. response.csv: a row per patient
and reading. response_recorded.csv: a row per visit that was both computed and recorded. adverse_events.csv: a row per
patient and term that occurred. safety.csv, conduct.csv, quality.csv: a row per patient. post_index.csv: a row per patient
and grouping; day (from the index date, empty = never) and type. imputed.csv: a row per imputation and patient.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from equipoise.protocol.lines import line_name
from equipoise.records import ResponseDetail, SafetyDetail, Study
from equipoise.reproduce.analysis_data import column_name, csv_text
from equipoise.reproduce.imputed_data import IMPUTED, imputed_columns

BEST = {"best_unconfirmed": False, "best_confirmed": True}
COURSE = ("response_day", "duration_days", "duration_event", "deepest_change_pct", "assessed_day")
LED_TO = {"reduce": "led_to_reduction", "interrupt": "led_to_interruption", "stop": "led_to_discontinuation"}
FOLLOWED = (
    "first_scan_day", "n_scans", "n_missed", "n_unscheduled", "n_unreadable", "followed_days", "possible_days", "died",
    "death_cause", "death_source",
)  # fmt: skip
EXPOSED = (
    "treated_days", "rdi", "start_mg", "protocol_mg", "n_reductions", "n_raised", "n_interruptions", "stop_reason",
)  # fmt: skip


def detail_files(study: Study) -> dict[str, str]:
    """File name -> text."""
    return {name: csv_text(columns) for name, columns in detail_sets(study).items()}


def detail_sets(study: Study) -> dict[str, dict]:
    """File name -> column -> values."""
    outcomes = study.outcomes
    sets = {"post_index.csv": _post_index(study), "quality.csv": _quality(study), IMPUTED: imputed_columns(study)}
    if outcomes.response_detail is not None:
        sets["response.csv"] = _response(study.cohort.patient, outcomes.response_detail)
        sets["response_recorded.csv"] = _recorded(outcomes.response_detail)
    if outcomes.safety is not None and outcomes.worst_grade:
        sets["adverse_events.csv"] = _adverse_events(study.cohort.patient, outcomes.safety)
        sets["safety.csv"] = _safety(study.cohort.patient, outcomes.safety)
    if outcomes.conduct is not None:
        sets["conduct.csv"] = _conduct(study)
    return {name: columns for name, columns in sorted(sets.items()) if columns and len(next(iter(columns.values())))}


def readers(study: Study) -> dict[str, str]:
    """Reader -> column of conduct.csv with the number of scans read."""
    assert study.outcomes.conduct is not None
    return {reader: f"reader_{k}" for k, reader in enumerate(study.outcomes.conduct.readers, start=1)}


def laboratory_columns(found: SafetyDetail) -> dict[str, str]:
    """Laboratory term -> column of safety.csv with its worst treatment-emergent grade; -1 = not gradable."""
    return {term: column_name("lab", term) for term in found.laboratory}


def findings(study: Study) -> dict[str, str]:
    """Rule of data quality -> column of quality.csv, 1 for the patients it concerns."""
    return {f.rule: column_name("finding", f.rule) for f in study.quality.findings}


def linked(study: Study) -> dict[str, str]:
    """Table -> column of quality.csv, 1 for the patients with a row in it."""
    return {table: column_name("linked", table) for table in study.quality.linkage}


def _response(patient: np.ndarray, detail: ResponseDetail) -> dict[str, np.ndarray]:
    names = list(dict.fromkeys(reading for reading, _ in detail.best))
    empty = np.full(len(patient), None, dtype=object)
    columns = {"patient_id": np.tile(patient, len(names)), "reading": np.repeat(names, len(patient))}
    for column, asked in BEST.items():
        columns[column] = _stacked(detail.best.get((name, asked), empty) for name in names)
    for column in COURSE:
        columns[column] = _stacked(detail.course[name][column] if name in detail.course else empty for name in names)
    return columns


def _stacked(parts: Iterable[np.ndarray]) -> np.ndarray:
    return np.concatenate([np.asarray(part, dtype=object) for part in parts])


def _recorded(detail: ResponseDetail) -> dict[str, np.ndarray]:
    pairs = {name: pair for name, pair in detail.compared.items() if len(pair[0])}
    if not pairs:
        return {}
    return {
        "reading": np.repeat(list(pairs), [len(pair[0]) for pair in pairs.values()]),
        "computed": np.concatenate([pair[0] for pair in pairs.values()]),
        "recorded": np.concatenate([pair[1] for pair in pairs.values()]),
    }


def _adverse_events(patient: np.ndarray, found: SafetyDetail) -> dict[str, list]:
    columns: dict[str, list] = {name: [] for name in ("patient_id", "term", "composite", "events", *LED_TO.values())}
    none = np.zeros(len(patient), dtype=bool)
    for term, count in sorted(found.counts.items()):
        for i in np.flatnonzero(count):
            columns["patient_id"].append(patient[i])
            columns["term"].append(term)
            columns["composite"].append(int(term in found.composites))
            columns["events"].append(int(count[i]))
            for action, name in LED_TO.items():
                columns[name].append(int(found.led_to[action].get(term, none)[i]))
    return columns


def _safety(patient: np.ndarray, found: SafetyDetail) -> dict[str, np.ndarray]:
    columns = {"patient_id": patient, "exposure_days": found.exposure_days}
    for grade, first in found.first.items():
        columns[f"first_{grade}_time"], columns[f"first_{grade}_cause"] = first.time, first.cause
    return columns | {column: found.laboratory[term] for term, column in laboratory_columns(found).items()}


def _conduct(study: Study) -> dict[str, np.ndarray]:
    conduct = study.outcomes.conduct
    assert conduct is not None
    columns = {"patient_id": study.cohort.patient}
    columns |= {name: conduct.followed[name] for name in FOLLOWED} | {name: conduct.exposed[name] for name in EXPOSED}
    columns["died"] = columns["died"].astype(int)
    regimen = study.outcomes.flags.get(f"{line_name(study.protocol.index_line + 1)}_regimen")
    if regimen is not None:
        columns["later_line_regimen"] = regimen
    return columns | {column: conduct.readers[reader] for reader, column in readers(study).items()}


def _quality(study: Study) -> dict[str, np.ndarray]:
    cohort = study.cohort
    who = cohort.patient.astype(str)
    columns = {"patient_id": cohort.patient}
    columns["site"] = cohort.site if cohort.site is not None else np.full(cohort.n, None, dtype=object)
    for finding in study.quality.findings:
        columns[findings(study)[finding.rule]] = np.isin(who, list(finding.patients)).astype(int)
    for table, column in linked(study).items():
        columns[column] = np.isin(who, list(study.quality.linkage[table])).astype(int)
    return columns


def _post_index(study: Study) -> dict[str, np.ndarray]:
    onsets = study.outcomes.onsets
    if not onsets:
        return {}
    n = study.cohort.n
    known = [~np.isnan(o.day) for o in onsets.values()]
    kinds = [np.where(k, o.type.astype(str), None) for k, o in zip(known, onsets.values(), strict=True)]
    return {
        "patient_id": np.tile(study.cohort.patient, len(onsets)),
        "grouping": np.repeat(list(onsets), n),
        "day": np.concatenate([o.day for o in onsets.values()]),
        "type": np.concatenate(kinds),
    }
