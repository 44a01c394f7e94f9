"""Dates as spreadsheets write them: SQL and Python read alike, a run reads the declared form and names another."""

from __future__ import annotations

import datetime as dt
import os

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.data.date_forms import ORDERS, START_OF, date_form, date_sql, read_date
from equipoise.data.sources import read_sources
from equipoise.engine import DuckDBEngine, literal
from equipoise.errors import DataError
from equipoise.protocol.load import load_protocol
from sheet import Sheet

DAY = dt.date(2019, 3, 12)
WRITTEN = [
    ("ymd", "2019-03-12"), ("dmy", "2019-03-12"), ("ymd", "2019/3/12"), ("ymd", "2019.03.12."), ("ymd", "2019. 3. 12."),
    ("ymd", "2019년 3월 12일"), ("ymd", "2019年3月12日"), ("ymd", "20190312"), ("dmy", "12032019"), ("mdy", "03122019"),
    ("dmy", "12/03/2019"), ("mdy", "3/12/2019"), ("dmy", "12.3.2019"), ("dmy", "12-Mar-2019"), ("dmy", "12 March 2019"),
    ("dmy", "12MAR2019"), ("dmy", "12MAR2019:14:03:00"), ("dmy", "12. März 2019"), ("dmy", "12 mars 2019"),
    ("mdy", "Mar 12, 2019"), ("mdy", "March 12th, 2019"), ("ymd", "2019-Mar-12"), ("ymd", "2019-03-12 14:33:05"),
    ("ymd", "2019-03-12T14:33Z"), ("mdy", "3/12/2019 2:33 PM"), ("excel", "43536"), ("excel", "43536.75"),
    ("excel", "2019-03-12"), ("excel_1904", "42074"), ("sas", "21620"), ("number", "17967"),
]  # fmt: skip
TWO_FIGURES = [("dmy", "12/03/19"), ("mdy", "3/12/19"), ("ymd", "19-03-12"), ("dmy", "12-Mar-19"), ("dmy", "12.03.19")]
NO_DATES = ["2019-13-12", "2019-02-30", "12 Foo 2019", "2019-03", "2019", "2019-03-12 or later", "x", "1/2/3", "12/03/019", "5"]


@pytest.fixture(scope="module")
def engine():
    made = DuckDBEngine()
    yield made
    made.close()


def in_sql(engine, cells, order, century=None):
    fields = ", ".join(f"{date_sql(literal(c), order, century)} as c{i}" for i, c in enumerate(cells))
    return list(engine.rows(f"select {fields}")[0])


@pytest.mark.parametrize(("order", "cell"), WRITTEN)
def test_what_each_order_reads(engine, order, cell):
    assert in_sql(engine, [cell], order) == [DAY] and read_date(cell, order) == DAY


def test_two_figures_are_a_year_only_where_the_century_is_declared(engine):
    for order, cell in TWO_FIGURES:
        assert in_sql(engine, [cell], order) == [None] and in_sql(engine, [cell], order, 1970) == [DAY]
    assert in_sql(engine, ["31.12.69", "01.01.70", "31.12.29"], "dmy", 1970) == [
        dt.date(2069, 12, 31),
        dt.date(1970, 1, 1),
        dt.date(2029, 12, 31),
    ]
    assert in_sql(engine, ["31.12.29", "01.01.30"], "dmy", 1930) == [dt.date(2029, 12, 31), dt.date(1930, 1, 1)]


def test_sql_and_python_read_alike(engine):
    cells = [*(c for _, c in WRITTEN), *(c for _, c in TWO_FIGURES), *NO_DATES]
    for order in (*ORDERS, *START_OF):
        for century in (None, 1930, 1970):
            assert in_sql(engine, cells, order, century) == [read_date(c, order, century) for c in cells]
    for order in ORDERS:
        assert not any(in_sql(engine, NO_DATES, order, 1970))


@given(
    st.dates(dt.date(1950, 1, 1), dt.date(2060, 12, 31)),
    st.sampled_from(["%d/%m/%Y", "%d.%m.%Y", "%d-%b-%Y", "%d %B %Y", "%d%m%Y"]),
)
def test_a_date_written_comes_back(day, written):
    assert read_date(day.strftime(written), "dmy") == day


COLUMNS = [
    (["2019-03-12", "2020-01-31"], ("ymd", False, True)),
    (["20190312", "20200131"], ("ymd", False, True)),
    (["12/03/2019", "31/01/2020"], ("dmy", False, True)),
    (["03/12/2019", "01/31/2020"], ("mdy", False, True)),
    (["12/03/2019", "01/02/2020", None], ("dmy", False, False)),
    (["12-Mar-2019", "31-Jan-2020"], ("dmy", False, True)),
    (["12/03/19", "31/01/20"], ("dmy", True, True)),
    (["99-03-12", "20-01-31"], ("ymd", True, True)),
    (["12/03/19", "2019-05-06"], ("dmy", True, False)),
    ([*(f"{i}.02.2022" for i in range(13, 29)), "31.02.2022"], ("dmy", False, True)),
]


