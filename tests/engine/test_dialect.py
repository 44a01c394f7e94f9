"""What our SQL means is the same in PostgreSQL: each expression over awkward values, against the embedded engine."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest

from equipoise.engine import DuckDBEngine, Engine, as_number, open_engine
from equipoise.engine.text import number_as_text, text_cell, written_number

NUMBERS = (
    0.0,
    -0.0,
    0.5,
    1.5,
    2.5,
    -2.5,
    2.675,
    1.005,
    1e15,
    1e16,
    1e-5,
    123.456,
    -7.0,
    0.1 + 0.2,
    1e300,
    math.inf,
    -math.inf,
    None,
)
TEXTS = (
    "1", " 7 ", "1e5", "1.", ".5", "+5", "1e999", "1e-400", "-inf", "nan", "-", "", "2020-02-29", "2021-02-29", "2020-1-5",
    "2020/01/05", "2020-13-01", "a", "B", "Ä", "ab", "A b", "1,234.5", "1 234,5", "\u00a0x\u2003", "it's", None,
)  # fmt: skip
DATES = ("2020-01-31", "2020-02-29", "2019-12-31", "2021-03-01", None)

OF_NUMBERS = (
    "round(x)", "round(x, 2)", "round(x, -1)", "floor(x)", "trunc(x)", "abs(x)", "x / 3", "x / 0", "x * 1.1", "ln(abs(x))",
    "ln(x)", "log10(x)", "sqrt(x)", "isnan(x)", "isfinite(x)", "isnan(x / 0)", "cast(x as varchar)", "x > 1.5",
    "x between 0 and 2.5",
    "greatest(x, 1)", "least(x, 1)", "coalesce(x, 9)", "case when x > 1 then 'big' else 'small' end", "x is null",
    "nullif(x, 0.5)", "x in (0.5, 1.5)", "cast(case when abs(x) < 1e10 then x end as bigint)",
    "cast(case when abs(x) < 1e9 then x end as integer)",
)  # fmt: skip
OF_TEXTS = (
    "try_cast(s as double)", "try_cast(case when s <> '-inf' then s end as date)", "try_cast(s as bigint)",
    "lower(s)", "upper(s)", "trim(s)", "length(s)",
    "contains(s, 'b')", "left(s, 2)", "substr(s, 2, 3)", "s || 'x'", "concat(s, 'x')", "s < 'a'", "s >= 'B'", "s like 'a%'",
    "regexp_matches(s, '[0-9]')", "regexp_full_match(s, '[0-9]+|a.*')", r"regexp_matches(s, '[\x{a0}]')",
    "regexp_extract(s, '^([0-9]+)-([0-9]+)', 2)", "regexp_extract(s, '[0-9]+')", "regexp_replace(s, '[0-9]', '#', 'g')",
    "replace(s, ',', '.')", "coalesce(s, 'none')", "ltrim(s, '+-')", "s in ('a', 'B')", "case when s = 'a' then 1.5 end",
    as_number("s"), text_cell("s"), written_number("s", False, True), written_number("s", True, True),
)  # fmt: skip
OF_DATES = (
    "date_diff('day', d, date '2020-03-01')", "cast(d + 30 * interval 1 day as date)", "cast(d - interval 1 day as date)",
    "year(d)", "extract(month from d)", "cast(d as varchar)", "cast(d + interval 1 month as date)", "d >= '2020-02-01'",
    "d - date '2020-01-01'", "last_day(d)", "greatest(d, date '2020-01-01')",
)  # fmt: skip
AGGREGATES = (
    "median(x)", "quantile_cont(x, 0.25)", "avg(x)", "sum(n)", "sum(case when x > 1 then 1 else 0 end)", "count(x)", "max(x)",
    "count(distinct s)", "max(s)", "min(s)", "arg_max(s, n)", "arg_min(n, s)", "count(*) filter (x > 1)", "max(x is null)",
    "min(x > 0)", "string_agg(s, '|' order by s)", "bool_and(n > 0)", "count(*) filter (where s < 'a')",
    "count(*) filter (regexp_full_match(s, '[a-z]+'))", "sum(n) / count(*)", "max(n) - min(n)",
)  # fmt: skip
WHOLE = (
    "select s, row_number() over (order by s desc, n) as r from t",
    "select s, n from t order by s nulls last, n limit 5",
    "select s, n from t order by s desc, n limit 5",
    "select n, lag(n) over (order by n) as before, max(n) over (partition by n > 5) as most from t",
    "select \"A\".n, \"Big\" from (select n, n * 2 as \"Big\" from t) as \"A\" where big > 6",
    "select n from t where n not in (select n from t where n > 3) union all select 99 order by 1",
    "with a as (select n from t) select a.n, b.s from a left join t as b on a.n = b.n and b.s = 'a'",
    "select n % 3 as m, count(*) from t group by n % 3 having count(*) > 1",
    "select count(*) from (select distinct s from t)",
    "select c0 as name, c1 as value from (values ('x', 1.5), ('Y', null)) as v(c0, c1) order by c0",
    "select n from t qualify row_number() over (partition by n > 3 order by n desc) = 1",
)  # fmt: skip


def filled(engine: Engine) -> Engine:
    texts = np.array(TEXTS, dtype=object)
    given = {
        "n": np.arange(1, len(TEXTS) + 1),
        "s": texts,
        "x": np.array([np.nan if v is None else v for v in (*NUMBERS, *[None] * len(TEXTS))][: len(TEXTS)], dtype=float),
        "day": np.array([*DATES, *[None] * len(TEXTS)][: len(TEXTS)], dtype=object),
    }
    engine.take("given", given)
    engine.create("t", "select n, s, x, cast(day as date) as d from given order by n")
    return engine


@pytest.fixture(scope="module")
def engines(postgres) -> tuple[Engine, Engine]:
    return filled(DuckDBEngine()), filled(open_engine(postgres.address(postgres.database("dialect"))))


def plain(cell: object) -> object:
    if isinstance(cell, bool) or cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, dt.date) else f"{float(cell) + 0.0:.14g}"  # type: ignore[arg-type]


def same(engines: tuple[Engine, Engine], sql: str) -> None:
    one, other = ([[plain(c) for c in row] for row in engine.rows(sql)] for engine in engines)
    ordered = "order by" in sql.rpartition(")")[2]
    assert (one if ordered else sorted(one, key=repr)) == (other if ordered else sorted(other, key=repr))


@pytest.mark.parametrize("expression", (*OF_NUMBERS, number_as_text("x"), *OF_TEXTS, *OF_DATES))
def test_an_expression(engines, expression: str) -> None:
    same(engines, f"select n, {expression} as value from t order by n")


@pytest.mark.parametrize("expression", AGGREGATES)
def test_an_aggregate(engines, expression: str) -> None:
    same(engines, f"select {expression} as value from t where abs(x) < 1e100")


@pytest.mark.parametrize("sql", WHOLE)
def test_a_statement(engines, sql: str) -> None:
    same(engines, sql)


def test_a_name_of_any_length_and_kind(engines) -> None:
    """PostgreSQL keeps 63 bytes of a name, and knows capitals."""
    long = 'The "serum concentration" of alpha-fetoprotein before the first dose of treatment, ng/mL; 初回投与前'
    names = [long, long + " (again)", "select", "%s", "Ünïcode", "a?b"]
    for engine in engines:
        engine.take("named", {name: np.array([float(i)]) for i, name in enumerate(names)})
        quoted = ", ".join('"' + name.replace('"', '""') + '"' for name in names)
        engine.create("again", f"select {quoted} from named")
        assert list(engine.columns("again")) == names
        assert engine.fetch("select * from again")[long + " (again)"].tolist() == [1.0]
        assert list(engine.fetch(f"select {quoted} from again")) == names


def test_a_statement_that_is_refused_leaves_the_others(engines) -> None:
    for engine in engines:
        assert not engine.evaluates("s + 1 > 2", "t")
        assert not engine.evaluates("nowhere", "t")
        assert engine.evaluates("n > 2", "t")
        assert engine.rows("select count(*) from t where n = ?", [3]) == [(1,)]
