"""A study without a tumour's pack has nothing of that tumour; a study with a pack of its own has everything that it declares."""

from __future__ import annotations

import csv
import datetime as dt
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from equipoise.cli import app
from equipoise.contract import CORE
from equipoise.data.sources import read_sources
from equipoise.errors import DataError, ProtocolError
from equipoise.packs import SHIPPED, shipped
from equipoise.protocol.load import load_protocol
from equipoise.protocol.packs import RESERVED
from equipoise.study import run_study

FIRST_LINE = """\
study: {id: first, title: "Two regimens, first line", disease: sarcoma, population: adults}
data: {tables: data}
index: {table: index_treatment, date: index_date, label: first dose}
arms:
  column: drug
  groups: {one: {label: One, value: one}, two: {label: Two, value: two}}
  reference: two
  focal: one
covariates:
  age: {label: "Age, years", kind: continuous, from: age_index}
  fit: {label: ECOG 0, kind: binary, from: "ecog = 0"}
sources: {death: {table: followup, date: death_date}, last_contact: {table: followup, date: last_contact}}
endpoints:
  os: {label: Overall survival, short: OS, event_label: Death, events: [death], censoring: [last_contact]}
design: none
"""
DAY = dt.date(2021, 1, 4)
N, WITH_SECOND_LINE = 48, 16


