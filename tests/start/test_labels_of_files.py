"""ADaM as sponsors write it: several parameters with their codes of censoring, planned and actual treatment, flags, companions of
variables; labels of xpt files, of define.xml and of a csv beside the data reach the table of baseline."""

from __future__ import annotations

import csv
import random

import pandas as pd
import pyreadstat
import pytest

from equipoise import write_report
from equipoise.start.begin import begin_study, start_study
from equipoise.study import run_study

N = 60
SUBJECTS = [
    {
        "STUDYID": "X1", "USUBJID": f"X1-{i:03d}", "SUBJID": f"{i:03d}", "SITEID": f"{i % 4}", "AGE": 40 + 7 * i % 41,
        "AGEU": "YEARS", "AGEGR1": "<65" if 40 + 7 * i % 41 < 65 else ">=65", "AGEGR1N": 1 if 40 + 7 * i % 41 < 65 else 2,
        "SEX": "FM"[i % 3 % 2], "SEXN": i % 3 % 2 + 1,
        "RACE": ("WHITE", "ASIAN")[i % 7 % 2], "BMIBL": 19.5 + i % 13, "ECOGBL": i % 3 % 2,
        "DMDY": -3 - i % 9,
        "STRAT1": "abc"[i % 3], "TRT01P": ("Drug", "Placebo")[i % 2], "TRT01PN": i % 2 + 1,
        "TRT01A": "Placebo" if i == 4 else ("Drug", "Placebo")[i % 2], "ITTFL": "N" if i == 7 else "Y", "SAFFL": "Y",
        "DTHFL": "Y" if i % 2 else "",
    }
    for i in range(N)
]  # fmt: skip
LABELS = {
    "AGE": "Age",
    "SEX": "Sex",
    "RACE": "Race",
    "BMIBL": "Body Mass Index (kg/m2) at Baseline",
    "ECOGBL": "ECOG at Baseline",
}


def times():
    """Overall survival in months, progression in days; CNSR 0, 1 and 2, each described; duration of response of some."""
    found = []
    for i in range(N):
        censored = (0, 1, 0, 2)[i % 4]
        said = {0: "Death", 1: "Alive at cut-off", 2: "Lost to follow-up"}[censored]
        base = {"STUDYID": "X1", "USUBJID": f"X1-{i:03d}", "TRTP": ("Drug", "Placebo")[i % 2]}
        found.append(
            {
                **base,
                "PARAMCD": "OS",
                "PARAM": "Overall Survival (Months)",
                "AVAL": round(2 + 0.7 * i, 1),
                "CNSR": censored,
                "EVNTDESC": said,
            }
        )
        found.append(
            {
                **base,
                "PARAMCD": "PFS",
                "PARAM": "Progression Free Survival (Days)",
                "AVAL": 30 + 9 * i,
                "CNSR": int(i % 5 == 0),
                "EVNTDESC": "x",
            }
        )
        if i % 3 == 0:
            found.append(
                {**base, "PARAMCD": "DOR", "PARAM": "Duration of Response (Days)", "AVAL": 20 + 5 * i, "CNSR": 0, "EVNTDESC": "x"}
            )
    return found


