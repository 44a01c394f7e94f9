"""Our SQL is that of DuckDB: the same statement for another engine, by sqlglot and by rewrites of its tree."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import sqlglot
from sqlglot import exp

from equipoise.engine import postgres_dialect, spark_dialect
from equipoise.engine.text import literal

Rewrite = Callable[[exp.Expr], exp.Expr]
# dialect -> what is done to the tree of a statement before it is written
REWRITES: dict[str, Rewrite] = {"postgres": postgres_dialect.rewrite, "spark": spark_dialect.rewrite}


@functools.lru_cache(4096)
def transpile(sql: str, dialect: str, pretty: bool = False) -> str:
    """One statement of ours in another dialect of sqlglot (postgres, spark). pretty: in lines. Raises ValueError for what is not
    one statement."""
    return written(parsed(sql), dialect, pretty)


def written(tree: exp.Expr, dialect: str, pretty: bool = False) -> str:
    """The tree of one statement in another dialect. It is changed in place."""
    rewrite = REWRITES.get(dialect)
    generator = sqlglot.Dialect.get_or_raise(dialect).generator(comments=False, pretty=pretty)
    # else they are lifted to the top, where two of one name clash
    generator.EXPRESSIONS_WITHOUT_NESTED_CTES = set()  # type: ignore[misc]  # of the class there, of this one here
    return str(generator.generate(rewrite(tree) if rewrite else tree))


def parsed(sql: str) -> exp.Expr:
    """The tree of one statement of ours. Raises ValueError for what is not one statement."""
    trees = [tree for tree in sqlglot.parse(sql, read="duckdb") if tree is not None]
    if len(trees) != 1:
        raise ValueError("more than one statement")
    return trees[0]


def bound(sql: str, given: Sequence[Any]) -> str:
    """A statement of ours with values in the place of its question marks, in their order."""
    tree = parsed(sql)
    marks = [node for node in tree.dfs() if isinstance(node, exp.Placeholder)]
    for mark, value in zip(marks, given, strict=True):
        mark.replace(sqlglot.parse_one(literal(value), read="duckdb"))
    return tree.sql(dialect="duckdb")
