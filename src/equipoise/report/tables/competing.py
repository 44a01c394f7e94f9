"""The lines of an endpoint with a competing event in the table of effects on other scales."""

from __future__ import annotations

from equipoise.document.model import Cell, Footnotes, TableRow
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.made import spoken
from equipoise.report.tables.cells import EMPTY, body, p_cell, plain_p, printed, ratio_cell, stub
from equipoise.report.words import words

PHASE = "effect"


def competing_lines(numbers: Numbers, part: dict[str, str], notes: Footnotes) -> list[TableRow]:
    """Cumulative incidence at the landmarks with Gray's P, patients with the competing event, and both hazard ratios."""
    counts = [numbers.row(PHASE, "n", analysis="incidence", variable="competing", group=a, **part) for a in numbers.arms]
    if any(c is None for c in counts):
        return []
    gray = numbers.row(PHASE, "p", analysis="incidence", **part)
    levels = dict.fromkeys(
        r.level for r in numbers.where(PHASE, analysis="incidence", statistic="incidence", population="all", **part)
    )
    rows = [
        body(
            stub(words("competing.incidence", time=fmt.lasting(level)), 1),
            *(_incidence(numbers, part, level, a, notes) for a in numbers.arms),
            EMPTY,
            EMPTY,
            EMPTY,
        )
        for level in levels
    ]
    blank = [EMPTY] * (len(numbers.arms) + 1)
    fits = [(words("competing.subdistribution"), PHASE, "fine_gray"), (words("competing.cause_specific"), "survival", "cox")]
    return [
        *rows,
        body(stub(words("competing.gray"), 1), *blank, EMPTY, p_cell(gray, notes)),
        body(
            stub(words("competing.patients"), 2),
            *(printed(fmt.count(c.value), c) for c in counts if c),
            EMPTY,
            EMPTY,
            EMPTY,
        ),
        *(_ratio(numbers, part, label, phase, analysis, notes) for label, phase, analysis in fits),
    ]


def _incidence(numbers: Numbers, part: dict[str, str], level: str, arm: str, notes: Footnotes) -> Cell:
    row = numbers.row(PHASE, "incidence", analysis="incidence", level=level, group=arm, **part)
    if row is None:
        return EMPTY
    return printed(
        fmt.percentage_estimate(100 * row.value, 100 * row.low, 100 * row.high), row, note=notes.mark(spoken(row.method))
    )


def _ratio(numbers: Numbers, part: dict[str, str], label: str, phase: str, analysis: str, notes: Footnotes) -> TableRow:
    where = {"analysis": analysis, "contrast": numbers.contrast, **part}
    hr, p = numbers.row(phase, "hr", **where), numbers.row(phase, "p", **where)
    return body(stub(label, 1), *[EMPTY] * (len(numbers.arms) + 1), ratio_cell(hr, notes), plain_p(p))