def as_csv(path, rows):
    path.parent.mkdir(exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def as_xpt(path, rows, labels):
    pd, pyreadstat = pytest.importorskip("pandas"), pytest.importorskip("pyreadstat")
    path.parent.mkdir(exist_ok=True)
    pyreadstat.write_xport(
        pd.DataFrame(rows), str(path), column_labels=labels, table_name=path.stem.upper(), file_format_version=5
    )


def begun(folder, kind):
    """The protocol of the pair, with labels of its variables in one of three places."""
    if kind == "xpt":
        as_xpt(folder / "adsl.xpt", SUBJECTS, LABELS)
        as_xpt(folder / "adtteeff.xpt", times(), {"AVAL": "Analysis Value"})
    else:
        as_csv(folder / "adsl.csv", SUBJECTS)
        as_csv(folder / "adtte.csv", times())
    if kind == "define.csv":
        rows = [{"Dataset": "ADSL", "Variable": name, "Label": label} for name, label in LABELS.items()]
        as_csv(folder / "define.csv", [*rows, {"Dataset": "ADLB", "Variable": "AGE", "Label": "Another"}])
    if kind == "define.xml":
        items = "".join(
            f'<ItemDef OID="IT.ADSL.{name}" Name="{name}"><Description><TranslatedText xml:lang="en">{label}</TranslatedText>'
            "</Description></ItemDef>"
            for name, label in LABELS.items()
        )
        (folder / "define.xml").write_text(f'<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3">{items}</ODM>', encoding="utf-8")
    said: list[str] = []
    return start_study([folder], folder.parent / "out", say=said.append), said


@pytest.mark.parametrize("kind", ["xpt", "define.csv", "define.xml"])
def test_labels_stand_in_the_table(tmp_path, kind):
    path, _ = begun(tmp_path / "adam", kind)
    text = path.read_text(encoding="utf-8")
    assert 'label: "Body Mass Index (kg/m2) at Baseline"' in text and 'label: "STRAT1"' in text
    study = run_study(path)
    write_report(study, tmp_path / "report")
    table = (tmp_path / "report" / "tables" / "baseline.csv").read_text(encoding="utf-8")
    assert "Body Mass Index (kg/m2) at Baseline" in table and "ECOG at Baseline" in table and "BMIBL" not in table


def test_what_a_sponsor_writes_is_read_as_it_means(tmp_path):
    path, said = begun(tmp_path / "adam", "plain")
    text, told = path.read_text(encoding="utf-8"), "\n".join(said)
    assert 'column: "TRT01P"' in text and "ITTFL" in text
    assert 'time: {column: "OS_AVAL", unit: months}' in text and 'time: {column: "PFS_AVAL", unit: days}' in text
    for name, why in {
        "AGEGR1": "a grouping of AGE", "AGEGR1N": "a grouping of AGE", "SEXN": "SEX as a number", "DMDY": "a day of the study",
        "TRT01A": "the treatment again", "SITEID": "a site", "DTHFL": "a flag", "OS_EVNTDESC": "describes an outcome",
    }.items():  # fmt: skip
        assert f"left out    {name}: {why}" in told, name
    covariates = next(line for line in said if line.startswith("covariates"))
    assert covariates == "covariates  AGE, SEX, RACE, BMIBL, ECOGBL, STRAT1"
    study = run_study(path)
    assert study.cohort.n == N - 1
    deaths = sum((0, 1, 0, 2)[i % 4] == 0 for i in range(N) if i != 7)
    assert int(study.outcomes.endpoints["os"].event.sum()) == deaths
    assert study.outcomes.endpoints["pfs"].event.sum() == sum(i % 5 != 0 for i in range(N) if i != 7)


def test_a_definition_that_says_nothing_of_it_is_left_alone(tmp_path):
    as_csv(tmp_path / "adam" / "define_other.csv", [{"a": 1}])
    (tmp_path / "adam" / "define.xml").write_text("<ODM", encoding="utf-8")
    path, _ = begun(tmp_path / "adam", "plain")
    assert 'label: "AGE"' in path.read_text(encoding="utf-8")


CRYPTIC = {"v1": "Patientennummer", "v2": "Therapiearm", "v3": "Alter", "v4": "Überlebenszeit in Monaten", "v5": "Vitalstatus"}
CRYPTIC |= {"v6": "Best overall response", "v7": "Geburtsdatum"}


@pytest.mark.parametrize("suffix", ["sav", "dta"])
def test_labels_say_what_names_do_not(tmp_path, suffix):
    """The names alone would leave every question open, and the response a covariate."""
    draw = random.Random(3)
    rows = [
        {"v1": i + 1, "v2": float(draw.random() < 0.5), "v3": draw.randint(40, 80), "v4": round(draw.expovariate(0.1) + 0.2, 1)}
        | {"v5": float(draw.random() < 0.6), "v6": float(draw.randint(0, 1)), "v7": f"19{40 + i % 40}-03-0{1 + i % 9}"}
        for i in range(60)
    ]
    labels = {"v2": {0.0: "Standard", 1.0: "Studie"}, "v5": {0.0: "lebt", 1.0: "verstorben"}}
    write = pyreadstat.write_sav if suffix == "sav" else pyreadstat.write_dta
    write(pd.DataFrame(rows), str(tmp_path / f"d.{suffix}"), column_labels=list(CRYPTIC.values()), variable_value_labels=labels)
    said: list[str] = []
    found = begin_study([tmp_path / f"d.{suffix}"], say=said.append)
    assert not found.open
    assert any(line.startswith("arm         'v2' (Standard") for line in said)
    assert any(line.startswith("time        v4, months") for line in said) and "event       v5: the word says so" in said
    assert "covariates  v3" in said
    assert any(line.startswith("left out    v7: looks like it identifies patients") for line in said)
