"""ADaM-like sets out, read back: the same times and events as the results, names that a transport file takes, and the
progression-free survival of pharmaverse's eight designed subjects (their AVAL counts the first day too: + 1)."""

from __future__ import annotations

import csv
import datetime as dt
import shutil

import pytest

from equipoise.reproduce.adam import short_name
from equipoise.study import export_study, run_study

TRIAL = """\
study: {id: trial, title: "Two arms", disease: a disease, population: subjects, notice: "Synthetic."}
conventions: r
data: {standard: sdtm, path: sdtm, domains: {TU: tu_onco_recist.csv, TR: tr_onco_recist.csv, RS: rs_onco_recist.csv}}
index: {table: index_treatment, date: index_date, label: first dose}
arms:
  column: drug
  groups: {placebo: {label: Placebo, value: Placebo}, active: {label: Active, value: KEPT}}
  reference: placebo
  focal: active
eligibility:
  start: Screened
  steps: [{label: Analysed, exclude: [{reason: Other, table: index_treatment, where: "drug = 'LEFT'"}]}]
covariates: {age: {label: "Age, years", kind: continuous, from: age_index}}
response: {criteria: [RECIST 1.1]}
sources:
  death: {table: followup, date: death_date}
  progression: {table: visit_response, date: date, where: "overall = 'PD'"}
  last_tumor_assessment: {table: visit_response, date: date, where: "overall is not null", pick: last}
endpoints:
  pfs:
    label: Progression-free survival
    short: PFS
    event_label: Progression or death
    events: [progression, death]
    censoring: [last_tumor_assessment, day_one]
    progression_from_day: 1
design: {propensity: [age]}
"""


def read(path):
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def founding(repository, tmp_path_factory):
    study = run_study(repository / "src" / "equipoise" / "founding" / "study.yaml")
    folder = tmp_path_factory.mktemp("adam")
    export_study(study, folder, "adam")
    return study, folder


def test_adtte_holds_the_times_of_the_results(founding):
    study, folder = founding
    rows = read(folder / "adtte.csv")
    for code, name, events in (("OS", "os", 81), ("PFS", "pfs", 107)):
        mine = {r["USUBJID"]: r for r in rows if r["PARAMCD"] == code}
        assert len(mine) == 126 and sum(r["CNSR"] == "0" for r in mine.values()) == events
        endpoint = study.outcomes.endpoints[name]
        for i, patient in enumerate(study.cohort.patient):
            assert float(mine[patient]["AVAL"]) == endpoint.time[i] and (mine[patient]["CNSR"] == "0") == bool(endpoint.event[i])
    for r in rows:
        days = (dt.date.fromisoformat(r["ADT"]) - dt.date.fromisoformat(r["STARTDT"])).days
        assert float(r["AVAL"]) == max(days, 1)
        assert (r["CNSDTDSC"] == "") == (r["CNSR"] == "0")


def test_adsl_is_the_analysed_cohort(founding):
    study, folder = founding
    rows = read(folder / "adsl.csv")
    assert [r["USUBJID"] for r in rows] == list(study.cohort.patient)
    assert sum(r["TRT01A"] == "Lenvatinib" for r in rows) == 40 and sum(r["MATCHFL"] == "Y" for r in rows) == 72
    assert all(len(name) <= 8 for name in rows[0])


def test_adrs_best_responses(founding):
    study, folder = founding
    rows = read(folder / "adrs.csv")
    for code, criterion in (("BOR", "RECIST 1.1"), ("BORMREC", "mRECIST")):
        found = {r["USUBJID"]: r["AVALC"] for r in rows if r["PARAMCD"] == code}
        assert list(study.outcomes.best_response[criterion]) == [found[p] for p in study.cohort.patient]
    keys = [(r["USUBJID"], r["PARAMCD"], r["AVISITN"]) for r in rows]
    assert len(set(keys)) == len(keys)


def test_transport_files_read_back_the_same(founding):
    pyreadstat = pytest.importorskip("pyreadstat", reason="the extra [files] is not installed")
    _, folder = founding
    for name in ("adsl", "adtte", "adrs"):
        frame, meta = pyreadstat.read_xport(str(folder / f"{name}.xpt"))
        rows = read(folder / f"{name}.csv")
        assert list(frame.columns) == list(rows[0]) and len(frame) == len(rows)
        assert meta.table_name == name.upper()
    assert frame["AVALC"].tolist() == [r["AVALC"] for r in rows]
    assert [str(d)[:10] for d in frame["ADT"]][:50] == [r["ADT"] or "nan" for r in rows][:50]


def test_a_study_of_day_numbers_has_no_dates(repository, tmp_path):
    study = run_study(repository / "examples" / "gbsg2" / "study.yaml")
    export_study(study, tmp_path, "adam")
    rows = read(tmp_path / "adtte.csv")
    assert len(rows) == 686 and {r["STARTDT"] for r in rows} == {""} and sum(r["CNSR"] == "0" for r in rows) == 299
    assert not (tmp_path / "adrs.csv").exists()


@pytest.mark.slow
def test_designed_subjects(third_party, tmp_path):
    """Start, end and censoring of PFS, 8 of 8."""
    shutil.copytree(third_party / "pharmaverse_onco" / "sdtm", tmp_path / "sdtm")
    found = {}
    high, low = "Xanomeline High Dose", "Xanomeline Low Dose"
    for kept, left in ((high, low), (low, high)):
        (tmp_path / "study.yaml").write_text(TRIAL.replace("KEPT", kept).replace("LEFT", left), encoding="utf-8")
        export_study(run_study(tmp_path / "study.yaml"), tmp_path / "adam", "adam")
        for r in read(tmp_path / "adam" / "adtte.csv"):
            found[r["USUBJID"]] = (r["STARTDT"], r["ADT"], float(r["AVAL"]) + 1, r["CNSR"])
    answers = read(third_party / "pharmaverse_onco" / "cases" / "recist8_expected_adtte.csv")
    expected = {r["USUBJID"]: (r["STARTDT"], r["ADT"], float(r["AVAL"]), r["CNSR"]) for r in answers if r["PARAMCD"] == "PFS"}
    assert len(expected) == 8
    assert {p: found[p] for p in expected} == expected


def test_short_names():
    taken: set[str] = set()
    assert [short_name(n, taken) for n in ("child_pugh_class", "child_pugh_score", "5fu")] == ["CHILD_PU", "CHILD_P2", "V5FU"]
