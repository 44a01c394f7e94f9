"""The treatment effect on other scales: restricted means, survival at landmarks, adjusted within each design."""

from __future__ import annotations

import math

from equipoise.document.model import Cell, Footnotes, Table, TableRow, group
from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.made import spoken
from equipoise.report.tables.binary import binary_lines
from equipoise.report.tables.cells import EMPTY, body, footnotes, head, plain_p, points_cell, printed, ratio_cell, stub
from equipoise.report.tables.competing import competing_lines
from equipoise.report.words import words

PHASE = "effect"
NAME = "table_other_scales"
ADJUSTED = (
    "cox_adjusted",
    "cox_residual",
)


def other_scales_table(numbers: Numbers) -> Table | None:
    """A block per main endpoint and cohort: each measure by arm, as difference and as ratio, with its P."""
    notes = footnotes()
    rows: list[TableRow] = []
    for name, endpoint in numbers.protocol.main_endpoints.items():
        for design in numbers.design_names:
            block = _block(numbers, {"endpoint": name, "design": design}, notes)
            title = f"{endpoint.label}, {fmt.lower_first(numbers.design_label(design))}"
            rows += [group(title, 4 + len(numbers.arms)), *block] if block else []
    rows += binary_lines(numbers, notes)
    if not rows:
        return None
    ci = numbers.protocol.ci
    line = [head(words("scales_table.measure"), align="left"), *(head(numbers.short_arm(a)) for a in numbers.arms)]
    line += [
        head(words("scales_table.difference", ci=ci, contrast=numbers.contrast_label)),
        head(words("scales_table.ratio", ci=ci)),
        head("P"),
    ]
    note = words("scales_table.note", unit=numbers.protocol.time_unit)
    more = (words("scales_table.competing"),) if numbers.has(PHASE, analysis="incidence", variable="competing") else ()
    return Table(NAME, words("sections.other_scales"), (TableRow(tuple(line)),), tuple(rows), notes.listed(), (note, *more), True)


def _block(numbers: Numbers, part: dict[str, str], notes: Footnotes) -> list[TableRow]:
    return [
        *_restricted_mean(numbers, part, notes),
        *_standardised_mean(numbers, part, notes),
        *_differences(numbers, part, notes),
        *competing_lines(numbers, part, notes),
        *(row for analysis in ADJUSTED for row in _adjusted(numbers, part, analysis, notes)),
    ]


def _restricted_mean(numbers: Numbers, part: dict[str, str], notes: Footnotes) -> list[TableRow]:
    where = {"analysis": "rmst", "contrast": numbers.contrast, **part}
    difference, ratio, p = (numbers.row(PHASE, statistic, **where) for statistic in ("difference", "ratio", "p"))
    if difference is None:
        return []
    arms = [numbers.row(PHASE, "rmst", analysis="rmst", group=a, **part) for a in numbers.arms]
    label = words("scales_table.restricted_mean", horizon=horizon_words(numbers, part))
    cells = [_time(numbers, r) for r in arms]
    return [body(stub(label, 1), *cells, _difference(numbers, difference, notes), ratio_cell(ratio), plain_p(p))]


def _standardised_mean(numbers: Numbers, part: dict[str, str], notes: Footnotes) -> list[TableRow]:
    difference = numbers.row(PHASE, "difference", analysis="standardised_rmst", contrast=numbers.contrast, **part)
    if difference is None:
        return []
    arms = [numbers.row(PHASE, "rmst", analysis="standardised_rmst", group=a, **part) for a in numbers.arms]
    label = stub(words("scales_table.restricted_mean_standardized", horizon=horizon_words(numbers, part)), 1)
    return [body(label, *(_time(numbers, r) for r in arms), _difference(numbers, difference, notes), EMPTY, EMPTY)]


def horizon_words(numbers: Numbers, part: dict[str, str]) -> str:
    """`12 months`."""
    row = numbers.row(PHASE, "horizon", analysis="rmst", **part)
    if row is None:
        return ""
    protocol = numbers.protocol
    amount = round(row.value / protocol.days_per_unit, 1)
    return fmt.lasting(f"{fmt.number(amount, 0 if amount.is_integer() else 1)} {protocol.time_unit}")


def _time(numbers: Numbers, row: Row | None) -> Cell:
    if row is None:
        return EMPTY
    per = numbers.protocol.days_per_unit
    return printed(fmt.estimate(row.value / per, row.low / per, row.high / per, _decimals(numbers)), row)


def _decimals(numbers: Numbers) -> int:
    return fmt.time_decimals(numbers.protocol.time_unit)


def _difference(numbers: Numbers, row: Row, notes: Footnotes) -> Cell:
    """Of restricted means, in the study's unit; of none the reason as a note."""
    if math.isnan(row.value):
        return printed(fmt.not_estimable(), row, note=notes.mark(spoken(row.method)))
    per = numbers.protocol.days_per_unit
    said = fmt.difference(row.value / per, row.low / per, row.high / per, _decimals(numbers))
    return printed(said, row, note=notes.mark(spoken(row.method)))


def _differences(numbers: Numbers, part: dict[str, str], notes: Footnotes) -> list[TableRow]:
    """Survival at each landmark as Kaplan-Meier gives it, then doubly robust and standardised."""
    rows = []
    for analysis in ("survival_difference", "doubly_robust"):
        for row in numbers.where(PHASE, analysis=analysis, statistic="difference", population="all", **part):
            p = numbers.row(PHASE, "p", analysis=analysis, contrast=row.contrast, level=row.level, **part)
            arms = [EMPTY if analysis == "doubly_robust" else _survival(numbers, part, row.level, a) for a in numbers.arms]
            label = stub(words(f"scales_table.{analysis}", time=fmt.lasting(row.level)), 1)
            rows.append(body(label, *arms, points_cell(row, notes), EMPTY, plain_p(p)))
    return [*rows, *_standardised(numbers, part, notes)]


def _standardised(numbers: Numbers, part: dict[str, str], notes: Footnotes) -> list[TableRow]:
    rows = []
    for row in numbers.where(PHASE, analysis="standardised", statistic="difference", population="all", **part):
        where = {"analysis": "standardised", "level": row.level, **part}
        arms = [_percent(numbers.row(PHASE, "survival", group=a, **where)) for a in numbers.arms]
        label = stub(words("scales_table.survival_standardized", time=fmt.lasting(row.level)), 1)
        rows.append(body(label, *arms, points_cell(row, notes), EMPTY, EMPTY))
    return rows


def _survival(numbers: Numbers, part: dict[str, str], level: str, arm: str) -> Cell:
    return _percent(numbers.row("survival", "survival", analysis="kaplan_meier", level=level, group=arm, **part))


def _percent(row: Row | None) -> Cell:
    return EMPTY if row is None else printed(fmt.percentage_estimate(100 * row.value, 100 * row.low, 100 * row.high), row)


def _adjusted(numbers: Numbers, part: dict[str, str], analysis: str, notes: Footnotes) -> list[TableRow]:
    where = {"analysis": analysis, "contrast": numbers.contrast, **part}
    hr = numbers.row(PHASE, "hr", **where)
    if hr is None:
        return []
    cells = [EMPTY] * (len(numbers.arms) + 1)
    return [
        body(
            stub(words(f"scales_table.adjusted.{analysis}"), 1),
            *cells,
            ratio_cell(hr, notes),
            plain_p(numbers.row(PHASE, "p", **where)),
        )
    ]
