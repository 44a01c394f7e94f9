"""Values at a limit of measurement, words for missing of one column, several rows of one patient: read as declared, counted."""

from __future__ import annotations

import duckdb
import pytest

from equipoise.data.sources import read_sources
from equipoise.errors import DataError, ProtocolError
from equipoise.protocol.load import load_protocol
from sheet import Sheet


def sheet_of(folder, data=None, **columns):
    """Six patients with the given columns beside age; a covariate for each that is called x."""
    sheet = Sheet(folder)
    n = len(next(iter(columns.values())))
    base = {"id": [f"P{i}" for i in range(n)], "arm": ["A", "B"] * n, "age": range(50, 50 + n), "days": range(100, 100 + n)}
    sheet.columns = {name: list(cells)[:n] for name, cells in (base | {"dead": [1, 0] * n} | columns).items()}
    sheet.protocol["data"] |= data or {}
    sheet.protocol["covariates"] = {"age": sheet.protocol["covariates"]["age"]}
    if "x" in columns:
        sheet.protocol["covariates"]["x"] = {"label": "X", "kind": "continuous", "from": "x"}
    sheet.protocol["cox"] = {"univariable": ["age", "treatment"]}
    return sheet.write()


def read(path, monkeypatch, ask="x"):
    """A column as the engine holds it, which is what the statement gives that runs alone; and the sources."""
    sources = read_sources(load_protocol(path))
    found = [r[0] for r in sources.engine.rows(f"select {ask} from patients order by source_row")]
    monkeypatch.chdir(path.parent)
    statement = sources.engine.relations["patients"].sql
    assert "-- save" not in statement
    alone = [r[0] for r in duckdb.sql(f"with made as ({statement}) select {ask} from made order by source_row").fetchall()]
    assert alone == found
    return found, sources


def sentences(path):
    with pytest.raises(DataError) as caught:
        read_sources(load_protocol(path))
    return [f.sentence() for f in caught.value.faults]


CELLS = ["<0.5", "7", ">5000", "", "< 2", "1.5"]


@pytest.mark.parametrize(
    ("rule", "read_as"),
    [
        ("at_limit", [0.5, 7, 5000, None, 2, 1.5]),
        ("half", [0.25, 7, 5000, None, 1, 1.5]),
        ("root_two", [0.5 / 2**0.5, 7, 5000, None, 2 / 2**0.5, 1.5]),
    ],
)
def test_values_at_a_limit_are_numbers_by_the_declared_rule_and_counted(tmp_path, monkeypatch, rule, read_as):
    found, sources = read(sheet_of(tmp_path, {"limits": {"x": rule}}, x=CELLS), monkeypatch)
    assert [f for f in found if f is not None] == pytest.approx([f for f in read_as if f is not None], rel=1e-15)
    assert (sources.limits[0].below, sources.limits[0].above) == (2, 1)
    assert any("2 values below a limit and 1 above are used" in f.message for f in sources.findings)


def test_without_a_rule_they_are_refused_with_the_line_to_write(tmp_path):
    found = sentences(sheet_of(tmp_path, x=[*CELLS, "n.d."]))
    assert "d.csv, row 2, column x: the value lies beyond a limit of measurement" in found[0]
    assert "data: limits: {x: at_limit}" in found[0] and len(found) == 4
    assert "d.csv, row 8, column x: this is not a number" in found[-1]


def test_a_limit_behind_a_decimal_comma(tmp_path, monkeypatch):
    data = {"limits": {"x": "at_limit"}, "form": {"decimal_comma": ["x"]}}
    path = sheet_of(tmp_path, data, x=["<0,5", "7,25", "> 5000", "", "1", "2"])
    assert read(path, monkeypatch)[0] == [0.5, 7.25, 5000, None, 1, 2]


@pytest.mark.parametrize(
    ("form", "change"),
    [
        ({"delimiter": ";"}, lambda text: text.replace(",", ";")),
        ({"delimiter": "tab"}, lambda text: text.replace(",", "\t")),
        ({"header_row": 3}, lambda text: f"A title\n\n{text}"),
        ({"comment": "#"}, lambda text: "# made by hand\n" + text.replace("\nP2", "\n# the third\nP2")),
        ({"delimiter": ";", "thousands": ["x"], "decimal_comma": ["x"]}, lambda text: text.replace(",", ";").replace(".", ",")),
    ],
)
def test_the_statement_that_runs_alone_says_the_form(tmp_path, monkeypatch, form, change):
    path = sheet_of(tmp_path, {"form": form}, x=["1.5", "2.25", "", "4", "5", "6.125"])
    file = tmp_path / "d.csv"
    file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")
    assert read(path, monkeypatch)[0] == [1.5, 2.25, None, 4, 5, 6.125]
    assert len(read(path, monkeypatch, "age")[0]) == 6


