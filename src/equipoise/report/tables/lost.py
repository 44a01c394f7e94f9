"""Who was lost by a design: of each arm the patients kept and lost side by side, with their standardized difference."""

from __future__ import annotations

import math

from equipoise.document.model import Cell, Table, TableRow, group
from equipoise.records import MISSING, NO_COUNTERPART, NO_PARTNER, NOT_CHOSEN, TRIMMED, Row
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.made import spoken
from equipoise.report.tables.baseline import is_year, recorded_decimals, smd_cell
from equipoise.report.tables.cells import EMPTY, body, head, n_percent, printed, stub, with_n
from equipoise.report.words import words

REASONS = {MISSING: "missing", NO_COUNTERPART: "no_counterpart", NO_PARTNER: "no_partner", NOT_CHOSEN: "not_chosen"}
SIDES = ("kept", "lost")


def losing_designs(numbers: Numbers) -> list[str]:
    """The designs that lose somebody."""
    return [d for d in numbers.design_names if numbers.has("lost", design=d)]


def losing_arms(numbers: Numbers, design: str) -> list[str]:
    return [a for a in numbers.arms if numbers.row("lost", "n", design=design, analysis="lost", group=a) is not None]


def _side_head(numbers: Numbers, design: str, arm: str, side: str) -> Cell:
    row = numbers.row("lost", "n", design=design, analysis=side, group=arm)
    return head(with_n(words(f"lost.{side}_head"), lost_n(numbers, design, arm, side)), rows=[row])


def lost_n(numbers: Numbers, design: str, arm: str, side: str = "lost") -> float:
    return numbers.value("lost", "n", design=design, analysis=side, group=arm)


def lost_reasons(numbers: Numbers, design: str, arm: str) -> dict[str, float]:
    """Reason in words -> patients of an arm; a reason of nobody is left out."""
    return {reason: row.value for reason, row in lost_rows(numbers, design, arm).items()}


def lost_rows(numbers: Numbers, design: str, arm: str) -> dict[str, Row]:
    rows = [r for r in numbers.where("design", design=design, analysis="left_out", group=arm) if r.value > 0]
    reasons = {reason: words(f"lost.reason_of.{name}") for reason, name in REASONS.items()}
    reasons[TRIMMED] = words("lost.outside", limits=numbers.trim_words(design))
    found = {reasons.get(r.variable, fmt.upper_first(spoken(r.variable.replace("_", " ")))): r for r in rows}
    little = numbers.row("lost", "n", design=design, analysis="little_weight", group=arm)
    if little is not None and little.value > 0:
        found[words("lost.light")] = little
    return found


def lost_table(numbers: Numbers, design: str) -> Table:
    """Columns: kept, lost and their difference, of each arm that loses somebody."""
    arms = losing_arms(numbers, design)
    spans = [head("", align="left")]
    second = [head(words("columns.variable"), align="left")]
    for arm in arms:
        spans.append(head(numbers.short_arm(arm), 3))
        second += [_side_head(numbers, design, arm, s) for s in SIDES] + [head(words("columns.smd"))]
    rows: list[TableRow] = []
    for name in numbers.protocol.balanced_covariates:
        rows += _variable(numbers, design, arms, name)
    rows += _reasons(numbers, design, arms)
    notes = (
        words("lost.values"),
        words("lost.smd"),
    )
    title = words("lost.title", cohort=fmt.lower_first(numbers.design_label(design)))
    return Table(
        f"table_lost_{design}", title, (TableRow(tuple(spans)), TableRow(tuple(second))), tuple(rows), (), notes, supplement=True
    )


def _variable(numbers: Numbers, design: str, arms: list[str], name: str) -> list[TableRow]:
    spec = numbers.covariate(name)
    first: list[Cell] = []
    for arm in arms:
        first += [EMPTY if spec.levels else _cell(numbers, design, arm, side, name, "") for side in SIDES]
        first.append(smd_cell(numbers.row("lost", "smd", design=design, analysis="lost_vs_kept", variable=name, group=arm)))
    rows = [body(stub(numbers.covariate_label(name)), *first)]
    for level, label in spec.levels.items():
        cells = [c for arm in arms for c in (*(_cell(numbers, design, arm, side, name, level) for side in SIDES), EMPTY)]
        rows.append(body(stub(label, 1), *cells))
    missing = [[numbers.value("lost", "missing", design=design, analysis=s, variable=name, group=a) for s in SIDES] for a in arms]
    if any(v > 0 for pair in missing for v in pair):
        cells = [c for pair in missing for c in (*(Cell(fmt.count(v)) for v in pair), EMPTY)]
        rows.append(body(stub(words("baseline_table.missing"), 1), *cells))
    return rows


def _cell(numbers: Numbers, design: str, arm: str, side: str, name: str, level: str) -> Cell:
    part = {"design": design, "analysis": side, "variable": name, "group": arm}
    if numbers.covariate(name).kind != "continuous":
        return n_percent(numbers, numbers.row("lost", "percent", level=level, **part))
    rows = [numbers.row("lost", s, **part) for s in ("median", "q1", "q3")]
    found = [math.nan if r is None else r.value for r in rows]
    if any(math.isnan(v) for v in found):
        return Cell("\u2013", tone="quiet")
    return printed(fmt.summary(*found, recorded_decimals(numbers, name), is_year(numbers, name)), *rows)


def _reasons(numbers: Numbers, design: str, arms: list[str]) -> list[TableRow]:
    found = {arm: lost_rows(numbers, design, arm) for arm in arms}
    named = list(dict.fromkeys(reason for reasons in found.values() for reason in reasons))
    if not named:
        return []
    lines = [group(words("lost.reason"), 1 + 3 * len(arms))]
    for reason in named:
        cells = [c for arm in arms for c in (EMPTY, _of_reason(found[arm].get(reason)), EMPTY)]
        lines.append(body(stub(reason, 1), *cells))
    return lines


def _of_reason(row: Row | None) -> Cell:
    return printed(fmt.count(0 if row is None else row.value), row)
