"""Conduct of the study by arm: scans, readers, follow-up and death; then exposure to the index treatment."""

from __future__ import annotations

from equipoise.document.model import Cell, Table, TableRow
from equipoise.protocol.lines import line_name, ordinal
from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.tables.cells import EMPTY, body, footnotes, head, n_percent, p_cell, printed, stub, with_n

CONDUCT, EXPOSURE = "conduct", "exposure"
DESIGN = "unadjusted"
TOTAL = "total"
SCANS = {"missed": "Missed scans, of those due", "unscheduled": "Unscheduled scans", "unreadable": "Scans that could not be read"}
PATIENTS = {
    "started_below_protocol": "Started below the dose of the protocol",
    "reduced": "Dose reduced",
    "interrupted": "Interrupted",
    "raised": "Dose raised",
}
STOPPED = {"AE": "Adverse event", "lost": "Lost to follow-up"}


def conduct_table(numbers: Numbers) -> Table | None:
    """Schedule of scans, who read them, completeness of follow-up, last contact, deaths: cause and where learned."""
    notes = footnotes()
    rows: list[TableRow] = []
    if numbers.has(CONDUCT, analysis="first_scan"):
        p = p_cell(numbers.row(CONDUCT, "p", design=DESIGN, analysis="first_scan"), notes)
        rows.append(_quartiles(numbers, CONDUCT, "first_scan", "Time to the first scan, days, median (IQR)", p))
        rows.append(_line(numbers, "Scans after the index date, number", [_count(r) for r in _each(numbers, "n", "scans")]))
        for name, label in SCANS.items():
            found = _each(numbers, "percent", "scans", variable=name)
            rows += [_line(numbers, label, [n_percent(numbers, r) for r in found])] if any(found) else []
        rows += _levels(numbers, CONDUCT, "reader", "Scans read by, n (%)")
    if numbers.has(CONDUCT, analysis="completeness"):
        found = _each(numbers, "percent", "completeness")
        rows.append(_line(numbers, "Completeness of follow-up, %", [_percent(r) for r in found], notes.mark(_CLARK)))
    if numbers.has(CONDUCT, analysis="contact_gap"):
        label = "Last contact to data cut-off in the living, days, median (IQR)"
        rows.append(_quartiles(numbers, CONDUCT, "contact_gap", label))
    rows += _levels(numbers, CONDUCT, "cause_of_death", "Cause of death, n (% of deaths)")
    rows += _levels(numbers, CONDUCT, "source_of_death", "Death learned from, n (% of deaths)")
    if not rows:
        return None
    return Table(
        "table_conduct",
        "Conduct of the study",
        _head(numbers, *([] if numbers.single else ["P"])),
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
            numbers, f"Time on treatment, {unit}, median ({numbers.protocol.ci})", cells, notes.mark(found[0].method), blank=False
        )
    ]
    if numbers.has(EXPOSURE, analysis="relative_dose_intensity"):
        label = "Relative dose intensity, %, median (IQR)"
        rows.append(_quartiles(numbers, EXPOSURE, "relative_dose_intensity", label, None, notes.mark(_INTENSITY)))
    for name, said in PATIENTS.items():
        shares = _each(numbers, "percent", "patients_with", EXPOSURE, variable=name)
        if any(shares):
            rows.append(_line(numbers, f"{said}, n (%)", [n_percent(numbers, r) for r in shares], blank=False))
    rows += _levels(numbers, EXPOSURE, "stop_reason", "Reason for stopping, n (%)", blank=False)
    later = numbers.protocol.index_line + 1
    rows += _levels(numbers, EXPOSURE, line_name(later), f"{ordinal(later).capitalize()}-line treatment, n (%)", blank=False)
    note = "Patients at a data cut-off still on treatment are censored for time on treatment. No test is made."
    title = "Exposure to the index treatment"
    return Table("table_exposure", title, _head(numbers), tuple(rows), notes.listed(), (note,), supplement=True)


_CLARK = "Clark's index: days followed in percent of the days possible to death or the data cut-off (Lancet 2002;359:1309)"
_INTENSITY = (
    "Milligrams given in percent of the protocol's dose on every day from the first to the last dose, interruptions included"
)


def _notes(numbers: Numbers) -> tuple[str, ...]:
    planned = numbers.protocol.assessment
    if planned is None:
        return ()
    schedule = (
        f"A scan was planned every {planned.scan_interval_days} days, with a window of {planned.scan_window_days} days; a scan "
        "is missed for every such spacing that two scans lie further apart."
    )
    if planned.blinded is None:
        return (schedule, "Whether readers knew the treatment is not stated.")
    return schedule, f"Readers {'did not know' if planned.blinded else 'knew'} the treatment."


def _head(numbers: Numbers, *more: str) -> tuple[TableRow, ...]:
    names = ["", *(with_n(numbers.short_group(g), numbers.group_n(DESIGN, g)) for g in numbers.groups)]
    return (TableRow(tuple(head(x, align="center" if i else "left") for i, x in enumerate([*names, *more]))),)


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
        said = STOPPED.get(row.level, row.level[:1].upper() + row.level[1:])
        rows.append(body(stub(said, 1), *cells, *([EMPTY] if blank and not numbers.single else [])))
    return rows


def _count(row: Row | None) -> Cell:
    return EMPTY if row is None else printed(fmt.count(row.value), row)


def _percent(row: Row | None) -> Cell:
    return EMPTY if row is None else printed(fmt.percentage(row.value), row)