def test_the_statement_counts_values_at_a_limit(tmp_path):
    path = sheet_of(tmp_path, {"limits": {"x": "half"}}, x=CELLS)
    statement = read_sources(load_protocol(path)).engine.relations["patients"].sql
    assert statement.startswith("-- x: 2 values below a limit of measurement, 1 above; used is half\n")


def test_words_for_missing_of_one_column(tmp_path, monkeypatch):
    data = {"missing": ["NA"], "missing_in": {"x": ["9999", "-"]}}
    cells = {"x": ["9999", "1", "-", "NA", "2", "3"], "y": ["9999", "-", "+", "NA", "-", "+"]}
    found, _ = read(sheet_of(tmp_path, data, **cells), monkeypatch)
    assert found == [None, 1, None, None, 2, 3]
    assert read(sheet_of(tmp_path, data, **cells), monkeypatch, "y")[0] == ["9999", "-", "+", None, "-", "+"]
    assert (
        "there is no column 'z', which data: missing_in names"
        in sentences(sheet_of(tmp_path, {"missing_in": {"z": ["1"]}}, **cells))[0]
    )


def test_columns_that_are_not_there(tmp_path):
    for data in ({"limits": {"z": "half"}}, {"one_row": {"keep": "first", "by": "z"}}):
        assert "d.csv has no column 'z'; it has id, arm" in sentences(sheet_of(tmp_path, data, x=range(6)))[0]
    with pytest.raises(ProtocolError, match="they go with 'rows'"):
        path = sheet_of(tmp_path, {"limits": {"x": "half"}}, x=range(6))
        path.write_text(path.read_text(encoding="utf-8").replace("rows: d.csv", "tables: folder"), encoding="utf-8")
        load_protocol(path)


VISITS = {
    "id": ["P1", "P1", "P2", "P3", "P3", "P3"],
    "visit": ["2020-03-01", "2020-01-01", "2020-05-05", "2020-02-02", "2020-02-03", "2020-01-31"],
    "x": [1, 2, 3, 4, 5, 6],
}


def test_a_patient_column_that_repeats_is_told_with_what_differs(tmp_path):
    found = sentences(sheet_of(tmp_path, **(VISITS | {"arm": ["A"] * 6, "age": [60] * 6, "dead": [1] * 6, "days": [5] * 6})))
    assert "row 3, column id: this patient stands in an earlier row" in found[0]
    assert found[-1].startswith(
        "d.csv, column id: 3 patients stand in 6 rows: 2 of them have several, up to 3, and its rows differ in visit, x."
    )
    assert "data: one_row: {keep: first, by: COLUMN}" in found[-1]


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        ({"keep": "first", "by": "visit"}, [2, 3, 6]),
        ({"keep": "last", "by": "visit"}, [1, 3, 5]),
        ({"keep": "first"}, [1, 3, 4]),
        ({"keep": "last"}, [2, 3, 6]),
        ({"keep": "last", "by": "x"}, [2, 3, 6]),
    ],
)
def test_one_row_of_each_patient(tmp_path, monkeypatch, rule, kept):
    found, sources = read(sheet_of(tmp_path, {"one_row": rule}, **VISITS), monkeypatch)
    assert found == kept
    assert (sources.reduced.rows, sources.reduced.patients) == (3, 2)
    assert any("3 further rows of 2 patients were left out" in f.message for f in sources.findings)


def test_where_first_cannot_be_told(tmp_path):
    tied = VISITS | {"visit": ["2020-01-01", "2020-01-01", "2020-05-05", "", "", ""]}
    found = sentences(sheet_of(tmp_path, {"one_row": {"keep": "first", "by": "visit"}}, **tied))
    assert len(found) == 2 and "cannot be told: visit is empty or stands there twice" in found[0]
    german = VISITS | {"visit": ["01.03.2020", "13.01.2020", "05.05.2020", "02.02.2020", "03.02.2020", "31.01.2020"]}
    found = sentences(sheet_of(tmp_path, {"one_row": {"keep": "first", "by": "visit"}}, **german))
    assert "'visit' holds dates that do not begin with the year" in found[0]
