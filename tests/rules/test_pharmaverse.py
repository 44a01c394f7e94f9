"""Response against the answers of pharmaverse (admiralonco, Apache-2.0): eight designed subjects, 39 response sequences.

The data are not part of the project; EQUIPOISE_DATA names the folder that holds them.
"""

from __future__ import annotations

import csv
import datetime as dt
import os
from pathlib import Path

import pytest

from equipoise.derive import derive_covariates
from equipoise.engine import Engine, read_sql, values
from equipoise.outcomes import derive_outcomes
from equipoise.outcomes.response import BEST, COLUMNS


@pytest.fixture
def folder() -> Path:
    named = os.environ.get("EQUIPOISE_DATA")
    if not named or not (Path(named) / "pharmaverse_onco").is_dir():
        pytest.skip("EQUIPOISE_DATA is not set: the pharmaverse data are not at hand")
    return Path(named) / "pharmaverse_onco"


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def columns(rows: list[dict]) -> dict[str, list]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def whole_date(text: str) -> str:
    """A partial date is its month's end."""
    if len(text) == 10:
        return text
    year, month = (int(part) for part in text.split("-"))
    return (dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)).isoformat()


def contract_tables(folder: Path) -> dict[str, dict[str, list]]:
    """The investigator's lesions of the eight subjects as tables of the contract."""
    tr = [r for r in read(folder / "sdtm" / "tr_onco_recist.csv") if r["TREVAL"] == "INVESTIGATOR"]
    tu = [r for r in read(folder / "sdtm" / "tu_onco_recist.csv") if r["TUEVAL"] == "INVESTIGATOR"]
    rs = [r for r in read(folder / "sdtm" / "rs_onco_recist.csv") if r["RSEVAL"] == "INVESTIGATOR"]
    index = {r["USUBJID"]: r["RANDDT"] for r in read(folder / "cases" / "recist8_visit_responses.csv")}
    node = {(r["USUBJID"], r["TULNKID"]): "NODE" in r["TULOC"] for r in tu}
    visits = {(r["USUBJID"], r["VISITNUM"]): whole_date(r["TRDTC"]) for r in tr}
    visits |= {(r["USUBJID"], r["VISITNUM"]): whole_date(r["RSDTC"]) for r in rs if (r["USUBJID"], r["VISITNUM"]) not in visits}
    lesions = [
        {
            "patient_id": r["USUBJID"],
            "lesion_id": r["TULNKID"],
            "role": r["TUSTRESC"].lower(),
            "organ": r["TULOC"].lower(),
            "is_lymph_node": str(node[r["USUBJID"], r["TULNKID"]]).lower(),
            "first_visit": str(int(float(r["VISITNUM"]))),
        }
        for r in tu
    ]
    measures = {}
    for r in tr:
        key = (r["USUBJID"], r["TRLNKID"])
        wanted = "TUMSTATE" if r["TRGRPID"] != "TARGET" else "LPERP" if node[key] else "LDIAM"
        if r["TRTESTCD"] == wanted and r["TRSTRESC"]:
            measures[*key, r["VISITNUM"]] = measure(r)
    scans = [
        {"patient_id": p, "visit": str(int(float(v))), "date": d, "scheduled": "true", "evaluable": "true"}
        for (p, v), d in visits.items()
    ]
    subjects = [{"patient_id": p, "site": "x", "sex": "M", "age_index": 60} for p in index]
    treated = [{"patient_id": p, "drug": "a", "index_date": d} for p, d in index.items()]
    ends = [{"patient_id": p, "last_contact": "2016-01-01", "data_cutoff": "2016-01-01"} for p in index]
    drawn = {"patient": subjects, "index_treatment": treated, "lesion": lesions, "lesion_measure": list(measures.values())}
    return {name: columns(rows) for name, rows in {**drawn, "visit_imaging": scans, "followup": ends}.items()}


def measure(r: dict[str, str]) -> dict[str, str | None]:
    words = {"PRESENT": "present", "ABSENT": "absent", "UNEQUIVOCAL PROGRESSION": "unequivocal progression"}
    is_size = r["TRTESTCD"] != "TUMSTATE"
    return {
        "patient_id": r["USUBJID"],
        "lesion_id": r["TRLNKID"],
        "visit": str(int(float(r["VISITNUM"]))),
        "diameter_mm": r["TRSTRESC"] if is_size else None,
        "status": "present" if is_size else words[r["TRSTRESC"]],
    }