def write(folder: Path, protocol: str, tables: dict[str, list[dict]]) -> Path:
    (folder / "data").mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        with (folder / "data" / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    path = folder / "study.yaml"
    path.write_text(protocol, encoding="utf-8")
    return path


def first_line() -> dict[str, list[dict]]:
    """48 patients without a recorded sex or site, every third with a second line."""
    tables: dict[str, list[dict]] = {
        n: [] for n in ("patient", "index_treatment", "observation", "followup", "subsequent_therapy")
    }
    for i in range(N):
        who, start = {"patient_id": f"S{i:02}"}, DAY + dt.timedelta(days=9 * i)
        end = start + dt.timedelta(days=40 + (37 * i) % 301)
        tables["patient"].append(who | {"age_index": 35 + (11 * i) % 40})
        tables["index_treatment"].append(who | {"drug": ("one", "two")[i % 2], "index_date": start})
        tables["observation"].append(who | {"date": start, "item": "ecog", "value": (i // 2) % 2})
        dead = end if (i // 2) % 3 else ""
        tables["followup"].append(who | {"death_date": dead, "last_contact": end, "data_cutoff": dt.date(2023, 6, 30)})
        if i % 3 == 0:
            tables["subsequent_therapy"].append(who | {"line": 2, "regimen": "next", "start": start + dt.timedelta(days=30)})
    return tables


def test_a_first_line_study_has_nothing_of_the_liver_or_of_a_line_before(tmp_path, undrawn):
    """Count by hand: 48 / 3 = 16 of 48 had the second line (33.3 %)."""
    path = write(tmp_path, FIRST_LINE, first_line())
    done = CliRunner().invoke(app, ["run", str(path), "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    sql = {p.stem.partition("_")[2]: p.read_text(encoding="utf-8") for p in (tmp_path / "out" / "sql").glob("*.sql")}
    brought = {r for name in SHIPPED for r in (*shipped(name).relations, *shipped(name).tables, f"inputs_{name}")}
    assert "baseline_item" in sql and not set(sql) & {*brought, "prior_dose", "setting_assumed"}
    own = {w for name in ("liver", "prior_line") for w in shipped(name).words() if w not in CORE.analytes}
    words = re.compile(r"\b(" + "|".join(re.escape(w) for w in sorted(own - {"screening"})) + r"|Child-Pugh|[Ff]irst-line)\b")
    written = [p for p in (tmp_path / "out").rglob("*") if p.suffix in {".html", ".csv", ".md", ".sql"}]
    assert len(written) > 20
    assert {p.name: found for p in written if (found := set(words.findall(p.read_text(encoding="utf-8"))))} == {}
    table = (tmp_path / "out" / "tables" / "other_counts.csv").read_text(encoding="utf-8")
    assert f"Second line,{WITH_SECOND_LINE} (33.3)" in table
    assert "sex" not in (tmp_path / "out" / "report.html").read_text(encoding="utf-8").lower().split("style")[0]


def test_a_descriptor_that_the_file_lacks_is_named_with_who_asks(tmp_path):
    asked = FIRST_LINE.replace("  fit:", "  male: {label: Male, kind: binary, from: \"sex = 'M'\"}\n  fit:")
    asked = asked.replace(
        "design: none",
        "eligibility:\n  steps:\n    - label: All\n      exclude:\n"
        "        - {reason: Old, table: patient, where: diagnosis_basis = 'clinical'}\n"
        "        - {reason: Elsewhere, where: site = 'x'}\ndesign: none",
    )
    with pytest.raises(DataError) as refused:
        read_sources(load_protocol(write(tmp_path, asked, first_line())))
    said = str(refused.value)
    assert "the covariate 'male' asks for the column 'sex' of the table patient, and patient.csv has none" in said
    assert "the exclusion 'Old' asks for the column 'diagnosis_basis'" in said
    assert "the exclusion 'Elsewhere' asks for the column 'site' of the table patient" in said


@pytest.mark.parametrize(
    ("old", "new", "pack"),
    [
        ("from: age_index", "from: child_pugh_score", "liver"),
        ("from: age_index", "from: afp", "liver"),
        ("from: age_index", "from: prior_cycles", "prior_line"),
        ("from: age_index", "from: imdc_score", "renal"),
        (
            "design: none",
            "eligibility: {steps: [{label: All, exclude: [{reason: No, table: screening, where: 'true'}]}]}\ndesign: none",
            "prior_line",
        ),
        ("design: none", "prior_line: {drugs: {a: {given: given_a}}}\ndesign: none", "prior_line"),
        ("design: none", "not_recorded_is_none: [encephalopathy]\ndesign: none", "liver"),
    ],
)
def test_a_name_of_a_pack_that_is_not_named_says_which(tmp_path, old, new, pack):
    with pytest.raises(ProtocolError) as refused:
        load_protocol(write(tmp_path, FIRST_LINE.replace(old, new), first_line()))
    assert f"packs: [{pack}]" in str(refused.value)


def test_what_files_hold_for_a_pack_that_is_not_named_is_said_and_not_read(tmp_path):
    tables = first_line()
    labs = [
        {"patient_id": "S00", "date": DAY, "analyte": a, "value": 3, "unit": u}
        for a, u in (("AFP", "ng/mL"), ("albumin", "g/dL"))
    ]
    tables |= {"lab": labs, "serology": [{"patient_id": "S00", "date": DAY, "test": "HBsAg", "result": "positive"}]}
    tables["observation"].append({"patient_id": "S00", "date": DAY, "item": "ascites", "value": "none"})
    tables["patient"] = [row | {"alcohol": "true"} for row in tables["patient"]]
    path = write(tmp_path, FIRST_LINE, tables)
    sources = read_sources(load_protocol(path))
    said = " ".join(f"{f.place}: {f.message}" for f in sources.findings)
    assert (
        "serology.csv: this table is of the pack 'liver', which the protocol does not name under packs; it was not read" in said
    )
    assert (
        "lab.csv, column analyte: 1 row is of the pack 'liver'" in said and "the column 'alcohol' is of the pack 'liver'" in said
    )
    assert "observation.csv, column item: 1 row is of the pack 'liver'" in said
    assert sources.engine.rows("select analyte, source_row from lab") == [("albumin", 2)]
    for name in ("lab", "observation"):  # the SELECT that a reader may run in the data folder leaves the same rows out
        assert "ascites" in sources.engine.relations["observation"].sql, name
    named = FIRST_LINE.replace("design: none", "packs: [liver]\ndesign: none")
    sources = read_sources(load_protocol(write(tmp_path, named, tables)))
    assert [f for f in sources.findings if "pack" in f.message] == []
    assert sources.engine.rows("select analyte from lab order by 1") == [("AFP",), ("albumin",)]


SARCOMA = """\
title: Grade and size of soft tissue sarcoma
tumour: soft tissue sarcoma
citations: ["drawn for this test"]
tables:
  sarcoma_pathology:
    grain: one row per pathology report
    day: reported
    key: [patient_id, reported]
    columns:
      reported: {kind: date, required: true}
      grade: {kind: integer, low: 1, high: 3, required: true}
      reviewed: {kind: boolean}
inputs:
  grade: {table: sarcoma_pathology, column: grade, window: tumour}
  deep: {item: deep_seated, words: ["true", "false"], window: tumour}
  il6: {analyte: IL-6, unit: pg/mL, units: {ng/L: 1, ng/mL: 1000}, believable: [0, 100000]}
columns:
  sarcoma_points: {is: "grade + case when deep then 1 else 0 end + case when il6 > 10 then 1 else 0 end", note: "points, 1 to 5"}
quality: {sarcoma_unreviewed: {title: Grade 3 not reviewed, table: sarcoma_pathology, where: grade = 3 and not reviewed}}
vectors:
  - {source: "by hand: 2 + 1 + 1", given: {grade: 2, deep: "true", il6: 11}, gives: {sarcoma_points: 4}}
  - {source: "by hand: 3 + 0 + 0", given: {grade: 3, deep: "false", il6: 10}, gives: {sarcoma_points: 3}}
"""


@pytest.fixture
def sarcoma(tmp_path):
    """The first-line study with a pack of its own: grade 1 to 3 in turn, every second tumour deep, IL-6 of 5 or 20 pg/mL."""
    tables = first_line() | {"sarcoma_pathology": [], "lab": []}
    for i in range(N):
        who, start = {"patient_id": f"S{i:02}"}, DAY + dt.timedelta(days=9 * i)
        old = who | {"reported": start - dt.timedelta(days=20), "grade": 1, "reviewed": "true"}
        later = who | {"reported": start + dt.timedelta(days=1), "grade": 1, "reviewed": "true"}
        report = who | {"reported": start - dt.timedelta(days=2), "grade": 1 + i % 3, "reviewed": "false" if i == 2 else "true"}
        tables["sarcoma_pathology"] += [old, report, later]
        tables["observation"].append(who | {"date": start, "item": "deep_seated", "value": ("true", "false")[i % 2]})
        value, unit = ((0.005, "ng/mL"), (20, "pg/mL"))[(i // 2) % 2]
        tables["lab"].append(who | {"date": start, "analyte": "IL-6", "value": value, "unit": unit})
    (tmp_path / "packs" / "sarcoma").mkdir(parents=True)
    (tmp_path / "packs" / "sarcoma" / "pack.yaml").write_text(SARCOMA, encoding="utf-8")
    covariate = "  points: {label: Sarcoma points, kind: continuous, from: sarcoma_points}\n  fit:"
    protocol = FIRST_LINE.replace("  fit:", covariate).replace("design: none", "packs: [sarcoma]\ndesign: none")
    return write(tmp_path, protocol, tables)


def test_a_pack_beside_the_protocol_brings_its_table_item_analyte_score_and_rule(sarcoma, undrawn):
    """Points by hand: grade of the latest report up to the index date, one for a deep tumour, one for IL-6 above 10 pg/mL."""
    runner, out = CliRunner(), sarcoma.parent / "out"
    checked = runner.invoke(app, ["check", str(sarcoma)])
    assert checked.exit_code == 0, checked.output
    assert "sarcoma (the study's own): Grade and size of soft tissue sarcoma; 2 test vectors agree" in checked.output
    assert "Grade 3 not reviewed (suspect): 1 row of 1 patient" in checked.output
    study = run_study(sarcoma)
    points = dict(study.sources.engine.rows("select patient_id, sarcoma_points from baseline"))
    assert points == {f"S{i:02}": (1 + i % 3) + (i % 2 == 0) + ((i // 2) % 2) for i in range(N)}
    done = runner.invoke(app, ["run", str(sarcoma), "--out", str(out)])
    assert done.exit_code == 0, done.output
    report = (out / "report.html").read_text(encoding="utf-8")
    own = "A rule pack of this study was used for grade and size of soft tissue sarcoma: drawn for this test"
    assert "Sarcoma points" in report and own in report
    assert "laboratory values" in report and "tumor characteristics" in report
    assert "Grade 3 not reviewed" in (out / "quality.html").read_text(encoding="utf-8")
    codebook = (out / "codebook.md").read_text(encoding="utf-8")
    assert "## sarcoma_pathology" in codebook and "| IL-6 | pg/mL |" in codebook and "| deep_seated | true, false |" in codebook
    assert runner.invoke(app, ["codebook", str(sarcoma)]).output.rstrip() == codebook.rstrip()


def test_the_table_of_an_own_pack_is_checked_as_any_other(sarcoma):
    path = sarcoma.parent / "data" / "sarcoma_pathology.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("S03,2021-01-29,1", "S03,2021-01-29,4"), encoding="utf-8")
    with pytest.raises(DataError) as refused:
        read_sources(load_protocol(sarcoma))
    assert "sarcoma_pathology.csv, row 12, column grade" in str(refused.value) and "at most 3" in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  sarcoma_pathology:\n", "  pathology:\n", "a table of the pack 'sarcoma' begins with its name"),
        ("    day: reported\n    key: [patient_id, reported]\n", "", "give 'day'"),
        ("day: reported", "day: grade", "'day' names a column of kind date"),
        ("column: grade, window", "column: grad, window", "'grad' is no column of sarcoma_pathology"),
        ("where: grade = 3 and not reviewed", "where: grade", "takes the column 'grade' as true or false"),
        ("where: grade = 3 and not reviewed", "where: (select 1)", "sub-query"),
        ("where: grade = 3 and not reviewed", "file: rule.sql", "a rule of data quality is a 'file' or a condition"),
        ("table: sarcoma_pathology, where: grade = 3 and not reviewed", "file: rule.sql", "holds expressions ('is'), no SQL"),
        ("tumour: soft", "adds: {patient: {age_index: {kind: number}}}\ntumour: soft", "has a column 'age_index' already"),
        ("tumour: soft", "adds: {nowhere: {a: {kind: number}}}\ntumour: soft", "there is no table 'nowhere' to add to"),
        ("tumour: soft", "requires: [liver]\ntumour: soft", "the pack 'sarcoma' builds on 'liver': name it before"),
    ],
)  # fmt: skip
def test_a_pack_that_cannot_be_is_refused_in_its_own_file(sarcoma, old, new, said):
    assert old in SARCOMA
    (sarcoma.parent / "packs" / "sarcoma" / "pack.yaml").write_text(SARCOMA.replace(old, new), encoding="utf-8")
    with pytest.raises(ProtocolError) as refused:
        load_protocol(sarcoma)
    assert "packs/sarcoma/pack.yaml:" in str(refused.value) and said in str(refused.value)


def test_a_pack_may_build_on_another(sarcoma):
    text = SARCOMA.replace("tumour: soft", "requires: [liver]\ntumour: soft").replace(
        'is: "grade +', 'is: "case when afp_low > 5 then 1 else 0 end + grade +'
    )
    (sarcoma.parent / "packs" / "sarcoma" / "pack.yaml").write_text(text, encoding="utf-8")
    sarcoma.write_text(
        sarcoma.read_text(encoding="utf-8").replace("packs: [sarcoma]", "packs: [liver, sarcoma]"), encoding="utf-8"
    )
    assert [p.name for p in load_protocol(sarcoma).rule_packs] == ["liver", "sarcoma"]


def test_no_relation_can_be_taken_for_the_table_of_an_own_pack(repository):
    """A table of a study's own pack begins with the pack's name, which is the first word of no relation of Equipoise."""
    study = run_study(repository / "src" / "equipoise" / "founding" / "study.yaml")
    tables = {t for name in SHIPPED for t in (*shipped(name).tables, *shipped(name).relations)} | set(CORE.tables)
    assert {r.split("_")[0] for r in study.sources.engine.relations if r not in tables} - RESERVED == set()


def test_an_analyte_or_item_is_declared_once():
    """In the core or in one pack, which alone says its unit, window, believable values and words."""
    declared = [*CORE.analytes, *CORE.items]
    for name in SHIPPED:
        own = shipped(name).extend(CORE)
        declared += [n for n in (*own.analytes, *own.items) if n not in CORE.analytes and n not in CORE.items]
    assert len(declared) == len(set(declared))
