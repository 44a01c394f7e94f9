"""Adverse events: worst grade per patient and term, any grade and grade 3-4, by arm."""

from __future__ import annotations

import math

from equipoise.document.model import Cell, Footnotes, Table, TableRow
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.made import spoken
from equipoise.report.tables.cells import body, footnotes, group_head, head, n_percent, p_cell, stub
from equipoise.report.words import words

PHASE = "safety"
DESIGN = "unadjusted"
ALL = "All"
GRADES = (
    "any_grade",
    "grade_3_4",
)
FATAL = ("grade_5", ALL)
STOPPED = ("patients_with", "discontinued_for_ae")
ONCE = {FATAL: "fatal", STOPPED: "stopped"}


def safety_table(numbers: Numbers) -> Table | None:
    """Terms by falling total; 'All' first; fatal events and stopping last."""
    if not numbers.has(phase=PHASE, analysis="any_grade"):
        return None
    notes = footnotes()
    rows = [_term(numbers, term, notes) for term in terms(numbers)]
    rows += [r for r in (_once(numbers, w, words(f"safety_table.{name}"), notes) for w, name in ONCE.items()) if r is not None]
    return Table("table_safety", _title(numbers), _head(numbers), tuple(rows), notes.listed(), _notes(numbers))


def related(numbers: Numbers) -> bool:
    """Whether the events that count are those rated as related to treatment."""
    return bool(numbers.protocol.safety and numbers.protocol.safety.dictionary)


def _title(numbers: Numbers) -> str:
    dictionary = numbers.protocol.safety.dictionary if numbers.protocol.safety else ""
    return words("safety_table.related", dictionary=dictionary) if related(numbers) else words("safety_table.all")


def terms(numbers: Numbers) -> list[str]:
    """'All', then the terms by falling number of patients, masked ones last, ties by name."""
    rows = numbers.where(phase=PHASE, analysis="any_grade", group="total", statistic="percent")
    ranked = sorted(
        (r for r in rows if r.variable != ALL),
        key=lambda r: (math.isnan(r.events), 0 if math.isnan(r.events) else -r.events, r.variable),
    )
    return [ALL, *(r.variable for r in ranked)]


def _head(numbers: Numbers) -> tuple[TableRow, ...]:
    spans = [head("", align="left")]
    spans += [group_head(numbers, "unadjusted", g, 2) for g in numbers.groups]
    spans += [] if numbers.single else [head("P", 2)]
    line = [head(words("safety_table.adverse_event"), align="left")]
    line += [head(words(f"safety_table.grade.{g}")) for _ in range(len(spans) - 1) for g in GRADES]
    return TableRow(tuple(spans)), TableRow(tuple(line))


def _term(numbers: Numbers, term: str, notes: Footnotes) -> TableRow:
    cells: list[Cell] = []
    for group_ in numbers.groups:
        cells += [
            n_percent(numbers, numbers.row(PHASE, "percent", design=DESIGN, analysis=g, variable=term, group=group_))
            for g in GRADES
        ]
    if not numbers.single:
        cells += [p_cell(numbers.row(PHASE, "p", design=DESIGN, analysis=g, variable=term), notes) for g in GRADES]
    label = words("safety_table.any") if term == ALL else term[:1].upper() + term[1:]
    return body(stub(label, bold=term == ALL), *cells)


def _once(numbers: Numbers, which: tuple[str, str], label: str, notes: Footnotes) -> TableRow | None:
    """A line that has one count per group, printed in the first of its two columns."""
    part = {"design": DESIGN, "analysis": which[0], "variable": which[1]}
    found = [numbers.row(PHASE, "percent", group=g, **part) for g in numbers.groups]
    if any(r is None for r in found):
        return None
    cells: list[Cell] = []
    for row in found:
        cells += [n_percent(numbers, row), Cell()]
    p = [] if numbers.single else [p_cell(numbers.row(PHASE, "p", **part), notes), Cell()]
    return body(stub(label), *cells, *p)


def _notes(numbers: Numbers) -> tuple[str, ...]:
    safety = numbers.protocol.safety
    related = [words("safety_table.rated", ratings=fmt.listed(safety.related))] if safety else []
    values = " ".join([words("safety_table.values"), *related])
    return (values,) if numbers.single else (values, words("safety_table.not_adjusted"))


def other_counts_table(numbers: Numbers) -> Table | None:
    """Patients with a flag that the safety table does not already show, such as a later line of treatment."""
    shown = {STOPPED[1], FATAL[0]}
    found = numbers.where(phase=PHASE, analysis=STOPPED[0], design=DESIGN, group="total", statistic="percent")
    flags = [r.variable for r in found if r.variable not in shown]
    if not flags:
        return None
    notes = footnotes()
    rows = tuple(_flag(numbers, flag, notes) for flag in flags)
    sizes = [group_head(numbers, DESIGN, g) for g in numbers.groups]
    tests = [] if numbers.single else [head(words("columns.p"))]
    line = TableRow((head(words("safety_table.patients_with"), align="left"), *sizes, *tests))
    said = words("safety_table.numbers")
    return Table("table_other_counts", words("safety_table.other"), (line,), rows, notes.listed(), (said,), True)


def _flag(numbers: Numbers, flag: str, notes: Footnotes) -> TableRow:
    part = {"design": DESIGN, "analysis": STOPPED[0], "variable": flag}
    cells = [n_percent(numbers, numbers.row(PHASE, "percent", group=g, **part)) for g in numbers.groups]
    p = [] if numbers.single else [p_cell(numbers.row(PHASE, "p", **part), notes)]
    return body(stub(flag_label(numbers, flag)), *cells, *p)


def flag_label(numbers: Numbers, flag: str) -> str:
    """A flag in words: `third_line` -> Third line; `early_progression_pfs` -> the endpoint's short name at the end."""
    for name, endpoint in numbers.protocol.endpoints.items():
        if flag.endswith(f"_{name}"):
            return f"{_words(flag.removesuffix(f'_{name}'))} ({endpoint.short})"
    return _words(flag)


def _words(flag: str) -> str:
    said = spoken(flag.replace("_", " "))
    return said[:1].upper() + said[1:]
