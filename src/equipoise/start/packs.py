"""Which rule packs a folder of raw tables asks for: those of which it holds a table, an item or an analyte of their own."""

from __future__ import annotations

from equipoise.contract import CORE
from equipoise.data.read import RawTable
from equipoise.engine import listed
from equipoise.packs import SHIPPED, Pack, shipped
from equipoise.protocol.prior_line import TABLE as INFUSIONS
from equipoise.start.columns import slug, unique

TRUTHS = {"true", "false"}


def named_packs(tables: dict[str, RawTable]) -> list[Pack]:
    """The shipped packs behind what the tables hold, in the order in which they ship."""
    return [pack for pack in map(shipped, SHIPPED) if _brings(pack, tables)]


def _brings(pack: Pack, tables: dict[str, RawTable]) -> bool:
    for name, table in pack.tables.items():
        needed = {c for c, column in table.columns.items() if column.required}
        if name in tables and needed <= set(tables[name].names):
            return True
    own = pack.extend(CORE)
    analytes, items = set(own.analytes) - set(CORE.analytes), set(own.items) - set(CORE.items)
    coded = (("lab", "analyte", analytes), ("observation", "item", items))
    return any(codes & set(tables[t].counted(column)) for t, column, codes in coded if t in tables and column in tables[t].names)


def pack_lines(packs: list[Pack], tables: dict[str, RawTable]) -> list[str]:
    """The blocks `packs` and, for the infusions of the line before, `prior_line`; nothing without packs."""
    if not packs:
        return []
    named = ", ".join(pack.name for pack in packs)
    lines = ["# what this tumour or setting adds: tables, items, analytes and scores", f"packs: [{named}]"]
    drugs = _drugs(tables[INFUSIONS]) if INFUSIONS in tables and any(INFUSIONS in pack.tables for pack in packs) else []
    if drugs:
        lines += ["# EDIT: the drugs of the line before; an infusion at which the first one was given is a cycle", "prior_line:"]
        lines += ["  drugs:", *drugs]
    return ["\n".join([*lines, ""])]


def _drugs(infusions: RawTable) -> list[str]:
    """One line for each column of true and false: whether a drug was given."""
    taken: set[str] = set()
    found = []
    for column in infusions.names:
        cell = infusions.text(column)
        counts = f"count({cell}) as n, count(*) filter (where {cell} not in ({listed(sorted(TRUTHS))})) as other"
        n, other = infusions.engine.rows(f"select {counts} from {infusions.relation}")[0]
        if n and not other:
            found.append(f"    {unique(slug(column.removeprefix('given_'), 'drug'), taken)}: {{given: {column}}}")
    return found
