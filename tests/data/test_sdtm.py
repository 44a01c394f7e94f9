"""SDTM domains in: drawn subjects by hand, and pharmaverse's eight designed subjects with their expected answers."""

from __future__ import annotations

import csv
import shutil
import sys
from pathlib import Path

import pytest

from equipoise.data.sources import read_sources
from equipoise.errors import DataError, ProtocolError
from equipoise.protocol.blinded import without_outcomes
from equipoise.protocol.load import load_protocol
from equipoise.study import run_study

PROTOCOL = """\
study: {{id: trial, title: "Two doses", disease: a disease, population: subjects, notice: "Synthetic."}}
conventions: r
data: {{standard: sdtm, path: {path}, {domains}}}
index: {{table: index_treatment, date: index_date, label: first dose}}
arms:
  column: drug
  groups: {{high: {{label: High, value: {high}}}, low: {{label: Low, value: {low}}}}}
  reference: low
  focal: high
{eligibility}
covariates:
  age: {{label: Age, kind: continuous, from: age_index}}
  male: {{label: Male, kind: binary, from: "sex = 'M'"}}
{response}
sources:
  death: {{table: followup, date: death_date}}
  last_contact: {{table: followup, date: last_contact}}
endpoints:
  os: {{label: Overall survival, short: OS, event_label: Death, events: [death], censoring: [last_contact]}}
design: {{propensity: [age, male]}}
cox: {{univariable: [age, male, treatment]}}
{safety}
"""
PLACEBO = """\
eligibility:
  start: Screened
  steps:
    - {label: Analysed, exclude: [{reason: Placebo, table: index_treatment, where: "drug = 'Placebo'"}]}
"""
RECIST = "response: {criteria: [RECIST 1.1]}"
RECIST8 = "domains: {TU: tu_onco_recist.csv, TR: tr_onco_recist.csv, RS: rs_onco_recist.csv}"

DM = [
    {"USUBJID": f"S{i}", "SITEID": "1", "SEX": "FM"[i % 2], "AGE": 50.0 + i, "AGEU": "YEARS", "ACTARM": ["A", "B"][i % 2],
     "RFENDTC": "2021-06-30", "DTHDTC": "2021-05-01T10:00" if i == 1 else ""}
    for i in range(4)
]  # fmt: skip
EX = [
    {"USUBJID": f"S{i}", "EXTRT": "DRUG", "EXDOSE": dose, "EXDOSU": "mg", "EXDOSFRQ": "BID", "EXSTDTC": start, "EXENDTC": stop,
     "EXADJ": why}
    for i in range(3)
    for dose, start, stop, why in [
        (0, "2021-01-02", "2021-01-03", ""), (10, "2021-01-04T08:00", "2021-02-01", ""),
        (5, "2021-02-02", "2021-03-01", "ADVERSE EVENT")
    ]
]  # fmt: skip
LB = [
    {"USUBJID": "S0", "LBTESTCD": code, "LBSTRESN": value, "LBSTRESC": text, "LBSTRESU": unit, "LBDTC": "2021-01"}
    for code, value, text, unit in [
        ("PLAT", 210, "210", "GI/L"), ("ALB", 38, "38", "g/L"), ("AFP", 3, "<3", "ng/mL"), ("ZZZ", 1, "1", "g/L"),
        ("BILI", 9, "9", "stone"),
        ("BILI", "", "NEGATIVE", "umol/L"),
    ]
]  # fmt: skip
AE = [
    {"USUBJID": "S0", "AESEQ": n, "AETERM": "rash", "AEDECOD": "Rash", "AETOXGR": grade, "AESEV": severity, "AEREL": "REMOTE",
     "AESTDTC": start, "AEOUT": outcome, "AEACN": "DOSE REDUCED", "AESER": "N"}
    for n, grade, severity, start, outcome in [
        (1, 3, "MILD", "2021-02-01", "RECOVERED/RESOLVED"), (2, "", "MODERATE", "2021-02-01", "UNKNOWN"),
        (3, "", "SEVERE", "2021-02-03", "FATAL"), (4, "", "", "2021-02-03", "UNKNOWN"), (5, 1, "", "", "UNKNOWN"),
    ]
]  # fmt: skip
DS = [{"USUBJID": "S0", "DSDECOD": "ADVERSE EVENT", "DSCAT": "DISPOSITION EVENT", "DSSTDTC": "2021-07-05"}]
VS = [
    {"USUBJID": "S0", "VSTESTCD": code, "VSSTRESN": value, "VSSTRESU": unit, "VSDTC": date}
    for code, value, unit, date in [
        ("WEIGHT", 70.5, "kg", "2021-01-02"), ("WEIGHT", 150, "LB", "2021-02-02"), ("HEIGHT", 1.7, "m", "2021-01-02"),
        ("WEIGHT", 11, "stone", "2021-01-02"), ("PULSE", 70, "BEATS/MIN", "2021-01-02"), ("WEIGHT", "", "kg", "2021-01-02"),
    ]
]  # fmt: skip
QS = [
    {"USUBJID": "S0", "QSTESTCD": "ECOG101", "QSSTRESN": "1", "QSSTRESC": "1", "QSDTC": "2021-01-03"},
    {"USUBJID": "S1", "QSTESTCD": "KPSS0101", "QSSTRESN": "", "QSSTRESC": "80", "QSDTC": "2021-01-03"},
    {"USUBJID": "S1", "QSTESTCD": "ECOG101", "QSSTRESN": "", "QSSTRESC": "NOT DONE", "QSDTC": "2021-01-03"},
    {"USUBJID": "S1", "QSTESTCD": "EQ5D0201", "QSSTRESN": "1", "QSSTRESC": "1", "QSDTC": "2021-01-03"},
]
TABLES = {"dm": DM, "ex": EX, "lb": LB, "ae": AE, "ds": DS}


