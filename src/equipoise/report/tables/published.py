"""This study beside published ones: medians, response and hazard ratios in one direction."""

from __future__ import annotations

import math
from dataclasses import dataclass

from equipoise.document.model import Cell, Footnotes, Table, TableRow, group
from equipoise.protocol.published import PublishedNumber, arm_named
from equipoise.records import Row, first_said
from equipoise.report import format as fmt
from equipoise.report.bibliography import of_published
from equipoise.report.lookup import Numbers
from equipoise.report.tables.cells import body, head, printed, stub
from equipoise.report.tables.design import short_label
from equipoise.report.words import words

PHASE, NAME = "published", "table_published"


@dataclass(frozen=True, slots=True)
class Column:
    """What a column of numbers holds. measure: median, hr or orr. endpoint: or the criterion of response."""

    measure: str
    endpoint: str


def columns(numbers: Numbers) -> list[Column]:
    """Those for which a published study gives a number."""
    published = numbers.study.published
    names = [*numbers.protocol.main_endpoints, *numbers.protocol.exploratory_endpoints]
    found = [Column("median", e) for e in names if published.measured("median", e)]
    found += [Column("hr", e) for e in names if published.measured("hr", e)]
    criteria = dict.fromkeys(criterion(numbers, n) for n in published.measured("orr"))
    return found + [Column("orr", c) for c in criteria]


def criterion(numbers: Numbers, number: PublishedNumber) -> str:
    """Of a published response rate: as it says, else the first one of this study."""
    response = numbers.protocol.response
    return number.endpoint or (response.criteria[0] if response is not None else "")


def own_designs(numbers: Numbers) -> list[str]:
    """The primary design first."""
    return sorted(numbers.leading, key=lambda d: d != numbers.primary)


def own_label(numbers: Numbers, design: str) -> str:
    return (
        words("published_table.this_study")
        if numbers.single
        else words("published_table.this_study_design", cohort=fmt.lower_first(short_label(numbers, design)))
    )


def published_table(numbers: Numbers) -> Table | None:
    asked = columns(numbers)
    if not asked:
        return None
    notes = Footnotes()
    rows: list[TableRow] = []
    width = len(asked) + 3
    for design in own_designs(numbers):
        rows.append(group(own_label(numbers, design), width))
        rows += [_own(numbers, design, arm, asked) for arm in numbers.arms]
    for study in numbers.study.published.studies:
        rows += _study(numbers, study, asked, notes, width)
    said = [words("published.table.dash"), words("notes.single") if numbers.single else words("notes.interval")]
    if any(c.measure == "hr" for c in asked):
        said.insert(0, words("published.table.ratios", contrast=numbers.contrast_label))
    if any(c.measure == "median" for c in asked):
        said.insert(0, words("published.table.medians", interval=numbers.protocol.ci))
    said.append(words("published.no_adjustment"))
    line = [
        head(words("published_table.arm"), align="left"),
        head(words("columns.patients")),
        *(head(_title(numbers, c)) for c in asked),
        head(words("published_table.reference_head")),
    ]
    return Table(
        NAME, words("published.table.title"), (TableRow(tuple(line)),), tuple(rows), notes.listed(), tuple(said), supplement=True
    )


def _title(numbers: Numbers, column: Column) -> str:
    if column.measure == "orr":
        by = {"criterion": column.endpoint} if column.endpoint else {}
        return words("published_table.response_by" if by else "published_table.response", **by)
    short = numbers.protocol.endpoints[column.endpoint].short
    return (
        words("published_table.hr", endpoint=short)
        if column.measure == "hr"
        else words("published_table.median", endpoint=short, unit=numbers.protocol.time_unit)
    )


def _own(numbers: Numbers, design: str, arm: str, asked: list[Column]) -> TableRow:
    cells = [_own_cell(numbers, design, arm, c) for c in asked]
    size = printed(fmt.count(numbers.arm_n(design, arm)), numbers.arm_row(design, arm))
    return body(stub(numbers.arm_label(arm), 1), size, *cells, Cell(fmt.DASH))


def _own_cell(numbers: Numbers, design: str, arm: str, column: Column) -> Cell:
    protocol = numbers.protocol
    part = {"design": design, "endpoint": column.endpoint}
    if column.measure == "median":
        row = numbers.row("survival", "median", analysis="kaplan_meier", group=arm, **part)
        return printed(_time(numbers, row), row) if row is not None else Cell(fmt.DASH)
    if column.measure == "orr":
        known = protocol.response is not None and column.endpoint in protocol.response.criteria
        row = numbers.row("response", "percent", analysis="orr", group=arm, **part) if known else None
        return printed(fmt.number(row.value, 1), row) if row is not None else Cell(fmt.DASH)
    if arm == protocol.arms.reference:
        return Cell(words("published_table.reference"))
    row = own_ratio(numbers, column.endpoint, design, arm)
    return printed(fmt.ratio_estimate(row.value, row.low, row.high), row) if row is not None else Cell(fmt.DASH)


def own_ratio(numbers: Numbers, endpoint: str, design: str, arm: str) -> Row | None:
    """The hazard ratio of an arm over the reference in a design."""
    contrast = numbers.contrasts.get(arm, "")
    part = {"endpoint": endpoint, "design": design, "contrast": contrast}
    return numbers.row("survival", "hr", analysis="cox", **part) if contrast else None


