"""Treatment effect within subgroups, and the contrast of subgroups within arms, where the study has them; of a single arm
the medians of each level."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

from equipoise.document.model import Cell, Footnotes, Table, TableRow, group
from equipoise.records import Row
from equipoise.report.format import lower_first
from equipoise.report.lookup import Numbers
from equipoise.report.tables.cells import (
    EMPTY,
    body,
    events_of,
    footnotes,
    head,
    p_cell,
    plain_p,
    ratio_cell,
    stub,
)
from equipoise.report.tables.survival import time_cell
from equipoise.report.words import words

PHASE = "survival"


@dataclass(frozen=True, slots=True)
class Stratum:
    """One subgroup of a cohort for an endpoint, and its rows."""

    name: str
    level: str
    population: str
    label: str


def strata(numbers: Numbers, name: str) -> list[Stratum]:
    subgroup = numbers.protocol.subgroups[name]
    return [Stratum(name, level, f"{name} {level}", f"{subgroup.label} {level}") for level in subgroup.levels]


def subgroup_table(numbers: Numbers, name: str) -> Table | None:
    """A block per cohort and endpoint: events and medians by arm, HR, log-rank; the interaction on its own line."""
    if not any(numbers.has(phase=PHASE, population=s.population) for s in strata(numbers, name)):
        return None
    notes = footnotes()
    rows: list[TableRow] = []
    for design in numbers.design_names:
        for endpoint in numbers.protocol.main_endpoints:
            rows += _block(numbers, name, design, endpoint, notes)
    subgroup = numbers.protocol.subgroups[name]
    title = words("subgroups_table.by", label=subgroup.label[:1].lower() + subgroup.label[1:])
    return Table(f"table_subgroup_{name}", title, _head(numbers), tuple(rows), notes.listed(), _notes(numbers), True)


def _notes(numbers: Numbers) -> tuple[str, ...]:
    return (words("notes.single"), words("subgroups_table.described")) if numbers.single else (words("notes.interval"),)


def _width(numbers: Numbers) -> int:
    return 1 + 2 * len(numbers.arms) + (0 if numbers.single else 3)


def _head(numbers: Numbers) -> tuple[TableRow, ...]:
    spans = [head("", align="left")]
    line = [head(words("figures.subgroup"), align="left")]
    for arm in numbers.arms:
        spans.append(head(numbers.short_arm(arm), 2))
        line += [
            head(words("figures.events_n")),
            head(words("subgroups_table.median", unit=numbers.protocol.time_unit, ci=numbers.protocol.ci)),
        ]
    if numbers.single:
        return TableRow(tuple(spans)), TableRow(tuple(line))
    label = numbers.contrast_label
    spans.append(head(label[:1].upper() + label[1:], 3))
    line += [head(words("columns.hr", ci=numbers.protocol.ci)), head(words("columns.p_cox")), head(words("columns.p_logrank"))]
    return TableRow(tuple(spans)), TableRow(tuple(line))


def _block(numbers: Numbers, name: str, design: str, endpoint: str, notes: Footnotes) -> list[TableRow]:
    found = [_stratum_row(numbers, s, design, endpoint, notes) for s in strata(numbers, name)]
    rows = [r for r in found if any(c.text for c in r.cells[1:])]
    if not rows:
        return []
    interaction = interaction_row(numbers, name, design, endpoint)
    blank = [EMPTY] * (2 * len(numbers.arms) + 1)
    tail = (
        [body(stub(words("subgroups_table.interaction"), 1), *blank, p_cell(interaction, notes), EMPTY)]
        if interaction is not None
        else []
    )
    return [group(block_label(numbers, design, endpoint), _width(numbers)), *rows, *tail]


def block_label(numbers: Numbers, design: str, endpoint: str) -> str:
    cohort = "" if numbers.single else f", {lower_first(numbers.design_label(design))}"
    return f"{numbers.protocol.endpoints[endpoint].label}{cohort}"


def _stratum_row(numbers: Numbers, stratum: Stratum, design: str, endpoint: str, notes: Footnotes) -> TableRow:
    part = {"endpoint": endpoint, "design": design, "population": stratum.population}
    cells: list[Cell] = []
    for arm in numbers.arms:
        median = numbers.row(PHASE, "median", analysis="kaplan_meier", group=arm, **part)
        cells += [events_of(median), time_cell(numbers, median)]
    if numbers.single:
        return body(stub(stratum.label, 1), *cells)
    cox = {"analysis": "cox", "contrast": numbers.contrast, **part}
    cells += [ratio_cell(numbers.row(PHASE, "hr", **cox), notes), plain_p(numbers.row(PHASE, "p", **cox))]
    cells.append(p_cell(numbers.row(PHASE, "p", analysis="logrank", **part), notes))
    return body(stub(stratum.label, 1), *cells)


def interaction_row(numbers: Numbers, name: str, design: str, endpoint: str) -> Row | None:
    return numbers.row(PHASE, "p", analysis="interaction", variable=name, endpoint=endpoint, design=design)


def within_arm_table(numbers: Numbers, name: str) -> Table | None:
    """The other contrast: the levels of the subgroup within each arm."""
    notes = footnotes()
    rows: list[TableRow] = []
    for design in numbers.design_names:
        for endpoint in numbers.protocol.main_endpoints:
            rows += _within_block(numbers, name, design, endpoint, notes)
    if not rows:
        return None
    subgroup = numbers.protocol.subgroups[name]
    labels = (
        words("published_table.arm"),
        words("figures.events_n"),
        words("columns.hr_contrast", ci=numbers.protocol.ci, contrast=_levels(numbers, name)),
        words("columns.p_logrank"),
    )
    line = TableRow(tuple(head(x, align="center" if i else "left") for i, x in enumerate(labels)))
    title = words("subgroups_table.within", label=subgroup.label)
    return Table(f"table_within_{name}", title, (line,), tuple(rows), notes.listed(), (words("notes.interval"),), True)


def _levels(numbers: Numbers, name: str) -> str:
    first, *others = numbers.protocol.subgroups[name].levels
    return reduce(lambda said, level: words("numbers.vs", first=said, other=level), others, first)


def _within_block(numbers: Numbers, name: str, design: str, endpoint: str, notes: Footnotes) -> list[TableRow]:
    part = {"endpoint": endpoint, "design": design, "variable": name}
    rows = []
    for arm in numbers.arms:
        p = numbers.row(PHASE, "p", analysis="levels_logrank", group=arm, **part)
        contrast = _levels(numbers, name)
        hr = numbers.row(PHASE, "hr", analysis="levels_cox", group=arm, contrast=contrast, **part)
        if p is not None:
            rows.append(body(stub(numbers.arm_label(arm), 1), events_of(p), ratio_cell(hr, notes), p_cell(p, notes)))
    return [group(block_label(numbers, design, endpoint), 4), *rows] if rows else []
