"""De-identified data: a study of them gives the same numbers, and nothing in them leads back."""

from __future__ import annotations

import csv
import datetime as dt
import re
from pathlib import Path

import duckdb
import openpyxl
import pytest
import yaml
from typer.testing import CliRunner

from equipoise.cli import app
from equipoise.errors import EquipoiseError
from equipoise.handover import Asked, deidentify
from equipoise.handover.keys import AFTER, BEFORE, LONGEST, new_keys
from equipoise.report.rows import results_csv
from equipoise.study import run_study

CUTOFF_ROWS = re.compile(r"conduct\.[^,]*\.(completeness|contact_gap)\.")
SEED = 2**80 + 7


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def results(protocol: Path) -> list[str]:
    study = run_study(protocol)
    return [line for line in results_csv(study.estimates, study.protocol).splitlines() if not CUTOFF_ROWS.match(line)]


def everything(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture
def cohort(tiny):
    """Identifiers as a hospital gives them, two that differ by case alone; record keys that hold them; one patient whose index
    date is outside the accrual; one whose course goes on after the cut-off of the protocol."""
    new = {f"T{i + 1:02d}": f"HOSP-{(i * 37) % 101:04d}" for i in range(16)} | {"T03": "hosp-x77", "T04": "HOSP-X77"}
    for table in tiny.tables.values():
        for row in table:
            row["patient_id"] = new[row["patient_id"]]
            for key in ("ae_id", "lesion_id"):
                if key in row:
                    row[key] = f"{row['patient_id']}-{row[key]}"
    tiny.tables["index_treatment"][15]["drug"] = "betanib"
    tiny.protocol = tiny.protocol.replace("to: 2021-12-31", "to: 2021-03-01").replace(
        '  notice: "Invented patients."\n', "  data_cutoff: 2021-07-15\n"
    )
    return tiny


def test_a_study_of_the_result_gives_the_same_numbers(cohort, tmp_path):
    path = cohort.write()
    done = deidentify(cohort.folder / "data", Asked(tmp_path / "out", path, SEED, keep_order=True))
    first, second = results(path), results(done.out / "study.yaml")
    assert len(first) > 300 and first == second
    assert any("outside the accrual window" in line for line in first)
    notice = "Dates were shifted for each patient"
    assert notice in (done.out / "study.yaml").read_text(encoding="utf-8")


def test_nothing_leads_back(cohort, tmp_path):
    path = cohort.write()
    done = deidentify(cohort.folder / "data", Asked(tmp_path / "out", path, SEED, keep_order=True))
    key = {r["identifier"]: r for r in rows(done.key / "key.csv")}
    given = b"\n".join(everything(done.out).values())
    assert len(key) == 16 and not any(old.encode() in given for old in key) and str(SEED).encode() not in given
    assert len({r["code"] for r in key.values()}) == len({r["code"].casefold() for r in key.values()}) == 16
    assert all(r["shift_days"] != "0" for r in key.values())
    cutoffs = [r["data_cutoff"] for r in rows(done.out / "data" / "followup.csv")]
    assert len(set(cutoffs)) > 10  # one day, shifted, would tell every shift
    for before, after in zip(rows(cohort.folder / "data" / "ae.csv"), rows(done.out / "data" / "ae.csv"), strict=True):
        one = key[before["patient_id"]]
        shift = dt.date.fromisoformat(after["start"]) - dt.date.fromisoformat(before["start"])
        assert (after["patient_id"], shift.days) == (one["code"], int(one["shift_days"])) and abs(shift.days) <= 2 * LONGEST
    assert done.key.parent == done.out.parent and not list(done.out.rglob("key*"))
    assert [p.stat().st_mode & 0o777 for p in sorted(done.key.iterdir())] == [
        0o600,
        0o600,
    ] and done.key.stat().st_mode & 0o077 == 0


def test_the_same_seed_gives_the_same_bytes_and_other_patients_other_codes(cohort, tmp_path):
    path = cohort.write()
    once, again, other = (
        deidentify(cohort.folder / "data", Asked(tmp_path / name, path, seed)).out
        for name, seed in (("a", SEED), ("b", SEED), ("c", SEED + 1))
    )
    assert everything(once) == everything(again) != everything(other)
    few, more = new_keys(["a", "b"], {}, SEED), new_keys(["a", "b", "c"], {}, SEED)
    assert not {k.code for k in few.values()} & {k.code for k in more.values()}
    assert [k.code for k in more.values()] == sorted(k.code for k in more.values())
    many = new_keys([str(i) for i in range(300)], {"0": BEFORE, "1": AFTER}, SEED, shuffle=True)
    assert [many[old].code for old in sorted(many)] != sorted(k.code for k in many.values())
    assert -2 * LONGEST <= many["0"].shift <= -LONGEST and LONGEST <= many["1"].shift <= 2 * LONGEST


def test_shuffled_patients_are_the_same_patients(cohort, tmp_path):
    path = cohort.write()
    done = deidentify(cohort.folder / "data", Asked(tmp_path / "out", path, SEED))
    key = {r["identifier"]: r["code"] for r in rows(done.key / "key.csv")}
    found = rows(done.out / "data" / "patient.csv")
    assert [r["patient_id"] for r in found] == sorted(key.values()) != [key[k] for k in sorted(key)]
    age = {r["patient_id"]: r["age_index"] for r in found}
    assert all(age[key[r["patient_id"]]] == r["age_index"] for r in rows(cohort.folder / "data" / "patient.csv"))


def test_in_no_order_a_study_gives_the_same_numbers_where_no_tie_is_broken(cohort, tmp_path):
    """Counts, medians, tests and models of the arms as they are: to the rounding of sums."""
    path = cohort.write()
    done = deidentify(cohort.folder / "data", Asked(tmp_path / "out", path, SEED))
    first, second = run_study(path).estimates, run_study(done.out / "study.yaml").estimates
    compared = 0
    for key, row in first.rows.items():
        if row.design in ("", "unadjusted") and not CUTOFF_ROWS.match(key):
            assert second[key].value == pytest.approx(row.value, rel=1e-9, abs=1e-12, nan_ok=True), key
            compared += 1
    assert compared > 300
    said = (done.out / "codebook.md").read_text(encoding="utf-8")
    assert "They stand in no order" in said and "Whoever knows one true day of a patient" in said


def test_columns_of_tables_are_treated_by_what_they_hold(cohort, tmp_path):
    for i, row in enumerate(cohort.tables["patient"]):
        row["mother"] = row["patient_id"]
        row["birthday"] = f"19{40 + i}-05-06"
    cohort.tables["patient"][2]["age_index"] = 97
    cohort.tables["followup"][1]["death_cause"] = f"sepsis, see {cohort.tables['followup'][4]['patient_id']}"
    for row in cohort.tables["followup"]:
        row.setdefault("death_cause", "tumor")
    cohort.tables["ae"].append({**cohort.tables["ae"][0], "patient_id": "STRANGER-1", "ae_id": "STRANGER-1-A1"})
    cohort.write()
    (cohort.folder / "data" / "letters.txt").write_text("a letter", encoding="utf-8")
    done = deidentify(cohort.folder / "data", Asked(tmp_path / "out", seed=SEED, drop=("site",), keep_order=True))
    patient = rows(done.out / "data" / "patient.csv")
    assert list(patient[0]) == ["patient_id", "sex", "age_index"] and patient[2]["age_index"] == "90"
    assert "death_cause" not in rows(done.out / "data" / "followup.csv")[0]
    assert len(rows(done.key / "key.csv")) == 17  # who is in no table of patients has a code too
    assert sorted(p.name for p in done.out.iterdir()) == ["codebook.md", "data"]
    assert "letters.txt" not in [p.name for p in (done.out / "data").iterdir()]
    said = (done.out / "codebook.md").read_text(encoding="utf-8")
    assert "| death_cause | left out | it holds identifiers of patients within other text |" in said
    assert "| site | left out | named with --drop |" in said and "| birthday | left out | the contract has no such column" in said
    assert "97" not in said and "STRANGER" not in said


def test_a_needed_column_that_tells_a_patient_is_refused_with_its_rows(cohort, tmp_path):
    cohort.tables["index_treatment"][3]["drug"] = "alfamab from 12.03.2020"
    cohort.tables["index_treatment"][5]["drug"] = "betanib mail a.b@example.org"
    cohort.write()
    asked = Asked(tmp_path / "out", seed=SEED)
    with pytest.raises(EquipoiseError) as caught:
        deidentify(cohort.folder / "data", asked)
    places = [f.place for f in caught.value.faults]
    assert places == ["index_treatment.csv, row 5, column drug", "index_treatment.csv, row 7, column drug"]
    assert "2020" not in str(caught.value) and "example" not in str(caught.value)
    assert not (tmp_path / "out").exists() and not (tmp_path / "out-key").exists()
    kept = deidentify(cohort.folder / "data", Asked(tmp_path / "kept", seed=SEED, keep=("drug",), keep_order=True))
    assert rows(kept.out / "data" / "index_treatment.csv")[3]["drug"] == "alfamab from 12.03.2020"


CLINIC = {
    "Patient ID": lambda i: f"K-{i:03d}",
    "Mother": lambda i: f"K-{(i + 1) % 40:03d}",
    "Sample": lambda i: f"K-{i:03d}/b1",
    "MRN": lambda i: 900000 + 7 * i,
    "Lab number": lambda i: 5_000_000 + 13 * i,
    "Geburtsdatum": lambda i: f"{1 + i % 28:02d}.03.{1925 + i}",
    "Age": lambda i: 52 + i,
    "First dose": lambda i: f"{1 + i % 28:02d}.0{1 + i % 9}.2021" if i else "NA",
    "Admission date": lambda i: 44200 + i,
    "ct": lambda i: f"2021{1 + i % 12:02d}15",
    "Course": lambda i: "no recurrence" if i % 3 else "recurrence 12-Mar-2021",
    "Year of diagnosis": lambda i: 2015 + i % 6,
    "Remark": lambda i: "well",
    "Comment text": lambda i: f"was seen by ward {i} and left",
    "Stage": lambda i: ("I", "II", "III")[i % 3],
    "HBsAg": lambda i: "+" if i % 2 else "-",
    "OS days": lambda i: 1000 + 3 * i,
    "Status": lambda i: i % 2,
}


@pytest.fixture
def clinic(tmp_path):
    path = tmp_path / "in" / "Kim Hospital.csv"
    path.parent.mkdir()
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(CLINIC)
        writer.writerows([cell(i) for cell in CLINIC.values()] for i in range(40))
    return path


def test_a_spreadsheet_is_treated_by_its_cells(clinic, tmp_path):
    done = deidentify(clinic, Asked(tmp_path / "out", seed=SEED, keep_order=True))
    key = {r["identifier"]: r for r in rows(done.key / "key.csv")}
    found = rows(done.out / "patients.csv")
    assert list(found[0]) == [
        "Patient ID", "Mother", "Geburtsdatum", "Age", "First dose", "Admission date", "ct", "Stage", "HBsAg", "OS days",
        "Status",
    ]  # fmt: skip
    for i, row in enumerate(found):
        one, days = key[f"K-{i:03d}"], dt.timedelta(days=int(key[f"K-{i:03d}"]["shift_days"]))
        assert row["Patient ID"] == one["code"] and row["Mother"] == key[f"K-{(i + 1) % 40:03d}"]["code"]
        dose = dt.date(2021, 1 + i % 9, 1 + i % 28) + days
        assert row["First dose"] == (dose.isoformat() if i else "NA")
        assert row["ct"] == (dt.date(2021, 1 + i % 12, 15) + days).isoformat()
        assert int(row["Admission date"]) == 44200 + i + days.days
        assert row["Age"] == str(min(52 + i, 90)) and row["HBsAg"] == "-+"[i % 2]
        assert row["Geburtsdatum"] == str(max(1925 + i, 2021 - 90))
    said = (done.out / "codebook.md").read_text(encoding="utf-8")
    for column, why in {
        "Sample": "identifiers of patients within", "MRN": "identifies a person", "Lab number": "differ in nearly every row",
        "Course": "dates among other text", "Year of diagnosis": "narrow the shift", "Remark": "free text",
        "Comment text": "free text",
    }.items():  # fmt: skip
        assert re.search(rf"\| {column} \| left out \| [^|]*{why}", said), column
    assert "Kim" not in said and "K-0" not in said


def test_a_spreadsheet_goes_with_its_protocol(sheet, tmp_path):
    path = sheet.write()
    done = deidentify(sheet.folder / "d.csv", Asked(tmp_path / "out", path, SEED, keep_order=True))
    assert results(path) == results(done.out / "study.yaml")


def test_a_column_that_the_protocol_asks_for_is_not_left_out_silently(sheet, tmp_path):
    sheet.columns["stage"] = [f"{s} on 3 May 2021" if i == 4 else s for i, s in enumerate(sheet.columns["stage"])]
    path = sheet.write()
    with pytest.raises(EquipoiseError, match="column stage: the protocol asks for this column, and it is left out"):
        deidentify(sheet.folder / "d.csv", Asked(tmp_path / "out", path, SEED))


def test_days_and_months_that_cannot_be_told_apart_are_asked(tmp_path):
    path = tmp_path / "d.csv"
    path.write_text("id,start\na,01/02/2020\nb,03/04/2020\n", encoding="utf-8")
    with pytest.raises(EquipoiseError, match="whether the day or the month stands first"):
        deidentify(path, Asked(tmp_path / "out"))


def test_parquet_stays_parquet_and_formulas_become_it(tmp_path):
    path = tmp_path / "d.parquet"
    duckdb.sql(f"copy (select 'p' || i as id, i * 1.5 as size, '=1+' || (i % 2) as word from range(9) t(i)) to '{path}'")
    done = deidentify(path, Asked(tmp_path / "out", seed=SEED, keep_order=True))
    found = duckdb.sql(f"select size, word from read_parquet('{done.out}/patients.parquet')").fetchall()
    assert found == [(i * 1.5, f"=1+{i % 2}") for i in range(9)]
    text = tmp_path / "e.csv"
    text.write_text("id,word\na,=1+1\nb,=1+1\n", encoding="utf-8")
    assert [p.name for p in deidentify(text, Asked(tmp_path / "two", seed=SEED)).out.iterdir() if p.suffix != ".md"] == [
        "patients.parquet"
    ]


def test_nothing_is_overwritten_and_the_key_lies_apart(clinic, tmp_path):
    run = CliRunner()
    first = run.invoke(app, ["deidentify", str(clinic), "--out", str(tmp_path / "out"), "--drop", "Stage"])
    assert first.exit_code == 0 and "left out    patients.Stage: named with --drop" in first.output, first.output
    before = everything(tmp_path)
    for options, said in (
        (["--out", tmp_path / "out"], "out is there already"),
        (["--out", tmp_path / "new", "--key", tmp_path / "out-key"], "out-key is there already"),
        (["--out", tmp_path / "new", "--key", tmp_path / "new" / "key"], "lie apart"),
        (["--out", tmp_path / "new", "--key", tmp_path / "new"], "lie apart"),
        (["--drop", "Stagee", "--out", tmp_path / "new"], "did you mean 'Stage'"),
        (["--drop", "Patient ID", "--out", tmp_path / "new"], "cannot be left out"),
        (["--drop", "Stage", "--keep", "Stage", "--out", tmp_path / "new"], "leave out one"),
        (["--patient", "MRNN", "--out", tmp_path / "new"], "there is no column 'MRNN'"),
    ):
        done = run.invoke(app, ["deidentify", str(clinic), *map(str, options)])
        assert done.exit_code == 2 and said in done.output, done.output
    assert everything(tmp_path) == before


def test_a_calendar_date_in_a_condition_is_said(cohort, tmp_path):
    cohort.protocol = cohort.protocol.replace("where: \"drug = 'gammacid'\"", "where: \"index_date > '2021-02-01'\"")
    said: list[str] = []
    deidentify(cohort.folder / "data", Asked(tmp_path / "out", cohort.write(), SEED), said.append)
    assert any(re.match(r"remark +study.yaml:\d+: this condition asks a calendar date", line) for line in said)


FORMS = [
    ({"sheet": "Data", "form": {"header_row": 3}}, "block"),
    ({"form": {"encoding": "cp949", "delimiter": ";", "decimal_comma": ["crp"], "header_row": 2}}, "block"),
    ({"form": {"encoding": "cp949", "delimiter": ";", "decimal_comma": ["crp"], "header_row": 2}}, "flow"),
]


@pytest.mark.parametrize(("data", "style"), FORMS)
def test_a_file_of_another_form_goes_with_a_protocol_that_reads_what_is_handed_over(sheet, tmp_path, data, style):
    """Dates as counts of days of SAS and with years of two figures; values at a limit keep their comparator."""
    n = len(sheet.columns["id"])
    starts = [dt.date(2019, 1, 1) + dt.timedelta(days=11 * i) for i in range(n)]
    days = list(map(int, sheet.columns.pop("days")))
    sheet.columns["first"] = [(s - dt.date(1960, 1, 1)).days for s in starts]
    sheet.columns["seen"] = [f"{s + dt.timedelta(days=d):%d.%m.%y}" for s, d in zip(starts, days, strict=True)]
    sheet.columns["crp"] = [("<0.5", ">300", f"{1 + i % 9}.25")[i % 3] for i in range(n)]
    dates = {"from": "first", "order": "sas", "orders": {"seen": "dmy"}, "century_from": 1970, "days": {"days": "seen"}}
    sheet.protocol["data"] |= {"dates": dates, "limits": {"crp": "half"}} | data
    sheet.protocol["covariates"]["crp"] = {"label": "CRP", "kind": "continuous", "from": "crp"}
    path = sheet.write()
    lines = [list(sheet.columns), *map(list, zip(*sheet.columns.values(), strict=True))]
    if "sheet" in data:
        sheet.protocol["data"]["rows"] = "d.xlsx"
        book = openpyxl.Workbook()
        for row in [["Study"], [], *lines]:
            book.active.append(row)
        book.active.title = "Data"
        book.create_sheet("Notes", 0).append(["nothing"])
        book.save(sheet.folder / "d.xlsx")
    text = "\n".join(";".join(str(c).replace(".", ",") if c == r[-1] else str(c) for c in r) for r in lines)
    (sheet.folder / "d.csv").write_bytes(f"연구\n{text}\n".encode("cp949"))
    path.write_text(yaml.safe_dump(sheet.protocol, sort_keys=False, default_flow_style=style == "flow"), encoding="utf-8")
    done = deidentify(sheet.folder / sheet.protocol["data"]["rows"], Asked(tmp_path / "out", path, SEED, keep_order=True))
    key = {r["identifier"]: r for r in rows(done.key / "key.csv")}
    found = rows(done.out / "patients.csv")
    assert [r["crp"] for r in found] == sheet.columns["crp"]
    for patient, start, row in zip(sheet.columns["id"], starts, found, strict=True):
        assert row["first"] == (start + dt.timedelta(days=int(key[patient]["shift_days"]))).isoformat()
    assert results(path) == results(done.out / "study.yaml")
