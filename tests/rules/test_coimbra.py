"""Liver rules on one row per patient: drawn spreadsheets, and 165 real patients from the file as it is."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from equipoise.cohort.build import build_cohort
from equipoise.data.sources import read_sources
from equipoise.derive.covariates import derive_covariates
from equipoise.errors import DataError
from equipoise.protocol.load import load_protocol

# The file holds no time of follow-up; a protocol must name one, and nothing is estimated here.
COIMBRA = """\
study: {id: coimbra, title: "Liver function in Coimbra", disease: hepatocellular carcinoma, population: "165 patients"}
data: {rows: hcc.csv, patient: row_number, missing: ["?"]}
arms:
  column: Gender
  groups: {men: {label: Men, value: "1"}, women: {label: Women, value: "0"}}
  reference: women
  focal: women
packs: [liver]
measurements:
  bilirubin: {column: "Total Bilirubin(mg/dL)", unit: mg/dL}
  albumin: {column: "Albumin (mg/dL)", unit: UNIT}
  INR: {column: International Normalised Ratio}
  ascites: {column: Ascites degree, values: {"1": none, "2": mild, "3": moderate}}
  encephalopathy: {column: "Encefalopathy\\tdegree", values: {"1": none, "2": "1-2", "3": "3-4"}}
  age: {column: Age at diagnosis}
covariates:
  child_pugh: {label: Child-Pugh class, kind: categorical, from: child_pugh_class, levels: {A: A, B: B, C: C}}
  albi: {label: ALBI grade, kind: categorical, from: albi_grade, levels: {"1": "1", "2": "2", "3": "3"}}
  low: {label: Lowest possible score, kind: continuous, from: child_pugh_low}
  high: {label: Highest possible score, kind: continuous, from: child_pugh_high}
endpoints:
  survival:
    label: Survival
    short: OS
    event_label: Death
    time: {column: Age at diagnosis, unit: years}
    event: '"1_survives_0_dies" = 0'
design: {propensity: [low]}
"""


def covariates_of(folder: Path, text: str):
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    protocol = load_protocol(folder / "study.yaml")
    sources = read_sources(protocol)
    return sources, derive_covariates(protocol, sources, build_cohort(protocol, sources))


@pytest.fixture
def coimbra(third_party: Path, tmp_path: Path) -> Path:
    """Santos et al., J Biomed Inform 2015;58:49."""
    shutil.copy(third_party / "hcc_coimbra_uci" / "hcc-data.txt", tmp_path / "hcc.csv")
    return tmp_path


def test_the_albumin_trap_is_found_by_the_unit_check(coimbra):
    """The heading says mg/dL; no such unit of albumin is known, and all values are believable as g/dL."""
    with pytest.raises(DataError) as refused:
        covariates_of(coimbra, COIMBRA.replace("UNIT", "mg/dL"))
    (fault,) = refused.value.faults
    assert fault.rule == "unknown unit"
    assert "'mg/dL' is not a unit of albumin" in fault.message
    assert "159 values" in fault.message and "159 as g/dL, 0 as g/l" in fault.message


def test_the_other_unit_is_impossible(coimbra):
    with pytest.raises(DataError) as refused:
        covariates_of(coimbra, COIMBRA.replace("UNIT", "g/L"))
    (fault,) = refused.value.faults
    assert fault.rule == "impossible for its unit"
    assert "159 of 159" in fault.message


def test_real_patients_from_the_file_as_it_is(coimbra):
    """Child-Pugh 74/55/26 of the 155 with every component, ALBI 37/84/37 of 158; classes A are never given to the others."""
    sources, found = covariates_of(coimbra, COIMBRA.replace("UNIT", "g/dL"))
    (heading,) = sources.findings
    assert "the heading 'Albumin (mg/dL)' says mg/dL; the protocol says g/dL" in heading.message
    low, high = found.values["low"], found.values["high"]
    complete = low == high
    classes = found.values["child_pugh"]
    assert complete.sum() == 155
    assert Counter(classes[complete]) == {"A": 74, "B": 55, "C": 26}
    assert Counter(x for x in found.values["albi"] if x is not None) == {"1": 37, "2": 84, "3": 37}
    assert "A" not in set(classes[~complete])
    assert ((low >= 5) & (high <= 15) & (high - low <= 10)).all()
    (remark,) = found.remarks
    assert remark.startswith(f"Child-Pugh class cannot be decided in {sum(c is None for c in classes)} patients")


SHEET = """\
id,arm,age,bili,alb,inr,asc,enc,ps,n,cm,mvi,afp,days,dead
1,a,60,0.9,41,1.0,no,no,0,1,1.5,0,<20,100,1
2,a,60,0.9,41,,no,no,0,1,1.5,0,300,100,1
3,b,60,2.5,30,1.8,some,no,1,4,5,1,>60000,100,0
4,b,60,<0.3,25,2.5,much,grade 3,0,2,2,0,,100,1
"""
DRAWN = """\
study: {id: drawn, title: "A sheet", disease: any, population: "drawn patients"}
data: {rows: sheet.csv, patient: id}
arms:
  column: arm
  groups: {a: {label: A, value: a}, b: {label: B, value: b}}
  reference: a
  focal: a
