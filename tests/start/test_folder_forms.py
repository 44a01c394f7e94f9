"""A folder whose files are written in several ways: `init` proposes the form of each, and a run reads no other."""

from __future__ import annotations

import csv
import re

import openpyxl
import pytest

from equipoise.data.sources import read_sources
from equipoise.errors import DataError
from equipoise.protocol.load import load_protocol
from equipoise.start.begin import start_study
from equipoise.study import run_study


def lines_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def korean(path):
    """cp949 with semicolons and decimal commas; something Korean in it."""
    header, *rows = lines_of(path)
    rows = [[c.replace(".", ",") if c.replace(".", "").isdigit() else c for c in row] for row in rows]
    body = "\r\n".join(";".join(row) for row in [[*header, "비고"], *([*row, "양호"] for row in rows)])
    path.write_bytes(body.encode("cp949"))


def titled(path, title="Export of the registry"):
    made = openpyxl.Workbook()
    made.active.title = "Notes"
    made.active.append(["nothing here"])
    sheet = made.create_sheet("Data")
    for row in [[title], [], *lines_of(path)]:
        sheet.append([cell or None for cell in row])
    made.save(path.with_suffix(".xlsx"))
    path.unlink()


@pytest.fixture
def folder(tiny):
    tiny.write()
    return tiny.folder / "data"


def numbers(path):
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"design:\n  propensity: .*", "design: none", text), encoding="utf-8")
    return {k: (r.value, r.low, r.high) for k, r in run_study(path).estimates.rows.items() if r.value == r.value}


def test_tables_of_a_registry(folder, tmp_path):
    before = numbers(start_study([folder], tmp_path / "plain"))
    korean(folder / "followup.csv")
    titled(folder / "patient.csv")
    said: list[str] = []
    path = start_study([folder], tmp_path / "mixed", say=said.append)
    written = path.read_text(encoding="utf-8")
    assert 'followup: {encoding: "cp949"}' in written
    assert 'patient: {header_row: 3, sheet: "Data"}' in written
    assert any("followup.csv: the encoding is cp949" in line for line in said)
    assert numbers(path) == before


def test_a_run_reads_the_declared_form_alone(folder, tmp_path):
    korean(folder / "followup.csv")
    titled(folder / "patient.csv")
    path = start_study([folder], tmp_path / "mixed")
    text = path.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith(("    followup:", "    patient:", "  forms:"))]
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_sources(load_protocol(path))
    told = " ".join(f.sentence() for f in caught.value.faults)
    assert "this looks like cp949: write forms: {followup: {encoding: cp949}} under data" in told
    path.write_text("\n".join(lines).replace("data:\n", "data:\n  forms: {patient: {sheet: Data}}\n"), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_sources(load_protocol(path))
    told = " ".join(f.sentence() for f in caught.value.faults)
    assert "patient.xlsx, row 1: the row has 1 cell and most rows below it" in told
    assert "row 3 may be: write forms: {patient: {header_row: 3}} under data" in told


def test_the_forms_of_tables_that_there_are_not(folder, tmp_path):
    path = start_study([folder], tmp_path / "plain")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("data:\n", "data:\n  forms: {patients: {encoding: cp949}}\n"), encoding="utf-8")
    with pytest.raises(DataError, match="there is no table 'patients'"):
        read_sources(load_protocol(path))
