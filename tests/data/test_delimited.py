"""csv of every kind: rows of another length, quotation, blank lines, line ends, encodings; rows have the numbers that a user
sees."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.data.read import read_table
from equipoise.errors import DataError


def table(folder, data, name="t.csv"):
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8"))
    return read_table(path)


def faults(folder, data):
    with pytest.raises(DataError) as caught:
        table(folder, data)
    return [f.sentence(show_value=True) for f in caught.value.faults]


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_every_row_of_another_length_is_named(tmp_path, sign):
    rows = [["a", "b", "c"], ["1", "2", "3"], ["1", "2", "3", "4"], ["1", "2"], ["1", "2", "3"], ["1", "2", "3", "4"]]
    found = faults(tmp_path, "\n".join(sign.join(r) for r in rows))
    assert [f.partition(":")[0] for f in found] == ["t.csv, row 3", "t.csv, row 6", "t.csv, row 4"]
    assert "the row has 4 cells, the header 3" in found[0] and "the row has 2 cells, the header 3" in found[2]


def test_an_unquoted_decimal_comma_is_a_longer_row(tmp_path):
    (found,) = faults(tmp_path, "id,crp\nP1,1.5\nP2,1,5\n")
    assert found.startswith("t.csv, row 3: the row has 3 cells, the header 2")


def test_more_than_five_rows_are_counted(tmp_path):
    found = faults(tmp_path, "a,b\n" + "1\n" * 9)
    assert len(found) == 6 and found[-1].startswith("t.csv: ") and "(4 more rows)" in found[-1]


def test_a_row_that_is_longer_by_an_empty_cell_is_longer(tmp_path):
    assert "row 3" in faults(tmp_path, "a,b\n1,2\n3,4,\n")[0]


def test_blank_lines_keep_the_numbers_of_the_rows_behind_them(tmp_path):
    found = table(tmp_path, "\n\na,b\n1,2\n\n3,4\n\n\n")
    assert found.columns == {"a": ["1", None, "3"], "b": ["2", None, "4"]}
    assert found.first_row == 4
    assert "row 7: the row has 1 cell" in faults(tmp_path, "\n\na,b\n1,2\n\n3,4\n5\n")[0].replace("t.csv, ", "")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(tmp_path, end):
    found = table(tmp_path, end.join(["a,b", "1,x", '2,"y', 'z"']))
    assert found.columns == {"a": ["1", "2"], "b": ["x", "y\nz"]}


def test_quotation_marks(tmp_path):
    text = 'id,"note 2"" pipe"\nP1,"a, ""b"""\nP2,5" nail\nP3,"x" y\n"P4","\'"\n'
    assert table(tmp_path, text).columns == {"id": ["P1", "P2", "P3", "P4"], 'note 2" pipe': ['a, "b"', '5" nail', "x y", "'"]}


@pytest.mark.parametrize("text", ['a,b\n1,"2\n3,4\n', 'a,"b\n1,2\n', 'a,b\n1,2\n3,"4'])
def test_a_quotation_that_stays_open(tmp_path, text):
    (found,) = faults(tmp_path, text)
    assert "a quotation mark opens a cell and is never closed" in found


def test_apostrophes_quote_nothing(tmp_path):
    assert table(tmp_path, "a,b\n'x,y'\n").columns == {"a": ["'x"], "b": ["y'"]}


def test_encodings(tmp_path):
    assert table(tmp_path, b"\xef\xbb\xbfa,b\n\xec\x97\xac,2\n").columns == {"a": ["여"], "b": ["2"]}
    (found,) = faults(tmp_path, "a,b\n1,2\nmüller,3\n".encode("latin-1"))
    assert found.startswith("t.csv, line 3: the encoding is not UTF-8") and "ller" not in found
    assert "NUL" in faults(tmp_path, b"a,b\n1,\x002\n")[0]


def test_headers_and_no_rows(tmp_path):
    found = table(tmp_path, "a,b\n")
    assert found.n_rows == 0 and found.names == ["a", "b"]
    assert "no column names" in faults(tmp_path, "")[0] and "no column names" in faults(tmp_path, "\n\n")[0]
    (found,) = faults(tmp_path, "os_months,arm,OS_MONTHS\n1,2,3\n")
    assert "'os_months' and 'OS_MONTHS' differ only in small and capital letters" in found


def test_what_is_blank_is_empty(tmp_path):
    assert table(tmp_path, "a,b\n\x1f,\u3000x\u00a0\n").columns == {"a": [None], "b": ["x"]}


def test_one_column(tmp_path):
    assert table(tmp_path, "a\n1\n\n2\n").columns == {"a": ["1", None, "2"]}


CELL = st.text(st.characters(exclude_characters="\0\r\x1e", exclude_categories=("Cs",)), max_size=6)


@pytest.mark.slow
@given(st.integers(1, 4).flatmap(lambda k: st.lists(st.lists(CELL, min_size=k, max_size=k), min_size=1, max_size=6)))
def test_what_the_standard_library_writes_is_read_back(tmp_path_factory, rows):
    header = [f"h{i}" for i in range(len(rows[0]))]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([header, *rows])
    found = table(tmp_path_factory.mktemp("t"), out.getvalue())
    expected = [[c.strip() or None for c in row] for row in rows]
    while expected and not any(expected[-1]):
        expected.pop()
    got = [list(r) for r in zip(*found.columns.values(), strict=True)]
    assert [[c and c.strip() for c in r] for r in got] == expected
