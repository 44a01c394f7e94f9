"""SDTM domains and ADaM data sets handed over: a study of the result gives the same numbers, and nothing in it leads back."""

from __future__ import annotations

import csv
import datetime as dt
import random
import re
import shutil
import stat
from pathlib import Path

import pytest
from test_deidentify import CUTOFF_ROWS, SEED, results, rows

from equipoise.errors import EquipoiseError
from equipoise.handover import Asked, deidentify
from equipoise.handover.reading import _not_handed
from equipoise.start.begin import start_study
from equipoise.study import export_study, run_study

N, CUTOFF = 60, dt.date(2021, 9, 30)
SDTM = """\
study: {id: trial, title: "Two doses", disease: a disease, population: subjects, data_cutoff: 2021-09-30, notice: "Synthetic."}
conventions: r
data: {standard: sdtm, path: sdtm, domains: {RS: rs_onco.csv}}
index: {table: index_treatment, date: index_date, label: first dose, accrual: {from: 2020-03-01, to: 2020-12-01}}
arms:
  column: drug
  groups: {high: {label: High, value: A}, low: {label: Low, value: B}}
  reference: low
  focal: high
covariates:
  age: {label: Age, kind: continuous, from: age_index}
  male: {label: Male, kind: binary, from: "sex = 'M'"}
  albumin: {label: Albumin, kind: continuous, from: albumin_g_dl}
response: {criteria: [RECIST 1.1]}
sources:
  death: {table: followup, date: death_date}
  progression: {table: visit_response, date: date, where: "overall = 'PD'"}
  last_scan: {table: visit_response, date: date, where: "overall is not null", pick: last}
  last_contact: {table: followup, date: last_contact}
endpoints:
  os: {label: Overall survival, short: OS, event_label: Death, events: [death], censoring: [last_contact]}
  pfs: {label: PFS, short: PFS, event_label: Progression, events: [progression, death], censoring: [last_scan, day_one]}
design: none
cox: {univariable: [age, male, treatment]}
safety: {}
"""


def _iso(day: dt.date) -> str:
    return day.isoformat()


def domains() -> dict[str, list[dict]]:
    """Sixty invented subjects: some treated outside the accrual, dates without a day, and what must not be handed over: an age
    above 89 in a screening failure, verbatim terms, comments, investigators."""
    draw = random.Random(5)
    found: dict[str, list[dict]] = {
        name: [] for name in ("dm", "ex", "ds", "ae", "lb", "tu", "tr", "rs_onco", "co", "suppdm", "ta")
    }
    for i in range(N + 1):
        subject, site = f"ONC-{100 + i % 5}-{2000 + i}", f"{100 + i % 5}"
        start = dt.date(2020, 1, 15) + dt.timedelta(days=draw.randint(0, 360))
        last = min(start + dt.timedelta(days=draw.randint(300, 500)), CUTOFF)
        died = draw.random() < 0.5
        treated = i < N
        found["dm"].append(
            {"STUDYID": "ONC", "USUBJID": subject, "SUBJID": f"{2000 + i}", "SITEID": site, "INVNAM": f"Dr. {site} Smith",
             "BRTHDTC": f"{1930 + i % 40}-05-17", "AGE": draw.randint(40, 88) if treated else 97, "AGEU": "YEARS",
             "SEX": draw.choice("FM"), "ACTARM": "AB"[i % 2] if treated else "Screen Failure",
             "RFSTDTC": _iso(start) if treated else "",
             "RFENDTC": _iso(start + dt.timedelta(days=50)) if treated else "",
             "RFPENDTC": _iso(last) + "T10:30" if treated else "",
             "DTHDTC": _iso(last)[: 7 if i % 4 == 0 else 10] if died and treated else "",
             "DTHFL": "Y" if died and treated else "",
             "DMDTC": _iso(start - dt.timedelta(days=9)), "DMDY": -9}
        )  # fmt: skip
        found["co"].append({"STUDYID": "ONC", "USUBJID": subject, "COVAL": "called his wife"})
        found["suppdm"].append({"STUDYID": "ONC", "USUBJID": subject, "QNAM": "X", "QVAL": "lives alone"})
        if not treated:
            continue
        found["ex"].append(
            {"USUBJID": subject, "EXTRT": "DRUG", "EXDOSE": 10, "EXDOSU": "mg", "EXDOSFRQ": "QD", "EXSTDTC": _iso(start),
             "EXENDTC": _iso(start + dt.timedelta(days=48)), "EXSTDY": 1}
        )  # fmt: skip
        found["ds"].append(
            {"USUBJID": subject, "DSTERM": f"left, see letter {i}", "DSDECOD": "DEATH" if died else "COMPLETED",
             "DSSTDTC": _iso(last)}
        )  # fmt: skip
        day = start + dt.timedelta(days=draw.randint(1, 40))
        found["ae"].append(
            {"USUBJID": subject, "AESEQ": 1, "AETERM": f"rash as in March {i}", "AEDECOD": draw.choice(["Rash", "Nausea"]),
             "AETOXGR": draw.randint(1, 3), "AESTDTC": [_iso(day), _iso(day)[:7], "2021", ""][i % 20 if i % 20 < 4 else 0],
             "AESTDY": 1 + (day - start).days, "AESPID": f"E{i}"}
        )  # fmt: skip
        found["lb"].append(
            {"USUBJID": subject, "LBTESTCD": "ALB", "LBSTRESN": draw.randint(28, 50), "LBSTRESC": "", "LBSTRESU": "g/L",
             "LBDTC": _iso(start)[: 10 if i % 3 else 7], "LBREFID": f"TUBE{5000 + i}"}
        )  # fmt: skip
        size = 40.0
        found["tu"].append(
            {"USUBJID": subject, "TULNKID": f"{subject}-T1", "TUTESTCD": "TUMIDENT", "TUSTRESC": "TARGET", "TULOC": "LIVER",
             "TUEVAL": "INVESTIGATOR", "VISITNUM": 1, "TUDTC": _iso(start)}
        )  # fmt: skip
        for visit in range(1, 6):
            scanned = start + dt.timedelta(days=42 * (visit - 1))
            size *= draw.choice([0.6, 0.9, 1.0, 1.3])
            found["tr"].append(
                {"USUBJID": subject, "TRLNKID": f"{subject}-T1", "TRTESTCD": "DIAMETER", "TRSTRESC": f"{size:.0f}",
                 "TRSTRESN": round(size), "TRSTRESU": "mm", "TREVAL": "INVESTIGATOR", "VISITNUM": visit, "TRDTC": _iso(scanned)}
            )  # fmt: skip
            found["rs_onco"].append(
                {"USUBJID": subject, "RSTESTCD": "NTRGRESP", "RSSTRESC": "NON-CR/NON-PD", "RSEVAL": "INVESTIGATOR",
                 "VISITNUM": visit, "RSDTC": _iso(scanned)}
            )  # fmt: skip
    found["ta"].append({"STUDYID": "ONC", "ARMCD": "A", "ETCD": "TRT"})
    return found


