"""The treatment effect where an exclusion was known only after the index date: naive, and from the landmark, side by side."""

from __future__ import annotations

from equipoise.document.model import Cell, Table, TableRow
from equipoise.protocol.late_exclusions import late_exclusions
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.tables.cells import EMPTY, body, events_of, head, plain_p, ratio_cell, ratio_note, stub
from equipoise.report.words import words

PHASE = "time_zero"


def late_exclusions_table(numbers: Numbers) -> Table | None:
    """A block per exclusion and endpoint: as analysed, then from the landmark; columns per design. None where there is none,
    and of a single arm."""
    if numbers.protocol.arms.single:
        return None
    rows: list[TableRow] = []
    for name, exclude in late_exclusions(numbers.protocol).items():
        for endpoint, info in numbers.protocol.main_endpoints.items():
            rows.append(_line(numbers, name, endpoint, "naive", words("late_exclusions.naive", endpoint=info.short)))
            said = words("late_exclusions.landmark", endpoint=info.short, day=fmt.short(exclude.landmark_day))
            rows.append(_line(numbers, name, endpoint, "landmark", said))
    if not rows:
        return None
    top = [head("", align="left"), *(head(numbers.design_label(d), 3) for d in numbers.design_names)]
    line = [head(words("late_exclusions.exclusion"), align="left")]
    line += [
        head(x) for _ in numbers.design_names for x in (words("columns.events"), words("columns.hr", ci=numbers.protocol.ci), "P")
    ]
    return Table(
        "table_late_exclusions",
        words("late_exclusions.title"),
        (TableRow(tuple(top)), TableRow(tuple(line))),
        tuple(_headed(numbers, rows)),
        (),
        (ratio_note(numbers), words("notes.interval")),
        True,
    )


def _headed(numbers: Numbers, rows: list[TableRow]) -> list[TableRow]:
    """The lines under the exclusion they belong to."""
    declared = list(late_exclusions(numbers.protocol).values())
    size = len(rows) // len(declared)
    empty = [EMPTY] * (3 * len(numbers.design_names))
    found: list[TableRow] = []
    for k, exclude in enumerate(declared):
        found += [body(stub(exclude.reason, bold=True), *empty), *rows[k * size : (k + 1) * size]]
    return found


def _line(numbers: Numbers, name: str, endpoint: str, analysis: str, said: str) -> TableRow:
    cells: list[Cell] = []
    for design in numbers.design_names:
        part = {"endpoint": endpoint, "design": design, "analysis": analysis, "variable": name, "contrast": numbers.contrast}
        hr = numbers.row(PHASE, "hr", **part)
        cells += [events_of(hr), ratio_cell(hr), plain_p(numbers.row(PHASE, "p", **part))]
    return body(stub(said, indent=1), *cells)
