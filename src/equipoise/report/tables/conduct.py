"""Conduct of the study by arm: scans, readers, follow-up and death; then exposure to the index treatment."""

from __future__ import annotations

from equipoise.document.model import Cell, Table, TableRow
from equipoise.protocol.lines import line_name, ordinal
from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.made import spoken
from equipoise.report.tables.cells import EMPTY, body, footnotes, group_head, head, n_percent, p_cell, printed, stub
from equipoise.report.words import words

CONDUCT, EXPOSURE = "conduct", "exposure"
DESIGN = "unadjusted"
TOTAL = "total"
SCANS = (
    "missed",
    "unscheduled",
    "unreadable",
)
PATIENTS = (
    "started_below_protocol",
    "reduced",
    "interrupted",
    "raised",
)
STOPPED = (
    "AE",
    "lost",
)


def conduct_table(numbers: Numbers) -> Table | None:
    """Schedule of scans, who read them, completeness of follow-up, last contact, deaths: cause and where learned."""
    notes = footnotes()
    rows: list[TableRow] = []
    if numbers.has(CONDUCT, analysis="first_scan"):
        p = p_cell(numbers.row(CONDUCT, "p", design=DESIGN, analysis="first_scan"), notes)
        rows.append(_quartiles(numbers, CONDUCT, "first_scan", words("conduct_table.first_scan"), p))
        rows.append(_line(numbers, words("conduct_table.scans"), [_count(r) for r in _each(numbers, "n", "scans")]))
        for name in SCANS:
            found = _each(numbers, "percent", "scans", variable=name)
            rows += (
                [_line(numbers, words(f"conduct_table.scan.{name}"), [n_percent(numbers, r) for r in found])]
                if any(found)
                else []
            )
        rows += _levels(numbers, CONDUCT, "reader", words("conduct_table.read_by"))
    if numbers.has(CONDUCT, analysis="completeness"):
        found = _each(numbers, "percent", "completeness")
        rows.append(
            _line(
                numbers,
                words("conduct_table.completeness"),
                [_percent(r) for r in found],
                notes.mark(words("conduct_table.clark")),
            )
        )
    if numbers.has(CONDUCT, analysis="contact_gap"):
        label = words("conduct_table.contact")
        rows.append(_quartiles(numbers, CONDUCT, "contact_gap", label))
    rows += _levels(numbers, CONDUCT, "cause_of_death", words("conduct_table.cause_of_death"))
    rows += _levels(numbers, CONDUCT, "source_of_death", words("conduct_table.death_source"))
    if not rows:
        return None
    return Table(
        "table_conduct",
        words("sections.conduct"),
        _head(numbers, *([] if numbers.single else [words("columns.p")])),
        tuple(rows),
        notes.listed(),
        _notes(numbers),
        supplement=True,
    )


def exposure_table(numbers: Numbers) -> Table | None:
    """Time on treatment, dose intensity and changes, why treatment stopped, the next line."""
    if not numbers.has(EXPOSURE, analysis="time_on_treatment"):
        return None
    notes = footnotes()
    found = _each(numbers, "median", "time_on_treatment", EXPOSURE)
    unit, days = numbers.protocol.time_unit, numbers.protocol.days_per_unit
    cells = [printed(fmt.time_estimate(r.value, r.low, r.high, days, unit), r) if r else EMPTY for r in found]
    rows = [
        _line(
            numbers,
            words("conduct_table.time_on_treatment", unit=unit, ci=numbers.protocol.ci),
            cells,
            notes.mark(spoken(found[0].method)),
            blank=False,
        )
    ]
    if numbers.has(EXPOSURE, analysis="relative_dose_intensity"):
        label = words("conduct_table.dose_intensity")
        rows.append(
            _quartiles(numbers, EXPOSURE, "relative_dose_intensity", label, None, notes.mark(words("conduct_table.intensity")))
        )
    for name in PATIENTS:
        shares = _each(numbers, "percent", "patients_with", EXPOSURE, variable=name)
        if any(shares):
            rows.append(
                _line(numbers, words(f"conduct_table.patients_with.{name}"), [n_percent(numbers, r) for r in shares], blank=False)
            )
    rows += _levels(numbers, EXPOSURE, "stop_reason", words("conduct_table.stopped"), blank=False)
    later = numbers.protocol.index_line + 1
    rows += _levels(
        numbers, EXPOSURE, line_name(later), words("conduct_table.later_line", line=ordinal(later).capitalize()), blank=False
    )
    note = words("conduct_table.exposure_note")
    title = words("conduct_table.exposure")
    return Table("table_exposure", title, _head(numbers), tuple(rows), notes.listed(), (note,), supplement=True)


def _notes(numbers: Numbers) -> tuple[str, ...]:
    planned = numbers.protocol.assessment
    if planned is None:
        return ()
    schedule = words("conduct_table.planned", days=str(planned.scan_interval_days), window=str(planned.scan_window_days))
    if planned.blinded is None:
        return (schedule, words("conduct_table.blinding_unknown"))
    return schedule, words("conduct_table.blinded" if planned.blinded else "conduct_table.not_blinded")


def _head(numbers: Numbers, *more: str) -> tuple[TableRow, ...]:
    sizes = [group_head(numbers, DESIGN, g) for g in numbers.groups]
    return (TableRow((head("", align="left"), *sizes, *map(head, more))),)


def _each(numbers: Numbers, statistic: str, analysis: str, phase: str = CONDUCT, **parts: str) -> list[Row | None]:
    return [numbers.row(phase, statistic, design=DESIGN, analysis=analysis, group=g, **parts) for g in numbers.groups]


def _line(numbers: Numbers, label: str, cells: list[Cell], note: str = "", blank: bool = True) -> TableRow:
    return body(stub(label, note=note), *cells, *([EMPTY] if blank and not numbers.single else []))


def _quartiles(numbers: Numbers, phase: str, analysis: str, label: str, p: Cell | None = EMPTY, note: str = "") -> TableRow:
    cells = []
    for parts in zip(*(_each(numbers, s, analysis, phase) for s in ("median", "q1", "q3")), strict=True):
        cells.append(printed(fmt.estimate(*(r.value for r in parts), 0), *parts) if all(parts) else EMPTY)
    return body(stub(label, note=note), *cells, *([] if p is None or numbers.single else [p]))


def _levels(numbers: Numbers, phase: str, analysis: str, label: str, blank: bool = True) -> list[TableRow]:
    """A line per word of a column, under a line that names it."""
    found = numbers.where(phase, analysis=analysis, group=TOTAL, statistic="percent")
    if not found:
        return []
    rows = [_line(numbers, label, [EMPTY for _ in numbers.groups], blank=blank)]
    for row in found:
        cells = [n_percent(numbers, r) for r in _each(numbers, "percent", analysis, phase, level=row.level)]
        rows.append(body(stub(stop_words(row.level), 1), *cells, *([EMPTY] if blank and not numbers.single else [])))
    return rows


def stop_words(reason: str) -> str:
    """A reason as the data hold it, or in words where it has some."""
    return words(f"conduct_table.reason.{reason}") if reason in STOPPED else fmt.upper_first(spoken(reason))


def _count(row: Row | None) -> Cell:
    return EMPTY if row is None else printed(fmt.count(row.value), row)


def _percent(row: Row | None) -> Cell:
    return EMPTY if row is None else printed(fmt.percentage(row.value), row)