def write(path: Path, found: list[dict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(found[0]))
        writer.writeheader()
        writer.writerows(found)


@pytest.fixture
def trial(tmp_path):
    for name, found in domains().items():
        write(tmp_path / "sdtm" / f"{name}.csv", found)
    (tmp_path / "study.yaml").write_text(SDTM, encoding="utf-8")
    return tmp_path


def test_a_study_of_the_shifted_domains_gives_the_same_numbers(trial):
    done = deidentify(trial / "sdtm", Asked(trial / "out", trial / "study.yaml", SEED, keep_order=True))
    first, second = results(trial / "study.yaml"), results(done.out / "study.yaml")
    assert len(first) > 300 and first == second
    assert any("death" in line.lower() for line in first)


def test_the_accrual_decides_in_the_study_that_is_compared(trial):
    """Else the test above would hold without its being kept."""
    text = SDTM.replace(", accrual: {from: 2020-03-01, to: 2020-12-01}", "")
    first = results(trial / "study.yaml")
    (trial / "study.yaml").write_text(text, encoding="utf-8")
    second = results(trial / "study.yaml")
    assert {line.split(",")[0] for line in first} & {line.split(",")[0] for line in second} and first != second


def test_what_is_handed_over_of_domains(trial):
    said: list[str] = []
    done = deidentify(trial / "sdtm", Asked(trial / "out", trial / "study.yaml", SEED, keep_order=True), said.append)
    given = b"\n".join(p.read_bytes() for p in sorted(done.out.rglob("*")) if p.is_file())
    for name in (b"ONC-10", b"Smith", b"wife", b"alone", b"letter", b"as in March", b"TUBE", b"1930-05-17", b"97"):
        assert name not in given, name
    assert sorted(p.name for p in (done.out / "data").iterdir()) == [
        f"{name}.csv" for name in ("ae", "dm", "ds", "ex", "lb", "rs_onco", "tr", "tu")
    ]
    assert any("files that stay behind" in line and line.endswith(": 3") for line in said)
    key = {r["identifier"]: r for r in rows(done.key / "key.csv")}
    assert {stat.S_IMODE(p.stat().st_mode) for p in done.key.iterdir()} == {0o600}
    subjects = domains()["dm"]
    for before, after in zip(subjects, rows(done.out / "data" / "dm.csv"), strict=True):
        mine = key[before["USUBJID"]]
        assert after["USUBJID"] == after["SUBJID"] == mine["code"] and after["DMDY"] == "-9"
        shift = dt.date.fromisoformat(after["DMDTC"]) - dt.date.fromisoformat(before["DMDTC"])
        assert shift.days == int(mine["shift_days"]) != 0
    assert max(int(r["AGE"]) for r in rows(done.out / "data" / "dm.csv")) == 90
    for before, after in zip(domains()["ae"], rows(done.out / "data" / "ae.csv"), strict=True):
        if len(before["AESTDTC"]) == 7:
            year, month = map(int, before["AESTDTC"].split("-"))
            end = dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)
            shifted = end + dt.timedelta(days=int(key[before["USUBJID"]]["shift_days"]))
            assert after["AESTDTC"] == shifted.isoformat()
        assert len(before["AESTDTC"]) != 4 or after["AESTDTC"] == ""
        assert after["AESTDY"] == str(before["AESTDY"])
    links = rows(done.out / "data" / "tu.csv"), rows(done.out / "data" / "tr.csv")
    assert {r["TULNKID"] for r in links[0]} == {r["TRLNKID"] for r in links[1]} == {"L0001"}
    said_of = (done.out / "codebook.md").read_text(encoding="utf-8")
    assert "| AESTDTC | date, shifted" in said_of and "3 without a day are their month's end" in said_of
    assert re.search(r"\| INVNAM \| left out \| names an investigator \|", said_of)


