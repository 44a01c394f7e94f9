"""Merged cells of xlsx, xls and ods: identifiers over the rows of a patient, headings over two columns, names over two rows, a
title over the table, arms over all their patients."""

from __future__ import annotations

import openpyxl
import pytest
from books import write_ods, write_xls

from equipoise.data.detect import detect
from equipoise.data.read import read_table
from equipoise.errors import DataError
from equipoise.protocol.file_form import FileForm

BOOKS = ("xlsx", "xls", "ods")


def book(path, rows, merged):
    """merged: (first row, last row, first column, last column) from 0; the covered cells are empty in rows."""
    if path.suffix == ".xls":
        return write_xls(path, rows, merged=merged)
    if path.suffix == ".ods":
        return write_ods(path, {"data": rows}, merged)
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    for top, bottom, left, right in merged:
        made.active.merge_cells(start_row=top + 1, end_row=bottom + 1, start_column=left + 1, end_column=right + 1)
    made.save(path)
    return path


def visits(n=8):
    """Two rows of each patient: the identifier and the arm stand once."""
    rows = [["id", "arm", "visit", "crp"]]
    for i in range(n):
        rows += [[f"P{i}", "AB"[i % 2], 1, 1.5 + i], [None, None, 2, 2.5 + i]]
    merged = [(1 + 2 * i, 2 + 2 * i, c, c) for i in range(n) for c in (0, 1)]
    return rows, merged


@pytest.mark.parametrize("kind", BOOKS)
def test_identifiers_over_the_rows_of_a_patient(tmp_path, kind):
    path = book(tmp_path / f"t.{kind}", *visits())
    with pytest.raises(DataError, match=r"row 2, column A: cells are merged down to row 3; where .* form: \{merged: fill\}"):
        read_table(path)
    found, raw = detect(path)
    assert found.form == FileForm(merged="fill")
    assert raw.columns["id"] == [f"P{i // 2}" for i in range(16)]
    assert raw.columns["arm"] == ["AB"[i // 2 % 2] for i in range(16)]
    assert raw.columns["crp"][:3] == ["1.5", "2.5", "2.5"]


@pytest.mark.parametrize("kind", BOOKS)
def test_headings_over_two_columns_and_names_over_two_rows(tmp_path, kind):
    """The name over two rows is that of its column, and stands in no group beside it."""
    rows = [
        ["Patient", None, "Treatment", "Follow-up", None],
        ["id", "age", None, "days", "dead"],
        *([f"P{i}", 50 + i, "AB"[i % 2], 100 + i, i % 2] for i in range(12)),
    ]
    path = book(tmp_path / f"t.{kind}", rows, [(0, 0, 0, 1), (0, 1, 2, 2), (0, 0, 3, 4)])
    found, raw = detect(path)
    assert found.form == FileForm(header_rows=2)
    assert raw.names == ["Patient id", "Patient age", "Treatment", "Follow-up days", "Follow-up dead"]
    assert raw.n_rows == 12 and raw.first_row == 3


@pytest.mark.parametrize("kind", BOOKS)
def test_a_name_over_two_rows_beside_a_group(tmp_path, kind):
    """ "age" is merged over both rows of names: the group that ends before it does not reach it."""
    rows = [
        ["Patient", None, "age", None, "Outcome", None],
        ["id", "sex", None, "arm", "days", "dead"],
        *([f"P{i}", "MF"[i % 2], 50 + i, "AB"[i % 3 % 2], 100 + i, i % 2] for i in range(12)),
    ]
    path = book(tmp_path / f"t.{kind}", rows, [(0, 0, 0, 1), (0, 1, 2, 2), (0, 0, 4, 5)])
    assert detect(path)[1].names == ["Patient id", "Patient sex", "age", "arm", "Outcome days", "Outcome dead"]


@pytest.mark.parametrize("kind", BOOKS)
def test_a_title_over_the_table(tmp_path, kind):
    rows, merged = visits()
    titled = [["Laboratory of the ward", None, None, None], [None] * 4, *rows]
    moved = [(0, 0, 0, 3), *((top + 2, bottom + 2, left, right) for top, bottom, left, right in merged)]
    found, raw = detect(book(tmp_path / f"t.{kind}", titled, moved))
    assert found.form == FileForm(header_row=3, merged="fill")
    assert raw.names == ["id", "arm", "visit", "crp"] and raw.columns["id"][:3] == ["P0", "P0", "P1"]


@pytest.mark.parametrize("kind", BOOKS)
def test_a_title_over_two_rows_and_the_table(tmp_path, kind):
    rows = [["Registry 2024", None, None], [None] * 3, ["id", "arm", "age"], *([f"P{i}", "AB"[i % 2], 50 + i] for i in range(12))]
    found, raw = detect(book(tmp_path / f"t.{kind}", rows, [(0, 1, 0, 2)]))
    assert found.form == FileForm(header_row=3) and raw.columns["age"][0] == "50"


@pytest.mark.parametrize("kind", BOOKS)
def test_a_remark_merged_over_the_columns_below_the_table(tmp_path, kind):
    rows = [["id", "arm", "age", "days"], *([f"P{i}", "AB"[i % 2], 50 + i, 9 + i] for i in range(12))]
    rows += [[None] * 4, ["days: from the first dose", None, None, None], [None] * 4]
    found, raw = detect(book(tmp_path / f"t.{kind}", rows, [(14, 15, 0, 3)]))
    assert found.form == FileForm(rows_below=1) and raw.n_rows == 12


@pytest.mark.parametrize("kind", BOOKS)
def test_cells_merged_over_columns_of_a_row(tmp_path, kind):
    """ "not measured" over two columns holds in both, where the form says that merged cells are filled."""
    rows = [["id", "arm", "crp", "albumin"], *([f"P{i}", "AB"[i % 2], 1.5 + i, 30 + i] for i in range(12))]
    rows[5][2:] = ["NA", None]
    path = book(tmp_path / f"t.{kind}", rows, [(5, 5, 2, 3)])
    assert read_table(path, form=FileForm(merged="fill"), missing=("NA",)).columns["albumin"][4] is None
    with pytest.raises(DataError, match="row 6, column C: cells are merged over columns C to D"):
        read_table(path)


def test_what_a_csv_keeps_of_merged_names(tmp_path):
    """Saved as csv the first cell holds the value and the others are empty."""
    rows = [["Patient", "", "arm", "Outcome", ""], ["id", "age", "", "days", "dead"]]
    rows += [[f"P{i}", str(50 + i), "AB"[i % 2], str(100 + i), str(i % 2)] for i in range(12)]
    (tmp_path / "t.csv").write_text("\n".join(map(",".join, rows)), encoding="utf-8")
    found, raw = detect(tmp_path / "t.csv")
    assert found.form == FileForm(header_rows=2)
    assert raw.names == ["Patient id", "Patient age", "arm", "Outcome days", "Outcome dead"]
