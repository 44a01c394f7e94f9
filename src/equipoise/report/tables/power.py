"""What each design can detect, if the outcomes are as the protocol assumes."""

from __future__ import annotations

from equipoise.document.model import Cell, Table, TableRow, group
from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.tables.cells import body, head, stub
from equipoise.report.words import words

NAME = "table_power"


def found_power(numbers: Numbers, design: str, endpoint: str, statistic: str, variable: str = "") -> Row | None:
    """A row of it. Endpoints are compared by name: where outcomes are not opened the study has none."""
    found = numbers.where("design", analysis="detectable", design=design, statistic=statistic, variable=variable)
    return next((r for r in found if r.endpoint == endpoint), None)


def endpoint_words(numbers: Numbers, endpoint: str) -> str:
    """As the protocol names it; where outcomes are not opened their labels are not known either."""
    known = numbers.protocol.endpoints.get(endpoint)
    return known.label if known is not None else words("power_table.endpoint", name=endpoint)


def power_table(numbers: Numbers) -> Table | None:
    """A row per design and endpoint; None where the protocol assumes nothing."""
    asked = numbers.protocol.power
    rows: list[TableRow] = []
    labels = [words("columns.design"), words("columns.patients"), words("power_table.events"), words("power_table.detectable")]
    planned = asked is not None and asked.hazard_ratio is not None
    labels += [words("power_table.power", ratio=fmt.short(asked.hazard_ratio))] if planned else []
    for endpoint in asked.median if asked is not None else ():
        made = [d for d in numbers.design_names if found_power(numbers, d, endpoint, "events") is not None]
        if made:
            rows.append(group(endpoint_words(numbers, endpoint), len(labels)))
            rows += [_line(numbers, design, endpoint) for design in made]
    if not rows:
        return None
    line = TableRow(tuple(head(x, align="center" if i else "left") for i, x in enumerate(labels)))
    alpha = numbers.protocol.conventions.alpha
    note = words("power_table.note", power=f"{asked.power:.0%}", alpha=fmt.p_limit(alpha))
    return Table(NAME, words("power_table.title"), (line,), tuple(rows), notes=(note,), supplement=True)


def _line(numbers: Numbers, design: str, endpoint: str) -> TableRow:
    events, planned = (found_power(numbers, design, endpoint, *s) for s in (("events",), ("power", "planned")))
    below, above = detectable(numbers, design, endpoint)
    whole = float(events.n).is_integer()
    cells = [
        fmt.number(events.n, 0 if whole else 1),
        fmt.number(events.value, 0),
        words("power_table.either", below=below, above=above),
    ]
    cells += [f"{planned.value:.0%}"] if planned is not None else []
    return body(stub(numbers.design_label(design), 1), *(Cell(c) for c in cells))


def detectable(numbers: Numbers, design: str, endpoint: str) -> tuple[str, str]:
    """The hazard ratios below and above 1."""
    found = (found_power(numbers, design, endpoint, "hr", side) for side in ("below", "above"))
    below, above = fmt.ratios([r.value for r in found if r is not None])
    return below, above
