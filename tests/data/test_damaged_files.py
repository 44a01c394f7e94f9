"""Files that are damaged, hold errors, claim too much, or lie packed twice: a sentence each, and our own faults stay ours."""

from __future__ import annotations

import io
import random
import struct
import zipfile

import duckdb
import openpyxl
import pandas as pd
import pyreadstat
import pytest
from books import Wrong, write_ods, write_xls

from equipoise.data import read as reading
from equipoise.data.detect import detect
from equipoise.data.read import read_table
from equipoise.errors import DataError

ROWS = [["id", "x", "y"], *([f"P{i}", float(i), f"w{i}"] for i in range(40))]


def sentences(path) -> list[str]:
    with pytest.raises(DataError) as caught:
        read_table(path)
    return [f.sentence() for f in caught.value.faults]


@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_error_cells_are_told_by_row_and_column(tmp_path, kind):
    rows = [list(row) for row in ROWS]
    rows[2][1], rows[5][1], rows[7][2] = Wrong(7), Wrong(42), Wrong(42)
    path = tmp_path / f"t.{kind}"
    if kind == "xls":
        write_xls(path, rows)
    else:
        write_ods(path, {"data": rows})
    found = sentences(path)
    assert [s.partition(":")[0] for s in found] == [
        f"t.{kind}, row 3, column B",
        f"t.{kind}, row 6, column B",
        f"t.{kind}, row 8, column C",
    ]
    assert all("holds an error of the spreadsheet program, such as #DIV/0!" in s for s in found)


def samples(folder) -> dict[str, bytes]:
    frame = pd.DataFrame(ROWS[1:], columns=ROWS[0])
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    book.save(folder / "s.xlsx")
    write_xls(folder / "s.xls", ROWS)
    write_ods(folder / "s.ods", {"data": ROWS})
    for kind, write in (("sav", pyreadstat.write_sav), ("dta", pyreadstat.write_dta), ("xpt", pyreadstat.write_xport)):
        write(frame, folder / f"s.{kind}")
    frame.to_json(folder / "s.json", orient="records")
    duckdb.sql(f"copy (select range as a, 'w' || range as b from range(40)) to '{folder / 's.parquet'}' (format parquet)")
    return {p.suffix: p.read_bytes() for p in folder.glob("s.*")}


def test_cut_and_changed_files_are_read_or_refused_in_a_sentence(tmp_path):
    draw = random.Random(8)
    (tmp_path / "made").mkdir()
    refused = 0
    for suffix, whole in sorted(samples(tmp_path / "made").items()):
        for k in range(8):
            data = bytearray(whole)
            if k < 4:
                data = data[: len(data) * k // 4]
            else:
                for _ in range(4 << (k - 4)):
                    data[draw.randrange(len(data))] = draw.randrange(256)
            path = tmp_path / f"t{suffix}"
            path.write_bytes(bytes(data))
            for read in (read_table, detect):
                try:
                    read(path)
                except DataError as error:
                    refused += 1
                    assert all("w17" not in f.sentence() for f in error.faults)
    assert refused > 60


def test_a_fault_of_our_own_is_not_told_as_one_of_the_file(tmp_path, monkeypatch):
    (tmp_path / "t.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    monkeypatch.setattr(reading, "delimited", lambda *given: [].nothing)
    with pytest.raises(AttributeError):
        read_table(tmp_path / "t.csv")


def packed(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, data)
    return out.getvalue()


def test_a_zip_in_a_zip(tmp_path):
    (tmp_path / "t.zip").write_bytes(packed("inner.zip", packed("t.csv", b"a,b\n1,2\n")))
    assert sentences(tmp_path / "t.zip") == [
        "t.zip: the archive holds another archive, inner.zip; unpack it and name the file with the table"
    ]


def test_a_file_of_spss_that_claims_billions_of_rows(tmp_path):
    """The number of cases stands in the header at byte 80 ([PSPP] system file format)."""
    pyreadstat.write_sav(pd.DataFrame(ROWS[1:], columns=ROWS[0]), tmp_path / "t.sav")
    data = bytearray((tmp_path / "t.sav").read_bytes())
    assert struct.unpack_from("<i", data, 80)[0] == 40
    struct.pack_into("<i", data, 80, 2_000_000_000)
    (tmp_path / "t.sav").write_bytes(bytes(data))
    try:
        assert read_table(tmp_path / "t.sav").n_rows == 40  # what is there, whatever the header claims
    except DataError as error:
        assert "cannot be read as sav" in str(error)


def test_a_sheet_of_more_than_a_million_rows(tmp_path):
    rows = "".join(
        f'<table:table-row{more}><table:table-cell{wide} office:value-type="float" office:value="1"><text:p>1</text:p>'
        "</table:table-cell></table:table-row>"
        for more, wide in (("", ""), (' table:number-rows-repeated="1048575"', ' table:number-columns-repeated="1024"'))
    )
    write_ods(tmp_path / "t.ods", {"data": [["a"]]})
    with zipfile.ZipFile(tmp_path / "t.ods") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    start, _, end = parts["content.xml"].decode().partition("<table:table-row>")
    parts["content.xml"] = (start + rows + end[end.index("</table:table>") :]).encode()
    with zipfile.ZipFile(tmp_path / "t.ods", "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    assert "claims 1,048,576 rows and 1,024 columns" in sentences(tmp_path / "t.ods")[0]