def write_csv(path: Path, rows: list[dict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def protocol(folder: Path, **parts) -> Path:
    filled = {"path": "sdtm", "domains": "domains: {}", "high": "A", "low": "B", "eligibility": "", "response": "", "safety": ""}
    (folder / "study.yaml").write_text(PROTOCOL.format(**{**filled, **parts}), encoding="utf-8")
    return folder / "study.yaml"


@pytest.fixture
def drawn(tmp_path):
    for name, rows in TABLES.items():
        write_csv(tmp_path / "sdtm" / f"{name}.csv", rows)
    return tmp_path


def rows(folder: Path, sql: str, **parts) -> list[tuple]:
    return read_sources(load_protocol(protocol(folder, **parts))).engine.rows(sql)


def test_first_dose_is_the_index_date(drawn):
    found = rows(drawn, "select patient_id, drug, cast(index_date as varchar) from index_treatment order by 1")
    assert found == [("S0", "A", "2021-01-04"), ("S1", "B", "2021-01-04"), ("S2", "A", "2021-01-04")]


def test_patients_and_follow_up(drawn):
    assert rows(drawn, "select * exclude (source_row) from patient order by 1")[1][:4] == ("S1", "1", "M", 51)
    found = rows(
        drawn,
        "select patient_id, cast(last_contact as varchar), cast(death_date as varchar), cast(data_cutoff as varchar) "
        "from followup order by 1",
    )
    assert found[0] == ("S0", "2021-07-05", None, "2021-07-05")
    assert found[1] == ("S1", "2021-05-01", "2021-05-01", "2021-07-05")


def test_doses_per_day(drawn):
    found = rows(
        drawn,
        "select cast(start as varchar), dose_mg_day, change_reason, stop_reason from exposure where patient_id = 'S0' order by 1",
    )
    assert found == [
        ("2021-01-02", 0, "start", None), ("2021-01-04", 20, "resume", None), ("2021-02-02", 10, "AE", "AE"),
    ]  # fmt: skip


def test_laboratory_values_and_what_is_left_out(drawn):
    sources = read_sources(load_protocol(protocol(drawn, safety="packs: [liver]")))
    found = sources.engine.rows("select analyte, value, comparator, unit, cast(date as varchar) from lab order by 1")
    assert found == [
        ("AFP", 3, "<", "ng/ml", "2021-01-31"), ("albumin", 38, None, "g/l", "2021-01-31"),
        ("platelets", 210, None, "10^9/L", "2021-01-31"),
    ]  # fmt: skip
    said = {f.rule: f.message for f in sources.findings if f.place == "lb.csv"}
    assert said["partial date"].startswith("LBDTC: 6 dates without a day")
    assert "ZZZ (1)" in said["test code"] and "BILI in stone (1)" in said["unit"] and "BILI (1)" in said["result"]
    assert "S0" not in "".join(f.sentence() for f in sources.findings)


def test_an_analyte_of_a_pack_is_a_test_code_of_no_study_without_it(drawn):
    sources = read_sources(load_protocol(protocol(drawn)))
    assert [r[0] for r in sources.engine.rows("select analyte from lab order by 1")] == ["albumin", "platelets"]
    assert "AFP (1)" in " ".join(f.message for f in sources.findings if f.rule == "test code")


def test_vital_signs_and_performance_status(drawn):
    """150 lb are 68.0388555 kg; ECOG and Karnofsky by CDISC's codes; the rest is counted."""
    write_csv(drawn / "sdtm" / "vs.csv", VS)
    write_csv(drawn / "sdtm" / "qs.csv", QS)
    sources = read_sources(load_protocol(protocol(drawn)))
    found = sources.engine.rows("select patient_id, cast(date as varchar), item, cast(value as double), unit from observation")
    assert found == [
        ("S0", "2021-01-02", "height_cm", pytest.approx(170), "cm"), ("S0", "2021-01-02", "weight_kg", 70.5, "kg"),
        ("S0", "2021-01-03", "ecog", 1, None), ("S0", "2021-02-02", "weight_kg", pytest.approx(68.0388555), "kg"),
        ("S1", "2021-01-03", "karnofsky", 80, None),
    ]  # fmt: skip
    said = " ".join(f.message for f in sources.findings)
    assert "WEIGHT in stone (1)" in said and "PULSE (1)" in said and "WEIGHT (1)" in said
    assert "EQ5D0201 (1)" in said and "have no value or no date: ECOG101 (1)" in said


def test_performance_status_in_rs(drawn):
    """SDTMIG 3.3 keeps clinical classifications in RS; such a row is no scan."""
    row = {"USUBJID": "S2", "RSTESTCD": "ECOG101", "RSSTRESC": "2", "VISITNUM": 1, "RSDTC": "2021-01-04"}
    write_csv(drawn / "sdtm" / "rs.csv", [row])
    assert rows(drawn, "select patient_id, item, cast(value as double) from observation") == [("S2", "ecog", 2)]
    write_csv(drawn / "sdtm" / "rs.csv", [{**row, "RSTESTCD": "OVRLRESP", "RSSTRESC": "SD"}])
    assert not read_sources(load_protocol(protocol(drawn))).engine.has("observation")


def test_adverse_events(drawn):
    found = rows(drawn, "select ae_id, ctcae_term, grade, attribution, action, outcome, serious from ae order by 1")
    assert found == [
        ("AE1", "Rash", 3, "unlikely", "reduce", "recovered", False), ("AE2", "Rash", 2, "unlikely", "reduce", "unknown", False),
        ("AE3", "Rash", 5, "unlikely", "reduce", "fatal", False),
    ]  # fmt: skip


def test_a_missing_domain_and_a_missing_variable_are_named(drawn):
    (drawn / "sdtm" / "ae.csv").unlink()
    (drawn / "sdtm" / "ex.csv").write_text("USUBJID,EXTRT,EXSTDTC\nS0,DRUG,2021-01-04\n", encoding="utf-8")
    with pytest.raises(DataError) as error:
        read_sources(load_protocol(protocol(drawn, safety="safety: {}")))
    said = str(error.value)
    assert "needs the domain AE for the table ae" in said and "the variable EXDOSE of EX is missing" in said


def test_unknown_domain_and_missing_path(drawn):
    with pytest.raises(ProtocolError, match="domains may name"):
        load_protocol(protocol(drawn, domains="domains: {QQ: qq.csv}"))
    path = protocol(drawn)
    path.write_text(path.read_text().replace("path: sdtm, ", ""))
    with pytest.raises(ProtocolError, match="go together"):
        load_protocol(path)


def test_sas_files_say_what_they_need(drawn, monkeypatch):
    (drawn / "sdtm" / "dm.csv").unlink()
    (drawn / "sdtm" / "dm.xpt").write_bytes(b"x")
    monkeypatch.setitem(sys.modules, "pyreadstat", None)
    with pytest.raises(DataError, match=r"equipoise\[files\]"):
        read_sources(load_protocol(protocol(drawn)))


def test_transport_files_give_the_same_tables(drawn):
    pyreadstat = pytest.importorskip("pyreadstat", reason="the extra [files] is not installed")
    import pandas as pd

    ask = "select * from index_treatment order by 1", "select * exclude (source_row) from exposure order by 1, 2"
    before = [rows(drawn, sql) for sql in ask]
    for name in ("dm", "ex"):
        frame = pd.read_csv(drawn / "sdtm" / f"{name}.csv")
        pyreadstat.write_xport(frame, str(drawn / "sdtm" / f"{name}.xpt"), table_name=name.upper())
        (drawn / "sdtm" / f"{name}.csv").unlink()
    assert [rows(drawn, sql) for sql in ask] == before


def test_a_native_sas_file_gives_the_same_tables(drawn):
    """Written by R's haven: reference/dm.R."""
    pytest.importorskip("pyreadstat", reason="the extra [files] is not installed")
    ask = "select * from patient order by 1", "select * from followup order by 1"
    before = [rows(drawn, sql) for sql in ask]
    (drawn / "sdtm" / "dm.csv").unlink()
    shutil.copyfile(Path(__file__).parent / "reference" / "dm.sas7bdat", drawn / "sdtm" / "dm.sas7bdat")
    assert [rows(drawn, sql) for sql in ask] == before


def test_the_sql_runs_alone_on_the_domain_files(drawn, monkeypatch):
    import duckdb

    engine = read_sources(load_protocol(protocol(drawn))).engine
    monkeypatch.chdir(drawn / "sdtm")
    for table in ("patient", "index_treatment", "exposure", "lab", "ae", "followup"):
        with duckdb.connect(":memory:") as alone:
            assert alone.execute(engine.script(table)).fetchall() == engine.rows(f"select * from {table} order by source_row"), (
                table
            )


@pytest.fixture
def eight(third_party, tmp_path):
    """The eight designed subjects, the investigator's readings, with the whole trial's DM, EX and DS around them."""
    shutil.copytree(third_party / "pharmaverse_onco" / "sdtm", tmp_path / "sdtm")
    high, low = "Xanomeline High Dose", "Xanomeline Low Dose"
    return protocol(tmp_path, domains=RECIST8, high=high, low=low, eligibility=PLACEBO, response=RECIST)


@pytest.mark.slow
def test_visit_responses_of_the_designed_subjects(third_party, eight):
    """22 of 22, whatever the subject's arm: each arm is compared with placebo in turn."""
    with (third_party / "pharmaverse_onco" / "cases" / "recist8_visit_responses.csv").open(encoding="utf-8") as file:
        expected = {(r["USUBJID"], r["ADT"]): r["AVALC"] for r in csv.DictReader(file)}
    found: dict = {}
    text = eight.read_text()
    for other in ("Xanomeline High Dose", "Xanomeline Low Dose"):
        mine = "Xanomeline Low Dose" if other.endswith("High Dose") else "Xanomeline High Dose"
        now = text.replace(f"value: {other}", "value: KEEP").replace("drug = 'Placebo'", f"drug = '{other}'")
        eight.write_text(now.replace("value: KEEP", "value: Placebo"), encoding="utf-8")
        study = run_study(eight)
        assert study.cohort.n == {"Xanomeline Low Dose": 86 + 96, "Xanomeline High Dose": 86 + 72}[mine]
        for patient, date, overall in study.sources.engine.rows("select patient_id, date, overall from visit_response"):
            found[patient, date.isoformat()] = overall
    assert len(expected) == 22
    assert {k: found.get(k) for k in expected} == expected


def test_a_trial_folder_runs_as_a_study(third_party, eight):
    """DM counts: 306 screened, 72 and 96 as treated; deaths of DM among them: one."""
    domains = "domains: {TU: tu_onco.parquet, TR: tr_onco.parquet, RS: rs_onco.parquet}"
    eight.write_text(eight.read_text().replace(RECIST8, domains) + "safety: {}\n", encoding="utf-8")
    study = run_study(eight)
    assert study.cohort.n_start == 306
    assert {a: int(study.cohort.in_arm(a).sum()) for a in ("high", "low")} == {"high": 72, "low": 96}
    assert study.estimates["survival.os.unadjusted.event_count.total.events"].value == 1
    left_out = " ".join(f.message for f in study.sources.findings)
    assert "HGB" not in left_out, "haemoglobin in mmol/L is read"
    (n, low, high) = study.sources.engine.rows(
        "select count(*), min(value * multiply_by / divide_by), max(value * multiply_by / divide_by) from lab "
        "join unit_factor on unit_factor.analyte = lab.analyte and unit_factor.unit = lower(lab.unit) where lab.analyte = 'Hb'"
    )[0]
    assert n == 1809 and 5 < low < 12 < 15 < high < 20, "grams per decilitre"
    weighed = study.sources.engine.rows("select item, count(*) from observation group by item order by item")
    assert weighed == [("height_cm", 254), ("weight_kg", 2050)], "every row of VS"


def one_arm(path: Path, arms: str, eligibility: str = "") -> Path:
    """The trial's protocol with one arm: no reference, no design, no treatment in the models."""
    text = path.read_text(encoding="utf-8")
    start, end = text.index("arms:\n"), text.index("covariates:\n")
    text = text[:start] + arms + eligibility + text[end:]
    path.write_text(text.replace("design: {propensity: [age, male]}\n", "").replace(", treatment]", "]"), encoding="utf-8")
    return path


def test_all_treated_subjects_as_a_single_arm(third_party, eight):
    """The eight designed subjects' 22 visit responses and best responses among the 254 treated; limits from R's binom.test."""
    cases = third_party / "pharmaverse_onco" / "cases"
    with (cases / "recist8_visit_responses.csv").open(encoding="utf-8") as file:
        visits = {(r["USUBJID"], r["ADT"]): r["AVALC"] for r in csv.DictReader(file)}
    with (cases / "recist8_expected_adrs.csv").open(encoding="utf-8") as file:
        best = {r["USUBJID"]: r["AVALC"] for r in csv.DictReader(file) if r["PARAMCD"] == "BOR"}
    study = run_study(one_arm(eight, "arms: {groups: {treated: {label: Treated subjects}}}\n"))
    found = study.sources.engine.rows("select patient_id, date, overall from visit_response")
    assert {k: v for k, v in ((((p, d.isoformat())), o) for p, d, o in found) if k in visits} == visits and len(visits) == 22
    responders = sum(v in ("CR", "PR") for v in best.values())
    rate = study.estimates["response.recist_1_1.unadjusted.orr.treated.percent"]
    assert (rate.events, rate.n, responders) == (4, 254, 4)
    # R 4.2.2: binom.test(4, 254)$conf.int
    assert (rate.low, rate.high) == pytest.approx((0.430704799568951, 3.982810896872480), rel=1e-10)


def test_one_treatment_of_a_trial_as_a_single_arm(third_party, eight):
    """DM: 72 subjects actually on the high dose, of 306 screened; 52 had no dose."""
    arms = 'arms: {column: drug, groups: {high: {label: High dose, value: "Xanomeline High Dose"}}}\n'
    exclude = PLACEBO.replace("drug = 'Placebo'", "drug in ('Placebo', 'Xanomeline Low Dose')").replace("Placebo,", "Other arm,")
    domains = "domains: {TU: tu_onco.parquet, TR: tr_onco.parquet, RS: rs_onco.parquet}"
    eight.write_text(eight.read_text(encoding="utf-8").replace(RECIST8, domains) + "safety: {}\n", encoding="utf-8")
    study = run_study(one_arm(eight, arms, exclude))
    assert study.cohort.n == 72 and set(study.cohort.arm) == {"high"}
    assert sum(e.n for e in study.cohort.attrition[-1].excluded) == 306 - 72
    assert {r.contrast for r in study.estimates.rows.values()} == {""}


def test_domains_of_the_course_are_not_opened_for_a_design(drawn):
    """DM without the dates of its end, of RS the clinical scales, no other domain of the course."""
    path = protocol(drawn)
    rs = [
        {"USUBJID": "S0", "RSTESTCD": code, "VISITNUM": 1, "RSDTC": "2021-01-03", "RSSTRESC": value, "RSSTRESN": ""}
        for code, value in (("ECOG101", "1"), ("OVRLRESP", "PD"), ("OVRLRESP", "garbage"))
    ]
    write_csv(drawn / "sdtm" / "rs.csv", rs)
    for name in ("ae", "ds", "tu", "tr"):
        (drawn / "sdtm" / f"{name}.csv").write_bytes(b"\x00 no table")
    write_csv(drawn / "sdtm" / "dm.csv", [{**row, "DTHDTC": "yesterday", "RFENDTC": "soon"} for row in DM])
    sources = read_sources(without_outcomes(load_protocol(path)))
    assert set(sources.tables) == {"patient", "index_treatment", "lab", "observation"}
    assert sources.engine.rows("select patient_id, item, value from observation") == [("S0", "ecog", "1.0")]
    assert sources.engine.rows("select count(*) from sdtm_rs") == [(1,)]
    with pytest.raises(DataError):
        read_sources(load_protocol(path))
