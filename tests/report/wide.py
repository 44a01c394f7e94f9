"""Two studies that have what the others lack, so that together they write every entry of the vocabulary."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import yaml

from equipoise.records import Study
from equipoise.study import run_study
from one_arm import one_arm_of_founding
from sheet import Sheet, incomplete

STRATEGIES = {
    "nothing": {"label": "No third line by day 42", "start": "none", "by": 42},
    "any": {"label": "Third line by day 42", "start": "any", "by": 42},
}
BINARY = {"kind": "binary", "label": "Objective response", "short": "OR", "event_label": "Response", "event": "answer = 'yes'"}
CAUSE = {
    "label": "Death of the cancer", "short": "CSS", "event_label": "Death of the cancer",
    "time": {"column": "days", "unit": "days"},
    "event": {"column": "state", "is": ["dead"], "competing": ["other"], "censored": ["alive"]},
}  # fmt: skip
PUBLISHED = [
    {"study": "Roe 2019", "endpoint": "os", "measure": "hr", "arm": "b", "versus": "a", "value": 1.5, "low": 0.9, "high": 2.5},
    {"study": "Doe 2020", "endpoint": "os", "measure": "hr", "arm": "a", "versus": "b", "value": 0.8, "low": 0.5, "high": 1.28},
    {"study": "Doe 2020", "endpoint": "os", "measure": "median", "arm": "a", "value": 450, "n": 30},
    {"study": "Poe 2021", "measure": "orr", "arm": "another drug", "value": 12.5, "n": 16, "population": "an expanded cohort"},
]
LATE = {
    "reason": "No contact after the index date", "table": "followup", "where": "last_contact > '2000-01-01'", "absent": True,
    "known": "after_index", "why": "they could not be followed", "landmark_day": 30,
}  # fmt: skip


def raw_study(repository: Path, folder: Path) -> Study:
    """The founding study with every reading of an endpoint, strategies, an exclusion known late, recorded responses, where deaths
    were learned, and fatal events."""
    founding = repository / "src" / "equipoise" / "founding"
    shutil.copytree(founding / "data", folder / "data")
    _change(folder / "data" / "followup.csv", lambda row: row | {"death_source": "registry" if row["death_date"] else ""})
    _change(folder / "data" / "ae.csv", lambda row: row | {"grade": "5"} if row["grade"] == "4" else row)
    _record(folder / "data")
    asked = yaml.safe_load((founding / "study.yaml").read_text(encoding="utf-8"))
    asked["data"]["tables"] = str(folder / "data")
    asked["post_index"]["third_line"]["strategies"] = STRATEGIES
    asked["eligibility"]["steps"][-1]["exclude"].append(LATE)
    readings = ["without_clinical", "ema", "fda2007", "early_counted", "early_not_counted", "unevaluable"]
    asked["sensitivity"]["endpoints"]["pfs"] = readings
    shares = {"lenvatinib": 0.3, "sorafenib": 0.5}
    asked["sensitivity"] |= {
        "bundle": True, "negative_control": "ttnt",
        "confounder": {"label": "Portal hypertension", "prevalence": shares, "hazard_ratio": 1.8},
    }  # fmt: skip
    del asked["comparison"]
    return _run(asked, folder)


def recorded_studies(repository: Path, folder: Callable[[str], Path]) -> dict[str, Study]:
    """The studies whose words are recorded, the quickest first. folder: an empty one by name."""
    return {
        "one_arm": one_arm_study(folder("one_arm")),
        "three_arms": three_arm_study(folder("three_arms")),
        "sparse": sparse_study(folder("sparse")),
        "gbsg2": run_study(repository / "examples" / "gbsg2" / "study.yaml"),
        "indicator": indicator_study(folder("indicator")),
        "imputed": imputed_study(folder("imputed")),
        "sheet": sheet_study(folder("sheet")),
        "one_arm_of_tables": run_study(one_arm_of_founding(repository, folder("one_arm_of_tables"))),
        "founding": run_study(repository / "src" / "equipoise" / "founding" / "study.yaml"),
        "raw": raw_study(repository, folder("raw")),
    }


def _curve_of(folder: Path) -> dict[str, str]:
    """A published curve: points, and numbers at risk."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "points.csv").write_text("time,survival\n0,100\n100,90\n200,70\n300,50\n400,45\n", encoding="utf-8")
    (folder / "risk.csv").write_text("time,n\n0,50\n200,34\n400,20\n", encoding="utf-8")
    asked = {"label": "Doe 2020, curve", "endpoint": "os", "arm": "a", "points": "points.csv", "at_risk": "risk.csv"}
    return asked | {"source": "Doe J. A curve. J Test 2020;1:1."}


