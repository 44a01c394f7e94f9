"""Best overall response, objective response and disease control by criterion and cohort."""

from __future__ import annotations

from equipoise.report import format as fmt
from equipoise.report.document import Cell, Footnotes, Table, TableRow, group
from equipoise.report.lookup import Numbers
from equipoise.report.tables.cells import EMPTY, body, head, n_percent, p_cell, percent_interval, stub, with_n

PHASE = "response"
LEVELS = {
    "CR": "Complete response",
    "PR": "Partial response",
    "SD": "Stable disease",
    "NON-CR/NON-PD": "Neither complete response nor progression",
    "PD": "Progressive disease",
    "NE": "Could not be evaluated",
}
RATES = {"orr": "Objective response rate", "dcr": "Disease control rate"}


def criteria(numbers: Numbers) -> list[str]:
    asked = numbers.protocol.response.criteria if numbers.protocol.response else []
    return [c for c in asked if numbers.has(phase=PHASE, endpoint=c)]


def response_table(numbers: Numbers) -> Table | None:
    """Columns: arms and P within each criterion. A block of rows per cohort."""
    used = criteria(numbers)
    if not used:
        return None
    notes = Footnotes()
    width = 1 + len(used) * (len(numbers.arms) + 1)
    rows: list[TableRow] = []
    for design in numbers.design_names:
        if numbers.has(phase=PHASE, design=design):
            rows += _cohort(numbers, design, used, notes, width)
    title = "Best overall response" + (f" by {fmt.listed(used)}" if used else "")
    return Table("table_response", title, _head(numbers, used), tuple(rows), notes.listed(), _notes(numbers))


def _head(numbers: Numbers, used: list[str]) -> tuple[TableRow, ...]:
    spans = [head("", align="left")] + [head(c, len(numbers.arms) + 1) for c in used]
    line = [head("Response", align="left")]
    for _ in used:
        line += [head(numbers.arm_label(a)) for a in numbers.arms] + [head("P")]
    return TableRow(tuple(spans)), TableRow(tuple(line))


def _cohort(numbers: Numbers, design: str, used: list[str], notes: Footnotes, width: int) -> list[TableRow]:
    sizes = ", ".join(with_n(numbers.arm_label(a), numbers.arm_n(design, a)) for a in numbers.arms)
    rows = [group(f"{numbers.design_label(design)}: {sizes}", width)]
    for level, label in LEVELS.items():
        if level != "NON-CR/NON-PD" or _seen(numbers, design, level):
            rows.append(_level(numbers, design, used, level, label, notes))
    for rate, label in RATES.items():
        rows += _rate(numbers, design, used, rate, label, notes)
    return rows


def _seen(numbers: Numbers, design: str, level: str) -> bool:
    rows = numbers.where(phase=PHASE, design=design, analysis="best_response", level=level, statistic="percent")
    return any(r.events > 0 for r in rows)


def _level(numbers: Numbers, design: str, used: list[str], level: str, label: str, notes: Footnotes) -> TableRow:
    cells = [stub(label)]
    for criterion in used:
        part = {"design": design, "endpoint": criterion, "analysis": "best_response", "level": level}
        cells += [n_percent(numbers, numbers.row(PHASE, "percent", group=a, **part)) for a in numbers.arms]
        cells.append(p_cell(numbers.row(PHASE, "p", **part), notes))
    return body(*cells)


def _rate(numbers: Numbers, design: str, used: list[str], rate: str, label: str, notes: Footnotes) -> list[TableRow]:
    """Counts with the test, and the exact interval on a line of its own."""
    first, second = [stub(label, bold=True)], [stub("% (95% CI)", 1)]
    for criterion in used:
        part = {"design": design, "endpoint": criterion, "analysis": rate}
        for arm in numbers.arms:
            row = numbers.row(PHASE, "percent", group=arm, **part)
            first.append(n_percent(numbers, row))
            second.append(Cell(percent_interval(row)))
        first.append(p_cell(numbers.row(PHASE, "p", **part), notes))
        second.append(EMPTY)
    return [body(*first), body(*second)]


def _notes(numbers: Numbers) -> tuple[str, ...]:
    response = numbers.protocol.response
    assert response is not None
    kind = "Clopper-Pearson (exact)" if response.intervals == "clopper-pearson" else "Wilson"
    confirmed = "Confirmation was required." if response.confirmation else "Confirmation was not required."
    return (
        f"Values are number (percent of all patients of the arm). CI, confidence interval, {kind}.",
        f"{confirmed} Stable disease needs {response.sd_minimum_days} days; patients who could not be evaluated count as "
        "non-responders in both rates.",
    )