def _time(numbers: Numbers, row: Row) -> str:
    return fmt.time_estimate(row.value, row.low, row.high, numbers.protocol.days_per_unit, numbers.protocol.time_unit)


def _study(numbers: Numbers, study: str, asked: list[Column], notes: Footnotes, width: int) -> list[TableRow]:
    given = numbers.study.published.studies[study]
    population = first_said(given, "population")
    key = of_published(numbers.study.published)[1].get(study, "")
    rows = [group(f"{study}{f'. {population}' if population else ''}", width)]
    for i, (label, mine) in enumerate(_by_arm(numbers, given).items()):
        cells = [_cell(numbers, mine, label, c, given, notes) for c in asked]
        n = first_said([m for m in mine if m.measure != "hr"], "n")
        size = Cell(fmt.count(n) if n else fmt.DASH)
        rows.append(
            body(stub(label, 1), size, *cells, Cell("", cite=key) if key and not i else Cell(fmt.DASH if not key else ""))
        )
    return rows


def _by_arm(numbers: Numbers, given: list[PublishedNumber]) -> dict[str, list[PublishedNumber]]:
    """Label of an arm -> its numbers; a hazard ratio is one of the arm that this study compares."""
    arms = numbers.protocol.arms
    found: dict[str, list[PublishedNumber]] = {}
    for number in given:
        name = compared(numbers, number) if number.measure == "hr" else arm_named(arms, number.arm)
        found.setdefault(arms.label(name) if name else number.arm, []).append(number)
    order = {arms.label(a): i for i, a in enumerate(arms.groups)}
    return dict(sorted(found.items(), key=lambda item: order.get(item[0], len(order))))


def compared(numbers: Numbers, number: PublishedNumber) -> str:
    """The arm that a published hazard ratio compares with this study's reference, whichever way round it was published."""
    arms = numbers.protocol.arms
    return next((a for word in (number.arm, number.versus) if (a := arm_named(arms, word)) != arms.reference), "")


def _cell(
    numbers: Numbers, mine: list[PublishedNumber], label: str, column: Column, given: list[PublishedNumber], notes: Footnotes
) -> Cell:
    def asked(n: PublishedNumber) -> bool:
        return n.measure == column.measure and column.endpoint == (criterion(numbers, n) if n.measure == "orr" else n.endpoint)

    number = next((n for n in mine if asked(n)), None)
    if number is None:
        arms = numbers.protocol.arms
        referred = column.measure == "hr" and not arms.single and label == arms.label(arms.reference) and any(map(asked, given))
        return Cell(words("published_table.reference") if referred else fmt.DASH)
    if number.measure == "hr":
        row = ratio_row(numbers, number)
        return printed(ratio_words(number, row), row, note=notes.mark(_turned(numbers, number, row)))
    said, row = _reported(numbers, number)
    return printed(said, row)


def _reported(numbers: Numbers, number: PublishedNumber) -> tuple[str, Row]:
    """A median in this study's unit, or a response rate, and its row."""
    arm = arm_named(numbers.protocol.arms, number.arm)
    part = {"endpoint": number.endpoint, "variable": number.study, **({"group": arm} if arm else {"level": number.arm})}
    if number.measure == "orr":
        row = numbers.row(PHASE, "percent", analysis="reported", **part)
        scale, least = 1.0, 0
    else:
        row = numbers.row(PHASE, "median", analysis="reported", **part)
        scale, least = numbers.protocol.days_per_unit, fmt.time_decimals(numbers.protocol.time_unit)
    assert row is not None, "every published number has its row"
    return _printed([v / scale for v in (row.value, row.low, row.high)], _decimals(number, least)), row


def as_printed(number: PublishedNumber) -> str:
    """With the decimals that it was published with, one number for all of them."""
    return _printed([math.nan if v is None else v for v in (number.value, number.low, number.high)], _decimals(number, 0))


def _decimals(number: PublishedNumber, least: int) -> int:
    return max(fmt.decimals_of([v for v in (number.value, number.low, number.high) if v is not None], 3), least)


def _printed(values: list[float], decimals: int) -> str:
    value, low, high = values
    return fmt.number(value, decimals) if math.isnan(low) and math.isnan(high) else fmt.estimate(value, low, high, decimals)


def ratio_row(numbers: Numbers, number: PublishedNumber) -> Row:
    """The row of a published hazard ratio in the direction of this study."""
    arm = compared(numbers, number)
    part = {"endpoint": number.endpoint, "variable": number.study, "contrast": numbers.contrasts[arm]}
    row = numbers.row(PHASE, "hr", analysis="reported", **part)
    assert row is not None, "every published hazard ratio has its row"
    return row


def ratio_words(number: PublishedNumber, row: Row) -> str:
    """`2.22 (1.20–4.17)`, with as many decimals as were published, at least two."""
    published = [number.value, *(v for v in (number.low, number.high) if v is not None)]
    return fmt.estimate(row.value, row.low, row.high, max(2, fmt.decimals_of(published, 3)))


def turned(row: Row) -> bool:
    return row.method == "inverted"


def _turned(numbers: Numbers, number: PublishedNumber, row: Row) -> str:
    if not turned(row):
        return ""
    arms = numbers.protocol.arms
    sides = [fmt.lower_first(arms.label(arm_named(arms, word))) for word in (number.arm, number.versus)]
    return words(
        "published.table.inverted", contrast=words("numbers.vs", first=sides[0], other=sides[1]), ratio=as_printed(number)
    )
