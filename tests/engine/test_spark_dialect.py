"""Our SQL in Spark's words: what is written (everyday), and that it gives what the embedded engine gives (slow)."""

from __future__ import annotations

import pytest

from engine.test_dialect import AGGREGATES, OF_DATES, OF_NUMBERS, OF_TEXTS, WHOLE, filled, plain
from equipoise.engine import DuckDBEngine, EngineError, open_engine
from equipoise.engine.dialect import transpile
from equipoise.engine.spark import tables_read, to_spark
from equipoise.engine.text import number_as_text

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


@pytest.mark.slow
def test_it_gives_what_the_embedded_engine_gives(spark: str) -> None:
    """Each expression, aggregate and statement over the awkward values of test_dialect."""
    here, there = filled(DuckDBEngine()), filled(open_engine(spark))
    asked = [f"select n, {e} as value from t order by n" for e in (*OF_NUMBERS, number_as_text("x"), *OF_TEXTS, *OF_DATES)]
    asked += [f"select {e} as value from t where abs(x) < 1e100" for e in AGGREGATES]
    differ = {}
    for sql in (*asked, *WHOLE):
        try:
            found = [sorted(([plain(c) for c in row] for row in engine.rows(sql)), key=repr) for engine in (here, there)]
        except (EngineError, TypeError) as error:
            found = [[sql], [str(getattr(error, "detail", error))[:300]]]
        if found[0] != found[1]:
            differ[sql] = [pair for pair in zip(*found, strict=False) if pair[0] != pair[1]]
    there.close()
    assert differ == {}
