"""Best overall response, objective response and disease control by criterion and cohort."""

from __future__ import annotations

from equipoise.document.model import Footnotes, Table, TableRow
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.made import spoken
from equipoise.report.tables.cells import (
    EMPTY,
    arm_heads,
    body,
    cohort_line,
    footnotes,
    head,
    n_percent,
    p_cell,
    percent_interval,
    printed,
    stub,
)
from equipoise.report.words import words

PHASE = "response"
LEVELS = ("CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE")
RATES = (
    "orr",
    "dcr",
)


def criteria(numbers: Numbers) -> list[str]:
    asked = numbers.protocol.response.criteria if numbers.protocol.response else []
    return [c for c in asked if numbers.has(phase=PHASE, endpoint=c)]


def response_table(numbers: Numbers) -> Table | None:
    """Columns: arms and, of two, P within each criterion. A block of rows per cohort."""
    used = criteria(numbers)
    if not used:
        return None
    notes = footnotes()
    width = 1 + len(used) * (len(numbers.arms) + _tests(numbers))
    rows: list[TableRow] = []
    for design in numbers.design_names:
        if numbers.has(phase=PHASE, design=design):
            rows += _cohort(numbers, design, used, notes, width)
    title = words("response_table.title", criteria=fmt.listed(used))
    return Table("table_response", title, _head(numbers, used), tuple(rows), notes.listed(), _notes(numbers))


def level_words(level: str) -> str:
    return words(f"response_table.level.{level.lower().replace('/', '_').replace('-', '_')}")


def _tests(numbers: Numbers) -> int:
    """Columns of P within a criterion."""
    return 0 if numbers.single else 1


def _head(numbers: Numbers, used: list[str]) -> tuple[TableRow, ...]:
    spans = [head("", align="left")] + [head(c, len(numbers.arms) + _tests(numbers)) for c in used]
    line = [head(words("response_table.response"), align="left")]
    for _ in used:
        line += arm_heads(numbers) + [head(words("columns.p"))] * _tests(numbers)
    return TableRow(tuple(spans)), TableRow(tuple(line))


def _cohort(numbers: Numbers, design: str, used: list[str], notes: Footnotes, width: int) -> list[TableRow]:
    rows = cohort_line(numbers, design, width, sizes=True)
    for level in LEVELS:
        if level != "NON-CR/NON-PD" or _seen(numbers, design, level):
            rows.append(_level(numbers, design, used, level, level_words(level), notes))
    for rate in RATES:
        rows += _rate(numbers, design, used, rate, words(f"response_table.rate.{rate}"), notes)
    return rows


def _seen(numbers: Numbers, design: str, level: str) -> bool:
    rows = numbers.where(phase=PHASE, design=design, analysis="best_response", level=level, statistic="percent")
    return any(r.events > 0 for r in rows)


def _level(numbers: Numbers, design: str, used: list[str], level: str, label: str, notes: Footnotes) -> TableRow:
    cells = [stub(label)]
    for criterion in used:
        part = {"design": design, "endpoint": criterion, "analysis": "best_response", "level": level}
        cells += [n_percent(numbers, numbers.row(PHASE, "percent", group=a, **part)) for a in numbers.arms]
        cells += [p_cell(numbers.row(PHASE, "p", **part), notes)] * _tests(numbers)
    return body(*cells)


def _rate(numbers: Numbers, design: str, used: list[str], rate: str, label: str, notes: Footnotes) -> list[TableRow]:
    """Counts with the test, and the exact interval on a line of its own."""
    first, second = [stub(label, bold=True)], [stub(f"% ({numbers.protocol.ci})", 1)]
    for criterion in used:
        part = {"design": design, "endpoint": criterion, "analysis": rate}
        for arm in numbers.arms:
            row = numbers.row(PHASE, "percent", group=arm, **part)
            first.append(n_percent(numbers, row))
            second.append(printed(percent_interval(row), row))
        first += [p_cell(numbers.row(PHASE, "p", **part), notes)] * _tests(numbers)
        second += [EMPTY] * _tests(numbers)
    return [body(*first), body(*second), *_against_benchmark(numbers, design, used, rate, notes)]


def _against_benchmark(numbers: Numbers, design: str, used: list[str], rate: str, notes: Footnotes) -> list[TableRow]:
    """A single arm: P against the fixed rate that the protocol declares."""
    part = {"design": design, "analysis": rate, "variable": "benchmark", "group": numbers.arms[0]}
    rows = [numbers.row(PHASE, "p", endpoint=criterion, **part) for criterion in used]
    asked = numbers.protocol.response.benchmark if numbers.protocol.response is not None else None
    if asked is None or not any(rows):
        return []
    return [
        body(
            stub(words("response_table.benchmark", percent=fmt.short(100 * asked.null)), 1), *(p_cell(row, notes) for row in rows)
        )
    ]


def _notes(numbers: Numbers) -> tuple[str, ...]:
    response = numbers.protocol.response
    assert response is not None
    kind = words("response_table.exact") if response.intervals == "clopper-pearson" else words("response_table.wilson")
    confirmed = words("response_table.confirmed") if response.confirmation else words("response_table.not_confirmed")
    return (
        words("response_table.values_single" if numbers.single else "response_table.values", kind=kind),
        *_weighted_note(numbers),
        words("response_table.note", confirmed=confirmed, days=str(response.sd_minimum_days)),
    )


def _weighted_note(numbers: Numbers) -> tuple[str, ...]:
    """How the shares of weighted cohorts are made, in the words of their rows."""
    found = numbers.where(phase=PHASE, analysis="orr", statistic="percent")
    methods = dict.fromkeys(r.method for r in found if numbers.weighted(r.design))
    if not methods:
        return ()
    made = "; ".join(spoken(m.removeprefix("weighted proportion, ")) for m in methods)
    return (words("response_table.weighted", method=made),)
