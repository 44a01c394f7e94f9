"""The contract as a page."""

from __future__ import annotations

from equipoise.contract.shape import Column, Table
from equipoise.contract.whole import CORE, Contract


def codebook(contract: Contract = CORE) -> str:
    """The contract as Markdown: a section per table, then the items of `observation` and the analytes of `lab`."""
    lines = ["# Codebook", "", "Empty cells mean not recorded. Dates are written YYYY-MM-DD.", ""]
    for table in contract.tables.values():
        lines += _table(table)
    lines += ["## Items of observation", "", "| item | value | window | note |", "|---|---|---|---|"]
    lines += [f"| {i.name} | {i.allowed} | {i.window} | {i.note} |" for i in contract.items.values()]
    lines += [
        "",
        "## Analytes of lab",
        "",
        "| analyte | analysed in | other units | believable | window |",
        "|---|---|---|---|---|",
    ]
    for a in contract.analytes.values():
        others = ", ".join(u for units in a.units.values() for u in units if u and u != a.unit.lower())
        believable = f"{a.believable[0]:g} to {a.believable[1]:g}" if a.believable else ""
        lines.append(f"| {a.name} | {a.unit} | {others} | {believable} | {a.window} |")
    return "\n".join([*lines, ""])


def _table(table: Table) -> list[str]:
    key = f" Key: {', '.join(table.key)}." if table.key else ""
    lines = [f"## {table.name}", "", f"{table.grain[0].upper()}{table.grain[1:]}.{key} {table.note}".rstrip(), ""]
    lines += ["| column | type | unit | allowed | required | note |", "|---|---|---|---|---|---|"]
    for c in table.columns:
        need = "yes" if c.required else "no"
        lines.append(f"| {c.name} | {c.kind} | {c.unit} | {_allowed(c)} | {need} | {c.note} |")
    return [*lines, ""]


def _allowed(column: Column) -> str:
    if column.values:
        return ", ".join(column.values)
    if column.low is None and column.high is None:
        return ""
    low = "" if column.low is None else f"{column.low:g}"
    high = "" if column.high is None else f"{column.high:g}"
    return f"{low} to {high}".strip()
