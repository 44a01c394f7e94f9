"""No csv of ours holds a cell or a heading that a spreadsheet would run, and every cell reads back."""

import csv
import io

import pytest

from equipoise.csv_text import csv_text, guarded
from equipoise.report.bundle import write_report
from equipoise.reproduce.write import export_study
from equipoise.study import run_study

FORMULAS = [
    '=HYPERLINK("http://x","y")', "+1+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "@SUM(A1)", "  =1+1", "\t=1", "\rx", "\n=1",
    "-x", "=", "+", "\uff1d1", "\uff0bA1", "\uff20x", "'=1", "''+x", "-A1",
]  # fmt: skip
PLAIN = [
    "", "age", "-", "-1", "-0.25", "-1e-05", "-12,5", "-0.12 (-0.30 to 0.10)", "-5%", "<5", ">=5", "1-2", "a=b", "'",
    "it's", "-inf",
]  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_told_to_be_text(text):
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", PLAIN)
def test_everything_else_stays(text):
    assert guarded(text) == text


def test_every_cell_reads_back():
    cells = [*PLAIN, 'a "b"', "a;b", "a,b", "a\nb", " a ", *FORMULAS]
    text = csv_text(["=heading", *cells[1:]], [cells, [1, -2.5, None, *cells[3:]]])
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read[1] == [guarded(c) for c in cells] and read[0][0] == "'=heading"
    assert read[2][:3] == ["1", "-2.5", ""]
    assert '"a;b"' in text  # a semicolon parts cells where the decimal sign is a comma


PLANTED = "=HYPERLINK(1)"


def test_no_csv_of_a_study_holds_a_formula(sheet, undrawn, tmp_path):
    levels = [PLANTED, "+", "@x", "-y"]
    sheet.columns["x"] = [levels[i % 4] for i in range(60)]
    sheet.columns["id"] = [f"{PLANTED}{i}" for i in range(60)]
    p = sheet.protocol
    p["covariates"]["x"] = {"label": f"{PLANTED} x", "kind": "categorical", "from": "x", "levels": {t: f"{t} l" for t in levels}}
    p["arms"]["groups"]["a"]["label"], p["arms"]["groups"]["b"]["label"] = f"{PLANTED} a", "+b"
    p["endpoints"]["os"] |= {"label": f"{PLANTED} os", "short": "-OS", "event_label": "@death"}
    p["eligibility"] = {"start": "=start", "steps": [{"label": "+step", "exclude": [{"reason": "@young", "where": "age < 41"}]}]}
    p["subgroups"] = {"age": {"label": "=age", "levels": {"=old": "age > 60", "+young": "age <= 60"}}}
    study = run_study(sheet.write())
    write_report(study, tmp_path / "out", with_patient_rows=True)
    for language in ("r", "sas", "adam"):
        export_study(study, tmp_path / language, language)
    files = list(tmp_path.rglob("*.csv"))
    files.remove(sheet.folder / "d.csv")
    assert len(files) > 12
    cells = {}
    for file in files:
        with file.open(newline="", encoding="utf-8-sig") as f:
            cells[file] = [cell for row in csv.reader(f) for cell in row]
    assert {PLANTED in c for cs in cells.values() for c in cs} == {True, False}
    assert [(f.name, c) for f, cs in cells.items() for c in cs if guarded(c) != c and not c.startswith("'")] == []
