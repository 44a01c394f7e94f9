"""Broken raw tables are refused with sentences: file, row, column, rule; all faults at once; no patient's value."""

import datetime as dt

import pytest

from equipoise.cohort.build import build_cohort
from equipoise.data.sources import read_sources
from equipoise.errors import DataError
from equipoise.protocol.load import load_protocol
from sheet import Sheet


def faults_of(tiny) -> list[str]:
    protocol = load_protocol(tiny.write())
    with pytest.raises(DataError) as caught:
        build_cohort(protocol, read_sources(protocol))
    return [f.sentence() for f in caught.value.faults]


def test_the_tiny_study_itself_is_sound(tiny):
    protocol = load_protocol(tiny.write())
    sources = read_sources(protocol)
    assert sources.findings == ()
    assert build_cohort(protocol, sources).n == 15


def test_a_missing_column_names_the_nearest(tiny):
    for row in tiny.tables["followup"]:
        row["last_contct"] = row.pop("last_contact")
    assert faults_of(tiny) == ["followup.csv, row 1: the column 'last_contact' is missing; is 'last_contct' meant?"]


def test_a_missing_table(tiny):
    del tiny.tables["followup"]
    (found,) = faults_of(tiny)
    assert "the study needs the table followup: followup.csv, followup.xlsx, followup.parquet in data/" in found