def test_a_needed_variable_that_tells_a_subject_is_refused(trial):
    found = domains()["ds"]
    found[3]["DSDECOD"] = "DIED ON 3 MAY 2021"
    write(trial / "sdtm" / "ds.csv", found)
    with pytest.raises(
        EquipoiseError, match="ds.csv, column DSDECOD: the study needs this variable, and it is left out: it holds dates"
    ):
        deidentify(trial / "sdtm", Asked(trial / "out", trial / "study.yaml", SEED))
    done = deidentify(trial / "sdtm", Asked(trial / "out", trial / "study.yaml", SEED, keep=("ds.DSDECOD",)))
    assert (done.out / "data" / "ds.csv").exists()


def test_faults_of_a_folder_are_told_together(trial):
    found = domains()["ae"]
    found[4]["USUBJID"] = ""
    write(trial / "sdtm" / "ae.csv", found)
    write(trial / "sdtm" / "ex.tsv", domains()["ex"])
    with pytest.raises(EquipoiseError) as caught:
        deidentify(trial / "sdtm", Asked(trial / "out", seed=SEED))
    told = [f.sentence() for f in caught.value.faults]
    assert "ae.csv, row 6, column USUBJID: the subject is missing, in 1 row" in told[0] and "ex is there twice" in told[1]


@pytest.mark.parametrize("kind", ["csv", "xpt"])
def test_adam_data_sets_of_our_own(trial, kind):
    """xpt counts days from 1960; csv writes them."""
    pytest.importorskip("pyreadstat")
    export_study(run_study(trial / "study.yaml"), trial / "all", "adam")
    (trial / "adam").mkdir()
    for name in ("adsl", "adtte"):
        shutil.copy(trial / "all" / f"{name}.{kind}", trial / "adam")
    protocol = start_study([trial / "adam"], trial / "begun")
    done = deidentify(trial / "adam", Asked(trial / "out", protocol, SEED, keep_order=True))
    assert results(protocol) == results(done.out / "study.yaml")
    key = {r["identifier"]: r for r in rows(done.key / "key.csv")}
    before = {(r["USUBJID"], r["PARAMCD"]): r for r in rows(trial / "all" / "adtte.csv")}
    codes = {r["code"]: old for old, r in key.items()}
    for row in rows(done.out / "data" / "adtte.csv"):
        old = before[codes[row["USUBJID"]], row["PARAMCD"]]
        for name in ("STARTDT", "ADT"):
            moved = dt.date.fromisoformat(row[name]) - dt.date.fromisoformat(old[name])
            assert moved.days == int(key[old["USUBJID"]]["shift_days"])


