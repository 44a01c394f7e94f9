"""Adverse events beyond Table 5: what they led to, per 100 patient-months, laboratory grades, P adjusted for their number."""

from __future__ import annotations

from equipoise.document.model import Cell, Footnotes, Table, TableRow
from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.tables.cells import (
    EMPTY,
    body,
    footnotes,
    group_head,
    head,
    n_percent,
    p_cell,
    plain_p,
    printed,
    ratio_cell,
    stub,
)
from equipoise.report.words import words

PHASE, DESIGN, ALL, TOTAL = "safety", "unadjusted", "All", "total"
LED_TO = (
    "led_to_reduction",
    "led_to_interruption",
    "led_to_discontinuation",
)
RATE, LAB, LAB_SEVERE = "rate_per_100_months", "lab_any_grade", "lab_grade_3_4"


def _row(numbers: Numbers, statistic: str, analysis: str, variable: str, group: str = "", **more: str) -> Row | None:
    return numbers.row(PHASE, statistic, design=DESIGN, analysis=analysis, variable=variable, group=group, **more)


def _label(term: str) -> str:
    return words("safety_table.any") if term == ALL else term[:1].upper() + term[1:]


def led_to_table(numbers: Numbers) -> Table | None:
    """Patients whose dose was reduced, interrupted or stopped for an event, overall and by term, by arm."""
    found = [r for a in LED_TO for r in numbers.where(phase=PHASE, analysis=a, group=TOTAL, statistic="percent")]
    if not any(r.events for r in found):
        return None
    notes, rows = footnotes(), []
    for analysis in LED_TO:
        mine = [r for r in found if r.analysis == analysis and r.events > 0]
        for r in sorted(mine, key=lambda r: (r.variable != ALL, -r.events, r.variable)):
            name = words(f"safety_table.led.{analysis}") if r.variable == ALL else _label(r.variable)
            cells = [n_percent(numbers, _row(numbers, "percent", analysis, r.variable, g)) for g in numbers.groups]
            p = [] if numbers.single else [p_cell(_row(numbers, "p", analysis, r.variable), notes)]
            rows.append(body(stub(name, 0 if r.variable == ALL else 1, r.variable == ALL), *cells, *p))
    tests = [] if numbers.single else [head("P")]
    sizes = [group_head(numbers, DESIGN, g) for g in numbers.groups]
    line = TableRow((head(words("safety_table.led_to"), align="left"), *sizes, *tests))
    said = words("safety_table.led_to_values")
    title = words("safety_table.led_to_title")
    return Table("table_safety_led_to", title, (line,), tuple(rows), notes.listed(), (said,), True)


def rate_table(numbers: Numbers) -> Table | None:
    """Events per 100 patient-months of treatment by arm, their ratio, and the P of Table 5 adjusted for its number."""
    rows = []
    terms = dict.fromkeys(r.variable for r in numbers.where(phase=PHASE, analysis=RATE, statistic="rate"))
    notes = footnotes()
    for term in terms:
        cells: list[Cell] = []
        for arm in numbers.arms:
            rate = _row(numbers, "rate", RATE, term, arm)
            cells += [EMPTY, EMPTY] if rate is None else [printed(fmt.count(rate.events), rate), printed(_rate(rate), rate)]
        cells += [] if numbers.single else _rate_tests(numbers, term, notes)
        rows.append(body(stub(_label(term), bold=term == ALL), *cells))
    if not rows:
        return None
    spans = [head("", align="left"), *(head(_months(numbers, a), 2) for a in numbers.arms)]
    line = [
        head(words("safety_table.adverse_event"), align="left"),
        *(
            head(x)
            for _ in numbers.arms
            for x in (words("safety_table.events"), words("safety_table.rate", ci=numbers.protocol.ci))
        ),
    ]
    if not numbers.single:
        spans += [
            *([] if numbers.several else [head(words("safety_table.rate_ratio"), 2)]),
            head(words("safety_table.patients"), 2),
        ]
        ratio = [] if numbers.several else [f"{numbers.contrast_label} ({numbers.protocol.ci})", "P"]
        line += [head(x) for x in (*ratio, "P", words("safety_table.holm"))]
    heads = (TableRow(tuple(spans)), TableRow(tuple(line)))
    title = words("safety_table.rates")
    return Table("table_safety_rates", title, heads, tuple(rows), notes.listed(), _rate_notes(numbers), True)


def _rate_tests(numbers: Numbers, term: str, notes: Footnotes) -> list[Cell]:
    cells: list[Cell] = []
    if not numbers.several:
        ratio = _row(numbers, "rate_ratio", RATE, term, contrast=numbers.contrast)
        cells = [ratio_cell(ratio), p_cell(_row(numbers, "p", RATE, term, contrast=numbers.contrast), notes)]
    return [*cells, plain_p(_row(numbers, "p", "any_grade", term)), plain_p(_row(numbers, "p_holm", "any_grade", term))]


def _rate(row: Row) -> str:
    return fmt.estimate(row.value, row.low, row.high, 1)


def _months(numbers: Numbers, arm: str) -> str:
    row = numbers.row(PHASE, "patient_months", analysis="exposure", design=DESIGN, group=arm)
    label = numbers.arm_label(arm)
    return label if row is None else words("safety_table.patient_months", arm=label, n=fmt.number(row.value, 1))


def _rate_notes(numbers: Numbers) -> tuple[str, ...]:
    tests = numbers.row(PHASE, "tests", analysis="any_grade", design=DESIGN)
    tested = [] if tests is None else [words("safety_table.tested", terms=words("counts.term", count=tests.value))]
    counted = words("safety_table.rates_note")
    if numbers.single:
        return (counted,)
    return (
        counted,
        " ".join([*tested, words("safety_table.unadjusted", p=fmt.p_limit(0.05))]),
    )


def laboratory_table(numbers: Numbers) -> Table | None:
    """Laboratory values graded by CTCAE that worsened on treatment; no attribution, apart from the recorded events."""
    totals = numbers.where(phase=PHASE, analysis=LAB, group=TOTAL, statistic="percent")
    terms = [r.variable for r in totals if r.events > 0]
    safety = numbers.protocol.safety
    if not terms or safety is None:
        return None
    notes, rows = footnotes(), []
    for term in terms:
        cells: list[Cell] = []
        for group in numbers.groups:
            cells += [_share(numbers, _row(numbers, "percent", a, term, group)) for a in (LAB, LAB_SEVERE)]
        if not numbers.single:
            cells += [p_cell(_row(numbers, "p", a, term), notes) for a in (LAB, LAB_SEVERE)]
        rows.append(body(stub(_label(term)), *cells))
    spans = [head("", align="left"), *(head(numbers.short_group(g), 2) for g in numbers.groups)]
    spans += [] if numbers.single else [head("P", 2)]
    line = [head(words("safety_table.laboratory.term"), align="left")]
    line += [
        head(x)
        for _ in range(len(spans) - 1)
        for x in (words("safety_table.laboratory.any_grade"), words("safety_table.laboratory.grade_3_4"))
    ]
    said = words("safety_table.laboratory.note", version=safety.laboratory)
    heads = (TableRow(tuple(spans)), TableRow(tuple(line)))
    title = words("safety_table.laboratory.title")
    return Table("table_safety_laboratory", title, heads, tuple(rows), notes.listed(), (said,), True)


def _share(numbers: Numbers, row: Row | None) -> Cell:
    if row is None or not row.n:
        return EMPTY
    share = fmt.percent(row.events, row.n, numbers.protocol.conventions.percent_rounding)
    return printed(f"{fmt.count(row.events)}/{fmt.count(row.n)} ({share})", row)
