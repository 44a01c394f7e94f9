"""The covariates with the role that the protocol gives them, and the reason."""

from __future__ import annotations

from equipoise.document.model import Cell, Table, TableRow
from equipoise.protocol.measures import ROLES
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.tables.balance import in_score_of
from equipoise.report.tables.cells import body, head, stub
from equipoise.report.words import words


def roles_table(numbers: Numbers) -> Table | None:
    """None where no covariate has a role or a reason."""
    told = [name for name, c in numbers.protocol.covariates.items() if c.role or c.why]
    if not told:
        return None
    designs = numbers.design_names[1:]
    labels = [
        words("columns.variable"),
        words("roles.role"),
        *([words("columns.in_score")] if designs else []),
        words("roles.reason"),
    ]
    line = TableRow(
        tuple(head(x, align="left" if x in (words("columns.variable"), words("roles.reason")) else "center") for x in labels)
    )
    rows = []
    for name in told:
        spec = numbers.covariate(name)
        cells = [stub(spec.label), Cell(spec.role or ""), *([Cell(_scores(numbers, name))] if designs else [])]
        rows.append(body(*cells, Cell(spec.why, align="left")))
    used = dict.fromkeys(numbers.covariate(name).role for name in told)
    notes = [f"{fmt.upper_first(role)}: {said}." for role, said in ROLES.items() if role in used]
    declared = [words("roles.note")]
    return Table("table_roles", words("roles.title"), (line,), tuple(rows), notes=(*notes, *declared), supplement=True)


def _scores(numbers: Numbers, name: str) -> str:
    """yes, no, or the designs whose score has it."""
    designs = numbers.design_names[1:]
    found = [d for d in designs if in_score_of(numbers, d, name)]
    if not found or len(found) == len(designs):
        return words("columns.yes" if found else "columns.no")
    return "; ".join(numbers.design_label(d) for d in found)
