"""What files hold for packs that the study does not name: said, so that nobody misses it, and not read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from equipoise.contract import CORE, Contract, Table
from equipoise.data.read import SUFFIXES, RawTable
from equipoise.engine import listed
from equipoise.errors import Fault
from equipoise.packs import SHIPPED, Pack, shipped

RULE = "other pack"
CODED = {"lab": "analyte", "observation": "item"}


def _others(contract: Contract) -> Iterator[Pack]:
    """Packs that ship and bring something that the contract does not have."""
    for name in SHIPPED:
        pack = shipped(name)
        if not {*pack.tables, *_codes(pack, "lab"), *_codes(pack, "observation")} <= {
            *contract.tables, *contract.analytes, *contract.items,
        }:  # fmt: skip
            yield pack


def _codes(pack: Pack, table: str) -> list[str]:
    """Items or analytes that the pack declares."""
    own = pack.extend(CORE)
    known = (own.analytes, CORE.analytes) if table == "lab" else (own.items, CORE.items)
    return [name for name in known[0] if name not in known[1]]


def foreign_tables(contract: Contract, folder: Path) -> list[Fault]:
    """Files named as a table of a pack that is not named."""
    found = []
    for pack in _others(contract):
        for table in pack.tables:
            files = [f"{table}{s}" for s in SUFFIXES if (folder / f"{table}{s}").is_file()]
            if files and table not in contract.tables:
                found.append(Fault(files[0], RULE, f"this table is of the {_unnamed(pack)}; it was not read"))
    return found


def foreign_rows(contract: Contract, table: Table, raw: RawTable) -> tuple[str, list[Fault]]:
    """A condition over the text relation of `lab` or `observation` that leaves rows of other packs out, and how many they are."""
    column = CODED.get(table.name)
    if column is None or column not in raw.names:
        return "true", []
    known = table.column(column).values
    cell, left, found = raw.text(column), [], []
    for pack in _others(contract):
        codes = [c for c in _codes(pack, table.name) if c not in known]
        n = raw.engine.rows(f"select count(*) from {raw.relation} where {cell} in ({listed(codes)})")[0][0] if codes else 0
        if n:
            rows = "1 row is" if n == 1 else f"{n} rows are"
            message = f"{rows} of the {_unnamed(pack)} ({', '.join(codes)}); they were not read"
            found.append(Fault(f"{raw.file}, column {column}", RULE, message))
            left += codes
    return (f"({column} is null or {column} not in ({listed(left)}))" if left else "true"), found


def _unnamed(pack: Pack) -> str:
    return f"pack '{pack.name}', which the protocol does not name under packs"
