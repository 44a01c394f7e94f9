"""The manual's tables of operating characteristics: those of the file beside them, and found again in fewer replicates."""

from __future__ import annotations

import importlib.util
import math
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "docs" / "make_operating_characteristics.py"


@pytest.fixture(scope="module")
def manual():
    spec = importlib.util.spec_from_file_location("make_operating_characteristics", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_operating_characteristics"] = module
    spec.loader.exec_module(module)
    return module


def known(manual, scenario: str) -> dict[str, dict]:
    return {line["estimator"]: line for line in manual.committed() if line["scenario"] == scenario}


def test_the_chapter_holds_the_tables_of_the_file(manual):
    text = manual.CHAPTER.read_text(encoding="utf-8")
    assert manual.with_tables(text, manual.tables(manual.committed())) == text


def test_truths_of_the_file_are_those_of_the_scenarios(manual):
    for key, scenario in manual.SCENARIOS.items():
        effect, lines = manual.conditional(scenario), known(manual, key)
        assert lines["adjusted"]["truth"] == pytest.approx(effect, abs=1e-9)
        assert lines["ate, robust"]["truth"] == pytest.approx(math.log(manual.MARGINAL_HR), abs=1e-9)


def test_what_the_chapter_says_of_each_estimator(manual):
    """The findings of Austin 2009, 2013 and 2016 in its words, as numbers."""
    a, b, c, missing = (known(manual, key) for key in ("a", "b", "c", "missing"))
    for name in ("matched, clustered", "ate, robust", "overlap, robust", "adjusted"):
        assert manual.covers(a[name]) == "yes"
        assert manual.covers(c[name]) == "no"
    assert a["matched, naive"]["mean_se"] > 1.05 * a["matched, naive"]["sd"]
    assert a["ate, naive"]["mean_se"] < 0.8 * a["ate, naive"]["sd"]
    assert manual.covers(a["adjusted, marginal"]) == manual.covers(b["ate, robust"]) == "no"
    assert manual.covers(b["overlap, robust"]) == "yes"
    for design in ("matched", "overlap"):
        assert missing[f"{design}, complete"]["coverage"] < 0.5 < 0.925 < missing[f"{design}, imputed"]["coverage"]


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["a", "c"])
def test_the_table_is_found_again(manual, scenario, monkeypatch):
    """150 cohorts drawn anew: four Monte-Carlo errors of both."""
    monkeypatch.setattr(manual, "SEED", manual.SEED + 1)
    before = known(manual, scenario)
    for line in manual.hazard_lines(scenario, 150):
        there = before[line["estimator"]]
        assert abs(line["bias"] - there["bias"]) < 4 * math.hypot(line["bias_mcse"], there["bias_mcse"])
        share = there["coverage"]
        assert abs(line["coverage"] - share) < 4 * math.sqrt(max(share * (1 - share), 0.01) * (1 / 150 + 1 / 1000))


@pytest.mark.slow
def test_imputation_is_found_again(manual, monkeypatch):
    """40 cohorts drawn anew."""
    monkeypatch.setattr(manual, "SEED", manual.SEED + 1)
    found = {line["estimator"]: line for line in manual.imputed_lines(40)}
    for design in ("matched", "overlap"):
        assert found[f"{design}, complete"]["coverage"] < 0.6
        assert found[f"{design}, imputed"]["coverage"] > 0.82
        assert abs(found[f"{design}, imputed"]["bias"]) < 4 * found[f"{design}, imputed"]["bias_mcse"] + 0.02
