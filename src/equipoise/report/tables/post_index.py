"""Groupings known after the index date: who came to have them, and the naive beside the corrected comparison."""

from __future__ import annotations

import math

from equipoise.document.model import Cell, Footnotes, Table, TableRow, group
from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.figures.post_index import PHASE, TOTAL, group_label
from equipoise.report.lookup import Numbers
from equipoise.report.tables.cells import EMPTY, arm_head, body, footnotes, head, n_percent, p_cell, printed, ratio_cell, stub
from equipoise.report.words import words

ANALYSES = (
    "naive_cox",
    "landmark_cox",
    "time_dependent_cox",
    "time_dependent_cox_adjusted",
    "clone_censor_weight",
)
PAIRED_LOGRANK = {"naive_cox": "naive_logrank", "landmark_cox": "landmark_logrank"}
TYPE_TESTS = (
    "naive_logrank",
    "landmark_logrank",
    "time_dependent_cox",
)


def uptake_table(numbers: Numbers, name: str) -> Table | None:
    """Who came to have it, by arm and cohort, and the types among those who do."""
    if not numbers.has(phase=PHASE, analysis="uptake", variable=name):
        return None
    post, notes = numbers.protocol.post_index[name], footnotes()
    rows = [_share(numbers, name, "uptake", "", words("post_index_table.of_all", label=post.label), notes)]
    if post.clock is not None:
        rows.append(
            _share(numbers, name, "uptake_after_clock", "", words("post_index_table.of_progressed", label=post.label), notes)
        )
    levels = dict.fromkeys(r.level for r in numbers.where(phase=PHASE, analysis="type", variable=name))
    rows += [_share(numbers, name, "type", level, group_label(numbers, name, "type", level), notes, 1) for level in levels]
    spans, line = [head("", align="left")], [head("", align="left")]
    for design in numbers.design_names:
        tests = [] if numbers.single else [head("P")]
        spans.append(head(numbers.design_label(design), len(numbers.arms) + len(tests)))
        line += [*(arm_head(numbers, design, a) for a in numbers.arms), *tests]
    said = words("post_index_table.values")
    title = post.label if numbers.single else words("post_index_table.by_arm", label=post.label)
    heads = (TableRow(tuple(line)),) if numbers.single else (TableRow(tuple(spans)), TableRow(tuple(line)))
    return Table(f"table_{name}_uptake", title, heads, tuple(rows), notes.listed(), (said,), True)


def _share(numbers: Numbers, name: str, analysis: str, level: str, label: str, notes: Footnotes, indent: int = 0) -> TableRow:
    cells: list[Cell] = []
    for design in numbers.design_names:
        part = _part(numbers, name, design) | {"analysis": analysis, "level": level}
        cells += [n_percent(numbers, numbers.row(PHASE, "percent", group=a, **part)) for a in numbers.arms]
        if not numbers.single:
            cells.append(EMPTY if level else p_cell(numbers.row(PHASE, "p", **part), notes))
    return body(stub(label, indent), *cells)


def _part(numbers: Numbers, name: str, design: str) -> dict[str, str]:
    return {"design": design, "endpoint": numbers.protocol.post_index[name].endpoint, "variable": name}


def comparison_table(numbers: Numbers, name: str, by: str) -> Table | None:
    """Naive and corrected hazard ratios in each arm and cohort; by type, each type against not having it."""
    post, notes = numbers.protocol.post_index[name], footnotes()
    rows: list[TableRow] = []
    for design in numbers.design_names:
        for arm in numbers.arms if post.within_arms else [TOTAL]:
            part = _part(numbers, name, design) | {"group": arm}
            lines = _yes_no(numbers, part, notes) if by == "yes_no" else _types(numbers, name, part, notes)
            if lines:
                where = numbers.design_label(design) if arm == TOTAL else f"{numbers.design_label(design)}, {_arm(numbers, arm)}"
                rows += lines if numbers.single else [group(where, 6), *lines]
    if not rows:
        return None
    short = numbers.protocol.endpoints[post.endpoint].short
    labels = [
        "",
        words("columns.patients"),
        words("columns.events"),
        words("columns.hr_for", endpoint=short, ci=numbers.protocol.ci),
        words("columns.p"),
        words("post_index_table.logrank"),
    ]
    line = TableRow(tuple(head(x, align="center" if x else "left") for x in labels))
    key = "post_index_table.by" if by == "yes_no" else "post_index_table.by_type"
    title = words(key, endpoint=numbers.protocol.endpoints[post.endpoint].label, label=fmt.lower_first(post.label))
    return Table(f"table_{name}_{by}", title, (line,), tuple(rows), notes.listed(), _notes(numbers, name), True)


def _arm(numbers: Numbers, arm: str) -> str:
    return fmt.lower_first(numbers.arm_label(arm))


def _notes(numbers: Numbers, name: str) -> tuple[str, ...]:
    post = numbers.protocol.post_index[name]
    zero = words("post_index.progression" if post.clock else "post_index.index_date")
    settings = words("post_index_table.note", zero=zero, day=fmt.short(post.landmark_day), grace=fmt.short(post.grace))
    return (words("post_index_table.naive_note"), settings)


def _yes_no(numbers: Numbers, part: dict[str, str], notes: Footnotes) -> list[TableRow]:
    lines = []
    for analysis in ANALYSES:
        hr = numbers.row(PHASE, "hr", analysis=analysis, level="yes_no", **part)
        logrank = PAIRED_LOGRANK.get(analysis)
        test = numbers.row(PHASE, "p", analysis=logrank, level="yes_no", **part) if logrank else None
        if hr is None and test is None:
            continue
        p = numbers.row(PHASE, "p", analysis=analysis, level="yes_no", **part)
        lines.append(_line(words(f"post_index_table.analysis.{analysis}"), hr or test, hr, p, test, notes))
    return lines


def _line(label: str, size: Row | None, hr: Row | None, p: Row | None, test: Row | None, notes: Footnotes) -> TableRow:
    counts = [EMPTY, EMPTY] if size is None else [printed(_count(size.n), size), printed(_count(size.events), size)]
    return body(stub(label, 1), *counts, ratio_cell(hr, notes), p_cell(p, notes), p_cell(test, notes))


def _count(value: float) -> str:
    return "" if math.isnan(value) else fmt.count(value)


def _types(numbers: Numbers, name: str, part: dict[str, str], notes: Footnotes) -> list[TableRow]:
    lines = []
    found = numbers.where(phase=PHASE, statistic="hr", analysis="time_dependent_cox", **part)
    for hr in (r for r in found if r.level.startswith("type=")):
        label = words("post_index_table.time_dependent", label=group_label(numbers, name, "type", hr.level.removeprefix("type=")))
        p = numbers.row(PHASE, "p", analysis="time_dependent_cox", level=hr.level, **part)
        lines.append(_line(label, hr, hr, p, None, notes))
    for analysis in TYPE_TESTS:
        row = numbers.row(PHASE, "p", analysis=analysis, level="type", **part)
        if row is not None:
            wald = analysis == "time_dependent_cox"
            label = words(f"post_index_table.between_types.{analysis}")
            lines.append(_line(label, row, None, row if wald else None, None if wald else row, notes))
    return lines
