"""The restricted populations: who is in each, and which designs could be made there."""

from __future__ import annotations

from equipoise.document.model import Cell, Table, TableRow
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.tables.cells import body, footnotes, head, stub
from equipoise.report.words import words


def restricted_table(numbers: Numbers, parts: dict[str, Numbers]) -> Table:
    """A row per restricted population. parts: name -> the numbers of that population."""
    notes = footnotes()
    labels = (
        words("restricted.population"),
        words("restricted.condition"),
        *map(numbers.short_arm, numbers.arms),
        words("restricted.left"),
        words("restricted.unknown"),
        words("restricted.analyzed_as"),
    )
    line = TableRow(tuple(head(x, align="left" if i in (0, 1) else "center") for i, x in enumerate(labels)))
    rows = []
    for name, part in parts.items():
        restriction = numbers.protocol.restrict[name]
        arms = [Cell(fmt.count(part.value("attrition", "n", variable="arm", group=a))) for a in numbers.arms]
        out = [Cell(_left(part, reason)) for reason in ("reason_1", "reason_2")]
        made = fmt.listed([fmt.lower_first(d.label) for d in part.study.designs]) or words("restricted.not_analyzed")
        unmade = "; ".join(f"{_what(numbers, design)}: {why}" for design, why in part.study.designs.unmade.items())
        shown = Cell(made, note=notes.mark(f"{unmade[:1].upper()}{unmade[1:]}"))
        condition = Cell(restriction.where, align="left")
        rows.append(body(stub(restriction.label), condition, *arms, *out, shown))
    said = words("restricted.note")
    return Table(
        "table_restricted", words("sections.restricted"), (line,), tuple(rows), notes.listed(), (said,), supplement=True
    )  # fmt: skip


def _left(part: Numbers, reason: str) -> str:
    row = part.row("attrition", "n", variable="step_1", level=reason)
    return fmt.count(row.value if row is not None else 0)


def _what(numbers: Numbers, design: str) -> str:
    return (
        words("restricted.design", name=design) if design in numbers.study.protocol.designs else words("restricted.not_analyzed")
    )
