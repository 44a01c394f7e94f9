"""Drawn tables of a factor by arm: whoever tries every table that fits what is printed cannot tell a small count."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.disclosure.follow import Follows
from equipoise.disclosure.mask import masked_rows
from equipoise.records import Masked, Row

LEAST = 5
ARMS = ("new", "old")


def rows_of(table: list[tuple[int, int]]) -> list[Row]:
    """table: per level the patients of each arm."""
    sizes = {"total": sum(map(sum, table)), **{arm: sum(level[i] for level in table) for i, arm in enumerate(ARMS)}}
    found = [Row("baseline", "n", float(n), design="unadjusted", group=g, n=n) for g, n in sizes.items()]
    for k, level in enumerate(table):
        for group, count in (("total", sum(level)), *zip(ARMS, level, strict=True)):
            part = {"design": "unadjusted", "variable": "stage", "level": f"l{k}", "group": group}
            found.append(Row("baseline", "n", float(count), n=sizes[group], **part))
            percent = 100 * count / sizes[group] if sizes[group] else math.nan
            found.append(Row("baseline", "percent", percent, n=sizes[group], events=count, **part))
    found.append(Row("baseline", "p", 0.04, design="unadjusted", variable="stage", n=sizes["total"]))
    found.append(Row("baseline", "smd", 0.3, design="unadjusted", variable="stage"))
    return found


def fitting(shown: dict[tuple[str, str], float], levels: int, size: int) -> list[int] | None:
    """Every count of an arm's levels that adds up to its size and agrees with what is printed."""
    choices = [possible(shown[k]) or range(size + 1) for k in range(levels)]
    return [c for c in itertools.product(*choices) if sum(c) == size]


def possible(value: float) -> range | None:
    if isinstance(value, Masked):
        return range(1, LEAST) if value.shown == f"<{LEAST}" else None
    return range(round(value), round(value) + 1)


TABLES = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=3)


@given(TABLES)
def test_no_small_count_of_a_drawn_table_can_be_told(table: list[tuple[int, int]]) -> None:
    rows = masked_rows(rows_of(table), ARMS, LEAST, Follows(frozenset()))
    told = {(r.group, r.level): r.value for r in rows if r.statistic == "n" and r.level}
    sizes = {r.group: r.value for r in rows if r.statistic == "n" and not r.variable}
    if any(isinstance(n, Masked) for n in sizes.values()):
        assert all(isinstance(r.value, Masked) for r in rows if isinstance(sizes.get(r.group), Masked))
        return
    arms = [fitting({k: told[arm, f"l{k}"] for k in range(len(table))}, len(table), round(sizes[arm])) for arm in ARMS]
    both = [
        (a, b)
        for a, b in itertools.product(*arms)
        if all((p := possible(told["total", f"l{k}"])) is None or a[k] + b[k] in p for k in range(len(table)))
    ]
    for k, level in enumerate(table):
        for i, count in enumerate(level):
            if 0 < count < LEAST:
                assert len({pair[i][k] for pair in both}) >= 2
        if 0 < sum(level) < LEAST:
            assert len({a[k] + b[k] for a, b in both}) >= 2


@given(TABLES)
def test_no_count_below_the_minimum_stands_in_a_row(table: list[tuple[int, int]]) -> None:
    for row in masked_rows(rows_of(table), ARMS, LEAST, Follows(frozenset())):
        assert not 0 < row.events < LEAST
        assert row.statistic != "n" or not 0 < row.value < LEAST
        assert not 0 < row.n < LEAST


def test_a_masked_row_says_why_and_what_follows_is_masked_too() -> None:
    rows = masked_rows(rows_of([(3, 20), (30, 20), (7, 9)]), ARMS, LEAST, Follows(frozenset()))
    by_key = {r.key: r for r in rows}
    small = by_key["baseline.unadjusted.stage.l0.new.percent"]
    assert (small.value.shown, small.method) == ("<5", "masked: a count below the minimum")
    assert {k for k, r in by_key.items() if isinstance(r.value, Masked) and r.level and r.statistic == "n"} == {
        "baseline.unadjusted.stage.l0.new.n",
        "baseline.unadjusted.stage.l0.old.n",
        "baseline.unadjusted.stage.l2.new.n",
        "baseline.unadjusted.stage.l2.old.n",
    }
    assert isinstance(by_key["baseline.unadjusted.stage.p"].value, Masked)
    assert isinstance(by_key["baseline.unadjusted.stage.smd"].value, Masked)


def test_where_no_count_is_small_nothing_is_masked() -> None:
    rows = rows_of([(10, 20), (30, 0)])
    assert masked_rows(rows, ARMS, LEAST, Follows(frozenset())) == rows


@pytest.mark.parametrize(
    "computed", [lambda m: m + 1, lambda m: 2 * m, lambda m: m / 30, lambda m: -m, lambda m: 1 - m, round, abs]
)
def test_what_is_computed_from_a_masked_number_is_masked(computed) -> None:
    assert isinstance(computed(Masked("<5")), Masked)
