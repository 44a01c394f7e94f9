"""What is known of each design before outcomes are opened: sizes, balance, the score, equipoise."""

from __future__ import annotations

import math

from equipoise.document.model import Cell, Table, TableRow
from equipoise.protocol.designs import UNADJUSTED
from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.tables.baseline import balanced_variables
from equipoise.report.tables.cells import body, head, printed, stub
from equipoise.report.words import words

NONE = Cell("\u2013", tone="quiet")
EQUIPOISE = 0.5  # Walker 2013: at least half of the patients


def diagnostics_table(numbers: Numbers) -> Table | None:
    """A row per design, what two arms have in one cell; None without a design."""
    designs = [d for d in numbers.design_names if d != UNADJUSTED]
    if not designs:
        return None
    limits = dict.fromkeys(numbers.protocol.balance_thresholds)
    labels = [
        words("columns.design"),
        words("columns.patients"),
        words("diagnostics.effective"),
        words("diagnostics.largest"),
        *(words("diagnostics.above", limit=fmt.short(t)) for t in limits),
    ]
    labels += [words("diagnostics.c_statistic"), words("diagnostics.per_coefficient"), words("diagnostics.equipoise")]
    line = TableRow(tuple(head(x, align="center" if i else "left") for i, x in enumerate(labels)))
    rows = tuple(_row(numbers, design, list(limits)) for design in (UNADJUSTED, *designs))
    arms = " / ".join(fmt.lower_first(numbers.arm_label(a)) for a in numbers.arms)
    note = words(
        "diagnostics.note" if numbers.several else "diagnostics.note_of_two", arms=arms, low=fmt.short(0.3), high=fmt.short(0.7)
    )
    return Table("table_diagnostics", words("diagnostics.title"), (line,), rows, notes=(note,), supplement=True)


def _row(numbers: Numbers, design: str, limits: list[float]) -> TableRow:
    return body(
        stub(numbers.design_label(design)),
        _both([fmt.count(numbers.arm_n(design, a)) for a in numbers.arms], [numbers.arm_row(design, a) for a in numbers.arms]),
        _both(
            [_plain(effective(numbers, design, a)) for a in numbers.arms],
            [_effective_row(numbers, design, a) for a in numbers.arms],
        ),
        _largest(numbers, design),
        *(_above(numbers, design, limit) for limit in limits),
        _fact(numbers, design, "c_statistic", 3),
        _fact(numbers, design, "events_per_coefficient", 1),
        _shares(numbers, design),
    )


def largest(numbers: Numbers, design: str) -> list[tuple[str, float]]:
    """(variable, absolute SMD) from the largest down."""
    found = [(v, abs(numbers.value("baseline", "smd", design=design, variable=v))) for v in balanced_variables(numbers)]
    return sorted(((v, smd) for v, smd in found if not math.isnan(smd)), key=lambda f: -f[1])


def effective(numbers: Numbers, design: str, arm: str) -> float:
    """Effective sample size of an arm: of an unweighted design its patients."""
    row = _effective_row(numbers, design, arm)
    return math.nan if row is None else row.value


def _effective_row(numbers: Numbers, design: str, arm: str) -> Row | None:
    row = numbers.row("baseline", "effective_n", design=design, group=arm)
    return numbers.arm_row(design, arm) if row is None else row


def share(numbers: Numbers, design: str, arm: str) -> float:
    """Of the arm's patients with a score those in equipoise."""
    row = _share_row(numbers, design, arm)
    return math.nan if row is None else row.value


def _share_row(numbers: Numbers, design: str, arm: str) -> Row | None:
    return numbers.row("design", "value", design=design, variable="equipoise_share", group=arm)


def _both(found: list[str], rows: list[Row | None]) -> Cell:
    return printed(" / ".join(found), *rows)


def _plain(value: float) -> str:
    return fmt.number(value, 0 if value == round(value) else 1)


def _largest(numbers: Numbers, design: str) -> Cell:
    found = largest(numbers, design)
    if not found:
        return NONE
    name, smd = found[0]
    return printed(f"{fmt.number(smd, 2)} ({numbers.covariate_words(name)})", *_smds(numbers, design, [name]))


def _above(numbers: Numbers, design: str, limit: float) -> Cell:
    """Counted here, of the differences that the table of balance leads to."""
    found = largest(numbers, design)
    return Cell(fmt.count(sum(smd > limit for _, smd in found))) if found else NONE


def _smds(numbers: Numbers, design: str, names: list[str]) -> list[Row | None]:
    return [numbers.row("baseline", "smd", design=design, variable=name) for name in names]


def _fact(numbers: Numbers, design: str, name: str, decimals: int) -> Cell:
    row = numbers.row("design", "value", design=design, variable=name)
    return NONE if row is None or math.isnan(row.value) else printed(fmt.number(row.value, decimals), row)


def _shares(numbers: Numbers, design: str) -> Cell:
    found = [share(numbers, design, a) for a in numbers.arms]
    return (
        NONE
        if any(math.isnan(v) for v in found)
        else _both([f"{fmt.number(100 * v, 0)}%" for v in found], [_share_row(numbers, design, a) for a in numbers.arms])
    )
