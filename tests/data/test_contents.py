"""Files whose names say another kind than they are, and days that depend on where one is."""

from __future__ import annotations

import datetime as dt
import gzip
import io

import duckdb
import openpyxl
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


def written(path, columns):
    """A parquet file: column -> its expression over a number i from 0 to 39."""
    chosen = ", ".join(f'{sql} as "{name}"' for name, sql in columns.items())
    with duckdb.connect() as engine:
        engine.execute(f"copy (select {chosen} from range(40) as r(i)) to '{path}' (format parquet)")
    return path


@pytest.mark.parametrize("kind", ["timestamptz", "timestamptz_ns"])
def test_a_moment_is_a_day_only_where_no_time_zone_decides(tmp_path, kind):
    """Midnight in Seoul is the day before in UTC: the file holds the moment alone. Of either unit, wherever this runs."""
    first = int(dt.datetime(2016, 3, 1, tzinfo=dt.UTC).timestamp())
    seconds = {"utc": first, "seoul": first - 9 * 3600}
    columns = {zone: f"to_timestamp({start} + 9 * 86400 * i)::{kind}" for zone, start in seconds.items()}
    raw = read_table(written(tmp_path / "d.parquet", columns | {"nested": "{'albumin': 3.5}"}))
    assert raw.cells("utc") == [str(dt.date(2016, 3, 1) + dt.timedelta(days=9 * i)) for i in range(40)]
    assert all(c.startswith("moment ") for c in raw.cells("seoul"))


def test_init_says_why_moments_are_no_dates(tmp_path):
    columns = {
        "id": "i", "arm": "if(i % 2 = 0, 'A', 'B')", "age": "40 + i", "start": "'2016-01-01'",
        "last contact": "to_timestamp(1546354800 + 86400 * i)", "dead": "(i % 4 in (1, 2))::integer",
    }  # fmt: skip
    (question,) = begin_study([written(tmp_path / "d.parquet", columns)]).open
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
