"""Planted defects are all found, and only they; clean tables hold none; the page says what they do to the result."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from defects import DEFECTS, plant_defects
from equipoise.cohort.build import build_cohort
from equipoise.data.equal_rows import _pairs
from equipoise.data.quality import RULES, find_quality, sentence
from equipoise.data.sources import examine_sources
from equipoise.derive.covariates import derive_covariates
from equipoise.errors import DataError
from equipoise.protocol.load import load_protocol
from equipoise.records import SourceTable
from equipoise.report.bundle import write_report
from equipoise.study import check_study, run_study

REFUSED = ("contact_after_death", "progression_after_death", "albumin_in_the_wrong_unit")
LATER = ("scan_before_the_baseline_scan", "two_results_on_one_day")  # not among those of reference/quality.R
HARMLESS = [d for d in DEFECTS if d not in (*REFUSED, *LATER)]


@pytest.fixture(scope="module")
def founding(repository: Path) -> Path:
    return repository / "src" / "equipoise" / "founding"


def study_with(founding: Path, folder: Path, seed: int, defects: list[str] | None = None):
    """A copy of the founding study with defects; its protocol and what was planted."""
    planted = plant_defects(founding / "data", folder / "data", seed, defects)
    for name in ("study.yaml", "printed.csv"):
        shutil.copy(founding / name, folder / name)
    return folder / "study.yaml", planted


def quality_of(path: Path):
    protocol = load_protocol(path)
    sources, impossible = examine_sources(protocol)
    cohort = build_cohort(protocol, sources)
    derive_covariates(protocol, sources, cohort)
    return find_quality(protocol, sources, cohort), impossible


def test_clean_tables_hold_no_defect(founding):
    quality, impossible = quality_of(founding / "study.yaml")
    own = ["dose_for_weight"]  # of the pack liver; those under a name of the core add to it
    assert [f.rule for f in quality.findings] == [*(r.name for r in RULES), *own], "every rule was checked"
    assert [f.rule for f in quality.findings if f.rows] == []
    assert impossible == []
    assert quality.unchecked == ()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_planted_defect_is_found_in_its_patient_and_nowhere_else(founding, tmp_path, seed):
    path, planted = study_with(founding, tmp_path, seed)
    quality, impossible = quality_of(path)
    found = {f.rule: set(f.patients) for f in quality.findings}
    refused = {f.rule for f in impossible}
    for defect in planted:
        assert defect.rule in refused or defect.patient in found[defect.rule], defect.defect
    expected: dict[str, set[str]] = {}
    for defect in planted:
        expected.setdefault(defect.rule, set()).add(defect.patient)
    refused_too = {d.patient for d in planted if d.rule == "impossible for its unit"}
    found["lab_unit"] -= refused_too  # albumin ten times its neighbours is refused for its unit, and rightly seen here too
    assert {rule: p for rule, p in found.items() if p} == {r: p for r, p in expected.items() if r in found}


def test_check_says_every_finding_before_it_refuses(founding, tmp_path):
    path, planted = study_with(founding, tmp_path, 1)
    said: list[str] = []
    with pytest.raises(DataError) as refused:
        check_study(path, said.append)
    lines = [line for line in said if line.startswith("quality")]
    assert len(lines) == len(DEFECTS) - 1, "all but the one that only refuses"
    assert any("Pounds for kilograms".lower() in line.lower() for line in lines)
    assert not any("row 1" in line or ".csv" in line for line in lines), "no row without --show-values"
    assert not any(p.patient in line for line in lines for p in planted)
    assert "albumin in g/dL is impossible here" in str(refused.value)


def test_rows_are_named_on_the_users_own_screen(founding, tmp_path):
    path, planted = study_with(founding, tmp_path, 1, ["twice_registered"])
    quality, _ = quality_of(path)
    finding = next(f for f in quality.findings if f.rows)
    assert sentence(finding, {"patient": SourceTable("patient", "patient.csv", 200, "")}, show_values=True).endswith(
        "Rows: patient.csv row 196."
    )
    with (path.parent / "data" / "patient.csv").open(encoding="utf-8") as file:
        assert list(csv.reader(file))[195][0] == planted[0].patient


@pytest.mark.slow
def test_the_page_shows_the_first_endpoint_without_the_patients(undrawn, founding, tmp_path):
    """By hand: without the patients of one rule the number analysed falls by them, and a pair leaves as a whole."""
    path, planted = study_with(founding, tmp_path, 2, HARMLESS)
    study = run_study(path)
    rows = study.estimates.rows
    whole = rows["survival.os.unadjusted.cox.sorafenib-vs-lenvatinib.hr"]
    for defect in planted:
        left = rows.get(f"quality.os.unadjusted.without.{defect.rule}.sorafenib-vs-lenvatinib.hr")
        if defect.rule == "duplicate_patient":
            assert left is None, "the twin was never analysed: the result cannot change"
        else:
            assert left.n == whole.n - 1, defect.rule
            assert left.value != whole.value
    everybody = {d.patient for d in planted} & set(study.cohort.patient)
    assert rows["quality.os.unadjusted.without.any.sorafenib-vs-lenvatinib.hr"].n == whole.n - len(everybody)
    matched = study.design("matched")
    pairs = {int(p) for p, who in zip(matched.pair, study.cohort.patient, strict=True) if who in everybody and p}
    assert rows["quality.os.unadjusted.without.any.sorafenib-vs-lenvatinib.hr"].value == pytest.approx(1.7533320065, rel=1e-9)
    left = rows["quality.os.matched.without.any.sorafenib-vs-lenvatinib.hr"]
    from_r = (1.4137305736, 0.7096351844, 2.8164248034)  # reference/quality.R
    assert (left.value, left.low, left.high) == pytest.approx(from_r, rel=1e-9)
    assert left.n == matched.include.sum() - 2 * len(pairs)
    page = (write_report(study, tmp_path / "out") / "quality.html").read_text(encoding="utf-8")
    assert "Without any of these patients" in page
    assert not any(d.patient in page for d in planted)
    assert 'href="quality.html"' in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_rule_that_lacks_its_tables_is_named(tiny):
    tiny.tables["lab"] = [{"patient_id": "T01", "date": "2020-05-30", "analyte": "Hb", "value": 12, "unit": "g/dL"}]
    tiny.tables.pop("ae")
    tiny.protocol = tiny.protocol.replace("safety: {}\n", "")
    quality, _ = quality_of(tiny.write())
    assert "First dose above the labelled one for the weight" not in [title for title, _ in quality.unchecked]
    assert quality.findings[0].rows == ()


def test_a_spreadsheet_is_searched_for_one_person_twice(repository, tmp_path):
    """Two rows equal in every column but the identifier."""
    protocol = load_protocol(repository / "examples" / "gbsg2" / "study.yaml")
    sources, _ = examine_sources(protocol)
    cohort = build_cohort(protocol, sources)
    found = find_quality(protocol, sources, cohort).findings
    assert [(f.rule, f.rows) for f in found] == [
        (rule, ()) for rule in ("duplicate_patient", "implausible_interval", "implausible_value", "missing_covariate")
    ]


SHEET = """\
study: {id: sheet, title: "A sheet", disease: any, population: invented, notice: "Invented patients."}
data:
  rows: sheet.csv
  patient: id
  dates: {from: start, days: {death_day: death, last_day: last, progression_day: progression}}
