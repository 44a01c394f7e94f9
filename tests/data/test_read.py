"""Files in: csv, xlsx and parquet give the same text columns."""

import datetime as dt

import duckdb
import openpyxl
import pytest

from equipoise.data.read import read_table
from equipoise.errors import DataError

ROWS = [("P1", "1.5", "2020-01-02", None), ("P2", "3", None, "a, b")]


def write_csv(path):
    path.write_text('\ufeffid,value,day,note\nP1, 1.5 ,2020-01-02,\nP2,3,,"a, b"\n\n', encoding="utf-8")
    return path


def write_xlsx(path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "patients"
    sheet.append(["id", "value", "day", "note"])
    sheet.append(["P1", 1.5, dt.date(2020, 1, 2), None])
    sheet.append(["P2", 3, None, "a, b"])
    book.save(path)
    return path


def write_parquet(path):
    duckdb.sql(
        "select * from (values ('P1', 1.5, date '2020-01-02', null), ('P2', 3.0, null, 'a, b')) as t(id, value, day, note)"
    ).write_parquet(str(path))
    return path


@pytest.mark.parametrize("write", [write_csv, write_xlsx, write_parquet])
def test_the_three_formats_read_alike(tmp_path, write):
    table = read_table(write(tmp_path / f"t.{write.__name__.removeprefix('write_')}"))
    assert list(table.columns) == ["id", "value", "day", "note"]
    assert list(zip(*table.columns.values(), strict=True)) == ROWS


def test_faults_of_whole_files(tmp_path):
    def fault(path, **more):
        with pytest.raises(DataError) as caught:
            read_table(path, **more)
        return caught.value.faults[0].sentence()

    assert "there is no file none.csv" in fault(tmp_path / "none.csv")
    (tmp_path / "t.doc").write_text("x")
    assert "cannot read '.doc'; use csv, tsv, txt, xlsx" in fault(tmp_path / "t.doc")
    (tmp_path / "t.xlsx").write_text("this is no workbook, it names Jane Doe")
    assert "holds plain text; rename it to t.csv" in fault(tmp_path / "t.xlsx") and "Jane" not in fault(tmp_path / "t.xlsx")
    (tmp_path / "twice.csv").write_text("a,b,a\n1,2,3\n")
    assert "the column 'a' stands twice" in fault(tmp_path / "twice.csv")
    write_xlsx(tmp_path / "book.xlsx")
    assert "there is no sheet 'x'; the file holds patients" in fault(tmp_path / "book.xlsx", sheet="x")
