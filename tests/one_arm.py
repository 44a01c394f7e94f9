"""The founding study with one of its arms."""

from __future__ import annotations

from pathlib import Path

import yaml


def one_arm_of_founding(repository: Path, folder: Path) -> Path:
    """Its protocol, written into the folder: raw tables, every part of a study that is not comparative."""
    founding = repository / "src" / "equipoise" / "founding"
    asked = yaml.safe_load((founding / "study.yaml").read_text(encoding="utf-8"))
    asked["study"]["title"] = "Lenvatinib after atezolizumab plus bevacizumab"
    asked["data"]["tables"] = str(founding / "data")
    asked["arms"] = {"column": "drug", "groups": {"lenvatinib": {"label": "Lenvatinib", "value": "lenvatinib"}}}
    other = {"reason": "Received sorafenib", "table": "index_treatment", "where": "drug = 'sorafenib'"}
    asked["eligibility"]["steps"][-1]["exclude"].append(other)
    for key in ("design", "tests", "comparison"):
        del asked[key]
    asked["published"]["studies"] = [row for row in asked["published"]["studies"] if row["measure"] != "hr"]
    asked["response"]["benchmark"] = {"null": 0.05, "source": "an invented rate"}
    del asked["sensitivity"]["propensity_variants"], asked["dose"]["sorafenib"], asked["estimand"]["strategies"]["sorafenib"]
    asked["estimand"]["summary"] = "median"
    asked["sensitivity"]["endpoints"]["pfs"] += ["ema", "early_counted"]
    for names in (asked["cox"]["univariable"], *asked["cox"]["multivariable"].values()):
        names.remove("treatment")
    path = folder / "study.yaml"
    path.write_text(yaml.safe_dump(asked, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return path
