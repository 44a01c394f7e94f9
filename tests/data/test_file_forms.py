"""One reader for every form of file: what a first protocol sees of it is what a run reads, and nothing is guessed at run time."""

from __future__ import annotations

import gzip
import json
import zipfile

import openpyxl
import pandas as pd
import pyreadstat
import pytest
from books import write_ods, write_xls

from equipoise.data.detect import detect
from equipoise.data.read import read_table
from equipoise.errors import DataError
from equipoise.protocol.file_form import FileForm

NAMES = ["id", "arm", "age", "os_months", "dead"]
ROWS = [[f"P{i:03d}", "AB"[i % 2], 40 + i, 1.5 + i, i % 2] for i in range(24)]
TABLE = {name: [str(row[k]).removesuffix(".0") for row in ROWS] for k, name in enumerate(NAMES)}


def lines(sign: str = ",", rows=ROWS, names=NAMES) -> list[str]:
    return [sign.join(map(str, row)) for row in [names, *rows]]


def text(path, all_lines):
    path.write_text("\n".join(all_lines) + "\n", encoding="utf-8")
    return path


def book(path, rows, **sheets):
    made = openpyxl.Workbook()
    made.active.title = "data"
    for row in rows:
        made.active.append(row)
    for name, other in sheets.items():
        sheet = made.create_sheet(name)
        for row in other:
            sheet.append(row)
    made.save(path)
    return path


def plain(raw) -> dict:
    return {name: [c.removesuffix(".0") if c else c for c in cells] for name, cells in raw.columns.items()}


def sentences(path, **more) -> list[str]:
    with pytest.raises(DataError) as caught:
        read_table(path, **more)
    return [f.sentence() for f in caught.value.faults]


@pytest.mark.parametrize(
    ("name", "sign"), [("t.csv", ","), ("t.csv", ";"), ("t.tsv", "\t"), ("t.txt", "|"), ("T.TAB", "\t"), ("t.dat", ";")]
)
def test_text_files(tmp_path, name, sign):
    found, raw = detect(text(tmp_path / name, lines(sign)))
    assert plain(raw) == TABLE and raw.first_row == 2
    assert found.form == FileForm() and found.said == ()


def test_packed_files(tmp_path):
    plain_file = text(tmp_path / "t.tsv", lines("\t")).read_bytes()
    (tmp_path / "t.tsv.gz").write_bytes(gzip.compress(plain_file))
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.writestr("folder/t.tsv", plain_file)
        archive.writestr("__MACOSX/folder/._t.tsv", b"x")
    assert plain(read_table(tmp_path / "t.tsv.gz")) == plain(read_table(tmp_path / "t.zip")) == TABLE


def test_what_unpacks_to_no_single_table_of_its_size(tmp_path):
    (tmp_path / "bomb.csv.gz").write_bytes(gzip.compress(b"0" * (80 << 20)))
    assert "unpacks to more than 64 MB" in sentences(tmp_path / "bomb.csv.gz")[0]
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("t.csv", b"0" * (80 << 20))
    assert "unpacks to more than 64 MB" in sentences(tmp_path / "bomb.zip")[0]
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("a.csv", "a\n1\n")
        archive.writestr("b.csv", "a\n1\n")
    assert "the archive holds 2 files and may hold one" in sentences(tmp_path / "two.zip")[0]
    (tmp_path / "half.csv.gz").write_bytes(gzip.compress(b"a,b\n1,2\n")[:-9])
    assert "damaged, incomplete or has a password" in sentences(tmp_path / "half.csv.gz")[0]


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_workbooks(tmp_path, kind):
    path, rows = tmp_path / f"t.{kind}", [NAMES, *ROWS]
    write = {"xlsx": book, "xls": write_xls, "ods": lambda p, r: write_ods(p, {"data": r})}[kind]
    found, raw = detect(write(path, rows))
    assert plain(raw) == TABLE and found.form == FileForm() and found.sheet is None


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_titles_above_and_notes_below(tmp_path, kind):
    above = [["Cohort 2015-2020"], [], ["exported by the registry, 24 patients"]]
    below = [[], ["Source: registry"], ["Mean", None, 51.5, 13.0, 0.5]]
    if kind == "csv":
        path = text(
            tmp_path / "t.csv",
            [
                "Cohort 2015-2020",
                "",
                '"exported by the registry, 24 patients"',
                *lines(),
                "",
                "Source: registry",
                "Mean,,51.5,13.0,0.5",
            ],
        )
    else:
        path = book(tmp_path / "t.xlsx", [*above, NAMES, *ROWS, *below])
    found, raw = detect(path)
    assert plain(raw) == TABLE and raw.first_row == 5
    assert found.form == FileForm(header_row=4, rows_below=2)
    assert "the column names stand in row 4" in found.said[0] and "2 rows below the table" in found.said[1]
    assert plain(read_table(path, form=found.form)) == TABLE