@pytest.mark.parametrize("table", ["lesion_measure", "lesion", "visit_imaging", "followup", "ae", "index_treatment", "patient"])
def test_an_empty_table_is_refused_as_a_missing_one_is(tiny, table):
    """A header without rows."""
    path = tiny.write()
    file = tiny.folder / "data" / f"{table}.csv"
    file.write_text(file.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_sources(load_protocol(path))
    assert f"{table}.csv: the study needs the table {table}, and this file holds no row" in str(caught.value)


def test_an_empty_table_that_nothing_needs_may_stay(tiny):
    path = tiny.write()
    (tiny.folder / "data" / "serology.csv").write_text("patient_id,date,test,result\n", encoding="utf-8")
    read_sources(load_protocol(path))


def test_an_empty_sheet_is_refused(tmp_path):
    sheet = Sheet(tmp_path)
    sheet.columns = {name: [] for name in sheet.columns}
    with pytest.raises(DataError, match="d.csv: the file holds no row below its header"):
        read_sources(load_protocol(sheet.write()))


def test_a_wrong_unit(tiny):
    tiny.tables["lab"] = [
        {"patient_id": "T01", "date": "2020-05-30", "analyte": "bilirubin", "value": 1.1, "unit": "mg/dL"},
        {"patient_id": "T02", "date": "2020-06-18", "analyte": "bilirubin", "value": 1.1, "unit": "stone"},
    ]
    (found,) = faults_of(tiny)
    assert found.startswith("lab.csv, row 3, column unit") and "mg/dL" in found and "stone" not in found


def test_a_death_before_the_index_date(tiny):
    tiny.tables["followup"][4]["death_date"] = tiny.tables["followup"][4]["last_contact"] = dt.date(2019, 1, 1)
    found = faults_of(tiny)
    assert "followup.csv, row 6, column death_date: death is dated before the index date." in [f + "." for f in found]
    assert not any("2019" in f for f in found)


def test_a_duplicate_patient(tiny):
    tiny.tables["patient"].append(dict(tiny.tables["patient"][2]))
    assert faults_of(tiny) == ["patient.csv, row 18, column patient_id: the same patient_id stands in an earlier row; keep one"]


def test_an_unknown_code_a_range_and_an_empty_cell_at_once(tiny):
    tiny.tables["patient"][0]["sex"] = "W"
    tiny.tables["patient"][1]["age_index"] = 640
    tiny.tables["ae"][0]["ctcae_term"] = ""
    tiny.tables["followup"][0]["last_contact"] = "31.12.2020"
    assert faults_of(tiny) == [
        "patient.csv, row 2, column sex: unknown code; allowed are M, F",
        "patient.csv, row 3, column age_index: out of range; age_index is at least 0 years and at most 110 years",
        "ae.csv, row 2, column ctcae_term: the cell is empty; ctcae_term must be given in every row",
        "followup.csv, row 2, column last_contact: this is not a date written YYYY-MM-DD",
    ]


def test_many_faults_of_a_kind_are_counted_not_listed(tiny):
    for row in tiny.tables["patient"]:
        row["sex"] = "W"
    found = faults_of(tiny)
    assert len(found) == 6 and found[-1].endswith("(11 more rows)")


@pytest.mark.parametrize(("n", "said"), [(1, "row 2,"), (2, "rows 2, 3,"), (6, "rows 2, 3, 4, 5, 6 and 1 more,")])
def test_rows_are_whole_numbers_and_one_is_one(tmp_path, n, said):
    """A treatment that is no arm, in a spreadsheet."""
    sheet = Sheet(tmp_path)
    sheet.columns["arm"] = ["C"] * n + sheet.columns["arm"][n:]
    protocol = load_protocol(sheet.write())
    with pytest.raises(DataError) as caught:
        build_cohort(protocol, read_sources(protocol))
    assert f"d.csv, {said} column arm: the treatment is" in str(caught.value)


@pytest.mark.parametrize(("n", "said"), [(6, "(1 more row)"), (7, "(2 more rows)")])
def test_the_rest_is_counted(tmp_path, n, said):
    sheet = Sheet(tmp_path)
    sheet.columns["age"][:n] = ["old"] * n
    with pytest.raises(DataError) as caught:
        read_sources(load_protocol(sheet.write()))
    assert str(caught.value).endswith(said)


DEAD = [
    ("followup", {"death_cause": "cancer"}, "death_date: a cause or source of death"),
    ("followup", {"death_source": "registry"}, "death_date: a cause or source of death"),
]


@pytest.mark.parametrize(("table", "change", "said"), DEAD)
def test_dead_without_a_date_is_refused_not_alive(tiny, table, change, said):
    """The first patient of the tiny study is alive at the last contact."""
    for row in tiny.tables[table]:
        row |= dict.fromkeys((k for k in change if k not in row), "")
    tiny.tables[table][0] |= change
    (found,) = faults_of(tiny)
    assert found.startswith(f"{table}.csv, row 2, column {said}") and "censored as alive" in found


def test_values_are_shown_only_on_request(tiny):
    tiny.tables["patient"][0]["sex"] = "W"
    protocol = load_protocol(tiny.write())
    with pytest.raises(DataError) as caught:
        read_sources(protocol)
    assert "W" not in caught.value.faults[0].sentence().replace("YYYY", "")
    assert "Found: 'W'." in caught.value.faults[0].sentence(show_value=True)
    assert "'W'" not in str(caught.value)


def test_a_row_of_an_unknown_patient(tiny):
    tiny.tables["followup"].append({**tiny.tables["followup"][0], "patient_id": "T99"})
    (found,) = faults_of(tiny)
    assert found.startswith("followup.csv, row 18, column patient_id: this patient is not in the patient table")


def test_an_empty_arm(tiny):
    tiny.protocol = tiny.protocol.replace("value: alfamab", "value: alphamab").replace(
        "\"drug = 'gammacid'\"", "\"drug in ('gammacid', 'alfamab')\""
    )
    (found,) = faults_of(tiny)
    assert "no analysed patient is in the arm 'alfa' (drug = 'alphamab')" in found
    assert found.startswith("study.yaml:")


def test_a_treatment_that_is_no_arm(tiny):
    tiny.tables["index_treatment"][3]["drug"] = "deltavir"
    (found,) = faults_of(tiny)
    assert found == (
        "index_treatment.csv, row 5, column drug: the treatment is empty or none of the arms; "
        "add it to arms.groups or exclude it in eligibility"
    )


def test_columns_that_identify_patients_are_not_read(tiny):
    for row in tiny.tables["patient"]:
        row["patient_name"] = "Jane Doe"
    protocol = load_protocol(tiny.write())
    (finding,) = read_sources(protocol).findings
    assert "looks like it identifies patients; it was not read" in finding.sentence() and "Jane" not in finding.sentence()
    assert "patient_name" not in read_sources(protocol).engine.columns("patient")


@pytest.mark.parametrize(
    ("column", "written", "needed"),
    [
        ("diameter_mm", "1_0", "a number"),
        ("diameter_mm", "inf", "a number"),
        ("diameter_mm", "nan", "a number"),
        ("diameter_mm", "1,5", "a number"),
        ("visit", "1_0", "a whole number"),
        ("visit", "1.5", "a whole number"),
        ("visit", "nan", "a whole number"),
    ],
)
def test_what_is_no_number_for_a_reader_is_none_in_a_raw_table(tiny, column, written, needed):
    tiny.tables["lesion_measure"][3][column] = written
    found = faults_of(tiny)
    assert f"lesion_measure.csv, row 5, column {column}: this is not {needed}" in found
    assert written not in " ".join(found).replace("row 5", "")


@pytest.mark.parametrize("written", ["2.0", "2", "2e0", "+2"])
def test_a_whole_number_may_be_written_as_programs_write_it(tiny, written):
    for row in (*tiny.tables["lesion_measure"], *tiny.tables["visit_imaging"]):
        row["visit"] = written if row["visit"] == 2 else row["visit"]
    sources = read_sources(load_protocol(tiny.write()))
    assert sources.engine.rows("select distinct visit from lesion_measure order by 1") == [(0,), (1,), (2,)]
