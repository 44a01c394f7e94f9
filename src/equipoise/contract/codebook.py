"""The contract as a page."""

from __future__ import annotations

from collections.abc import Iterable

from equipoise.contract.shape import Column, Table


def codebook_text(tables: Iterable[Table]) -> str:
    """The contract as Markdown, a section per table."""
    lines = ["# Codebook", "", "Empty cells mean not recorded. Dates are written YYYY-MM-DD.", ""]
    for table in tables:
        key = f" Key: {', '.join(table.key)}." if table.key else ""
        lines += [f"## {table.name}", "", f"{table.grain[0].upper()}{table.grain[1:]}.{key} {table.note}".rstrip(), ""]
        lines += ["| column | type | unit | allowed | required | note |", "|---|---|---|---|---|---|"]
        for c in table.columns:
            need = "yes" if c.required else "no"
            lines.append(f"| {c.name} | {c.kind} | {c.unit} | {_allowed(c)} | {need} | {c.note} |")
        lines.append("")
    return "\n".join(lines)


def _allowed(column: Column) -> str:
    if column.values:
        return ", ".join(column.values)
    if column.low is None and column.high is None:
        return ""
    low = "" if column.low is None else f"{column.low:g}"
    high = "" if column.high is None else f"{column.high:g}"
    return f"{low} to {high}".strip()
