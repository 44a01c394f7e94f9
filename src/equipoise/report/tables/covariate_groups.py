"""Balance of groups of covariates: how many of each differ between the arms, before and in every design."""

from __future__ import annotations

from equipoise.document.model import Cell, Table, TableRow
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.tables.cells import body, head, stub
from equipoise.report.words import words

ANALYSIS, ABOVE = "covariate_group", "above"


def covariate_groups_table(numbers: Numbers) -> Table | None:
    """None where the study has no groups."""
    groups = numbers.study.covariates.groups
    limits = list(dict.fromkeys(numbers.protocol.balance_thresholds))
    rows = [
        body(
            stub(group.label if i == 0 else ""),
            Cell(numbers.design_label(design), align="left"),
            Cell(fmt.count(_n(numbers, design, name, ""))),
            *(Cell(fmt.count(_n(numbers, design, name, f"{ABOVE} {limit:g}"))) for limit in limits),
            Cell(_largest(numbers, design, name), align="left"),
        )
        for name, group in groups.items()
        for i, design in enumerate(d for d in numbers.design_names if group.labels)
    ]
    if not rows or numbers.single or numbers.several:
        return None
    labels = [words("omop.groups.group"), words("omop.groups.design"), words("omop.groups.n")]
    labels += [words("omop.groups.above", limit=f"{limit:g}") for limit in limits]
    labels.append(words("omop.groups.largest"))
    left = (0, 1, len(labels) - 1)
    line = TableRow(tuple(head(x, align="left" if i in left else "center") for i, x in enumerate(labels)))
    notes = (words("omop.groups.note"),)
    return Table("table_covariate_groups", words("omop.groups.title"), (line,), tuple(rows), notes=notes, supplement=True)


def _n(numbers: Numbers, design: str, group: str, level: str) -> float:
    return numbers.value("baseline", "n", analysis=ANALYSIS, design=design, variable=group, level=level)


def _largest(numbers: Numbers, design: str, group: str) -> str:
    """`Osteoarthritis 0.31; Asthma 0.12`."""
    rows = numbers.where("baseline", analysis=ANALYSIS, design=design, variable=group, statistic="smd")
    return "; ".join(f"{r.level} {fmt.number(abs(r.value), 2)}" for r in rows[:3])