arms: {column: arm, groups: {a: {label: A, value: a}, b: {label: B, value: b}}, reference: a, focal: b}
covariates:
  age: {label: Age, kind: continuous, from: age}
  albumin: {label: Albumin, kind: continuous, from: albumin}
sources:
  death: {table: patients, day: death_day}
  dead_at_contact: {table: patients, day: last_day, where: "status = 'dead'"}
  progression: {table: patients, day: progression_day}
  last: {table: patients, day: last_day}
endpoints:
  os: {label: Overall survival, short: OS, event_label: Death, events: [death, dead_at_contact], censoring: [last]}
  pfs: {label: Progression-free survival, short: PFS, event_label: Event, events: [progression, death], censoring: [last]}
design: {propensity: [age, albumin], caliper: 5}
cox: {univariable: [age, treatment]}
"""
PLANTED = {
    "duplicate_patient": (8, None),
    "progression_after_death": (3, {"progression": "2024-06-01"}),
    "event_without_date": (4, {"status": "dead", "last": "", "death": "2022-01-01"}),
    "implausible_value_age": (5, {"age": "620"}),
    "implausible_value_albumin": (6, {"albumin": "0.0041"}),
    "missing_covariate": (7, {"albumin": ""}),
    "contact_after_death": (9, {"last": "2023-05-05"}),
}


def sheet_rows() -> list[dict]:
    """40 invented patients: start in 2021, death or last contact within two years, a third with progression before."""
    rows = []
    for i in range(40):
        death = f"2022-{1 + i % 12:02d}-{1 + i % 27:02d}" if i % 3 == 0 else ""
        rows.append(
            {
                "id": f"S{i}", "arm": "ab"[i % 2], "age": str(50 + (i * 7) % 25), "albumin": f"{3 + (i * 3) % 17 / 10:g}",
                "start": f"2021-{1 + i % 9:02d}-11", "death": death,
                "last": death or f"2023-{1 + i % 12:02d}-{1 + i % 27:02d}", "status": "",
                "progression": f"2021-{10 + i % 3}-{1 + i % 27:02d}" if i % 3 == 1 else "",
            }
        )  # fmt: skip
    return rows


def write_sheet(folder: Path, rows: list[dict]) -> Path:
    with (folder / "sheet.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    (folder / "study.yaml").write_text(SHEET, encoding="utf-8")
    return folder / "study.yaml"


def test_a_clean_sheet_holds_no_defect(tmp_path):
    protocol = load_protocol(write_sheet(tmp_path, sheet_rows()))
    sources, _ = examine_sources(protocol)
    found = find_quality(protocol, sources, build_cohort(protocol, sources)).findings
    assert [f.rule for f in found if f.rows] == []
    rules = {"duplicate_patient", "date_before_start", "implausible_interval", "progression_after_death", "event_without_date"}
    assert {f.rule for f in found} == rules | {"contact_after_death", "implausible_value", "missing_covariate"}


def test_every_defect_of_a_sheet_is_found_in_its_patient_and_nowhere_else(tmp_path):
    """And the first endpoint is shown without the patient: 40 patients and a twin; one fewer without each."""
    rows = sheet_rows()
    for patient, change in PLANTED.values():
        if change is not None:
            rows[patient] |= change
    rows[3]["death"] = rows[3]["last"] = "2022-04-04"
    twin = rows[PLANTED["duplicate_patient"][0]] | {"id": "S40"}
    study = run_study(write_sheet(tmp_path, [*rows, twin]))
    found = {f.rule: f.patients for f in study.quality.findings if f.rows}
    assert found == {
        rule: ("S40",) if rule == "duplicate_patient" else (f"S{patient}",) for rule, (patient, _) in PLANTED.items()
    }
    for rule in PLANTED:
        assert study.estimates[f"quality.os.unadjusted.without.{rule}.b-vs-a.hr"].n == 40, rule
    empty = study.estimates["quality.missing.albumin.b.percent"]
    assert (empty.events, empty.n) == (1, 20) and study.estimates["quality.missing.albumin.a.percent"].events == 0
    page = (write_report(study, tmp_path / "out") / "quality.html").read_text(encoding="utf-8")
    assert "Missing values by covariate and arm" in page and "S40" not in page


def test_a_date_before_the_start_is_said_by_check(tmp_path):
    rows = sheet_rows()
    rows[2]["last"] = "2020-05-05"
    said: list[str] = []
    with pytest.raises(DataError, match="sheet.csv, row 4, column last: the day of 'last' is before the index date") as refused:
        check_study(write_sheet(tmp_path, rows), said.append)
    assert len(refused.value.faults) == 1
    assert any(line.startswith("quality     Date before the start (impossible): 1 row of 1 patient.") for line in said)


def test_progression_beyond_the_time_of_overall_survival(tmp_path):
    """Two columns of times in months: 7.1 against 7.0 months is three days, 7.05 within the rounding."""
    (tmp_path / "sheet.csv").write_text(
        "id,arm,age,os,dead,pfs,ev\n1,a,50,7,1,7.1,1\n2,b,51,7,1,7.05,1\n3,a,52,9,0,3,1\n4,b,53,9,1,3,1\n", encoding="utf-8"
    )
    text = "\n".join(line for line in SHEET.split("sources:")[0].splitlines() if not line.startswith("  dates:")) + "\n"
    text = text.replace("  albumin: {label: Albumin, kind: continuous, from: albumin}\n", "")
    text += """\