def test_a_patient_of_whom_little_is_known_is_no_note(tmp_path):
    found, raw = detect(text(tmp_path / "t.csv", [*lines(), "P024,,,,"]))
    assert found.form == FileForm() and raw.n_rows == 25


def test_a_title_that_is_not_declared_is_named_by_a_run(tmp_path):
    path = text(tmp_path / "t.csv", ["Cohort 2015-2020", "", *lines()])
    (said,) = sentences(path)
    assert "row 1: the row has 1 cell and most rows below it 5, so it is not the row of column names; row 3 may be" in said
    assert "form: {header_row: 3}" in said


def test_comment_lines(tmp_path):
    comments = ["#Patient\tArm\tAge\tMonths\tDead", "#STRING\tSTRING\tNUMBER\tNUMBER\tNUMBER"]
    path = text(tmp_path / "t.txt", [*comments, *lines("\t"), "# end"])
    found, raw = detect(path)
    assert plain(raw) == TABLE and found.form == FileForm(comment="#") and raw.first_row == 4
    own = text(tmp_path / "own.csv", lines(names=["#id", *NAMES[1:]]))
    found, raw = detect(own)
    assert raw.names[0] == "#id" and raw.n_rows == len(ROWS)
    short = text(tmp_path / "short.txt", ["# from a registry", *lines("\t")])
    assert 'form: {comment: "#"}' in sentences(short)[0]


def test_comment_lines_amid_the_rows(tmp_path):
    """Rows keep their numbers; a sign within a quoted cell of two lines begins no comment, a mark in a comment opens no cell."""
    noted = [[*row, "fine"] for row in ROWS]
    noted[4][-1] = '"first line\n# second line"'
    written = lines(rows=noted, names=[*NAMES, "note"])
    written[10:10] = ['# checked by hand, "twice', '"# and again"']
    path = text(tmp_path / "t.csv", [*written[:3], "# visit one", *written[3:], "# the end"])
    found, raw = detect(path)
    assert found.form == FileForm(comment="#") and "stand amid the rows" in found.said[0]
    assert raw.n_rows == 24 and raw.cells("id") == TABLE["id"] and raw.cells("note")[4] == "first line\n# second line"
    assert raw.rows_where("c0 = 'P000'")[0][0] == 2 and raw.rows_where("c0 = 'P002'")[0][0] == 5
    assert raw.rows_where("c0 = 'P023'")[0][0] == 28
    assert any("the row has 1 cell, the header 6" in s for s in sentences(path))


def test_names_in_two_rows(tmp_path):
    upper, lower = ["patient", "", "at start", "", "follow-up"], ["id", "arm", "age", "afp", "dead"]
    path = book(tmp_path / "t.xlsx", [upper, lower, *ROWS])
    raw = read_table(path, form=FileForm(header_row=1, header_rows=2))
    assert raw.names == ["patient id", "patient arm", "at start age", "at start afp", "follow-up dead"] and raw.first_row == 3
    units = text(tmp_path / "t.csv", ["id,arm,age,os,dead", ",,years,months,0/1", *lines()[1:]])
    found, raw = detect(units)
    assert found.form == FileForm(header_rows=2)
    assert raw.names == ["id", "arm", "age years", "os months", "dead 0/1"] and list(plain(raw).values()) == list(TABLE.values())


def test_a_first_row_of_words_among_numbers_is_no_second_header(tmp_path):
    rows = [["P999", "A", "NA", "NA", "NA"], *ROWS[:5], ["P998", "A", "NA", "NA", "NA"], *ROWS[5:]]
    found, raw = detect(text(tmp_path / "t.csv", lines(rows=rows)))
    assert found.form == FileForm() and raw.n_rows == len(rows)


def test_all_sheets_are_considered_and_the_choice_is_said(tmp_path):
    path = book(tmp_path / "t.xlsx", [["Read me"], ["version 2"]], patients=[NAMES, *ROWS])
    found, raw = detect(path)
    assert found.sheet == "patients" and plain(raw) == TABLE
    assert found.said == ("sheet 'patients' holds the largest table of data, patients",)
    two = book(tmp_path / "two.xlsx", [NAMES, *ROWS], older=[NAMES, *ROWS[:20]])
    found, raw = detect(two)
    assert found.sheet == "data" and "older may be meant" in found.asked[0]


def test_merged_cells(tmp_path):
    path = tmp_path / "t.xlsx"
    made = openpyxl.Workbook()
    for row in [NAMES, *[[r[0], "A" if i < 12 else "B", *r[2:]] for i, r in enumerate(ROWS)]]:
        made.active.append(row)
    made.active.merge_cells("B2:B13")
    made.active.merge_cells("B14:B25")
    made.save(path)
    assert "column B: cells are merged down to row 13; where the value" in sentences(path)[0]
    found, raw = detect(path)
    assert found.form == FileForm(merged="fill") and raw.columns["arm"] == ["A"] * 12 + ["B"] * 12