packs: [liver]
measurements:
  bilirubin: {column: bili, unit: mg/dL}
  albumin: {column: alb, unit: g/L}
  INR: {column: inr}
  ascites: {column: asc, values: {"no": none, some: mild, much: severe}}
  encephalopathy: {column: enc, values: {"no": none, grade 3: "3"}}
  ecog: {column: ps}
  n_tumors: {column: n}
  max_size_cm: {column: cm}
  mvi: {column: mvi, values: {"0": "false", "1": "true"}}
  AFP: {column: afp, unit: ng/mL}
covariates:
  class: {label: Class, kind: categorical, from: child_pugh_class, levels: {A: A, B: B, C: C}}
  low: {label: Low, kind: continuous, from: child_pugh_low}
  high: {label: High, kind: continuous, from: child_pugh_high}
  malbi: {label: mALBI, kind: categorical, from: malbi_grade, levels: {"1": "1", "2a": 2a, "2b": 2b, "3": "3"}}
  within: {label: Up to 7, kind: binary, from: up_to_7}
  bclc: {label: BCLC, kind: categorical, from: bclc, levels: {"0": "0", A: A, B: B, C: C, D: D}}
  afp_low: {label: AFP at least, kind: continuous, from: afp_low}
endpoints:
  os: {label: OS, short: OS, event_label: Death, time: {column: days}, event: "dead = 1"}
design: {propensity: [low]}
"""


def test_a_drawn_sheet(tmp_path):
    """By hand: 5 points; 5 to 7 without the INR; 2+2+2+2+1 = 9; 1+3+3+3+3 = 13. EHM and nodes are not declared, so that only
    a feature of C, or D, can be decided."""
    (tmp_path / "sheet.csv").write_text(SHEET, encoding="utf-8")
    _, found = covariates_of(tmp_path, DRAWN)
    v = found.values
    assert list(v["class"]) == ["A", None, "B", "C"]
    assert list(v["low"]) == [5, 5, 9, 13]
    assert list(v["high"]) == [5, 7, 9, 13]
    assert list(v["malbi"]) == ["1", "1", "2b", "2b"]  # -2.7014 twice, 1.0764 - 2.55 = -1.4736, 0.4687 - 2.125 = -1.6563
    assert list(v["within"]) == [1, 1, 0, 1]
    assert list(v["bclc"]) == [None, None, "C", "D"]
    assert [None if x != x else x for x in v["afp_low"]] == [0, 300, 60000, None]
    assert found.remarks == ("Child-Pugh class cannot be decided in 1 patient because components are missing: 5-7 in 1.",)


def test_measurements_that_point_nowhere(tmp_path):
    (tmp_path / "sheet.csv").write_text(SHEET, encoding="utf-8")
    text = DRAWN.replace("albumin: {column: alb", "albumine: {column: alb").replace("{column: inr}", "{column: INR}")
    with pytest.raises(DataError) as refused:
        covariates_of(tmp_path, text)
    assert [(f.rule, f.message) for f in refused.value.faults] == [
        ("unknown name", "there is no measurement 'albumine'; did you mean 'albumin'?"),
        ("missing column", "sheet.csv has no column 'INR'"),
    ]
