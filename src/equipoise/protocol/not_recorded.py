"""Leaving out patients of whom an outcome was never recorded: allowed as a counted step, because no time can be counted for them.

It is the only exclusion by a column of the outcome that the guard of time zero lets pass: the columns may only be asked whether
they are empty, and together they must be everything that could end the time of an endpoint.
"""

from __future__ import annotations

import re

from sqlglot import exp

from equipoise.protocol.expressions import columns_of, trees_of
from equipoise.protocol.measures import Endpoint
from equipoise.protocol.population import Exclude
from equipoise.protocol.spec import Protocol

SHEET = "patients"


def unrecorded_step(protocol: Protocol, endpoint: Endpoint) -> str:
    """The exclusion, as it is written in a protocol, of patients for whom this endpoint has neither an event nor a censoring."""
    if endpoint.time is not None:
        return _step(f"{_name(endpoint.time.column)} is null")
    table, columns = _ends(protocol, endpoint)
    if protocol.data.rows is not None:
        return _step(" and ".join(f"{_name(c)} is null" for c in columns))
    where = " or ".join(f"{_name(c)} is not null" for c in columns)
    return f"exclude: [{{reason: Follow-up not recorded, table: {table}, where: '{where}', absent: true}}]"


def unrecorded_event_step(endpoint: Endpoint) -> str:
    """The same of patients for whom it is unknown whether the event happened."""
    return _step(" or ".join(f"{_name(c)} is null" for c in columns_of(str(endpoint.event))))


def is_not_recorded(protocol: Protocol, exclude: Exclude) -> bool:
    """Whether an exclusion only asks whether the whole outcome of an endpoint is missing."""
    table = exclude.table or SHEET
    groups = _absent(exclude.where) if exclude.absent else _empty(exclude.where)
    return bool(groups) and all(_is_unknown(protocol, table, columns) for columns in groups)


def _is_unknown(protocol: Protocol, table: str, columns: set[str]) -> bool:
    for endpoint in protocol.endpoints.values():
        if endpoint.time is not None and (endpoint.time.column in columns or _event_unknown(endpoint, columns)):
            return True
        place, ends = _ends(protocol, endpoint)
        if endpoint.events and place == table and ends and set(ends) <= columns:
            return True
    return False


def _event_unknown(endpoint: Endpoint, columns: set[str]) -> bool:
    """An empty cell leaves the event unknown: not where the expression itself asks for emptiness, as of a date of death."""
    asks = any(tree.find(exp.Is, exp.Coalesce) for tree in trees_of(str(endpoint.event)))
    return not asks and bool(set(columns_of(str(endpoint.event))) & columns)


def _ends(protocol: Protocol, endpoint: Endpoint) -> tuple[str, list[str]]:
    """The table of the last censoring source, and the columns there that end the time of the endpoint."""
    known = [protocol.sources[s] for s in (*endpoint.events, *endpoint.censoring) if s in protocol.sources]
    if not known:
        return "", []
    table = known[-1].table
    return table, list(dict.fromkeys(s.day or s.date for s in known if s.table == table))


def _empty(where: str) -> list[set[str]]:
    """Columns of each alternative, where each asks only for empty cells; none where anything else is asked."""
    trees = trees_of(where)
    if len(trees) != 1:
        return []
    alternatives = [list(_flat(part, exp.And)) for part in _flat(trees[0], exp.Or)]
    if not all(_tests_null(leaf) for leaves in alternatives for leaf in leaves):
        return []
    return [{leaf.this.name for leaf in leaves} for leaves in alternatives]


def _absent(where: str) -> list[set[str]]:
    """The columns of which a row would have to hold one."""
    trees = trees_of(where)
    leaves = list(_flat(trees[0], exp.Or)) if len(trees) == 1 else []
    inner = [leaf.this for leaf in leaves if isinstance(leaf, exp.Not)]
    asked = len(inner) == len(leaves) > 0 and all(_tests_null(leaf) for leaf in inner)
    return [{leaf.this.name for leaf in inner}] if asked else []


def _tests_null(leaf: exp.Expr) -> bool:
    return isinstance(leaf, exp.Is) and isinstance(leaf.this, exp.Column) and isinstance(leaf.expression, exp.Null)


def _flat(tree: exp.Expr, kind: type[exp.Connector]) -> list[exp.Expr]:
    bare = tree.unnest()
    return [leaf for side in (bare.left, bare.right) for leaf in _flat(side, kind)] if isinstance(bare, kind) else [bare]


def _step(where: str) -> str:
    return f"exclude: [{{reason: Not recorded, where: '{where}'}}]"


def _name(column: str) -> str:
    return column if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", column) else '"' + column.replace('"', '""') + '"'
