"""Identifiers that name a patient give one counted finding without the value; a study's own codes give none."""

from __future__ import annotations

import pytest

from equipoise.data.identifying import is_hospital_number
from equipoise.data.sources import examine_sources
from equipoise.protocol.load import load_protocol
from sheet import Sheet

# drawn, of nobody; each form of a country differs in its beginning from person to person
NAMING = {
    "Korea": lambda i: f"{60 + i % 40}{1 + i % 12:02d}{1 + i % 28:02d}-{1 + i % 2}{100000 + 7919 * i % 899999}",
    "Korea without a dash": lambda i: f"{60 + i % 40}{1 + i % 12:02d}{1 + i % 28:02d}{1 + i % 2}{100000 + 7919 * i % 899999}",
    "name and number": lambda i: f"Kim Min-jun {60 + i % 40}{1 + i % 12:02d}01-1{100000 + i}",
    "United States": lambda i: f"{100 + 13 * i:03d}-{10 + i % 80:02d}-{1000 + 37 * i:04d}",
    "China": lambda i: f"110105{1940 + i % 60}{1 + i % 12:02d}{1 + i % 28:02d}{100 + i}X",
    "Italy": lambda i: f"RSSMRA{60 + i % 40:02d}A{1 + i % 28:02d}H{501 + i % 90}{'ABCDEF'[i % 6]}",
    "Sweden": lambda i: f"19{40 + i % 60}{1 + i % 12:02d}{1 + i % 28:02d}-{1000 + i}",
    "Denmark": lambda i: f"{1 + i % 28:02d}{1 + i % 12:02d}{40 + i % 60}-{1000 + i}",
    "Norway": lambda i: f"{1 + i % 28:02d}{1 + i % 12:02d}{40 + i % 60}{10000 + 17 * i}",
    "Spain": lambda i: f"{12345678 + 1234567 * i % 80000000:08d}{'TRWAG'[i % 5]}",
    "Brazil": lambda i: f"{100 + i}.456.789-{10 + i % 80}",
    "France": lambda i: f"{1 + i % 2} {40 + i % 60} {1 + i % 12:02d} 75 123 {100 + i}",
    "e-mail": lambda i: f"someone{i}@example.org",
    "Latin name": lambda i: f"{'ABCDEFGH'[i % 8]}erta Nachname{'abcdefgh'[i // 8]}",
    "surname first": lambda i: f"Müller{'abcdefgh'[i // 8]}, Ha{'abcdefgh'[i % 8]}ns",
    "Hangul name": lambda i: f"김{'가나다라마바사아'[i // 8]}{'가나다라마바사아'[i % 8]}",
    "Han name": lambda i: f"王{'一丁七万丈三上下'[i // 8]}{'一丁七万丈三上下'[i % 8]}",
}
OWN = {
    "running number": lambda i: str(i + 1),
    "long number": lambda i: str(10000000001 + i),
    "letter and number": lambda i: f"P{i:03d}",
    "letter and nine digits": lambda i: f"P{100000001 + i}",
    "site and number": lambda i: f"{1 + i % 3:02d}-{i:03d}",
    "three parts": lambda i: f"R-12-{i:03d}",
    "site, arm, number": lambda i: f"{101 + i % 3}-{1 + i % 2:02d}-{i:04d}",
    "barcode": lambda i: f"TCGA-2V-A{i:03d}",
    "word and number": lambda i: f"Patient {i}",
    "words and number": lambda i: f"Patient No {i}",
    "site by name": lambda i: f"Site North {i}",
    "hexadecimal": lambda i: f"{i * 2654435761 % 2**32:08x}",
    "date and number": lambda i: f"2021{1 + i % 12:02d}-{i:02d}",
}


def findings(sheet: Sheet) -> list[str]:
    sources, _ = examine_sources(load_protocol(sheet.write()))
    return [f.sentence() for f in sources.findings if f.rule == "identifies patients"]


@pytest.mark.parametrize("form", NAMING)
def test_identifiers_that_name_a_patient_are_counted_and_not_shown(tmp_path, form):
    sheet = Sheet(tmp_path)
    sheet.columns["id"] = [NAMING[form](i) for i in range(60)]
    assert len(set(sheet.columns["id"])) == 60
    (said,) = findings(sheet)
    assert said.startswith(
        "d.csv, column id: 60 identifiers look like a name, an e-mail address or a national number (not shown)"
    )
    assert sheet.columns["id"][0] not in said


@pytest.mark.parametrize("form", OWN)
def test_codes_of_a_study_are_none(tmp_path, form):
    sheet = Sheet(tmp_path)
    sheet.columns["id"] = [OWN[form](i) for i in range(60)]
    assert findings(sheet) == []


def test_one_name_among_codes(tmp_path):
    sheet = Sheet(tmp_path)
    sheet.columns["id"][7] = "Berta Niemand"
    (said,) = findings(sheet)
    assert "1 identifier looks like a name" in said and "Berta" not in said


def test_raw_tables(tiny):
    for rows in tiny.tables.values():
        for row in rows:
            row["patient_id"] = f"Kim Min-jun 800101-12345{row['patient_id'][1:]}"
    sources, _ = examine_sources(load_protocol(tiny.write()))
    (said,) = [f.sentence() for f in sources.findings]
    assert said.startswith("patient.csv, column patient_id: 16 identifiers look like a name") and "Kim" not in said


HEADED = (
    "MRN", "Hospital number", "hospital_no", "Chart No.", "Medical Record Number", "병원번호", "등록번호", "차트 번호",
    "住院号", "病案号", "カルテ番号", "患者番号", "Patientennummer", "Fallnummer", "NHC", "Número de historia clínica", "IPP",
    "Numéro de dossier", "Nº dossier", "Prontuário", "Cartella clinica", "Codice fiscale",
)  # fmt: skip


@pytest.mark.parametrize("heading", HEADED)
def test_headings_of_hospital_numbers(heading):
    assert is_hospital_number(heading)


@pytest.mark.parametrize(
    "heading", ["id", "patient", "study_no", "hospital", "number of lesions", "chart_review", "등록일", "Nummer", "record_id"]
)
def test_other_headings(heading):
    assert not is_hospital_number(heading)


def test_a_column_of_hospital_numbers_is_named_once(tmp_path):
    sheet = Sheet(tmp_path)
    sheet.columns |= {"MRN": list(range(700000, 700060)), "차트번호": list(range(60))}
    (said,) = findings(sheet)
    assert (
        said.startswith("d.csv, row 1: 2 columns look like a hospital number by the heading: 'MRN', '차트번호'")
        and "700000" not in said
    )


def test_the_sheet_itself_has_none(tmp_path):
    assert findings(Sheet(tmp_path)) == []