endpoints:
  os: {label: OS, short: OS, event_label: Death, time: {column: os, unit: months}, event: "dead = 1"}
  pfs: {label: PFS, short: PFS, event_label: Event, time: {column: pfs, unit: months}, event: "ev = 1"}
design: {propensity: [age]}
"""
    (tmp_path / "study.yaml").write_text(text, encoding="utf-8")
    protocol = load_protocol(tmp_path / "study.yaml")
    sources, _ = examine_sources(protocol)
    found = {f.rule: f.patients for f in find_quality(protocol, sources, build_cohort(protocol, sources)).findings}
    assert found["progression_after_death"] == ("1",)


def few_columns(folder: Path, n: int, extra: list[dict] | None = None, columns: int = 3) -> Path:
    """Invented rows whose columns hold few values each, the same in a whole group of columns where there are more."""
    rows = [
        {
            "id": f"D{i}",
            "arm": "ab"[i % 2],
            "time": str(10 + 7 * (i % 23)),
            "event": str(i * 5 % 3 % 2),
            "age": str(50 + i * 11 % 7),
        }
        | {f"copy{k}": str(50 + i * 11 % 7) for k in range(columns - 3)}
        for i in range(n)
    ]
    with (folder / "sheet.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows([*rows, *(extra or [])])
    text = "\n".join(line for line in SHEET.split("sources:")[0].splitlines() if not line.startswith("  dates:")) + "\n"
    text = text.replace("  albumin: {label: Albumin, kind: continuous, from: albumin}\n", "")
    text += 'endpoints:\n  os: {label: OS, short: OS, event_label: Death, time: {column: time}, event: "event = 1"}\n'
    text += "design: {propensity: [age]}\n"
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    return folder / "study.yaml"


def duplicates_of(path: Path) -> tuple[str, ...]:
    protocol = load_protocol(path)
    sources, _ = examine_sources(protocol)
    found = find_quality(protocol, sources, build_cohort(protocol, sources)).findings
    return next(f for f in found if f.rule == "duplicate_patient").patients


@pytest.mark.parametrize(("n", "columns"), [(60, 3), (400, 3), (400, 9)])
def test_rows_equal_by_chance_are_no_finding(tmp_path, n, columns):
    """Few columns; or many that say the same: by hand 23 x 7 x 6 kinds of rows at most."""
    assert duplicates_of(few_columns(tmp_path, n, columns=columns)) == ()


def test_equal_rows_beyond_chance_are_compared_with_the_source_and_never_dropped(tmp_path):
    rows = sheet_rows()
    said: list[str] = []
    check_study(write_sheet(tmp_path, [*rows, rows[8] | {"id": "S40"}]), said.append)
    (line,) = [x for x in said if "equal in every column" in x]
    assert "Compare with the source" in line and "keep one" not in line


def test_pairs_of_equal_cells_by_hand(tmp_path):
    """Ages 50..56 of 14 rows, two each: 7 pairs; times 10, 17, ... of 14 rows, all different: none."""
    protocol = load_protocol(few_columns(tmp_path, 14))
    engine = examine_sources(protocol)[0].engine
    assert (_pairs(engine, "age"), _pairs(engine, "time"), _pairs(engine, "arm")) == (7.0, 0.0, 42.0)


def test_equal_results_that_many_share_are_no_one_person(tiny):
    """Ten common values on one day in all patients of a sex are chance; ten rare ones are not."""
    for rare, expected in ((False, []), (True, ["T03"])):
        rows = []
        for i, patient in enumerate(tiny.tables["patient"]):
            patient |= {"sex": "F", "age_index": 60}
            twin = patient["patient_id"] in ("T01", "T03")
            for k, analyte in enumerate(("Hb", "platelets", "albumin", "bilirubin", "creatinine", "sodium", "ALT", "AST")):
                unit, low = UNITS[analyte]
                value = low + (0.01 * (k + 1) if rare and twin else 0.05 * i if rare else 0)
                rows.append(
                    {"patient_id": patient["patient_id"], "date": "2020-05-30", "analyte": analyte, "value": value, "unit": unit}
                )
        tiny.tables["lab"] = rows
        quality, _ = quality_of(tiny.write())
        assert list(next(f for f in quality.findings if f.rule == "duplicate_patient").patients) == expected


UNITS = {
    "Hb": ("g/dL", 12), "platelets": ("10^9/L", 200), "albumin": ("g/dL", 4), "bilirubin": ("mg/dL", 1),
    "creatinine": ("mg/dL", 1), "sodium": ("mmol/L", 140), "ALT": ("U/L", 30), "AST": ("U/L", 30),
}  # fmt: skip


def test_targets_are_counted_for_each_reader(tiny):
    """Three readers with two targets of the lung each sum; one reader with three does not."""
    tiny.tables["lesion"] = [
        {**row, "lesion_id": f"{reader}{k}", "reader": reader}
        for row in tiny.tables["lesion"]
        for reader in ("ann", "bob", "cem")
        for k in range(2)
    ]
    tiny.tables["lesion_measure"] = [
        {**row, "lesion_id": f"{reader}{k}"}
        for row in tiny.tables["lesion_measure"]
        for reader in ("ann", "bob", "cem")
        for k in range(2)
    ]
    tiny.protocol = tiny.protocol.replace("criteria: [RECIST 1.1]", "criteria: [RECIST 1.1], readers: [ann, bob, cem]")
    quality, _ = quality_of(tiny.write())
    assert next(f for f in quality.findings if f.rule == "lesion_sum").rows == ()
    tiny.tables["lesion"].append(tiny.tables["lesion"][0] | {"lesion_id": "ann2"})
    quality, _ = quality_of(tiny.write())
    assert next(f for f in quality.findings if f.rule == "lesion_sum").patients == ("T01",)


@pytest.mark.parametrize(
    ("change", "patients"),
    [
        ({"grade": 5}, ("T01",)),
        ({"outcome": "fatal"}, ("T01",)),
        ({"grade": 4, "outcome": "recovered"}, ()),
    ],
)
def test_a_fatal_event_of_a_patient_without_a_date_of_death(tiny, change, patients):
    for row in tiny.tables["ae"]:
        row.update({"outcome": ""} | (change if row["patient_id"] == "T01" else {}))
    for row in tiny.tables["followup"]:
        if row["patient_id"] == "T01":
            row["death_date"] = ""
    quality, _ = quality_of(tiny.write())
    (found,) = [f for f in quality.findings if f.rule == "fatal_event_without_death"]
    assert found.patients == patients
