"""Our SQL is that of DuckDB: the same statement for another engine, by sqlglot and by rewrites of its tree."""

from __future__ import annotations

import functools
from collections.abc import Callable

import sqlglot
from sqlglot import exp

Rewrite = Callable[[exp.Expr], exp.Expr]
REWRITES: dict[str, Rewrite] = {}  # dialect -> what is done to the tree of a statement before it is written


@functools.lru_cache(4096)
def transpile(sql: str, dialect: str) -> str:
    """One statement of ours in another dialect of sqlglot (postgres, spark). Raises ValueError for what is not one statement."""
    trees = [tree for tree in sqlglot.parse(sql, read="duckdb") if tree is not None]
    if len(trees) != 1:
        raise ValueError("more than one statement")
    tree = trees[0]
    rewrite = REWRITES.get(dialect)
    return (rewrite(tree) if rewrite else tree).sql(dialect=dialect, comments=False)
