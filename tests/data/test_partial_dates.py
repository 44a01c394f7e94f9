"""Dates without a day: refused with a sentence, or completed by the rule that the protocol declares, with a flag."""

from __future__ import annotations

import pytest

from equipoise.data.partial_dates import PARTIAL, date_sql
from equipoise.data.sources import read_sources
from equipoise.engine import DuckDBEngine, literal
from equipoise.errors import DataError
from equipoise.protocol.load import load_protocol

CASES = [
    ("2024-02", "first", "2024-02-01"), ("2024-02", "mid", "2024-02-15"), ("2024-02", "last", "2024-02-29"),
    ("2023-02", "last", "2023-02-28"), ("2023-12", "last", "2023-12-31"), ("2023", "first", "2023-01-01"),
    ("2023", "mid", "2023-07-01"), ("2023", "last", "2023-12-31"),
]  # fmt: skip


@pytest.mark.parametrize(("cell", "rule", "date"), CASES)
def test_the_rule(cell, rule, date):
    engine = DuckDBEngine()
    assert engine.rows(f"select cast({date_sql('d', rule)} as varchar) from (select {literal(cell)} as d)") == [(date,)]
    engine.close()


@pytest.mark.parametrize("cell", ["2023-13", "2023-00", "23-02", "2023-02-03", "02/2023", "unknown"])
def test_what_is_no_partial_date_is_left_to_the_check(cell):
    engine = DuckDBEngine()
    assert engine.rows(f"select regexp_full_match({literal(cell)}, {literal(PARTIAL)})") == [(False,)]
    engine.close()


def partial(tiny):
    tiny.tables["ae"][0]["stop"] = ""
    tiny.tables["ae"][1]["stop"] = "2021-03"
    for row in tiny.tables["ae"][2:]:
        row["stop"] = ""
    return tiny


def test_refused_by_default(tiny):
    with pytest.raises(DataError) as caught:
        read_sources(load_protocol(partial(tiny).write()))
    (fault,) = caught.value.faults
    assert fault.place == "ae.csv, row 3, column stop" and "declare data.partial_dates" in fault.message
    assert "2021" not in fault.sentence()


def test_completed_and_flagged(tiny):
    tiny = partial(tiny)
    tiny.protocol = tiny.protocol.replace("data: {tables: data}", "data: {tables: data, partial_dates: last}")
    sources = read_sources(load_protocol(tiny.write()))
    found = sources.engine.rows("select cast(stop as varchar) from ae where stop is not null")
    assert found == [("2021-03-31",)]
    assert [f.place for f in sources.findings if f.rule == "partial date"] == ["ae.csv, row 3, column stop"]
