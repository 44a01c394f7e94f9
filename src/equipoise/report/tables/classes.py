"""The classes of the propensity score: their scores and the patients of each arm."""

from __future__ import annotations

from equipoise.document.model import Cell, Table, TableRow
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.tables.cells import body, head, stub
from equipoise.report.words import words


def class_tables(numbers: Numbers) -> list[Table]:
    """One per design in classes."""
    names = [d for d in numbers.design_names if numbers.has("design", analysis="score_class", design=d)]
    return [_class_table(numbers, design) for design in names]


def _class_table(numbers: Numbers, design: str) -> Table:
    rows = []
    for k in range(1, int(numbers.value("design", "value", design=design, variable="classes")) + 1):
        part = {"design": design, "analysis": "score_class", "level": str(k)}
        low, high = (numbers.value("design", "value", variable=v, **part) for v in ("smallest_score", "largest_score"))
        counts = [Cell(fmt.count(numbers.value("design", "n", group=arm, **part))) for arm in numbers.arms]
        scores = fmt.number(low, 3) if low == high else words("numbers.to", low=fmt.number(low, 3), high=fmt.number(high, 3))
        rows.append(body(stub(str(k)), Cell(scores), *counts))
    line = TableRow(
        (
            head(words("classes.class"), align="left"),
            head(words("classes.score")),
            *(head(numbers.short_arm(a)) for a in numbers.arms),
        )
    )
    title = words("classes.title", cohort=fmt.lower_first(numbers.design_label(design)))
    note = words("classes.note")
    return Table(f"table_classes_{design}", title, (line,), tuple(rows), notes=(note,), supplement=True)
