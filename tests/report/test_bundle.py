"""The only writer: one folder, whole or not at all, with every number in it."""

import csv
import hashlib
import json

import duckdb
import pytest

from equipoise.errors import EquipoiseError
from equipoise.report import bundle
from equipoise.report.bundle import write_report
from equipoise.report.rows import WRITTEN


def test_the_folder_is_complete(spreadsheet_folder):
    files = {p.relative_to(spreadsheet_folder).as_posix() for p in spreadsheet_folder.rglob("*") if p.is_file()}
    assert {
        "report.html",
        "results.csv",
        "results.parquet",
        "manifest.json",
        "log.txt",
        "tables/baseline.csv",
        "figures/km.svg",
    } <= files
    assert "patients.csv" not in files and "comparison.html" not in files
    assert (spreadsheet_folder / "log.txt").read_text() == "a line\n"
    for name in ("km", "flow", "love", "overlap"):
        assert {f"figures/{name}.{kind}" for kind in ("svg", "pdf")} <= files and f"figures/{name}.png" not in files


def test_parquet_and_csv_hold_the_same_numbers(spreadsheet, spreadsheet_folder):
    with (spreadsheet_folder / "results.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == WRITTEN and len(rows) == len(spreadsheet.estimates.rows)
    columns = ", ".join(f'"{c}"' for c in WRITTEN)
    stored = duckdb.sql(f"select {columns} from '{spreadsheet_folder / 'results.parquet'}'").fetchall()
    for text, row, number in zip(rows, stored, spreadsheet.estimates.rows.values(), strict=True):
        assert text["key"] == row[0] == number.key
        assert text["unit"] == row[WRITTEN.index("unit")]
        value = row[WRITTEN.index("value")]
        assert (text["value"] == "") == (value is None)
        assert value is None or float(text["value"]) == value == number.value


def test_the_manifest_fingerprints_what_was_read_and_written(spreadsheet, spreadsheet_folder):
    manifest = json.loads((spreadsheet_folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["protocol"]["sha256"] == spreadsheet.protocol.sha256
    assert {t["sha256"] for t in manifest["data"].values()} == {t.sha256 for t in spreadsheet.sources.tables.values()}
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((spreadsheet_folder / name).read_bytes()).hexdigest() == digest
    assert str(spreadsheet_folder.parent) not in json.dumps(manifest)


def test_a_failed_run_leaves_the_last_good_folder(undrawn, tiny_study, tmp_path, monkeypatch):
    out = write_report(tiny_study, tmp_path / "out")
    before = (out / "report.html").read_bytes()
    monkeypatch.setattr(bundle, "manifest", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_report(tiny_study, out)
    assert (out / "report.html").read_bytes() == before
    assert [p.name for p in tmp_path.iterdir() if p.name != "tiny"] == ["out"]


def test_a_folder_of_somebody_else_is_never_replaced(undrawn, tiny_study, tmp_path):
    mine = tmp_path / "thesis"
    mine.mkdir()
    (mine / "chapter.txt").write_text("years of work")
    with pytest.raises(EquipoiseError, match="nothing was written"):
        write_report(tiny_study, mine)
    assert [p.name for p in mine.iterdir()] == ["chapter.txt"]


def test_patient_rows_are_written_only_when_asked_for(undrawn, tiny_study, tmp_path):
    out = write_report(tiny_study, tmp_path / "out", with_patient_rows=True)
    rows = list(csv.DictReader((out / "patients.csv").open(newline="", encoding="utf-8")))
    assert len(rows) == tiny_study.cohort.n
    assert {"patient", "arm", "age", "os_days", "os_event", "matched_pair"} <= set(rows[0])
    again = write_report(tiny_study, out)
    assert not (again / "patients.csv").exists()


def test_no_patient_identifier_leaves_without_being_asked(undrawn, tiny_study, tmp_path):
    out = write_report(tiny_study, tmp_path / "out")
    names = {str(p) for p in tiny_study.cohort.patient}
    for file in out.rglob("*"):
        if file.suffix in (".html", ".csv", ".json", ".txt", ".md"):
            found = set(file.read_text(encoding="utf-8-sig").replace('"', " ").replace(",", " ").split())
            assert not names & found, file.name


def test_the_manifest_names_the_typeface_of_the_figures_with_its_hash(spreadsheet_folder):
    from matplotlib import get_data_path

    with open(f"{get_data_path()}/fonts/ttf/DejaVuSans.ttf", "rb") as file:
        expected = hashlib.sha256(file.read()).hexdigest()
    assert json.loads((spreadsheet_folder / "manifest.json").read_text())["typefaces"] == {"DejaVu Sans": expected}