def _change(path: Path, changed) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = [changed(row) for row in csv.DictReader(file)]
    _write(path, rows)


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _record(data: Path) -> None:
    """Every scan as recorded by a reader: partial response, or progression at every third."""
    with (data / "visit_imaging.csv").open(encoding="utf-8", newline="") as file:
        scans = [r for r in csv.DictReader(file) if r["visit"] not in ("", "0")]
    said = [("PD" if i % 3 == 0 else "PR") for i in range(len(scans))]
    rows = [
        {"patient_id": r["patient_id"], "visit": r["visit"], "criterion": "RECIST 1.1", "response": s}
        for r, s in zip(scans, said, strict=True)
    ]
    _write(data / "recorded_response.csv", rows)


def sheet_study(folder: Path) -> Study:
    """A spreadsheet with ties, missing values, a level of one arm alone, a level without an event, few pairs; matched, and
    weighted beside."""
    sheet = Sheet(folder)
    columns = sheet.columns
    n = len(columns["id"])
    columns["dead"] = [0 if s == "I" else d for s, d in zip(columns["stage"], columns["dead"], strict=True)]
    columns["site"] = ["E" if a == "A" and i < 8 else "D" for i, a in enumerate(columns["arm"])]
    columns["age"] = ["" if i % 11 == 0 else 5 * (age // 5) for i, age in enumerate(columns["age"])]
    columns["low"] = [int(i % 29 == 0) for i in range(n)]
    covariates = sheet.protocol["covariates"]
    covariates["site"] = {"label": "Site", "kind": "categorical", "from": "site", "levels": {"D": "D", "E": "E"}}
    covariates["low"] = {"label": "Low", "kind": "binary", "from": "low = 1"}
    del sheet.protocol["design"]
    sheet.protocol |= {"propensity": ["age", "vi", "site"], "primary": "matched", "landmarks": [50]}
    sheet.protocol["designs"] = {"matched": {"kind": "match", "caliper": 0.05}, "att": {"kind": "weights", "target": "att"}}
    limits = {"score": [0.2, 0.8]}
    sheet.protocol["designs"] |= {
        "cut": {"kind": "weights", "target": "ate", "trim": limits, "truncate": 0.9}, "classes": {"kind": "strata", "classes": 3},
    }  # fmt: skip
    columns["answer"] = ["" if i % 13 == 0 else "yes" if i % 5 < 2 else "no" for i in range(n)]
    sheet.protocol["endpoints"]["response"] = BINARY
    columns["state"] = ["other" if not d and i % 3 == 0 else "dead" if d else "alive" for i, d in enumerate(columns["dead"])]
    sheet.protocol["endpoints"]["cause"] = CAUSE
    sheet.protocol["cox"] = {
        "univariable": ["age", "stage", "low"],
        "multivariable": {"os": ["age", "stage", "low", "treatment"]},
    }
    sheet.protocol["subgroups"] = {"by_vi": {"label": "Invasion", "levels": {"yes": "vi = 1", "no": "vi = 0"}}}
    sheet.protocol["restrict"] = {"early": {"label": "Stage I or II", "where": "stage <> 'III'"}}
    sheet.protocol["published"] = {"studies": PUBLISHED, "summary": "random_effects", "curves": [_curve_of(folder)]}
    sheet.protocol["effects"] = {"standardised": {"covariates": ["vi"], "replicates": 50}}
    sheet.protocol["power"] = {"median": {"os": 3}, "follow_up": [2, 6], "lost_per_year": 0.1, "hazard_ratio": 0.5}
    return run_study(sheet.write())


def imputed_study(folder: Path) -> Study:
    """A spreadsheet with every kind of covariate missing here and there, imputed; matched, and weighted beside; a binary endpoint
    and one with a competing event, predictors, a restricted population and another score."""
    sheet = incomplete(Sheet(folder))
    columns, asked = sheet.columns, sheet.protocol
    n = len(columns["id"])
    columns["answer"] = ["yes" if i % 5 < 2 else "no" for i in range(n)]
    columns["state"] = ["other" if not d and i % 3 == 0 else "dead" if d else "alive" for i, d in enumerate(columns["dead"])]
    asked["endpoints"] |= {"response": BINARY, "cause": CAUSE}
    asked |= {"missing": {"impute": {"imputations": 3, "iterations": 4}}, "landmarks": [50]}
    asked["designs"]["ate"] = {"kind": "weights", "target": "ate"}
    asked["cox"] = {"univariable": ["age"], "multivariable": {"os": ["age", "vi", "treatment"]}}
    asked["restrict"] = {"early": {"label": "Stage I or II", "where": "stage <> 'III'"}}
    asked["sensitivity"] = {"propensity_variants": {"two": {"label": "Two covariates", "covariates": ["age", "vi"]}}}
    return run_study(sheet.write())


def indicator_study(folder: Path) -> Study:
    """The same with a level of the score for those who lack a covariate."""
    sheet = incomplete(Sheet(folder))
    sheet.protocol["missing"] = "indicator"
    return run_study(sheet.write())


def one_arm_study(folder: Path) -> Study:
    """A spreadsheet of one arm with missing values."""
    sheet = Sheet(folder)
    sheet.columns["age"] = ["" if i % 11 == 0 else age for i, age in enumerate(sheet.columns["age"])]
    sheet.protocol["arms"] = {"groups": {"everybody": {"label": "Everybody"}}}
    del sheet.protocol["design"]
    sheet.protocol["cox"] = {"univariable": ["age"], "multivariable": {"os": ["age", "vi"]}}
    return run_study(sheet.write())


def three_arm_study(folder: Path) -> Study:
    """A spreadsheet of three arms, weighted over all of them with another score beside, and matched two at a time; who lacks a
    covariate has a level of the score."""
    sheet = Sheet(folder)
    sheet.columns["age"] = ["" if i % 11 == 0 else age for i, age in enumerate(sheet.columns["age"])]
    sheet.protocol["missing"] = "indicator"
    sheet.columns["arm"] = ["C" if i % 3 == 0 else a for i, a in enumerate(sheet.columns["arm"])]
    sheet.protocol["arms"] |= {"groups": {**sheet.protocol["arms"]["groups"], "c": {"label": "Gamma", "value": "C"}}}
    del sheet.protocol["design"]
    sheet.protocol |= {"propensity": ["age", "vi"], "primary": "ate", "landmarks": [50]}
    sheet.protocol["designs"] = {"ate": {"kind": "weights", "target": "ate"}, "matched": {"kind": "match"}}
    sheet.protocol["sensitivity"] = {
        "propensity_variants": {"more": {"label": "stage too", "covariates": ["age", "vi", "stage"]}}
    }
    return run_study(sheet.write())


def sparse_study(folder: Path) -> Study:
    """A spreadsheet of two arms, one of which has no event; weighted, and matched within a caliper on age beside; weighted too by
    a ridge score of a level and of a combination that one arm alone has."""
    sheet = Sheet(folder)
    del sheet.protocol["design"]
    parts = zip(*(sheet.columns[name] for name in ("arm", "stage", "vi")), strict=True)
    sheet.columns["arm"] = ["A" if stage == "I" or (stage == "III" and vi) else arm for arm, stage, vi in parts]
    ridge = {"fit": "ridge", "terms": ["vi:stage"], "folds": 3, "one_sided": "keep"}
    finite = {"kind": "weights", "target": "matching", "propensity": ["age", "vi", "stage"], "score": ridge}
    sheet.protocol |= {"propensity": ["age", "vi"], "primary": "overlap"}
    near = {"kind": "match", "ratio": {"mean": 1.5, "max": 2}, "calipers": {"age": "1 sd"}}
    sheet.protocol["designs"] = {"overlap": {"kind": "weights", "target": "overlap"}, "near": near, "finite": finite}
    sheet.columns["dead"] = [0 if a == "A" else d for a, d in zip(sheet.columns["arm"], sheet.columns["dead"], strict=True)]
    sheet.protocol |= {"cox": {}, "sensitivity": {"bundle": ["weights"]}}
    return run_study(sheet.write())


def _run(asked: dict, folder: Path) -> Study:
    path = folder / "study.yaml"
    path.write_text(yaml.safe_dump(asked, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return run_study(path)
