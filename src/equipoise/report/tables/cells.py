"""Cells that every table shares: a stub, a header with its n, a P value with the test in a footnote."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from equipoise.document.model import Cell, Footnotes, TableRow, group
from equipoise.records import Masked, Row
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.made import spoken
from equipoise.report.themes import current
from equipoise.report.words import words

EMPTY = Cell()


def footnotes() -> Footnotes:
    """The marks of a table, in the symbols of the theme."""
    return Footnotes(current().symbols, fmt.in_words)


def stub(label: str, indent: int = 0, bold: bool = False, note: str = "") -> Cell:
    return Cell(label, indent=indent, align="left", bold=bold, note=note)


def head(label: str, span: int = 1, align: str = "center", rows: Sequence[Row | None] = ()) -> Cell:
    """A head of P is written as the theme writes its name. rows: those of its number."""
    return Cell(fmt.p_label(label), span=span, align=align, keys=printed("", *rows).keys)


def arm_head(numbers: Numbers, design: str, arm: str) -> Cell:
    return head(with_size(numbers, design, arm), rows=numbers.size_rows(design, arm))


def group_head(numbers: Numbers, design: str, key: str, span: int = 1) -> Cell:
    """`Total (n=126)`, `Lenvatinib (n=40)`."""
    label = with_n(numbers.short_group(key), numbers.group_n(design, key))
    return head(label, span, rows=numbers.size_rows(design, key))


def with_size(numbers: Numbers, design: str, arm: str) -> str:
    """`Lenvatinib (n=36)`; of weights `Lenvatinib (n=40, effective n=31.2)`."""
    label, n = numbers.short_arm(arm), numbers.arm_n(design, arm)
    if not numbers.weighted(design):
        return with_n(label, n)
    return words("columns.arm_effective", arm=label, n=fmt.count(n), effective=fmt.effective(numbers.effective_n(design, arm)))


def arm_heads(numbers: Numbers) -> list[Cell]:
    """A head per arm; of a single arm with its n, for which the tables of two arms have a line per cohort."""
    if numbers.single:
        return [arm_head(numbers, "unadjusted", a) for a in numbers.arms]
    return [head(numbers.short_arm(a)) for a in numbers.arms]


def cohort_line(numbers: Numbers, design: str, width: int, sizes: bool = False) -> list[TableRow]:
    """The line above the rows of a cohort, with the sizes of its arms where asked; none where there is one arm."""
    if numbers.single:
        return []
    named = ", ".join(with_size(numbers, design, a) for a in numbers.arms)
    line = group(f"{numbers.design_label(design)}{f': {named}' if sizes else ''}", width)
    counted = [row for a in numbers.arms for row in numbers.size_rows(design, a)] if sizes else []
    return [replace(line, cells=(replace(line.cells[0], keys=printed("", *counted).keys),))]


def with_n(label: str, n: float) -> str:
    return label if math.isnan(n) else f"{label} (n={fmt.count(n)})"


def printed(said: str, *rows: Row | None, note: str = "") -> Cell:
    """Words that tell the numbers of these rows, which a page can look up; not where one of them may not be shown."""
    known = [r for r in rows if r is not None]
    masked = any(isinstance(v, Masked) for r in known for v in (r.value, r.low, r.high, r.n, r.events))
    return Cell(said, note=note, keys=() if masked else tuple(r.key for r in known))


def n_percent(numbers: Numbers, row: Row | None) -> Cell:
    """`36 (90.0)` of a percent row, whose events and n are the count and its denominator; of a weighted one `90.0%`, for no count
    of patients gives it."""
    if row is None:
        return EMPTY
    if numbers.weighted(row.design):
        return printed(f"{fmt.percentage(row.value)}%", row)
    return printed(fmt.n_percent(row.events, row.n, numbers.protocol.conventions.percent_rounding), row)


def p_cell(row: Row | None, notes: Footnotes) -> Cell:
    """P with the letter of its test."""
    if row is None:
        return EMPTY
    if math.isnan(row.value):
        return Cell("\u2013", note=notes.mark(spoken(row.method)))
    return printed(fmt.p_value(row.value), row, note=notes.mark(spoken(row.method)))


def plain_p(row: Row | None) -> Cell:
    """P without a footnote, where the column says how it was made."""
    return EMPTY if row is None else printed("\u2013" if math.isnan(row.value) else fmt.p_value(row.value), row)


def ratio_cell(row: Row | None, notes: Footnotes | None = None) -> Cell:
    if row is None:
        return EMPTY
    mark = notes.mark(spoken(row.method)) if notes is not None and row.method else ""
    return printed(fmt.ratio_estimate(row.value, row.low, row.high), row, note=mark)


def points_cell(row: Row | None, notes: Footnotes) -> Cell:
    """A difference of shares in percentage points; of none the reason as a note."""
    if row is None:
        return EMPTY
    note = notes.mark(spoken(row.method))
    if math.isnan(row.value):
        return printed(fmt.not_estimable(), row, note=note)
    return printed(fmt.difference(100 * row.value, 100 * row.low, 100 * row.high, 1), row, note=note)


def ratio_note(numbers: Numbers) -> str:
    """Which hazard ratio the cells hold, and how their variance takes each kind of design into account."""
    kinds = {(w.adjective, w.variance) for w in map(numbers.words, numbers.design_names) if w.variance}
    keys = {v: "notes.own_variance" if v.startswith("variance") else "notes.a_variance" for _, v in kinds}
    said = [words(keys[v], adjective=a, variance=v) for a, v in sorted(kinds)]
    return words("notes.ratios", contrast="; ".join([numbers.contrast_label, *said]))


def body(*cells: Cell) -> TableRow:
    return TableRow(tuple(cells))


def events_of(row: Row | None) -> Cell:
    """`25/40`: events over patients."""
    if row is None or math.isnan(row.events):
        return EMPTY
    return printed(f"{fmt.count(row.events)}/{fmt.count(row.n)}", row)


def percent_interval(row: Row | None) -> str:
    """`7.5 (1.6–20.4)` from a percent row with limits in percent."""
    return "" if row is None else fmt.percentage_estimate(row.value, row.low, row.high)
