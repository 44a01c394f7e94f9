"""Workbooks and files in which more than a table stands: headings amid the rows, a sheet for each treatment, hidden sheets, names
in three rows. What `init` would have read as a study without what they say is refused with what to do."""

from __future__ import annotations

import openpyxl
import pytest

from equipoise.data.detect import detect
from equipoise.errors import DataError

NAMES = ["Patient", "Age", "OS (months)", "Death"]
ROWS = [[f"P{i}", 40 + i, 3 + i % 17, i % 3 > 0] for i in range(60)]


def _book(path, sheets, hidden=()):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = "hidden" if name in hidden else "visible"
    book.save(path)
    return path


BLOCKS = [NAMES, ["HAIC group"], *ROWS[:30], ["TACE group"], *ROWS[30:]]


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_headings_amid_the_rows(tmp_path, kind):
    path = tmp_path / f"d.{kind}"
    if kind == "xlsx":
        _book(path, {"data": BLOCKS})
    else:
        path.write_text("\n".join(",".join(map(str, [*row, *[""] * (4 - len(row))])) for row in BLOCKS))
    with pytest.raises(DataError) as caught:
        detect(path)
    said = [f.sentence() for f in caught.value.faults]
    assert [s.partition(":")[0] for s in said] == [f"d.{kind}, row 2, column Patient", f"d.{kind}, row 33, column Patient"]
    assert "as a heading of the rows below it does" in said[0] and "HAIC" not in "".join(said)


def test_a_patient_of_whom_nothing_is_known_is_none(tmp_path):
    _, raw = detect(_book(tmp_path / "d.xlsx", {"data": [NAMES, *ROWS[:30], ["P99"], *ROWS[30:]]}))
    assert raw.n_rows == 61


def test_a_sheet_for_each_treatment(tmp_path):
    path = _book(tmp_path / "d.xlsx", {"HAIC": [NAMES, *ROWS[:25]], "TACE": [NAMES, *ROWS[25:]], "notes": [["made in", 2019]]})
    with pytest.raises(DataError, match="the sheets HAIC, TACE have the same columns: put their rows into one sheet"):
        detect(path)
    assert detect(path, "HAIC")[1].n_rows == 25


@pytest.mark.parametrize("first", [True, False])
def test_hidden_sheets_are_no_data(tmp_path, first):
    sheets = {"old": [NAMES, *ROWS, *ROWS], "data": [NAMES, *ROWS]}
    found, raw = detect(_book(tmp_path / "d.xlsx", sheets if first else dict(reversed(sheets.items())), hidden=["old"]))
    assert raw.n_rows == 60 and found.sheet == ("data" if first else None)


def test_a_sheet_that_cannot_be_read_is_told(tmp_path):
    broken = [NAMES, *([*row[:2], "=1/0", row[3]] for row in ROWS)]
    found, raw = detect(_book(tmp_path / "d.xlsx", {"sums": broken, "data": [[*NAMES, "ECOG"], *([*row, 1] for row in ROWS)]}))
    assert raw.n_rows == 60 and found.sheet == "data"
    assert any("sheet 'sums' is not looked at (the formula has no computed value" in line for line in found.asked)


def test_names_in_three_rows(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["Patient", "Baseline", None, "Outcome", None],
        [None, "Age", "Tumor", "OS", "Death"],
        [None, "years", "cm", "mo", "0/1"],
    ):
        sheet.append(row)
    for row in ROWS:
        sheet.append([*row[:2], 3.5, *row[2:]])
    for cells in ("A1:A3", "B1:C1", "D1:E1"):
        sheet.merge_cells(cells)
    book.save(tmp_path / "d.xlsx")
    with pytest.raises(DataError, match="the column names stand in rows 1 to 3, and two rows of names are read"):
        detect(tmp_path / "d.xlsx")


def test_thousands_with_points_beside_decimal_commas(tmp_path):
    """123.000 platelets in a file of decimal commas are no 123."""
    lines = [f"P{i};{100 + i}.{i:03d};{3 + i % 7},{i % 10}" for i in range(60)]
    (tmp_path / "d.csv").write_text("\n".join(["id;platelets;months", *lines]))
    found, raw = detect(tmp_path / "d.csv")
    assert raw.cells("platelets")[1] == "101001" and raw.cells("months")[1] == "4.1"
    assert any("platelets: numbers such as 1.234 are read as thousands" in line and "CONFIRM" in line for line in found.asked)
    (tmp_path / "e.csv").write_text("\n".join(["id;ratio;months", *(line.replace(",", ".") for line in lines)]))
    assert detect(tmp_path / "e.csv")[1].cells("ratio")[1] == "101.001"