@pytest.mark.parametrize(("cells", "expected"), COLUMNS)
def test_the_form_of_a_column(cells, expected):
    found = date_form(cells)
    assert (found.order, found.two_digit, found.decided) == expected
    assert ("CONFIRM" in found.reason) == (found.two_digit or not found.decided)


def test_what_is_no_column_of_dates():
    for cells in (["2019-03-12", "unknown"], [], [None], ["1", "2"], ["43536", "43900"], ["10293847", "11223344"], ["5.5", "6"]):
        assert date_form(cells) is None
    assert date_form(["43536", "43900"], serial=True).order == "excel"
    assert date_form(["12", "4000"], serial=True) is None


def dated(write, n=12):
    """Start and last contact of invented patients 100 + i days apart, each written as a function of the date gives it."""
    start = [dt.date(2019, 1, 10) + dt.timedelta(days=17 * i) for i in range(n)]
    return [write(d) for d in start], [write(d + dt.timedelta(days=100 + i)) for i, d in enumerate(start)]


def days(folder, write, dates):
    sheet = Sheet(folder)
    start, last = dated(write)
    sheet.columns = {
        "id": [f"P{i}" for i in range(12)],
        "arm": ["A", "B"] * 6,
        "age": list(range(50, 62)),
        "start": start,
        "last": last,
    }
    ask = sheet.protocol
    ask["data"] = {"rows": "d.csv", "patient": "id", "dates": {"from": "start", "days": {"last_day": "last"}, **dates}}
    ask["covariates"] = {"age": ask["covariates"]["age"]}
    ask["sources"] = {"last": {"table": "patients", "day": "last_day"}}
    ask["endpoints"] = {"os": {"label": "OS", "short": "OS", "event_label": "Death", "events": ["last"], "censoring": ["last"]}}
    ask["cox"] = {"univariable": ["age", "treatment"]}
    engine = read_sources(load_protocol(sheet.write())).engine
    found = [r[0] for r in engine.rows("select last_day from patients order by source_row")]
    os.chdir(folder)
    alone = duckdb.sql(
        f"with made as ({engine.relations['patients'].sql}) select last_day from made order by source_row"
    ).fetchall()
    assert [r[0] for r in alone] == found
    return found


FORMS = [
    ("%Y-%m-%d", {}), ("%d/%m/%Y", {"order": "dmy"}), ("%m/%d/%y", {"order": "mdy", "century_from": 1970}), ("%Y%m%d", {}),
    ("%d-%b-%Y", {"order": "dmy"}), ("%Y. %m. %d.", {}), ("%Y-%m-%d %H:%M", {}),
]  # fmt: skip


@pytest.mark.parametrize(("written", "dates"), FORMS)
def test_every_declared_form_counts_the_same_days(tmp_path, monkeypatch, written, dates):
    monkeypatch.chdir(tmp_path)
    assert days(tmp_path, lambda d: d.strftime(written), dates) == [100 + i for i in range(12)]


def test_day_numbers_count_the_same_days(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for order in START_OF:
        (tmp_path / order).mkdir()
        assert days(tmp_path / order, lambda d, o=order: (d - START_OF[o]).days, {"order": order}) == [100 + i for i in range(12)]
    mixed = days(tmp_path, lambda d: (d - START_OF["excel"]).days if d.year == 2019 and d.month < 6 else d, {"order": "excel"})
    assert mixed == [100 + i for i in range(12)]


UNDECLARED = [
    (lambda d: d.strftime("%d/%m/%y"), {"order": "dmy"}, "years of two figures: write century_from: 1970"),
    (lambda d: (d - START_OF["excel"]).days, {}, "look like day numbers of Excel (43831 is 2020-01-01): write excel"),
    (lambda d: d.strftime("%d.%m.%Y"), {}, "dates in the order dmy: write dmy"),
    (lambda d: d.strftime("%d.%m.%Y"), {"order": "mdy"}, "dates in the order dmy: write dmy"),
]


@pytest.mark.parametrize(("write", "dates", "said"), UNDECLARED)
def test_a_run_names_the_form_that_is_not_declared(tmp_path, monkeypatch, write, dates, said):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError) as caught:
        days(tmp_path, write, dates)
    (fault,) = caught.value.faults
    assert fault.place.startswith("d.csv, column") and said in fault.message
    assert not set(map(str, sum(dated(write), []))) & set(fault.sentence(show_value=True).replace(":", "").split())
