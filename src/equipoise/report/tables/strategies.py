"""Declared strategies of starting a later treatment, compared by clone-censor-weight."""

from __future__ import annotations

from equipoise.document.model import Cell, Footnotes, Table, TableRow, group
from equipoise.report import format as fmt
from equipoise.report.figures.post_index import PHASE, TOTAL
from equipoise.report.lookup import Numbers
from equipoise.report.tables.cells import EMPTY, body, footnotes, head, p_cell, printed, ratio_cell, stub
from equipoise.report.words import words

ANALYSIS = "clone_strategies"


def strategies_table(numbers: Numbers, name: str) -> Table | None:
    """A block per cohort and arm, a line per strategy; the first is the reference. None where none is declared."""
    post, notes = numbers.protocol.post_index[name], footnotes()
    rows: list[TableRow] = []
    for design in numbers.design_names:
        for arm in numbers.arms if post.within_arms else [TOTAL]:
            lines = _lines(numbers, name, design, arm, notes)
            where = numbers.design_label(design)
            if arm != TOTAL:
                where = f"{where}, {fmt.lower_first(numbers.arm_label(arm))}"
            rows += [group(where, 5), *lines] if lines else []
    if not rows:
        return None
    short = numbers.protocol.endpoints[post.endpoint].short
    reference = next(iter(post.strategies.values())).label
    labels = (
        words("strategies.strategy"),
        words("strategies.followed"),
        words("strategies.weight"),
        words("columns.hr_for", endpoint=short, ci=numbers.protocol.ci),
        words("columns.p"),
    )
    line = TableRow(tuple(head(x, align="center" if i else "left") for i, x in enumerate(labels)))
    said = words(
        "strategies.note",
        zero=words("post_index.progression" if post.clock else "post_index.index_date"),
        reference=fmt.lower_first(reference),
    )
    title = words("strategies.title", endpoint=numbers.protocol.endpoints[post.endpoint].label, label=fmt.lower_first(post.label))
    return Table(f"table_{name}_strategies", title, (line,), tuple(rows), notes.listed(), (said,), True)


def _lines(numbers: Numbers, name: str, design: str, arm: str, notes: Footnotes) -> list[TableRow]:
    post = numbers.protocol.post_index[name]
    part = {"design": design, "endpoint": post.endpoint, "variable": name, "group": arm, "analysis": ANALYSIS}
    first, lines = next(iter(post.strategies), ""), []
    for key, strategy in post.strategies.items():
        seen = numbers.row(PHASE, "n", level=key, **part)
        if seen is None:
            continue
        weight = numbers.row(PHASE, "weight_max", level=key, **part)
        largest = EMPTY if weight is None else printed(fmt.number(weight.value, 1), weight)
        hr, p = (numbers.row(PHASE, s, level=f"{key} vs {first}", **part) for s in ("hr", "p"))
        size = printed(f"{fmt.count(seen.value)}/{fmt.count(seen.n)}", seen)
        ratio = Cell(words("published_table.reference")) if key == first else ratio_cell(hr, notes)
        lines.append(body(stub(strategy.label, 1), size, largest, ratio, p_cell(p, notes)))
    return lines
