"""When each patient came to have what the protocol groups by after the index date: a later treatment, a response, an event."""

from __future__ import annotations

import numpy as np

from equipoise.engine import Engine, quote, read_sql, values
from equipoise.errors import Fault, ProtocolError
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Onset

PACKAGE = "equipoise.outcomes"
COLUMNS = ["name", "kind", "line", "criterion", "term", "grade_from"]
RELATIONS = {"subsequent_therapy": "onset_therapy", "response": "onset_response", "adverse_event": "onset_event"}


def onsets(protocol: Protocol, engine: Engine, cohort: Cohort) -> dict[str, Onset]:
    """Name of each `post_index` grouping -> day (from the index date, nan = never) and type, in the order of the cohort."""
    if not protocol.post_index:
        return {}
    if protocol.data.rows is not None:
        return {name: _of_columns(protocol, engine, cohort, name) for name in protocol.post_index}
    _define(protocol, engine)
    used = dict.fromkeys(RELATIONS[p.kind] for p in protocol.post_index.values())
    found: dict[str, dict] = {name: {} for name in protocol.post_index}
    for relation in used:
        for name, patient, day, kind in engine.rows(f"select name, patient_id, day, type from {relation}"):
            found[name][patient] = (day, kind)
    return {name: _arrays(cohort, mine) for name, mine in found.items()}


def _define(protocol: Protocol, engine: Engine) -> None:
    rows = [
        (name, p.kind, p.line, p.criterion, None if p.term is None else p.term.strip().lower(), p.grade_from)
        for name, p in protocol.post_index.items()
    ]
    engine.define("setting_onset", values(COLUMNS, rows), phase="outcomes")
    for kind in dict.fromkeys(p.kind for p in protocol.post_index.values()):
        relation = RELATIONS[kind]
        engine.define(relation, read_sql(PACKAGE, f"{relation}.sql"), phase="outcomes")


def _of_columns(protocol: Protocol, engine: Engine, cohort: Cohort, name: str) -> Onset:
    """From a spreadsheet: day numbers in one column, optionally the type in another."""
    post, known = protocol.post_index[name], engine.columns("patients")
    asked = {key: getattr(post, key) for key in ("day", "type") if getattr(post, key) is not None}
    for key, column in asked.items():
        if column not in known:
            message = f"the spreadsheet has no column '{column}'. It has: {', '.join(sorted(set(known) - {'source_row'}))}."
            raise ProtocolError(Fault(protocol.place("post_index", name, key), "unknown column", message))
    if known[post.day] not in ("DOUBLE", "BIGINT", "INTEGER"):
        message = f"column '{post.day}' must hold days from the index date as numbers, empty for never."
        raise ProtocolError(Fault(protocol.place("post_index", name, "day"), "not a number", message))
    kind = quote(post.type) if post.type is not None else "cast(null as varchar)"
    day = quote(post.day)
    rows = engine.rows(f"select patient_id, {day}, cast({kind} as varchar) from patients where {day} is not null")
    return _arrays(cohort, {patient: (at, what) for patient, at, what in rows})


def _arrays(cohort: Cohort, found: dict) -> Onset:
    day = np.array([found.get(p, (np.nan, None))[0] for p in cohort.patient], dtype=float)
    kind = np.empty(cohort.n, dtype=object)
    kind[:] = [found.get(p, (None, None))[1] or "" for p in cohort.patient]
    return Onset(day, kind)
