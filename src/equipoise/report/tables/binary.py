"""The lines of binary endpoints in the table of effects on other scales."""

from __future__ import annotations

from equipoise.document.model import Cell, Footnotes, TableRow, group
from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.tables.cells import (
    EMPTY,
    body,
    events_of,
    percent_interval,
    plain_p,
    points_cell,
    printed,
    ratio_cell,
    stub,
)
from equipoise.report.words import words

PHASE = "effect"


def binary_lines(numbers: Numbers, notes: Footnotes) -> list[TableRow]:
    """A block per endpoint and cohort: risk with difference and ratio, events over known patients, odds ratio, who is unknown."""
    rows: list[TableRow] = []
    for name, endpoint in numbers.protocol.binary_endpoints.items():
        for design in numbers.design_names:
            block = _block(numbers, {"analysis": "risk", "endpoint": name, "design": design}, endpoint.event_label, notes)
            title = f"{endpoint.label}, {fmt.lower_first(numbers.design_label(design))}"
            rows += [group(title, 4 + len(numbers.arms)), *block] if block else []
    return rows


def _block(numbers: Numbers, part: dict[str, str], label: str, notes: Footnotes) -> list[TableRow]:
    risks = [numbers.row(PHASE, "percent", group=a, **part) for a in numbers.arms]
    contrast = {**part, "contrast": numbers.contrast}
    difference, ratio, odds, p = (numbers.row(PHASE, s, **contrast) for s in ("difference", "ratio", "odds_ratio", "p"))
    rows = []
    if difference is not None:
        cells = [printed(percent_interval(r), r) for r in risks]
        rows = [
            body(
                stub(words("binary_table.percent", label=label), 1),
                *cells,
                points_cell(difference, notes),
                ratio_cell(ratio),
                plain_p(p),
            ),
            body(stub(words("binary_table.events"), 2), *(events_of(r) for r in risks), EMPTY, EMPTY, EMPTY),
            body(stub(words("binary_table.odds_ratio"), 2), *[EMPTY] * (len(numbers.arms) + 1), ratio_cell(odds), EMPTY),
        ]
    return [*rows, *_unknown(numbers, part)]


def _unknown(numbers: Numbers, part: dict[str, str]) -> list[TableRow]:
    """Whoever is left out, by reason."""
    rows = []
    found = numbers.where(PHASE, variable="unknown", statistic="n", population="all", **part)
    for why in dict.fromkeys(r.level for r in found):
        counts = [_of_arm(found, why, a) for a in numbers.arms]
        rows.append(
            body(stub(words("binary_table.unknown", why=why), 2), *(Cell(fmt.count(c)) for c in counts), EMPTY, EMPTY, EMPTY)
        )
    return rows


def _of_arm(rows: list[Row], why: str, arm: str) -> float:
    return next(r.value for r in rows if (r.level, r.group) == (why, arm))