@pytest.fixture
def designed(draw, folder):
    def _designed(confirmation: bool):
        study = draw("", contract_tables(folder), response={"criteria": ["RECIST 1.1"], "confirmation": confirmation})
        derive_covariates(study.protocol, study.sources, study.cohort)
        return study, derive_outcomes(study.protocol, study.sources, study.cohort)

    return _designed


def test_visit_responses_of_the_designed_subjects(designed, folder):
    study, _ = designed(False)
    found = {(p, d.isoformat()): r for p, d, r in study.rows("select patient_id, date, overall from visit_response")}
    expected = {(r["USUBJID"], r["ADT"]): r["AVALC"] for r in read(folder / "cases" / "recist8_visit_responses.csv")}
    assert len(expected) == 22
    assert {k: found.get(k) for k in expected} == expected


@pytest.mark.parametrize(("confirmation", "parameter"), [(False, "BOR"), (True, "CBOR")])
def test_best_responses_of_the_designed_subjects(designed, folder, confirmation, parameter):
    study, _ = designed(confirmation)
    found = {p: (bor, d and d.isoformat()) for p, bor, d in study.rows("select patient_id, bor, date from best_response")}
    answers = [r for r in read(folder / "cases" / "recist8_expected_adrs.csv") if r["PARAMCD"] == parameter]
    expected = {r["USUBJID"]: (r["AVALC"], None if r["AVALC"] == "NE" else r["ADT"]) for r in answers}
    assert found == expected


def confirmed_responses(engine: Engine) -> dict[str, str]:
    rows = engine.rows("select patient_id, min(date) from response_counted where confirmed group by patient_id")
    return {p: d.isoformat() for p, d in rows}


@pytest.mark.parametrize(
    ("case", "confirmation"),
    [
        ("BOR_28", (False, 28, 1, 1)),
        ("CBOR_28_28_ne1", (True, 28, 0, 1)),
        ("CBOR_28_14_ne0_sd", (True, 14, 1, 0)),
        ("CRSP_28", (True, 28, 0, 1)),
        ("CRSP_14_ne0_sd", (True, 14, 1, 0)),
    ],
)
def test_sequences(folder, case, confirmation):
    """All 44 answers. Their SD minimum of 28 days counts the first day too (duration + 1); MISSING and ND read as NE, which
    has no date. CRSP asks whether and when there was a confirmed response, whatever the best one was."""
    sequences = [r for r in read(folder / "cases" / "response_sequences.csv")]
    answers = [r for r in read(folder / "cases" / "response_expected.csv") if r["case"] == case]
    engine = Engine()
    setting = ("RECIST 1.1", False, 5.0, 27, *confirmation, 5.0, None, "RECIST 1.1")
    engine.define("setting_response", values(list(COLUMNS), [setting]))
    patients = {r["subject"]: dt.date.fromisoformat(r["reference_date"]) for r in sequences}
    engine.define("cohort", values(["patient_id", "index_date"], list(patients.items())))
    visits = []
    for k, r in enumerate(s for s in sequences if s["visit_date"]):
        date = dt.date.fromisoformat(r["visit_date"])
        day = (date - patients[r["subject"]]).days
        visits.append((r["subject"], "RECIST 1.1", k, date, day, r["overall_response"]))
    engine.define("visit_response", values(["patient_id", "criterion", "visit", "date", "day", "overall"], visits))
    for name, file in BEST.items():
        engine.define(name, read_sql("equipoise.outcomes", file))
    if case.startswith("CRSP"):
        assert confirmed_responses(engine) == {r["subject"]: r["expected_date"] for r in answers if r["expected"] == "Y"}
        return
    found = {p: (bor, d and d.isoformat()) for p, bor, d in engine.rows("select patient_id, bor, date from best_response")}
    expected = {
        r["subject"]: ("NE", None) if r["expected"] in ("NE", "ND", "MISSING") else (r["expected"], r["expected_date"])
        for r in answers
    }
    assert {p: found[p] for p in expected} == expected
