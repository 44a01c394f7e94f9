"""What is known of each design before outcomes are opened: sizes, balance, the score, equipoise."""

from __future__ import annotations

import math

from equipoise.document.model import Cell, Table, TableRow
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.tables.baseline import balanced_variables
from equipoise.report.tables.cells import body, head, stub

NONE = Cell("\u2013", tone="quiet")
EQUIPOISE = 0.5  # Walker 2013: at least half of the patients


def diagnostics_table(numbers: Numbers) -> Table | None:
    """A column per design; None without one."""
    designs = [d for d in numbers.design_names if d != "unadjusted"]
    if not designs:
        return None
    columns = ["unadjusted", *designs]
    top = TableRow((head("", align="left"), *(head(numbers.design_label(d)) for d in columns)))
    rows = [
        body(stub(f"Patients, {fmt.lower_first(numbers.arm_label(a))}"), *(_n(numbers, d, a) for d in columns))
        for a in numbers.arms
    ]
    rows += [
        body(
            stub(f"Effective sample size, {fmt.lower_first(numbers.arm_label(a))}"), *(_effective(numbers, d, a) for d in columns)
        )
        for a in numbers.arms
    ]
    low, high = numbers.protocol.balance_thresholds
    rows.append(body(stub("Largest absolute SMD"), *(_largest(numbers, d) for d in columns)))
    for limit in dict.fromkeys((low, high)):
        rows.append(body(stub(f"Variables with an absolute SMD above {limit:g}"), *(_above(numbers, d, limit) for d in columns)))
    rows.append(body(stub("c statistic of the score"), *(_fact(numbers, d, "c_statistic", 3) for d in columns)))
    rows.append(
        body(
            stub("Patients of the smaller arm per coefficient"),
            *(_fact(numbers, d, "events_per_coefficient", 1) for d in columns),
        )
    )
    rows += [
        body(stub(f"In equipoise, {fmt.lower_first(numbers.arm_label(a))}"), *(_share(numbers, d, a) for d in columns))
        for a in numbers.arms
    ]
    note = (
        "SMD, standardized mean difference. Effective sample size: (sum of weights)\u00b2 / sum of squared weights (Kish); "
        "without weights, patients. In equipoise: preference score of 0.3 to 0.7 (Walker 2013), patients with a score, before "
        "the design."
    )
    return Table("table_diagnostics", "The designs before outcomes", (top,), tuple(rows), notes=(note,), supplement=True)


def largest(numbers: Numbers, design: str) -> list[tuple[str, float]]:
    """(variable, absolute SMD) from the largest down."""
    found = [(v, abs(numbers.value("baseline", "smd", design=design, variable=v))) for v in balanced_variables(numbers)]
    return sorted(((v, smd) for v, smd in found if not math.isnan(smd)), key=lambda f: -f[1])


def effective(numbers: Numbers, design: str, arm: str) -> float:
    """Effective sample size of an arm: of an unweighted design its patients."""
    row = numbers.row("baseline", "effective_n", design=design, group=arm)
    return numbers.arm_n(design, arm) if row is None else row.value


def share(numbers: Numbers, design: str, arm: str) -> float:
    """Of the arm's patients with a score those in equipoise."""
    return numbers.value("design", "value", design=design, variable="equipoise_share", group=arm)


def _n(numbers: Numbers, design: str, arm: str) -> Cell:
    return Cell(fmt.count(numbers.arm_n(design, arm)))


def _effective(numbers: Numbers, design: str, arm: str) -> Cell:
    value = effective(numbers, design, arm)
    return Cell(fmt.number(value, 0 if value == round(value) else 1))


def _largest(numbers: Numbers, design: str) -> Cell:
    found = largest(numbers, design)
    if not found:
        return NONE
    name, smd = found[0]
    return Cell(f"{fmt.number(smd, 2)} ({numbers.covariate_words(name)})")


def _above(numbers: Numbers, design: str, limit: float) -> Cell:
    found = largest(numbers, design)
    return Cell(fmt.count(sum(smd > limit for _, smd in found))) if found else NONE


def _fact(numbers: Numbers, design: str, name: str, decimals: int) -> Cell:
    row = numbers.row("design", "value", design=design, variable=name)
    return NONE if row is None or math.isnan(row.value) else Cell(fmt.number(row.value, decimals))


def _share(numbers: Numbers, design: str, arm: str) -> Cell:
    value = share(numbers, design, arm)
    return NONE if math.isnan(value) else Cell(f"{fmt.number(100 * value, 0)}%")