def test_adam_as_sponsors_write_it(tmp_path):
    """Days and seconds as SAS counts them, moments in words, another age unit; a variable that the protocol asks for."""
    subjects = [
        {"usubjid": f"X-{i:03d}", "SITEID": "7", "TRT01P": "AB"[i % 2], "AGE": 50 + i, "TRTSDT": 22000 + i,
         "TRTSDTM": 86400 * (22000 + i) + 60,
         "RANDDT": f"{1 + i % 28:02d}MAR2020", "TRTEDTM": f"{1 + i % 28:02d}JUN2020:10:30",
         "TRTSTM": "10:30", "COHORT": "ab"[i % 2]}
        for i in range(30)
    ]  # fmt: skip
    times = [
        {"USUBJID": f"X-{i:03d}", "PARAMCD": "OS", "PARAM": "Overall Survival (days)", "AVAL": 40 + 7 * i, "CNSR": i % 2}
        for i in range(30)
    ]
    write(tmp_path / "in" / "ADSL.csv", subjects)
    write(tmp_path / "in" / "ADTTE.csv", times)
    done = deidentify(tmp_path / "in", Asked(tmp_path / "out", seed=SEED, keep_order=True))
    key = {r["identifier"]: int(r["shift_days"]) for r in rows(done.key / "key.csv")}
    for before, after in zip(subjects, rows(done.out / "data" / "ADSL.csv"), strict=True):
        shift = key[before["usubjid"]]
        assert int(after["TRTSDT"]) == before["TRTSDT"] + shift
        assert int(after["TRTSDTM"]) == before["TRTSDTM"] + 86400 * shift
        day, end = (dt.date(2020, month, int(before["RANDDT"][:2])) + dt.timedelta(days=shift) for month in (3, 6))
        assert (after["RANDDT"], after["TRTEDTM"]) == (day.isoformat(), end.isoformat())
        assert "TRTSTM" not in after and after["COHORT"] == before["COHORT"]


def test_what_names_of_files_and_free_answers_tell(tmp_path):
    """Answers in words are no terms of a list, supplements in two files are supplements, and a group may be named as the subject
    is within the trial; a measured number may happen to be one."""
    ids = [f"ONC-1-{71000 + i}" for i in range(30)]
    dm = [{"USUBJID": s, "SUBJID": s[-5:], "AGE": 50, "SEX": "M"} for s in ids]
    answers = [
        {"USUBJID": s, "QSTESTCD": "WHO", "QSSTRESC": f"my daughter Mary{i}, Lane {i}", "QSSTRESN": 71005, "QSDTC": "2016-03-05",
         "QSGRPID": ids[i // 2][-5:]}
        for i, s in enumerate(ids)
    ]  # fmt: skip
    write(tmp_path / "in" / "dm.csv", dm)
    write(tmp_path / "in" / "ex.csv", [{"USUBJID": s, "EXTRT": "A", "EXSTDTC": "2016-03-01"} for s in ids])
    write(tmp_path / "in" / "qs.csv", answers)
    for name in ("sqqs", "pooldef", "relspec"):
        write(tmp_path / "in" / f"{name}.csv", [{"USUBJID": ids[0], "QNAM": "A", "QVAL": "Mary"}])
    write(tmp_path / "in" / "zz.csv", [{"USUBJID": ids[0], "QVAL": "Mary"}])
    out = deidentify(tmp_path / "in", Asked(tmp_path / "out", seed=SEED)).out / "data"
    assert sorted(p.stem for p in out.iterdir()) == ["dm", "ex", "qs", "zz"]
    assert list(rows(out / "qs.csv")[0]) == ["USUBJID", "QSTESTCD", "QSSTRESN", "QSDTC"]
    assert list(rows(out / "zz.csv")[0]) == ["USUBJID"]
    for name in ("vs_ONC-1-71003", "lb_71004"):
        write(tmp_path / "in" / f"{name}.csv", [{"USUBJID": ids[0], "VSORRES": "120"}])
    with pytest.raises(EquipoiseError) as error:
        deidentify(tmp_path / "in", Asked(tmp_path / "again", seed=SEED))
    assert "the names of 2 files hold the identifier of a patient" in str(error.value) and "7100" not in str(error.value)


def test_a_domain_of_free_answers_that_a_protocol_reads_is_no_missing_file(tmp_path):
    source = tmp_path / "in"
    source.mkdir()
    (source / "suppdm.csv").write_text("USUBJID,QNAM,QVAL\nA-1,X,1\n", encoding="utf-8")
    assert "never handed over" in _not_handed("suppdm.csv", source)
    assert "there is no ae.csv" in _not_handed("ae.csv", source)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sdtm", "adam"])
def test_a_public_trial_gives_the_same_numbers(third_party, tmp_path, kind):
    shutil.copytree(third_party / "pharmaverse_onco" / kind, tmp_path / kind)
    protocol = start_study([tmp_path / kind], tmp_path / "begun")
    done = deidentify(tmp_path / kind, Asked(tmp_path / "out", protocol, SEED, keep_order=True))
    first, second = results(protocol), results(done.out / "study.yaml")
    assert len(first) > 1000 and first == second and not any(CUTOFF_ROWS.match(line) for line in first)
    given = b"\n".join(p.read_bytes() for p in sorted(done.out.rglob("*.csv")))
    assert b"01-701-1015" not in given