@pytest.mark.parametrize("shape", ["list", "lines", "columns"])
def test_json(tmp_path, shape):
    rows = [dict(zip(NAMES, row, strict=True)) for row in ROWS]
    path = tmp_path / ("t.ndjson" if shape == "lines" else "t.json")
    columns = {name: [row[name] for row in rows] for name in NAMES}
    path.write_text("\n".join(map(json.dumps, rows)) if shape == "lines" else json.dumps(rows if shape == "list" else columns))
    assert plain(detect(path)[1]) == TABLE


def test_json_that_is_no_table(tmp_path):
    for given, said in (
        ('[{"a": 1, "a": 2}]', "a name stands twice in an object"),
        ("[1, 2]", "the file holds no table"),
        ('[{"a": [1]}]', "row 1, column a: the cell holds a list or an object"),
        ('{"a": [1], "b": [1, 2]}', "lists are of different lengths"),
        ("[" * 100_000, "no JSON"),
    ):
        (tmp_path / "t.json").write_text(given)
        assert said in sentences(tmp_path / "t.json")[0]


def test_spss_and_stata_with_labels_and_missing_codes(tmp_path):
    frame = pd.DataFrame(
        {"id": ["P1", "P2", "P3", "P4"], "arm": [1.0, 2, 1, 2], "ecog": [0.0, 1, 9, 1], "afp": [5.5, -99, 7, 9999]}
    )
    labels = {"arm": {1: "TACE", 2: "lenvatinib"}, "ecog": {9: "unknown"}}
    missing = {"ecog": [9], "afp": [{"lo": -99, "hi": -99}]}
    pyreadstat.write_sav(frame, str(tmp_path / "t.sav"), variable_value_labels=labels, missing_ranges=missing)
    raw = detect(tmp_path / "t.sav")[1]
    assert raw.columns == {
        "id": ["P1", "P2", "P3", "P4"], "arm": ["TACE", "lenvatinib", "TACE", "lenvatinib"], "ecog": ["0", "1", None, "1"],
        "afp": ["5.5", None, "7", "9999"],
    }  # fmt: skip
    assert read_table(tmp_path / "t.sav", form=FileForm(codes=True)).columns["arm"] == ["1", "2", "1", "2"]
    pyreadstat.write_dta(
        frame.assign(ecog=[0.0, 1.0, "a", 1.0]),
        str(tmp_path / "t.dta"),
        variable_value_labels={"arm": labels["arm"]},
        missing_user_values={"ecog": ["a"]},
    )
    raw = detect(tmp_path / "t.dta")[1]
    assert raw.columns["arm"][:2] == ["TACE", "lenvatinib"] and raw.columns["ecog"] == ["0", "1", None, "1"]


def test_sas_transport(tmp_path):
    frame = pd.DataFrame({"ID": ["P1", "P2"], "AGE": [60.0, None]})
    pyreadstat.write_xport(frame, str(tmp_path / "t.xpt"), file_format_version=5)
    assert detect(tmp_path / "t.xpt")[1].columns == {"ID": ["P1", "P2"], "AGE": ["60", None]}


NUMBERS = [
    (["1,4", "20,05", "3"], True, ["1.4", "20.05", "3"], ("x",), ()),
    (["1.234,5", "12", "7,5"], True, ["1234.5", "12", "7.5"], ("x",), ("x",)),
    (["1,234.5", "12", "7.5"], True, ["1234.5", "12", "7.5"], (), ("x",)),
    (["1 234", "12 345", "7"], True, ["1234", "12345", "7"], (), ("x",)),
    (["1'234.5", "12", "7"], True, ["1234.5", "12", "7"], (), ("x",)),
    (["1,234", "12,345", "7"], False, ["1234", "12345", "7"], (), ("x",)),
    (["1,4", "1.4", "2"], False, ["1,4", "1.4", "2"], (), ()),
    (["1.234", "2.5", "7"], True, ["1.234", "2.5", "7"], (), ()),
    (["I,II", "III", "1,2"], True, ["I,II", "III", "1,2"], (), ()),
]


@pytest.mark.parametrize(("cells", "decided", "read", "comma", "grouped"), NUMBERS)
def test_decimal_commas_and_signs_between_thousands(tmp_path, cells, decided, read, comma, grouped):
    path = text(tmp_path / "t.csv", ["id;x", *(f"P{i};{cell}" for i, cell in enumerate(cells))])
    found, raw = detect(path)
    assert (found.form.decimal_comma, found.form.thousands) == (comma, grouped)
    assert raw.columns["x"] == read and (found.asked == ()) == decided
    assert read_table(path).columns["x"] == cells


def test_a_decimal_point_where_a_comma_is_declared(tmp_path):
    path = text(tmp_path / "t.csv", ["id;x", "P1;1,5", "P2;1.5", "P3;1.500"])
    found = sentences(path, form=FileForm(decimal_comma=("x",)))
    assert found[0].startswith("t.csv, row 3, column x: a decimal point stands in a column") and len(found) == 2
    assert "there is no column 'y', which data: form: names; it has id, x" in sentences(path, form=FileForm(thousands=("y",)))[0]
