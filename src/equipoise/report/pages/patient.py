"""One patient on one page, for the user's own screen: never written into the folder of a report."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from equipoise.document.html import render_html
from equipoise.document.model import Block, Cell, Document, Figure, Section, Table, TableRow, numbered, text
from equipoise.folders import added, write
from equipoise.protocol.spec import Protocol
from equipoise.records import PatientTimeline
from equipoise.report import format as fmt
from equipoise.report.figures.canvas import render
from equipoise.report.figures.timeline import patient_figure
from equipoise.report.language import written
from equipoise.report.tables.cells import body, head, stub
from equipoise.report.words import words


def write_patient(protocol: Protocol, one: PatientTimeline, folder: Path) -> Path:
    """Write `patient-<identifier>.html` to a folder and return its path."""
    with written(protocol):
        page = render_html(patient_document(protocol, one))
    with added(folder, "patients") as new:
        write(new / _file_name(one.patient), page)
    return folder / _file_name(one.patient)


def _file_name(patient: str) -> str:
    """Two patients never share a name: where signs are left out, six digits of the sha256 of the identifier follow."""
    plain = re.sub(r"[^0-9A-Za-z_-]+", "_", patient)[:80]
    ending = "" if plain == patient else f"-{hashlib.sha256(patient.encode()).hexdigest()[:6]}"
    return f"patient-{plain}{ending}.html"


def patient_document(protocol: Protocol, one: PatientTimeline) -> Document:
    """The timeline, then what decided: each scan in words, endpoints, doses, adverse events."""
    counted = {"response": len(one.scans), "adverse_event": len(one.adverse_events)}
    listed = fmt.listed([words(f"counts.{name}", count=n) for name, n in counted.items()])
    title, alt, caption = words("patient.timeline"), words("patient.alt", listed=listed), words("patient.caption")
    figure = Figure("figure_patient", title, render(patient_figure(one)), alt, caption)
    blocks: list[Block | None] = [text(_sentence(protocol, one)), figure, _endpoints(one), _scans(one), _doses(one), _events(one)]
    title = words("patient.title", patient=one.patient)
    section = Section("patient", words("patient.timeline"), tuple(b for b in blocks if b is not None))
    return numbered(
        Document(title, (section,), notice=" ".join(x for x in (protocol.study.notice, words("patient.notice")) if x))
    )


def _sentence(protocol: Protocol, one: PatientTimeline) -> str:
    ends = [
        words("patient.event" if e["event"] else "patient.censored", endpoint=e["label"], day=f"{e['day']:g}")
        for e in one.endpoints
    ]
    return words("patient.ends", arm=protocol.arms.label(one.arm), ends="; ".join(ends))


def _table(name: str, title: str, columns: list[str], rows: list[list[str]]) -> Table | None:
    if not rows:
        return None
    line = TableRow((head(columns[0], align="left"), *(head(c) for c in columns[1:])))
    return Table(name, title, (line,), tuple(body(stub(r[0]), *(Cell(c, align="left") for c in r[1:])) for r in rows))


def _endpoints(one: PatientTimeline) -> Table | None:
    rows = []
    for e in one.endpoints:
        kind = "event" if e["event"] else "censored"
        rows.append([e["label"], f"{e['day']:g}", kind, str(e["source"]).replace("_", " ")])
    return _table(
        "table_endpoints",
        words("patient.endpoints.title"),
        [words("patient.endpoints.endpoint"), words("patient.day"), "", words("patient.endpoints.decided_by")],
        rows,
    )


def _scans(one: PatientTimeline) -> Table | None:
    """A row per scan, a column per criterion."""
    criteria = list(dict.fromkeys(r["criterion"] for r in one.scans))
    why = {(r["visit"], r["criterion"]): r["reason"] for r in one.scans}
    visits = sorted({(r["day"], r["visit"]) for r in one.scans})
    rows = [[f"{day:g}", str(visit), *(why.get((visit, c), "") for c in criteria)] for day, visit in visits]
    return _table(
        "table_scans", words("patient.scans.title"), [words("patient.day"), words("patient.scans.visit"), *criteria], rows
    )


def _doses(one: PatientTimeline) -> Table | None:
    rows = []
    for r in one.doses:
        dose = "" if r["dose_mg_day"] is None else f"{r['dose_mg_day']:g}"
        rows.append([fmt.to(f"{r['day']:g}", _end(r)), dose, _said(r["change_reason"]), _said(r["stop_reason"])])
    return _table(
        "table_doses",
        words("patient.doses.title"),
        [words("patient.days"), words("patient.doses.dose"), words("patient.doses.began"), words("patient.doses.stopped")],
        rows,
    )


def _events(one: PatientTimeline) -> Table | None:
    rows = [
        [
            r["ctcae_term"],
            words("numbers.to", low=f"{r['day']:g}", high=_end(r)),
            str(r["grade"]),
            _said(r["attribution"]),
            _said(r["action"]),
        ]
        for r in one.adverse_events
    ]
    return _table(
        "table_events",
        words("patient.events.title"),
        [
            words("patient.events.term"),
            words("patient.days"),
            words("patient.events.grade"),
            words("patient.events.attribution"),
            words("patient.events.action"),
        ],
        rows,
    )


def _end(row: dict) -> str:
    return "\u2026" if row["stop_day"] is None else f"{row['stop_day']:g}"


def _said(value: str | None) -> str:
    return value or ""
