"""Files as they come: a path is a name, the bytes that are hashed are read, sheets and parquet cells mean what they say."""

from __future__ import annotations

import hashlib
import zipfile

import duckdb
import openpyxl
import pytest

from equipoise.data.read import as_number, read_table
from equipoise.engine import DuckDBEngine, literal
from equipoise.errors import DataError


def sentences(path, **more):
    with pytest.raises(DataError) as caught:
        read_table(path, **more)
    return [f.sentence(show_value=True) for f in caught.value.faults]


@pytest.mark.parametrize("folder", ["s[1]", "s*", "s?", "o'brien", 'q"q', "a b", "한글", "{x}", "$HOME", "~"])
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_path_is_a_name_and_never_a_pattern(tmp_path, folder, kind):
    for name, word in (("s1", "other"), (folder, "own")):
        (tmp_path / name).mkdir(exist_ok=True)
        path = tmp_path / name / f"t[a].{kind}"
        if kind == "csv":
            path.write_text(f"word\n{word}\n", encoding="utf-8")
        else:
            plain = tmp_path / "plain.parquet"
            duckdb.sql(f"select '{word}' as word").write_parquet(str(plain))
            plain.rename(path)
    found = read_table(tmp_path / folder / f"t[a].{kind}")
    assert found.columns == {"word": ["own"]}
    assert found.sha256 == hashlib.sha256((tmp_path / folder / f"t[a].{kind}").read_bytes()).hexdigest()


def test_what_cannot_be_opened(tmp_path):
    (tmp_path / "folder.csv").mkdir()
    assert "is a folder" in sentences(tmp_path / "folder.csv")[0]
    assert "cannot be opened" in sentences(tmp_path / f"{'x' * 300}.csv")[0]
    (tmp_path / "file").write_text("x")
    assert "there is no file" in sentences(tmp_path / "file" / "t.csv")[0]


def test_parquet_cells(tmp_path):
    path = tmp_path / "t.parquet"
    duckdb.sql(
        "select 12345678901234567 as id, 0.1::float as f, 5.0::double as d, 'nan'::double as n, 'inf'::double as i, true as b, "
        "timestamp '2020-01-02 00:00:00' as day, timestamp '2020-01-02 03:04:05' as t, 2.50::decimal(9, 2) as m, ' x ' as s, "
        "'' as e, [1, 2] as l"
    ).write_parquet(str(path))
    found = {name: cells[0] for name, cells in read_table(path).columns.items()}
    assert found == {
        "id": "12345678901234567", "f": "0.10000000149011612", "d": "5", "n": None, "i": None, "b": "true", "day": "2020-01-02",
        "t": "2020-01-02 03:04:05", "m": "2.5", "s": "x", "e": None, "l": "[1, 2]",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "number"),
    [("1", 1.0), ("1.5", 1.5), ("-2", -2.0), ("+2", 2.0), ("1e3", 1000.0), (".5", 0.5), ("5.", 5.0), ("007", 7.0),
     ("1_000", None), ("１２", None), ("inf", None), ("-Infinity", None), ("nan", None), ("0x1A", None), ("1,000", None),
     ("1 000", None), ("1e999", None), ("", None), ("12 mg", None), ("<5", None), ("٣", None)],
)  # fmt: skip
def test_what_is_a_number(text, number):
    engine = DuckDBEngine()
    assert engine.rows(f"select {as_number('c')} from (select {literal(text)} as c)") == [(number,)]
    engine.close()


def test_words_for_missing_empty_numbers_too(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("id,afp,note\nP1,9999,NA\nP2,5,x\n")
    assert read_table(path, missing=("9999", "NA")).columns == {"id": ["P1", "P2"], "afp": [None, "5"], "note": [None, "x"]}
    book = openpyxl.Workbook()
    for row in (["id", "afp"], ["P1", 9999], ["P2", 5.5]):
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    assert read_table(tmp_path / "t.xlsx", missing=("9999",)).columns["afp"] == [None, "5.5"]


def sheet_with(path, cells):
    """A workbook whose sheet XML holds the given cells, as a spreadsheet program would write them."""
    book = openpyxl.Workbook()
    for row in (["id", "value"], ["P1", 1], ["P2", 2]):
        book.active.append(row)
    book.save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    for old, new in cells.items():
        assert old in sheet
        sheet = sheet.replace(old, new)
    parts["xl/worksheets/sheet1.xml"] = sheet.encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


NUMBER = '<c r="B3" t="n"><v>2</v></c>'


def test_an_error_cell_is_named(tmp_path):
    path = sheet_with(tmp_path / "t.xlsx", {NUMBER: '<c r="B3" t="e"><f>1/0</f><v>#DIV/0!</v></c>'})
    (found,) = sentences(path)
    assert found.startswith("t.xlsx, row 3, column B: the cell holds an error")


@pytest.mark.parametrize("empty", ["", "<v/>", "<v></v>"])
def test_a_formula_that_nobody_computed_is_named(tmp_path, empty):
    path = sheet_with(tmp_path / "t.xlsx", {NUMBER: f'<c r="B3"><f>A1+1</f>{empty}</c>'})
    (found,) = sentences(path)
    assert found.startswith("t.xlsx, row 3, column B: the formula has no computed value")


def test_a_computed_formula_is_its_value(tmp_path):
    path = sheet_with(tmp_path / "t.xlsx", {NUMBER: '<c r="B3"><f>1+1</f><v>2</v></c>'})
    assert read_table(path).columns["value"] == ["1", "2"]


def test_a_far_cell_is_a_sentence(tmp_path):
    path = sheet_with(tmp_path / "t.xlsx", {"</sheetData>": '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'})
    (found,) = sentences(path)
    assert "claims 1,048,576 rows and 16,384 columns" in found
