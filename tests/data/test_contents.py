"""Files whose names say another kind than they are, and days that depend on where one is."""

from __future__ import annotations

import datetime as dt
import gzip
import io

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from equipoise.data.detect import detect
from equipoise.data.read import read_table
from equipoise.errors import DataError
from equipoise.start.begin import begin_study

ROWS = b"id,arm,age,os_days,dead\n" + b"".join(
    b"P%d,%s,%d,%d,%d\n" % (i, b"AB"[i % 2 :][:1], 40 + i, 30 + 9 * i, i % 3 > 0) for i in range(40)
)


def _book() -> bytes:
    book, held = openpyxl.Workbook(), io.BytesIO()
    for line in ROWS.decode().split():
        book.active.append(line.split(","))
    book.save(held)
    return held.getvalue()


PROTECTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(900) + "EncryptedPackage".encode("utf-16-le") + bytes(900)
OTHERS = {
    "text.xlsx": (ROWS, "holds plain text; rename it to text.csv"),
    "tabs.xls": (ROWS.replace(b",", b"\t"), "holds plain text; rename it to tabs.csv"),
    "book.csv": (_book(), "holds a workbook; rename it to book.xlsx"),
    "packed.csv": (gzip.compress(ROWS), "holds packed data; rename it to packed.csv.gz"),
    "page.xls": (b"<html><table><tr><td>id</td></tr></table></html>", r"holds a web page \(HTML or XML\)"),
    "page.csv": (b"\xef\xbb\xbf<!DOCTYPE html><table></table>", "open it in a spreadsheet program and save it as xlsx or csv"),
    "locked.xlsx": (PROTECTED, "the workbook has a password; save it without one"),
    "locked.xls": (PROTECTED, "the workbook has a password"),
}


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("read", [detect, read_table])
def test_a_name_that_says_another_kind_is_told_with_the_right_one(tmp_path, name, read):
    content, said = OTHERS[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=said):
        read(tmp_path / name)


def test_a_workbook_of_either_kind_is_read_under_the_name_of_the_other(tmp_path):
    (tmp_path / "new.xls").write_bytes(_book())
    assert read_table(tmp_path / "new.xls").names == ["id", "arm", "age", "os_days", "dead"]


@pytest.mark.parametrize("unit", ["us", "ns"])
def test_a_moment_is_a_day_only_where_no_time_zone_decides(tmp_path, unit, monkeypatch):
    """Midnight in Seoul is the day before in UTC: the file holds the moment alone. Of either unit, wherever this runs."""
    days = [dt.datetime(2016, 3, 1) + dt.timedelta(days=9 * i) for i in range(40)]
    zones = {"utc": "UTC", "seoul": "Asia/Seoul"}
    start = {z: pa.array([d.replace(tzinfo=dt.UTC) - dt.timedelta(hours=9 * (z == "seoul")) for d in days]) for z in zones}
    more = {z: start[z].cast(pa.timestamp(unit, tz=zones[z])) for z in zones}
    nested = pa.array([{"albumin": 3.5} for _ in days])
    pq.write_table(pa.table({**more, "nested": nested}), tmp_path / "d.parquet")
    raw = read_table(tmp_path / "d.parquet")
    assert raw.cells("utc") == [str(d.date()) for d in days]
    assert all(c.startswith("moment ") for c in raw.cells("seoul"))


def test_init_says_why_moments_are_no_dates(tmp_path):
    end = [dt.datetime(2019, 1, 1, 15, tzinfo=dt.UTC) + dt.timedelta(days=i) for i in range(40)]
    rows = {"id": list(range(40)), "arm": ["A", "B"] * 20, "age": list(range(40, 80)), "start": ["2016-01-01"] * 40}
    pq.write_table(pa.table({**rows, "last contact": end, "dead": [0, 1, 1, 0] * 10}), tmp_path / "d.parquet")
    (question,) = begin_study([tmp_path / "d.parquet"]).open
    assert "'last contact' would be dates, but they are moments of a time zone" in question


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (
            lambda i, d: f"{d:%Y-%m}" if i % 13 == 0 else f"{d:%Y-%m-%d}",
            "4 cells are none, as where the day or the month is missing",
        ),
        (lambda i, d: f"{d:%d/%m/%Y}" if i % 2 else f"{d:%m/%d/%Y}", "they are written in several orders of day, month and year"),
    ],
)
def test_init_says_why_dates_are_none(tmp_path, write, said):
    lines = ["id,arm,age,start,last contact,dead"]
    for i in range(40):
        first, last = dt.date(2016, 1, 1) + dt.timedelta(days=9 * i), dt.date(2018, 2, 14) + dt.timedelta(days=11 * i)
        lines.append(f"{i},{'AB'[i % 2]},{50 + i % 9},{first},{write(i, last)},{+(i % 3 > 0)}")
    (tmp_path / "d.csv").write_text("\n".join(lines))
    (question,) = begin_study([tmp_path / "d.csv"]).open
    assert f"'last contact' would be dates, but {said}" in question
