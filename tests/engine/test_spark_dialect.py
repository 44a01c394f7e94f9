"""Our SQL in Spark's words: what is written (everyday), and that it gives what the embedded engine gives (slow)."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pytest

from equipoise.engine.dialect import transpile
from equipoise.engine.spark import tables_read, to_spark

KINDS = (("d", "DATE"), ("n", "BIGINT"), ("t", "VARCHAR"), ("x", "DOUBLE"))
WRITTEN = {
    "x / 2.5": "x / 2.5D",
    "x / n": "(CASE WHEN n = 0 THEN x * CAST('infinity' AS DOUBLE) ELSE x / n END)",
    "ln(x)": "CASE WHEN x <= 0 THEN SQRT(x) - CAST('infinity' AS DOUBLE) ELSE LN(x) END",
    "log10(x)": "CASE WHEN x <= 0 THEN SQRT(x) - CAST('infinity' AS DOUBLE) ELSE LOG10(x) END",
    "round(x, 1)": "(ROUND(CAST(x AS DOUBLE) * 10D, 0) / 10D)",
    "date_diff('day', d, date '2020-01-01')": "DATEDIFF(CAST('2020-01-01' AS DATE), d)",
    "cast(x as bigint)": "CAST(RINT(x) AS BIGINT)",
    "cast(n as varchar)": "CAST(n AS STRING)",
    "isfinite(x)": "ABS(CAST(x AS DOUBLE)) < CAST('infinity' AS DOUBLE)",
    "regexp_full_match(t, '[0-9]+')": "t RLIKE '\\\\A(?:[0-9]+)\\\\z'",
    "trim(t, ' \t')": "TRIM(' \\t' FROM t)",
    "'it''s \\ x'": "'it\\'s \\\\ x'",
    '"a ""b"" `c`"': '`a "b" ``c```',
    "row_number() over ()": "ROW_NUMBER() OVER (ORDER BY MONOTONICALLY_INCREASING_ID())",
    "lag(x) over w": "LAG(x) OVER w",
    "quantile_cont(x, 0.25)": "PERCENTILE(x, 0.25D)",
    "arg_max(x, n)": "MAX_BY(x, n)",
    "list_position(['a'], t)": "NULLIF(ARRAY_POSITION(ARRAY('a'), t), 0)",
    "(regexp_extract(t, '(a)(b)', ['one', 'two'])).two": "REGEXP_EXTRACT(t, '(a)(b)', 2)",
}


@pytest.mark.parametrize("ours", WRITTEN)
def test_what_is_written(ours: str) -> None:
    assert to_spark(f"select {ours}", KINDS) == f"SELECT {WRITTEN[ours]}"


def test_rows_stand_where_spark_would_put_missing_values_first() -> None:
    assert to_spark("select x from a order by x, n desc") == "SELECT x FROM a ORDER BY x NULLS LAST, n DESC"


def test_a_replaced_column_comes_last() -> None:
    assert to_spark("select * replace (n + 1 as n) from a") == "SELECT * EXCEPT (`n`), n + 1 AS n FROM a"


def test_two_inner_relations_of_one_name_stay_apart() -> None:
    part = "select * from (with a as (select {} as x) select * from a) as part"
    written = to_spark(f"with b as (select 3 as x) {part.format(1)} union all {part.format(2)} union all select * from b")
    assert written.count("WITH a AS") == 2


def test_what_has_no_words_there_is_refused() -> None:
    for ours in ("log(2, x)", "regexp_replace(t, 'a', 'b')", "round(x, n)", "regexp_full_match(t, t)"):
        with pytest.raises(ValueError):
            transpile(f"select {ours}", "spark")
    with pytest.raises(ValueError, match="more than one statement"):
        transpile("select 1; select 2", "spark")


def test_relations_that_a_statement_reads() -> None:
    sql = "with a as (select * from b join s.c on true) select * from a where x in (select y from d)"
    assert tables_read(sql) == ("b", "d")


TEXTS = ["12", " 7 ", "1e3", "1d", ".5", "5.", "-3.5", "+4", "nan", "2020-05", "2020-5-7", "2020/05/07", "-0.5",
         "2020-05-07 10:11:12", "2020-02-30", "20200507", "abc", "a\n", "", None, "true", "2.5", "3.5", "0.49"]  # fmt: skip
REALS = [0.0, 1.0, 2.5, 3.5, -2.5, 0.1, 1e7, 12345678.5, 1e15, 1e16, 1.5e-5, 0.0001, 0.00012345, 1e20, 1.5e100, 123456.789,
         2.675, 1.005, 0.285, math.inf, -math.inf, math.nan, None]  # fmt: skip
ASKED = {
    "texts": [
        "try_cast(v as double)", "try_cast(v as date)", "try_cast(v as bigint)", "try_cast(try_cast(v as double) as bigint)",
        "regexp_full_match(v, '[a-z]+')", "contains(v, '_')", "upper(v) || 'x'", "concat(v, 1.5, null)", "nullif(trim(v), '')",
        "left(v, 2)", "substr(v, 2, 3)", "v like '%5'", "case when isfinite(try_cast(v as double)) then 1 end",
        "regexp_extract(v, '([0-9]+)-([0-9]+)', 2)", "regexp_replace(v, '[0-9]', '#', 'g')", "replace(v, '-', '')", "v > 'a'",
    ],
    "reals": [
        "cast(v as varchar)", "round(v)", "round(v, 2)", "floor(v)", "trunc(v)", "ceil(v)", "v / 0", "v / v", "1 / v", "v / 3",
        "ln(v)", "log10(v)", "sqrt(v)", "isfinite(v)", "try_cast(v as bigint)", "greatest(v, 1.5)", "least(v, null)", "v > 1e300",
        "case when abs(v) < 1e15 then cast(v as bigint) end", "v = v", "abs(v)", "v * 0.1", "coalesce(v, 0.5)",
        "exp(least(v, 3))",
    ],
}  # fmt: skip


def plain(cell: Any) -> Any:
    if cell is None or isinstance(cell, str | bool | date):
        return cell
    return f"{float(cell):.15g}"  # logarithms are those of libraries that differ in the last digit


@pytest.mark.slow
@pytest.mark.parametrize("table", ASKED)
def test_it_gives_what_the_embedded_engine_gives(spark: str, table: str) -> None:
    from equipoise.engine.spark import SparkEngine

    cells = {"texts": TEXTS, "reals": REALS}[table]
    kind = "varchar" if table == "texts" else "double"
    rows = ", ".join(f"({i}, {_literal(v)})" for i, v in enumerate(cells))
    sql = f"select i, cast(c as {kind}) as v from (values {rows}) as t(i, c)"
    engine = SparkEngine(spark)
    numbers = np.array([np.nan if v is None else v for v in cells]) if table == "reals" else np.array(cells, dtype=object)
    engine.take("given", {"i": np.arange(len(cells)), "v": numbers})
    if table == "reals":  # nan in an array says missing
        engine.create(
            "given", f"select i, case when i = {REALS.index(math.nan)} then cast('nan' as double) else v end as v from given"
        )
    with duckdb.connect() as connection:
        connection.execute(f"create table given as {sql}")
        differ = {}
        for asked in ASKED[table]:
            question = f"select i, {asked} from given order by i"
            there = [plain(r[1]) for r in engine.rows(question)]
            here = [plain(r[1]) for r in connection.execute(question).fetchall()]
            if there != here:
                differ[asked] = [each for each in zip(cells, there, here, strict=True) if each[1] != each[2]]
    engine.close()
    assert differ == {}


def _literal(value: Any) -> str:
    if value is None:
        return "null"
    return "'" + value + "'" if isinstance(value, str) else f"'{value!r}'"
